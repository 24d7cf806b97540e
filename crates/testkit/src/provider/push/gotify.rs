//! Gotify: `POST /message` with an application's token.

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
pub const DEFAULT_TOKEN: &str = "ASimulatedToken";

/// The simulated server.
#[derive(Debug)]
pub struct Gotify {
    tokens: Mutex<BTreeSet<String>>,
}

/// [`Gotify`] with its record.
pub type GotifySim = Sim<Gotify>;

impl Sim<Gotify> {
    /// The application's token.
    pub fn token(&self) -> &'static str {
        DEFAULT_TOKEN
    }

    /// Makes another token known.
    pub fn add_token(&self, token: &str) {
        self.rules.tokens.lock().insert(token.to_owned());
    }
}

/// A refusal: status and words.
type Refusal = (u16, &'static str);

impl Gotify {
    pub(super) fn new() -> Self {
        Self {
            tokens: Mutex::new(BTreeSet::from([DEFAULT_TOKEN.to_owned()])),
        }
    }

    fn check(&self, call: &Call) -> Result<Value, Refusal> {
        let token = call.header("x-gotify-key").unwrap_or_default();
        if !self.tokens.lock().contains(token) {
            return Err((
                401,
                "you need to provide a valid access token or user credentials to access this api",
            ));
        }
        if call.method != Method::POST {
            return Err((404, "page not found"));
        }
        let body = object(call).ok_or((400, "the body is no JSON"))?;
        if body["message"].as_str().is_none_or(str::is_empty) {
            return Err((400, "Field 'message' is required"));
        }
        let priority = &body["priority"];
        let extras = &body["extras"];
        if !(priority.is_null() || priority.is_i64() || priority.is_u64())
            || !(extras.is_null() || extras.is_object())
        {
            return Err((400, "json: cannot unmarshal"));
        }
        Ok(
            json!({"id": 25, "appid": 5, "message": body["message"], "title": body["title"],
            "priority": priority}),
        )
    }
}

fn refusal((status, words): Refusal) -> Reply {
    let body = json!({"error": "Scripted", "errorCode": status, "errorDescription": words});
    Reply::json(&body).with_status(status)
}

impl Rules for Gotify {
    fn judge(&self, call: &Call, _now: Time) -> Judged {
        match self.check(call) {
            Ok(answer) => Judged::new(Verdict::Accepted, "", Reply::json(&answer)),
            Err(refused) => {
                let verdict = Verdict::Refused(format!("{} {}", refused.0, refused.1));
                Judged::new(verdict, "", refusal(refused))
            }
        }
    }

    fn fault(&self, fault: &Fault) -> Reply {
        match fault {
            Fault::Code(code, words) => {
                let status = u16::try_from(*code).unwrap_or(400);
                let body =
                    json!({"error": "Scripted", "errorCode": status, "errorDescription": words});
                Reply::json(&body).with_status(status)
            }
            Fault::RateLimited(seconds) => {
                Reply::text(429, "slow down").header("retry-after", seconds.to_string())
            }
            Fault::ExpiredToken => refusal((401, "you need to provide a valid access token")),
        }
    }

    fn shown(&self, body: &Value) -> String {
        words(body, "title", "message")
    }
}
