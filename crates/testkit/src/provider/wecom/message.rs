//! The payload of a message: which fields each type must have, and how long they may be.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use serde_json::Value;

use super::{Refusal, missing, over_limit};

/// Who sends: the limits differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sender {
    Robot,
    App,
    /// An application, to a group it has made.
    Chat,
}

const TEXT_BYTES: usize = 2_048;
const APP_MARKDOWN_BYTES: usize = 2_048;
const ROBOT_MARKDOWN_BYTES: usize = 4_096;
const TITLE_BYTES: usize = 128;
const DESCRIPTION_BYTES: usize = 512;
const URL_BYTES: usize = 2_048;
const BUTTON_CHARS: usize = 4;
const MAX_ARTICLES: usize = 8;
const MAX_IMAGE_BYTES: usize = 2 << 20;

impl Sender {
    fn types(self) -> &'static [&'static str] {
        match self {
            Self::Robot => &[
                "text",
                "markdown",
                "markdown_v2",
                "image",
                "news",
                "file",
                "voice",
                "template_card",
            ],
            Self::App => &[
                "text",
                "markdown",
                "textcard",
                "image",
                "news",
                "file",
                "voice",
                "video",
                "template_card",
            ],
            Self::Chat => &[
                "text", "markdown", "textcard", "image", "news", "file", "voice", "video",
            ],
        }
    }
}

/// Checks a body; `media` tells whether an upload of this id and type may be used. Adds to `notes`
/// what the vendor lets pass and a reader will miss.
pub(super) fn check(
    sender: Sender,
    body: &Value,
    media: impl Fn(&str, &str) -> Result<(), Refusal>,
    notes: &mut Vec<String>,
) -> Result<(), Refusal> {
    let kind = body["msgtype"].as_str().unwrap_or("");
    if !sender.types().contains(&kind) {
        return Err((40_008, format!("invalid message type {kind:?}")));
    }
    let payload = &body[kind];
    if !payload.is_object() {
        return Err(missing(kind));
    }
    match kind {
        "text" => check_text(sender, payload, notes),
        "markdown" | "markdown_v2" => check_markdown(sender, kind, payload, notes),
        "textcard" => check_card(payload),
        "news" => check_news(payload),
        "image" if sender == Sender::Robot => check_image(payload),
        "template_card" => check_template(sender, payload),
        _ => media(required(payload, "media_id", usize::MAX)?, kind),
    }
}

/// What people see of a message.
pub(super) fn shown(body: &Value) -> String {
    let kind = body["msgtype"].as_str().unwrap_or("");
    let payload = &body[kind];
    let text = |key: &str| payload[key].as_str().unwrap_or("").to_owned();
    match kind {
        "text" | "markdown" | "markdown_v2" => text("content"),
        "textcard" => format!("{}\n{}", text("title"), text("description")),
        "news" => {
            let articles = payload["articles"]
                .as_array()
                .map(Vec::as_slice)
                .unwrap_or_default();
            let titles = articles
                .iter()
                .filter_map(|article| article["title"].as_str());
            titles.collect::<Vec<_>>().join("\n")
        }
        "template_card" => {
            let title = payload["main_title"]["title"].as_str().unwrap_or("");
            let desc = payload["main_title"]["desc"].as_str().unwrap_or("");
            format!("{title}\n{desc}\n{}", text("sub_title_text"))
        }
        _ => format!("[{kind}]"),
    }
}

/// A text that must be there and may have so many bytes.
fn required<'a>(payload: &'a Value, key: &str, most: usize) -> Result<&'a str, Refusal> {
    let text = payload[key]
        .as_str()
        .filter(|text| !text.is_empty())
        .ok_or_else(|| missing(key))?;
    if text.len() > most {
        Err(over_limit(key, most))
    } else {
        Ok(text)
    }
}

fn optional(payload: &Value, key: &str, most: usize) -> Result<(), Refusal> {
    if payload.get(key).is_none() {
        return Ok(());
    }
    match payload[key].as_str() {
        None => Err((40_035, format!("invalid parameter: {key}"))),
        Some(text) if text.len() > most => Err(over_limit(key, most)),
        Some(_) => Ok(()),
    }
}

fn content(payload: &Value) -> Result<&str, Refusal> {
    let text = payload["content"].as_str().unwrap_or("");
    if text.trim().is_empty() {
        Err((44_004, "empty content".into()))
    } else {
        Ok(text)
    }
}

fn check_text(sender: Sender, payload: &Value, notes: &mut Vec<String>) -> Result<(), Refusal> {
    let text = content(payload)?;
    for key in ["mentioned_list", "mentioned_mobile_list"] {
        let Some(list) = payload.get(key) else {
            continue;
        };
        let good = list
            .as_array()
            .is_some_and(|list| list.iter().all(Value::is_string));
        if !good {
            return Err((40_035, format!("invalid parameter: {key}")));
        }
    }
    if text.len() > TEXT_BYTES {
        if sender == Sender::Robot {
            return Err(over_limit("text.content", TEXT_BYTES));
        }
        notes.push(format!(
            "the text of {} bytes is cut at {TEXT_BYTES}",
            text.len()
        ));
    }
    Ok(())
}

fn check_markdown(
    sender: Sender,
    kind: &str,
    payload: &Value,
    notes: &mut Vec<String>,
) -> Result<(), Refusal> {
    let text = content(payload)?;
    match sender {
        Sender::Robot if text.len() > ROBOT_MARKDOWN_BYTES => {
            return Err(over_limit(&format!("{kind}.content"), ROBOT_MARKDOWN_BYTES));
        }
        Sender::App | Sender::Chat if text.len() > APP_MARKDOWN_BYTES => {
            return Err((45_002, "content size out of limit".into()));
        }
        _ => {}
    }
    if kind == "markdown_v2" && text.contains("<@") {
        notes.push("markdown_v2 mentions nobody".into());
    }
    Ok(())
}

fn check_card(payload: &Value) -> Result<(), Refusal> {
    required(payload, "title", TITLE_BYTES)?;
    required(payload, "description", DESCRIPTION_BYTES)?;
    required(payload, "url", URL_BYTES)?;
    let button = payload["btntxt"].as_str().unwrap_or("");
    if button.chars().count() > BUTTON_CHARS {
        return Err(over_limit("btntxt", BUTTON_CHARS));
    }
    Ok(())
}

fn check_news(payload: &Value) -> Result<(), Refusal> {
    let articles = payload["articles"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    if articles.is_empty() || articles.len() > MAX_ARTICLES {
        return Err((40_058, "articles: 1 to 8".into()));
    }
    for article in articles {
        required(article, "title", TITLE_BYTES)?;
        required(article, "url", URL_BYTES)?;
        optional(article, "description", DESCRIPTION_BYTES)?;
        optional(article, "picurl", URL_BYTES)?;
    }
    Ok(())
}

/// A picture inside the message: JPG or PNG as base64, with the MD5 of its bytes.
fn check_image(payload: &Value) -> Result<(), Refusal> {
    let text = required(payload, "base64", usize::MAX)?;
    let sum = required(payload, "md5", 32)?;
    let Ok(bytes) = STANDARD.decode(text) else {
        return Err((40_009, "invalid image size".into()));
    };
    let is_picture = bytes.starts_with(b"\x89PNG\r\n\x1a\n") || bytes.starts_with(b"\xff\xd8\xff");
    if bytes.len() > MAX_IMAGE_BYTES || !is_picture {
        return Err((40_009, "invalid image size".into()));
    }
    if hex::encode(Md5::digest(&bytes)) != sum.to_ascii_lowercase() {
        return Err((301_019, "media md5 not match".into()));
    }
    Ok(())
}

fn check_template(sender: Sender, card: &Value) -> Result<(), Refusal> {
    let kind = card["card_type"].as_str().unwrap_or("");
    let interactive = matches!(
        kind,
        "button_interaction" | "vote_interaction" | "multiple_interaction"
    );
    if !matches!(kind, "text_notice" | "news_notice") && (sender == Sender::Robot || !interactive) {
        return Err((40_035, format!("invalid parameter: card_type {kind:?}")));
    }
    let title = card["main_title"]["title"].as_str().unwrap_or("");
    let subtitle = card["sub_title_text"].as_str().unwrap_or("");
    if title.is_empty() && (kind != "text_notice" || subtitle.is_empty()) {
        return Err(missing("main_title.title"));
    }
    if !interactive {
        check_action(&card["card_action"])?;
    }
    for (key, most) in [
        ("horizontal_content_list", 6),
        ("jump_list", 3),
        ("button_list", 6),
    ] {
        let Some(list) = card.get(key) else { continue };
        if list.as_array().is_none_or(|list| list.len() > most) {
            return Err(over_limit(key, most));
        }
    }
    if interactive {
        check_task(card["task_id"].as_str().unwrap_or(""))?;
    }
    if kind == "button_interaction" {
        let buttons = card["button_list"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        if buttons.is_empty() {
            return Err(missing("button_list"));
        }
        for button in buttons {
            required(button, "text", usize::MAX)?;
            required(button, "key", 1_024)?;
        }
    }
    Ok(())
}

fn check_action(action: &Value) -> Result<(), Refusal> {
    match action["type"].as_i64() {
        Some(1) => required(action, "url", URL_BYTES).map(|_| ()),
        Some(2) => required(action, "appid", usize::MAX).map(|_| ()),
        _ => Err(missing("card_action")),
    }
}

fn check_task(id: &str) -> Result<(), Refusal> {
    let good = !id.is_empty()
        && id.len() <= 128
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-@".contains(&byte));
    if good {
        Ok(())
    } else {
        Err((40_035, format!("invalid parameter: task_id {id:?}")))
    }
}

/// The switches of an application's message are numbers, 0 or 1.
pub(super) fn check_switches(body: &Value) -> Result<(), Refusal> {
    for key in ["safe", "enable_id_trans", "enable_duplicate_check"] {
        let Some(value) = body.get(key) else { continue };
        if !matches!(value.as_i64(), Some(0 | 1)) {
            return Err((40_035, format!("invalid parameter: {key}")));
        }
    }
    let Some(interval) = body.get("duplicate_check_interval") else {
        return Ok(());
    };
    if matches!(interval.as_i64(), Some(1..=14_400)) {
        Ok(())
    } else {
        Err((40_035, "invalid parameter: duplicate_check_interval".into()))
    }
}
