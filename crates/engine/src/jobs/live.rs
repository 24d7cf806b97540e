//! Compares what live messages show with how things stand, and has their lanes change those that are behind. Whatever
//! happened while the node was down is seen at the first look.

use std::sync::Arc;
use std::time::Duration;

use balefire_store::StoreError;

use crate::delivery::live::{Live, Stands, stands};
use crate::engine::Engine;

/// How long after a change it is looked, so that what happens together is shown together.
const CALM: Duration = Duration::from_secs(1);
/// Nothing waits for longer: a change that failed is tried again, and time alone may end an alert.
const LONGEST: Duration = Duration::from_secs(30);
/// Messages that are looked at.
const MOST: usize = 1_000;

pub(crate) async fn run(engine: Engine) {
    let mut changes = engine.changes();
    loop {
        if let Err(error) = look(&engine).await {
            tracing::warn!(%error, "live messages could not be looked at, the next look makes up for it");
        }
        tokio::select! {
            () = engine.stopping().cancelled() => return,
            // Its sender lives as long as the engine.
            _ = changes.changed() => {}
            () = tokio::time::sleep(LONGEST) => {}
        }
        tokio::select! {
            () = engine.stopping().cancelled() => return,
            () = tokio::time::sleep(CALM) => {}
        }
    }
}

/// Looks at all live messages once.
async fn look(engine: &Engine) -> Result<(), StoreError> {
    let (plan, now, shared) = (engine.plan(), engine.now(), engine.shared());
    let mut entries = plan.receivers.iter().flat_map(|r| &r.integrations);
    if engine.is_shadow() || !entries.any(|entry| entry.channel.is_live()) {
        return Ok(());
    }
    for row in engine.store().posted_live(MOST).await? {
        let Some(mut live) = Live::read(&row) else {
            // Of another release: the next notice posts anew.
            engine.store().writer().drop_posted(&row.id).await?;
            continue;
        };
        match stands(shared, &plan, &mut live, now).await {
            Stands::Right => {}
            Stands::Behind => engine.change_message(&live.account, Arc::clone(&row.id)),
            Stands::Done => engine.store().writer().drop_posted(&row.id).await?,
        }
    }
    Ok(())
}
