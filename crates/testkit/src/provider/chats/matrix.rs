//! A Matrix homeserver: sending into rooms, and apart from it, with a script of its own, what comes before: who one
//! is, joining a room, and a room's state.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use balefire_core::time::Time;
use http::Method;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::object;
use crate::provider::{Call, Fault, Judged, Rules, Sim};
use crate::received::Verdict;
use crate::reply::Reply;

/// The bot's access token.
pub const DEFAULT_TOKEN: &str = "syt_simulated_token_000000000001";
/// Largest event.
pub const MAX_EVENT: usize = 65_536;

/// Whether a path is this API's.
pub(super) fn owns(path: &str) -> bool {
    path.starts_with("/_matrix/")
}

/// Whether a path is a message's.
pub(super) fn sends(path: &str) -> bool {
    path.contains("/send/")
}

#[derive(Debug, Default)]
struct State {
    tokens: BTreeSet<String>,
    joined: BTreeSet<String>,
    encrypted: BTreeSet<String>,
    closed: BTreeSet<String>,
    /// The event of each path, which ends in its transaction.
    events: BTreeMap<String, u64>,
}

/// What both desks of one homeserver share.
#[derive(Clone, Debug, Default)]
pub(super) struct Home(Arc<Mutex<State>>);

impl Home {
    pub(super) fn new() -> Self {
        let home = Self::default();
        home.0.lock().tokens.insert(DEFAULT_TOKEN.to_owned());
        home
    }
}

/// Sending.
#[derive(Debug)]
pub struct Matrix(Home);

/// [`Matrix`] with its record.
pub type MatrixSim = Sim<Matrix>;

/// Joining, state, and who one is.
#[derive(Debug)]
pub struct MatrixRooms(Home);

/// [`MatrixRooms`] with its record.
pub type MatrixRoomsSim = Sim<MatrixRooms>;

impl Sim<Matrix> {
    /// The bot's access token.
    pub fn token(&self) -> &'static str {
        DEFAULT_TOKEN
    }

    /// Makes another access token known.
    pub fn add_token(&self, token: &str) {
        self.rules.0.0.lock().tokens.insert(token.to_owned());
    }
}

impl Sim<MatrixRooms> {
    /// This room is encrypted.
    pub fn set_encrypted(&self, room: &str) {
        self.rules.0.0.lock().encrypted.insert(room.to_owned());
    }

    /// Nobody is let into this room.
    pub fn set_closed(&self, room: &str) {
        self.rules.0.0.lock().closed.insert(room.to_owned());
    }
}

/// A refusal: status, name and words.
type Refusal = (u16, &'static str, &'static str);

/// The parts of a path behind `/_matrix/client/v3/`, decoded.
fn parts(call: &Call) -> Option<Vec<String>> {
    let path = call.uri.path().strip_prefix("/_matrix/client/v3/")?;
    let parts = path.split('/').map(|part| {
        // A plus is itself in a path.
        let pair = format!("={}", part.replace('+', "%2B"));
        let mut read = url::form_urlencoded::parse(pair.as_bytes());
        read.next().map(|(_, value)| value.into_owned())
    });
    parts.collect()
}

fn authorized(call: &Call, state: &State) -> Result<(), Refusal> {
    let bearer = call.header("authorization").unwrap_or_default();
    match bearer.strip_prefix("Bearer ") {
        None => Err((401, "M_MISSING_TOKEN", "Missing access token")),
        Some(token) if state.tokens.contains(token) => Ok(()),
        Some(_) => Err((401, "M_UNKNOWN_TOKEN", "Invalid access token passed.")),
    }
}

const UNRECOGNIZED: Refusal = (404, "M_UNRECOGNIZED", "Unrecognized request");

impl Matrix {
    pub(super) fn new(home: &Home) -> Self {
        Self(home.clone())
    }

    fn check(&self, call: &Call) -> Result<(Verdict, Value), Refusal> {
        let mut state = self.0.0.lock();
        authorized(call, &state)?;
        let parts = parts(call).ok_or(UNRECOGNIZED)?;
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let ["rooms", room, "send", "m.room.message", transaction] = parts.as_slice() else {
            return Err(UNRECOGNIZED);
        };
        if call.method != Method::PUT || transaction.is_empty() {
            return Err((405, "M_UNRECOGNIZED", "Unrecognized request"));
        }
        if !state.joined.contains(*room) {
            return Err((403, "M_FORBIDDEN", "User not in room"));
        }
        let content = object(call).ok_or((400, "M_NOT_JSON", "Content not JSON."))?;
        if call.body.len() > MAX_EVENT {
            return Err((413, "M_TOO_LARGE", "event too large"));
        }
        let known = ["m.text", "m.notice"]
            .iter()
            .any(|kind| content["msgtype"] == *kind);
        if !known || content["body"].as_str().is_none_or(str::is_empty) {
            return Err((400, "M_BAD_JSON", "an event has msgtype and body"));
        }
        let html = &content["formatted_body"];
        if html.is_string() && content["format"] != "org.matrix.custom.html" {
            return Err((400, "M_BAD_JSON", "a formatted body has a format"));
        }
        check_change(&content, &state)?;
        let next = u64::try_from(state.events.len()).unwrap_or(u64::MAX) + 1;
        let path = call.uri.path().to_owned();
        let repeated = state.events.contains_key(&path);
        let number = *state.events.entry(path).or_insert(next);
        let verdict = if repeated {
            Verdict::Repeated
        } else {
            Verdict::Accepted
        };
        Ok((verdict, json!({"event_id": format!("$event{number}")})))
    }
}

/// A change names an event that is there, and holds the whole new content.
fn check_change(content: &Value, state: &State) -> Result<(), Refusal> {
    let relation = &content["m.relates_to"];
    if relation["rel_type"] != "m.replace" {
        return Ok(());
    }
    let id = relation["event_id"].as_str().unwrap_or_default();
    let mut events = state.events.values();
    if !events.any(|number| format!("$event{number}") == id) {
        return Err((404, "M_NOT_FOUND", "Event not found."));
    }
    let new = &content["m.new_content"];
    if new["body"].as_str().is_none_or(str::is_empty) || new["msgtype"] != content["msgtype"] {
        return Err((400, "M_BAD_JSON", "a change has its new content"));
    }
    Ok(())
}

impl MatrixRooms {
    pub(super) fn new(home: &Home) -> Self {
        Self(home.clone())
    }

    fn check(&self, call: &Call) -> Result<Value, Refusal> {
        let mut state = self.0.0.lock();
        authorized(call, &state)?;
        let parts = parts(call).ok_or(UNRECOGNIZED)?;
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        match (&call.method, parts.as_slice()) {
            (&Method::GET, ["account", "whoami"]) => {
                Ok(json!({"user_id": "@balefire:example.org"}))
            }
            (&Method::POST, ["join", room]) => {
                object(call).ok_or((400, "M_NOT_JSON", "Content not JSON."))?;
                if state.closed.contains(*room) {
                    return Err((403, "M_FORBIDDEN", "You are not invited to this room."));
                }
                // An alias stands for the room of the same name.
                let id = room.replacen('#', "!", 1);
                state.joined.insert(id.clone());
                Ok(json!({"room_id": id}))
            }
            (&Method::GET, ["rooms", room, "state", "m.room.encryption"]) => {
                if state.encrypted.contains(*room) {
                    return Ok(json!({"algorithm": "m.megolm.v1.aes-sha2"}));
                }
                Err((404, "M_NOT_FOUND", "Event not found."))
            }
            _ => Err(UNRECOGNIZED),
        }
    }
}

fn refusal((status, name, words): &Refusal) -> Reply {
    let body = json!({"errcode": name, "error": words});
    Reply::json(&body).with_status(*status)
}

fn judged(checked: Result<(Verdict, Value), Refusal>) -> Judged {
    match checked {
        Ok((verdict, answer)) => Judged::new(verdict, "", Reply::json(&answer)),
        Err(refused) => {
            let verdict = Verdict::Refused(format!("{} {}", refused.0, refused.1));
            Judged::new(verdict, "", refusal(&refused))
        }
    }
}

fn scripted(fault: &Fault) -> Reply {
    match fault {
        Fault::Code(code, words) => {
            let body = json!({"errcode": words, "error": "scripted"});
            Reply::json(&body).with_status(u16::try_from(*code).unwrap_or(400))
        }
        Fault::RateLimited(seconds) => {
            let body = json!({"errcode": "M_LIMIT_EXCEEDED", "error": "Too Many Requests",
                "retry_after_ms": seconds * 1_000});
            Reply::json(&body).with_status(429)
        }
        Fault::ExpiredToken => refusal(&(401, "M_UNKNOWN_TOKEN", "Access token has expired")),
    }
}

impl Rules for Matrix {
    fn judge(&self, call: &Call, _now: Time) -> Judged {
        judged(self.check(call))
    }

    fn fault(&self, fault: &Fault) -> Reply {
        scripted(fault)
    }

    fn shown(&self, body: &Value) -> String {
        body["body"].as_str().unwrap_or_default().to_owned()
    }
}

impl Rules for MatrixRooms {
    fn judge(&self, call: &Call, _now: Time) -> Judged {
        let answered = self.check(call);
        judged(answered.map(|answer| (Verdict::Answered, answer)))
    }

    fn fault(&self, fault: &Fault) -> Reply {
        scripted(fault)
    }

    fn shown(&self, _body: &Value) -> String {
        String::new()
    }
}
