//! An alert: labels, annotations, a start and an end.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::fingerprint::Fingerprint;
use crate::label::{Annotations, Labels};
use crate::severity::Severity;
use crate::time::Time;

/// How a source says that something is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lifecycle {
    /// It is over when it is no longer re-sent (Prometheus): `ends_at` moves with each refresh.
    Refreshing,
    /// It is over when the source says so (Zabbix, Grafana, cloud monitors): open until then.
    Explicit,
    /// It is over at once: told once (plain text, CI results).
    Event,
}

impl Lifecycle {
    /// The word of the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refreshing => "refreshing",
            Self::Explicit => "explicit",
            Self::Event => "event",
        }
    }
}

/// One alert as Balefire knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// Identity and routing.
    pub labels: Labels,
    /// Words for people.
    pub annotations: Annotations,
    /// Where it came from, as a link; may be empty.
    pub generator_url: Arc<str>,
    /// When it began.
    pub starts_at: Time,
    /// When it ends; in the future while it fires, [`Time::NEVER`] when only the source can tell.
    pub ends_at: Time,
    /// When this state of it was received.
    pub updated_at: Time,
    /// Whether `ends_at` was invented from the resolve timeout rather than sent.
    pub timeout: bool,
    /// How its source ends alerts.
    pub lifecycle: Lifecycle,
}

/// One occurrence of an alert: the same labels that fire again later are another episode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Episode {
    /// Which alert.
    pub fingerprint: Fingerprint,
    /// When this occurrence began.
    pub starts_at: Time,
}

impl Alert {
    /// The identity of its labels.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.labels)
    }

    /// This occurrence of it.
    pub fn episode(&self) -> Episode {
        Episode {
            fingerprint: self.fingerprint(),
            starts_at: self.starts_at,
        }
    }

    /// Whether it is over at `now` (an end at this very instant counts as over).
    pub fn resolved_at(&self, now: Time) -> bool {
        self.ends_at <= now
    }

    /// How bad its labels say it is.
    pub fn severity(&self) -> Severity {
        Severity::of(&self.labels)
    }

    /// Takes in a later or earlier report of the same labels, by Alertmanager's rule.
    ///
    /// When the two activity ranges overlap, the newer report's words win, the earliest start stays,
    /// and the end is the latest one that was really sent. Otherwise the newer replaces the older as a
    /// new occurrence. Source: Alertmanager's `types.Alert.Merge` and `provider/mem.Put`.
    #[must_use]
    pub fn merged(self, incoming: Self, now: Time) -> Self {
        let overlaps = (incoming.ends_at > self.starts_at && incoming.ends_at < self.ends_at)
            || (incoming.starts_at > self.starts_at && incoming.starts_at < self.ends_at);
        if !overlaps {
            return incoming;
        }
        let (older, mut newer) = if incoming.updated_at < self.updated_at {
            (incoming, self)
        } else {
            (self, incoming)
        };
        newer.starts_at = newer.starts_at.min(older.starts_at);
        if newer.resolved_at(now) {
            if older.resolved_at(now) && older.ends_at > newer.ends_at {
                newer.ends_at = older.ends_at;
            }
        } else if older.ends_at > newer.ends_at && !older.timeout {
            newer.ends_at = older.ends_at;
        }
        newer
    }
}
