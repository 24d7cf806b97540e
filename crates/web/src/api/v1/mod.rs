//! `/api/v1`: Balefire's own interface.
//!
//! One file a noun; each handler carries its own OpenAPI annotation. Lists are pages with a cursor, at
//! most 1000 entries; queries and bodies with unknown keys are refused with the nearest one named.

mod alarm_departments;
mod alarm_groups;
mod alarms;
mod alert;
mod alerts;
mod badges;
pub(crate) mod body;
mod booking;
mod bookings;
pub(crate) mod calendars;
mod call;
mod calls;
mod channels;
mod config;
mod coverage;
mod decision;
mod escalation;
mod escalations;
mod events;
mod explain;
mod files;
mod groups;
mod heartbeat;
pub(crate) mod heartbeats;
mod idempotency;
mod incident;
mod incident_files;
mod incident_merge;
mod incident_roles;
mod incidents;
mod links;
mod messages;
mod monitors;
mod notification;
mod notifications;
mod openapi;
mod options;
pub(crate) mod people;
mod phones;
mod query;
mod redrive;
mod rejected;
mod reminder;
mod reminders;
pub(crate) mod report;
pub(crate) mod reports;
mod schedule;
mod schedules;
mod series;
pub(crate) mod silence;
mod silences;
pub(crate) mod sources;
mod status;
mod templates;
pub(crate) mod what_if;

use std::sync::Arc;

use axum::routing::{delete, get, post, put};
use axum::{Extension, Router};
use balefire_engine::history::{HistoryError, Recall};
use http::StatusCode;

use self::idempotency::Answers;
use crate::error::Problem;
use crate::state::WebState;

pub(crate) fn routes() -> Router<WebState> {
    alerting().merge(people_routes())
}

/// What came in, what was decided and told, and how the node is.
fn alerting() -> Router<WebState> {
    Router::new()
        .route("/api/v1/events", get(events::list))
        .route("/api/v1/events/{seq}", get(events::one))
        .route("/api/v1/rejected", get(rejected::list))
        .route("/api/v1/alerts", get(alerts::list))
        .route("/api/v1/alerts/{fingerprint}", get(alerts::one))
        .route("/api/v1/explain", get(explain::explain))
        .route("/api/v1/groups", get(groups::list))
        .route("/api/v1/notifications", get(notifications::list))
        .route("/api/v1/notifications/redrive", post(redrive::all))
        .route("/api/v1/notifications/{seq}", get(notifications::one))
        .route("/api/v1/notifications/{seq}/redrive", post(redrive::one))
        .route("/api/v1/alarms", get(alarms::list))
        .route("/api/v1/alarm-departments", get(alarm_departments::list))
        .route(
            "/api/v1/alarm-departments/{dep}",
            put(alarm_departments::put).delete(alarm_departments::take_back),
        )
        .route("/api/v1/alarm-groups", get(alarm_groups::list))
        .route(
            "/api/v1/alarm-groups/{owner}/{level}",
            put(alarm_groups::put).delete(alarm_groups::take_back),
        )
        .route(
            "/api/v1/silence-series",
            get(series::list).post(series::make),
        )
        .route("/api/v1/silence-series/{id}", delete(series::end))
        .route("/api/v1/silences", get(silences::list).post(silences::put))
        .route(
            "/api/v1/silences/{id}",
            get(silences::one).delete(silences::expire),
        )
        .route("/api/v1/channels", get(channels::list))
        .route("/api/v1/sources", get(sources::list))
        .route("/api/v1/sources/{name}", get(sources::one))
        .route("/api/v1/messages", post(messages::send))
        .route("/api/v1/files", get(files::list).post(files::put))
        .route("/api/v1/files/{id}", get(files::one).delete(files::delete))
        .route("/api/v1/config", get(config::current))
        .route("/api/v1/config/check", post(config::check))
        .route("/api/v1/what-if", get(what_if::progress).post(what_if::ask))
        .route("/api/v1/config/versions", get(config::versions))
        .route("/api/v1/config/versions/{version}", get(config::version))
        .route("/api/v1/templates/render", post(templates::render))
        .route("/api/v1/status", get(status::status))
        .route("/api/v1/openapi.json", get(openapi::openapi))
        .layer(Extension(Arc::new(Recall::new())))
        .layer(Extension(Arc::new(Answers::default())))
}

/// What people work on.
fn incident_routes() -> Router<WebState> {
    Router::new()
        .route(
            "/api/v1/incidents",
            get(incidents::list).post(incidents::open),
        )
        .route(
            "/api/v1/incidents/{id}",
            get(incidents::one).patch(incidents::edit),
        )
        .route(
            "/api/v1/incidents/{id}/acknowledge",
            post(incidents::acknowledge),
        )
        .route("/api/v1/incidents/{id}/resolve", post(incidents::resolve))
        .route("/api/v1/incidents/{id}/reopen", post(incidents::reopen))
        .route("/api/v1/incidents/{id}/link", post(links::of_incident))
        .route("/api/v1/links", delete(links::call_back))
        .route("/api/v1/incidents/{id}/notes", post(incidents::note))
        .route("/api/v1/incidents/{id}/snooze", post(escalations::snooze))
        .route(
            "/api/v1/incidents/{id}/reassign",
            post(escalations::reassign),
        )
        .route(
            "/api/v1/incidents/{id}/escalate",
            post(escalations::escalate),
        )
        .route(
            "/api/v1/incidents/{id}/roles/{role}",
            put(incident_roles::give).delete(incident_roles::give_back),
        )
        .route("/api/v1/incidents/{id}/merge", post(incident_merge::merge))
        .route(
            "/api/v1/incidents/{id}/report.md",
            get(incident_merge::report),
        )
        .route(
            "/api/v1/incidents/{id}/files/{file}",
            put(incident_files::attach).delete(incident_files::detach),
        )
}

/// Who is called, and what they are reminded of.
fn people_routes() -> Router<WebState> {
    incident_routes()
        .route(
            "/api/v1/reminders",
            get(reminders::list).post(reminders::add),
        )
        .route(
            "/api/v1/reminders/{id}",
            get(reminders::one)
                .patch(reminders::edit)
                .delete(reminders::remove),
        )
        .route(
            "/api/v1/reminders/{id}/handled",
            post(reminders::handled).delete(reminders::unhandled),
        )
        .route("/api/v1/reminders/{id}/test", post(reminders::test))
        .route(
            "/api/v1/heartbeats",
            get(heartbeats::list).post(heartbeats::make),
        )
        .route(
            "/api/v1/heartbeats/{name}",
            get(heartbeats::one)
                .patch(heartbeats::edit)
                .delete(heartbeats::remove),
        )
        .route(
            "/api/v1/heartbeats/{name}/token",
            post(heartbeats::renew_token),
        )
        .route("/api/v1/badges/{subject}", get(badges::one))
        .route("/api/v1/badges/{subject}/renew", post(badges::renew))
        .route("/api/v1/heartbeats/{name}/pause", post(heartbeats::pause))
        .route("/api/v1/heartbeats/{name}/resume", post(heartbeats::resume))
        .route("/api/v1/monitors", get(monitors::list))
        .route("/api/v1/monitors/{name}", get(monitors::one))
        .route("/api/v1/monitors/{name}/look", post(monitors::look))
        .route("/api/v1/schedules", get(schedules::list))
        .route("/api/v1/schedules/{name}", get(schedules::one))
        .route("/api/v1/schedules/{name}/calendars", get(calendars::list))
        .route("/api/v1/schedules/{name}/refresh", post(calendars::refresh))
        .route(
            "/api/v1/schedules/{name}/coverage",
            get(schedules::coverage),
        )
        .route(
            "/api/v1/schedules/{name}/overrides",
            get(bookings::list).post(bookings::book),
        )
        .route(
            "/api/v1/schedules/{name}/overrides/{id}",
            get(bookings::one).delete(bookings::cancel),
        )
        .route("/api/v1/people", get(people::list))
        .route(
            "/api/v1/people/{key}/contacts/{way}/verify",
            post(people::verify),
        )
        .route(
            "/api/v1/people/{key}/contacts/{way}/confirm",
            post(people::confirm),
        )
        .route("/api/v1/on-call", get(schedules::on_call))
        .route("/api/v1/reports/summary", get(reports::summary))
        .route("/api/v1/reports/{table}", get(reports::table))
        .route("/api/v1/calls", get(calls::list).post(calls::place))
        .route(
            "/api/v1/calls/{id}",
            get(calls::one).delete(calls::take_back),
        )
        .route("/api/v1/phones", get(phones::list))
}

/// What history could not be read for.
fn history_problem(error: &HistoryError) -> Problem {
    match error {
        HistoryError::Store(error) => Problem::of_store(error),
        HistoryError::Unreadable(_) => Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "unreadable",
            &error.to_string(),
        ),
    }
}
