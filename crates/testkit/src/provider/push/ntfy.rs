//! ntfy: `POST` of JSON to `/`, and `GET /v1/account`.

use std::collections::BTreeMap;
use std::time::Duration;

use balefire_core::time::Time;
use http::Method;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::{object, words};
use crate::provider::{Call, Fault, Judged, Rules, Sim, Site};
use crate::received::Verdict;
use crate::reply::Reply;
use crate::window::{Bucket, Window};

/// Longest message, in bytes.
pub const MAX_MESSAGE: usize = 4_096;
/// Calls at once, which come back at one in five seconds.
pub const BURST: u32 = 60;
/// Messages a day.
pub const PER_DAY: usize = 250;

/// The simulated server.
#[derive(Debug)]
pub struct Ntfy {
    site: Site,
    /// The token that each protected topic wants.
    protected: Mutex<BTreeMap<String, String>>,
    pace: Mutex<(Bucket, Window)>,
}

/// [`Ntfy`] with its record.
pub type NtfySim = Sim<Ntfy>;

impl Sim<Ntfy> {
    /// From now on this topic wants this token.
    pub fn protect(&self, topic: &str, token: &str) {
        let mut protected = self.rules.protected.lock();
        protected.insert(topic.to_owned(), token.to_owned());
    }
}

/// A refusal: code and words; the status is the code's first three digits.
type Refusal = (u32, &'static str);

impl Ntfy {
    pub(super) fn new(site: Site) -> Self {
        let bucket = Bucket::new(BURST, Duration::from_secs(5));
        let day = Window::new(PER_DAY, Duration::from_hours(24));
        Self {
            site,
            protected: Mutex::default(),
            pace: Mutex::new((bucket, day)),
        }
    }

    fn check(&self, call: &Call, now: Time) -> Result<(Verdict, Value), Refusal> {
        let bearer = call.header("authorization").unwrap_or_default();
        let token = bearer.strip_prefix("Bearer ");
        let protected = self.protected.lock();
        let known = token.is_none_or(|token| protected.values().any(|other| other == token));
        if !known {
            return Err((40_101, "unauthorized"));
        }
        if call.uri.path() == "/v1/account" {
            let name = if token.is_some() { "balefire" } else { "*" };
            return Ok((Verdict::Answered, json!({"username": name})));
        }
        if call.method != Method::POST {
            return Err((40_401, "page not found"));
        }
        let body =
            object(call).ok_or((40_024, "invalid request: request body must be valid JSON"))?;
        let topic = body["topic"].as_str().unwrap_or_default();
        let wordy = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if !(1..=64).contains(&topic.len()) || !topic.chars().all(wordy) {
            return Err((40_009, "invalid request: topic invalid"));
        }
        let priority = &body["priority"];
        if !priority.is_null() && !priority.as_u64().is_some_and(|n| (1..=5).contains(&n)) {
            return Err((40_007, "invalid request: priority invalid"));
        }
        let tags = &body["tags"];
        if !tags.is_null()
            && !tags
                .as_array()
                .is_some_and(|tags| tags.iter().all(Value::is_string))
        {
            return Err((40_024, "invalid request: tags must be a list of texts"));
        }
        if body["message"].as_str().unwrap_or_default().len() > MAX_MESSAGE {
            return Err((41_301, "attachment too large, or bandwidth limit reached"));
        }
        if protected
            .get(topic)
            .is_some_and(|wanted| token != Some(wanted))
        {
            return Err((40_301, "forbidden"));
        }
        if !self.site.unlimited {
            let (bucket, day) = &mut *self.pace.lock();
            bucket
                .admit(now)
                .map_err(|_| (42_901, "limit reached: too many requests"))?;
            if !day.admit(now) {
                return Err((42_908, "limit reached: daily message quota reached"));
            }
        }
        let answer = json!({"id": "sPs71M8A2T", "time": now.secs(), "event": "message",
            "topic": topic, "message": body["message"]});
        Ok((Verdict::Accepted, answer))
    }
}

fn refusal((code, words): Refusal) -> Reply {
    let status = u16::try_from(code / 100).unwrap_or(400);
    let body = json!({"code": code, "http": status, "error": words});
    Reply::json(&body).with_status(status)
}

impl Rules for Ntfy {
    fn judge(&self, call: &Call, now: Time) -> Judged {
        match self.check(call, now) {
            Ok((verdict, answer)) => Judged::new(verdict, "", Reply::json(&answer)),
            Err(refused) => {
                let verdict = Verdict::Refused(format!("{} {}", refused.0, refused.1));
                Judged::new(verdict, "", refusal(refused))
            }
        }
    }

    fn fault(&self, fault: &Fault) -> Reply {
        match fault {
            Fault::Code(code, words) => {
                let status = u16::try_from(code / 100).unwrap_or(400);
                let body = json!({"code": code, "http": status, "error": words});
                Reply::json(&body).with_status(status)
            }
            Fault::RateLimited(_) => refusal((42_901, "limit reached: too many requests")),
            Fault::ExpiredToken => refusal((40_101, "unauthorized")),
        }
    }

    fn shown(&self, body: &Value) -> String {
        words(body, "title", "message")
    }
}
