//! What all sessions share.

use std::net::IpAddr;

use balefire_engine::engine::Engine;
use balefire_engine::metrics::BySource;
use tokio_util::sync::CancellationToken;

use super::recipient::Nobody;
use super::repeats::Repeats;
use crate::access::{Guesses, contains};
use crate::tls::Certificate;

/// What refusals at the door are recorded as.
const DOOR: &str = "smtp";

/// The listener's memory and its way into the node.
pub(super) struct Door {
    pub(super) engine: Engine,
    pub(super) tls: Option<Certificate>,
    pub(super) stop: CancellationToken,
    pub(super) repeats: Repeats,
    guesses: Guesses,
}

/// Who may talk at all, as the document says now.
pub(super) struct Terms {
    /// Whether nothing is taken before STARTTLS.
    pub(super) tls_required: bool,
    /// Whether the peer's network is let in.
    pub(super) is_let_in: bool,
    /// Our name.
    pub(super) host: String,
}

impl Door {
    pub(super) fn new(engine: Engine, tls: Option<Certificate>, stop: CancellationToken) -> Self {
        Self {
            engine,
            tls,
            stop,
            repeats: Repeats::default(),
            guesses: Guesses::new(),
        }
    }

    pub(super) fn terms(&self, peer: IpAddr) -> Terms {
        let plan = self.engine.plan();
        let smtp = plan.server.smtp.as_ref();
        let inside = |networks: &Vec<String>| networks.iter().any(|net| contains(net, peer));
        let url = url::Url::parse(&plan.server.external_url).ok();
        Terms {
            tls_required: smtp.is_some_and(|smtp| smtp.tls_required),
            is_let_in: smtp.is_none_or(|smtp| inside(&smtp.networks)),
            host: url
                .and_then(|url| url.host_str().map(ToOwned::to_owned))
                .unwrap_or_else(|| "balefire".to_owned()),
        }
    }

    /// Whether an address has guessed too often of late.
    pub(super) fn is_shut(&self, peer: IpAddr) -> bool {
        self.guesses.is_shut(peer)
    }

    /// Records a recipient that is none; whether the sender may go on.
    pub(super) async fn refused(&self, peer: IpAddr, why: Nobody) -> bool {
        self.note(&why.to_string()).await;
        self.guesses.failed(peer).is_ok()
    }

    /// Records what was refused before it was anybody's. Strangers cannot fill the record.
    pub(super) async fn note(&self, reason: &str) {
        if self.guesses.may_note() {
            self.engine.reject(DOOR, reason, &[]).await;
            return;
        }
        let source = DOOR.to_owned();
        let rejected = &self.engine.metrics().requests_rejected;
        rejected.get_or_create(&BySource { source }).inc();
    }
}
