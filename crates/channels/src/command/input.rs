//! What a command is told: JSON on its standard input, and the most important of it in its environment.

use balefire_core::message::{Message, Status};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::channel::Delivery;
use crate::markup::{Dialect, text_of, title_of};
use crate::spec::Length;
use crate::webhook::alertmanager_body;

/// Most bytes of Alertmanager's part; further alerts are left out and counted there.
const BODY: usize = 1 << 20;
/// Longest title and text.
const TITLE: Length = Length::Bytes(1024);
const TEXT: Length = Length::Bytes(64 * 1024);
/// Most bytes of one variable.
const VARIABLE: usize = 8 * 1024;

/// The JSON on standard input.
#[derive(Serialize)]
struct Input<'a> {
    id: &'a str,
    attempt: u32,
    occasion: String,
    severity: &'a str,
    title: &'a str,
    text: &'a str,
    link: &'a str,
    /// Alertmanager's webhook body, version 4.
    group: Option<&'a RawValue>,
}

/// What a command is told.
pub(super) struct Told {
    pub(super) json: Vec<u8>,
    /// Names and values, besides those every command gets.
    pub(super) variables: Vec<(&'static str, String)>,
}

/// The message of a delivery as a command reads it.
pub(super) fn of(delivery: &Delivery<'_>) -> Told {
    let Delivery {
        message,
        id,
        attempt,
        now,
        ..
    } = *delivery;
    let title = title_of(message, Dialect::Plain, TITLE);
    let text = text_of(message, Dialect::Plain, TEXT).text;
    let link = message.link.as_ref().map_or("", |link| link.url.as_str());
    let occasion = occasion(message);
    let group = alertmanager_body(message, now, BODY);
    let input = Input {
        id,
        attempt,
        occasion: occasion.clone(),
        severity: message.severity.as_str(),
        title: &title,
        text: &text,
        link,
        group: serde_json::from_str(&group).ok(),
    };
    let status = message
        .group
        .as_ref()
        .map_or(Status::Firing, |group| group.status);
    let key = message.group.as_ref().map_or("", |group| &*group.group_key);
    let receiver = message.group.as_ref().map_or("", |group| &*group.receiver);
    let variables = [
        ("BALEFIRE_ID", id),
        ("BALEFIRE_ATTEMPT", &attempt.to_string()),
        ("BALEFIRE_OCCASION", &occasion),
        ("BALEFIRE_STATUS", status.as_str()),
        ("BALEFIRE_SEVERITY", message.severity.as_str()),
        ("BALEFIRE_RECEIVER", receiver),
        ("BALEFIRE_GROUP_KEY", key),
        ("BALEFIRE_TITLE", &title),
        ("BALEFIRE_TEXT", &text),
        ("BALEFIRE_LINK", link),
    ];
    Told {
        // Texts and numbers only: nothing in it can fail to be written.
        json: serde_json::to_vec(&input).unwrap_or_default(),
        variables: variables
            .map(|(name, value)| (name, variable(value)))
            .to_vec(),
    }
}

/// The word of the API for why it is told.
fn occasion(message: &Message) -> String {
    let word = serde_json::to_value(message.occasion).unwrap_or_default();
    word.as_str().unwrap_or_default().to_owned()
}

/// A value as an environment holds it: without NUL, and not so long that nothing could be started.
fn variable(value: &str) -> String {
    let mut end = value.len().min(VARIABLE);
    while !value.is_char_boundary(end) {
        end -= 1;
    }
    value[..end].replace('\0', "")
}

/// For tests of what stands on standard input.
#[cfg(test)]
pub(super) fn json_of(message: &Message, now: balefire_core::time::Time) -> serde_json::Value {
    let delivery = Delivery {
        message,
        targets: &[],
        id: "bf_0123456789abcdef0123456789abcdef",
        attempt: 1,
        now,
    };
    serde_json::from_slice(&of(&delivery).json).expect("JSON")
}
