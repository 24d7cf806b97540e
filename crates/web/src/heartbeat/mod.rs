//! `/hb/{token}`: what jobs say of themselves, by the simplest request they can make.
//!
//! `GET`, `HEAD` or `POST` to `/hb/TOKEN` is a success; `/start`, `/fail`, `/log` and an exit code may follow. The
//! answer is `OK` once the signal is on disk. `?rid=UUID` says of which run a signal is, so that runs may overlap. The token is all that it takes; it is looked up by its hash, and an
//! unknown one is as if there were nothing.

mod often;
mod words;

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use balefire_core::heartbeat::{RunId, Signal};
use balefire_engine::heartbeats::Heard;
use http::StatusCode;
use url::form_urlencoded;

use self::often::Often;
use crate::access::ClientAddress;
use crate::error::Problem;
use crate::state::WebState;

/// The name under which unknown tokens are recorded.
const NAME: &str = "heartbeat";

pub(crate) fn routes() -> Router<WebState> {
    Router::new()
        .route("/hb/{token}", get(ping).post(ping))
        .route("/hb/{token}/", get(ping).post(ping))
        .route("/hb/{token}/{signal}", get(ping).post(ping))
        .layer(Extension(Arc::new(Often::new())))
}

/// The path's parts: the token, and what the job says.
type Parts = Path<Vec<(String, String)>>;

async fn ping(
    State(state): State<WebState>,
    Extension(often): Extension<Arc<Often>>,
    Path(path): Parts,
    request: Request,
) -> Response {
    let part = |name: &str| {
        let mut parts = path.iter().filter(|(key, _)| key == name);
        parts.next().map_or("", |(_, value)| value.as_str())
    };
    let Some(heartbeat) = state.engine.heartbeat_of_token(part("token")).await else {
        let reason = "a heartbeat came with a token that nobody has";
        state.engine.reject(NAME, reason, &[]).await;
        return Problem::not_found("no heartbeat has this token").into_response();
    };
    let Some(signal) = Signal::read(part("signal")) else {
        let detail =
            "after the token comes nothing, start, fail, log or an exit code from 0 to 255";
        return Problem::not_found(detail).into_response();
    };
    if let Err(seconds) = often.check(&heartbeat.name) {
        return Problem::too_often(seconds).into_response();
    }
    let (parts, body) = request.into_parts();
    let run = run(parts.uri.query());
    let sender = parts.extensions.get::<ClientAddress>();
    let sender = sender.map_or_else(String::new, |address| address.0.to_string());
    let heard = Heard {
        signal,
        run,
        sender: sender.into(),
        // A signal counts whatever becomes of the words with it.
        body: words::read(body).await.into(),
    };
    match state.engine.hear(&heartbeat, heard).await {
        Ok(()) => (StatusCode::OK, "OK").into_response(),
        Err(error) => Problem::of_store(&error).into_response(),
    }
}

/// The run that a query names (`rid`); one that is no UUID is none, since that a job has run counts anyway.
fn run(query: Option<&str>) -> Option<RunId> {
    let mut pairs = form_urlencoded::parse(query?.as_bytes());
    let (_, id) = pairs.find(|(key, _)| key == "rid")?;
    RunId::read(&id)
}
