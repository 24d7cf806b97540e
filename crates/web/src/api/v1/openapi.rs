//! The description of this interface: OpenAPI, made from the handlers' own annotations.

use std::sync::LazyLock;

use axum::response::IntoResponse;
use http::header;
use utoipa::OpenApi;

use super::{
    alarm_departments, alarm_groups, alarms, alerts, badges, bookings, calendars, calls, channels,
    config, escalations, events, explain, files, groups, heartbeats, incident_files,
    incident_merge, incident_roles, incidents, links, messages, monitors, notifications, people,
    phones, redrive, rejected, reminders, reports, schedules, series, silences, sources, status,
    templates, what_if,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Balefire",
        description = "Events, alerts, notifications, silences, incidents, reminders, heartbeats, monitors, schedules, reports and messages of a Balefire node. \
            Errors are `application/problem+json`; unknown query keys and body fields are refused.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    paths(
        events::list,
        events::one,
        rejected::list,
        alarms::list,
        alarm_departments::list,
        alarm_departments::put,
        alarm_departments::take_back,
        alarm_groups::list,
        alarm_groups::put,
        alarm_groups::take_back,
        alerts::list,
        alerts::one,
        explain::explain,
        groups::list,
        notifications::list,
        notifications::one,
        redrive::one,
        redrive::all,
        series::list,
        series::make,
        series::end,
        silences::list,
        silences::one,
        silences::put,
        silences::expire,
        incidents::list,
        incidents::one,
        incidents::open,
        incidents::edit,
        incidents::acknowledge,
        incidents::resolve,
        incidents::reopen,
        incidents::note,
        escalations::snooze,
        escalations::reassign,
        escalations::escalate,
        links::of_incident,
        links::call_back,
        people::list,
        people::verify,
        people::confirm,
        incident_merge::merge,
        incident_merge::report,
        incident_roles::give,
        incident_roles::give_back,
        incident_files::attach,
        incident_files::detach,
        reminders::list,
        reminders::one,
        reminders::add,
        reminders::edit,
        reminders::remove,
        reminders::handled,
        reminders::unhandled,
        reminders::test,
        heartbeats::list,
        heartbeats::make,
        heartbeats::one,
        heartbeats::edit,
        heartbeats::remove,
        heartbeats::renew_token,
        badges::one,
        badges::renew,
        heartbeats::pause,
        heartbeats::resume,
        monitors::list,
        monitors::one,
        monitors::look,
        schedules::list,
        schedules::shifts,
        schedules::feed,
        schedules::coverage,
        calendars::list,
        calendars::refresh,
        schedules::on_call,
        channels::list,
        sources::list,
        sources::one,
        bookings::list,
        bookings::book,
        bookings::one,
        bookings::cancel,
        reports::summary,
        reports::table,
        messages::send,
        files::put,
        files::list,
        files::one,
        files::delete,
        calls::list,
        calls::place,
        calls::one,
        calls::take_back,
        phones::list,
        config::current,
        config::versions,
        config::version,
        config::check,
        what_if::ask,
        what_if::progress,
        status::status,
        templates::render,
    )
)]
struct Description;

static JSON: LazyLock<String> =
    LazyLock::new(|| Description::openapi().to_pretty_json().unwrap_or_default());

/// The description, JSON.
pub(crate) fn document() -> &'static str {
    &JSON
}

pub(crate) async fn openapi() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], document())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `crates/web/openapi.json` is what clients are made from, so that a change of the interface shows in review.
    #[test]
    fn the_description_in_the_repository_is_the_one_that_is_served() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
        let served = format!("{}\n", document());
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        if served != kept {
            let fresh = std::env::temp_dir().join("balefire-openapi.json");
            std::fs::write(&fresh, &served).expect("a place for the new description");
            panic!(
                "the interface changed: look at {} and copy it to {path}",
                fresh.display()
            );
        }
        assert!(served.contains("/api/v1/messages"));
    }
}
