//! The page behind a link in a message: how it stands, and what whoever holds the link can answer. No log-in: the
//! link's signature is the leave, and it reaches no further than this page.
//!
//! Looking changes nothing, as mail scanners and chat previews follow links; only a form's POST does.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use balefire_core::incident::{Incident, IncidentState};
use balefire_core::severity::Severity;
use balefire_engine::engine::{AnswerFailure, Answerable, Deed, IncidentFailure, SilenceFailure};
use balefire_engine::link::{Claim, LinkError, Purpose};
use balefire_store::StoreError;
use http::StatusCode;
use minijinja::context;
use serde::Serialize;
use url::form_urlencoded;

use super::address::Address;
use super::assets;
use super::card::cut;
use super::incident::status_word;
use super::shell::{links, page, value};
use super::words::{Viewer, icon};
use crate::ingest::body;
use crate::state::WebState;

/// Longest form, in bytes: a word and a name.
const FORM: usize = 4 * 1024;
/// Longest name that somebody may say, in characters.
const NAME: usize = 60;
/// Labels of a group that are shown.
const LABELS: usize = 12;
/// Under which refusals are recorded, and who answers when nobody says who they are.
const LINK: &str = "link";

/// What the page shows.
#[derive(Debug, Serialize)]
struct AnswerPage {
    base: String,
    assets: &'static str,
    lang: &'static str,
    title: String,
    /// What is wrong, when there is nothing to show.
    detail: String,
    card: Option<Card>,
}

/// What can be answered.
#[derive(Debug, Serialize)]
struct Card {
    severity: &'static str,
    severity_word: String,
    icon: &'static str,
    status: &'static str,
    status_word: String,
    /// Sentences: who has it, what is quiet, whether it is over.
    news: Vec<String>,
    labels: Vec<(String, String)>,
    action: String,
    deeds: Vec<Choice>,
    /// Who answers, as far as the link knows.
    person: String,
}

/// One answer.
#[derive(Debug, Serialize)]
struct Choice {
    deed: &'static str,
    word: String,
}

/// `GET /a/{token}`.
pub(super) async fn show(
    State(state): State<WebState>,
    Path(token): Path<String>,
    request: Request,
) -> Response {
    let viewer = viewer(&state, &request);
    let claim = match opened(&state, &viewer, &token).await {
        Ok(claim) => claim,
        Err(refused) => return refused,
    };
    match state.engine.answerable(claim.subject).await {
        Ok(Some(there)) => {
            let title = cut(&there.title(&viewer.reader), 300);
            let card = card(&state, &viewer, &claim, &token, &there);
            let shown = AnswerPage {
                title,
                card: Some(card),
                ..bare(&state, &viewer)
            };
            page(&viewer, "answer.html", context! { page => value(&shown) })
        }
        Ok(None) => said(&state, &viewer, StatusCode::OK, "answer-over"),
        Err(error) => away(&state, &viewer, &error),
    }
}

/// `POST /a/{token}`: answers, then back to the page, which says what became of it.
pub(super) async fn act(
    State(state): State<WebState>,
    Path(token): Path<String>,
    request: Request,
) -> Response {
    let viewer = viewer(&state, &request);
    let claim = match opened(&state, &viewer, &token).await {
        Ok(claim) => claim,
        Err(refused) => return refused,
    };
    let (head, stream) = request.into_parts();
    let form = match body::read(&state.engine, &head.headers, stream, FORM).await {
        Ok(form) => Form::read(form.bytes()),
        Err(error) => return (error.status(), error.to_string()).into_response(),
    };
    let Some(deed) = form.deed else {
        return said(&state, &viewer, StatusCode::BAD_REQUEST, "answer-unknown");
    };
    let actor = actor(claim.person.as_ref(), &form.name);
    match state.engine.answer(claim.subject, deed, &actor).await {
        // Whoever was slower sees on the page what became of it, and so does who cannot be helped.
        Ok(())
        | Err(
            AnswerFailure::Over
            | AnswerFailure::Incident(
                IncidentFailure::Rule(_)
                | IncidentFailure::NotFound
                | IncidentFailure::Unknown { .. }
                | IncidentFailure::NotEscalated,
            )
            | AnswerFailure::Silence(SilenceFailure::Rule(_)),
        ) => Redirect::to(&links(&state, &viewer).answer(&token)).into_response(),
        Err(AnswerFailure::Nothing) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            said(&state, &viewer, status, "answer-nothing")
        }
        Err(
            AnswerFailure::Store(error)
            | AnswerFailure::Incident(IncidentFailure::Store(error))
            | AnswerFailure::Silence(SilenceFailure::Store(error)),
        ) => away(&state, &viewer, &error),
    }
}

/// What a form says.
struct Form {
    deed: Option<Deed>,
    name: String,
}

impl Form {
    fn read(bytes: &[u8]) -> Self {
        let mut form = Self {
            deed: None,
            name: String::new(),
        };
        for (name, value) in form_urlencoded::parse(bytes).take(8) {
            match &*name {
                "deed" => form.deed = Deed::read(&value),
                "name" => form.name = value.into_owned(),
                _ => {}
            }
        }
        form
    }
}

/// Who answers: whom the link was made for, else who they say they are, which nobody has checked.
fn actor(person: Option<&Arc<str>>, said: &str) -> String {
    if let Some(person) = person {
        return person.to_string();
    }
    let visible = |c: &char| !c.is_control() && !balefire_template::clean::reorders(*c);
    let name: String = said.chars().filter(visible).take(NAME).collect();
    match name.trim() {
        "" => LINK.to_owned(),
        name => format!("{name} ({LINK})"),
    }
}

fn viewer(state: &WebState, request: &Request) -> Viewer {
    let address = Address::of(request.uri().query());
    Viewer::of(state, address.lang.as_deref(), request.headers())
}

/// The link's claim; the answer when it is not good.
async fn opened(state: &WebState, viewer: &Viewer, token: &str) -> Result<Claim, Response> {
    let error = match state.engine.read_link(token, Purpose::Page).await {
        Ok(claim) => return Ok(claim),
        Err(error) => error,
    };
    state.engine.reject(LINK, &error.to_string(), &[]).await;
    let (status, words) = match error {
        LinkError::Forged => (StatusCode::NOT_FOUND, "answer-forged"),
        LinkError::Expired => (StatusCode::GONE, "answer-expired"),
    };
    Err(said(state, viewer, status, words))
}

fn bare(state: &WebState, viewer: &Viewer) -> AnswerPage {
    AnswerPage {
        base: links(state, viewer).base,
        assets: &assets::VERSION,
        lang: viewer.tag(),
        title: String::new(),
        detail: String::new(),
        card: None,
    }
}

/// A page with a sentence on it.
fn said(state: &WebState, viewer: &Viewer, status: StatusCode, words: &str) -> Response {
    let shown = AnswerPage {
        title: viewer.word(words),
        detail: viewer.word(&format!("{words}-detail")),
        ..bare(state, viewer)
    };
    let page = page(viewer, "answer.html", context! { page => value(&shown) });
    (status, page).into_response()
}

fn away(state: &WebState, viewer: &Viewer, error: &StoreError) -> Response {
    tracing::error!(%error, "an answer could not be taken");
    said(
        state,
        viewer,
        StatusCode::SERVICE_UNAVAILABLE,
        "answer-away",
    )
}

fn card(state: &WebState, viewer: &Viewer, claim: &Claim, token: &str, there: &Answerable) -> Card {
    let severity = severity(there);
    let state_now = there.incident.as_ref().map(|incident| incident.state);
    let choice = |deed: Deed| Choice {
        deed: deed.as_str(),
        word: viewer.word(match deed {
            Deed::Acknowledge => "console-acknowledge",
            Deed::Silence => "answer-silence",
            Deed::Resolve => "console-resolve",
        }),
    };
    let labels = there.group.iter().flat_map(|group| &group.common_labels);
    let label = |(name, value): (&str, &str)| (cut(name, 100), cut(value, 300));
    let status = state_now.unwrap_or(IncidentState::Open);
    Card {
        severity: severity.as_str(),
        severity_word: viewer.severity(severity),
        icon: icon(severity),
        status: status.as_str(),
        status_word: status_word(viewer, status),
        news: news(viewer, there),
        labels: labels.take(LABELS).map(label).collect(),
        action: links(state, viewer).answer(token),
        deeds: there.deeds().into_iter().map(choice).collect(),
        person: person(state, claim),
    }
}

fn severity(there: &Answerable) -> Severity {
    let incident = there.incident.as_ref().map(|incident| incident.severity);
    let group = there.group.as_ref().map(|group| group.severity());
    incident.or(group).unwrap_or(Severity::Warning)
}

/// The name of whom the link was made for.
fn person(state: &WebState, claim: &Claim) -> String {
    let Some(key) = &claim.person else {
        return String::new();
    };
    let plan = state.engine.plan();
    let name = plan.people.get(&**key).map(|person| &person.contact.name);
    let name = name.filter(|name| !name.is_empty());
    name.cloned().unwrap_or_else(|| key.to_string())
}

/// Who has it, whether it is over, until when it is quiet, how many alerts fire.
fn news(viewer: &Viewer, there: &Answerable) -> Vec<String> {
    let stands = there.incident.as_ref();
    let stands = stands.map(|incident| stands_so(viewer, incident));
    let mut news = vec![stands.unwrap_or_else(|| viewer.word("answer-nobody"))];
    if let Some(until) = there.quiet_until {
        let until = viewer.reader.time(until);
        news.push(viewer.text("answer-quiet-until", &[("until", until.into())]));
    }
    if let Some(group) = &there.group {
        let count = group.alerts.len();
        news.push(viewer.text("console-firing-count", &[("count", count.into())]));
    }
    news
}

fn stands_so(viewer: &Viewer, incident: &Incident) -> String {
    let at = |time| viewer.when(time).relative().to_owned();
    match (&incident.state, &incident.acknowledged) {
        (IncidentState::Resolved, _) => {
            let over = at(incident.ended_at.unwrap_or(incident.changed_at));
            viewer.text("answer-resolved", &[("when", over.into())])
        }
        (IncidentState::Acknowledged, Some(held)) => viewer.text(
            "answer-held",
            &[
                ("by", cut(&held.by, 200).into()),
                ("when", at(held.at).into()),
            ],
        ),
        _ => viewer.word("answer-nobody"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_says_who_they_are_is_marked_as_not_checked() {
        let chen: Arc<str> = "chen-min".into();
        assert_eq!(actor(Some(&chen), "li"), "chen-min");
        assert_eq!(actor(None, " 李雷 "), "李雷 (link)");
        assert_eq!(actor(None, "a\n\u{202e}b"), "ab (link)");
        assert_eq!(actor(None, " \t "), "link");
        assert_eq!(
            actor(None, &"x".repeat(9_000)).len(),
            NAME + " (link)".len()
        );
    }

    #[test]
    fn a_form_is_read_whatever_else_is_in_it() {
        let form = Form::read("x=1&deed=silence&name=%E6%9D%8E+%26".as_bytes());
        assert_eq!(
            (form.deed, form.name.as_str()),
            (Some(Deed::Silence), "李 &")
        );
        assert_eq!(Form::read(b"deed=reboot").deed, None);
        assert_eq!(Form::read(&[0xff, b'=', b'&', b'%']).deed, None);
    }
}
