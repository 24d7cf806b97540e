//! A receiver of generic webhooks: `/webhook/{name}`, with the checks of Standard Webhooks 1.0.0
//! where a name has been given a secret.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use aws_lc_rs::hmac;
use balefire_core::time::Time;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::{Call, Fault, Judged, Rules, Sim, Site};
use crate::received::Verdict;
use crate::reply::Reply;

/// How far `webhook-timestamp` may be off, either way.
pub const TOLERANCE: Duration = Duration::from_mins(5);
/// How many ids a receiver remembers to recognise a repetition.
const REMEMBERED: usize = 10_000;

/// The simulated receivers: any name under `/webhook/`.
#[derive(Debug)]
pub struct Webhook {
    site: Site,
    names: Mutex<BTreeMap<String, Hook>>,
}

/// [`Webhook`] with its record.
pub type WebhookSim = Sim<Webhook>;

#[derive(Debug, Default)]
struct Hook {
    /// The bytes behind `whsec_…`.
    secret: Option<Vec<u8>>,
    /// The `Authorization` header that is asked for.
    authorization: Option<String>,
    seen: VecDeque<String>,
}

impl Sim<Webhook> {
    /// The address of a receiver; every name works.
    pub fn url(&self, name: &str) -> String {
        format!("{}/webhook/{name}", self.rules.site.base)
    }

    /// Checks the signatures of calls to `name` from now on; repeated ids are shown once. The
    /// secret is `whsec_` and base64 of 24 to 64 bytes; anything else is refused here with `false`.
    pub fn require_signature(&self, name: &str, secret: &str) -> bool {
        let bytes = secret
            .strip_prefix("whsec_")
            .and_then(|text| STANDARD.decode(text).ok());
        let Some(bytes) = bytes.filter(|bytes| (24..=64).contains(&bytes.len())) else {
            return false;
        };
        self.rules
            .names
            .lock()
            .entry(name.to_owned())
            .or_default()
            .secret = Some(bytes);
        true
    }

    /// Asks calls to `name` for this `Authorization` header from now on.
    pub fn require_authorization(&self, name: &str, value: &str) {
        self.rules
            .names
            .lock()
            .entry(name.to_owned())
            .or_default()
            .authorization = Some(value.to_owned());
    }
}

impl Webhook {
    pub(crate) fn new(site: Site) -> Self {
        Self {
            site,
            names: Mutex::default(),
        }
    }

    fn check(&self, name: &str, call: &Call, now: Time) -> Result<Verdict, (u16, &'static str)> {
        if !matches!(call.method, Method::POST | Method::PUT) {
            return Err((405, "method not allowed"));
        }
        let mut names = self.names.lock();
        let Some(hook) = names.get_mut(name) else {
            return Ok(Verdict::Accepted);
        };
        if let Some(wanted) = &hook.authorization
            && call.header("authorization") != Some(wanted)
        {
            return Err((401, "unauthorized"));
        }
        let Some(secret) = &hook.secret else {
            return Ok(Verdict::Accepted);
        };
        let id = check_signature(call, secret, now).map_err(|why| (400, why))?;
        if hook.seen.iter().any(|seen| seen == id) {
            return Ok(Verdict::Repeated);
        }
        if hook.seen.len() == REMEMBERED {
            hook.seen.pop_front();
        }
        hook.seen.push_back(id.to_owned());
        Ok(Verdict::Accepted)
    }
}

/// `v1` = HMAC-SHA256 over `{id}.{timestamp}.{body}`; any matching entry of the list will do.
fn check_signature<'a>(call: &'a Call, secret: &[u8], now: Time) -> Result<&'a str, &'static str> {
    let (Some(id), Some(stamp), Some(list)) = (
        call.header("webhook-id"),
        call.header("webhook-timestamp"),
        call.header("webhook-signature"),
    ) else {
        return Err("missing required headers");
    };
    if id.is_empty() || id.contains('.') {
        return Err("invalid webhook-id");
    }
    let sent = stamp
        .parse()
        .map(Time::from_secs)
        .map_err(|_| "invalid webhook-timestamp")?;
    if now.since(sent).max(sent.since(now)) > TOLERANCE {
        return Err("message timestamp too far from now");
    }
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    let mut content = format!("{id}.{stamp}.").into_bytes();
    content.extend_from_slice(&call.body);
    let mut tags = list
        .split(' ')
        .filter_map(|entry| entry.strip_prefix("v1,"));
    let good = tags.any(|tag| {
        STANDARD
            .decode(tag)
            .is_ok_and(|tag| hmac::verify(&key, &content, &tag).is_ok())
    });
    if good {
        Ok(id)
    } else {
        Err("no matching signature found")
    }
}

impl Rules for Webhook {
    fn judge(&self, call: &Call, now: Time) -> Judged {
        let name = call.segments().nth(1).unwrap_or("");
        match self.check(name, call, now) {
            Ok(verdict) => Judged::new(verdict, name, Reply::json(&json!({"status": "ok"}))),
            Err((status, why)) => Judged::new(
                Verdict::Refused(format!("{status} {why}")),
                name,
                Reply::json(&json!({"error": why})).with_status(status),
            ),
        }
    }

    fn fault(&self, fault: &Fault) -> Reply {
        match fault {
            Fault::Code(code, words) => Reply::json(&json!({"errcode": code, "errmsg": words})),
            Fault::RateLimited(seconds) => {
                Reply::text(429, "too many requests").header("retry-after", seconds.to_string())
            }
            Fault::ExpiredToken => Reply::text(401, "unauthorized"),
        }
    }

    fn shown(&self, body: &Value) -> String {
        if body.is_null() {
            return String::new();
        }
        serde_json::to_string_pretty(body).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
