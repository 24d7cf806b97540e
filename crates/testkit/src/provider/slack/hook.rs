//! The incoming webhook: `POST /services/T…/B…/…`, answered in plain text.

use std::collections::BTreeMap;
use std::time::Duration;

use balefire_core::time::Time;
use http::Method;
use parking_lot::Mutex;
use serde_json::Value;

use super::{BURST, check_payload};
use crate::provider::{Call, Fault, Judged, Rules, Sim, Site};
use crate::received::Verdict;
use crate::reply::Reply;
use crate::window::Bucket;

/// The path of the hook that is there from the start, below `/services/`.
pub const DEFAULT_HOOK: &str = "T0SIM00001/B0SIM00001/simulatedsecret000000001";

/// The simulated hooks.
#[derive(Debug)]
pub struct SlackHook {
    site: Site,
    hooks: Mutex<BTreeMap<String, Bucket>>,
}

/// [`SlackHook`] with its record.
pub type SlackHookSim = Sim<SlackHook>;

impl Sim<SlackHook> {
    /// The address of the first hook, as an operator copies it.
    pub fn url(&self) -> String {
        self.hook_url(DEFAULT_HOOK)
    }

    /// The address of a hook, from its `T…/B…/secret`.
    pub fn hook_url(&self, hook: &str) -> String {
        format!("{}/services/{hook}", self.rules.site.base)
    }

    /// Adds a hook, from its `T…/B…/secret`.
    pub fn add_hook(&self, hook: &str) {
        self.rules.add(hook);
    }
}

/// A refusal: status, body and a wait.
type Refusal = (u16, String, Option<Duration>);

impl SlackHook {
    pub(crate) fn new(site: Site) -> Self {
        let service = Self {
            site,
            hooks: Mutex::default(),
        };
        service.add(DEFAULT_HOOK);
        service
    }

    fn add(&self, hook: &str) {
        self.hooks
            .lock()
            .insert(hook.to_owned(), Bucket::new(BURST, Duration::from_secs(1)));
    }

    fn check(
        &self,
        hook: &str,
        call: &Call,
        now: Time,
        notes: &mut Vec<String>,
    ) -> Result<(), Refusal> {
        let refuse = |status, name: &str| Err((status, name.to_owned(), None));
        if call.method != Method::POST {
            return refuse(405, "method_not_allowed");
        }
        let mut hooks = self.hooks.lock();
        let place = hook.rsplit_once('/').map_or(hook, |(place, _secret)| place);
        let is_known_place = hooks.keys().any(|known| {
            known
                .strip_prefix(place)
                .is_some_and(|rest| rest.starts_with('/'))
        });
        let Some(bucket) = hooks.get_mut(hook) else {
            return if is_known_place {
                refuse(403, "invalid_token")
            } else {
                refuse(404, "no_service")
            };
        };
        let Some(body) = payload(call) else {
            return refuse(400, "invalid_payload");
        };
        check_payload(&body, notes).map_err(|fault| {
            notes.push(fault.detail);
            (400, fault.name.to_owned(), None)
        })?;
        if self.site.unlimited {
            return Ok(());
        }
        bucket
            .admit(now)
            .map_err(|wait| (429, "rate_limited".to_owned(), Some(wait)))
    }
}

/// JSON, or a form with the JSON in the field `payload`.
fn payload(call: &Call) -> Option<Value> {
    let body = if call.is_type("application/x-www-form-urlencoded") {
        let mut fields = url::form_urlencoded::parse(&call.body);
        let (_, json) = fields.find(|(key, _)| key == "payload")?;
        serde_json::from_str(&json).ok()
    } else if call.is_type("application/json") {
        serde_json::from_slice(&call.body).ok()
    } else {
        None
    };
    body.filter(Value::is_object)
}

impl Rules for SlackHook {
    fn judge(&self, call: &Call, now: Time) -> Judged {
        let hook = call.uri.path().strip_prefix("/services/").unwrap_or("");
        let mut notes = Vec::new();
        let (verdict, reply) = match self.check(hook, call, now, &mut notes) {
            Ok(()) => (Verdict::Accepted, Reply::text(200, "ok")),
            Err((status, name, wait)) => {
                let verdict = Verdict::Refused(format!("{status} {name}"));
                let reply = Reply::text(status, name);
                (
                    verdict,
                    match wait {
                        Some(wait) => reply.header("retry-after", seconds(wait)),
                        None => reply,
                    },
                )
            }
        };
        Judged {
            notes,
            ..Judged::new(verdict, hook, reply)
        }
    }

    fn fault(&self, fault: &Fault) -> Reply {
        match fault {
            Fault::Code(status, words) => {
                Reply::text(u16::try_from(*status).unwrap_or(400), words.clone())
            }
            Fault::RateLimited(wait) => {
                Reply::text(429, "rate_limited").header("retry-after", wait.to_string())
            }
            Fault::ExpiredToken => Reply::text(404, "no_service"),
        }
    }

    fn shown(&self, body: &Value) -> String {
        super::shown(body)
    }
}

/// Whole seconds, rounded up, as `Retry-After` has them.
pub(super) fn seconds(wait: Duration) -> String {
    wait.as_millis().div_ceil(1_000).to_string()
}
