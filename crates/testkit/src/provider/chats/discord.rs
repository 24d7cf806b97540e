//! Discord's webhooks: `POST /api/webhooks/{id}/{token}?wait=true`, `GET` of the same, and `PATCH` of its messages.

use std::collections::BTreeMap;
use std::time::Duration;

use balefire_core::time::Time;
use http::Method;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::discord_files::{self, Shown, Unread};
use crate::provider::{Call, Fault, Judged, Rules, Sim, Site};
use crate::received::Verdict;
use crate::reply::Reply;
use crate::window::Window;

/// The id and token of the webhook that is there from the start.
pub const DEFAULT_HOOK: &str = "223704706495545344/SimulatedTokenSimulatedTokenSimulated";
/// Calls of a webhook in two seconds.
pub const CALLS: usize = 5;
/// Longest text above the embeds.
pub const MAX_CONTENT: usize = 2_000;
/// Longest title, and longest description, of an embed.
pub const MAX_TITLE: usize = 256;
/// See [`MAX_TITLE`].
pub const MAX_DESCRIPTION: usize = 4_096;
/// Characters of all embeds together.
pub const MAX_EMBEDS: usize = 6_000;

const PLACES: [&str; 2] = ["/api/webhooks/", "/api/v10/webhooks/"];

/// Whether a path is this API's.
pub(super) fn owns(path: &str) -> bool {
    PLACES.iter().any(|place| path.starts_with(place))
}

/// The simulated webhooks.
#[derive(Debug)]
pub struct Discord {
    site: Site,
    hooks: Mutex<BTreeMap<String, Window>>,
    posted: Mutex<BTreeMap<String, Post>>,
}

/// A message: the webhook that posted it, and its files.
#[derive(Debug)]
struct Post {
    hook: String,
    files: Vec<Shown>,
}

/// [`Discord`] with its record.
pub type DiscordSim = Sim<Discord>;

impl Sim<Discord> {
    /// The address of the first webhook.
    pub fn url(&self) -> String {
        format!("{}/api/webhooks/{DEFAULT_HOOK}", self.rules.site.base)
    }

    /// Somebody deletes every message.
    pub fn delete_all(&self) {
        self.rules.posted.lock().clear();
    }

    /// The files of a message by their names, and whether an embed shows them.
    pub fn files(&self, id: &str) -> Vec<(String, bool)> {
        let posted = self.rules.posted.lock();
        posted
            .get(id)
            .map_or_else(Vec::new, |post| post.files.clone())
    }

    /// Adds a webhook, from its id and token.
    pub fn add_hook(&self, hook: &str) {
        self.rules.add(hook);
    }
}

/// A refusal: status, code, words, and more of the body.
type Refusal = (u16, i64, String, Value);

/// A refusal of what could not be read.
fn unread((status, code, words): Unread) -> Refusal {
    (status, code, words.to_owned(), Value::Null)
}

fn refuse<T>(status: u16, code: i64, words: &str) -> Result<T, Refusal> {
    Err((status, code, words.to_owned(), Value::Null))
}

impl Discord {
    pub(crate) fn new(site: Site) -> Self {
        let service = Self {
            site,
            hooks: Mutex::default(),
            posted: Mutex::default(),
        };
        service.add(DEFAULT_HOOK);
        service
    }

    fn add(&self, hook: &str) {
        let window = Window::new(CALLS, Duration::from_secs(2));
        self.hooks.lock().insert(hook.to_owned(), window);
    }

    fn check(&self, call: &Call, now: Time) -> Result<(Verdict, Option<Value>), Refusal> {
        let path = call.uri.path();
        let place = PLACES.iter().find_map(|place| path.strip_prefix(place));
        let path = place.unwrap_or_default();
        let (hook, message) = match path.split_once("/messages/") {
            Some((hook, message)) => (hook, Some(message)),
            None => (path, None),
        };
        let (id, _) = hook.split_once('/').unwrap_or_default();
        let mut hooks = self.hooks.lock();
        let known_id = hooks
            .keys()
            .any(|known| known.split('/').next() == Some(id));
        let Some(window) = hooks.get_mut(hook) else {
            return if known_id {
                refuse(401, 50_027, "Invalid Webhook Token")
            } else {
                refuse(404, 10_015, "Unknown Webhook")
            };
        };
        if call.method == Method::GET {
            let shown = json!({"id": id, "type": 1, "name": "balefire",
                "channel_id": "199737254929760256", "guild_id": "199737254929760256"});
            return Ok((Verdict::Answered, Some(shown)));
        }
        let (body, files) = discord_files::read(call).map_err(unread)?;
        check_body(&body, !files.is_empty())?;
        if !self.site.unlimited && !window.admit(now) {
            return Err(too_fast(2));
        }
        if let Some(id) = message {
            return self.change(call, hook, id, &body);
        }
        let files = discord_files::shown(&body, &files).map_err(unread)?;
        let mut posted = self.posted.lock();
        let id = (1_300_000_000_000_000_001 + posted.len()).to_string();
        let post = Post {
            hook: hook.to_owned(),
            files,
        };
        posted.insert(id.clone(), post);
        let message = json!({"id": id, "type": 0, "content": body["content"],
            "channel_id": "199737254929760256"});
        let waits = call.query("wait").as_deref() == Some("true");
        Ok((Verdict::Accepted, waits.then_some(message)))
    }

    /// A webhook changes what it posted itself. Its files stay, and are shown where the new embeds say.
    fn change(
        &self,
        call: &Call,
        hook: &str,
        id: &str,
        body: &Value,
    ) -> Result<(Verdict, Option<Value>), Refusal> {
        let mut posted = self.posted.lock();
        let there = posted.get_mut(id).filter(|post| post.hook == hook);
        let Some(post) = there.filter(|_| call.method == Method::PATCH) else {
            return refuse(404, 10_008, "Unknown Message");
        };
        if body.get("username").is_some() || body.get("avatar_url").is_some() {
            return refuse(400, 50_035, "Invalid Form Body: only for new messages");
        }
        let names: Vec<String> = post.files.iter().map(|(name, _)| name.clone()).collect();
        post.files = discord_files::shown(body, &names).map_err(unread)?;
        Ok((Verdict::Accepted, Some(json!({"id": id, "type": 0}))))
    }
}

fn too_fast(seconds: u64) -> Refusal {
    let more = json!({"retry_after": f64::from(u32::try_from(seconds).unwrap_or(u32::MAX)), "global": false});
    (429, 0, "You are being rate limited.".into(), more)
}

fn length(value: &Value) -> usize {
    value.as_str().map_or(0, |text| text.chars().count())
}

fn check_body(body: &Value, has_files: bool) -> Result<(), Refusal> {
    let invalid = |field: &str| {
        let words = "Invalid Form Body";
        let more = json!({"errors": {field: {"_errors": [{"code": "BASE_TYPE_BAD_LENGTH"}]}}});
        Err((400, 50_035, words.to_owned(), more))
    };
    let embeds = match &body["embeds"] {
        Value::Null => &[],
        Value::Array(embeds) if embeds.len() <= 10 => embeds.as_slice(),
        _ => return invalid("embeds"),
    };
    if length(&body["content"]) > MAX_CONTENT {
        return invalid("content");
    }
    let name = &body["username"];
    if !name.is_null() && !(1..=80).contains(&length(name)) {
        return invalid("username");
    }
    let mut all = 0;
    for embed in embeds {
        let (title, text) = (length(&embed["title"]), length(&embed["description"]));
        if title > MAX_TITLE {
            return invalid("title");
        }
        if text > MAX_DESCRIPTION {
            return invalid("description");
        }
        let color = &embed["color"];
        if !color.is_null() && color.as_u64().is_none_or(|color| color > 0xff_ffff) {
            return invalid("color");
        }
        let url = &embed["url"];
        if !url.is_null() && !url.as_str().is_some_and(|url| url.starts_with("http")) {
            return invalid("url");
        }
        all += title + text;
    }
    if all > MAX_EMBEDS {
        return invalid("embeds");
    }
    if length(&body["content"]) == 0 && all == 0 && !has_files {
        return refuse(400, 50_006, "Cannot send an empty message");
    }
    check_allowed(&body["allowed_mentions"])
}

/// Ids are texts, each named once: a kind that `parse` has must not be listed as well.
fn check_allowed(allowed: &Value) -> Result<(), Refusal> {
    let list = |key: &str| {
        allowed[key]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default()
    };
    let parse = list("parse");
    let both = ["users", "roles"]
        .iter()
        .any(|kind| parse.iter().any(|word| word == kind) && !list(kind).is_empty());
    let texts = list("users").iter().all(Value::is_string) && list("users").len() <= 100;
    if both || !texts {
        return refuse(400, 50_035, "Invalid Form Body: allowed_mentions");
    }
    Ok(())
}

fn refusal((status, code, words, more): &Refusal) -> Reply {
    let mut body = json!({"code": code, "message": words});
    for (key, value) in more.as_object().into_iter().flatten() {
        body[key] = value.clone();
    }
    Reply::json(&body).with_status(*status)
}

impl Rules for Discord {
    fn judge(&self, call: &Call, now: Time) -> Judged {
        match self.check(call, now) {
            Ok((verdict, Some(answer))) => Judged::new(verdict, "", Reply::json(&answer)),
            Ok((verdict, None)) => Judged::new(verdict, "", Reply::text(204, "")),
            Err(refused) => {
                let verdict =
                    Verdict::Refused(format!("{} {} {}", refused.0, refused.1, refused.2));
                Judged::new(verdict, "", refusal(&refused))
            }
        }
    }

    fn fault(&self, fault: &Fault) -> Reply {
        refusal(&match fault {
            Fault::Code(code, words) => (400, *code, words.clone(), Value::Null),
            Fault::RateLimited(seconds) => too_fast(*seconds),
            Fault::ExpiredToken => (401, 50_027, "Invalid Webhook Token".into(), Value::Null),
        })
    }

    fn shown(&self, body: &Value) -> String {
        let mut words: Vec<&str> = body["content"].as_str().into_iter().collect();
        for embed in body["embeds"].as_array().into_iter().flatten() {
            words.extend(embed["title"].as_str());
            words.extend(embed["description"].as_str());
        }
        words.join("\n")
    }
}
