//! Telegram's Bot API: `POST /bot<TOKEN>/<method>`, of which `sendMessage`, `sendPhoto`, `editMessageText` and `getMe`
//! are there.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use balefire_core::time::Time;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::{light_html, object};
use crate::provider::multipart;
use crate::provider::{Call, Fault, Judged, Rules, Sim, Site};
use crate::received::Verdict;
use crate::reply::Reply;
use crate::window::{Bucket, Window};

/// The bot's token.
pub const DEFAULT_TOKEN: &str = "110201543:SimulatedTokenSimulatedTokenSimulat";
/// Longest text after its markup is read, in UTF-16.
pub const MAX_TEXT: usize = 4_096;
/// Longest text with its markup, in bytes.
pub const MAX_RAW: usize = 32_768;
/// Messages a minute in a group.
pub const PER_MINUTE: usize = 20;
/// Messages at once in a chat, which come back at one a second.
const BURST: u32 = 20;

/// Whether a path is this API's.
pub(super) fn owns(path: &str) -> bool {
    path.strip_prefix("/bot")
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// The simulated API.
#[derive(Debug)]
pub struct Telegram {
    site: Site,
    state: Mutex<State>,
}

/// [`Telegram`] with its record.
pub type TelegramSim = Sim<Telegram>;

#[derive(Debug, Default)]
struct State {
    tokens: BTreeSet<String>,
    /// Chats there are; `None`: every one.
    chats: Option<BTreeSet<String>>,
    pace: BTreeMap<String, (Bucket, Window)>,
    sent: i64,
    /// What each message shows: its chat, its text and its buttons.
    there: BTreeMap<i64, (String, String, Value)>,
}

impl Sim<Telegram> {
    /// The first bot's token.
    pub fn token(&self) -> &'static str {
        DEFAULT_TOKEN
    }

    /// Makes a bot's token known.
    pub fn add_token(&self, token: &str) {
        self.rules.state.lock().tokens.insert(token.to_owned());
    }

    /// Somebody deletes every message.
    pub fn delete_all(&self) {
        self.rules.state.lock().there.clear();
    }

    /// From now on only these chats exist.
    pub fn set_chats(&self, chats: &[&str]) {
        let chats = chats.iter().map(|&id| id.to_owned()).collect();
        self.rules.state.lock().chats = Some(chats);
    }
}

/// A refusal: code, words, and the parameters.
type Refusal = (u16, String, Value);

fn bad(words: impl Into<String>) -> Refusal {
    (400, format!("Bad Request: {}", words.into()), Value::Null)
}

impl Telegram {
    pub(crate) fn new(site: Site) -> Self {
        let state = State {
            tokens: BTreeSet::from([DEFAULT_TOKEN.to_owned()]),
            ..State::default()
        };
        Self {
            site,
            state: Mutex::new(state),
        }
    }

    fn check(&self, call: &Call, now: Time) -> Result<(Verdict, Value), Refusal> {
        let mut parts = call.segments();
        let token = parts.next().and_then(|part| part.strip_prefix("bot"));
        let token = token.unwrap_or_default();
        if !self.state.lock().tokens.contains(token) {
            return Err((401, "Unauthorized".into(), Value::Null));
        }
        match parts.next().unwrap_or_default() {
            "getMe" => {
                let me = json!({"id": 110_201_543, "is_bot": true, "first_name": "Balefire",
                    "username": "balefire_bot"});
                Ok((Verdict::Answered, me))
            }
            "sendMessage" => self.send(call, now),
            "editMessageText" => self.edit(call),
            "sendPhoto" => self.photo(call, now),
            _ => Err((404, "Not Found".into(), Value::Null)),
        }
    }

    fn send(&self, call: &Call, now: Time) -> Result<(Verdict, Value), Refusal> {
        let body = object(call).ok_or_else(|| bad("can't parse request"))?;
        let chat = match &body["chat_id"] {
            Value::Number(id) if id.is_i64() => id.to_string(),
            Value::String(name) if name.starts_with('@') => name.clone(),
            Value::Null => return Err(bad("chat_id is empty")),
            _ => return Err(bad("chat not found")),
        };
        let text = body["text"].as_str().unwrap_or_default();
        check_text(text, &body["parse_mode"])?;
        let mut state = self.state.lock();
        if state
            .chats
            .as_ref()
            .is_some_and(|chats| !chats.contains(&chat))
        {
            return Err(bad("chat not found"));
        }
        if let Some(parent) = body.get("reply_parameters") {
            let id = parent["message_id"].as_i64().unwrap_or_default();
            let known = state.there.contains_key(&id);
            if !known && parent["allow_sending_without_reply"] != true {
                return Err(bad("message to be replied not found"));
            }
        }
        if !self.site.unlimited {
            admit(&mut state, &chat, now)?;
        }
        state.sent += 1;
        let number = state.sent;
        let shows = (chat.clone(), text.to_owned(), body["reply_markup"].clone());
        state.there.insert(number, shows);
        let id: Value = chat
            .parse::<i64>()
            .map_or_else(|_| json!(-1_001), Value::from);
        let result = json!({"message_id": state.sent, "date": now.secs(),
            "chat": {"id": id, "type": "supergroup"}, "text": text});
        Ok((Verdict::Accepted, result))
    }
}

impl Telegram {
    /// A form with the chat and a picture by its bytes.
    fn photo(&self, call: &Call, now: Time) -> Result<(Verdict, Value), Refusal> {
        let kind = call.header("content-type").unwrap_or_default();
        let parts = multipart::parts(kind, &call.body);
        let parts = parts.ok_or_else(|| bad("can't parse request"))?;
        let text = |name: &str| {
            let part = parts.iter().find(|part| part.name == name)?;
            std::str::from_utf8(part.bytes).ok()
        };
        let chat = text("chat_id").ok_or_else(|| bad("chat_id is empty"))?;
        let photo = parts.iter().find(|part| part.name == "photo");
        let photo = photo.ok_or_else(|| bad("there is no photo in the request"))?;
        let begins: [&[u8]; 4] = [b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF"];
        if photo.filename.is_none() || !begins.iter().any(|begin| photo.bytes.starts_with(begin)) {
            return Err(bad("IMAGE_PROCESS_FAILED"));
        }
        let mut state = self.state.lock();
        if let Some(parent) = text("reply_parameters") {
            let parent: Value = serde_json::from_str(parent).unwrap_or_default();
            let id = parent["message_id"].as_i64().unwrap_or_default();
            if !state.there.contains_key(&id) {
                return Err(bad("message to be replied not found"));
            }
        }
        if !self.site.unlimited {
            admit(&mut state, chat, now)?;
        }
        state.sent += 1;
        let result = json!({"message_id": state.sent, "chat": {"id": -1_001}, "photo": []});
        Ok((Verdict::Accepted, result))
    }

    fn edit(&self, call: &Call) -> Result<(Verdict, Value), Refusal> {
        let body = object(call).ok_or_else(|| bad("can't parse request"))?;
        let id = body["message_id"].as_i64().unwrap_or_default();
        let text = body["text"].as_str().unwrap_or_default();
        check_text(text, &body["parse_mode"])?;
        let mut state = self.state.lock();
        let chat = match &body["chat_id"] {
            Value::String(name) => name.clone(),
            id => id.to_string(),
        };
        let there = state.there.get_mut(&id).filter(|shows| shows.0 == chat);
        let Some(shows) = there else {
            return Err(bad("message to edit not found"));
        };
        let new = (chat, text.to_owned(), body["reply_markup"].clone());
        if *shows == new {
            return Err(bad(
                "message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message",
            ));
        }
        *shows = new;
        let result = json!({"message_id": id, "chat": {"id": body["chat_id"]}, "text": text});
        Ok((Verdict::Accepted, result))
    }
}

fn check_text(text: &str, mode: &Value) -> Result<(), Refusal> {
    if text.len() > MAX_RAW {
        return Err(bad("text is too long"));
    }
    let seen = match mode.as_str() {
        None | Some("" | "MarkdownV2" | "Markdown") => text.to_owned(),
        Some("HTML") => {
            light_html::visible(text).map_err(|why| bad(format!("can't parse entities: {why}")))?
        }
        Some(other) => return Err(bad(format!("unsupported parse_mode {other}"))),
    };
    if seen.trim().is_empty() {
        return Err(bad("message text is empty"));
    }
    if seen.encode_utf16().count() > MAX_TEXT {
        return Err(bad("message is too long"));
    }
    Ok(())
}

/// A message a second in a chat after a burst, and 20 a minute in a group.
fn admit(state: &mut State, chat: &str, now: Time) -> Result<(), Refusal> {
    let fresh = || {
        let minute = Duration::from_mins(1);
        let bucket = Bucket::new(BURST, Duration::from_secs(1));
        (bucket, Window::new(PER_MINUTE, minute))
    };
    let (bucket, window) = state.pace.entry(chat.to_owned()).or_insert_with(fresh);
    let group = chat.starts_with(['-', '@']);
    if group && !window.admit(now) {
        return Err(too_fast(60));
    }
    bucket
        .admit(now)
        .map_err(|wait| too_fast(wait.as_secs().max(1)))
}

fn too_fast(seconds: u64) -> Refusal {
    let words = format!("Too Many Requests: retry after {seconds}");
    (429, words, json!({"retry_after": seconds}))
}

fn refusal((code, words, parameters): &Refusal) -> Reply {
    let mut body = json!({"ok": false, "error_code": code, "description": words});
    if !parameters.is_null() {
        body["parameters"] = parameters.clone();
    }
    Reply::json(&body).with_status(*code)
}

impl Rules for Telegram {
    fn judge(&self, call: &Call, now: Time) -> Judged {
        match self.check(call, now) {
            Ok((verdict, result)) => {
                let reply = Reply::json(&json!({"ok": true, "result": result}));
                Judged::new(verdict, "", reply)
            }
            Err(refused) => {
                let verdict = Verdict::Refused(format!("{} {}", refused.0, refused.1));
                Judged::new(verdict, "", refusal(&refused))
            }
        }
    }

    fn fault(&self, fault: &Fault) -> Reply {
        refusal(&match fault {
            Fault::Code(code, words) => (
                u16::try_from(*code).unwrap_or(400),
                words.clone(),
                Value::Null,
            ),
            Fault::RateLimited(seconds) => too_fast(*seconds),
            Fault::ExpiredToken => (401, "Unauthorized".into(), Value::Null),
        })
    }

    fn shown(&self, body: &Value) -> String {
        let text = body["text"].as_str().unwrap_or_default();
        light_html::visible(text).unwrap_or_else(|_| text.to_owned())
    }
}
