//! Google Chat's webhooks: `POST /v1/spaces/SPACE/messages?key=…&token=…`.

use std::collections::BTreeMap;
use std::time::Duration;

use balefire_core::time::Time;
use http::Method;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::object;
use crate::provider::{Call, Fault, Judged, Rules, Sim, Site};
use crate::received::Verdict;
use crate::reply::Reply;
use crate::window::Bucket;

/// The space, the key and the token of the webhook that is there from the start.
pub const DEFAULT_SPACE: &str = "AAAASimulated";
/// See [`DEFAULT_SPACE`].
pub const DEFAULT_KEY: &str = "AIzaSimulatedKeySimulatedKey";
/// See [`DEFAULT_SPACE`].
pub const DEFAULT_TOKEN: &str = "SimulatedTokenSimulatedToken";
/// Largest message.
pub const MAX_BYTES: usize = 32_000;
/// Messages at once, which come back at one a second.
const BURST: u32 = 2;
/// Ids that are remembered.
const REMEMBERED: usize = 10_000;

/// Whether a path is this API's.
pub(super) fn owns(path: &str) -> bool {
    path.starts_with("/v1/spaces/")
}

/// The simulated spaces.
#[derive(Debug)]
pub struct GoogleChat {
    site: Site,
    state: Mutex<State>,
}

/// [`GoogleChat`] with its record.
pub type GoogleChatSim = Sim<GoogleChat>;

#[derive(Debug, Default)]
struct State {
    /// Key, token and pace of each space.
    spaces: BTreeMap<String, (String, String, Bucket)>,
    /// The message that each request id became.
    seen: BTreeMap<String, u64>,
    sent: u64,
}

impl Sim<GoogleChat> {
    /// The address of the first webhook, as the space shows it.
    pub fn url(&self) -> String {
        let base = &self.rules.site.base;
        format!("{base}/v1/spaces/{DEFAULT_SPACE}/messages?key={DEFAULT_KEY}&token={DEFAULT_TOKEN}")
    }

    /// Adds a webhook to a space of its own.
    pub fn add_space(&self, space: &str, key: &str, token: &str) {
        self.rules.add(space, key, token);
    }
}

/// A refusal: code, status and words.
type Refusal = (u16, &'static str, String);

fn invalid(words: &str) -> Refusal {
    (400, "INVALID_ARGUMENT", words.to_owned())
}

impl GoogleChat {
    pub(crate) fn new(site: Site) -> Self {
        let service = Self {
            site,
            state: Mutex::default(),
        };
        service.add(DEFAULT_SPACE, DEFAULT_KEY, DEFAULT_TOKEN);
        service
    }

    fn add(&self, space: &str, key: &str, token: &str) {
        let bucket = Bucket::new(BURST, Duration::from_secs(1));
        let account = (key.to_owned(), token.to_owned(), bucket);
        self.state.lock().spaces.insert(space.to_owned(), account);
    }

    fn check(&self, call: &Call, now: Time) -> Result<(Verdict, Value), Refusal> {
        let parts: Vec<&str> = call.segments().collect();
        let [_, _, space, "messages"] = parts.as_slice() else {
            return Err((404, "NOT_FOUND", "Requested entity was not found.".into()));
        };
        let mut state = self.state.lock();
        let state = &mut *state;
        let Some((key, token, bucket)) = state.spaces.get_mut(*space) else {
            return Err((404, "NOT_FOUND", "Space does not exist.".into()));
        };
        if call.query("key").as_deref() != Some(key) {
            return Err((403, "PERMISSION_DENIED", "The key is not valid.".into()));
        }
        if call.query("token").as_deref() != Some(token) {
            return Err((401, "UNAUTHENTICATED", "The token is not valid.".into()));
        }
        if call.method != Method::POST {
            return Err((403, "PERMISSION_DENIED", "A webhook can only post.".into()));
        }
        let body = object(call).ok_or_else(|| invalid("Invalid JSON payload received."))?;
        check_body(&body, call.body.len())?;
        let option = call.query("messageReplyOption");
        let options = [
            "REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD",
            "REPLY_MESSAGE_OR_FAIL",
        ];
        if option
            .as_deref()
            .is_some_and(|word| !options.contains(&word))
        {
            return Err(invalid("messageReplyOption"));
        }
        let id = call.query("requestId").unwrap_or_default().into_owned();
        let name = |number: u64| json!({"name": format!("spaces/{space}/messages/m{number}")});
        if let Some(number) = state.seen.get(&id) {
            return Ok((Verdict::Repeated, name(*number)));
        }
        if !self.site.unlimited && bucket.admit(now).is_err() {
            return Err((
                429,
                "RESOURCE_EXHAUSTED",
                "Resource has been exhausted (e.g. check quota).".into(),
            ));
        }
        state.sent += 1;
        if !id.is_empty() {
            if state.seen.len() == REMEMBERED {
                state.seen.pop_first();
            }
            state.seen.insert(id, state.sent);
        }
        Ok((Verdict::Accepted, name(state.sent)))
    }
}

fn check_body(body: &Value, size: usize) -> Result<(), Refusal> {
    if size > MAX_BYTES {
        return Err(invalid("Message is too long."));
    }
    let thread = &body["thread"]["threadKey"];
    let long = thread.as_str().is_some_and(|key| key.len() > 4_000);
    if long || !(thread.is_null() || thread.is_string()) {
        return Err(invalid("thread.threadKey"));
    }
    let cards = body["cardsV2"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    if cards.is_empty() && body["text"].as_str().is_none_or(str::is_empty) {
        return Err(invalid("Message cannot be empty."));
    }
    for card in cards {
        let sections = card["card"]["sections"].as_array();
        let sections = sections.filter(|sections| !sections.is_empty());
        for section in sections.ok_or_else(|| invalid("a card has no sections"))? {
            let widgets = section["widgets"].as_array();
            let widgets = widgets.filter(|widgets| (1..=100).contains(&widgets.len()));
            widgets
                .ok_or_else(|| invalid("a section has no widgets"))?
                .iter()
                .try_for_each(check_widget)?;
        }
    }
    Ok(())
}

fn check_widget(widget: &Value) -> Result<(), Refusal> {
    let fields = widget.as_object().filter(|fields| fields.len() == 1);
    let (kind, inner) = fields
        .and_then(|fields| fields.iter().next())
        .ok_or_else(|| invalid("a widget is one thing"))?;
    match kind.as_str() {
        "divider" => Ok(()),
        "textParagraph" => inner["text"]
            .as_str()
            .filter(|text| !text.is_empty())
            .map(|_| ())
            .ok_or_else(|| invalid("a text is empty")),
        "buttonList" => {
            let buttons = inner["buttons"].as_array().into_iter().flatten();
            for button in buttons {
                let url = button["onClick"]["openLink"]["url"].as_str();
                let leads = url.is_some_and(|url| url.starts_with("http"));
                if !leads || !button["text"].is_string() {
                    return Err(invalid("a button leads nowhere"));
                }
            }
            Ok(())
        }
        other => Err(invalid(&format!("Unknown name \"{other}\""))),
    }
}

fn refusal((code, status, words): &Refusal) -> Reply {
    let body = json!({"error": {"code": code, "status": status, "message": words}});
    Reply::json(&body).with_status(*code)
}

impl Rules for GoogleChat {
    fn judge(&self, call: &Call, now: Time) -> Judged {
        match self.check(call, now) {
            Ok((verdict, answer)) => Judged::new(verdict, "", Reply::json(&answer)),
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
                "SCRIPTED",
                words.clone(),
            ),
            Fault::RateLimited(_) => (
                429,
                "RESOURCE_EXHAUSTED",
                "Resource has been exhausted (e.g. check quota).".into(),
            ),
            Fault::ExpiredToken => (401, "UNAUTHENTICATED", "The token is not valid.".into()),
        })
    }

    fn shown(&self, body: &Value) -> String {
        let mut words: Vec<&str> = body["text"].as_str().into_iter().collect();
        for card in body["cardsV2"].as_array().into_iter().flatten() {
            words.extend(card["card"]["header"]["title"].as_str());
            let sections = card["card"]["sections"].as_array().into_iter().flatten();
            for section in sections {
                for widget in section["widgets"].as_array().into_iter().flatten() {
                    words.extend(widget["textParagraph"]["text"].as_str());
                }
            }
        }
        words.join("\n")
    }
}
