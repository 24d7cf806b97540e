//! Pages for people, made on the server: the inbox, the page of an alert, incidents and the page of one, schedules, people,
//! silences, reminders, heartbeats, sources, channels, and the page behind a link in a message.
//!
//! They work without a script; the one script only keeps the inbox fresh. Whatever comes from an alert
//! is escaped by the templates' environment, and the content policy allows nothing but our own files.

mod address;
mod alert;
mod answer;
mod assets;
mod card;
mod channels;
mod escalation;
mod form;
mod heartbeat_form;
mod heartbeats;
mod inbox;
mod incident;
mod incidents;
mod links;
mod live;
mod oncall;
mod people;
mod reminders;
mod reports;
mod roles;
mod senders;
mod shell;
mod silences;
mod sources;
mod timeline;
mod what_if;
mod why;
mod words;

use std::sync::Arc;

use axum::routing::{get, post};
use axum::{Extension, Router};
use balefire_engine::history::Recall;
use tokio::sync::Semaphore;

use crate::state::WebState;

pub(crate) fn routes() -> Router<WebState> {
    Router::new()
        .route("/", get(inbox::whole))
        .route("/alerts/{fingerprint}", get(alert::one))
        .route("/a/{token}", get(answer::show).post(answer::act))
        .route("/incidents", get(incidents::list))
        .route("/incidents/{id}", get(incident::one))
        .route("/console/incidents/{id}/merge", post(incident::merge))
        .route("/console/incidents/{id}/role", post(roles::act))
        .route("/console/incidents/{id}/{deed}", post(incident::act))
        .route("/reports", get(reports::reports))
        .route("/what-if", get(what_if::form).post(what_if::ask))
        .route("/reminders", get(reminders::list))
        .route("/heartbeats", get(heartbeats::list))
        .route("/console/heartbeats", post(heartbeat_form::make))
        .route(
            "/console/heartbeats/{name}/{deed}",
            post(heartbeat_form::act),
        )
        .route("/sources", get(sources::list))
        .route("/channels", get(channels::list))
        .route("/console/channels/test", post(channels::test))
        .route("/people", get(people::list))
        .route("/console/people/verify", post(people::verify))
        .route("/console/people/confirm", post(people::confirm))
        .route("/on-call", get(oncall::overview))
        .route("/on-call/{name}", get(oncall::one))
        .route("/console/on-call/{name}/override", post(oncall::override_))
        .route("/console/on-call/{name}/refresh", post(oncall::refresh))
        .route("/console/on-call/{name}/swap", post(oncall::swap))
        .route("/console/on-call/{name}/cancel/{id}", post(oncall::cancel))
        .route("/silences", get(silences::list))
        .route("/console/silences/make", post(silences::make))
        .route("/console/silences/repeat", post(silences::repeat))
        .route("/console/silences/{id}/end", post(silences::end))
        .route("/console/silences/{id}/extend", post(silences::extend))
        .route(
            "/console/silence-series/{id}/end",
            post(silences::end_series),
        )
        .route("/console/inbox", get(inbox::fragment))
        .route("/console/events", get(live::events))
        .route("/console/test-alert", post(senders::test_alert))
        .route("/assets/console.css", get(assets::css))
        .route("/assets/console.js", get(assets::js))
        .route("/assets/icon.svg", get(assets::icon))
        .layer(Extension(Arc::new(Recall::new())))
        .layer(Extension(Arc::new(Semaphore::new(live::STREAMS))))
}
