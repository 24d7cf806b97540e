//! What a flush of a group decides, without doing it: inhibition, active intervals, mute
//! intervals, silences, then what each integration does not know yet.

use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use rustc_hash::FxHasher;

use super::group::{Group, GroupId, Ledger};
use super::record::{Flush, FlushRecord, Judged, Mute, Obligation, Reason, Verdict};
use super::roll::status_at;
use super::{Dispatch, IntegrationRule};
use crate::alert::{Alert, Episode, Lifecycle};
use crate::label::Labels;
use crate::message::Status;
use crate::route::Route;
use crate::time::Time;

/// A member on its way through the rules.
struct Case<'a> {
    judged: Judged,
    alert: &'a Arc<Alert>,
    /// It is over, and was kept quiet when it ended.
    over_in_quiet: bool,
    /// When it has stayed as it is, if it is held back.
    held_until: Option<Time>,
}

/// An integration and what it was told last, unless that has expired.
struct Listener<'a> {
    rule: &'a IntegrationRule,
    ledger: Option<&'a Ledger>,
    repeat_interval: Duration,
}

/// A decision and the fingerprint of what the rules said.
pub(super) struct Decided {
    pub(super) flush: Flush,
    pub(super) said: u64,
    /// When the first of the alerts that are held back may be told.
    pub(super) held_until: Option<Time>,
}

impl Dispatch {
    /// Decides about a group at `now`; `None` when there is no such group.
    pub(super) fn decide(&self, id: GroupId, now: Time) -> Option<Decided> {
        let group = self.groups.get(&id)?;
        let route = self.rules.routes.route(group.route)?;
        let listeners = self.listeners(id, group, route, now);
        let muted = self.muted(route, now);
        let mut cases: Vec<Case<'_>> = group
            .members
            .iter()
            .filter_map(|episode| self.judge(episode, route, &listeners, muted.is_some(), now))
            .map(|case| self.hold_back(id, route, case, now))
            .collect();
        let said = said(muted.as_ref(), cases.iter().map(|case| &case.judged));
        let due: Vec<(&Listener<'_>, Reason)> = listeners
            .iter()
            .filter_map(|listener| {
                listener
                    .reason(&cases, now)
                    .map(|reason| (listener, reason))
            })
            .collect();
        let held_until = cases.iter().filter_map(|case| case.held_until).min();
        let leaves = cases.iter().any(Case::leaves);
        let changed = !due.is_empty() || leaves || !group.flushed || said != group.said;
        let mut record = FlushRecord {
            group: id,
            ordinal: self.ordinal,
            at: now,
            muted,
            alerts: Vec::new(),
            obligations: Vec::new(),
        };
        let mut alerts = Vec::new();
        if changed {
            cases.sort_by_cached_key(|case| order(case.alert));
            alerts = cases.iter().map(|case| Arc::clone(case.alert)).collect();
            record.obligations = due
                .iter()
                .map(|(listener, reason)| listener.obligation(&cases, *reason))
                .collect();
            record.alerts = cases.into_iter().map(|case| case.judged).collect();
        }
        let flush = Flush {
            record,
            receiver: Arc::clone(&route.receiver),
            route_key: Arc::clone(&route.key),
            group_labels: group.labels.clone(),
            alerts,
            changed,
        };
        Some(Decided {
            flush,
            said,
            held_until,
        })
    }

    fn listeners<'a>(
        &'a self,
        id: GroupId,
        group: &'a Group,
        route: &Route,
        now: Time,
    ) -> Vec<Listener<'a>> {
        let rules = self
            .rules
            .receivers
            .get(&route.receiver)
            .map_or(&[][..], Vec::as_slice);
        let expiry = self.rules.entry_lives(route);
        rules
            .iter()
            .map(|rule| Listener {
                rule,
                ledger: group
                    .ledger(&rule.key)
                    .filter(|l| l.told_at.after(expiry) > now),
                repeat_interval: route.repeat_interval,
            })
            .map(|listener| Listener {
                repeat_interval: route.noise.repeat_interval(
                    route.repeat_interval,
                    self.repeats.of(id, &listener.rule.key),
                ),
                ..listener
            })
            .collect()
    }

    fn judge(
        &self,
        episode: Episode,
        route: &Route,
        listeners: &[Listener<'_>],
        muted: bool,
        now: Time,
    ) -> Option<Case<'_>> {
        let alert = &self.roll.entry(episode)?.alert;
        let status = status_at(alert, now);
        let mut verdict = self.verdict(&alert.labels, muted, now);
        let mut over_in_quiet = false;
        if verdict == Verdict::Passed && status == Status::Resolved {
            let knows = |l: &Listener<'_>| l.ledger.is_some_and(|l| l.told(episode).is_some());
            if !listeners.iter().all(knows) {
                over_in_quiet = self.quiet_at_end(route, alert);
                if over_in_quiet && !listeners.iter().any(knows) {
                    verdict = Verdict::OverInQuiet;
                }
            }
        }
        Some(Case {
            judged: Judged {
                episode,
                status,
                verdict,
            },
            alert,
            over_in_quiet,
            held_until: None,
        })
    }

    /// Keeps back what would be told of an alert that comes and goes, on routes that ask for it.
    fn hold_back<'a>(&self, id: GroupId, route: &Route, mut case: Case<'a>, now: Time) -> Case<'a> {
        if let Some(rule) = route.noise.flapping()
            && case.passed()
            && case.alert.lifecycle != Lifecycle::Event
        {
            let fingerprint = case.judged.episode.fingerprint;
            if let Some((since, until)) = self.flaps.held(id, case.alert, fingerprint, rule, now) {
                case.held_until = Some(until);
                case.judged.verdict = Verdict::Flapping { since };
            }
        }
        case
    }

    fn verdict(&self, labels: &Labels, muted: bool, now: Time) -> Verdict {
        if let Some(source) = self.inhibitor.inhibited_by(labels, now) {
            return Verdict::Inhibited(source);
        }
        if muted {
            return Verdict::Muted;
        }
        let silences = self.silences.mutes(labels, now);
        if silences.is_empty() {
            Verdict::Passed
        } else {
            Verdict::Silenced(silences)
        }
    }

    /// Whether the rules kept an alert quiet in its last moment.
    fn quiet_at_end(&self, route: &Route, alert: &Alert) -> bool {
        let end = Time::from_micros(alert.ends_at.micros().saturating_sub(1)).max(alert.starts_at);
        let muted = self.muted(route, end);
        self.verdict(&alert.labels, muted.is_some(), end) != Verdict::Passed
    }

    /// The intervals that keep a route quiet at an instant.
    pub(super) fn muted(&self, route: &Route, at: Time) -> Option<Mute> {
        let inside = |name: &Arc<str>| {
            let intervals = self.rules.intervals.get(&**name);
            intervals.is_some_and(|list| list.iter().any(|interval| interval.contains(at)))
        };
        let active = &route.active_time_intervals;
        if !active.is_empty() && !active.iter().any(inside) {
            return Some(Mute::Outside(active.clone()));
        }
        let mute: Vec<Arc<str>> = route
            .mute_time_intervals
            .iter()
            .filter(|name| inside(name))
            .cloned()
            .collect();
        (!mute.is_empty()).then_some(Mute::Inside(mute))
    }
}

impl Case<'_> {
    fn passed(&self) -> bool {
        self.judged.verdict == Verdict::Passed
    }

    fn fires(&self) -> bool {
        self.judged.status == Status::Firing
    }

    /// Whether it leaves the group with this flush.
    fn leaves(&self) -> bool {
        let ended = !self.fires() && !self.judged.is_held();
        ended || self.alert.lifecycle == Lifecycle::Event
    }

    /// Fired, is over, and this integration never heard of it.
    fn missed(&self, ledger: Option<&Ledger>) -> bool {
        !self.fires() && !self.over_in_quiet && self.told(ledger).is_none()
    }

    fn told(&self, ledger: Option<&Ledger>) -> Option<bool> {
        ledger.and_then(|ledger| ledger.told(self.judged.episode))
    }
}

impl Listener<'_> {
    /// Whether and why it is told. The order of the questions is Alertmanager's.
    fn reason(&self, cases: &[Case<'_>], now: Time) -> Option<Reason> {
        let passed = || cases.iter().filter(|case| case.passed());
        let knows_firing = self
            .ledger
            .is_some_and(|ledger| ledger.told.iter().any(|t| t.firing));
        if passed().any(|case| case.fires() && case.told(self.ledger) != Some(true)) {
            let why = if knows_firing {
                Reason::NewAlerts
            } else {
                Reason::FirstNotification
            };
            return Some(why);
        }
        let over = passed().any(|case| case.missed(self.ledger) || self.hears_the_end(case));
        if !passed().any(Case::fires) {
            let why = if knows_firing {
                Reason::AllResolved
            } else {
                Reason::FirstNotification
            };
            return over.then_some(why);
        }
        if over {
            return Some(Reason::SomeResolved);
        }
        let repeats = self
            .ledger
            .is_some_and(|l| l.told_at < now.before(self.repeat_interval));
        repeats.then_some(Reason::RepeatInterval)
    }

    /// What it is told: all that fires, and the ends it has not heard of.
    fn obligation(&self, cases: &[Case<'_>], reason: Reason) -> Obligation {
        let mut told = Obligation {
            integration: Arc::clone(&self.rule.key),
            reason,
            firing: false,
            episodes: Vec::new(),
            missed: Vec::new(),
        };
        for case in cases.iter().filter(|case| case.passed()) {
            let missed = case.missed(self.ledger);
            if case.fires() || missed || self.hears_the_end(case) {
                told.episodes
                    .push((case.judged.episode, case.judged.status));
            }
            told.firing |= case.fires();
            if missed {
                told.missed.push(case.judged.episode);
            }
        }
        told
    }

    /// Whether an alert is over that it was told of, and it wants to know.
    fn hears_the_end(&self, case: &Case<'_>) -> bool {
        self.rule.send_resolved && !case.fires() && case.told(self.ledger) == Some(true)
    }
}

/// A hash of what the rules said, to know whether they say something else next time; the order of
/// the alerts does not matter. It is kept in memory and in checkpoints only; a different hash
/// stores one record too many.
pub(super) fn said<'a>(muted: Option<&Mute>, judged: impl IntoIterator<Item = &'a Judged>) -> u64 {
    let hash = |part: &dyn Fn(&mut FxHasher)| {
        let mut hasher = FxHasher::default();
        part(&mut hasher);
        hasher.finish()
    };
    let start = hash(&|hasher| muted.hash(hasher));
    judged.into_iter().fold(start, |sum, one| {
        sum.wrapping_add(hash(&|hasher| one.hash(hasher)).wrapping_mul(SPREAD))
    })
}

/// Spreads the bits of a hash before hashes are added up.
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

/// Alertmanager's order of alerts: job, instance, then all labels. The packed form sorts as the
/// pairs do, because it ends each part with a NUL, which is below every other character.
fn order(alert: &Alert) -> (&str, &str, &str) {
    (
        alert.labels.value("job"),
        alert.labels.value("instance"),
        alert.labels.packed(),
    )
}
