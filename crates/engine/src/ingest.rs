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

/// A start this far ahead of our clock means that one of the two clocks is wrong.
const IMPLAUSIBLY_AHEAD: Duration = Duration::from_secs(12 * 3600);

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
    /// Alerts whose start is implausibly far ahead: accepted and flagged.
    pub clock_ahead: usize,
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
            ..Accepted::default()
        };
        let mut inputs = Vec::with_capacity(parsed.alerts.len());
        let lifecycle = parsed.lifecycle.unwrap_or(sender.lifecycle);
        let sender = &Sender { lifecycle, ..sender.clone() };
        for item in parsed.alerts {
            match self.inputs_of(sender, item, now, &mut inputs) {
                Ok(alert_starts) => {
                    accepted.alerts += 1;
                    accepted.clock_ahead +=
                        usize::from(alert_starts > now.after(IMPLAUSIBLY_AHEAD));
                }
                Err(complaint) => accepted.complaints.push(complaint),
            }
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
    ) -> Result<Time, Complaint> {
        let start_given = item.starts_at.is_some();
        let identity = item.identity.clone();
        let mut alert = alert_of(sender, item, now)?;
        if let Identity::Key(key) = identity {
            self.by_key(sender, &key, &mut alert, now, inputs);
        }
        let starts_at = alert.starts_at;
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
        Ok(starts_at)
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

/// Fills in the times by the source's lifecycle and Alertmanager's rules for missing ones.
fn alert_of(sender: &Sender, item: ParsedAlert, now: Time) -> Result<Alert, Complaint> {
    let over = item.signal == Signal::Resolved;
    let starts_at = item.starts_at.or(item.ends_at).unwrap_or(now);
    let lifecycle = if item.signal == Signal::Event {
        Lifecycle::Event
    } else {
        sender.lifecycle
    };
    let (ends_at, timeout) = match (lifecycle, item.ends_at) {
        (Lifecycle::Refreshing, Some(end)) => (end, false),
        (Lifecycle::Explicit, Some(end)) if over => (end.min(now.max(starts_at)), false),
        _ if over => (now.max(starts_at), false),
        (Lifecycle::Explicit, _) => (Time::NEVER, false),
        (Lifecycle::Refreshing, None) | (Lifecycle::Event, _) => {
            (now.after(sender.resolve_timeout), true)
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
