//! Handing a file out: headers that make it harmless, and its bytes as a stream.

use std::io;
use std::ops::RangeInclusive;
use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use balefire_engine::engine::Engine;
use balefire_store::{File, Store};
use bytes::Bytes;
use futures_util::stream;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use tokio::sync::{Semaphore, SemaphorePermit, mpsc};

use super::disposition::attachment;
use super::range::{Wanted, wanted};
use crate::error::Problem;

/// No script, no frame, no form: what a page in a file would want.
const POLICY: &str = "sandbox; default-src 'none'; frame-ancestors 'none'";
/// Files that are handed out at once; each holds a piece or two in memory.
static HANDED_OUT: Semaphore = Semaphore::const_new(64);
/// Bytes that are given to the connection at once.
const CHUNK: usize = 64 * 1024;
/// A reader who takes nothing for so long has gone; others wait for the place.
const STALLED: Duration = Duration::from_secs(30);

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
        let Ok(place) = HANDED_OUT.try_acquire() else {
            let detail = "too many files are being fetched, come back in a second";
            return Problem::busy(detail).into_response();
        };
        let all = bytes.clone().unwrap_or(0..=file.size - 1);
        streamed(engine.store().clone(), file.clone(), all, place)
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

fn streamed(
    store: Store,
    file: File,
    bytes: RangeInclusive<u64>,
    place: SemaphorePermit<'static>,
) -> Body {
    let (to, from) = mpsc::channel(1);
    // The reader cannot be waited for in the stream itself: it is not asked when nobody reads.
    tokio::spawn(async move {
        pour(&store, &file, bytes, to).await;
        drop(place);
    });
    Body::from_stream(stream::unfold(from, async |mut from| {
        from.recv().await.map(|chunk| (chunk, from))
    }))
}

async fn pour(
    store: &Store,
    file: &File,
    bytes: RangeInclusive<u64>,
    to: mpsc::Sender<io::Result<Bytes>>,
) {
    let size = File::PART as u64;
    for part in bytes.start() / size..=bytes.end() / size {
        let begin = part * size;
        let found = store.file_part(&file.id, part).await;
        let piece = found.map(|piece| Bytes::from(piece.unwrap_or_default()));
        let first = bytes.start().saturating_sub(begin) as usize;
        let end = (bytes.end() - begin + 1).min(size) as usize;
        let mut rest = match piece {
            Ok(piece) if piece.len() >= end => piece.slice(first..end),
            // The connection breaks, so that nobody takes half a file for the whole.
            Ok(_) => return fail(to, "the file is gone".to_owned()).await,
            Err(error) => return fail(to, error.to_string()).await,
        };
        while !rest.is_empty() {
            let chunk = rest.split_to(rest.len().min(CHUNK));
            let given = tokio::time::timeout(STALLED, to.send(Ok(chunk)));
            if !matches!(given.await, Ok(Ok(()))) {
                return;
            }
        }
    }
}

async fn fail(to: mpsc::Sender<io::Result<Bytes>>, why: String) {
    tracing::warn!(why, "a file could not be handed out to its end");
    let broken = to.send(Err(io::Error::other(why)));
    // The reader may be gone as well.
    let _ = tokio::time::timeout(STALLED, broken).await;
}
