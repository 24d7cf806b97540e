//! What the older clients send: JSON, whatever its content type says.

use axum::extract::Request;
use balefire_sources::json;
use serde_json::{Map, Value};

use crate::ingest::body;
use crate::state::WebState;

/// Largest body of a request without files.
const MOST: usize = 1 << 20;

/// A request whose body was read.
pub(super) struct Asked {
    /// Its body.
    pub(super) body: Vec<u8>,
}

/// Why a request could not be read, as the caller is told.
pub(super) struct Unread {
    /// The status that fits.
    pub(super) status: http::StatusCode,
    /// What is wrong.
    pub(super) why: String,
}

/// Reads a request within the usual bounds.
pub(super) async fn read(state: &WebState, request: Request) -> Result<Asked, Unread> {
    let (head, body) = request.into_parts();
    match body::read(&state.engine, &head.headers, body, MOST).await {
        Ok(whole) => Ok(Asked {
            body: whole.bytes().to_vec(),
        }),
        Err(error) => Err(Unread {
            status: error.status(),
            why: error.to_string(),
        }),
    }
}

impl Asked {
    /// The JSON object of the body, read as strictly as those of sources: no key comes twice.
    pub(super) fn object(&self) -> Result<Map<String, Value>, String> {
        match json::read(&self.body) {
            Ok(Value::Object(fields)) => Ok(fields),
            Ok(_) => Err("the body is not a JSON object".to_owned()),
            Err(error) => Err(format!("the body cannot be read as JSON: {error}")),
        }
    }
}

/// Whether Python would take a value for false: missing, null, `false`, 0, and what is empty.
pub(super) fn is_empty(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::Bool(truth)) => !truth,
        Some(Value::Number(number)) => number.as_f64() == Some(0.0),
        Some(Value::String(text)) => text.is_empty(),
        Some(Value::Array(items)) => items.is_empty(),
        Some(Value::Object(fields)) => fields.is_empty(),
    }
}

/// A value's text: strings as they are, numbers as written; `None` for anything else.
pub(super) fn text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Several names: a list of texts, or one text with commas.
pub(super) fn texts(value: Option<&Value>) -> Option<Vec<String>> {
    let trimmed = |text: &str| text.trim().to_owned();
    let mut all: Vec<String> = match value? {
        Value::String(text) => text.split(',').map(trimmed).collect(),
        Value::Array(items) => items
            .iter()
            .map(|item| item.as_str().map(trimmed))
            .collect::<Option<_>>()?,
        _ => return None,
    };
    all.retain(|text| !text.is_empty());
    Some(all)
}
