//! The alert that is asked about: in memory, else in the log.

use std::sync::Arc;

use balefire_core::alert::Alert;
use balefire_core::event::{Event, Input, Seq};
use balefire_core::fingerprint::Fingerprint;
use balefire_core::label::Labels;
use balefire_core::matcher::Matcher;
use balefire_core::time::Time;

use super::{Asked, Gathering};
use crate::history::HistoryError;

/// Events looked through, and how many at a time.
const EVENTS: usize = 20_000;
const PAGE: usize = 1000;

/// An alert that was found.
pub(super) struct Found {
    pub(super) fingerprint: Fingerprint,
    /// `None` when only decisions know of it.
    pub(super) labels: Option<Labels>,
    /// The source that sent it.
    pub(super) source: Option<Arc<str>>,
    /// When it was first heard of, as far back as was looked.
    pub(super) arrived: Option<Time>,
    /// The receivers that its routes lead to.
    pub(super) receivers: Vec<Arc<str>>,
}

/// What was found of what was asked.
pub(super) struct Search {
    pub(super) alert: Option<Found>,
    pub(super) others: usize,
}

fn matches(matchers: &[Matcher], labels: &Labels) -> bool {
    matchers.iter().all(|matcher| matcher.matches(labels))
}

impl Gathering<'_> {
    pub(super) async fn find(&self, asked: &Asked) -> Result<Search, HistoryError> {
        let (in_memory, others) = self.in_memory(asked);
        let mut found = in_memory.map(|alert| Found {
            fingerprint: alert.fingerprint(),
            arrived: Some(alert.updated_at),
            labels: Some(alert.labels.clone()),
            source: None,
            receivers: Vec::new(),
        });
        self.in_log(asked, &mut found).await?;
        if let (None, Asked::Fingerprint(fingerprint)) = (&found, asked) {
            found = Some(Found {
                fingerprint: *fingerprint,
                labels: None,
                source: None,
                arrived: None,
                receivers: Vec::new(),
            });
        }
        if let Some(found) = &mut found {
            found.receivers = self.receivers(found.labels.as_ref());
        }
        Ok(Search {
            alert: found,
            others,
        })
    }

    /// The alert in memory, and how many others are meant as well.
    fn in_memory(&self, asked: &Asked) -> (Option<Arc<Alert>>, usize) {
        let memory = self.engine.state();
        match asked {
            Asked::Fingerprint(fingerprint) => (memory.alert(*fingerprint).cloned(), 0),
            Asked::Matchers(matchers) => {
                let meant = || memory.alerts().filter(|a| matches(matchers, &a.labels));
                // One that began later than the instant that is asked about is not what is meant, if there is another.
                let last = meant().max_by_key(|a| (a.starts_at <= self.at, a.updated_at));
                (last.cloned(), meant().count().saturating_sub(1))
            }
        }
    }

    /// Learns from the log, newest first, which alert is meant and when it was first heard of.
    async fn in_log(&self, asked: &Asked, found: &mut Option<Found>) -> Result<(), HistoryError> {
        let (mut before, mut read) = (Seq::MAX, 0);
        while read < EVENTS {
            let page = self.engine.store().events_before(before, PAGE).await?;
            let Some(oldest) = page.last() else { break };
            before = oldest.seq;
            read += page.len();
            for event in &page {
                learn(event, asked, found);
            }
        }
        Ok(())
    }

    fn receivers(&self, labels: Option<&Labels>) -> Vec<Arc<str>> {
        let Some(labels) = labels else {
            return Vec::new();
        };
        let memory = self.engine.state();
        let routes = &memory.rules().routes;
        let mut receivers: Vec<Arc<str>> = Vec::new();
        for index in routes.matching(labels) {
            let receiver = routes.route(index).map(|route| Arc::clone(&route.receiver));
            receivers.extend(receiver.filter(|name| !receivers.contains(name)));
        }
        receivers
    }
}

/// Takes from an event what it says of the alert that is meant.
fn learn(event: &Event, asked: &Asked, found: &mut Option<Found>) {
    if let Input::Alert { source, alert } = &event.input {
        let fingerprint = alert.fingerprint();
        let meant = match (&*found, asked) {
            (Some(found), _) => found.fingerprint == fingerprint,
            (None, Asked::Fingerprint(wanted)) => *wanted == fingerprint,
            (None, Asked::Matchers(matchers)) => matches(matchers, &alert.labels),
        };
        if meant {
            let known = found.get_or_insert_with(|| Found {
                fingerprint,
                labels: None,
                source: None,
                arrived: None,
                receivers: Vec::new(),
            });
            known.labels.get_or_insert_with(|| alert.labels.clone());
            known.source.get_or_insert_with(|| Arc::clone(source));
            known.arrived = known.arrived.into_iter().chain([event.at]).min();
        }
    }
}
