//! Telephones that ask for calls: `GET /alert/phone` is what to dial, `POST` is who answered, or that nobody did.
//!
//! The app looks at the body alone, and one that is empty or an object without `code` ends it for good. So every answer
//! of these paths is an object with `code`: 0 is work or a report that was taken, 1 is none and any error.

mod shape;

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use balefire_config::legacy::Autocall;
use balefire_config::legacy::paths;
use balefire_config::plan::Plan;
use balefire_engine::calls::Agent;
use http::StatusCode;
use http::request::Parts;
use serde::Serialize;
use url::form_urlencoded;

pub(crate) use self::shape::shape;
use super::off;
use crate::access::{ClientAddress, same};
use crate::ingest::body;
use crate::state::WebState;

/// Largest report: a mid and a number.
const MOST: usize = 16 * 1024;
/// Longest mid; ours are shorter.
const LONGEST_MID: usize = 128;

pub(super) fn routes() -> Router<WebState> {
    let [bare, slash, token] = paths::AUTOCALL;
    Router::new()
        .route(bare, get(ask).post(report))
        .route(slash, get(ask).post(report))
        .route(token, get(ask).post(report))
}

/// An answer of this interface.
#[derive(Debug, Serialize)]
struct Answer {
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<Vec<Arc<str>>>,
    code: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    mid: Option<Arc<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    msg: Option<String>,
}

/// Marks an answer that has its shape already.
#[derive(Clone, Copy)]
struct Shaped;

impl Answer {
    /// Nothing to do, and why.
    fn none(why: impl Into<String>) -> Self {
        Self {
            phone: None,
            code: 1,
            mid: None,
            msg: Some(why.into()),
        }
    }

    fn taken() -> Self {
        Self {
            phone: None,
            code: 0,
            mid: None,
            msg: None,
        }
    }

    fn with(self, status: StatusCode) -> Response {
        let mut response = (status, Json(self)).into_response();
        response.extensions_mut().insert(Shaped);
        response
    }
}

async fn ask(State(state): State<WebState>, request: Request) -> Response {
    let plan = state.engine.plan();
    let (head, _) = request.into_parts();
    let agent = match agent(&plan, &head) {
        Ok(agent) => agent,
        Err(response) => return *response,
    };
    let answer = match state.engine.phone_asks(&agent) {
        Some(serve) => Answer {
            phone: Some(serve.phones),
            code: 0,
            mid: Some(serve.id),
            msg: None,
        },
        None => Answer::none("无告警"),
    };
    answer.with(StatusCode::OK)
}

async fn report(State(state): State<WebState>, request: Request) -> Response {
    let plan = state.engine.plan();
    let (head, body) = request.into_parts();
    let agent = match agent(&plan, &head) {
        Ok(agent) => agent,
        Err(response) => return *response,
    };
    let form = match body::read(&state.engine, &head.headers, body, MOST).await {
        Ok(form) => form,
        Err(error) => return Answer::none(error.to_string()).with(error.status()),
    };
    let query = head.uri.query().unwrap_or_default();
    let [mid, number] = ["mid", "resp"].map(|key| field(query, form.bytes(), key));
    // Without a mid it is about no call; that was always answered as if it were.
    let Some(mid) = mid.filter(|mid| mid.len() <= LONGEST_MID) else {
        return Answer::taken().with(StatusCode::OK);
    };
    let engine = &state.engine;
    match engine.phone_reports(&agent, &mid, number.as_deref()).await {
        Ok(_) => Answer::taken().with(StatusCode::OK),
        Err(error) => Answer::none(error.to_string()).with(StatusCode::SERVICE_UNAVAILABLE),
    }
}

/// Who asks, unless the service is off or a token is wanted and not there.
fn agent(plan: &Plan, head: &Parts) -> Result<Agent, Box<Response>> {
    let Some(service) = &plan.legacy.autocall else {
        return Err(Box::new(off("autocall")));
    };
    let token = token(service, head.uri.path()).map_err(|why| {
        let refused = Answer::none(why).with(StatusCode::UNAUTHORIZED);
        Box::new(refused)
    })?;
    let model = head.headers.get("model");
    let model = model.map(|name| String::from_utf8_lossy(name.as_bytes()));
    let address = head.extensions.get::<ClientAddress>();
    let address = address.map_or(std::net::Ipv4Addr::UNSPECIFIED.into(), |known| known.0);
    Ok(Agent::of(token, model.as_deref(), address))
}

/// The name of the token that the path ends with; `None` where none is wanted.
fn token<'s>(service: &'s Autocall, path: &str) -> Result<Option<&'s str>, &'static str> {
    if service.tokens.is_empty() {
        return Ok(None);
    }
    let shown = path.rsplit_once('/').map_or("", |(_, last)| last);
    // All are compared, so that the time says nothing about which one was nearly right.
    let mut found = None;
    for (name, secret) in &service.tokens {
        if same(secret, shown) {
            found = Some(name.as_str());
        }
    }
    found
        .map(Some)
        .ok_or("the address must end with a token of legacy.autocall.tokens: /alert/phone/TOKEN")
}

/// A field of the query or, where that has none, of the body's form; one that is empty is not there.
fn field(query: &str, form: &[u8], name: &str) -> Option<String> {
    let of = |text: &[u8]| -> Option<String> {
        form_urlencoded::parse(text)
            .find(|(key, value)| key == name && !value.trim().is_empty())
            .map(|(_, value)| value.trim().to_owned())
    };
    of(query.as_bytes()).or_else(|| of(form))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use balefire_core::secret::Secret;

    use super::*;

    #[test]
    fn mid_and_number_come_in_any_order_in_the_query_or_the_body() {
        let both = |query: &str, form: &str| {
            ["mid", "resp"].map(|key| field(query, form.as_bytes(), key).unwrap_or_default())
        };
        let whole = ["bf_1".to_owned(), "13800138000".to_owned()];
        assert_eq!(both("resp=13800138000&mid=bf_1", ""), whole);
        assert_eq!(both("mid=bf_1&resp=13800138000", ""), whole);
        assert_eq!(both("", "mid=bf_1&resp=13800138000"), whole);
        assert_eq!(both("mid=bf_1", "resp=13800138000"), whole);
        assert_eq!(both("resp=&mid=bf_1", "")[1], "");
        assert_eq!(both("resp=%2B8613800138000&mid=x", "")[1], "+8613800138000");
        assert_eq!(both("&&=&mid", "\u{fffd}%ff%"), ["", ""]);
    }

    #[test]
    fn the_path_ends_with_one_of_the_tokens() {
        let service = |tokens: &[(&str, &str)]| Autocall {
            rounds: 2,
            max_age: Duration::from_mins(30),
            lease: Duration::from_secs(90),
            tokens: tokens
                .iter()
                .map(|(name, text)| ((*name).to_owned(), Secret::new(*text)))
                .collect::<BTreeMap<_, _>>(),
        };
        assert_eq!(token(&service(&[]), "/alert/phone"), Ok(None));
        let two = service(&[("desk", "0123456789abcdef"), ("night", "fedcba9876543210")]);
        let known = |path| token(&two, path).ok().flatten();
        assert_eq!(known("/alert/phone/fedcba9876543210"), Some("night"));
        for path in [
            "/alert/phone",
            "/alert/phone/",
            "/alert/phone/0123456789abcde",
            "/alert/phone/0123456789abcdef0",
        ] {
            assert!(token(&two, path).is_err(), "{path}");
        }
    }
}
