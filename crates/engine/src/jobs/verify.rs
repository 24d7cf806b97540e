//! Reads the whole store once after a start and checks every checksum, in the background.

use std::time::Duration;

use crate::engine::Engine;
use crate::meta::Trouble;

/// The first minute belongs to whoever is waiting for pages; so does one after the database was away.
const AFTER: Duration = Duration::from_mins(1);

pub(crate) async fn run(engine: Engine) {
    loop {
        tokio::select! {
            () = engine.stopping().cancelled() => return,
            () = tokio::time::sleep(AFTER) => {}
        }
        let checked = tokio::select! {
            () = engine.stopping().cancelled() => return,
            checked = engine.store().full_check(|_| {}) => checked,
        };
        match checked {
            Ok(()) => return,
            Err(error) if error.is_transient() => {
                tracing::debug!(%error, "the full check was broken off and begins again");
            }
            Err(error) => {
                let text = format!("the full check found damage: {error}");
                engine
                    .findings()
                    .report(engine.now(), Trouble::Store, "full check", text);
                return;
            }
        }
    }
}
