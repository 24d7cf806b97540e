//! Silences: what is kept quiet now and by whom, a form that shows what a silence would do before it is made, and those that recur.

mod form;
mod make;
mod rows;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use balefire_engine::history::HistoryError;
use http::{HeaderMap, StatusCode};
use minijinja::context;

use self::form::{Draft, Form};
use super::inbox::unreadable;
use super::shell::{Shell, links, page, value};
use super::words::Viewer;
use crate::state::WebState;

pub(super) use self::make::{end, end_series, extend, make, repeat};

/// `GET /silences`: the list. With `matchers` in the query the form is filled in, and says what it would keep quiet.
pub(super) async fn list(
    State(state): State<WebState>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let draft = Draft::of(query.as_deref());
    let viewer = Viewer::of(&state, draft.lang.as_deref(), &headers);
    let form = Form::of(&state, &viewer, draft);
    show(&state, &viewer, form, StatusCode::OK).await
}

async fn show(state: &WebState, viewer: &Viewer, form: Form, status: StatusCode) -> Response {
    let series = match state.engine.silence_series().await {
        Ok(series) => series,
        Err(error) => return unreadable(state, viewer, &HistoryError::Store(error)),
    };
    let links = links(state, viewer);
    let listed = rows::listed(state, viewer, &links);
    let series = rows::recurring(&series, viewer, &links);
    let shell = Shell::of(state, viewer, "/silences", "");
    let mut answer = page(
        viewer,
        "silences.html",
        context! { shell => value(&shell), form => value(&form), silences => value(&listed), series => value(&series) },
    );
    if status != StatusCode::OK {
        *answer.status_mut() = status;
    }
    answer
}
