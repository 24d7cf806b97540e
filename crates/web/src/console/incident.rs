//! The page of one incident: what is known, what can be done, and everything that happened to it.

use axum::extract::{Path, RawQuery, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use balefire_core::incident::{Change, Entry, FieldChange, Incident, IncidentState};
use balefire_core::time::Time;
use balefire_engine::engine::IncidentFailure;
use balefire_engine::history::HistoryError;
use balefire_store::{StoreError, Which};
use balefire_template::compose::{entry_key, role_word};
use http::{HeaderMap, StatusCode};
use minijinja::context;
use serde::Serialize;

use super::address::Address;
use super::card::cut;
use super::escalation::{self, Choice};
use super::form::{SOMEBODY, Sent};
use super::inbox::unreadable;
use super::roles;
use super::shell::{self, Shell, links, page, problem, value};
use super::words::{Viewer, When, icon};
use crate::access::Who;
use crate::state::WebState;

/// Entries of the timeline that are shown; the interface has all.
const ENTRIES: usize = 200;
/// Characters shown of a text, and of a value that was changed.
const TEXT: usize = 20_000;
const CHANGED: usize = 300;

/// An incident as its page shows it.
#[derive(Debug, Serialize)]
struct IncidentPage {
    title: String,
    severity: &'static str,
    severity_word: String,
    icon: &'static str,
    status: &'static str,
    status_word: String,
    facts: Vec<Fact>,
    deeds: Vec<Deed>,
    /// To whom it can be given.
    assign: Option<Assign>,
    /// Where it is merged into another; empty when it is over.
    merge: String,
    /// Who plays which part.
    roles: roles::Roles,
    /// The report as Markdown.
    markdown: String,
    timeline: Vec<Line>,
}

/// Something that is known.
#[derive(Debug, Serialize)]
pub(super) struct Fact {
    pub(super) name: String,
    pub(super) value: String,
}

/// Something that can be done.
#[derive(Debug, Serialize)]
struct Deed {
    href: String,
    word: String,
}

/// To whom an incident can be given, and how.
#[derive(Debug, Serialize)]
struct Assign {
    deed: Deed,
    label: String,
    options: Vec<Choice>,
}

/// One thing that happened.
#[derive(Debug, Serialize)]
struct Line {
    when: When,
    words: String,
    /// What was said, and which facts became what.
    detail: String,
}

/// The word for how an incident stands.
pub(super) fn status_word(viewer: &Viewer, state: IncidentState) -> String {
    viewer.word(match state {
        IncidentState::Open => "console-incident-open",
        IncidentState::Acknowledged => "console-incident-acknowledged",
        IncidentState::Resolved => "console-status-resolved",
    })
}

/// `GET /incidents/{id}`.
pub(super) async fn one(
    State(state): State<WebState>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let address = Address::of(query.as_deref());
    let viewer = Viewer::of(&state, address.lang.as_deref(), &headers);
    let found = match id.parse() {
        Ok(id) => read(&state, &viewer, id).await,
        Err(_) => Ok(None),
    };
    match found {
        Ok(Some(incident)) => {
            let shell = Shell::of(&state, &viewer, &format!("/incidents/{id}"), "");
            page(
                &viewer,
                "incident.html",
                context! { shell => value(&shell), incident => value(&incident) },
            )
        }
        Ok(None) => missing(&state, &viewer),
        Err(error) => unreadable(&state, &viewer, &HistoryError::Store(error)),
    }
}

pub(super) fn missing(state: &WebState, viewer: &Viewer) -> Response {
    let told = shell::Problem {
        title: viewer.word("console-no-incident"),
        detail: viewer.word("console-no-incident-detail"),
    };
    problem(state, viewer, StatusCode::NOT_FOUND, &told)
}

async fn read(
    state: &WebState,
    viewer: &Viewer,
    id: u64,
) -> Result<Option<IncidentPage>, StoreError> {
    let Some(incident) = state.engine.incident(&Which::Id(id)).await? else {
        return Ok(None);
    };
    let timeline = state.engine.incident_timeline(id, 0, ENTRIES).await?;
    let links = links(state, viewer);
    let deed = |deed: &str| Deed {
        href: links.incident_deed(id, deed),
        word: viewer.word(&format!("console-{deed}")),
    };
    let stands = state.engine.escalation(id).await?;
    let open = incident.state != IncidentState::Resolved;
    let deeds: &[&str] = match incident.state {
        IncidentState::Open => &["acknowledge", "resolve"],
        IncidentState::Acknowledged => &["resolve"],
        IncidentState::Resolved => &["reopen"],
    };
    let hand_on: &[&str] = match &stands {
        Some(_) if open => &["escalate", "snooze"],
        _ => &[],
    };
    let assign = stands.as_ref().filter(|_| open).map(|_| Assign {
        deed: deed("reassign"),
        label: viewer.word("console-reassign-to"),
        options: escalation::choices(&state.engine.plan(), viewer),
    });
    let mut known = facts(viewer, incident.clone());
    known.extend(
        stands
            .iter()
            .flat_map(|stands| escalation::facts(viewer, stands)),
    );
    Ok(Some(IncidentPage {
        title: cut(&incident.title, 300),
        severity: incident.severity.as_str(),
        severity_word: viewer.severity(incident.severity),
        icon: icon(incident.severity),
        status: incident.state.as_str(),
        status_word: status_word(viewer, incident.state),
        deeds: deeds.iter().chain(hand_on).copied().map(deed).collect(),
        assign,
        facts: known,
        merge: if incident.state == IncidentState::Resolved {
            String::new()
        } else {
            links.incident_deed(id, "merge")
        },
        roles: roles::of(&state.engine.plan(), viewer, &incident, &links),
        markdown: format!("{}/api/v1/incidents/{id}/report.md", links.base),
        timeline: timeline.iter().map(|entry| line(viewer, entry)).collect(),
    }))
}

fn facts(viewer: &Viewer, incident: Incident) -> Vec<Fact> {
    let time = |time: Time| viewer.reader.time(time);
    // One that is not resolved may have an end that somebody expects; it has not lasted until then.
    let is_over = incident.state == IncidentState::Resolved;
    let lasted = incident.duration().filter(|_| is_over);
    let lasted = lasted.map(|span| viewer.reader.duration(span));
    let ends = if is_over {
        "console-incident-ended"
    } else {
        "console-incident-expected"
    };
    let held = incident.acknowledged.map(|held| held.by);
    let known = [
        ("console-incident-key", incident.key),
        ("console-incident-held-by", held),
        ("console-incident-responsible", incident.responsible),
        ("console-incident-worker", incident.worker),
        ("console-incident-started", Some(time(incident.started_at))),
        (ends, incident.ended_at.map(time)),
        ("console-incident-lasted", lasted),
        ("console-incident-cause", incident.cause),
        ("console-incident-summary", incident.summary),
        ("console-incident-report", incident.report),
    ];
    let fact = |(key, value): (&str, Option<String>)| {
        let value = value.filter(|value| !value.is_empty())?;
        Some(Fact {
            name: viewer.word(key),
            value: cut(&value, TEXT),
        })
    };
    known.into_iter().filter_map(fact).collect()
}

fn line(viewer: &Viewer, entry: &Entry) -> Line {
    let until = entry.detail.until.map(|until| viewer.reader.time(until));
    let to = (!entry.detail.to.is_empty()).then(|| escalation::names(&entry.detail.to));
    let key = entry_key(entry.kind);
    let said = Some(cut(&entry.detail.text, TEXT)).filter(|text| !text.is_empty());
    let changes = entry.detail.changes.iter();
    let changes = changes.map(|change| changed(viewer, change));
    Line {
        when: viewer.when(entry.at),
        words: viewer.text(key, &[("by", cut(&entry.actor, 200).into())]),
        detail: said
            .into_iter()
            .chain(until)
            .chain(to)
            .chain(changes)
            .collect::<Vec<_>>()
            .join(" · "),
    }
}

fn changed(viewer: &Viewer, change: &FieldChange) -> String {
    let side = |text: &Option<String>| cut(text.as_deref().unwrap_or("–"), CHANGED);
    if let Some(role) = change.role() {
        let role = cut(&role_word(role, &viewer.reader), 100);
        return format!("{role}: {} → {}", side(&change.from), side(&change.to));
    }
    let key = match change.field.as_str() {
        "severity" => "console-incident-severity",
        "title" => "console-incident-title",
        "responsible" => "console-incident-responsible",
        "worker" => "console-incident-worker",
        "startedAt" => "console-incident-started",
        "endedAt" => "console-incident-ended",
        "cause" => "console-incident-cause",
        "summary" => "console-incident-summary",
        _ => "console-incident-report",
    };
    format!(
        "{}: {} → {}",
        viewer.word(key),
        side(&change.from),
        side(&change.to)
    )
}

/// `POST /console/incidents/{id}/merge`: merges it into the one whose number was written, then to that one's page.
pub(super) async fn merge(
    State(state): State<WebState>,
    Path(id): Path<u64>,
    request: Request,
) -> Response {
    let sent = match Sent::read(&state, request).await {
        Ok(sent) => sent,
        Err(response) => return *response,
    };
    let Ok(into) = sent.text("into").trim().trim_start_matches('#').parse() else {
        return missing(&state, &sent.viewer);
    };
    let merged = state
        .engine
        .merge_incident(id, into, &sent.actor, String::new());
    match merged.await {
        Ok(kept) => done_with(&state, &sent.viewer, kept.id, Ok(())),
        Err(failed) => done_with(&state, &sent.viewer, id, Err(failed)),
    }
}

/// `POST /console/incidents/{id}/{deed}`: does it, then back to the page.
pub(super) async fn act(
    State(state): State<WebState>,
    Path((id, deed)): Path<(u64, String)>,
    request: Request,
) -> Response {
    let address = Address::of(request.uri().query());
    let viewer = Viewer::of(&state, address.lang.as_deref(), request.headers());
    let text = String::new();
    let who = Who::of(&request);
    let actor = who.as_deref().unwrap_or(SOMEBODY);
    let which = Which::Id(id);
    if let Some(handed) = escalation::Handed::of(&deed) {
        let done = handed.act(&state, which, request, actor).await;
        return done_with(&state, &viewer, id, done.map(drop));
    }
    let change = match deed.as_str() {
        "acknowledge" => Change::Acknowledge { text },
        "resolve" => Change::Resolve {
            ended_at: None,
            text,
        },
        "reopen" => Change::Reopen { text },
        _ => return missing(&state, &viewer),
    };
    let done = state.engine.change_incident(which, vec![change], actor);
    let done = done.await.map(drop);
    done_with(&state, &viewer, id, done)
}

/// Back to the page, which says what became of it.
pub(super) fn done_with(
    state: &WebState,
    viewer: &Viewer,
    id: u64,
    done: Result<(), IncidentFailure>,
) -> Response {
    match done {
        // Whoever was slower, and whoever named somebody who is gone, sees on the page what became of it.
        Ok(())
        | Err(
            IncidentFailure::Rule(_)
            | IncidentFailure::Unknown { .. }
            | IncidentFailure::NotEscalated,
        ) => Redirect::to(&links(state, viewer).incident(id)).into_response(),
        Err(IncidentFailure::NotFound) => missing(state, viewer),
        Err(IncidentFailure::Store(error)) => {
            unreadable(state, viewer, &HistoryError::Store(error))
        }
    }
}
