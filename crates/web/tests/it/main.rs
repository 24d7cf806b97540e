//! The site as its callers see it, one story a test.

mod alertmanager;
mod api_v1;
mod console;
mod door;
mod fault;
mod incidents;
mod ingest;
mod overrides;
mod reminders;
mod schedules;
mod site;
