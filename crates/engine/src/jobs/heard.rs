//! Writes what heartbeats are heard and what else changes of them, all of it together.

use std::time::Duration;

use crate::engine::Engine;

/// How long after a write that failed the next one is tried.
const AGAIN: Duration = Duration::from_secs(1);

/// Writes what changes until the last call has ended.
pub(crate) async fn run(engine: Engine) {
    let heartbeats = engine.heartbeats();
    let mut failed = false;
    loop {
        tokio::select! {
            () = engine.lanes_ended() => break,
            () = heartbeats.changes() => {}
            () = tokio::time::sleep(AGAIN), if failed => {}
        }
        let written = heartbeats.write(engine.store()).await;
        failed = written.is_err();
        if let Err(error) = written {
            tracing::warn!(%error, "heartbeats could not be written");
        }
    }
    // What was taken in while the node stopped.
    let _ = heartbeats.write(engine.store()).await;
}
