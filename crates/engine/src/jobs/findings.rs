//! Tells Balefire's own troubles to the receiver the operator named for them.

use std::time::Duration;

use balefire_template::compose;
use tokio::sync::mpsc;

use crate::engine::Engine;
use crate::meta::Finding;

/// How long after a meta-alert that could not be stored, because the database was away, the next try is made.
const TELL_AGAIN: Duration = Duration::from_secs(2);

/// Runs until the node stops; what the last calls came to is still stored, to be told by the next start.
pub(crate) async fn run(engine: Engine, mut news: mpsc::Receiver<Finding>) {
    loop {
        tokio::select! {
            () = engine.lanes_ended() => break,
            Some(finding) = news.recv() => tell(&engine, finding).await,
        }
    }
    while let Ok(finding) = news.try_recv() {
        tell(&engine, finding).await;
    }
}

async fn tell(engine: &Engine, finding: Finding) {
    let plan = engine.plan();
    let Some(receiver) = plan.meta.receiver.clone() else {
        return;
    };
    let reader = compose::Reader {
        locale: plan.server.reader.locale,
        zone: plan.server.reader.zone.clone(),
    };
    let message = compose::compose_meta(
        finding.trouble.as_str(),
        &finding.subject,
        &finding.text,
        finding.trouble.severity(),
        &reader,
    );
    while let Err(error) = engine.tell(&receiver, &message).await {
        if !error.is_transient() || engine.stopping().is_cancelled() {
            tracing::error!(%error, "a meta-alert could not be stored");
            return;
        }
        tokio::select! {
            () = engine.stopping().cancelled() => {}
            () = tokio::time::sleep(TELL_AGAIN) => {}
        }
    }
}
