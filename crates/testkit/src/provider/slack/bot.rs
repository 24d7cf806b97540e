//! A bot's methods below `/api/`: `chat.postMessage`, `chat.update`, `auth.test` and those of uploads.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use balefire_core::time::Time;
use http::Method;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::files::{Files, PLACE, Shared};
use super::hook::seconds;
use super::{BURST, check_payload};
use crate::provider::{Call, Fault, Judged, Rules, Sim, Site};
use crate::received::Verdict;
use crate::reply::Reply;
use crate::window::Bucket;

/// The bot's token.
pub const DEFAULT_TOKEN: &str = "xoxb-000000000001-000000000002-SimulatedTokenSimulated";
/// Longest `markdown_text`.
const MAX_MARKDOWN_CHARS: usize = 12_000;
/// Messages remembered for `chat.update` and threads.
const REMEMBERED: usize = 10_000;

/// The simulated workspace, as one bot sees it.
#[derive(Debug)]
pub struct SlackBot {
    site: Site,
    state: Mutex<State>,
}

/// [`SlackBot`] with its record.
pub type SlackBotSim = Sim<SlackBot>;

#[derive(Debug, Default)]
struct State {
    /// Channels there are; `None`: every id that looks like one.
    channels: Option<BTreeSet<String>>,
    pace: BTreeMap<String, Bucket>,
    /// Messages as (channel, ts).
    posted: BTreeSet<(String, String)>,
    /// Answers among them, which no thread begins with.
    answers: BTreeSet<(String, String)>,
    sent: u64,
    files: Files,
}

impl Sim<SlackBot> {
    /// The base of the methods' addresses: `…/api`.
    pub fn api_url(&self) -> String {
        format!("{}/api", self.rules.site.base)
    }

    /// The bot's token.
    pub fn token(&self) -> &'static str {
        DEFAULT_TOKEN
    }

    /// Somebody deletes every message.
    pub fn delete_all(&self) {
        self.rules.state.lock().posted.clear();
    }

    /// The files that people see, in order: name, channel and thread.
    pub fn files(&self) -> Vec<Shared> {
        self.rules.state.lock().files.shared.clone()
    }

    /// From now on only these channels exist; others give `channel_not_found`.
    pub fn set_channels(&self, channels: &[&str]) {
        let channels = channels.iter().map(|&id| id.to_owned()).collect();
        self.rules.state.lock().channels = Some(channels);
    }
}

/// Why a call is refused.
#[derive(Debug)]
enum Refusal {
    /// `ok:false` with this name and words for `response_metadata`.
    Named(&'static str, String),
    /// HTTP 429.
    TooFast(Duration),
    /// Bytes that nobody waits for.
    NotTaken,
}

fn named<T>(name: &'static str) -> Result<T, Refusal> {
    Err(Refusal::Named(name, String::new()))
}

impl SlackBot {
    pub(crate) fn new(site: Site) -> Self {
        Self {
            site,
            state: Mutex::default(),
        }
    }

    fn check(
        &self,
        call: &Call,
        now: Time,
        notes: &mut Vec<String>,
    ) -> Result<(Verdict, Value), Refusal> {
        if call.uri.path().starts_with(PLACE) {
            let taken = call.method == Method::POST && self.state.lock().files.take(call);
            return taken
                .then_some((Verdict::Answered, Value::Null))
                .ok_or(Refusal::NotTaken);
        }
        if call.query("token").is_some() {
            notes.push("a token in the query is never accepted".into());
            return named("not_authed");
        }
        match call
            .header("authorization")
            .map(|value| value.strip_prefix("Bearer "))
        {
            None => return named("not_authed"),
            Some(Some(token)) if token == DEFAULT_TOKEN => {}
            Some(_) => return named("invalid_auth"),
        }
        match call.uri.path() {
            "/api/auth.test" => Ok((Verdict::Answered, self.identity())),
            "/api/chat.postMessage" => self.post(&body(call)?, now, notes),
            "/api/chat.postEphemeral" => Self::whisper(&body(call)?, notes),
            "/api/chat.update" => self.update(&body(call)?, notes),
            "/api/files.getUploadURLExternal" => self.announce(&body(call)?),
            "/api/files.completeUploadExternal" => self.share(&body(call)?),
            _ => named("unknown_method"),
        }
    }

    fn announce(&self, body: &Value) -> Result<(Verdict, Value), Refusal> {
        let mut state = self.state.lock();
        let answer = state.files.announce(&self.site.base, body);
        answer.map_or_else(named, |answer| Ok((Verdict::Answered, answer)))
    }

    fn share(&self, body: &Value) -> Result<(Verdict, Value), Refusal> {
        let mut state = self.state.lock();
        let State {
            files,
            posted,
            answers,
            ..
        } = &mut *state;
        let is_parent = |channel: &str, ts: &str| {
            let key = (channel.to_owned(), ts.to_owned());
            posted.contains(&key) && !answers.contains(&key)
        };
        let answer = files.share(body, is_parent);
        answer.map_or_else(named, |answer| Ok((Verdict::Answered, answer)))
    }

    fn identity(&self) -> Value {
        json!({
            "ok": true,
            "url": format!("{}/", self.site.base),
            "team": "Simulated",
            "user": "balefire",
            "team_id": "T0SIM00001",
            "user_id": "U0SIM00001",
            "bot_id": "B0SIM00001",
        })
    }

    fn post(
        &self,
        body: &Value,
        now: Time,
        notes: &mut Vec<String>,
    ) -> Result<(Verdict, Value), Refusal> {
        let channel = body["channel"].as_str().unwrap_or("");
        if channel.is_empty() {
            return Err(Refusal::Named(
                "invalid_arguments",
                "missing required field: channel".into(),
            ));
        }
        check_content(body, notes)?;
        let mut state = self.state.lock();
        let is_there = match &state.channels {
            Some(channels) => channels.contains(channel),
            None => channel.starts_with(['C', 'G', 'D', 'U', '#']) && channel.len() > 1,
        };
        if !is_there {
            return named("channel_not_found");
        }
        if let Some(parent) = body.get("thread_ts") {
            let parent = parent.as_str().unwrap_or("").to_owned();
            if !state.posted.contains(&(channel.to_owned(), parent)) {
                return named("cannot_reply_to_message");
            }
        }
        if !self.site.unlimited {
            let bucket = state
                .pace
                .entry(channel.to_owned())
                .or_insert_with(|| Bucket::new(BURST, Duration::from_secs(1)));
            bucket.admit(now).map_err(Refusal::TooFast)?;
        }
        state.sent += 1;
        let ts = format!("{}.{:06}", now.secs(), state.sent % 1_000_000);
        if state.posted.len() == REMEMBERED {
            state.posted.pop_first();
        }
        state.posted.insert((channel.to_owned(), ts.clone()));
        if body.get("thread_ts").is_some() {
            state.answers.insert((channel.to_owned(), ts.clone()));
        }
        let message =
            json!({"type": "message", "text": body["text"], "ts": ts, "bot_id": "B0SIM00001"});
        let reply = json!({"ok": true, "channel": channel, "ts": ts, "message": message});
        Ok((Verdict::Accepted, reply))
    }

    /// A message that one member of a channel sees.
    fn whisper(body: &Value, notes: &mut Vec<String>) -> Result<(Verdict, Value), Refusal> {
        let has = |key: &str| body[key].as_str().is_some_and(|text| !text.is_empty());
        if !has("channel") || !has("user") {
            return named("invalid_arguments");
        }
        check_content(body, notes)?;
        Ok((
            Verdict::Accepted,
            json!({"ok": true, "message_ts": "1.000001"}),
        ))
    }

    fn update(&self, body: &Value, notes: &mut Vec<String>) -> Result<(Verdict, Value), Refusal> {
        let channel = body["channel"].as_str().unwrap_or("").to_owned();
        let ts = body["ts"].as_str().unwrap_or("").to_owned();
        if !channel.starts_with(['C', 'G', 'D']) {
            return named("channel_not_found");
        }
        check_content(body, notes)?;
        if !self
            .state
            .lock()
            .posted
            .contains(&(channel.clone(), ts.clone()))
        {
            return named("message_not_found");
        }
        let reply = json!({"ok": true, "channel": channel, "ts": ts, "text": body["text"]});
        Ok((Verdict::Accepted, reply))
    }
}

/// The arguments: JSON, or a form whose lists are JSON.
fn body(call: &Call) -> Result<Value, Refusal> {
    if call.method != Method::POST {
        return named("invalid_post_type");
    }
    if call.is_type("application/json") {
        return match serde_json::from_slice(&call.body) {
            Ok(body @ Value::Object(_)) => Ok(body),
            _ => named("invalid_json"),
        };
    }
    if !call.is_type("application/x-www-form-urlencoded") {
        return named("missing_post_type");
    }
    let mut body = Value::Object(serde_json::Map::new());
    for (key, value) in url::form_urlencoded::parse(&call.body) {
        body[&*key] = match &*key {
            "blocks" | "attachments" | "metadata" => serde_json::from_str(&value)
                .map_err(|error| Refusal::Named("invalid_arguments", error.to_string()))?,
            _ => Value::String(value.into_owned()),
        };
    }
    Ok(body)
}

fn check_content(body: &Value, notes: &mut Vec<String>) -> Result<(), Refusal> {
    let Some(markdown) = body.get("markdown_text") else {
        return check_payload(body, notes)
            .map_err(|fault| Refusal::Named(fault.name, fault.detail));
    };
    if body.get("text").is_some() || body.get("blocks").is_some() {
        return named("markdown_text_conflict");
    }
    match markdown.as_str().map(|text| text.chars().count()) {
        None | Some(0) => named("no_text"),
        Some(chars) if chars > MAX_MARKDOWN_CHARS => named("msg_too_long"),
        Some(_) => Ok(()),
    }
}

fn refused(name: &str, detail: &str) -> Reply {
    let mut reply = json!({"ok": false, "error": name});
    if !detail.is_empty() {
        reply["response_metadata"] = json!({"messages": [format!("[ERROR] {detail}")]});
    }
    Reply::json(&reply)
}

fn too_fast(seconds: String) -> Reply {
    refused("ratelimited", "")
        .with_status(429)
        .header("retry-after", seconds)
}

impl Rules for SlackBot {
    fn judge(&self, call: &Call, now: Time) -> Judged {
        let mut notes = Vec::new();
        let (verdict, reply) = match self.check(call, now, &mut notes) {
            Ok((verdict, Value::Null)) => (verdict, Reply::text(200, "OK")),
            Ok((verdict, reply)) => (verdict, Reply::json(&reply)),
            Err(Refusal::NotTaken) => (
                Verdict::Refused("upload".into()),
                Reply::text(400, "upload refused"),
            ),
            Err(Refusal::Named(name, detail)) => (
                Verdict::Refused(format!("{name} {detail}")),
                refused(name, &detail),
            ),
            Err(Refusal::TooFast(wait)) => (
                Verdict::Refused("ratelimited".into()),
                too_fast(seconds(wait)),
            ),
        };
        let body: Value = serde_json::from_slice(&call.body).unwrap_or(Value::Null);
        let channel = body["channel"].as_str().unwrap_or("");
        Judged {
            notes,
            ..Judged::new(verdict, channel, reply)
        }
    }

    fn fault(&self, fault: &Fault) -> Reply {
        match fault {
            Fault::Code(_, name) => refused(name, ""),
            Fault::RateLimited(wait) => too_fast(wait.to_string()),
            Fault::ExpiredToken => refused("token_expired", ""),
        }
    }

    fn shown(&self, body: &Value) -> String {
        let markdown = body["markdown_text"].as_str();
        markdown.map_or_else(|| super::shown(body), str::to_owned)
    }
}
