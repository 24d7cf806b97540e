//! Looks at the monitors whose turn it is.

use std::sync::Arc;
use std::time::Duration;

use balefire_store::StoreError;
use futures_util::stream::{self, StreamExt as _};

use crate::engine::Engine;
use crate::monitor::MonitorState;

/// How often it is asked whose turn it is.
const EVERY: Duration = Duration::from_secs(30);
/// Monitors that are in hand at once; the looks themselves have a bound of their own.
const AT_ONCE: usize = 8;

pub(crate) async fn run(engine: Engine) {
    if engine.is_shadow() {
        return;
    }
    let mut version: Option<Arc<str>> = None;
    loop {
        let looked = tokio::select! {
            () = engine.stopping().cancelled() => return,
            looked = round(&engine, &mut version) => looked,
        };
        if let Err(error) = looked {
            tracing::warn!(%error, "monitors could not be looked at, the next round makes up for it");
        }
        tokio::select! {
            () = engine.stopping().cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// Looks at those whose turn it is; with another document, the reminders of all are brought up to date.
async fn round(engine: &Engine, version: &mut Option<Arc<str>>) -> Result<(), StoreError> {
    let plan = engine.plan();
    let states = engine.monitor_states().await?;
    if version.as_ref() != Some(&plan.version) {
        for state in &states {
            engine.keep_reminder(&state.monitor, &state.sight).await?;
        }
        forget(engine).await?;
        *version = Some(Arc::clone(&plan.version));
    }
    let now = engine.now();
    let mut looks = Vec::new();
    for state in states.into_iter().filter(|state| state.next_look <= now) {
        looks.push(look(engine.clone(), state));
    }
    let mut looks = stream::iter(looks).buffer_unordered(AT_ONCE);
    let mut failed = Ok(());
    while let Some(looked) = looks.next().await {
        failed = failed.and(looked);
    }
    failed
}

async fn look(engine: Engine, state: MonitorState) -> Result<(), StoreError> {
    engine.look_at(&state).await.map(drop)
}

/// Forgets those that the document no longer has; their reminders stay.
async fn forget(engine: &Engine) -> Result<(), StoreError> {
    let plan = engine.plan();
    for row in engine.store().monitors().await? {
        if !plan.monitors.by_name.contains_key(&row.name) {
            engine.store().writer().drop_monitor(&row.name).await?;
        }
    }
    Ok(())
}
