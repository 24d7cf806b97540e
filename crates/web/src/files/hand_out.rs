//! Handing a file out: headers that make it harmless, and its bytes as a stream.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use balefire_engine::engine::{Engine, FileBytes};
use balefire_store::File;
use futures_util::stream;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

use super::disposition::attachment;
use super::range::{Wanted, wanted};
use crate::error::Problem;

/// No script, no frame, no form: what a page in a file would want.
const POLICY: &str = "sandbox; default-src 'none'; frame-ancestors 'none'";
/// The answer to `GET` or `HEAD` for a file.
pub(crate) fn hand_out(engine: &Engine, head: &Parts, file: &File) -> Response {
    let etag = format!("\"{}\"", file.id);
    if matches_etag(&head.headers, header::IF_NONE_MATCH, &etag) {
        return (StatusCode::NOT_MODIFIED, common(file, &etag)).into_response();
    }
    // A range of another version would not fit to what the client has.
    let same = !head.headers.contains_key(header::IF_RANGE)
        || head
            .headers
            .get(header::IF_RANGE)
            .map(HeaderValue::as_bytes)
            == Some(etag.as_bytes());
    let range = head.headers.get(header::RANGE);
    let range = range.filter(|_| same && head.method == Method::GET);
    let range = range.and_then(|value| value.to_str().ok());
    let (status, bytes) = match wanted(range.unwrap_or_default(), file.size) {
        Wanted::Whole => (StatusCode::OK, None),
        Wanted::Part(bytes) => (StatusCode::PARTIAL_CONTENT, Some(bytes)),
        Wanted::Beyond => {
            let there = [(header::CONTENT_RANGE, format!("bytes */{}", file.size))];
            return (StatusCode::RANGE_NOT_SATISFIABLE, there).into_response();
        }
    };
    let length = bytes
        .as_ref()
        .map_or(file.size, |bytes| bytes.end() - bytes.start() + 1);
    let body = if head.method == Method::HEAD || length == 0 {
        Body::empty()
    } else {
        let all = bytes.clone().unwrap_or(0..=file.size - 1);
        match engine.read_file(file, all) {
            Ok(bytes) => streamed(bytes),
            Err(error) => return Problem::busy(&error.to_string()).into_response(),
        }
    };
    let mut headers = common(file, &etag);
    headers.insert(header::CONTENT_LENGTH, length.into());
    if let Some(bytes) = bytes {
        let (first, last) = bytes.into_inner();
        insert(
            &mut headers,
            header::CONTENT_RANGE,
            &format!("bytes {first}-{last}/{}", file.size),
        );
    }
    (status, headers, body).into_response()
}

fn common(file: &File, etag: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    insert(&mut headers, header::CONTENT_TYPE, &file.media_type);
    insert(
        &mut headers,
        header::CONTENT_DISPOSITION,
        &attachment(&file.name),
    );
    insert(&mut headers, header::ETAG, etag);
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "private, no-cache"),
        (header::ACCEPT_RANGES, "bytes"),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
}

/// All of them are ASCII without control characters by how they were made.
fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// Whether a list of entity tags has ours.
fn matches_etag(headers: &HeaderMap, name: HeaderName, etag: &str) -> bool {
    let lines = headers.get_all(name).into_iter();
    let mut tags = lines.flat_map(|line| line.to_str().unwrap_or_default().split(','));
    tags.any(|tag| {
        let tag = tag.trim();
        tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag
    })
}

/// The body breaks off with an error of the store, so that nobody takes half a file for the whole.
fn streamed(bytes: FileBytes) -> Body {
    Body::from_stream(stream::unfold(bytes, async |mut bytes| {
        let chunk = bytes.recv().await?;
        if let Err(error) = &chunk {
            tracing::warn!(%error, "a file could not be handed out to its end");
        }
        Some((chunk, bytes))
    }))
}
