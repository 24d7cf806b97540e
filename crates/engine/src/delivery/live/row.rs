//! What is kept of a message: its names at the platform, whose it is, and what it shows.

use std::sync::Arc;

use aws_lc_rs::digest;
use balefire_channels::threads::Posted;
use balefire_core::alert::{Alert, Episode, Lifecycle};
use balefire_core::label::Labels;
use balefire_core::live::{Shown, Told};
use balefire_core::message::{AlertView, Status};
use balefire_core::severity::Severity;
use balefire_core::time::Time;
use balefire_store::{Notification, PostedRow, StoreError};
use serde::{Deserialize, Serialize};

use super::super::content::GroupContent;
use super::super::render;
use super::super::shared::Shared;

/// Episodes of one message that are remembered; those that are over go first.
const MOST: usize = 2_000;
/// Alerts of one message that are shown once memory no longer has them.
const MOST_VIEWS: usize = 100;

/// A message that was posted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Live {
    pub(crate) account: Arc<str>,
    pub(super) receiver: Arc<str>,
    pub(super) integration: Arc<str>,
    pub(super) target: Arc<str>,
    pub(super) target_label: Arc<str>,
    pub(super) group: u64,
    pub(super) route_key: Arc<str>,
    pub(super) group_labels: Labels,
    /// As the channel names the thread.
    pub(super) thread: String,
    /// The platform's ids.
    pub(super) channel: String,
    pub(super) message: String,
    pub(super) posted_at: Time,
    /// The notification that was told last.
    pub(super) notification: u64,
    /// Whether the message is kept as things stand; else it only begins a thread.
    pub(super) is_kept: bool,
    /// Whether its end was told: it is changed once more, and forgotten.
    pub(super) is_ending: bool,
    /// Whether it has shown a silence.
    #[serde(default)]
    pub(super) was_quiet: bool,
    pub(super) seen: Vec<Seen>,
    /// What it shows, as a hash.
    pub(super) shown: String,
}

/// An episode that the message tells of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Seen {
    #[serde(with = "exact")]
    pub(super) told: Told,
    /// As it was last known.
    pub(super) alert: Option<AlertView>,
}

/// An episode is known by its start to the microsecond, which a time in JSON does not have.
mod exact {
    use balefire_core::alert::Episode;
    use balefire_core::fingerprint::Fingerprint;
    use balefire_core::live::Told;
    use balefire_core::message::Status;
    use balefire_core::severity::Severity;
    use balefire_core::time::Time;
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    type Exact = (u64, i64, Status, Severity);

    pub(super) fn serialize<S: Serializer>(told: &Told, to: S) -> Result<S::Ok, S::Error> {
        let Episode {
            fingerprint,
            starts_at,
        } = told.episode;
        let exact: Exact = (
            fingerprint.0,
            starts_at.micros(),
            told.status,
            told.severity,
        );
        exact.serialize(to)
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Told, D::Error> {
        let (fingerprint, micros, status, severity) = Exact::deserialize(from)?;
        Ok(Told {
            episode: Episode {
                fingerprint: Fingerprint(fingerprint),
                starts_at: Time::from_micros(micros),
            },
            status,
            severity,
        })
    }
}

/// The id of the message for a group at one place.
pub(super) fn key(account: &str, target: &str, group: u64) -> String {
    let mut hash = digest::Context::new(&digest::SHA256);
    hash.update(&group.to_be_bytes());
    for part in [account, target] {
        hash.update(part.as_bytes());
        hash.update(&[0]);
    }
    hex(hash.finish().as_ref())
}

/// The first half of a hash, in hexadecimal.
pub(super) fn hex(hash: &[u8]) -> String {
    use std::fmt::Write as _;
    hash.iter().take(16).fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl Live {
    /// A message that is about to be posted for a notice.
    pub(super) fn begun(row: &Notification, content: &GroupContent, now: Time) -> Self {
        Self {
            account: Arc::clone(&row.account),
            receiver: Arc::clone(&row.receiver),
            integration: Arc::clone(&row.integration),
            target: Arc::clone(&row.target),
            target_label: Arc::clone(&row.target_label),
            group: content.group,
            route_key: Arc::clone(&content.route_key),
            group_labels: content.group_labels.clone(),
            thread: String::new(),
            channel: String::new(),
            message: String::new(),
            posted_at: now,
            notification: row.seq,
            is_kept: false,
            is_ending: false,
            was_quiet: false,
            seen: Vec::new(),
            shown: String::new(),
        }
    }

    pub(super) fn key(&self) -> String {
        key(&self.account, &self.target, self.group)
    }

    pub(super) fn posted(&self) -> Posted {
        Posted {
            channel: self.channel.clone(),
            id: self.message.clone(),
        }
    }

    /// Reads what is kept; `None` for nothing, and for what another release wrote in another form.
    pub(crate) fn read(row: &PostedRow) -> Option<Self> {
        serde_json::from_str(&row.body).ok()
    }

    /// Writes it down.
    pub(super) async fn keep(&self, shared: &Shared) -> Result<(), StoreError> {
        let row = PostedRow {
            id: self.key().into(),
            at: shared.clock.now(),
            is_live: self.is_kept,
            // Texts, numbers and lists of them always have a JSON form.
            body: serde_json::to_string(self).unwrap_or_default().into(),
        };
        shared.store.writer().put_posted(row).await
    }

    /// Takes over what a notice tells.
    pub(super) fn take(&mut self, notice: &[Told]) {
        for told in notice {
            let known = self.seen.iter_mut();
            match known
                .into_iter()
                .find(|seen| seen.told.episode == told.episode)
            {
                Some(seen) => seen.told = *told,
                None => self.seen.push(Seen {
                    told: *told,
                    alert: None,
                }),
            }
        }
        if self.seen.len() > MOST {
            self.seen
                .sort_by_key(|seen| seen.told.status == Status::Resolved);
            self.seen.truncate(MOST);
        }
    }

    /// Brings what it tells of up to date. What memory no longer has is over.
    pub(super) fn look(&mut self, now: Time, alert_of: impl Fn(Episode) -> Option<Arc<Alert>>) {
        for (number, seen) in self.seen.iter_mut().enumerate() {
            let known = seen.alert.take();
            let found = alert_of(seen.told.episode);
            let view = found.map(|alert| render::alert_view(&alert, seen.told.status, false, now));
            let view = view.map(|view| AlertView {
                missed: false,
                ..view
            });
            let gone = |mut view: AlertView| {
                if view.lifecycle != Lifecycle::Event && view.status == Status::Firing {
                    (view.status, view.ends_at) = (Status::Resolved, Some(now));
                }
                view
            };
            seen.alert = view.or_else(|| known.map(gone));
            if number >= MOST_VIEWS && found_is_over(seen.alert.as_ref()) {
                seen.alert = None;
            }
        }
    }

    /// What it shows, by the rules of `core::live`. What happens once is over as soon as it is told.
    pub(super) fn shows(&self) -> Vec<Shown> {
        let shown = |seen: &Seen| Shown {
            told: seen.told,
            now: match &seen.alert {
                Some(view) if view.lifecycle != Lifecycle::Event => view.status,
                _ => Status::Resolved,
            },
        };
        self.seen.iter().map(shown).collect()
    }

    /// Whether nothing it tells of fires any more.
    pub(super) fn is_over(&self) -> bool {
        let mut shown = self.shows().into_iter();
        shown.all(|shown| shown.now == Status::Resolved)
    }
}

fn found_is_over(view: Option<&AlertView>) -> bool {
    view.is_some_and(|view| view.status == Status::Resolved)
}

/// What a notice tells, each with its severity.
pub(super) fn told(
    content: &GroupContent,
    severity: Severity,
    alert_of: impl Fn(Episode) -> Option<Arc<Alert>>,
) -> Vec<Told> {
    let told = |(episode, status): &(Episode, Status)| Told {
        episode: *episode,
        status: *status,
        severity: alert_of(*episode).map_or(severity, |alert| alert.severity()),
    };
    content.episodes.iter().map(told).collect()
}
