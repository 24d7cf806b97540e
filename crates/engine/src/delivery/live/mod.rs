//! Messages at chat platforms that later ones answer or change. The platform's own id of each is on disk, so that a
//! thread outlives a restart.
//!
//! Where an entry is `live`, a notice is told as `core::live` says: posted, as an answer that rings, or by changing the
//! group's message (`tell`). Beside that, `jobs/live` compares what each live message shows with how things stand (its
//! alerts, what people did with its incident, and who silenced it) and asks the account's lane to change it (`refresh`). A change is
//! no notification: it has no row, and calls nobody.

mod deeds;
mod refresh;
mod row;
mod say;
mod tell;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use balefire_channels::channel::{Channel, Delivery};
use balefire_channels::error::{ErrorKind, SendError};
use balefire_channels::threads::Changed;
use futures_util::FutureExt as _;
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use tokio::sync::OwnedMutexGuard;

pub(crate) use self::refresh::{Stands, refresh, stands};
pub(crate) use self::row::Live;
pub(super) use self::tell::tell;
use super::send::GRACE;

/// Locks that are kept although nobody holds them.
const IDLE: usize = 64;

/// Who is at which message: of two that tell of it, or change it, the second waits for the first.
#[derive(Debug, Default)]
pub(crate) struct Posts(Mutex<FxHashMap<String, Arc<tokio::sync::Mutex<()>>>>);

impl Posts {
    /// The right to a message, until what is answered is dropped.
    pub(super) async fn hold(&self, id: &str) -> OwnedMutexGuard<()> {
        let lock = {
            let mut held = self.0.lock();
            if held.len() > IDLE {
                held.retain(|_, lock| Arc::strong_count(lock) > 1);
            }
            Arc::clone(held.entry(id.to_owned()).or_default())
        };
        lock.lock_owned().await
    }
}

/// Has a channel change its message, within its time.
async fn change(channel: &dyn Channel, delivery: &Delivery<'_>, limit: Duration) -> Changed {
    let limit = limit + GRACE;
    let changing = AssertUnwindSafe(channel.change(delivery)).catch_unwind();
    let failed = match tokio::time::timeout(limit, changing).await {
        Ok(Ok(changed)) => return changed,
        Ok(Err(_)) => "the channel failed inside".to_owned(),
        Err(_) => format!("no answer within {limit:?}"),
    };
    Err(SendError::new(ErrorKind::UnknownOutcome, failed))
}
