//! Writing a decision, and what becomes of it.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::alert::Episode;
use balefire_core::dispatch::FlushRecord;
use balefire_store::{Decision, Notification, StoreError};

use super::Dispatcher;
use crate::delivery::rows::numbered;
use crate::delivery::settle;
use crate::delivery::shared::Shared;
use crate::meta::Trouble;

/// How long after a decision that the store did not take it is written again.
const WRITE_AGAIN: Duration = Duration::from_secs(1);
/// After so many refusals that have nothing to do with the disk, the decision is dropped.
const REFUSALS: u32 = 3;

/// What became of a decision.
pub(super) enum Decided {
    /// It is on disk, with these rows.
    Rows(Vec<Notification>),
    /// The store will never take it; its obligations have to be decided anew.
    Refused {
        records: Vec<FlushRecord>,
        notifications: usize,
    },
}

/// Writes a decision, again and again until the disk takes it.
pub(super) async fn decide(
    shared: Arc<Shared>,
    decision: Decision,
    records: Vec<FlushRecord>,
) -> Decided {
    let pending = &shared.metrics.notifications_pending;
    pending.inc_by(decision.notifications.len() as i64);
    let mut refusals = 0;
    loop {
        let error = match shared.store.writer().decide(decision.clone()).await {
            Ok(decided) => {
                shared.changed();
                if !decision.facts.is_empty() {
                    shared.bell.word();
                }
                return Decided::Rows(numbered(decision.notifications, decided));
            }
            Err(error) => error,
        };
        let now = shared.clock.now();
        let trouble = match error {
            StoreError::DiskFull => Trouble::DiskFull,
            _ => Trouble::Store,
        };
        shared
            .findings
            .report(now, trouble, "decisions", error.to_string());
        refusals += u32::from(!settle::may_pass(&error));
        if refusals >= REFUSALS {
            return Decided::Refused {
                records,
                notifications: decision.notifications.len(),
            };
        }
        tokio::time::sleep(WRITE_AGAIN).await;
    }
}

impl Dispatcher {
    pub(super) fn decided(&mut self, decided: Decided) {
        match decided {
            Decided::Rows(rows) => {
                // Their episodes were kept when the flush was taken.
                self.tally.opened(&rows);
                self.lanes.hand(&self.shared, rows);
            }
            Decided::Refused {
                records,
                notifications,
            } => {
                let pending = &self.shared.metrics.notifications_pending;
                pending.dec_by(notifications as i64);
                self.decide_anew(&records);
            }
        }
    }

    /// What was decided and could not be written is not told: the next flush decides again.
    fn decide_anew(&self, records: &[FlushRecord]) {
        let flushes = records.len();
        tracing::error!(
            flushes,
            "a decision was refused by the store, it is taken again"
        );
        if self.shared.shadow {
            return;
        }
        let mut state = self.shared.state.write();
        for record in records {
            for obligation in &record.obligations {
                let episodes: Vec<Episode> = obligation.episodes.iter().map(|(e, _)| *e).collect();
                state.give_back(record.group, &obligation.integration, &episodes);
            }
        }
    }
}
