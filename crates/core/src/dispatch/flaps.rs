//! How often alerts have begun of late, and which groups were told that one is flapping.
//!
//! It follows from the events and the recorded flushes alone, so a replay gives the same. Nothing is kept while no
//! route asks for it.

use std::collections::VecDeque;
use std::time::Duration;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::group::GroupId;
use crate::alert::Alert;
use crate::fingerprint::Fingerprint;
use crate::message::Status;
use crate::route::{Flapping, RouteTree};
use crate::time::Time;

/// Groups that are remembered to have been told of one alert; an alert goes to few.
const MOST_GROUPS: usize = 64;

/// What routes together need to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Need {
    /// The longest time that any route looks back.
    within: Duration,
    /// The most beginnings that any route counts.
    starts: usize,
}

/// The beginnings of all alerts that began of late.
#[derive(Clone, Debug, Default)]
pub(super) struct Flaps {
    need: Option<Need>,
    by_alert: FxHashMap<Fingerprint, Starts>,
}

/// The beginnings of one alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Starts {
    /// The last ones, the oldest first.
    times: VecDeque<Time>,
    /// The first of those that follow each other within the time that is looked back.
    run: Time,
    /// Groups that were told while it was flapping.
    told: Vec<GroupId>,
}

impl Flaps {
    pub(super) fn of(routes: &RouteTree) -> Self {
        let mut flaps = Self::default();
        flaps.follow(routes);
        flaps
    }

    /// Other routes: what they do not ask for is forgotten.
    pub(super) fn follow(&mut self, routes: &RouteTree) {
        let asked = routes
            .iter()
            .filter_map(|(_, route)| route.noise.flapping());
        self.need = asked.fold(None, |need: Option<Need>, rule| {
            let starts = rule.starts as usize;
            Some(need.map_or(
                Need {
                    within: rule.within,
                    starts,
                },
                |need| Need {
                    within: need.within.max(rule.within),
                    starts: need.starts.max(starts),
                },
            ))
        });
        if self.need.is_none() {
            self.by_alert = FxHashMap::default();
        }
    }

    /// An alert has begun to fire.
    pub(super) fn began(&mut self, fingerprint: Fingerprint, at: Time) {
        let Some(need) = self.need else { return };
        let starts = self.by_alert.entry(fingerprint).or_insert_with(|| Starts {
            times: VecDeque::new(),
            run: at,
            told: Vec::new(),
        });
        let last = starts.times.back().copied();
        if last.is_none_or(|last| last.after(need.within) <= at) {
            starts.run = at;
            starts.told.clear();
        }
        starts.times.push_back(at);
        while starts.times.len() > need.starts {
            starts.times.pop_front();
        }
    }

    /// Since when an alert comes and goes, if it is flapping at `now` by this rule.
    pub(super) fn since(
        &self,
        fingerprint: Fingerprint,
        rule: Flapping,
        now: Time,
    ) -> Option<Time> {
        let starts = self.by_alert.get(&fingerprint)?;
        starts.is_flapping(rule, now).then_some(starts.run)
    }

    /// Since when it comes and goes and until when it is held back, if a group that was told so need not hear of an alert
    /// at `now`.
    pub(super) fn held(
        &self,
        group: GroupId,
        alert: &Alert,
        fingerprint: Fingerprint,
        rule: Flapping,
        now: Time,
    ) -> Option<(Time, Time)> {
        let since = self.since(fingerprint, rule, now)?;
        let starts = self.by_alert.get(&fingerprint)?;
        let until = starts.stays_until(alert, rule, now)?;
        (starts.told.contains(&group) && until > now).then_some((since, until))
    }

    /// When an alert will have stayed as it is at `now` for long enough.
    pub(super) fn stays_until(
        &self,
        alert: &Alert,
        fingerprint: Fingerprint,
        rule: Flapping,
        now: Time,
    ) -> Option<Time> {
        let starts = self.by_alert.get(&fingerprint)?;
        starts.stays_until(alert, rule, now)
    }

    /// A group was told of an alert at `now`: that it fires, or that it is over.
    pub(super) fn note_told(
        &mut self,
        group: GroupId,
        fingerprint: Fingerprint,
        status: Status,
        rule: Flapping,
        now: Time,
    ) {
        let Some(starts) = self.by_alert.get_mut(&fingerprint) else {
            return;
        };
        starts.told.retain(|told| *told != group);
        let announced = status == Status::Firing && starts.is_flapping(rule, now);
        if announced && starts.told.len() < MOST_GROUPS {
            starts.told.push(group);
        }
    }

    /// What a group was told did not arrive.
    pub(super) fn note_lost(&mut self, group: GroupId, fingerprint: Fingerprint) {
        if let Some(starts) = self.by_alert.get_mut(&fingerprint) {
            starts.told.retain(|told| *told != group);
        }
    }

    /// Drops what is too old to count. It changes no later decision.
    pub(super) fn collect(&mut self, now: Time) {
        let Some(need) = self.need else { return };
        let counts = |starts: &Starts| {
            let last = starts.times.back();
            last.is_some_and(|last| last.after(need.within) > now)
        };
        self.by_alert.retain(|_, starts| counts(starts));
    }

    /// The clock was set back: times ahead of it would keep alerts quiet until it has caught up.
    pub(super) fn forget(&mut self) {
        self.by_alert.clear();
    }

    /// All of it, in order.
    pub(super) fn kept(&self) -> Vec<(Fingerprint, Starts)> {
        let mut kept: Vec<(Fingerprint, Starts)> = self
            .by_alert
            .iter()
            .map(|(fingerprint, starts)| (*fingerprint, starts.clone()))
            .collect();
        kept.sort_unstable_by_key(|(fingerprint, _)| *fingerprint);
        kept
    }

    /// Takes back what was kept, as far as the routes ask for it.
    pub(super) fn restore(&mut self, kept: Vec<(Fingerprint, Starts)>) {
        if self.need.is_some() {
            self.by_alert.extend(kept);
        }
    }
}

impl Starts {
    fn is_flapping(&self, rule: Flapping, now: Time) -> bool {
        let nth = self.times.len().checked_sub(rule.starts as usize);
        let nth = nth.and_then(|place| self.times.get(place));
        nth.is_some_and(|start| start.after(rule.within) > now)
    }

    /// Firing, from its last beginning; over, from its end.
    fn stays_until(&self, alert: &Alert, rule: Flapping, now: Time) -> Option<Time> {
        let since = if alert.resolved_at(now) {
            alert.ends_at
        } else {
            *self.times.back()?
        };
        Some(since.after(rule.hold))
    }
}
