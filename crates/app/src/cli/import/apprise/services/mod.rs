//! What an Apprise URL is here: one function a service, each following Apprise's own page of it
//! (<https://github.com/caronc/apprise/wiki>).

mod chats;
mod letters;
mod pushes;

use serde_json::{Map, Value, json};

use super::address::{Address, folder};

/// A way out as the document says it.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Way {
    /// The account's kind.
    pub(super) kind: &'static str,
    pub(super) account: Map<String, Value>,
    /// The receiver's entry, without `account`.
    pub(super) entry: Map<String, Value>,
    /// What is not as it was.
    pub(super) notes: Vec<String>,
}

impl Way {
    fn new(kind: &'static str) -> Self {
        Self {
            kind,
            ..Self::default()
        }
    }

    /// With this key of the account, when there is a value.
    fn account(mut self, key: &str, value: impl Into<Option<String>>) -> Self {
        if let Some(value) = value.into() {
            self.account.insert(key.to_owned(), json!(value));
        }
        self
    }

    /// With this key of the receiver's entry, when there is a value.
    fn entry(mut self, key: &str, value: impl Into<Option<String>>) -> Self {
        if let Some(value) = value.into() {
            self.entry.insert(key.to_owned(), json!(value));
        }
        self
    }

    /// With a list of the receiver's entry, when it is not empty.
    fn list(mut self, key: &str, values: &[String]) -> Self {
        if !values.is_empty() {
            self.entry.insert(key.to_owned(), json!(values));
        }
        self
    }

    fn note(mut self, words: impl Into<String>) -> Self {
        self.notes.push(words.into());
        self
    }

    fn note_if(self, is: bool, words: &str) -> Self {
        if is { self.note(words) } else { self }
    }
}

/// Why there is no way out for a URL.
pub(super) type Why = String;

/// The way out of a URL.
pub(super) fn of(mut address: Address) -> Result<Way, Why> {
    let way = by_schema(&mut address)?;
    let left = address.left();
    Ok(if left.is_empty() {
        way
    } else {
        way.note(format!("left out: {}", left.join(", ")))
    })
}

fn by_schema(address: &mut Address) -> Result<Way, Why> {
    let schema = address.schema.clone();
    match schema.as_str() {
        "dingtalk" => chats::dingtalk(address),
        "wecombot" => chats::wecom(address),
        "feishu" | "lark" => chats::feishu(address),
        "slack" => chats::slack(address),
        "tgram" | "telegram" => chats::telegram(address),
        "discord" => chats::discord(address),
        "mmost" | "mmosts" => chats::mattermost(address),
        "workflow" | "workflows" => chats::teams(address),
        "gchat" => chats::googlechat(address),
        "matrix" | "matrixs" => chats::matrix(address),
        "ntfy" | "ntfys" => pushes::ntfy(address),
        "gotify" | "gotifys" => pushes::gotify(address),
        "pover" => pushes::pushover(address),
        "bark" | "barks" => pushes::bark(address),
        "schan" => pushes::serverchan(address),
        "pushplus" => pushes::pushplus(address),
        "wxpusher" => pushes::wxpusher(address),
        "pagerduty" => pushes::pagerduty(address),
        "opsgenie" => pushes::opsgenie(address),
        "twilio" => pushes::twilio(address),
        "vonage" | "nexmo" => pushes::vonage(address),
        "mailto" | "mailtos" => letters::mail(address),
        "json" | "jsons" => letters::json(address),
        "form" | "forms" => letters::form(address),
        "http" | "https" => Err("a web address of a service: give its Apprise URL, or use an account of the service's kind".to_owned()),
        other => Err(format!("there is no channel for {other}://; an account of the kind http can call its interface")),
    }
}

/// The first piece, which must be there.
fn required(value: Option<String>, what: &str) -> Result<String, Why> {
    value
        .filter(|value| !value.is_empty())
        .ok_or_else(|| format!("{what} is missing"))
}

/// The place of a host, which a token stands at.
fn token(address: &Address, what: &str) -> Result<String, Why> {
    required(Some(address.place.clone()), what)
}

#[cfg(test)]
mod tests;
