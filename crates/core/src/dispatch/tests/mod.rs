//! A world to try the dispatcher in: seconds instead of times, letters instead of labels.

mod back;
mod episodes;
mod events;
mod flapping;
mod losses;
mod model;
mod quiet;
mod random;
mod reload;
mod repeats;
mod restart;
mod size;
mod sound;
mod timing;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use super::{Dispatch, Flush, FlushRecord, IntegrationRule, Reason, Rules};
use crate::alert::{Alert, Lifecycle};
use crate::event::{Event, Input};
use crate::fingerprint::Fingerprint;
use crate::inhibit::InhibitRule;
use crate::interval::Interval;
use crate::label::{Annotations, Labels};
use crate::matcher::{MatchOp, Matcher, Matchers};
use crate::message::Status;
use crate::route::{RouteNode, RouteTree};
use crate::silence::Silence;
use crate::time::Time;

pub(super) const WAIT: i64 = 10;
pub(super) const INTERVAL: i64 = 60;
pub(super) const REPEAT: i64 = 600;

pub(super) fn secs(secs: i64) -> Time {
    Time::from_secs(secs)
}

fn span(secs: i64) -> Duration {
    Duration::from_secs(secs.unsigned_abs())
}

pub(super) fn labels(pairs: &[(&str, &str)]) -> Labels {
    Labels::from_pairs(pairs.iter().copied()).expect("labels")
}

pub(super) fn matchers(pairs: &[(&str, &str)]) -> Matchers {
    let equal = |(name, value): &(&str, &str)| Matcher::new(name, MatchOp::Equal, value);
    Matchers(
        pairs
            .iter()
            .map(equal)
            .collect::<Result<_, _>>()
            .expect("matchers"),
    )
}

/// A root route to receiver `ops`, grouped by `group`.
pub(super) fn root() -> RouteNode {
    RouteNode {
        receiver: Some("ops".into()),
        group_by: Some(vec!["group".into()]),
        group_wait: Some(span(WAIT)),
        group_interval: Some(span(INTERVAL)),
        repeat_interval: Some(span(REPEAT)),
        ..RouteNode::default()
    }
}

/// Rules of one route and these integrations, each with its `send_resolved`.
pub(super) fn rules(root: RouteNode, integrations: &[(&str, bool)]) -> Rules {
    let ways = integrations
        .iter()
        .map(|(key, send_resolved)| IntegrationRule {
            key: (*key).into(),
            send_resolved: *send_resolved,
        })
        .collect::<Vec<_>>();
    Rules {
        version: "1".into(),
        routes: RouteTree::new(root).expect("routes"),
        receivers: HashMap::from([("ops".into(), ways.clone()), ("dba".into(), ways)]),
        inhibit: Vec::new(),
        intervals: BTreeMap::new(),
        resolve_timeout: span(300),
        silence_retention: span(120 * 3600),
    }
}

/// What an integration was told, in short: `ops firing a@0 (first notification)`.
pub(super) fn told(flush: &Flush) -> Vec<String> {
    let name = |fingerprint: Fingerprint| {
        let alert = flush
            .alerts
            .iter()
            .find(|alert| alert.fingerprint() == fingerprint);
        alert.map_or("?".to_owned(), |alert| {
            alert.labels.value("name").to_owned()
        })
    };
    let words = |due: &super::Obligation| {
        let mut episodes: Vec<String> = due
            .episodes
            .iter()
            .map(|(episode, status)| {
                let missed = due.missed.contains(episode);
                let status = if missed { "missed" } else { status.as_str() };
                format!(
                    "{}@{} {status}",
                    name(episode.fingerprint),
                    episode.starts_at.secs()
                )
            })
            .collect();
        episodes.sort_unstable();
        format!(
            "{} {}: {}",
            due.integration,
            due.reason.as_str(),
            episodes.join(", ")
        )
    };
    flush.record.obligations.iter().map(words).collect()
}

pub(super) struct World {
    pub(super) dispatch: Dispatch,
    seq: u64,
    /// The last event.
    last: Option<Event>,
    /// When, and what was told.
    pub(super) heard: Vec<(i64, String)>,
    pub(super) records: Vec<FlushRecord>,
    /// Records whose notifications have arrived.
    settled: usize,
}

impl World {
    pub(super) fn new(rules: Rules) -> Self {
        Self::with(Dispatch::new(Arc::new(rules)))
    }

    pub(super) fn with(dispatch: Dispatch) -> Self {
        let seq = dispatch.cursor();
        Self {
            dispatch,
            seq,
            last: None,
            heard: Vec::new(),
            records: Vec::new(),
            settled: 0,
        }
    }

    /// One route, one integration called `chat`.
    pub(super) fn plain() -> Self {
        Self::new(rules(root(), &[("chat", true)]))
    }

    /// Flushes everything due before and at `until`, each at its own time.
    pub(super) fn run(&mut self, until: i64) -> &mut Self {
        while let Some(due) = self.dispatch.next_due().filter(|due| *due <= secs(until)) {
            for flush in self.dispatch.turn(due, 1) {
                let at = flush.record.at.secs();
                self.heard
                    .extend(told(&flush).into_iter().map(|words| (at, words)));
                self.records.push(flush.record);
            }
        }
        self
    }

    pub(super) fn input(&mut self, at: i64, input: Input) -> Event {
        self.run(at - 1);
        self.seq += 1;
        let event = Event {
            seq: self.seq,
            at: secs(at),
            input,
        };
        self.dispatch.apply(&event);
        self.last = Some(event.clone());
        event
    }

    pub(super) fn post(&mut self, at: i64, alert: Alert) -> &mut Self {
        self.input(
            at,
            Input::Alert {
                source: "test".into(),
                alert: Box::new(alert),
            },
        );
        self
    }

    /// An explicit alert of group g, open from `at` on.
    pub(super) fn fire(&mut self, at: i64, name: &str) -> &mut Self {
        self.post(at, alert(name, at, None))
    }

    /// The same alert closed at `at`, with a start of its own as many senders give it.
    pub(super) fn resolve(&mut self, at: i64, name: &str) -> &mut Self {
        self.post(at, alert(name, at, Some(at)))
    }

    pub(super) fn silence(&mut self, at: i64, from: i64, until: i64, name: &str) -> &mut Self {
        let silence = Silence {
            id: format!("silence {}", self.seq + 1).into(),
            matcher_sets: vec![matchers(&[("name", name)])],
            starts_at: secs(from),
            ends_at: secs(until),
            updated_at: secs(at),
            created_by: "t".into(),
            comment: "t".into(),
            annotations: Annotations::empty(),
        };
        let json = serde_json::to_string(&silence).expect("json");
        self.input(at, Input::Silence(json.into()));
        self
    }

    /// What was told since the last time, as `time words`.
    pub(super) fn heard(&mut self) -> Vec<String> {
        std::mem::take(&mut self.heard)
            .into_iter()
            .map(|(at, words)| format!("{at} {words}"))
            .collect()
    }

    pub(super) fn group(&self) -> super::GroupId {
        self.dispatch.groups().next().expect("a group").id()
    }
}

pub(super) fn fingerprint(name: &str) -> Fingerprint {
    Fingerprint::of(&labels(&[("name", name), ("group", "g")]))
}

/// An alert of lifecycle `explicit`; open when no end is given.
pub(super) fn alert(name: &str, starts_at: i64, ends_at: Option<i64>) -> Alert {
    Alert {
        labels: labels(&[("name", name), ("group", "g")]),
        annotations: Annotations::empty(),
        generator_url: "".into(),
        starts_at: secs(starts_at),
        ends_at: ends_at.map_or(Time::NEVER, secs),
        updated_at: secs(ends_at.unwrap_or(starts_at)),
        timeout: false,
        lifecycle: Lifecycle::Explicit,
    }
}

/// An alert as Prometheus sends it at `at`: it ends a while later unless sent again.
pub(super) fn refreshing(name: &str, starts_at: i64, at: i64, ends_at: i64) -> Alert {
    Alert {
        updated_at: secs(at),
        lifecycle: Lifecycle::Refreshing,
        ..alert(name, starts_at, Some(ends_at))
    }
}
