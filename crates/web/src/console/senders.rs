//! What to paste where, so that a first alert arrives; and the button that sends one.

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use balefire_config::plan::Plan;
use balefire_core::label::Labels;
use balefire_engine::engine::Engine;
use balefire_engine::ingest::Sender;
use balefire_sources::registry;
use balefire_sources::spec::Inbound;
use serde::Serialize;
use serde_json::Value;
use url::Url;

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
            prometheus: prometheus(url, token),
            grafana: format!("{url}/in/inbox"),
            token,
            query,
        }
    }
}

/// The part of `prometheus.yml` that names us as its Alertmanager.
fn prometheus(url: &str, token: bool) -> String {
    let mut lines = vec!["alerting:", "  alertmanagers:"];
    let parsed = Url::parse(url).ok();
    let (scheme, path, target) = parsed.as_ref().map_or(("http", "", String::new()), |url| {
        let port = url
            .port()
            .map(|port| format!(":{port}"))
            .unwrap_or_default();
        let standard = match (url.port(), url.scheme()) {
            (Some(_), _) => "",
            (None, "https") => ":443",
            (None, _) => ":80",
        };
        let host = url.host_str().unwrap_or_default();
        (
            url.scheme(),
            url.path().trim_end_matches('/'),
            format!("{host}{port}{standard}"),
        )
    });
    let targets = format!("    - targets: [\"{target}\"]");
    let scheme_line = format!("    scheme: {scheme}");
    let path_line = format!("    path_prefix: {path}");
    lines.push("  - static_configs:");
    lines.push(&targets);
    if scheme != "http" {
        lines.push(&scheme_line);
    }
    if !path.is_empty() {
        lines.push(&path_line);
    }
    if token {
        lines.extend(["    authorization:", "      credentials: TOKEN"]);
    }
    lines.join("\n")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prometheus_is_given_host_port_scheme_and_prefix() {
        assert_eq!(
            prometheus("http://127.0.0.1:9119", false),
            "alerting:\n  alertmanagers:\n  - static_configs:\n    - targets: [\"127.0.0.1:9119\"]"
        );
        let behind = prometheus("https://alerts.example.com/fire", true);
        for part in [
            "\"alerts.example.com:443\"",
            "scheme: https",
            "path_prefix: /fire",
            "credentials: TOKEN",
        ] {
            assert!(behind.contains(part), "{behind}");
        }
    }
}
