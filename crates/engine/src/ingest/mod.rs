//! From parsed items to durable inputs: defaults, identity, and the one append whose success is
//! the 2xx.

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use balefire_core::alert::{Alert, Lifecycle};
use balefire_core::event::{Input, Seq};
use balefire_core::fingerprint::Fingerprint;
use balefire_core::label::Labels;
use balefire_core::time::Time;
use balefire_sources::parsed::{Complaint, Identity, Parsed, ParsedAlert, Signal};
use balefire_store::StoreError;
use rustc_hash::FxHashMap;

use crate::delivery::shared::Shared;
use crate::keys::Keys;
use crate::known::Known;

/// Times this far from our clock, where none can be so far, mean that one of the two clocks is wrong.
const IMPLAUSIBLE: Duration = Duration::from_hours(12);

/// Longest wait for the dispatcher before keys are looked up.
const CATCH_UP: Duration = Duration::from_secs(2);

/// Who sent a batch and how it is to be read.
#[derive(Debug, Clone)]
pub struct Sender {
    /// The source's name.
    pub source: Arc<str>,
    /// How it ends alerts.
    pub lifecycle: Lifecycle,
    /// Labels for alerts that have none of these names.
    pub labels: Labels,
    /// End of a refreshing alert that is not re-sent.
    pub resolve_timeout: Duration,
}

/// What became of a batch.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Accepted {
    /// How many alerts are now on disk.
    pub alerts: usize,
    /// The number of the last event written.
    pub last: Option<Seq>,
    /// Items that could not be used: the parser's complaints and ours.
    pub complaints: Vec<Complaint>,
    /// What was left out of items that are used, or not believed: the parser's notes and ours.
    pub notes: Vec<String>,
    /// Alerts with times of another day: accepted and flagged.
    pub clock_off: usize,
}

/// Turns batches into events.
pub(crate) struct Ingest {
    pub(crate) known: Arc<Known>,
    pub(crate) keys: Arc<Keys>,
    pub(crate) shared: Arc<Shared>,
}

/// The inputs of one request, and what its keys stand for so far: its items know of each other before
/// the log does.
#[derive(Default)]
struct Batch {
    inputs: Vec<Input>,
    keys: FxHashMap<Arc<str>, Meaning>,
}

/// A sender's key.
struct Handle {
    name: Arc<str>,
    /// Whether the alert it stands for keeps its labels as long as it fires.
    holds_labels: bool,
}

impl Handle {
    fn of(source: &str, key: &str, holds_labels: bool) -> Self {
        Self {
            name: Keys::name(source, key),
            holds_labels,
        }
    }
}

/// What a key stands for.
#[derive(Clone)]
struct Meaning {
    labels: Labels,
    /// Whether the alert of these labels fires.
    fires: bool,
}

impl Meaning {
    fn is(&self, fingerprint: Fingerprint) -> bool {
        Fingerprint::of(&self.labels) == fingerprint
    }
}

impl Ingest {
    /// Stores a batch; when this returns `Ok`, every counted alert is on disk.
    pub(crate) async fn accept(
        &self,
        sender: &Sender,
        parsed: Parsed,
        now: Time,
    ) -> Result<Accepted, StoreError> {
        let mut accepted = Accepted {
            complaints: parsed.complaints,
            notes: parsed.notes,
            ..Accepted::default()
        };
        let by_key = |item: &ParsedAlert| item.identity != Identity::Labels;
        if parsed.alerts.iter().any(by_key) {
            self.catch_up().await;
        }
        let mut batch = Batch {
            inputs: Vec::with_capacity(parsed.alerts.len()),
            ..Batch::default()
        };
        let lifecycle = parsed.lifecycle.unwrap_or(sender.lifecycle);
        let sender = &Sender {
            lifecycle,
            ..sender.clone()
        };
        for item in parsed.alerts {
            let off = is_clock_off(lifecycle, &item, now);
            match self.take(sender, item, now, &mut batch) {
                Ok(()) => {
                    accepted.alerts += 1;
                    accepted.clock_off += usize::from(off);
                }
                Err(complaint) => accepted.complaints.push(complaint),
            }
        }
        if accepted.clock_off > 0 {
            accepted.notes.push(format!(
                "{} of the alerts have times more than 12 h away from our clock ({now}): check both clocks",
                accepted.clock_off
            ));
        }
        if !batch.inputs.is_empty() {
            let writer = self.shared.store.writer();
            accepted.last = Some(*writer.append(batch.inputs, now).await?.end());
        }
        Ok(accepted)
    }

    /// Waits until the dispatcher knows what is in the log, so that a resolve that follows its firing report
    /// at once finds what its key stands for. It is behind by less than a millisecond, as a rule; when it is
    /// behind by very much, waiting longer would only make the sender give up.
    pub(crate) async fn catch_up(&self) {
        let last = self.shared.store.last_event();
        let _ = tokio::time::timeout(CATCH_UP, self.shared.applied(last)).await;
    }

    /// Takes an item into the batch.
    fn take(
        &self,
        sender: &Sender,
        item: ParsedAlert,
        now: Time,
        batch: &mut Batch,
    ) -> Result<(), Complaint> {
        let start_given = item.starts_at.is_some();
        let identity = item.identity.clone();
        let mut alert = alert_of(sender, item, now)?;
        let key = match identity {
            Identity::Labels => None,
            _ if alert.lifecycle == Lifecycle::Event => None,
            Identity::Key(key) => {
                let handle = Handle::of(&sender.source, &key, false);
                self.find_by_key(&sender.source, handle, &mut alert, now, batch)
            }
            Identity::Dedup(key) => {
                let handle = Handle::of(&sender.source, &key, true);
                self.find_by_key(&sender.source, handle, &mut alert, now, batch)
            }
        };
        let input = if self.known.is_refresh(&alert, start_given, now) {
            Input::Refresh {
                fingerprint: alert.fingerprint(),
                ends_at: alert.ends_at,
                timeout: alert.timeout,
            }
        } else {
            Input::Alert {
                source: Arc::clone(&sender.source),
                alert: Box::new(alert),
            }
        };
        batch.inputs.push(input);
        batch.inputs.extend(key);
        Ok(())
    }

    /// Lets a resolve find the labels its key stands for, and a further report those of an alert that keeps
    /// them; a firing report whose labels changed under the same key closes the alert the key stood for. Answers
    /// what the key stands for from now on, if that is new.
    fn find_by_key(
        &self,
        source: &Arc<str>,
        handle: Handle,
        alert: &mut Alert,
        now: Time,
        batch: &mut Batch,
    ) -> Option<Input> {
        let Handle { name, holds_labels } = handle;
        let logged = self.keys.find(&name);
        let here = batch.keys.get(&name).cloned();
        let meaning = here.clone().or_else(|| self.meaning_of(logged?, now));
        let fires = !alert.resolved_at(now);
        if fires
            && holds_labels
            && let Some(open) = meaning.as_ref().filter(|meaning| meaning.fires)
        {
            alert.labels = held(&open.labels, &alert.labels);
        }
        let fingerprint = alert.fingerprint();
        let is_known = match &here {
            Some(meaning) => meaning.is(fingerprint),
            None => logged == Some(fingerprint),
        };
        let other = meaning.filter(|meaning| !meaning.is(fingerprint));
        match other {
            Some(other) if !fires => alert.labels = other.labels,
            Some(other) if other.fires => {
                let closed = Alert {
                    labels: other.labels,
                    starts_at: now,
                    ends_at: now,
                    ..alert.clone()
                };
                batch.inputs.push(Input::Alert {
                    source: Arc::clone(source),
                    alert: Box::new(closed),
                });
            }
            _ => {}
        }
        let labels = alert.labels.clone();
        batch
            .keys
            .insert(Arc::clone(&name), Meaning { labels, fires });
        (fires && !is_known).then_some(Input::Key {
            key: name,
            fingerprint,
        })
    }

    /// The labels of an alert that a key stands for, as long as memory holds it.
    fn meaning_of(&self, fingerprint: Fingerprint, now: Time) -> Option<Meaning> {
        let state = self.shared.state.read();
        let alert = state.alert(fingerprint)?;
        Some(Meaning {
            labels: alert.labels.clone(),
            fires: !alert.resolved_at(now),
        })
    }
}

/// The labels of an open alert, with the severity of its latest report: worse must not be missed.
fn held(open: &Labels, latest: &Labels) -> Labels {
    let severity = latest
        .get("severity")
        .map(|severity| ("severity", severity));
    Labels::from_pairs(severity).map_or_else(|_| open.clone(), |severity| open.overlaid(&severity))
}

/// Whether one of the two clocks must be wrong: nothing begins tomorrow, and what a refreshing source says is
/// over was on a quarter of an hour ago.
fn is_clock_off(lifecycle: Lifecycle, item: &ParsedAlert, now: Time) -> bool {
    let ahead = item
        .starts_at
        .is_some_and(|start| start > now.after(IMPLAUSIBLE));
    let behind = lifecycle == Lifecycle::Refreshing
        && item.ends_at.is_some_and(|end| end.after(IMPLAUSIBLE) < now);
    ahead || behind
}

/// Fills in the times by the source's lifecycle and Alertmanager's rules for missing ones.
///
/// A start ahead of our clock is kept where the sender says the end as well, or says when it is over. Where
/// the end is ours, it would lie before the start: then the start is not believed.
fn alert_of(sender: &Sender, item: ParsedAlert, now: Time) -> Result<Alert, Complaint> {
    let over = item.signal == Signal::Resolved;
    let starts_at = item.starts_at.or(item.ends_at).unwrap_or(now);
    let lifecycle = if item.signal == Signal::Event {
        Lifecycle::Event
    } else {
        sender.lifecycle
    };
    let (starts_at, ends_at, timeout) = match (lifecycle, item.ends_at) {
        (Lifecycle::Refreshing, Some(end)) => (starts_at, end, false),
        (Lifecycle::Explicit, Some(end)) if over && end < now => (starts_at, end, false),
        // "Over" is over now, whatever the sender's clock says.
        _ if over => (starts_at.min(now), now, false),
        (Lifecycle::Explicit, _) => (starts_at, Time::NEVER, false),
        (Lifecycle::Refreshing, None) | (Lifecycle::Event, _) => {
            let end = now.after(sender.resolve_timeout);
            let believed = starts_at <= end;
            (if believed { starts_at } else { now }, end, true)
        }
    };
    let labels = if sender.labels.is_empty() {
        item.labels
    } else {
        sender.labels.overlaid(&item.labels)
    };
    if ends_at < starts_at {
        return Err(Complaint::new(
            labels.to_string(),
            "start time must be before end time",
        ));
    }
    Ok(Alert {
        labels,
        annotations: item.annotations,
        generator_url: item.generator_url,
        starts_at,
        ends_at,
        updated_at: now,
        timeout,
        lifecycle,
    })
}
