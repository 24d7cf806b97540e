//! Vonage's text messages: `POST /sms/json`, answered with 200 whatever comes of it.

use std::collections::BTreeSet;
use std::time::Duration;

use balefire_core::time::Time;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::set;
use crate::provider::{Call, Fault, Judged, Rules, Sim, Site};
use crate::received::Verdict;
use crate::reply::Reply;
use crate::window::Window;

/// The account's key and secret.
pub const DEFAULT_KEY: &str = "abcd1234";
/// See [`DEFAULT_KEY`].
pub const DEFAULT_SECRET: &str = "SimulatedSecret0";
/// Calls a second.
pub const PER_SECOND: usize = 30;

/// The simulated API.
#[derive(Debug)]
pub struct Vonage {
    site: Site,
    state: Mutex<State>,
}

/// [`Vonage`] with its record.
pub type VonageSim = Sim<Vonage>;

#[derive(Debug)]
struct State {
    accounts: BTreeSet<(String, String)>,
    barred: BTreeSet<String>,
    pace: Window,
}

impl Sim<Vonage> {
    /// The account's key.
    pub fn key(&self) -> &'static str {
        DEFAULT_KEY
    }

    /// Its secret.
    pub fn secret(&self) -> &'static str {
        DEFAULT_SECRET
    }

    /// Makes another account known.
    pub fn add_account(&self, key: &str, secret: &str) {
        let account = (key.to_owned(), secret.to_owned());
        self.rules.state.lock().accounts.insert(account);
    }

    /// These numbers, without a plus, take no messages.
    pub fn set_barred(&self, numbers: &[&str]) {
        self.rules.state.lock().barred = set(numbers);
    }
}

/// A refusal: status and words.
type Refusal = (&'static str, &'static str);

impl Vonage {
    pub(super) fn new(site: Site) -> Self {
        let account = (DEFAULT_KEY.to_owned(), DEFAULT_SECRET.to_owned());
        let state = State {
            accounts: BTreeSet::from([account]),
            barred: BTreeSet::new(),
            pace: Window::new(PER_SECOND, Duration::from_secs(1)),
        };
        Self {
            site,
            state: Mutex::new(state),
        }
    }

    /// The parts that a message is sent in.
    fn check(&self, call: &Call, now: Time) -> Result<usize, Refusal> {
        let body: Option<Value> = serde_json::from_slice(&call.body).ok();
        let body = body.filter(|_| call.is_type("application/json"));
        let body = body.ok_or(("3", "Invalid parameters"))?;
        let word = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
        let mut state = self.state.lock();
        if !state
            .accounts
            .contains(&(word("api_key"), word("api_secret")))
        {
            return Err(("4", "Bad Credentials"));
        }
        let (from, to, text) = (word("from"), word("to"), word("text"));
        if from.is_empty() || to.is_empty() || text.is_empty() {
            return Err(("2", "Missing parameters"));
        }
        let digits = to.bytes().all(|byte| byte.is_ascii_digit());
        if !digits || !(7..=15).contains(&to.len()) {
            return Err(("3", "Invalid value for parameter: to"));
        }
        // Without the type, what is beyond the phones' alphabet arrives as question marks.
        if !text.is_ascii() && body["type"] != "unicode" {
            return Err(("3", "Invalid value for parameter: type"));
        }
        if state.barred.contains(&to) {
            return Err(("7", "Number barred"));
        }
        if !self.site.unlimited && !state.pace.admit(now) {
            return Err(("1", "Throughput Rate Exceeded"));
        }
        let part = if text.is_ascii() { 153 } else { 67 };
        Ok(text.encode_utf16().count().div_ceil(part))
    }
}

fn refusal((status, words): Refusal) -> Reply {
    let part = json!({"status": status, "error-text": words});
    Reply::json(&json!({"message-count": "1", "messages": [part]}))
}

impl Rules for Vonage {
    fn judge(&self, call: &Call, now: Time) -> Judged {
        match self.check(call, now) {
            Ok(parts) => {
                let part = json!({"to": "15550100001", "message-id": "0A0000000123ABCD1",
                    "status": "0", "remaining-balance": "3.14159265", "network": "12345"});
                let messages = vec![part; parts];
                let answer = json!({"message-count": parts.to_string(), "messages": messages});
                Judged::new(Verdict::Accepted, "", Reply::json(&answer))
            }
            Err(refused) => {
                let verdict = Verdict::Refused(format!("{} {}", refused.0, refused.1));
                Judged::new(verdict, "", refusal(refused))
            }
        }
    }

    fn fault(&self, fault: &Fault) -> Reply {
        match fault {
            Fault::Code(code, words) => {
                let part = json!({"status": code.to_string(), "error-text": words});
                Reply::json(&json!({"message-count": "1", "messages": [part]}))
            }
            Fault::RateLimited(_) => refusal(("1", "Throughput Rate Exceeded")),
            Fault::ExpiredToken => refusal(("4", "Bad Credentials")),
        }
    }

    fn shown(&self, body: &Value) -> String {
        body["text"].as_str().unwrap_or_default().to_owned()
    }
}
