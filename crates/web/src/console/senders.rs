//! What to paste where, so that a first alert arrives; and the button that sends one.

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use balefire_config::plan::Plan;
use balefire_core::label::Labels;
use balefire_engine::engine::Engine;
use balefire_engine::ingest::Sender;
use balefire_sources::registry;
use balefire_sources::setup;
use balefire_sources::spec::Inbound;
use serde::Serialize;
use serde_json::Value;

use super::address::Address;
use super::shell::links;
use super::words::Viewer;
use crate::error::Problem;
use crate::state::WebState;

/// Snippets with the right addresses in them.
#[derive(Debug, Serialize)]
pub(super) struct Senders {
    curl: String,
    prometheus: String,
    grafana: String,
    /// Whether a token must be added.
    token: bool,
    /// The query of the test button, to come back in the same language.
    query: &'static str,
}

impl Senders {
    pub(super) fn of(plan: &Plan, viewer: &Viewer) -> Self {
        let url = plan.server.external_url.trim_end_matches('/');
        let token = !plan.access.tokens.is_empty() || !plan.access.users.is_empty();
        let authorization = if token {
            " -H 'Authorization: Bearer TOKEN'"
        } else {
            ""
        };
        let query = match (viewer.chosen, viewer.tag()) {
            (false, _) => "",
            (true, "en") => "?lang=en",
            (true, _) => "?lang=zh",
        };
        Self {
            curl: format!("curl{authorization} -d 'disk full on web-1' {url}/in/inbox"),
            prometheus: setup::alertmanagers(url, token),
            grafana: format!("{url}/in/inbox"),
            token,
            query,
        }
    }
}

/// `POST /console/test-alert`: an alert of our own through the front door, then back to the inbox.
pub(super) async fn test_alert(State(state): State<WebState>, request: Request) -> Response {
    let address = Address::of(request.uri().query());
    let viewer = Viewer::of(&state, address.lang.as_deref(), request.headers());
    match accept(&state.engine, &viewer.word("console-test-words")).await {
        Ok(()) => Redirect::to(&links(&state, &viewer).home()).into_response(),
        Err(problem) => problem.into_response(),
    }
}

/// Takes a text in as if it had been posted to the inbox.
async fn accept(engine: &Engine, words: &str) -> Result<(), Problem> {
    let spec = registry::find("inbox")
        .ok_or_else(|| Problem::not_found("this build reads no plain text"))?;
    let inbound = Inbound {
        method: "POST",
        path: "",
        query: "",
        headers: &[("content-type", "text/plain")],
        body: words.as_bytes(),
        options: &Value::Null,
        timezone: "UTC",
        now: engine.now(),
        certificate: None,
    };
    let parsed = (spec.parse)(&inbound).map_err(|refusal| Problem::of_refusal(&refusal))?;
    let sender = Sender {
        source: "inbox".into(),
        lifecycle: spec.lifecycle,
        labels: Labels::empty(),
        resolve_timeout: engine.plan().resolve_timeout,
    };
    let accepted = engine.accept(&sender, parsed).await;
    accepted.map_err(|error| Problem::of_store(&error))?;
    Ok(())
}
