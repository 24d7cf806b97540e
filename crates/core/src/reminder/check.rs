//! What a reminder may hold.

use super::{Reminder, Way};
use crate::time::Time;

/// Longest name, in characters: what the older tool box's clients know.
pub const MAX_NAME: usize = 100;
/// Furthest ahead a reminder is told, in days: ten years.
pub const MAX_ADVANCE: u32 = 3_650;
/// Longest content, in characters: what a chat message still takes.
const MAX_CONTENT: usize = 2_000;
/// Most addresses.
const MAX_ADDRESSES: usize = 50;
/// Longest address, in bytes (RFC 5321, 4.5.3.1.3).
const MAX_ADDRESS: usize = 254;
/// Most ways besides mail.
const MAX_WAYS: usize = 20;
/// Longest way as JSON, in bytes.
const MAX_WAY: usize = 4_096;
/// Longest key of a person, in characters: an index entry of the store.
const MAX_OWNER: usize = 190;
/// Dates are in years of four digits: from 1970-01-02 to 9999-12-30, wherever the owner lives.
const DATES: (Time, Time) = (Time::from_secs(86_400), Time::from_secs(253_402_128_000));

/// Why a reminder is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct Fault {
    /// The field, as the interface names it.
    pub field: &'static str,
    /// What is wrong and what would be right.
    pub reason: String,
}

impl Fault {
    /// What is wrong with a field.
    pub fn new(field: &'static str, reason: impl Into<String>) -> Self {
        Self {
            field,
            reason: reason.into(),
        }
    }
}

impl Reminder {
    /// Whether it may be kept: everything within its bounds, and at least one way to tell it by.
    pub fn check(&self) -> Result<(), Fault> {
        let fault = |field, reason: String| Err(Fault::new(field, reason));
        let length = self.name.chars().count();
        if self.name.trim().is_empty() || length > MAX_NAME {
            let reason = format!("1 to {MAX_NAME} characters, not {length}");
            return fault("name", reason);
        }
        if self.name.trim() != self.name || self.name.chars().any(char::is_control) {
            return fault("name", "one line without blanks around it".to_owned());
        }
        let length = self.content.chars().count();
        if length > MAX_CONTENT || self.content.contains('\0') {
            let reason = format!("at most {MAX_CONTENT} characters without NUL, not {length}");
            return fault("content", reason);
        }
        self.check_ways()?;
        if self.advance_days > MAX_ADVANCE {
            let reason = format!("0 to {MAX_ADVANCE} days, not {}", self.advance_days);
            return fault("advanceDays", reason);
        }
        if !(DATES.0..=DATES.1).contains(&self.expires_at) {
            return fault("expiresAt", "a time between 1970 and 9999".to_owned());
        }
        let key = self.owner.as_deref().map_or(1, |key| key.chars().count());
        if !(1..=MAX_OWNER).contains(&key) {
            let reason = format!("the key of a person, 1 to {MAX_OWNER} characters");
            return fault("owner", reason);
        }
        Ok(())
    }

    fn check_ways(&self) -> Result<(), Fault> {
        let mails = addresses(&self.email).count();
        if mails > MAX_ADDRESSES {
            let reason = format!("at most {MAX_ADDRESSES} addresses, not {mails}");
            return Err(Fault::new("email", reason));
        }
        if addresses(&self.email).any(|address| !is_address(address)) {
            let reason = "addresses such as ops@example.com, with commas between them";
            return Err(Fault::new("email", reason));
        }
        if mails == 0 && self.ways.is_empty() {
            let reason = "somebody has to be told: give an email or ways";
            return Err(Fault::new("email", reason));
        }
        if self.ways.len() > MAX_WAYS {
            let reason = format!("at most {MAX_WAYS}, not {}", self.ways.len());
            return Err(Fault::new("ways", reason));
        }
        let size = |way: &Way| serde_json::to_string(way).map_or(usize::MAX, |text| text.len());
        if self.ways.iter().any(|way| size(way) > MAX_WAY) {
            let reason = format!("at most {MAX_WAY} bytes each");
            return Err(Fault::new("ways", reason));
        }
        let mut keys: Vec<String> = self.ways.iter().map(Way::key).collect();
        keys.sort_unstable();
        if keys.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(Fault::new("ways", "the same way is given twice"));
        }
        Ok(())
    }
}

/// The addresses of a list with commas.
pub fn addresses(list: &str) -> impl Iterator<Item = &str> {
    let all = list.split([',', '，', ';']).map(str::trim);
    all.filter(|address| !address.is_empty())
}

/// What cannot be an address; what can is for the mail server to say.
fn is_address(text: &str) -> bool {
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, '<' | '>' | '"');
    let parts = text.rsplit_once('@');
    text.len() <= MAX_ADDRESS
        && text.chars().all(plain)
        && parts.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty())
}
