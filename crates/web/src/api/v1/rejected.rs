//! `/api/v1/rejected`: requests that were refused, so that "it never arrived" has an answer.

use std::sync::Arc;

use axum::Json;
use axum::extract::{RawQuery, State};
use balefire_core::time::Time;
use balefire_store::Rejected;
use serde::Serialize;
use utoipa::ToSchema;

use super::query::Query;
use crate::error::Problem;
use crate::state::WebState;

/// A request that was refused, or of which something was left out.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RejectedView {
    seq: u64,
    #[schema(value_type = String, format = DateTime)]
    at: Time,
    /// The source it came to, or `access`.
    #[schema(value_type = String)]
    source: Arc<str>,
    #[schema(value_type = String)]
    reason: Arc<str>,
    /// The beginning of its body; bytes that are not printable text are written as `\x00`.
    head: String,
}

/// A page of refused requests.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RejectedPage {
    /// Newest first.
    rejected: Vec<RejectedView>,
    /// What to give as `before` for the next page; absent at the end.
    next: Option<u64>,
}

fn view(rejected: Rejected) -> RejectedView {
    RejectedView {
        seq: rejected.seq,
        at: rejected.at,
        source: rejected.source,
        reason: rejected.reason,
        head: escaped(&rejected.head),
    }
}

/// Bytes as text: what is printable stays, line breaks and tabs too, all else is escaped.
fn escaped(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            if character.is_control() && !matches!(character, '\n' | '\t') {
                text.extend(character.escape_default());
            } else {
                text.push(character);
            }
        }
        for byte in chunk.invalid() {
            // Writing to a String cannot fail.
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text
}

/// Requests that were refused in whole or in part, newest first.
#[utoipa::path(
    get, path = "/api/v1/rejected", tag = "events",
    params(
        ("before" = Option<u64>, Query, description = "Requests before this number"),
        ("limit" = Option<u32>, Query, description = "1 to 1000, default 100"),
    ),
    responses((status = 200, body = RejectedPage), (status = 400, body = Problem))
)]
pub(crate) async fn list(
    State(state): State<WebState>,
    RawQuery(query): RawQuery,
) -> Result<Json<RejectedPage>, Problem> {
    let query = Query::read(query.as_deref(), &["before", "limit"], &[])?;
    let limit = query.limit()?;
    let before = query.number("before")?.map(|seq| seq.min(i64::MAX as u64));
    let store = state.engine.store();
    let found = store
        .rejected(before, limit)
        .await
        .map_err(|error| Problem::of_store(&error))?;
    let full = found.len() == limit;
    let next = found.last().filter(|_| full).map(|rejected| rejected.seq);
    let rejected = found.into_iter().map(view).collect();
    Ok(Json(RejectedPage { rejected, next }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_body_is_shown_as_harmless_text() {
        assert_eq!(escaped("磁盘 full\n".as_bytes()), "磁盘 full\n");
        assert_eq!(escaped(b"a\xffb\x1b[31m\0"), "a\\xffb\\u{1b}[31m\\u{0}");
        assert_eq!(escaped(b"<script>"), "<script>");
    }
}
