//! Drops what is older than the retention, in small transactions.

use std::time::Duration;

use balefire_store::Retention;

use crate::engine::Engine;

const EVERY: Duration = Duration::from_mins(10);
/// How long a message is answered or changed after it was last: platforms let older ones be.
const THREADS: Duration = Duration::from_hours(24 * 14);

pub(crate) async fn run(engine: Engine) {
    loop {
        tokio::select! {
            () = engine.stopping().cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
        let keep = engine.plan().retention.clone();
        let retention = Retention {
            age: keep.age,
            bytes: Some(keep.bytes),
        };
        // Each step is a transaction of its own, so that the rest can wait for the next start.
        let pruned = tokio::select! {
            () = engine.stopping().cancelled() => return,
            pruned = engine.store().prune(retention, engine.now()) => pruned,
        };
        match pruned {
            Ok(pruned) => tracing::debug!(?pruned, "old rows dropped"),
            Err(error) => tracing::warn!(%error, "old rows could not be dropped"),
        }
        if let Err(error) = engine.store().writer().drop_codes(engine.now()).await {
            tracing::warn!(%error, "codes that are over could not be dropped");
        }
        let since = engine.now().before(THREADS);
        if let Err(error) = engine.store().writer().drop_posted_before(since).await {
            tracing::warn!(%error, "messages that nothing follows on could not be forgotten");
        }
        let swept = tokio::select! {
            () = engine.stopping().cancelled() => return,
            swept = engine.sweep_files() => swept,
        };
        if let Err(error) = swept {
            tracing::warn!(%error, "pieces of broken uploads could not be dropped");
        }
    }
}
