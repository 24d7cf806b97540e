//! Raises alerts for heartbeats that are missed or have failed, and ends them when they are back.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::alert::Lifecycle;
use balefire_core::fingerprint::Fingerprint;
use balefire_core::label::Labels;
use balefire_sources::parsed::{Parsed, ParsedAlert};
use balefire_store::StoreError;
use tokio::time::Instant;

use crate::engine::Engine;
use crate::heartbeats::{self, LOOKED, Todo};
use crate::ingest::Sender;

/// How often they are looked at.
const EVERY: Duration = Duration::from_secs(1);
/// And how soon it is noticed that another node has made one.
const MADE: Duration = Duration::from_secs(5);
/// How often it is noted that we are there; an outage seems longer by as much.
const NOTED: Duration = Duration::from_secs(30);
/// The name under which the alerts come in.
const SOURCE: &str = "heartbeat";

pub(crate) async fn run(engine: Engine) {
    let mut noted: Option<Instant> = None;
    let mut asked = Instant::now();
    recall(&engine);
    loop {
        let looked = tokio::select! {
            () = engine.stopping().cancelled() => break,
            looked = look(&engine, &mut noted) => looked,
        };
        if let Err(error) = looked {
            tracing::warn!(%error, "heartbeats could not be looked at, the next look makes up for it");
        }
        if asked.elapsed() >= MADE {
            asked = Instant::now();
            if let Err(error) = engine.refresh_heartbeats().await {
                tracing::debug!(%error, "heartbeats that were made could not be read, the next look makes up for it");
            }
        }
        let pause = if engine.heartbeats().is_empty() {
            MADE
        } else {
            EVERY
        };
        tokio::select! {
            () = engine.stopping().cancelled() => break,
            () = engine.heartbeats().news() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
    if noted.is_some() {
        // The next start then knows better how long we were away.
        let _ = note(&engine).await;
    }
}

/// After a start: alerts that are out as they should be need not be raised again.
fn recall(engine: &Engine) {
    let (all, now) = (engine.waited(), engine.now());
    let state = engine.state();
    let fires = |labels: &Labels| {
        let alert = state.alert(Fingerprint::of(labels));
        alert.is_some_and(|alert| !alert.resolved_at(now))
    };
    let out = all.iter().filter(|one| fires(&one.labels));
    let out: Vec<_> = out.map(|one| Arc::clone(&one.name)).collect();
    drop(state);
    engine.heartbeats().told(&out);
}

/// Looks at all of them once.
async fn look(engine: &Engine, noted: &mut Option<Instant>) -> Result<(), StoreError> {
    let plan = engine.plan();
    let heartbeats = engine.heartbeats();
    let todo = heartbeats.look(&engine.waited(), engine.now());
    if todo.flush {
        heartbeats.flushed().await?;
    }
    let Todo {
        raise, end, forget, ..
    } = todo;
    if !end.is_empty() {
        let over = end
            .iter()
            .map(|(name, labels)| heartbeats::over(&plan, name, labels.clone()));
        bring_in(engine, over.collect()).await?;
        heartbeats.ended(&end);
    }
    if !raise.is_empty() {
        let raised = raise
            .iter()
            .map(|(heartbeat, down)| heartbeats::raised(&plan, heartbeat, *down));
        bring_in(engine, raised.collect()).await?;
        let names: Vec<_> = raise.iter().map(|(one, _)| Arc::clone(&one.name)).collect();
        heartbeats.told(&names);
    }
    for name in &forget {
        engine.store().writer().drop_heartbeat(name).await?;
    }
    heartbeats.forget(&forget);
    let is_due = noted.is_none_or(|at| at.elapsed() >= NOTED);
    if is_due && !heartbeats.is_empty() {
        note(engine).await?;
        *noted = Some(Instant::now());
    }
    Ok(())
}

/// Notes that we are there.
async fn note(engine: &Engine) -> Result<(), StoreError> {
    let now = engine.now().micros().to_string();
    engine.store().writer().set_meta(LOOKED, &now).await
}

async fn bring_in(engine: &Engine, alerts: Vec<ParsedAlert>) -> Result<(), StoreError> {
    let sender = Sender {
        source: SOURCE.into(),
        lifecycle: Lifecycle::Explicit,
        labels: Labels::empty(),
        resolve_timeout: engine.plan().resolve_timeout,
    };
    let parsed = Parsed {
        alerts,
        ..Parsed::default()
    };
    engine.accept(&sender, parsed).await.map(drop)
}
