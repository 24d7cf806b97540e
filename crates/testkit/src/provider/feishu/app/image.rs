//! `POST /open-apis/im/v1/images`: a picture for messages, and the key that these name it by.

use serde_json::{Value, json};

use super::{Refusal, State, refuse};
use crate::provider::{Call, multipart};

/// Largest picture.
const MAX_IMAGE: usize = 10 << 20;

/// Takes a picture: a form of `image_type` and `image`.
pub(super) fn take(call: &Call, state: &mut State) -> Result<Value, Refusal> {
    let kind = call.header("content-type").unwrap_or_default();
    let parts = multipart::parts(kind, &call.body).unwrap_or_default();
    let part = |name: &str| parts.iter().find(|part| part.name == name);
    if part("image_type").map(|part| part.bytes) != Some(b"message") {
        return refuse(234_001, "Invalid request param.");
    }
    let Some(image) = part("image").filter(|part| part.filename.is_some()) else {
        return refuse(234_001, "Invalid request param.");
    };
    if image.bytes.is_empty() {
        return refuse(234_010, "File's size can't be 0.");
    }
    if image.bytes.len() > MAX_IMAGE {
        return refuse(234_006, "The file size exceed the max value.");
    }
    let begins: [&[u8]; 4] = [b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF"];
    if !begins.iter().any(|begin| image.bytes.starts_with(begin)) {
        return refuse(234_011, "Can't recognize the image format.");
    }
    let key = format!("img_sim_{:04}", state.images.len() + 1);
    state.images.insert(key.clone());
    Ok(json!({"code": 0, "msg": "success", "data": {"image_key": key}}))
}

/// Whether every key that a content names is of a picture that is there.
pub(super) fn check(content: &Value, state: &State) -> Result<(), Refusal> {
    match content {
        Value::Array(items) => items.iter().try_for_each(|item| check(item, state)),
        Value::Object(fields) => fields.iter().try_for_each(|(name, field)| {
            let is_key = matches!(name.as_str(), "img_key" | "image_key");
            match field.as_str().filter(|_| is_key) {
                Some(key) if !state.images.contains(key) => refuse(
                    230_099,
                    "Failed to create card content, ext=invalid image key",
                ),
                _ => check(field, state),
            }
        }),
        _ => Ok(()),
    }
}
