//! Files of Discord's messages: a form of `payload_json` and `files[n]`, and where they are shown.

use serde_json::Value;

use super::object;
use crate::provider::{Call, multipart};

/// Bytes of all files of a message.
const MAX_FILES: usize = 10 << 20;
/// Files of a message.
const MOST: usize = 10;

/// Why a call cannot be read: status, code and words.
pub(super) type Unread = (u16, i64, &'static str);

/// A file of a message, and whether an embed shows it.
pub(super) type Shown = (String, bool);

/// The body of a call, and the names of its files.
pub(super) fn read(call: &Call) -> Result<(Value, Vec<String>), Unread> {
    const JSON: Unread = (400, 50_109, "The request body contains invalid JSON.");
    const FORM: Unread = (400, 50_035, "Invalid Form Body");
    if !call.is_type("multipart/form-data") {
        return Ok((object(call).ok_or(JSON)?, Vec::new()));
    }
    let kind = call.header("content-type").unwrap_or_default();
    let parts = multipart::parts(kind, &call.body).ok_or(FORM)?;
    let (mut body, mut names, mut bytes) = (None, Vec::<String>::new(), 0);
    for (number, part) in parts.iter().enumerate() {
        if part.name == "payload_json" {
            body = serde_json::from_slice(part.bytes).ok();
            continue;
        }
        // The form begins with what the files belong to.
        let is_next = part.name == format!("files[{}]", number.saturating_sub(1));
        let name = part.filename.clone().filter(|name| !name.is_empty());
        let name = name.filter(|name| is_next && !names.contains(name));
        names.push(name.ok_or(FORM)?);
        bytes += part.bytes.len();
    }
    if bytes > MAX_FILES {
        return Err((413, 40_005, "Request entity too large"));
    }
    if names.len() > MOST {
        return Err(FORM);
    }
    let body: Value = body.ok_or(JSON)?;
    body.is_object().then_some((body, names)).ok_or(JSON)
}

/// Where files are shown below these embeds; an error where an embed names one that is not there.
pub(super) fn shown(body: &Value, names: &[String]) -> Result<Vec<Shown>, Unread> {
    let embeds = body["embeds"].as_array().into_iter().flatten();
    let urls = embeds.filter_map(|embed| embed["image"]["url"].as_str());
    let inside: Vec<&str> = urls
        .filter_map(|url| url.strip_prefix("attachment://"))
        .collect();
    let unknown = |name: &&str| !names.iter().any(|known| known == name);
    if inside.iter().any(unknown) {
        return Err((400, 50_035, "Invalid Form Body"));
    }
    let shown = |name: &String| (name.clone(), inside.contains(&name.as_str()));
    Ok(names.iter().map(shown).collect())
}
