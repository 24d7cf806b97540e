//! Keeps the next occurrence of each recurring silence.

use std::time::Duration;

use crate::engine::Engine;

/// How often it is looked whether one is missing; they are made long before they begin.
const EVERY: Duration = Duration::from_secs(30);

pub(crate) async fn run(engine: Engine) {
    loop {
        let kept = async {
            let series = engine.silence_series().await?;
            engine.keep_occurrences(&series).await
        };
        if let Err(error) = kept.await {
            tracing::warn!(%error, "recurring silences could not be looked at, the next round makes up for it");
        }
        tokio::select! {
            () = engine.stopping().cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}
