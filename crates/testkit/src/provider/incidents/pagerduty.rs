//! PagerDuty's Events API: `POST /v2/enqueue`, and version 1 at `/generic/2010-04-15/create_event.json`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use balefire_core::time::Time;
use http::Method;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::object;
use crate::provider::{Call, Fault, Judged, Rules, Sim, Site};
use crate::received::Verdict;
use crate::reply::Reply;
use crate::window::Window;

/// Largest event.
pub const MAX_EVENT: usize = 512 * 1024;
/// Events of a key in a minute.
pub const PER_MINUTE: usize = 120;

const TWO: &str = "/v2/enqueue";
const ONE: &str = "/generic/2010-04-15/create_event.json";

/// Whether a path is this API's.
pub(super) fn owns(path: &str) -> bool {
    path == TWO || path == ONE
}

/// The simulated service: every key of the right form is one.
#[derive(Debug)]
pub struct PagerDuty {
    site: Site,
    state: Mutex<State>,
}

/// [`PagerDuty`] with its record.
pub type PagerDutySim = Sim<PagerDuty>;

#[derive(Debug, Default)]
struct State {
    /// Key and dedup key of each alert that is open.
    open: BTreeSet<(String, String)>,
    pace: BTreeMap<String, Window>,
}

impl Sim<PagerDuty> {
    /// The address of version 2.
    pub fn url(&self) -> String {
        format!("{}{TWO}", self.rules.site.base)
    }

    /// How many alerts are open.
    pub fn open_alerts(&self) -> usize {
        self.rules.state.lock().open.len()
    }
}

/// A refusal: status and what is wrong.
type Refusal = (u16, Vec<String>);

fn invalid<T>(why: &str) -> Result<T, Refusal> {
    Err((400, vec![why.to_owned()]))
}

impl PagerDuty {
    pub(super) fn new(site: Site) -> Self {
        Self {
            site,
            state: Mutex::default(),
        }
    }

    fn check(&self, call: &Call, now: Time) -> Result<Value, Refusal> {
        if call.method != Method::POST {
            return Err((404, vec!["Not Found".into()]));
        }
        if call.body.len() > MAX_EVENT {
            return invalid("the event is larger than 512 KB");
        }
        let Some(body) = object(call) else {
            return invalid("Invalid JSON in request body");
        };
        let old = call.uri.path() == ONE;
        let (key, action, id) = if old { one(&body) } else { two(&body) }?;
        let mut state = self.state.lock();
        let fresh = || Window::new(PER_MINUTE, Duration::from_mins(1));
        let window = state.pace.entry(key.clone()).or_insert_with(fresh);
        if !self.site.unlimited && !window.admit(now) {
            return Err((429, vec!["Too many events".into()]));
        }
        let place = (key, id.clone());
        match action.as_str() {
            "trigger" => {
                state.open.insert(place);
            }
            "resolve" => {
                state.open.remove(&place);
            }
            _ => {}
        }
        let name = if old { "incident_key" } else { "dedup_key" };
        Ok(json!({"status": "success", "message": "Event processed", name: id}))
    }
}

/// Key, action and id of an event of version 2.
fn two(body: &Value) -> Result<(String, String, String), Refusal> {
    let word = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
    let (key, action, id) = (word("routing_key"), word("event_action"), word("dedup_key"));
    if key.len() != 32 || !key.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return invalid("Length of 'routing_key' is incorrect (should be 32 characters)");
    }
    if !["trigger", "acknowledge", "resolve"].contains(&action.as_str()) {
        return invalid("'event_action' is invalid");
    }
    if id.len() > 255 || (id.is_empty() && action != "trigger") {
        return invalid("'dedup_key' is missing or too long");
    }
    if action != "trigger" {
        return Ok((key, action, id));
    }
    let payload = &body["payload"];
    let part = |key: &str| payload[key].as_str().unwrap_or_default();
    let summary = part("summary").chars().count();
    if summary == 0 || summary > 1_024 {
        return invalid("'payload.summary' is missing or longer than 1024 characters");
    }
    if part("source").is_empty() {
        return invalid("'payload.source' is missing or blank");
    }
    if !["critical", "error", "warning", "info"].contains(&part("severity")) {
        return invalid(
            "'payload.severity' is invalid (must be one of the following: 'critical', 'warning', 'error' or 'info')",
        );
    }
    let stamp = &payload["timestamp"];
    if !stamp.is_null()
        && !stamp
            .as_str()
            .is_some_and(|text| text.contains('T') && text.ends_with('Z'))
    {
        return invalid("'payload.timestamp' is invalid");
    }
    let details = &payload["custom_details"];
    if !(details.is_null() || details.is_object()) {
        return invalid("'payload.custom_details' is no object");
    }
    for link in body["links"].as_array().into_iter().flatten() {
        if !link["href"].is_string() {
            return invalid("a link has no 'href'");
        }
    }
    Ok((key, action, id))
}

/// The same of version 1.
fn one(body: &Value) -> Result<(String, String, String), Refusal> {
    let word = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
    let (key, action, id) = (
        word("service_key"),
        word("event_type"),
        word("incident_key"),
    );
    if key.len() != 32 {
        return invalid("Service key is the wrong length");
    }
    if !["trigger", "acknowledge", "resolve"].contains(&action.as_str()) {
        return invalid("Event type is missing");
    }
    if action == "trigger" && word("description").is_empty() {
        return invalid("Description is missing or blank");
    }
    Ok((key, action, id))
}

fn refusal((status, errors): &Refusal) -> Reply {
    let body =
        json!({"status": "invalid event", "message": "Event object is invalid", "errors": errors});
    Reply::json(&body).with_status(*status)
}

impl Rules for PagerDuty {
    fn judge(&self, call: &Call, now: Time) -> Judged {
        match self.check(call, now) {
            Ok(answer) => {
                let status = if call.uri.path() == ONE { 200 } else { 202 };
                let reply = Reply::json(&answer).with_status(status);
                Judged::new(Verdict::Accepted, "", reply)
            }
            Err(refused) => {
                let verdict = Verdict::Refused(format!("{} {}", refused.0, refused.1.join("; ")));
                Judged::new(verdict, "", refusal(&refused))
            }
        }
    }

    fn fault(&self, fault: &Fault) -> Reply {
        match fault {
            Fault::Code(code, words) => {
                refusal(&(u16::try_from(*code).unwrap_or(400), vec![words.clone()]))
            }
            Fault::RateLimited(_) => refusal(&(429, vec!["Too many events".into()])),
            Fault::ExpiredToken => refusal(&(
                400,
                vec!["Length of 'routing_key' is incorrect (should be 32 characters)".into()],
            )),
        }
    }

    fn shown(&self, body: &Value) -> String {
        let summary = body["payload"]["summary"].as_str();
        summary
            .or(body["description"].as_str())
            .unwrap_or_default()
            .to_owned()
    }
}
