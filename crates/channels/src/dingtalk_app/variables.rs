//! What the variables of a card say: `title`, `text` and `url` are the message's, `token` is the buttons', `status` is what
//! people did and `state` what that comes to.
//!
//! A press writes the last two as well, before Balefire's record has reached the card. So a change leaves them alone unless the
//! message itself knows better.

use balefire_core::message::{Answered, Block, Message, Occasion};
use serde_json::{Map, Value};

use super::form::{self, TITLE};
use crate::chat::headline;
use crate::cut::cut;
use crate::markup::{Dialect, one_line};
use crate::spec::Length;

/// Longest value of a variable.
const VALUE: usize = 1_000;

/// Those of a card that is made.
pub(super) fn first(message: &Message, token: Option<&str>) -> Map<String, Value> {
    let mut variables = words(message, token);
    variables.insert("status".to_owned(), status(message).into());
    let state = answered(message, token).unwrap_or_else(|| open(token));
    variables.insert("state".to_owned(), state.into());
    variables
}

/// Those of a card that is changed.
pub(super) fn changed(message: &Message, token: Option<&str>) -> Map<String, Value> {
    let mut variables = words(message, token);
    let status = status(message);
    if !status.is_empty() {
        variables.insert("status".to_owned(), status.into());
    }
    let over = (message.occasion == Occasion::Resolved).then_some("resolved");
    if let Some(state) = over.or_else(|| answered(message, token)) {
        variables.insert("state".to_owned(), state.into());
    }
    variables
}

fn words(message: &Message, token: Option<&str>) -> Map<String, Value> {
    let url = form::button(message).map_or_else(String::new, |link| link.url);
    let text = form::words(&without_deeds(message), Length::Bytes(VALUE));
    let variables = [
        ("title", headline(message, Dialect::Plain, TITLE)),
        ("text", text),
        ("url", url),
        ("token", token.unwrap_or_default().to_owned()),
    ];
    let variables = variables.into_iter();
    variables
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect()
}

fn answered(message: &Message, token: Option<&str>) -> Option<&'static str> {
    Some(match message.answering.answered? {
        Answered::Open => open(token),
        Answered::Acknowledged => "acknowledged",
        Answered::Silenced => "silenced",
        Answered::Resolved => "resolved",
    })
}

/// Of a card that waits for an answer, if it can have one.
fn open(token: Option<&str>) -> &'static str {
    if token.is_some() { "open" } else { "told" }
}

/// What people did, a line each; the latest, where not all fit.
fn status(message: &Message) -> String {
    let mut kept = String::new();
    for deed in message.answering.deeds.iter().rev() {
        let line = one_line(deed);
        if kept.is_empty() {
            kept = cut(&line, Length::Bytes(VALUE)).into_owned();
        } else if line.len() + 1 + kept.len() <= VALUE {
            kept = format!("{line}\n{kept}");
        } else {
            break;
        }
    }
    kept
}

/// The message without what people did, which has a variable of its own.
fn without_deeds(message: &Message) -> Message {
    let mut message = message.clone();
    let deeds = std::mem::take(&mut message.answering.deeds);
    if !deeds.is_empty() && message.body.first() == Some(&Block::List(deeds)) {
        message.body.remove(0);
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::sample;

    #[test]
    fn of_many_deeds_the_latest_are_kept_and_none_stands_in_the_text() {
        let mut message = sample::message();
        assert_eq!(status(&message), "");
        let deeds: Vec<String> = (0..5)
            .map(|n| format!("{n}\n{}", "长".repeat(99)))
            .collect();
        message.body.insert(0, Block::List(deeds.clone()));
        message.answering.deeds = deeds;
        let said = status(&message);
        assert!(said.len() <= VALUE, "{}", said.len());
        let heads: Vec<&str> = said.lines().map(|line| &line[..2]).collect();
        assert_eq!(heads, ["2 ", "3 ", "4 "]);
        let variables = changed(&message, None);
        assert_eq!(variables["status"], said);
        assert_eq!(variables["text"], first(&sample::message(), None)["text"]);
        message.answering.deeds = vec!["长".repeat(999)];
        assert!(status(&message).len() <= VALUE);
    }
}
