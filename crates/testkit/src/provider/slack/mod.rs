//! Slack: the incoming webhook and the methods of a bot's token.
//!
//! Limits and error names follow docs.slack.dev: "sending messages using incoming webhooks",
//! "chat.postMessage" and the Block Kit reference.

use serde_json::Value;

mod blocks;
pub mod bot;
mod files;
pub mod hook;
pub mod users;

/// Characters of `text`; more are cut off.
pub const MAX_TEXT_CHARS: usize = 40_000;
/// Most attachments.
pub const MAX_ATTACHMENTS: usize = 100;
/// A channel's or hook's messages come back at one a second after a burst of this many.
pub const BURST: u32 = 10;

/// Why a payload is refused: the error's name and words on it.
#[derive(Debug)]
struct Fault {
    name: &'static str,
    detail: String,
}

fn fault(name: &'static str, detail: impl Into<String>) -> Fault {
    Fault {
        name,
        detail: detail.into(),
    }
}

/// The checks that hooks and bots share.
fn check_payload(body: &Value, notes: &mut Vec<String>) -> Result<(), Fault> {
    let text = match body.get("text") {
        None => "",
        Some(text) => text
            .as_str()
            .ok_or_else(|| fault("invalid_payload", "text is no string"))?,
    };
    let list = |key: &str| -> Result<&[Value], Fault> {
        match body.get(key) {
            None => Ok(&[]),
            Some(Value::Array(list)) => Ok(list),
            Some(_) if key == "blocks" => Err(fault("invalid_blocks_format", "blocks is no list")),
            Some(_) => Err(fault("invalid_payload", "attachments is no list")),
        }
    };
    let (blocks, attachments) = (list("blocks")?, list("attachments")?);
    if text.trim().is_empty() && blocks.is_empty() && attachments.is_empty() {
        return Err(fault("no_text", "neither text nor blocks nor attachments"));
    }
    if attachments.len() > MAX_ATTACHMENTS {
        return Err(fault("too_many_attachments", "more than 100"));
    }
    blocks::check(blocks).map_err(|why| fault("invalid_blocks", why))?;
    for attachment in attachments {
        let inner = attachment["blocks"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        blocks::check(inner).map_err(|why| fault("invalid_blocks", why))?;
    }
    if text.chars().count() > MAX_TEXT_CHARS {
        notes.push(format!("the text is cut at {MAX_TEXT_CHARS} characters"));
    }
    if text.is_empty() && !blocks.is_empty() {
        notes.push("blocks without text: the notification says nothing".into());
    }
    Ok(())
}

/// What people see of a message.
fn shown(body: &Value) -> String {
    let mut words = Vec::new();
    if body["blocks"].as_array().is_none_or(Vec::is_empty) {
        words.extend(body["text"].as_str());
    }
    blocks::gather(&body["blocks"], &mut words);
    for attachment in body["attachments"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default()
    {
        for key in ["pretext", "title", "text"] {
            words.extend(attachment[key].as_str());
        }
        for field in attachment["fields"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default()
        {
            words.extend(field["title"].as_str());
            words.extend(field["value"].as_str());
        }
        blocks::gather(&attachment["blocks"], &mut words);
        words.extend(attachment["footer"].as_str());
    }
    words.join("\n")
}

#[cfg(test)]
mod tests;
