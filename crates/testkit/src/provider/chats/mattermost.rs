//! Mattermost: the incoming webhook (`POST /hooks/KEY`) and a bot's methods below `/api/v4/`.

use std::collections::BTreeSet;

use balefire_core::time::Time;
use http::Method;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::object;
use crate::provider::{Call, Fault, Judged, Rules, Sim, Site};
use crate::received::Verdict;
use crate::reply::Reply;

/// The key of the webhook that is there from the start.
pub const DEFAULT_KEY: &str = "simulatedkey00000000000001";
/// The bot's token.
pub const DEFAULT_TOKEN: &str = "simulatedtoken000000000001";
/// Characters of a post.
pub const MAX_TEXT: usize = 16_383;

/// A refusal: status, id and words.
type Refusal = (u16, &'static str, &'static str);

/// The simulated webhooks.
#[derive(Debug)]
pub struct Mattermost {
    site: Site,
    keys: Mutex<BTreeSet<String>>,
}

/// [`Mattermost`] with its record.
pub type MattermostSim = Sim<Mattermost>;

/// The simulated server, as one bot sees it.
#[derive(Debug, Default)]
pub struct MattermostBot {
    state: Mutex<State>,
}

/// [`MattermostBot`] with its record.
pub type MattermostBotSim = Sim<MattermostBot>;

#[derive(Debug, Default)]
struct State {
    tokens: BTreeSet<String>,
    posts: BTreeSet<String>,
    sent: u64,
}

impl Sim<Mattermost> {
    /// The address of the first webhook.
    pub fn url(&self) -> String {
        format!("{}/hooks/{DEFAULT_KEY}", self.rules.site.base)
    }

    /// Adds a webhook by its key.
    pub fn add_key(&self, key: &str) {
        self.rules.keys.lock().insert(key.to_owned());
    }
}

impl Sim<MattermostBot> {
    /// The bot's token.
    pub fn token(&self) -> &'static str {
        DEFAULT_TOKEN
    }

    /// Makes another bot's token known.
    pub fn add_token(&self, token: &str) {
        self.rules.state.lock().tokens.insert(token.to_owned());
    }

    /// Deletes every post.
    pub fn delete_all(&self) {
        self.rules.state.lock().posts.clear();
    }
}

/// The checks that both share; `text` is the words above the attachments.
fn check_words(text: &Value, attachments: &Value) -> Result<(), Refusal> {
    let wrong = (
        400,
        "web.incoming_webhook.parse.app_error",
        "Unable to parse incoming data.",
    );
    let (text, list) = match (text, attachments) {
        (Value::Null | Value::String(_), Value::Null | Value::Array(_)) => {
            (text.as_str().unwrap_or_default(), attachments.as_array())
        }
        _ => return Err(wrong),
    };
    let list = list.map(Vec::as_slice).unwrap_or_default();
    if text.is_empty() && list.is_empty() {
        return Err((
            400,
            "web.incoming_webhook.text.app_error",
            "No text specified.",
        ));
    }
    let mut all = text.chars().count();
    for attachment in list {
        let texts = attachment.as_object().ok_or(wrong)?;
        for (key, value) in texts {
            let length = value.as_str().map(|text| text.chars().count());
            if !matches!(key.as_str(), "fields" | "actions") && length.is_none() {
                return Err(wrong);
            }
            all += length.unwrap_or_default();
        }
        check_actions(&attachment["actions"]).ok_or(wrong)?;
        let fields = attachment["fields"].as_array().into_iter().flatten();
        if fields.into_iter().any(|field| !field["title"].is_string()) {
            return Err(wrong);
        }
    }
    if all > MAX_TEXT {
        return Err((
            400,
            "api.post.create_post.too_long",
            "The post is too long.",
        ));
    }
    Ok(())
}

/// Buttons have an id of letters and digits alone, a name, and an address that is called with an object.
fn check_actions(actions: &Value) -> Option<()> {
    for action in actions.as_array().into_iter().flatten() {
        let id = action["id"].as_str()?;
        let call = &action["integration"];
        let plain = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let calls = call["url"].as_str()?.starts_with("http") && call["context"].is_object();
        let named = action["name"].as_str().is_some_and(|name| !name.is_empty());
        (plain && calls && named && action["type"] == "button").then_some(())?;
    }
    (actions.is_null() || actions.is_array()).then_some(())
}

/// Only posts that are no answers may have a priority, and there are two of them.
fn check_priority(priority: &Value) -> Result<(), Refusal> {
    let word = &priority["priority"];
    if word.is_null() || matches!(word.as_str(), Some("important" | "urgent")) {
        return Ok(());
    }
    Err((400, "api.post.priority", "Invalid priority."))
}

fn refusal((status, id, words): &Refusal) -> Reply {
    let body = json!({"id": id, "message": words, "detailed_error": "", "request_id": "r",
        "status_code": status});
    Reply::json(&body).with_status(*status)
}

fn refused(refused: &Refusal) -> Judged {
    let verdict = Verdict::Refused(format!("{} {}", refused.0, refused.1));
    Judged::new(verdict, "", refusal(refused))
}

fn scripted(fault: &Fault) -> Reply {
    match fault {
        Fault::Code(code, words) => Reply::text(u16::try_from(*code).unwrap_or(400), words.clone()),
        Fault::RateLimited(seconds) => {
            Reply::text(429, "limit exceeded").header("retry-after", seconds.to_string())
        }
        Fault::ExpiredToken => refusal(&(
            401,
            "api.context.session_expired.app_error",
            "Invalid or expired session, please login again.",
        )),
    }
}

fn words(text: &Value, attachments: &Value) -> String {
    let mut words: Vec<&str> = text.as_str().into_iter().collect();
    for attachment in attachments.as_array().into_iter().flatten() {
        for key in ["pretext", "title", "text", "footer"] {
            words.extend(attachment[key].as_str());
        }
    }
    words.join("\n")
}

impl Mattermost {
    pub(crate) fn new(site: Site) -> Self {
        Self {
            site,
            keys: Mutex::new(BTreeSet::from([DEFAULT_KEY.to_owned()])),
        }
    }

    fn check(&self, call: &Call) -> Result<(), Refusal> {
        let key = call.segments().last().unwrap_or_default();
        if call.method != Method::POST || !self.keys.lock().contains(key) {
            return Err((
                400,
                "web.incoming_webhook.invalid.app_error",
                "Invalid webhook.",
            ));
        }
        let body = object(call).ok_or((
            400,
            "web.incoming_webhook.parse.app_error",
            "Unable to parse incoming data.",
        ))?;
        check_priority(&body["priority"])?;
        check_words(&body["text"], &body["attachments"])
    }
}

impl Rules for Mattermost {
    fn judge(&self, call: &Call, _now: Time) -> Judged {
        match self.check(call) {
            Ok(()) => Judged::new(Verdict::Accepted, "", Reply::text(200, "ok")),
            Err(why) => refused(&why),
        }
    }

    fn fault(&self, fault: &Fault) -> Reply {
        scripted(fault)
    }

    fn shown(&self, body: &Value) -> String {
        words(&body["text"], &body["attachments"])
    }
}

impl MattermostBot {
    pub(crate) fn new() -> Self {
        let state = State {
            tokens: BTreeSet::from([DEFAULT_TOKEN.to_owned()]),
            ..State::default()
        };
        Self {
            state: Mutex::new(state),
        }
    }

    fn check(&self, call: &Call, now: Time) -> Result<(Verdict, Value), Refusal> {
        let bearer = call.header("authorization").unwrap_or_default();
        let token = bearer.strip_prefix("Bearer ").unwrap_or_default();
        let mut state = self.state.lock();
        if !state.tokens.contains(token) {
            return Err((
                401,
                "api.context.session_expired.app_error",
                "Invalid or expired session, please login again.",
            ));
        }
        if call.uri.path() == "/api/v4/users/me" {
            let me = json!({"id": "simulatedbot00000000000001", "username": "balefire"});
            return Ok((Verdict::Answered, me));
        }
        if let Some(id) = patched(call) {
            return patch(&state, id, call);
        }
        if call.uri.path() != "/api/v4/posts" || call.method != Method::POST {
            return Err((404, "api.context.404.app_error", "Sorry, not found."));
        }
        let invalid = (
            400,
            "api.context.invalid_body_param.app_error",
            "Invalid or missing post in request body.",
        );
        let body = object(call).ok_or(invalid)?;
        let channel = body["channel_id"].as_str().unwrap_or_default();
        if channel.len() != 26 || !channel.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err((
                400,
                "api.context.invalid_url_param.app_error",
                "Invalid or missing channel_id.",
            ));
        }
        check_words(&body["message"], &body["props"]["attachments"])?;
        let root = body["root_id"].as_str().unwrap_or_default();
        if !root.is_empty() && !state.posts.contains(root) {
            return Err((
                400,
                "api.post.create_post.root_id.app_error",
                "Invalid RootId parameter.",
            ));
        }
        let priority = &body["metadata"]["priority"];
        check_priority(priority)?;
        if !priority.is_null() && !root.is_empty() {
            return Err((400, "api.post.priority", "Only for root posts."));
        }
        state.sent += 1;
        let id = format!("simulatedpost{:013}", state.sent);
        state.posts.insert(id.clone());
        let post = json!({"id": id, "create_at": now.millis(), "channel_id": channel});
        Ok((Verdict::Accepted, post))
    }
}

/// The post that a call patches.
fn patched(call: &Call) -> Option<&str> {
    let id = call.uri.path().strip_prefix("/api/v4/posts/")?;
    id.strip_suffix("/patch")
        .filter(|_| call.method == Method::PUT)
}

/// A patch names words and props, and neither place nor priority.
fn patch(state: &State, id: &str, call: &Call) -> Result<(Verdict, Value), Refusal> {
    let invalid = (
        400,
        "api.context.invalid_body_param.app_error",
        "Invalid or missing post in request body.",
    );
    if !state.posts.contains(id) {
        return Err((404, "app.post.get.app_error", "Unable to get the post."));
    }
    let body = object(call).ok_or(invalid)?;
    let known = ["message", "props", "is_pinned", "file_ids", "has_reactions"];
    let keys = body.as_object().into_iter().flatten();
    if keys
        .into_iter()
        .any(|(key, _)| !known.contains(&key.as_str()))
    {
        return Err(invalid);
    }
    check_words(&body["message"], &body["props"]["attachments"])?;
    Ok((Verdict::Accepted, json!({"id": id})))
}

impl Rules for MattermostBot {
    fn judge(&self, call: &Call, now: Time) -> Judged {
        match self.check(call, now) {
            Ok((Verdict::Accepted, post)) => {
                Judged::new(Verdict::Accepted, "", Reply::json(&post).with_status(201))
            }
            Ok((verdict, answer)) => Judged::new(verdict, "", Reply::json(&answer)),
            Err(why) => refused(&why),
        }
    }

    fn fault(&self, fault: &Fault) -> Reply {
        scripted(fault)
    }

    fn shown(&self, body: &Value) -> String {
        words(&body["message"], &body["props"]["attachments"])
    }
}
