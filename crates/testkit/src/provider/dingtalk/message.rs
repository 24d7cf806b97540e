//! The body of a robot's message: which fields each type must have.

use serde_json::Value;

use super::Refusal;

/// People that one message may mention.
const MAX_MENTIONS: usize = 50;

/// Checks a body; adds to `notes` what the vendor lets pass and a reader will miss.
pub(super) fn check(body: &Value, notes: &mut Vec<String>) -> Result<(), Refusal> {
    if !body.is_object() {
        return Err((40_035, "missing json".into()));
    }
    let kind = body["msgtype"].as_str().unwrap_or("");
    match kind {
        "text" => require(body, &["/text/content"])?,
        "link" => require(body, &["/link/title", "/link/text", "/link/messageUrl"])?,
        "markdown" => require(body, &["/markdown/title", "/markdown/text"])?,
        "actionCard" => {
            require(body, &["/actionCard/title", "/actionCard/text"])?;
            check_buttons(&body["actionCard"])?;
        }
        "feedCard" => each(&body["feedCard"]["links"], "feedCard.links", |link| {
            require(link, &["/title", "/messageURL", "/picURL"])
        })?,
        _ => return Err((400_105, format!("unsupported msgtype: {kind}"))),
    }
    if let Some(id) = body.get("msgUuid")
        && id.as_str().is_none_or(str::is_empty)
    {
        return Err(parameter("msgUuid"));
    }
    check_mentions(body, kind, notes)
}

/// What people see of a message.
pub(super) fn shown(body: &Value) -> String {
    let at = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).unwrap_or("");
    let both = |title: &str, text: &str| format!("{}\n{}", at(title), at(text));
    match at("/msgtype") {
        "text" => at("/text/content").to_owned(),
        "link" => both("/link/title", "/link/text"),
        "markdown" => both("/markdown/title", "/markdown/text"),
        "actionCard" => both("/actionCard/title", "/actionCard/text"),
        "feedCard" => {
            let links = body["feedCard"]["links"]
                .as_array()
                .map(Vec::as_slice)
                .unwrap_or_default();
            let titles = links.iter().filter_map(|link| link["title"].as_str());
            titles.collect::<Vec<_>>().join("\n")
        }
        _ => String::new(),
    }
}

fn parameter(name: &str) -> Refusal {
    (40_035, format!("invalid parameter: {name}"))
}

fn require(value: &Value, pointers: &[&str]) -> Result<(), Refusal> {
    for pointer in pointers {
        let text = value.pointer(pointer).and_then(Value::as_str).unwrap_or("");
        if text.trim().is_empty() {
            return Err(parameter(pointer.trim_start_matches('/')));
        }
    }
    Ok(())
}

fn each(
    list: &Value,
    name: &str,
    check: impl Fn(&Value) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    match list.as_array() {
        Some(items) if !items.is_empty() => items.iter().try_for_each(check),
        _ => Err(parameter(name)),
    }
}

/// Either one `singleTitle` with its `singleURL`, or a list of buttons, which it hides.
fn check_buttons(card: &Value) -> Result<(), Refusal> {
    if card.get("singleTitle").is_some() || card.get("singleURL").is_some() {
        return require(card, &["/singleTitle", "/singleURL"]);
    }
    each(&card["btns"], "actionCard.btns", |button| {
        require(button, &["/title", "/actionURL"])
    })
}

fn check_mentions(body: &Value, kind: &str, notes: &mut Vec<String>) -> Result<(), Refusal> {
    let Some(at) = body.get("at") else {
        return Ok(());
    };
    if !at.is_object() {
        return Err(parameter("at"));
    }
    if at.get("isAtAll").is_some_and(|all| !all.is_boolean()) {
        return Err(parameter("at.isAtAll"));
    }
    let mut people = Vec::new();
    for key in ["atMobiles", "atUserIds"] {
        let Some(list) = at.get(key) else { continue };
        let list = list.as_array().ok_or_else(|| parameter(key))?;
        for item in list {
            people.push(item.as_str().ok_or_else(|| parameter(key))?);
        }
    }
    if people.len() > MAX_MENTIONS {
        return Err((40_035, "at: more than 50 people".into()));
    }
    let named = !people.is_empty() || at["isAtAll"] == true;
    if named && matches!(kind, "link" | "feedCard") {
        notes.push(format!("{kind} messages mention nobody"));
    }
    // A text gets the missing `@…` from DingTalk; in Markdown the writer must put it.
    if matches!(kind, "markdown" | "actionCard") {
        let text = body[kind]["text"].as_str().unwrap_or("");
        for person in people
            .iter()
            .filter(|person| !text.contains(&format!("@{person}")))
        {
            notes.push(format!(
                "@{person} is not in the text and will not light up"
            ));
        }
    }
    Ok(())
}
