//! What comes in: taken into the log, or refused and recorded.

use std::time::Duration;

use balefire_sources::parsed::Parsed;
use balefire_store::{Rejected, StoreError};

use super::Engine;
use crate::ingest::{Accepted, Sender};
use crate::meta::Trouble;
use crate::metrics::BySource;

/// Bytes of a reason that are recorded.
const LONGEST_REASON: usize = 2048;
/// Who sends so much that is refused that it is no longer recorded is not answered faster than those whose
/// refusal is: that would only make them send more.
const SLOWED: Duration = Duration::from_millis(20);

impl Engine {
    /// Stores a batch of alerts; `Ok` means that they are on disk.
    pub async fn accept(&self, sender: &Sender, parsed: Parsed) -> Result<Accepted, StoreError> {
        let shared = &self.inner.shared;
        let now = shared.clock.now();
        let accepted = self.inner.ingest.accept(sender, parsed, now).await;
        let by_source = BySource {
            source: sender.source.to_string(),
        };
        match &accepted {
            Ok(accepted) => {
                let metrics = &shared.metrics;
                metrics
                    .alerts_received
                    .get_or_create(&by_source)
                    .inc_by(accepted.alerts as u64);
                let refused = accepted.complaints.len() as u64;
                metrics
                    .alerts_invalid
                    .get_or_create(&by_source)
                    .inc_by(refused);
                if accepted.clock_off > 0 {
                    shared.findings.report(
                        now,
                        Trouble::Clock,
                        &sender.source,
                        format!(
                            "{} alert(s) from {} have times more than 12 h away from our clock ({now}): check both clocks",
                            accepted.clock_off, sender.source
                        ),
                    );
                }
            }
            Err(StoreError::DiskFull) => shared.findings.report(
                now,
                Trouble::DiskFull,
                "ingest",
                "the disk is full: new alerts are refused with 507 until there is room",
            ),
            Err(error) => {
                shared
                    .findings
                    .report(now, Trouble::Store, "ingest", error.to_string());
            }
        }
        accepted
    }

    /// Records a request that was refused, so that "it never arrived" has an answer.
    pub async fn reject(&self, source: &str, reason: &str, head: &[u8]) {
        let shared = &self.inner.shared;
        let by_source = BySource {
            source: source.to_owned(),
        };
        shared
            .metrics
            .requests_rejected
            .get_or_create(&by_source)
            .inc();
        self.note(source, reason, head).await;
    }

    /// Records what was left out or not believed of a request, refused or not. Of very many in a minute only
    /// the first are.
    pub async fn note(&self, source: &str, reason: &str, head: &[u8]) {
        let shared = &self.inner.shared;
        let now = shared.clock.now();
        if !self.inner.rejects.may_record(source, now) {
            tokio::time::sleep(SLOWED).await;
            return;
        }
        let head = head[..head.len().min(Rejected::MAX_HEAD)].to_vec();
        let rejected = Rejected {
            seq: 0,
            at: now,
            source: source.into(),
            reason: reason[..reason.floor_char_boundary(LONGEST_REASON)].into(),
            head,
        };
        if let Err(error) = shared.store.writer().reject(rejected).await {
            tracing::warn!(source, reason, %error, "what is wrong with a request could not be recorded");
        }
        shared.changed();
    }
}
