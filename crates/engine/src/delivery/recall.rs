//! Calling back a try that is under way: one that waits for people, not for a provider's answer.

use rustc_hash::FxHashMap;
use tokio_util::sync::CancellationToken;

use super::bundle::{Bundle, Slot};
use super::content::Content;

/// Why a try is called back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Recalled {
    /// The node stops; the row waits in the store.
    Stopping,
    /// A newer notice says that it is over.
    Newer,
}

/// A try's ear for being called back.
#[derive(Clone, Debug)]
pub(crate) struct Recall {
    newer: CancellationToken,
    stop: CancellationToken,
}

impl Recall {
    /// Resolves when the try is called back.
    pub(crate) async fn heard(&self) -> Recalled {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Recalled::Stopping,
            () = self.newer.cancelled() => Recalled::Newer,
        }
    }
}

/// The tries of a lane that can be called back.
pub(crate) struct Recalls {
    stop: CancellationToken,
    under_way: FxHashMap<Slot, CancellationToken>,
}

impl Recalls {
    /// Of a lane that ends with `stop`.
    pub(crate) fn new(stop: CancellationToken) -> Self {
        Self {
            stop,
            under_way: FxHashMap::default(),
        }
    }

    /// A try for these bundles begins.
    pub(crate) fn begin(&mut self, bundles: &[Bundle]) -> Recall {
        let newer = CancellationToken::new();
        for slot in bundles.iter().filter_map(Bundle::slot) {
            self.under_way.insert(slot.clone(), newer.clone());
        }
        Recall {
            newer,
            stop: self.stop.clone(),
        }
    }

    /// A bundle comes in: if it says that all is over, the older one's try is called back.
    pub(crate) fn take_note(&self, bundle: &Bundle) {
        if self.under_way.is_empty() {
            return;
        }
        let is_over = matches!(&bundle.content, Content::Group(group) if group.is_over());
        let slot = bundle.slot().filter(|_| is_over);
        if let Some(try_of) = slot.and_then(|slot| self.under_way.get(slot)) {
            try_of.cancel();
        }
    }

    /// A try has ended.
    pub(crate) fn end(&mut self, slot: Option<&Slot>) {
        if let Some(slot) = slot {
            self.under_way.remove(slot);
        }
    }
}
