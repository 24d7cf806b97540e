//! JSON bodies, read strictly: bounded, of JSON's media type, without unknown fields.

use axum::extract::Request;
use balefire_engine::engine::Engine;
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::query::unknown;
use crate::error::Problem;
use crate::ingest::body;

/// Largest body of this interface, in bytes.
pub(crate) const MOST_BYTES: usize = 256 * 1024;

/// A body that is an object with known fields.
pub(crate) trait Fields: DeserializeOwned {
    /// The fields there are, for naming the nearest one.
    const FIELDS: &'static [&'static str];
}

/// The request's head and its body's bytes.
pub(crate) async fn bytes(
    engine: &Engine,
    request: Request,
) -> Result<(HeaderMap, Bytes), Problem> {
    let (head, stream) = request.into_parts();
    let whole = body::read(engine, &head.headers, stream, MOST_BYTES)
        .await
        .map_err(|error| Problem::new(error.status(), "body", &error.to_string()))?;
    let bytes = Bytes::copy_from_slice(whole.bytes());
    Ok((head.headers, bytes))
}

/// Reads a JSON object. Browsers cannot send JSON's media type across sites without asking first, so
/// any other one is refused.
pub(crate) fn json<T: Fields>(headers: &HeaderMap, bytes: &[u8]) -> Result<T, Problem> {
    let media_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .map(|value| value.trim().to_ascii_lowercase());
    if media_type.as_deref() != Some("application/json") {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "media_type",
            "send Content-Type: application/json",
        ));
    }
    // serde would take the fields from a list in their order, too.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(Problem::bad_request("the body is a JSON object"));
    }
    serde_json::from_slice(bytes).map_err(|error| {
        let detail = unknown_field::<T>(bytes).unwrap_or_else(|| error.to_string());
        Problem::bad_request(&detail)
    })
}

/// The words for the first field that does not exist, if that is what is wrong.
fn unknown_field<T: Fields>(bytes: &[u8]) -> Option<String> {
    let value: Value = serde_json::from_slice(bytes).ok()?;
    let name = value
        .as_object()?
        .keys()
        .find(|name| !T::FIELDS.contains(&name.as_str()))?;
    Some(unknown("field", name, T::FIELDS.iter().copied()))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        title: String,
    }

    impl Fields for Sample {
        const FIELDS: &'static [&'static str] = &["title"];
    }

    fn read(media_type: &'static str, body: &str) -> Result<Sample, Problem> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        json(&headers, body.as_bytes())
    }

    #[test]
    fn only_jsons_own_media_type_is_read() {
        let body = r#"{"title": "x"}"#;
        assert!(read("application/json; charset=utf-8", body).is_ok());
        for other in ["text/plain", "application/x-www-form-urlencoded", ""] {
            assert_eq!(read(other, body).expect_err("refused").status, 415);
        }
    }

    #[test]
    fn unknown_and_repeated_fields_are_refused_with_a_hint() {
        let detail = |body| read("application/json", body).expect_err("refused").detail;
        assert_eq!(
            detail(r#"{"title": "x", "titel": 1}"#),
            "unknown field \"titel\", did you mean \"title\"?"
        );
        assert!(detail(r#"{"title": "x", "title": "y"}"#).contains("duplicate field"));
        assert!(detail(r#"{"title": "x""#).contains("EOF"));
        assert!(detail(r#"["x"]"#).contains("object"));
        let deep = format!(r#"{{"title": {}"#, "[".repeat(100_000));
        assert!(detail(&deep).contains("invalid type"));
    }
}
