//! From parsed items to durable inputs: defaults, identity, and the one append whose success is
//! the 2xx.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::alert::{Alert, Lifecycle};
use balefire_core::event::{Input, Seq};
use balefire_core::label::Labels;
use balefire_core::time::Time;
use balefire_sources::parsed::{Complaint, Identity, Parsed, ParsedAlert, Signal};
use balefire_store::{StoreError, Writer};

use crate::keys::Keys;
use crate::known::Known;

/// Times this far from our clock, where none can be so far, mean that one of the two clocks is wrong.
const IMPLAUSIBLE: Duration = Duration::from_hours(12);

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
    pub(crate) writer: Writer,
    /// The labels of an alert that a sender's key stands for.
    pub(crate) labels_of:
        Arc<dyn Fn(balefire_core::fingerprint::Fingerprint) -> Option<Labels> + Send + Sync>,
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
        let mut inputs = Vec::with_capacity(parsed.alerts.len());
        let lifecycle = parsed.lifecycle.unwrap_or(sender.lifecycle);
        let sender = &Sender {
            lifecycle,
            ..sender.clone()
        };
        for item in parsed.alerts {
            let off = is_clock_off(lifecycle, &item, now);
            match self.inputs_of(sender, item, now, &mut inputs) {
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
        if !inputs.is_empty() {
            accepted.last = Some(*self.writer.append(inputs, now).await?.end());
        }
        Ok(accepted)
    }

    fn inputs_of(
        &self,
        sender: &Sender,
        item: ParsedAlert,
        now: Time,
        inputs: &mut Vec<Input>,
    ) -> Result<(), Complaint> {
        let start_given = item.starts_at.is_some();
        let identity = item.identity.clone();
        let mut alert = alert_of(sender, item, now)?;
        if let Identity::Key(key) = identity {
            self.by_key(sender, &key, &mut alert, now, inputs);
        }
        inputs.push(if self.known.is_refresh(&alert, start_given, now) {
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
        });
        Ok(())
    }

    /// Lets a resolve find the labels its key stands for; a firing report whose labels changed
    /// under the same key closes the alert the key stood for.
    fn by_key(
        &self,
        sender: &Sender,
        key: &str,
        alert: &mut Alert,
        now: Time,
        inputs: &mut Vec<Input>,
    ) {
        let name = Keys::name(&sender.source, key);
        let stood_for = self.keys.find(&name);
        let fingerprint = alert.fingerprint();
        let former = stood_for
            .filter(|f| *f != fingerprint)
            .and_then(|f| (self.labels_of)(f));
        if alert.resolved_at(now) {
            if let Some(labels) = former {
                alert.labels = labels;
            }
            return;
        }
        if let Some(labels) = former {
            let closed = Alert {
                labels,
                starts_at: now,
                ends_at: now,
                ..alert.clone()
            };
            inputs.push(Input::Alert {
                source: Arc::clone(&sender.source),
                alert: Box::new(closed),
            });
        }
        if stood_for != Some(fingerprint) {
            inputs.push(Input::Key {
                key: name,
                fingerprint,
            });
        }
    }
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

#[cfg(test)]
mod tests {
    use balefire_core::label::Annotations;

    use super::*;

    const NOW: Time = Time::from_secs(1_000_000);
    const DAY: i64 = 86_400;

    /// Start, end and whether the end is ours, all in seconds from now; `None` when it is refused.
    fn times(
        lifecycle: Lifecycle,
        signal: Signal,
        starts: Option<i64>,
        ends: Option<i64>,
    ) -> Option<(i64, i64, bool)> {
        let at = |seconds: i64| Time::from_secs(NOW.secs() + seconds);
        let sender = Sender {
            source: "test".into(),
            lifecycle,
            labels: Labels::empty(),
            resolve_timeout: Duration::from_mins(5),
        };
        let item = ParsedAlert {
            identity: Identity::Labels,
            signal,
            labels: Labels::from_pairs([("alertname", "x")]).expect("labels"),
            annotations: Annotations::empty(),
            starts_at: starts.map(at),
            ends_at: ends.map(at),
            generator_url: "".into(),
        };
        let alert = alert_of(&sender, item, NOW).ok()?;
        let from_now = |time: Time| {
            if time == Time::NEVER {
                i64::MAX
            } else {
                time.secs() - NOW.secs()
            }
        };
        Some((
            from_now(alert.starts_at),
            from_now(alert.ends_at),
            alert.timeout,
        ))
    }

    #[test]
    fn missing_times_are_filled_in_as_the_lifecycle_says() {
        use Lifecycle::{Event, Explicit, Refreshing};
        use Signal::{Firing, Resolved};
        let cases = [
            (Refreshing, Firing, None, None, (0, 300, true)),
            (Refreshing, Firing, Some(-60), None, (-60, 300, true)),
            (Refreshing, Firing, Some(-60), Some(240), (-60, 240, false)),
            (Refreshing, Resolved, None, Some(-60), (-60, -60, false)),
            (Explicit, Firing, Some(-60), None, (-60, i64::MAX, false)),
            (Explicit, Resolved, Some(-60), Some(-30), (-60, -30, false)),
            (Explicit, Resolved, Some(-60), None, (-60, 0, false)),
            (Explicit, Resolved, None, None, (0, 0, false)),
            (Event, Signal::Event, None, None, (0, 300, true)),
        ];
        for (lifecycle, signal, starts, ends, expected) in cases {
            let found = times(lifecycle, signal, starts, ends);
            assert_eq!(
                found,
                Some(expected),
                "{lifecycle:?} {signal:?} {starts:?} {ends:?}"
            );
        }
    }

    #[test]
    fn a_clock_a_day_ahead_costs_no_alert_and_holds_no_resolve_back() {
        use Lifecycle::{Event, Explicit, Refreshing};
        use Signal::{Firing, Resolved};
        let cases = [
            (
                Refreshing,
                Firing,
                Some(DAY),
                Some(DAY + 240),
                (DAY, DAY + 240, false),
            ),
            (Refreshing, Firing, Some(DAY), None, (0, 300, true)),
            (Explicit, Firing, Some(DAY), None, (DAY, i64::MAX, false)),
            (Explicit, Resolved, Some(DAY), Some(DAY + 60), (0, 0, false)),
            (Explicit, Resolved, Some(DAY), None, (0, 0, false)),
            (Event, Signal::Event, Some(DAY), None, (0, 300, true)),
        ];
        for (lifecycle, signal, starts, ends, expected) in cases {
            let found = times(lifecycle, signal, starts, ends);
            assert_eq!(
                found,
                Some(expected),
                "{lifecycle:?} {signal:?} {starts:?} {ends:?}"
            );
        }
    }

    #[test]
    fn an_end_before_its_start_is_refused() {
        use Lifecycle::{Explicit, Refreshing};
        assert_eq!(
            times(Refreshing, Signal::Firing, Some(-60), Some(-61)),
            None
        );
        assert_eq!(
            times(Explicit, Signal::Resolved, Some(-60), Some(-61)),
            None
        );
        // Where only the word "resolved" counts, a sender's own end says nothing.
        let firing = times(Explicit, Signal::Firing, Some(-60), Some(-61));
        assert_eq!(firing, Some((-60, i64::MAX, false)));
    }
}
