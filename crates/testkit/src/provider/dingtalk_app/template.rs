//! The robot's message: `msgKey`, and `msgParam`, which is JSON in a text.

use serde_json::Value;

use super::{Named, text};

/// Largest `msgParam` in bytes.
const MAX_BYTES: usize = 15_000;

/// Checks a robot's message.
pub(super) fn check(body: &Value) -> Result<(), Named> {
    let key = text(body, "msgKey")?;
    let parameters = text(body, "msgParam")?;
    if parameters.len() > MAX_BYTES {
        let words = format!("msgParam exceeds {MAX_BYTES} bytes");
        return Err((400, "invalidParameter.msgParam.tooLong", words));
    }
    let parameters: Value = serde_json::from_str(parameters).unwrap_or_default();
    let required: &[&str] = match key {
        "sampleText" => &["content"],
        "sampleMarkdown" => &["title", "text"],
        "sampleActionCard" => &["title", "text", "singleTitle", "singleURL"],
        "sampleLink" => &["title", "text", "picUrl", "messageUrl"],
        _ => return Err((400, "invalidParameter.msgKey.invalid", key.to_owned())),
    };
    for name in required {
        let value = parameters[name].as_str().unwrap_or_default();
        if value.trim().is_empty() {
            let words = format!("msgParam.{name} is missing");
            return Err((400, "invalidParameter.msgParam.invalid", words));
        }
    }
    Ok(())
}

/// What people see of it.
pub(super) fn shown(body: &Value) -> String {
    let parameters = body["msgParam"].as_str().unwrap_or_default();
    let parameters: Value = serde_json::from_str(parameters).unwrap_or_default();
    let parts = ["title", "content", "text"];
    let shown = parts.iter().filter_map(|part| parameters[*part].as_str());
    shown.collect::<Vec<_>>().join("\n")
}
