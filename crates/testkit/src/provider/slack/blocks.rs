//! Block Kit: which blocks a message may have, and how long their parts may be.

use std::collections::BTreeSet;

use serde_json::Value;

/// Blocks of one message.
const MAX_BLOCKS: usize = 50;

/// Checks a list of blocks; the error names the block and the rule.
pub(super) fn check(blocks: &[Value]) -> Result<(), String> {
    if blocks.len() > MAX_BLOCKS {
        return Err("no more than 50 items allowed [json-pointer:/blocks]".into());
    }
    let mut ids = BTreeSet::new();
    for (index, block) in blocks.iter().enumerate() {
        check_block(block).map_err(|why| format!("{why} [json-pointer:/blocks/{index}]"))?;
        if let Some(id) = block["block_id"].as_str()
            && !ids.insert(id)
        {
            return Err(format!(
                "block_id {id:?} is used twice [json-pointer:/blocks/{index}]"
            ));
        }
    }
    Ok(())
}

/// The texts of a list of blocks, in order.
pub(super) fn gather<'a>(blocks: &'a Value, words: &mut Vec<&'a str>) {
    for block in blocks.as_array().map(Vec::as_slice).unwrap_or_default() {
        // Markdown blocks have their text as a string, the others as an object.
        words.extend(block["text"].as_str().or(block["text"]["text"].as_str()));
        for key in ["fields", "elements"] {
            for item in block[key].as_array().map(Vec::as_slice).unwrap_or_default() {
                words.extend(item["text"].as_str().or(item["text"]["text"].as_str()));
            }
        }
    }
}

fn check_block(block: &Value) -> Result<(), String> {
    length(block, "block_id", 255)?;
    match block["type"].as_str().unwrap_or("") {
        "header" => text(&block["text"], &["plain_text"], 150),
        "section" => check_section(block),
        "context" => {
            let elements = items(block, "elements", 10)?;
            elements.iter().try_for_each(|element| {
                if element["type"] == "image" {
                    image(element)
                } else {
                    any_text(element, 3_000)
                }
            })
        }
        "actions" => items(block, "elements", 25)?
            .iter()
            .try_for_each(check_element),
        "image" => image(block),
        "markdown" => {
            let words = block["text"].as_str().filter(|words| !words.is_empty());
            at_most(words.ok_or("missing required field: text")?, "text", 12_000)
        }
        "divider" | "rich_text" | "file" | "video" | "table" | "input" => Ok(()),
        "" => Err("missing required field: type".into()),
        other => Err(format!("unsupported type: {other}")),
    }
}

fn check_section(block: &Value) -> Result<(), String> {
    let has_fields = block.get("fields").is_some();
    if block.get("text").is_none() && !has_fields {
        return Err("a section needs text or fields".into());
    }
    if block.get("text").is_some() {
        any_text(&block["text"], 3_000)?;
    }
    if has_fields {
        items(block, "fields", 10)?
            .iter()
            .try_for_each(|field| any_text(field, 2_000))?;
    }
    if let Some(accessory) = block.get("accessory") {
        check_element(accessory)?;
    }
    Ok(())
}

fn check_element(element: &Value) -> Result<(), String> {
    length(element, "action_id", 255)?;
    match element["type"].as_str() {
        None => Err("missing required field: type".into()),
        Some("button") => {
            text(&element["text"], &["plain_text"], 75)?;
            length(element, "value", 2_000)?;
            length(element, "url", 3_000)?;
            match element.get("style").map(|style| style.as_str()) {
                None | Some(Some("primary" | "danger")) => Ok(()),
                Some(_) => Err("style must be primary or danger".into()),
            }
        }
        Some("image") => image(element),
        Some(_) => Ok(()),
    }
}

fn image(value: &Value) -> Result<(), String> {
    if value["image_url"].as_str().is_none() && value.get("slack_file").is_none() {
        return Err("missing required field: image_url".into());
    }
    if value["alt_text"].as_str().is_none() {
        return Err("missing required field: alt_text".into());
    }
    length(value, "image_url", 3_000)?;
    length(value, "alt_text", 2_000)
}

fn items<'a>(block: &'a Value, key: &str, most: usize) -> Result<&'a [Value], String> {
    match block[key].as_array() {
        Some(list) if list.is_empty() => Err(format!("{key} must not be empty")),
        Some(list) if list.len() > most => Err(format!("no more than {most} {key} allowed")),
        Some(list) => Ok(list),
        None => Err(format!("missing required field: {key}")),
    }
}

fn any_text(value: &Value, most: usize) -> Result<(), String> {
    text(value, &["plain_text", "mrkdwn"], most)
}

/// A text object of one of these types.
fn text(value: &Value, types: &[&str], most: usize) -> Result<(), String> {
    let kind = value["type"].as_str().unwrap_or("");
    if !types.contains(&kind) {
        return Err(format!("a text object has type {}", types.join(" or ")));
    }
    match value["text"].as_str() {
        Some(words) if !words.is_empty() => at_most(words, "text", most),
        _ => Err("must be more than 0 characters".into()),
    }
}

fn length(value: &Value, key: &str, most: usize) -> Result<(), String> {
    match value.get(key) {
        None => Ok(()),
        Some(Value::String(words)) => at_most(words, key, most),
        Some(_) => Err(format!("{key} must be a string")),
    }
}

fn at_most(words: &str, key: &str, most: usize) -> Result<(), String> {
    if words.chars().count() > most {
        return Err(format!("{key} must be less than {} characters", most + 1));
    }
    Ok(())
}
