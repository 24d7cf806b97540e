//! Recurring work: every job may run twice, needs no arguments, and loses nothing when a run is missed.

mod calendars;
mod findings;
mod forwarding;
mod heard;
mod heartbeat;
mod identities;
mod inquiries;
mod listening;
mod live;
mod missed;
mod monitors;
mod phones;
mod receipts;
mod reminders;
mod retention;
mod rosters;
mod series;
mod verify;

use tokio::sync::mpsc;

use crate::engine::Engine;
use crate::meta::Finding;

/// Starts them all.
pub(crate) fn start(engine: &Engine, news: mpsc::Receiver<Finding>) {
    let tasks = engine.tasks();
    tasks.spawn(calendars::run(engine.clone()));
    tasks.spawn(findings::run(engine.clone(), news));
    tasks.spawn(heartbeat::run(engine.clone()));
    tasks.spawn(heard::run(engine.clone()));
    tasks.spawn(inquiries::run(engine.clone()));
    tasks.spawn(listening::run(engine.clone()));
    tasks.spawn(identities::run(engine.clone()));
    tasks.spawn(live::run(engine.clone()));
    tasks.spawn(missed::run(engine.clone()));
    tasks.spawn(forwarding::run(engine.clone()));
    tasks.spawn(monitors::run(engine.clone()));
    tasks.spawn(receipts::run(engine.clone()));
    tasks.spawn(reminders::run(engine.clone()));
    tasks.spawn(phones::run(engine.clone()));
    tasks.spawn(retention::run(engine.clone()));
    tasks.spawn(rosters::run(engine.clone()));
    tasks.spawn(series::run(engine.clone()));
    tasks.spawn(verify::run(engine.clone()));
}
