//! What providers say afterwards, by calling us: that a phone has it, that nobody picked up, which key was pressed, what
//! somebody wrote back.
//!
//! Each provider's file reads its own format and checks its own signature; the path holds the account's
//! `callback_token` besides, which is all that guards those who sign nothing. Pure: whose notification it is, and
//! what follows, is the engine's.

use balefire_core::time::Time;
use serde_json::Value;

use crate::phone::Phone;

/// Reports that are read of one callback.
pub const MOST_REPORTS: usize = 1_000;
/// Longest id, number and detail that is read, in characters.
pub(crate) const LONGEST: usize = 300;

/// A callback as it came.
#[derive(Clone, Copy, Debug)]
pub struct CallbackRequest<'a> {
    /// The address under which the provider knows us, with the query it came with.
    pub url: &'a str,
    /// Headers, names in lower case.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body's bytes.
    pub body: &'a [u8],
    /// The account's mapping.
    pub account: &'a Value,
    /// When it came.
    pub now: Time,
}

impl CallbackRequest<'_> {
    /// The only header of this name; nothing when there are several.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(known, _)| *known == name);
        let first = values.next().map(|(_, value)| *value);
        first.filter(|_| values.next().is_none())
    }
}

/// What a report says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// The phone has it.
    Delivered,
    /// It did not get there.
    Failed,
    /// Somebody picked up.
    Answered,
    /// Somebody pressed this key.
    Pressed(char),
    /// The person has opened it.
    Read,
    /// The provider keeps it from this person.
    Refused,
}

/// What a provider says of one message or call to one number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The provider's own id, as it came with the receipt of the try.
    pub provider_id: String,
    /// The number it is about; empty where the id says it all.
    pub phone: String,
    /// What it says.
    pub said: Said,
    /// In the provider's words.
    pub detail: String,
}

/// A text message that somebody sent to a number of the account's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The provider's own id of it: the same again is a repetition.
    pub id: String,
    /// The number it comes from, as the provider says, with its country (`+8613800138000`).
    pub from: String,
    /// What it says.
    pub text: String,
}

/// What a callback holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// What is said of what went out.
    pub reports: Vec<Report>,
    /// What somebody wrote.
    pub texts: Vec<Text>,
}

impl Heard {
    /// Nothing but reports.
    pub(crate) fn of_reports(reports: Vec<Report>) -> Self {
        Self {
            reports,
            texts: Vec::new(),
        }
    }
}

/// Why a callback is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallbackError {
    /// Its signature is missing or wrong.
    #[error("{0}")]
    Forged(&'static str),
    /// It cannot be read.
    #[error("{0}")]
    Unreadable(String),
}

/// What the provider wants to hear.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallbackAnswer {
    /// Its media type; empty with an empty body.
    pub media_type: &'static str,
    /// Its body.
    pub body: String,
}

/// How a kind's callbacks are read and answered.
#[derive(Debug)]
pub struct Callback {
    /// Reads one, its signature first.
    pub read: fn(&CallbackRequest<'_>) -> Result<Heard, CallbackError>,
    /// What the provider must hear so that it does not say the same again, whatever it said. The words are for whoever
    /// wrote; some providers take them back to the telephone.
    pub answer: fn(&Heard, &[String]) -> CallbackAnswer,
    /// Whether texts that people send come this way.
    pub hears_texts: bool,
    /// Whether the provider calls with `GET` where it is set so, with everything in the query.
    pub reads_queries: bool,
}

/// The objects of a JSON array, or the only one. Providers' consoles post a single object as a test.
pub(crate) fn items(body: &[u8]) -> Result<Vec<Value>, CallbackError> {
    let unreadable = |why: String| CallbackError::Unreadable(why);
    let read: Value =
        serde_json::from_slice(body).map_err(|error| unreadable(format!("no JSON: {error}")))?;
    match read {
        Value::Array(items) if items.len() > MOST_REPORTS => {
            Err(unreadable(format!("more than {MOST_REPORTS} reports")))
        }
        Value::Array(items) => Ok(items),
        one @ Value::Object(_) => Ok(vec![one]),
        _ => Err(unreadable("neither a list nor an object".to_owned())),
    }
}

/// A text of a report; numbers as they are written, everything else empty.
pub(crate) fn text(item: &Value, key: &str) -> String {
    match &item[key] {
        Value::String(text) => cut(text),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

/// What somebody wrote, as one line that is not too long.
pub(crate) fn line(text: &str) -> String {
    let blank = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().map(blank).take(LONGEST).collect()
}

/// A number with its country, as we keep numbers: `+8613800138000`. What is none stays as it is, and is nobody's.
pub(crate) fn phone_of(number: &str, country: &str) -> String {
    let is_mainland = number.len() == 11 && number.starts_with('1');
    let whole = match country {
        _ if number.starts_with('+') => number.to_owned(),
        "" if is_mainland => format!("+86{number}"),
        code => format!("+{code}{number}"),
    };
    Phone::parse(&whole).map_or_else(|_| number.to_owned(), |phone| phone.e164().to_owned())
}

/// A text of somebody else's, without control characters and not too long.
pub(crate) fn cut(text: &str) -> String {
    let visible = text.chars().filter(|c| !c.is_control());
    visible.take(LONGEST).collect()
}

/// The parts that say something, with a space between.
pub(crate) fn words<const N: usize>(parts: [String; N]) -> String {
    let said = parts.into_iter().filter(|part| !part.is_empty());
    cut(&said.collect::<Vec<_>>().join(" "))
}
