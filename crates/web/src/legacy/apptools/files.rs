//! `POST /upload_file` and what it stored, at `/static/files/<name>`: the newest of a name, or any by its id.

use axum::extract::{Path, Request, State};
use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;

use super::off;
use crate::error::Problem;
use crate::files::{hand_out, receive};
use crate::state::WebState;

/// What the older clients look for.
const DONE: &str = "finished!";
const FORM: &str = "<!DOCTYPE html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>上传文件</title></head>\
    <body><form method=\"post\" enctype=\"multipart/form-data\"><input type=\"file\" name=\"file\" required> \
    <input type=\"submit\" value=\"上传\"></form></body></html>\n";

pub(super) async fn form(State(state): State<WebState>) -> Response {
    if state.engine.plan().legacy.apptools.is_none() {
        return off("apptools");
    }
    Html(FORM).into_response()
}

/// Stores the first file of the form; the rest of the form counts for nothing.
pub(super) async fn upload(State(state): State<WebState>, request: Request) -> Response {
    let engine = &state.engine;
    let plan = engine.plan();
    let Some(tools) = &plan.legacy.apptools else {
        return off("apptools");
    };
    let most = tools.upload_bytes.unwrap_or(plan.files.upload_bytes);
    match Box::pin(receive(engine, request, None, most)).await {
        Ok(_) => Html(DONE).into_response(),
        Err(error) => {
            let problem = error.problem();
            engine.reject("apptools", &problem.detail, &[]).await;
            let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::BAD_REQUEST);
            (status, problem.detail).into_response()
        }
    }
}

/// Hands a file out; a path is no name, so that nothing but files is ever found.
pub(super) async fn file(
    State(state): State<WebState>,
    Path(asked): Path<String>,
    request: Request,
) -> Response {
    if state.engine.plan().legacy.apptools.is_none() {
        return off("apptools");
    }
    let (head, _) = request.into_parts();
    match state.engine.find_file(&asked).await {
        Ok(Some(file)) => hand_out(&state.engine, &head, &file),
        Ok(None) => Problem::not_found("there is no file of this name").into_response(),
        Err(error) => Problem::of_store(&error).into_response(),
    }
}
