//! `/badge/{token}/{subject}.svg`: how heartbeats stand, for a wiki or a status page that anybody may see.
//!
//! `.svg` is a picture, `.json` the same in words, `.shields` what shields.io's endpoint badges read
//! (<https://shields.io/badges/endpoint-badge>). The token is all that it takes and tells of nothing else; a wrong one is as
//! if there were nothing. Answers ask to be fetched anew each time, as proxies of code hosts keep pictures otherwise.

mod svg;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use balefire_core::heartbeat::Status;
use balefire_engine::badge::{Badge, BadgeFailure, Subject};
use balefire_template::i18n;
use http::{HeaderValue, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::error::Problem;
use crate::state::WebState;

/// What stands in a path as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

pub(crate) fn routes() -> Router<WebState> {
    Router::new().route("/badge/{token}/{file}", get(badge))
}

/// What a badge is asked for as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Svg,
    Json,
    Shields,
}

impl Form {
    /// What the address ends with.
    const fn ending(self) -> &'static str {
        match self {
            Self::Svg => ".svg",
            Self::Json => ".json",
            Self::Shields => ".shields",
        }
    }
}

/// The path of a badge, below whatever the site stands at.
pub(crate) fn path(token: &str, subject: &Subject, form: Form) -> String {
    let text = subject.to_string();
    let name = utf8_percent_encode(&text, PLAIN);
    format!("/badge/{token}/{name}{}", form.ending())
}

async fn badge(
    State(state): State<WebState>,
    Path((token, file)): Path<(String, String)>,
) -> Response {
    let forms = [Form::Svg, Form::Json, Form::Shields].into_iter();
    let mut found = forms.filter_map(|form| Some((form, file.strip_suffix(form.ending())?)));
    let asked = found
        .next()
        .and_then(|(form, name)| Some((form, Subject::read(name)?)));
    let nothing = || Problem::not_found("there is no badge at this address").into_response();
    let Some((form, subject)) = asked else {
        return nothing();
    };
    let engine = &state.engine;
    let told = match engine.is_badge_token(&subject, &token).await {
        Ok(true) => engine.badge(&subject),
        Ok(false) => return nothing(),
        Err(failure) => Err(failure),
    };
    let badge = match told {
        Ok(badge) => badge,
        Err(BadgeFailure::Nothing(_)) => return nothing(),
        Err(failure) => return problem(&failure).into_response(),
    };
    let locale = engine.plan().server.reader.locale;
    let key = format!("console-heartbeat-{}", badge.status.as_str());
    let word = i18n::text(locale, &key, &[]);
    let label = match &subject {
        Subject::All => i18n::text(locale, "console-heartbeats", &[]),
        other => other.to_string(),
    };
    let mut response = match form {
        Form::Svg => {
            let kind = [(header::CONTENT_TYPE, "image/svg+xml; charset=utf-8")];
            (kind, svg::draw(&label, &word, colour(badge.status))).into_response()
        }
        Form::Json => Json(plain(&subject, &badge)).into_response(),
        Form::Shields => Json(shields(&label, &word, &badge)).into_response(),
    };
    let anew = HeaderValue::from_static("no-cache, max-age=0");
    response.headers_mut().insert(header::CACHE_CONTROL, anew);
    response
}

/// What could not be read.
pub(crate) fn problem(failure: &BadgeFailure) -> Problem {
    match failure {
        BadgeFailure::Nothing(_) => Problem::not_found(&failure.to_string()),
        BadgeFailure::NoRandomness => Problem::busy(&failure.to_string()),
        BadgeFailure::Store(error) => Problem::of_store(error),
    }
}

fn plain(subject: &Subject, badge: &Badge) -> Value {
    json!({
        "subject": subject.to_string(),
        "status": badge.status.as_str(),
        "total": badge.total,
        "late": badge.late,
        "down": badge.down,
    })
}

fn shields(label: &str, word: &str, badge: &Badge) -> Value {
    let name = match badge.status {
        Status::Up => "brightgreen",
        Status::Late => "orange",
        Status::Down => "red",
        Status::New | Status::Paused => "lightgrey",
    };
    json!({
        "schemaVersion": 1,
        "label": label,
        "message": word,
        "color": name,
        "isError": badge.status == Status::Down,
    })
}

/// Dark enough for white letters on it (WCAG 2.2, 1.4.3: 4.5 to 1).
const fn colour(status: Status) -> &'static str {
    match status {
        Status::Up => "#2c7a1f",
        Status::Late => "#a85400",
        Status::Down => "#c0322b",
        Status::New | Status::Paused => "#63676b",
    }
}
