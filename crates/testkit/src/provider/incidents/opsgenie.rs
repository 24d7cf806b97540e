//! Opsgenie: `/v2/alerts`, by alias.

use std::collections::BTreeSet;

use balefire_core::time::Time;
use http::Method;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::object;
use crate::provider::{Call, Fault, Judged, Rules, Sim};
use crate::received::Verdict;
use crate::reply::Reply;

/// The integration's key.
pub const DEFAULT_KEY: &str = "eb243592-faa2-4ba2-a551q-1afdf565c889";
/// Longest message, and longest description.
pub const MAX_MESSAGE: usize = 130;
/// See [`MAX_MESSAGE`].
pub const MAX_DESCRIPTION: usize = 15_000;

/// The simulated service.
#[derive(Debug)]
pub struct Opsgenie {
    state: Mutex<State>,
}

/// [`Opsgenie`] with its record.
pub type OpsgenieSim = Sim<Opsgenie>;

#[derive(Debug, Default)]
struct State {
    keys: BTreeSet<String>,
    open: BTreeSet<String>,
}

impl Sim<Opsgenie> {
    /// The integration's key.
    pub fn key(&self) -> &'static str {
        DEFAULT_KEY
    }

    /// Makes another key known.
    pub fn add_key(&self, key: &str) {
        self.rules.state.lock().keys.insert(key.to_owned());
    }

    /// How many alerts are open.
    pub fn open_alerts(&self) -> usize {
        self.rules.state.lock().open.len()
    }
}

/// A refusal: status and words.
type Refusal = (u16, String);

fn unprocessable<T>(what: &str) -> Result<T, Refusal> {
    let words = format!("Request body is not processable. Please check the errors. ({what})");
    Err((422, words))
}

impl Opsgenie {
    pub(super) fn new() -> Self {
        let state = State {
            keys: BTreeSet::from([DEFAULT_KEY.to_owned()]),
            open: BTreeSet::new(),
        };
        Self {
            state: Mutex::new(state),
        }
    }

    fn check(&self, call: &Call) -> Result<Verdict, Refusal> {
        let key = call.header("authorization").unwrap_or_default();
        let key = key.strip_prefix("GenieKey ").unwrap_or_default();
        let mut state = self.state.lock();
        if key.len() < 20 {
            return Err((422, "Key format is not valid!".into()));
        }
        if !state.keys.contains(key) {
            return Err((401, "Could not authenticate".into()));
        }
        let body = object(call);
        let body = body.ok_or((400, "Provided request body is not JSON.".to_owned()))?;
        let parts: Vec<&str> = call.segments().collect();
        let by_alias = call.query("identifierType").as_deref() == Some("alias");
        match (&call.method, parts.as_slice()) {
            (&Method::POST, ["v2", "alerts"]) => {
                check_alert(&body)?;
                let alias = body["alias"].as_str().unwrap_or_default();
                state.open.insert(alias.to_owned());
                Ok(Verdict::Accepted)
            }
            (&Method::POST, ["v2", "alerts", alias, "close"]) if by_alias => {
                state.open.remove(*alias);
                Ok(Verdict::Accepted)
            }
            (&Method::PUT, ["v2", "alerts", _, part @ ("message" | "description")]) if by_alias => {
                match body[*part].as_str() {
                    Some(text) if !text.is_empty() => Ok(Verdict::Answered),
                    _ => unprocessable(part),
                }
            }
            _ => Err((
                404,
                "Sorry, the page you are looking for could not be found.".into(),
            )),
        }
    }
}

fn check_alert(body: &Value) -> Result<(), Refusal> {
    let length = |key: &str| body[key].as_str().map_or(0, |text| text.chars().count());
    if !(1..=MAX_MESSAGE).contains(&length("message")) {
        return unprocessable("message");
    }
    for (key, most) in [
        ("alias", 512),
        ("description", MAX_DESCRIPTION),
        ("entity", 512),
        ("source", 100),
    ] {
        if length(key) > most {
            return unprocessable(key);
        }
    }
    let priority = body["priority"].as_str().unwrap_or("P3");
    if !["P1", "P2", "P3", "P4", "P5"].contains(&priority) {
        return unprocessable("priority");
    }
    let short = |key: &str, most: usize| {
        let list = body[key].as_array().map(Vec::as_slice).unwrap_or_default();
        let texts = list
            .iter()
            .all(|item| item.as_str().is_some_and(|text| text.chars().count() <= 50));
        list.len() <= most && texts
    };
    if !short("tags", 20) || !short("actions", 10) {
        return unprocessable("tags or actions");
    }
    let details = body["details"].to_string();
    let texts = body["details"].as_object().into_iter().flatten();
    if details.chars().count() > 8_000 || texts.into_iter().any(|(_, value)| !value.is_string()) {
        return unprocessable("details");
    }
    for responder in body["responders"].as_array().into_iter().flatten() {
        let kind = responder["type"].as_str().unwrap_or_default();
        let named = ["id", "name", "username"]
            .iter()
            .any(|key| responder[*key].is_string());
        if !["team", "user", "escalation", "schedule"].contains(&kind) || !named {
            return unprocessable("responders");
        }
    }
    Ok(())
}

fn refusal((status, words): &Refusal) -> Reply {
    let body = json!({"message": words, "took": 0.001, "requestId": "r"});
    Reply::json(&body).with_status(*status)
}

impl Rules for Opsgenie {
    fn judge(&self, call: &Call, _now: Time) -> Judged {
        match self.check(call) {
            Ok(verdict) => {
                let answer = json!({"result": "Request will be processed", "took": 0.302,
                    "requestId": "43a29c5c-3dbf-4fa4-9c26-f4f71023e120"});
                Judged::new(verdict, "", Reply::json(&answer).with_status(202))
            }
            Err(refused) => {
                let verdict = Verdict::Refused(format!("{} {}", refused.0, refused.1));
                Judged::new(verdict, "", refusal(&refused))
            }
        }
    }

    fn fault(&self, fault: &Fault) -> Reply {
        refusal(&match fault {
            Fault::Code(code, words) => (u16::try_from(*code).unwrap_or(400), words.clone()),
            Fault::RateLimited(_) => (429, "You are making too many requests!".into()),
            Fault::ExpiredToken => (401, "Could not authenticate".into()),
        })
    }

    fn shown(&self, body: &Value) -> String {
        let at = |name: &str| body[name].as_str().unwrap_or_default();
        format!("{}\n{}", at("message"), at("description"))
            .trim()
            .to_owned()
    }
}
