//! Calls the operator's heartbeat URL while all is well, so that somebody outside notices when it is not.

use std::time::Duration;

use balefire_channels::http::HttpRequest;

use crate::engine::Engine;

const UNCONFIGURED: Duration = Duration::from_secs(30);
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) async fn run(engine: Engine) {
    loop {
        let meta = engine.plan().meta.clone();
        let every = if meta.heartbeat_url.is_some() {
            meta.heartbeat_every
        } else {
            UNCONFIGURED
        };
        tokio::select! {
            () = engine.stopping().cancelled() => return,
            () = tokio::time::sleep(every.max(Duration::from_secs(1))) => {}
        }
        let Some((url, http)) = meta
            .heartbeat_url
            .as_ref()
            .zip(meta.heartbeat_http.as_ref())
        else {
            continue;
        };
        if !engine.is_well() {
            tracing::warn!("not well: the heartbeat is left out");
            continue;
        }
        let reply = tokio::select! {
            () = engine.stopping().cancelled() => return,
            reply = http.send(HttpRequest::get(url.reveal()), PATIENCE) => reply,
        };
        match reply {
            Ok(reply) if reply.is_success() => {}
            Ok(reply) => tracing::warn!(status = %reply.status, "the heartbeat was refused"),
            Err(error) => tracing::warn!(%error, "the heartbeat could not be sent"),
        }
    }
}
