//! Tells Balefire's own troubles to the receiver the operator named for them.

use balefire_template::compose;
use tokio::sync::mpsc;

use crate::engine::Engine;
use crate::meta::Finding;

pub(crate) async fn run(engine: Engine, mut news: mpsc::Receiver<Finding>) {
    loop {
        let finding = tokio::select! {
            () = engine.stopping().cancelled() => return,
            Some(finding) = news.recv() => finding,
        };
        let plan = engine.plan();
        let Some(receiver) = plan.meta.receiver.clone() else {
            continue;
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
        if let Err(error) = engine.tell(&receiver, &message).await {
            tracing::error!(%error, "a meta-alert could not be stored");
        }
    }
}
