//! The body of a bot's message: `content` for most types, `card` for cards.

use serde_json::Value;

/// Deepest nesting of a card that is looked into.
const MAX_DEPTH: usize = 32;

/// Checks a body; the error says which field is wrong.
pub(super) fn check(body: &Value) -> Result<(), String> {
    let kind = body["msg_type"].as_str().ok_or("msg_type is missing")?;
    let content = &body["content"];
    match kind {
        "text" => filled(content, "text"),
        "image" => filled(content, "image_key"),
        "share_chat" => filled(content, "share_chat_id"),
        "post" => check_post(&content["post"]),
        "interactive" => check_card(&body["card"]),
        _ => Err(format!("msg_type {kind:?} is unknown")),
    }
}

/// What people see of a message.
pub(super) fn shown(body: &Value) -> String {
    let mut words = Vec::new();
    match body["msg_type"].as_str().unwrap_or("") {
        "interactive" => gather(&body["card"], 0, &mut words),
        "post" => gather(&body["content"]["post"], 0, &mut words),
        _ => gather(&body["content"], 0, &mut words),
    }
    words.join("\n")
}

/// The texts of a card or post in their order.
fn gather<'a>(value: &'a Value, depth: usize, words: &mut Vec<&'a str>) {
    if depth > MAX_DEPTH {
        return;
    }
    match value {
        Value::Array(items) => items.iter().for_each(|item| gather(item, depth + 1, words)),
        Value::Object(fields) => {
            for (key, field) in fields {
                match field {
                    Value::String(text) => {
                        if matches!(key.as_str(), "text" | "content" | "title") {
                            words.push(text);
                        }
                    }
                    other => gather(other, depth + 1, words),
                }
            }
        }
        _ => {}
    }
}

fn filled(value: &Value, key: &str) -> Result<(), String> {
    match value[key].as_str() {
        Some(text) if !text.trim().is_empty() => Ok(()),
        _ => Err(format!("{key} is missing")),
    }
}

/// `post.{locale}` = title and paragraphs, each a list of tagged pieces.
fn check_post(post: &Value) -> Result<(), String> {
    let locales = post.as_object().filter(|locales| !locales.is_empty());
    for (locale, page) in locales.ok_or("content.post is missing")? {
        if !matches!(
            locale.as_str(),
            "zh_cn" | "en_us" | "ja_jp" | "zh_hk" | "zh_tw"
        ) {
            return Err(format!("post.{locale} is no language"));
        }
        let paragraphs = page["content"].as_array().filter(|list| !list.is_empty());
        for paragraph in paragraphs.ok_or_else(|| format!("post.{locale}.content is missing"))? {
            for piece in paragraph.as_array().ok_or("a paragraph is a list")? {
                check_piece(piece)?;
            }
        }
    }
    Ok(())
}

fn check_piece(piece: &Value) -> Result<(), String> {
    match piece["tag"].as_str().unwrap_or("") {
        "text" if piece["text"].is_string() => Ok(()),
        "a" => filled(piece, "text").and_then(|()| filled(piece, "href")),
        "at" => filled(piece, "user_id"),
        "img" => filled(piece, "image_key"),
        tag => Err(format!("a piece with tag {tag:?} is not understood")),
    }
}

/// A card of schema 1 has `elements`, one of schema 2.0 `body.elements`; buttons of a hook's card
/// can only be links.
fn check_card(card: &Value) -> Result<(), String> {
    if !card.is_object() {
        return Err("card is missing".into());
    }
    let two = card["schema"] == "2.0";
    let elements = if two {
        &card["body"]["elements"]
    } else {
        &card["elements"]
    };
    let list = elements
        .as_array()
        .filter(|list| !list.is_empty())
        .ok_or("elements is missing")?;
    if let Some(header) = card.get("header") {
        check_words(&header["title"])?;
    }
    list.iter()
        .try_for_each(|element| check_element(element, two))
}

fn check_words(words: &Value) -> Result<(), String> {
    match words["tag"].as_str() {
        Some("plain_text" | "lark_md") => filled(words, "content"),
        _ => Err("a text has the tag plain_text or lark_md".into()),
    }
}

fn check_element(element: &Value, two: bool) -> Result<(), String> {
    match element["tag"].as_str().unwrap_or("") {
        "markdown" => filled(element, "content"),
        "div" => {
            let fields = element["fields"]
                .as_array()
                .map(Vec::as_slice)
                .unwrap_or_default();
            if fields.is_empty() {
                return check_words(&element["text"]);
            }
            fields
                .iter()
                .try_for_each(|field| check_words(&field["text"]))
        }
        "note" => {
            let parts = element["elements"]
                .as_array()
                .ok_or("a note has elements")?;
            parts.iter().try_for_each(check_words)
        }
        "action" if two => Err("schema 2.0 has no action element".into()),
        "action" => {
            let buttons = element["actions"]
                .as_array()
                .filter(|list| !list.is_empty());
            buttons
                .ok_or("an action has actions")?
                .iter()
                .try_for_each(check_button)
        }
        "button" => check_button(element),
        "" => Err("an element has no tag".into()),
        _ => Ok(()),
    }
}

fn check_button(button: &Value) -> Result<(), String> {
    if button["tag"] != "button" {
        return Ok(());
    }
    check_words(&button["text"])?;
    let is_link = |url: &Value| url.as_str().is_some_and(|url| url.starts_with("http"));
    let behaviours = button["behaviors"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let linked = is_link(&button["url"])
        || is_link(&button["multi_url"]["url"])
        || behaviours
            .iter()
            .any(|one| one["type"] == "open_url" && is_link(&one["default_url"]));
    if linked {
        Ok(())
    } else {
        Err("a button of a bot's card must be a link".into())
    }
}
