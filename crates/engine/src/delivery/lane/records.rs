//! Writing down what became of tries, many at a time, in the background of a lane.

use std::time::Duration;

use balefire_store::{NotificationState, Settlement, Writer};
use futures_util::StreamExt;

use super::super::settle;
use super::super::shared::Back;
use super::expected::Expected;
use super::{Lane, pass_on};

/// Batches of records that are written at once.
const AT_ONCE: usize = 2;
/// How long after a batch that the store did not take it is written again.
const WRITE_AGAIN: Duration = Duration::from_secs(1);

/// What became of a batch of records.
pub(super) enum Recorded {
    /// They are on disk.
    Settled {
        told: Vec<Back>,
        /// Rows that have ended.
        ended: Vec<u64>,
    },
    /// The store did not take them yet.
    Unsettled {
        settlements: Vec<Settlement>,
        told: Vec<Back>,
        awaited: Expected,
    },
}

impl Lane {
    /// Hands the records that have gathered to the store's writer.
    pub(super) fn write(&mut self) {
        if self.unsettled.is_empty() || self.recording.len() >= AT_ONCE {
            return;
        }
        let settlements = std::mem::take(&mut self.unsettled);
        let told = std::mem::take(&mut self.told);
        let awaited = std::mem::take(&mut self.awaited);
        let writer = self.shared.store.writer().clone();
        self.recording
            .push(Box::pin(record(writer, settlements, told, awaited)));
    }

    pub(super) fn recorded(&mut self, recorded: Recorded) {
        match recorded {
            Recorded::Settled { told, ended } => {
                for seq in ended {
                    self.intake.forget(seq);
                }
                self.outbox.extend(told);
                self.shared.changed();
            }
            Recorded::Unsettled {
                settlements,
                told,
                awaited,
            } => {
                self.awaited.put_back(awaited);
                self.unsettled.splice(0..0, settlements);
                self.told.splice(0..0, told);
            }
        }
    }

    /// Lets calls that are under way end and their records reach the disk. What has ended is written at
    /// once, since the wait for the others may be cut short.
    pub(super) async fn drain(mut self) {
        loop {
            self.write();
            tokio::select! {
                biased;
                Some(recorded) = self.recording.next() => {
                    let stuck = matches!(recorded, Recorded::Unsettled { .. });
                    self.recorded(recorded);
                    if stuck && self.shared.store.writer().failure().is_some() {
                        tracing::error!("the store is gone, what was sent last will be sent again");
                        return;
                    }
                }
                Some(handed) = self.handing.next() => self.handed(handed),
                Some(ended) = self.sending.join_next() => self.ended(ended),
                Some(ended) = self.changing.join_next() => self.changed(ended),
                else => break,
            }
            while !self.outbox.is_empty() {
                pass_on(&self.back, &mut self.outbox).await;
            }
        }
    }
}

async fn record(
    writer: Writer,
    settlements: Vec<Settlement>,
    told: Vec<Back>,
    awaited: Expected,
) -> Recorded {
    let ended = ended(&settlements);
    let settled = match awaited.note(&writer).await {
        Ok(()) => writer.settle(settlements.clone()).await,
        Err(error) => Err(error),
    };
    match settled {
        Ok(()) => Recorded::Settled { told, ended },
        Err(error) if settle::may_pass(&error) => {
            // A database that is away and a disk that is full are said once, by the store.
            if !error.is_transient() {
                tracing::error!(%error, "records of tries could not be stored, trying again");
            }
            tokio::time::sleep(WRITE_AGAIN).await;
            Recorded::Unsettled {
                settlements,
                told,
                awaited,
            }
        }
        Err(error) => {
            tracing::warn!(%error, "records of tries were refused, they are written one by one");
            record_each(&writer, settlements).await;
            Recorded::Settled { told, ended }
        }
    }
}

/// One record that the store refuses for good must not keep the others from the disk. Its notification
/// waits in the store and is tried again after a restart.
async fn record_each(writer: &Writer, settlements: Vec<Settlement>) {
    for settlement in settlements {
        let seq = settlement.seq;
        if let Err(error) = writer.settle(vec![settlement]).await {
            tracing::error!(notification = seq, %error, "the record of a try was refused");
        }
    }
}

fn ended(settlements: &[Settlement]) -> Vec<u64> {
    let over = |s: &&Settlement| s.state != NotificationState::Pending;
    settlements
        .iter()
        .filter(over)
        .map(|settlement| settlement.seq)
        .collect()
}
