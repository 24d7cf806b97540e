//! Pushover: `POST /1/messages.json` and `POST /1/users/validate.json`.

use std::collections::BTreeSet;

use balefire_core::time::Time;
use http::Method;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::{object, words};
use crate::provider::{Call, Fault, Judged, Rules, Sim};
use crate::received::Verdict;
use crate::reply::Reply;

/// The application's token.
pub const DEFAULT_TOKEN: &str = "azGDORePK8gMaC0QOYAMyEEuzJnyUi";
/// A person's key.
pub const DEFAULT_USER: &str = "uQiRzpo4DXghDmr9QzzfQu27cmVRsG";
/// Longest text, and longest title.
pub const MAX_MESSAGE: usize = 1_024;
/// See [`MAX_MESSAGE`].
pub const MAX_TITLE: usize = 250;

/// The simulated service.
#[derive(Debug)]
pub struct Pushover {
    tokens: Mutex<BTreeSet<String>>,
    users: Mutex<BTreeSet<String>>,
}

/// [`Pushover`] with its record.
pub type PushoverSim = Sim<Pushover>;

impl Sim<Pushover> {
    /// The application's token.
    pub fn token(&self) -> &'static str {
        DEFAULT_TOKEN
    }

    /// A person's key.
    pub fn user(&self) -> &'static str {
        DEFAULT_USER
    }

    /// Makes another application and another person known.
    pub fn add(&self, token: &str, user: &str) {
        self.rules.tokens.lock().insert(token.to_owned());
        self.rules.users.lock().insert(user.to_owned());
    }
}

impl Pushover {
    pub(super) fn new() -> Self {
        Self {
            tokens: Mutex::new(BTreeSet::from([DEFAULT_TOKEN.to_owned()])),
            users: Mutex::new(BTreeSet::from([DEFAULT_USER.to_owned()])),
        }
    }

    fn check(&self, call: &Call) -> Result<(Verdict, Value), String> {
        let body = object(call).filter(|_| call.method == Method::POST);
        let body = body.ok_or("the body is no JSON")?;
        let word = |key: &str| body[key].as_str().unwrap_or_default();
        if !self.tokens.lock().contains(word("token")) {
            return Err("application token is invalid".into());
        }
        if !self.users.lock().contains(word("user")) {
            return Err(
                "user identifier is not a valid user, group, or subscribed user key".into(),
            );
        }
        if call.uri.path() == "/1/users/validate.json" {
            let answer = json!({"status": 1, "devices": ["phone"], "request": "r"});
            return Ok((Verdict::Answered, answer));
        }
        let length = |key: &str| word(key).chars().count();
        if length("message") == 0 {
            return Err("message cannot be blank".into());
        }
        for (key, most) in [
            ("message", MAX_MESSAGE),
            ("title", MAX_TITLE),
            ("url", 512),
            ("url_title", 100),
        ] {
            if length(key) > most {
                return Err(format!("{key} is too long"));
            }
        }
        let priority = match &body["priority"] {
            Value::Null => 0,
            value => value.as_i64().ok_or("priority is invalid")?,
        };
        if !(-2..=2).contains(&priority) {
            return Err("priority is invalid".into());
        }
        if body["html"] == 1 && body["monospace"] == 1 {
            return Err("html and monospace exclude each other".into());
        }
        let mut answer = json!({"status": 1, "request": "5042853c-402d-4a18-abcb-168734a801de"});
        if priority == 2 {
            let seconds = |key: &str| body[key].as_u64().unwrap_or_default();
            if seconds("retry") < 30 {
                return Err("retry must be at least 30 seconds".into());
            }
            if !(1..=10_800).contains(&seconds("expire")) {
                return Err("expire must be at most 10800 seconds".into());
            }
            answer["receipt"] = "rLqVuqTRh62UzxtmqiaLzQmVcPgiCy".into();
        }
        Ok((Verdict::Accepted, answer))
    }
}

fn refusal(words: &str) -> Reply {
    let body = json!({"status": 0, "errors": [words], "request": "r"});
    Reply::json(&body).with_status(400)
}

impl Rules for Pushover {
    fn judge(&self, call: &Call, _now: Time) -> Judged {
        match self.check(call) {
            Ok((verdict, answer)) => Judged::new(verdict, "", Reply::json(&answer)),
            Err(words) => {
                let verdict = Verdict::Refused(format!("400 {words}"));
                Judged::new(verdict, "", refusal(&words))
            }
        }
    }

    fn fault(&self, fault: &Fault) -> Reply {
        match fault {
            Fault::Code(_, words) => refusal(words),
            Fault::RateLimited(_) => {
                let words = "application monthly limit of 10000 has been reached";
                let body = json!({"status": 0, "errors": [words], "request": "r"});
                Reply::json(&body).with_status(429)
            }
            Fault::ExpiredToken => refusal("application token is invalid"),
        }
    }

    fn shown(&self, body: &Value) -> String {
        words(body, "title", "message")
    }
}
