//! Buttons below a chat message, and what comes back when somebody presses one.
//!
//! A button carries a word for what it does and the token that says what it is about; who pressed it is the
//! platform's word, under the platform's signature or secret. Each platform's file reads its own format. Pure: who
//! may answer, and what follows, is the engine's.

use std::time::Duration;

use balefire_core::field::{Field, Kind};
use balefire_core::message::{Locale, Mention, Message, Occasion};
use balefire_core::time::Time;
use serde_json::Value;

use crate::callback::{CallbackAnswer, CallbackError, CallbackRequest};

/// Longest button token that is read, in characters.
pub(crate) const LONGEST: usize = 1_024;

/// How far a signature's time may be from ours.
const APART: Duration = Duration::from_mins(5);

/// What a button does: the word that it carries, and what stands on it in English and in Chinese.
pub(crate) const BUTTONS: [(&str, &str, &str); 3] = [
    ("acknowledge", "Acknowledge", "认领"),
    ("silence", "Silence 1 h", "静默 1 小时"),
    ("resolve", "Resolve", "标为已解决"),
];

/// Who may press buttons.
pub(crate) const WHO: Field = Field::optional(
    "clicks",
    Kind::OneOf(&["people", "anyone"]),
    "Whose buttons count: of people whose id at the platform stands in people, or of anyone in the chat.",
)
.or("people");

/// Whether somebody hears of the buttons that are pressed: the account has what they are signed with, and a path.
pub(crate) fn are_heard(account: &Value, secret: &str) -> bool {
    let is_set = |key: &str| account[key].as_str().is_some_and(|text| !text.is_empty());
    is_set(secret) && is_set("callback_url")
}

/// A button that was pressed.
#[derive(Clone, Debug, PartialEq)]
pub struct Click {
    /// What it does.
    pub deed: String,
    /// What it is about.
    pub token: String,
    /// Who pressed it, by the platform's id.
    pub user: String,
    /// Another id that the platform gives the same person; empty for none.
    pub alias: String,
    /// When it came.
    pub at: Time,
    /// The platform's own name of this press: the same again is a repetition.
    pub press: String,
    /// The options of a receiver that would write to the same chat.
    pub place: Value,
    /// The message below which it stood, in the platform's own form.
    pub message: Value,
}

/// What came of it, for those who see it.
#[derive(Clone, Copy, Debug)]
pub struct Reaction<'a> {
    /// One sentence, without markup.
    pub words: &'a str,
    /// Whether it was done: then everybody sees it in the message; else only who pressed.
    pub is_done: bool,
}

/// How a platform's clicks are read and answered.
#[derive(Debug)]
pub struct Clicks {
    /// What stands before the id of somebody whom nobody knows.
    pub platform: &'static str,
    /// A person's id at the platform.
    pub identity: fn(&Mention) -> &str,
    /// What the platform asks before it uses the address, and the answer; `None` for everything else.
    pub greet: fn(&CallbackRequest<'_>) -> Result<Option<CallbackAnswer>, CallbackError>,
    /// Reads one, its signature first; `None` for what is no button of ours.
    pub read: fn(&CallbackRequest<'_>) -> Result<Option<Click>, CallbackError>,
    /// What the platform wants to hear.
    pub answer: fn(&Click, &Reaction<'_>) -> CallbackAnswer,
}

/// The token of a message's buttons; `None` where there is nothing to answer.
pub(crate) fn token(message: &Message) -> Option<&str> {
    let group = message.group.as_ref()?;
    let asks = message.occasion == Occasion::Firing && !group.answer_token.is_empty();
    asks.then_some(&*group.answer_token)
}

/// The buttons of a message: the word that each carries, and what stands on it.
pub(crate) fn buttons(message: &Message) -> impl Iterator<Item = (&'static str, &'static str)> {
    let locale = message.locale;
    let (held, quiet) = (message.answering.is_held, message.answering.is_quiet);
    let left = BUTTONS.into_iter();
    let left = left.filter(move |(deed, ..)| match *deed {
        "acknowledge" => !held,
        "silence" => !quiet,
        _ => true,
    });
    left.map(move |(deed, en, zh)| match locale {
        Locale::En => (deed, en),
        Locale::ZhCn => (deed, zh),
    })
}

/// Whether a word is one of ours.
pub(crate) fn is_deed(word: &str) -> bool {
    BUTTONS.iter().any(|(deed, ..)| *deed == word)
}

/// Whether a button stays below a message after one was pressed: what was done is not offered again, and what is over
/// needs none.
pub(crate) fn stays(button: &str, done: &str) -> bool {
    done != "resolve" && button != done
}

/// Of a platform that uses an address without asking first.
#[expect(
    clippy::unnecessary_wraps,
    reason = "it stands where others may refuse"
)]
pub(crate) fn no_greeting(
    _: &CallbackRequest<'_>,
) -> Result<Option<CallbackAnswer>, CallbackError> {
    Ok(None)
}

/// Whether a call was signed just now: a signature that is known can be sent again by whoever has seen it.
pub(crate) fn is_fresh(at: Time, now: Time) -> bool {
    now.since(at).max(at.since(now)) <= APART
}

/// An answer in JSON.
pub(crate) fn json_answer(body: &Value) -> CallbackAnswer {
    CallbackAnswer {
        media_type: "application/json",
        body: body.to_string(),
    }
}

/// An answer without words.
pub(crate) fn silent() -> CallbackAnswer {
    CallbackAnswer {
        media_type: "",
        body: String::new(),
    }
}
