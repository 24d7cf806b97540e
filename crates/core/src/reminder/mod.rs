//! Reminders: things that will expire, and when people are told of it in advance.
//!
//! A reminder has *stages*: so many days before its date it is told, once for each. [`Settings::due`] says whether
//! one is to be told now, [`Settings::next_look`] when the next one will be. Days are those of the calendar where
//! the owner lives, and nobody is told outside working hours.

mod check;
mod edit;
mod hours;
mod rule;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::time::Time;

pub use self::check::{Fault, MAX_ADVANCE, MAX_NAME, addresses};
pub use self::edit::Edit;
pub use self::rule::{Mark, Settings, Stage};

/// Something that will expire.
#[derive(Clone, Debug, PartialEq)]
pub struct Reminder {
    /// Its number; 0 for one that is to be made.
    pub id: u64,
    /// Its name, which no other has; 1 to [`MAX_NAME`] characters on one line.
    pub name: String,
    /// What it is about; may hold line breaks.
    pub content: String,
    /// Addresses that are told by mail, with commas; may be empty.
    pub email: String,
    /// Further ways it is told by.
    pub ways: Vec<Way>,
    /// The key of the person whose language, zone and working hours count.
    pub owner: Option<String>,
    /// How many days ahead it is first told, 0 to [`MAX_ADVANCE`].
    pub advance_days: u32,
    /// When it expires.
    pub expires_at: Time,
    /// Who has seen to it, and when; nothing is told any more.
    pub handled: Option<Handled>,
    /// When it was made.
    pub created_at: Time,
    /// When it was last changed.
    pub changed_at: Time,
}

/// That somebody has seen to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handled {
    /// When.
    pub at: Time,
    /// Who, in their own words; may be empty.
    pub by: String,
}

/// A way a reminder is told by, besides its mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Way {
    /// An account, with the options a receiver's entry would have.
    Account(ThroughAccount),
    /// All ways out of a receiver.
    Receiver(ToReceiver),
}

/// A way through an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThroughAccount {
    /// The account's name.
    pub account: String,
    /// The options, such as whom to tell.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub options: Map<String, Value>,
}

/// A way through a receiver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToReceiver {
    /// The receiver's name.
    pub receiver: String,
}

impl Way {
    /// The word that stands for the mail to [`Reminder::email`] where other ways have their key.
    pub const MAIL: &'static str = "mail";

    /// Ways as they are stored.
    pub fn write(ways: &[Self]) -> String {
        // Names and JSON can always be written.
        serde_json::to_string(ways).unwrap_or_else(|_| "[]".to_owned())
    }

    /// Ways as they were stored; `None` when the text is none of ours.
    pub fn read(text: &str) -> Option<Vec<Self>> {
        serde_json::from_str(text).ok()
    }

    /// What stays the same while the way does; 20 characters. Two ways through one account differ in their options.
    pub fn key(&self) -> String {
        let text = Self::write(std::slice::from_ref(self));
        format!("way-{:016x}", fnv(text.as_bytes()))
    }
}

/// FNV-1a over 64 bits (parameters: <http://www.isthe.com/chongo/tech/comp/fnv/>).
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
