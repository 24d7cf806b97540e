//! The paths of inbound sources: `/in/{source}[/{token}][/…]`, and the built-in `/in/inbox`.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use axum::{Extension, Router};
use balefire_config::plan::{Plan, Source};
use balefire_core::label::Labels;
use balefire_core::secret::Secret;
use balefire_sources::manners::Head;
use balefire_sources::registry;
use balefire_sources::spec::SourceSpec;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde_json::Value;

use super::answer;
use super::outside::{Certificates, Outside};
use super::receive::{Incoming, Origin, receive, text_headers};
use crate::access::{same, source_token_matches};
use crate::error::Problem;
use crate::state::WebState;

/// What is recorded of a name nobody has configured, in characters.
const NAME_SHOWN: usize = 80;

pub(crate) fn routes() -> Router<WebState> {
    Router::new()
        .route("/in/{source}", any(source))
        .route("/in/{source}/", any(source))
        .route("/in/{source}/{*rest}", any(source))
        .layer(Extension(Certificates::default()))
}

/// The path's parts: the source's name and what follows it.
type Parts = Path<Vec<(String, String)>>;

async fn source(
    State(state): State<WebState>,
    Extension(certificates): Extension<Certificates>,
    Path(path): Parts,
    request: Request,
) -> Response {
    let part = |name: &str| {
        path.iter()
            .find(|(key, _)| key == name)
            .map_or("", |(_, value)| value.as_str())
    };
    let (name, rest) = (part("source"), part("rest"));
    let plan = state.engine.plan();
    let (parts, body) = request.into_parts();
    let Some((origin, token)) = origin(&plan, name, &certificates) else {
        return unknown(&state, &plan, name).await;
    };
    let spec = origin.spec;
    let headers = text_headers(&parts.headers);
    let mut head = Head {
        method: parts.method.as_str(),
        path: rest,
        query: parts.uri.query().unwrap_or(""),
        headers: &headers,
    };
    if let Some(token) = token {
        let Some(path) = path_below_token(token, spec, &head, &parts.headers) else {
            let reason = "the source's token is missing or wrong";
            state.engine.reject(&origin.name, reason, &[]).await;
            return answer::failed(spec, &head, Problem::unauthorized(reason));
        };
        head.path = path;
    }
    let methods = methods(spec);
    match parts.method {
        Method::OPTIONS => return handshake(&methods, &parts.headers),
        Method::GET | Method::POST | Method::PUT => {}
        _ if spec.manners.methods.contains(&head.method) => {}
        _ => return other_method(spec, &head, &methods),
    }
    let incoming = Incoming {
        method: head.method,
        path: head.path,
        query: head.query,
        headers: &parts.headers,
    };
    match receive(&state.engine, &origin, &incoming, body).await {
        Ok(received) => answer::taken(spec, &head, &received),
        Err(error) => answer::failed(spec, &head, answer::problem_of(&error)),
    }
}

/// Methods that senders of a kind use. Some can only `GET`.
fn methods(spec: &SourceSpec) -> String {
    let usual = ["GET", "POST", "PUT", "OPTIONS"];
    let all = usual.iter().chain(spec.manners.methods);
    all.copied().collect::<Vec<_>>().join(", ")
}

/// The path below the source's own when its token is shown, wherever this kind's senders show it.
fn path_below_token<'a>(
    token: &Secret,
    spec: &SourceSpec,
    head: &Head<'a>,
    headers: &HeaderMap,
) -> Option<&'a str> {
    source_token_matches(token, head.path, headers).or_else(|| {
        let shown = (spec.manners.token)(head)?;
        same(token, &shown).then_some(head.path)
    })
}

/// CloudEvents senders ask first whether they may send (HTTP webhook, section 4). Whoever knows
/// the source and its token may.
fn handshake(methods: &str, headers: &HeaderMap) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    allow(&mut response, methods);
    if let Some(origin) = headers.get("webhook-request-origin") {
        let answer = response.headers_mut();
        answer.insert("webhook-allowed-origin", origin.clone());
        answer.insert("webhook-allowed-rate", HeaderValue::from_static("*"));
    }
    response
}

fn other_method(spec: &SourceSpec, head: &Head<'_>, methods: &str) -> Response {
    let detail = format!("send alerts with one of {methods}");
    let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method", &detail);
    let mut response = answer::failed(spec, head, problem);
    allow(&mut response, methods);
    response
}

fn allow(response: &mut Response, methods: &str) {
    if let Ok(methods) = HeaderValue::from_str(methods) {
        response.headers_mut().insert(header::ALLOW, methods);
    }
}

/// Names come from anybody, so they are not counted one by one.
async fn unknown(state: &WebState, plan: &Plan, name: &str) -> Response {
    let shown: String = name.chars().take(NAME_SHOWN).collect();
    let reason = format!("no source is named {shown:?}");
    state.engine.reject("unknown", &reason, &[]).await;
    let known = plan.sources.keys().map(String::as_str).chain(["inbox"]);
    let known = known.collect::<Vec<_>>().join(", ");
    Problem::not_found(&format!("{reason}; there are: {known}")).into_response()
}

/// The source of a name, and the token that must come with a request.
fn origin<'a>(
    plan: &'a Plan,
    name: &str,
    certificates: &Certificates,
) -> Option<(Origin, Option<&'a Secret>)> {
    let Some(source) = plan.sources.get(name) else {
        return Some((builtin(name).filter(|_| name == "inbox")?, None));
    };
    let origin = Origin {
        outside: source.http.clone().map(|http| Outside {
            http,
            certificates: certificates.clone(),
        }),
        ..origin_of(source)
    };
    Some((origin, source.token.as_ref()))
}

/// A configured source whose senders need nothing from outside.
pub(crate) fn origin_of(source: &Source) -> Origin {
    Origin {
        name: Arc::clone(&source.name),
        spec: source.spec,
        options: source.options.clone(),
        labels: source.labels.clone(),
        timezone: source.timezone.clone(),
        outside: None,
    }
}

/// A source that needs no configuration.
pub(crate) fn builtin(kind: &str) -> Option<Origin> {
    Some(Origin {
        name: kind.into(),
        spec: registry::find(kind)?,
        options: Value::Null,
        labels: Labels::empty(),
        timezone: "UTC".to_owned(),
        outside: None,
    })
}
