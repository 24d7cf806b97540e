//! The site as its callers see it, one story a test.

mod alertmanager;
mod answers;
mod api_v1;
mod channels;
mod console;
mod door;
mod fault;
mod incidents;
mod ingest;
mod overrides;
mod reminders;
mod schedules;
mod silences;
mod site;
mod sources;
