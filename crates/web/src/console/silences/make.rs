//! What the forms of the page do: a silence is made, prolonged or ended, once or again and again.

use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use balefire_core::duration;
use balefire_core::label::Annotations;
use balefire_core::matcher::Matchers;
use balefire_core::schedule::RestrictionSpec;
use balefire_core::silence::{RuleSpec, Series, Silence, SilenceState};
use balefire_engine::engine::{SeriesFailure, SilenceFailure};
use http::StatusCode;

use super::form::{Confirm, Draft, Form, counted};
use super::show;
use crate::api::v1::silence::matchers;
use crate::console::form::{SOMEBODY, Sent};
use crate::console::shell::{self, links, problem};
use crate::console::words::Viewer;
use crate::state::WebState;

/// A silence that is longer wants a word typed.
const LONG: std::time::Duration = std::time::Duration::from_hours(24);
/// By how much *prolong* does so.
const MORE: std::time::Duration = std::time::Duration::from_hours(1);

/// `POST /console/silences/make`: a silence from now on.
pub(in crate::console) async fn make(State(state): State<WebState>, request: Request) -> Response {
    let sent = match Sent::read(&state, request).await {
        Ok(sent) => sent,
        Err(answer) => return *answer,
    };
    let now = sent.viewer.now;
    let (draft, matched) = match read(&state, &sent).await {
        Ok(read) => read,
        Err(answer) => return *answer,
    };
    let span = match duration::parse(&draft.duration) {
        Ok(span) => span,
        Err(error) => {
            return refused(&state, &sent.viewer, draft, format!("duration: {error}")).await;
        }
    };
    if let Some(confirm) = confirm(&state, &sent, &matched, span) {
        let mut form = Form::of(&state, &sent.viewer, draft);
        form.confirm = Some(confirm);
        return show(&state, &sent.viewer, form, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let silence = Silence {
        id: "".into(),
        matcher_sets: vec![matched],
        starts_at: now,
        ends_at: now.after(span),
        updated_at: now,
        created_by: author(&sent, &draft),
        comment: draft.comment.clone(),
        annotations: Annotations::default(),
    };
    match state.engine.put_silence(silence).await {
        Ok(_) => back(&state, &sent.viewer),
        Err(SilenceFailure::Rule(rule)) => {
            refused(&state, &sent.viewer, draft, rule.to_string()).await
        }
        Err(failure) => failed(&state, &sent.viewer, &SeriesFailure::Silence(failure)),
    }
}

/// `POST /console/silences/repeat`: a silence that recurs.
pub(in crate::console) async fn repeat(
    State(state): State<WebState>,
    request: Request,
) -> Response {
    let sent = match Sent::read(&state, request).await {
        Ok(sent) => sent,
        Err(answer) => return *answer,
    };
    let (draft, matched) = match read(&state, &sent).await {
        Ok(read) => read,
        Err(answer) => return *answer,
    };
    let (times, rules) = when(&draft);
    let series = Series {
        id: "".into(),
        matcher_sets: vec![matched],
        timezone: draft.timezone.clone(),
        times,
        rules,
        created_by: author(&sent, &draft),
        comment: draft.comment.clone(),
        created_at: sent.viewer.now,
        ended: false,
    };
    match state.engine.make_series(series).await {
        Ok(_) => back(&state, &sent.viewer),
        Err(SeriesFailure::Silence(SilenceFailure::Store(error))) => {
            let failure = SeriesFailure::Silence(SilenceFailure::Store(error));
            failed(&state, &sent.viewer, &failure)
        }
        Err(failure) => refused(&state, &sent.viewer, draft, failure.to_string()).await,
    }
}

/// When it is on as the form says: by a rule from its first time on, or at times on days.
fn when(draft: &Draft) -> (Vec<RestrictionSpec>, Vec<RuleSpec>) {
    if !draft.rule.is_empty() {
        let rule = RuleSpec {
            rrule: draft.rule.clone(),
            starts: draft.from.clone(),
            lasts: draft.duration.clone(),
        };
        return (Vec::new(), vec![rule]);
    }
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let days: Vec<String> = draft
        .days
        .split([' ', ',', '，'])
        .filter(|day| !day.is_empty())
        .map(str::to_owned)
        .collect();
    let times = RestrictionSpec {
        from: some(&draft.from),
        to: some(&draft.to),
        days: (!days.is_empty()).then_some(days),
        ..RestrictionSpec::default()
    };
    (vec![times], Vec::new())
}

/// `POST /console/silences/{id}/end`.
pub(in crate::console) async fn end(
    State(state): State<WebState>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let sent = match Sent::read(&state, request).await {
        Ok(sent) => sent,
        Err(answer) => return *answer,
    };
    match state.engine.expire_silence(&id).await {
        Ok(()) => back(&state, &sent.viewer),
        Err(failure) => failed(&state, &sent.viewer, &SeriesFailure::Silence(failure)),
    }
}

/// `POST /console/silences/{id}/extend`: an hour longer.
pub(in crate::console) async fn extend(
    State(state): State<WebState>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let sent = match Sent::read(&state, request).await {
        Ok(sent) => sent,
        Err(answer) => return *answer,
    };
    let found = state.engine.state().silences().get(&id).cloned();
    let now = sent.viewer.now;
    let Some(silence) = found.filter(|one| one.state(now) != SilenceState::Expired) else {
        return failed(&state, &sent.viewer, &SeriesFailure::Unknown);
    };
    let longer = Silence {
        ends_at: silence.ends_at.after(MORE),
        ..silence
    };
    match state.engine.put_silence(longer).await {
        Ok(_) => back(&state, &sent.viewer),
        Err(failure) => failed(&state, &sent.viewer, &SeriesFailure::Silence(failure)),
    }
}

/// `POST /console/silence-series/{id}/end`.
pub(in crate::console) async fn end_series(
    State(state): State<WebState>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let sent = match Sent::read(&state, request).await {
        Ok(sent) => sent,
        Err(answer) => return *answer,
    };
    match state.engine.end_series(&id).await {
        Ok(()) => back(&state, &sent.viewer),
        Err(failure) => failed(&state, &sent.viewer, &failure),
    }
}

/// The fields and the matchers in them; what cannot be meant is answered with the form.
async fn read(state: &WebState, sent: &Sent) -> Result<(Draft, Matchers), Box<Response>> {
    let draft = Draft::sent(sent);
    match matchers(&draft.lines()) {
        Ok(matched) => Ok((draft, matched)),
        Err(problem) => Err(Box::new(
            refused(state, &sent.viewer, draft, problem.detail).await,
        )),
    }
}

/// Whoever is logged in, else the name that was given.
fn author(sent: &Sent, draft: &Draft) -> String {
    if sent.actor == SOMEBODY && !draft.by.is_empty() {
        draft.by.clone()
    } else {
        sent.actor.clone()
    }
}

/// What has to be typed first: a day or longer, and all that fires, are easily meant otherwise.
fn confirm(
    state: &WebState,
    sent: &Sent,
    matched: &Matchers,
    span: std::time::Duration,
) -> Option<Confirm> {
    let viewer = &sent.viewer;
    let (all, quiet) = counted(state, viewer, matched);
    let why = if all > 1 && quiet == all {
        viewer.text("console-silence-confirm-all", &[("all", all.into())])
    } else if span > LONG {
        let span = viewer.reader.duration(span);
        viewer.text("console-silence-confirm-long", &[("span", span.into())])
    } else {
        return None;
    };
    let word = viewer.word("console-silence-confirm-word");
    (sent.text("confirm").trim() != word).then_some(Confirm { why, word })
}

async fn refused(state: &WebState, viewer: &Viewer, draft: Draft, error: String) -> Response {
    let mut form = Form::of(state, viewer, draft);
    form.error = Some(error);
    show(state, viewer, form, StatusCode::UNPROCESSABLE_ENTITY).await
}

fn back(state: &WebState, viewer: &Viewer) -> Response {
    Redirect::to(&links(state, viewer).silences()).into_response()
}

fn failed(state: &WebState, viewer: &Viewer, failure: &SeriesFailure) -> Response {
    let told = shell::Problem {
        title: viewer.word("console-silence-refused"),
        detail: failure.to_string(),
    };
    let status = match failure {
        SeriesFailure::Unknown => StatusCode::NOT_FOUND,
        SeriesFailure::Silence(SilenceFailure::Store(_)) => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    problem(state, viewer, status, &told)
}
