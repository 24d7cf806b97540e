//! Looks whether telephones ask for the calls that wait.

use std::time::Duration;

use balefire_core::duration;

use crate::engine::Engine;
use crate::meta::Trouble;

const EVERY: Duration = Duration::from_secs(5);

pub(crate) async fn run(engine: Engine) {
    loop {
        tokio::select! {
            () = engine.stopping().cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
        let (waiting, silent) = engine.calls_waiting();
        engine.metrics().calls_waiting.set(waiting as i64);
        if let Some(silent) = silent {
            let silent = duration::format(Duration::from_secs(silent.as_secs()));
            let text = format!(
                "{waiting} call(s) wait and no telephone has asked for {silent}: look whether the app runs, has the right address and a network"
            );
            engine
                .findings()
                .report(engine.now(), Trouble::PhoneSilent, "autocall", text);
        }
    }
}
