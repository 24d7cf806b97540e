//! Takes in what providers say over connections that are held open: an SMSC's receipts. Each is answered when it is on
//! disk, so that one that could not be kept is said again.

use std::sync::Arc;
use std::time::Duration;

use balefire_channels::registry;
use balefire_channels::reports::Heard;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use crate::engine::Engine;

/// How often it is asked which accounts there are.
const EVERY: Duration = Duration::from_secs(5);

/// Runs until the last call has ended: what is said meanwhile is about it.
pub(crate) async fn run(engine: Engine) {
    loop {
        tokio::select! {
            () = engine.lanes_ended() => return,
            (account, heard) = next(&engine) => take(&engine, &account, heard).await,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// What is said next, and through which account.
async fn next(engine: &Engine) -> (Arc<str>, Heard) {
    let plan = engine.plan();
    let listening = plan
        .accounts
        .values()
        .filter(|account| registry::listens(account.spec));
    let mut all: FuturesUnordered<_> = listening
        .map(|account| {
            let (name, reports) = (Arc::clone(&account.name), Arc::clone(&account.reports));
            async move { (name, reports.next().await) }
        })
        .collect();
    match all.next().await {
        Some(heard) => heard,
        // Nobody says anything.
        None => std::future::pending().await,
    }
}

async fn take(engine: &Engine, account: &str, heard: Heard) {
    match engine
        .take_reports(account, std::slice::from_ref(&heard.report))
        .await
    {
        Ok(reported) => {
            if reported.strange > 0 {
                let source = format!("receipts {account}");
                let id = heard.report.provider_id.as_bytes();
                engine
                    .reject(&source, "a receipt of nothing that went out", id)
                    .await;
            }
            heard.taken();
        }
        // Without an answer the provider says it again.
        Err(error) => tracing::warn!(account, %error, "a receipt could not be kept"),
    }
}
