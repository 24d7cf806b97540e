//! Which firing alerts the log already holds in full, so that a re-send that changes nothing is
//! written as a few bytes.
//!
//! Learnt from the log in its own order, so it never runs ahead of what is durable. An entry ends
//! with the alert's own end: after that a re-send is a new occurrence and is logged in full.

use std::hash::{Hash, Hasher};

use balefire_core::alert::{Alert, Lifecycle};
use balefire_core::event::{Event, Input};
use balefire_core::fingerprint::Fingerprint;
use balefire_core::time::Time;
use parking_lot::Mutex;
use rustc_hash::{FxHashMap, FxHasher};

const SHARDS: usize = 16;

struct Entry {
    content: u64,
    starts_at: Time,
    ends_at: Time,
}

/// The firing alerts of the log, by fingerprint.
#[derive(Default)]
pub(crate) struct Known {
    shards: [Mutex<FxHashMap<Fingerprint, Entry>>; SHARDS],
}

impl Known {
    fn shard(&self, fingerprint: Fingerprint) -> &Mutex<FxHashMap<Fingerprint, Entry>> {
        &self.shards[(fingerprint.0 >> 60) as usize % SHARDS]
    }

    /// Whether `alert` says nothing that the log does not hold but a later end. A start that the
    /// sender did not give does not count as news. An event is news every time: it happened again.
    pub(crate) fn is_refresh(&self, alert: &Alert, start_given: bool, now: Time) -> bool {
        if alert.lifecycle == Lifecycle::Event {
            return false;
        }
        let fingerprint = alert.fingerprint();
        self.shard(fingerprint)
            .lock()
            .get(&fingerprint)
            .is_some_and(|known| {
                now < known.ends_at
                    && now < alert.ends_at
                    && (!start_given || known.starts_at == alert.starts_at)
                    && known.content == content(alert)
            })
    }

    /// Takes in an alert as it stands, of the log or of a checkpoint.
    pub(crate) fn hold(&self, alert: &Alert, now: Time) {
        let fingerprint = alert.fingerprint();
        let mut shard = self.shard(fingerprint).lock();
        if alert.resolved_at(now) || alert.lifecycle == Lifecycle::Event {
            shard.remove(&fingerprint);
        } else {
            let entry = Entry {
                content: content(alert),
                starts_at: alert.starts_at,
                ends_at: alert.ends_at,
            };
            shard.insert(fingerprint, entry);
        }
    }

    /// Takes in a committed event.
    pub(crate) fn learn(&self, event: &Event) {
        match &event.input {
            Input::Alert { alert, .. } => self.hold(alert, event.at),
            Input::Refresh {
                fingerprint,
                ends_at,
                ..
            } => {
                if let Some(known) = self.shard(*fingerprint).lock().get_mut(fingerprint) {
                    known.ends_at = *ends_at;
                }
            }
            Input::Silence(_) | Input::Configuration(_) | Input::Key { .. } => {}
        }
    }

    /// Forgets what has ended by `now`.
    pub(crate) fn collect(&self, now: Time) {
        for shard in &self.shards {
            shard.lock().retain(|_, known| now < known.ends_at);
        }
    }
}

/// A hash over everything but labels, times and the receipt.
fn content(alert: &Alert) -> u64 {
    let mut hasher = FxHasher::default();
    alert.annotations.hash(&mut hasher);
    alert.generator_url.hash(&mut hasher);
    alert.lifecycle.hash(&mut hasher);
    hasher.finish()
}
