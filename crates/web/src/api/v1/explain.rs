//! `/api/v1/explain`: why somebody was told of an alert, or was not.

use axum::Json;
use axum::extract::{RawQuery, State};
use balefire_core::explain::{Line, Place, Rung};
use balefire_core::label::Labels;
use balefire_core::matcher::{self, Mode};
use balefire_core::message::Locale;
use balefire_core::time::Time;
use balefire_engine::explain::{Asked, Explained, Question};
use balefire_template::compose::Reader;
use balefire_template::i18n::{self, Argument};
use serde::Serialize;
use utoipa::ToSchema;

use super::history_problem;
use super::notifications::reader;
use super::query::{Query, unknown};
use crate::error::Problem;
use crate::state::WebState;

/// Longest answer, reason and the like within a text, in characters.
const SHOWN: usize = 300;

/// Why somebody was told of an alert, or was not.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExplainView {
    /// The instant that is explained; what happened later is left out.
    #[schema(value_type = String, format = DateTime)]
    at: Time,
    /// The alert's identity; absent when none was found.
    fingerprint: Option<String>,
    /// Its labels; absent when only decisions know of it.
    #[schema(value_type = Option<BTreeMap<String, String>>)]
    labels: Option<Labels>,
    /// How many other alerts in memory the matchers pass.
    others: usize,
    /// Who is asked about.
    person: Option<String>,
    /// What it comes to, in a word: `never_arrived`, `silenced`, `reached`, `not_on_call` …
    verdict: &'static str,
    /// What it comes to, in a sentence.
    sentence: String,
    /// What that rests on, in order of time; what holds without a moment comes last.
    ladder: Vec<RungView>,
}

/// One thing that happened, or did not.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RungView {
    /// When; absent for what holds without a moment.
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<Time>,
    /// Whether it led on towards somebody's being told.
    ok: bool,
    /// What, in a word.
    kind: &'static str,
    /// What, in words.
    text: String,
}

fn words(line: &Line, person: Option<&str>, reader: &Reader) -> String {
    let mut places: Vec<(&str, Argument<'_>)> = Vec::with_capacity(line.places.len() + 1);
    for (name, place) in &line.places {
        let place = match place {
            Place::Text(text) => text.chars().take(SHOWN).collect::<String>().into(),
            Place::Time(time) => reader.time(*time).into(),
            Place::Span(span) => reader.duration(*span).into(),
            Place::Count(count) => (*count).into(),
        };
        places.push((*name, place));
    }
    places.push(("person", person.unwrap_or_default().into()));
    i18n::text(reader.locale, line.key, &places)
}

fn rung(rung: &Rung, person: Option<&str>, reader: &Reader) -> RungView {
    let kind = rung.line.key.split_once('-').map_or("", |(_, kind)| kind);
    RungView {
        at: rung.at,
        ok: rung.is_good,
        kind,
        text: words(&rung.line, person, reader),
    }
}

fn view(found: Explained, question: &Question, reader: &Reader) -> ExplainView {
    let person = question.person.as_deref();
    let explanation = &found.explanation;
    let rungs = explanation.rungs.iter();
    let (fingerprint, labels) = found.alert.unzip();
    ExplainView {
        at: question.at,
        fingerprint: fingerprint.map(|fingerprint| fingerprint.to_string()),
        labels: labels.flatten(),
        others: found.others,
        person: person.map(str::to_owned),
        verdict: explanation.verdict.as_str(),
        sentence: words(&explanation.verdict.line(), person, reader),
        ladder: rungs.map(|one| rung(one, person, reader)).collect(),
    }
}

/// An alert by 16 hexadecimal digits, else by matchers.
fn asked(text: &str) -> Result<Asked, Problem> {
    if let Ok(fingerprint) = text.parse() {
        return Ok(Asked::Fingerprint(fingerprint));
    }
    let matchers = matcher::parse(text, Mode::Fallback).map_err(|error| {
        let detail = format!("alert is a fingerprint or matchers such as alertname=X: {error}");
        Problem::bad_request(&detail)
    })?;
    if matchers.is_empty() {
        return Err(Problem::bad_request(
            "alert names no label; write alertname=X",
        ));
    }
    Ok(Asked::Matchers(matchers))
}

fn question(state: &WebState, query: &Query) -> Result<Question, Problem> {
    let alert = query.text("alert").ok_or_else(|| {
        Problem::bad_request("alert is missing: a fingerprint, or matchers such as alertname=X")
    })?;
    let plan = state.engine.plan();
    let person = query.text("person");
    if let Some(key) = person.filter(|key| !plan.people.contains_key(*key)) {
        let known = plan.people.keys().map(String::as_str);
        return Err(Problem::bad_request(&unknown("person", key, known)));
    }
    Ok(Question {
        alert: asked(alert)?,
        person: person.map(Into::into),
        at: query.time("at")?.unwrap_or_else(|| state.engine.now()),
    })
}

/// Why somebody was told of an alert, or was not: one sentence, and what it rests on.
///
/// What is stored (decisions, notifications, incidents, refused requests) is as it was; schedules, escalations' steps and
/// people's rules are those in force now. An alert that was never heard of is an answer, too (`never_arrived`), with the
/// requests that were refused within 15 minutes.
#[utoipa::path(
    get, path = "/api/v1/explain", tag = "alerts",
    params(
        ("alert" = String, Query, description = "A fingerprint, or matchers such as alertname=X,host=Y; of several alerts the one heard of last"),
        ("person" = Option<String>, Query, description = "Only why this person was told or not, by their key"),
        ("at" = Option<String>, Query, description = "As of this instant, RFC 3339; now without it"),
        ("locale" = Option<String>, Query, description = "en or zh-CN; the server's language without it"),
    ),
    responses((status = 200, body = ExplainView), (status = 400, body = Problem))
)]
pub(crate) async fn explain(
    State(state): State<WebState>,
    RawQuery(query): RawQuery,
) -> Result<Json<ExplainView>, Problem> {
    let query = Query::read(query.as_deref(), &["alert", "person", "at", "locale"], &[])?;
    let question = question(&state, &query)?;
    let mut reader = reader(&state);
    let locales = [("en", Locale::En), ("zh-CN", Locale::ZhCn)];
    if let Some(locale) = query.one_of("locale", &locales)? {
        reader.locale = locale;
    }
    let found = state.engine.explain(&question).await;
    let found = found.map_err(|error| history_problem(&error))?;
    Ok(Json(view(found, &question, &reader)))
}
