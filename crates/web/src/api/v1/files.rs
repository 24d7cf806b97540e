//! `/api/v1/files`: files that are handed in, for mails and incidents.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, Request, State};
use axum::response::Response;
use balefire_core::file::FileName;
use balefire_core::time::Time;
use balefire_store::File;
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::query::Query;
use crate::error::Problem;
use crate::files::{hand_out, receive};
use crate::state::WebState;

/// A stored file.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FileView {
    /// 32 hexadecimal digits.
    #[schema(value_type = String)]
    id: Arc<str>,
    /// What became of the sender's name for it. Several files may have the same.
    #[schema(value_type = String)]
    name: Arc<str>,
    /// What it is, by its first bytes.
    #[schema(value_type = String)]
    media_type: Arc<str>,
    /// Its bytes.
    size: u64,
    /// When it was stored.
    #[schema(value_type = String, format = DateTime)]
    at: Time,
}

/// A page of files.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FilePage {
    /// Newest first.
    files: Vec<FileView>,
    /// What to give as `before` for the next page; absent at the end.
    next: Option<u64>,
}

fn view(file: File) -> FileView {
    FileView {
        id: file.id,
        name: file.name,
        media_type: file.media_type,
        size: file.size,
        at: file.at,
    }
}

fn unknown(id: &str) -> Problem {
    let id: String = id.chars().take(64).collect();
    Problem::not_found(&format!("no file has the id {id:?}"))
}

/// Stores a file: the body itself with its name in the query, or a form with the field `file`, of which the
/// first file counts. An answer below 300 means that it is on disk.
#[utoipa::path(
    post, path = "/api/v1/files", tag = "files",
    params(("name" = Option<String>, Query, description = "What the file is called; needed unless a form says it")),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 201, body = FileView),
        (status = 400, body = Problem, description = "No name, or a form without a file"),
        (status = 413, body = Problem, description = "Larger than files.upload_bytes, or no room within files.count and files.bytes"),
        (status = 507, body = Problem, description = "The disk is full"),
    )
)]
pub(crate) async fn put(
    State(state): State<WebState>,
    request: Request,
) -> Result<(StatusCode, Json<FileView>), Problem> {
    let query = Query::read(request.uri().query(), &["name"], &[])?;
    let name = query.text("name").map(FileName::of);
    let most = state.engine.plan().files.upload_bytes;
    match Box::pin(receive(&state.engine, request, name, most)).await {
        Ok(file) => Ok((StatusCode::CREATED, Json(view(file)))),
        Err(error) => Err(error.problem()),
    }
}

/// Files, newest first.
#[utoipa::path(
    get, path = "/api/v1/files", tag = "files",
    params(
        ("name" = Option<String>, Query, description = "Only files of this name"),
        ("before" = Option<u64>, Query, description = "What the page before gave as `next`"),
        ("limit" = Option<u32>, Query, description = "1 to 1000, default 100"),
    ),
    responses((status = 200, body = FilePage), (status = 400, body = Problem))
)]
pub(crate) async fn list(
    State(state): State<WebState>,
    RawQuery(query): RawQuery,
) -> Result<Json<FilePage>, Problem> {
    let query = Query::read(query.as_deref(), &["name", "before", "limit"], &[])?;
    let limit = query.limit()?;
    let before = query.number("before")?.map(|seq| seq.min(i64::MAX as u64));
    let name = query.text("name").map(FileName::of);
    let store = state.engine.store();
    let found = store
        .files(name.as_ref().map(FileName::as_str), before, limit)
        .await
        .map_err(|error| Problem::of_store(&error))?;
    let full = found.len() == limit;
    let next = found.last().filter(|_| full).map(|file| file.seq);
    let files = found.into_iter().map(view).collect();
    Ok(Json(FilePage { files, next }))
}

/// The bytes of a file. Always an attachment; one range of bytes may be asked for.
#[utoipa::path(
    get, path = "/api/v1/files/{id}", tag = "files",
    params(("id" = String, Path, description = "32 hexadecimal digits")),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 206, description = "The bytes of `Range`"),
        (status = 304, description = "As the client has it (`If-None-Match`)"),
        (status = 404, body = Problem),
        (status = 416, description = "The file has no such bytes"),
    )
)]
pub(crate) async fn one(
    State(state): State<WebState>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let (head, _) = request.into_parts();
    let found = state.engine.store().file(&id).await;
    let file = found.map_err(|error| Problem::of_store(&error))?;
    let file = file.ok_or_else(|| unknown(&id))?;
    Ok(hand_out(&state.engine, &head, &file))
}

/// Deletes a file. A mail that waits with it goes out without it, and says so.
#[utoipa::path(
    delete, path = "/api/v1/files/{id}", tag = "files",
    params(("id" = String, Path, description = "32 hexadecimal digits")),
    responses((status = 204, description = "It is gone"), (status = 404, body = Problem))
)]
pub(crate) async fn delete(
    State(state): State<WebState>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let removed = state.engine.remove_file(&id).await;
    if removed.map_err(|error| Problem::of_store(&error))? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(unknown(&id))
    }
}
