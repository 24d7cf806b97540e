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
use crate::alert::{Alert, Episode};
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
}

/// A decision and the fingerprint of what the rules said.
pub(super) struct Decided {
    pub(super) flush: Flush,
    pub(super) said: u64,
}

impl Dispatch {
    /// Decides about a group at `now`; `None` when there is no such group.
    pub(super) fn decide(&self, id: GroupId, now: Time) -> Option<Decided> {
        let group = self.groups.get(&id)?;
        let route = self.rules.routes.route(group.route)?;
        let integrations = self
            .rules
            .receivers
            .get(&route.receiver)
            .map_or(&[][..], Vec::as_slice);
        let muted = self.muted(route, now);
        let mut cases: Vec<Case<'_>> = group
            .members
            .iter()
            .filter_map(|episode| self.judge(group, integrations, episode, muted.is_some(), now))
            .collect();
        let said = said(muted.as_ref(), cases.iter().map(|case| &case.judged));
        let expiry = self
            .rules
            .silence_retention
            .min(route.repeat_interval.saturating_mul(2));
        let mut due: Vec<(&IntegrationRule, Reason)> = Vec::new();
        for integration in integrations {
            let ledger = current(group.ledger(&integration.key), expiry, now);
            if let Some(reason) = reason(&cases, integration, ledger, route.repeat_interval, now) {
                due.push((integration, reason));
            }
        }
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
            for (integration, reason) in due {
                let ledger = current(group.ledger(&integration.key), expiry, now);
                record
                    .obligations
                    .push(obligation(&cases, integration, ledger, reason));
            }
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
        Some(Decided { flush, said })
    }

    fn judge(
        &self,
        group: &Group,
        integrations: &[IntegrationRule],
        episode: Episode,
        muted: bool,
        now: Time,
    ) -> Option<Case<'_>> {
        let alert = &self.roll.entry(episode)?.alert;
        let status = status_at(alert, now);
        let mut verdict = self.verdict(&alert.labels, muted, now);
        let mut over_in_quiet = false;
        if verdict == Verdict::Passed && status == Status::Resolved {
            let told = |i: &IntegrationRule| group.ledger(&i.key).and_then(|l| l.told(episode));
            if integrations.iter().any(|i| told(i).is_none()) {
                over_in_quiet = self.quiet_at_end(group, alert);
                if over_in_quiet && integrations.iter().all(|i| told(i).is_none()) {
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
        })
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
    fn quiet_at_end(&self, group: &Group, alert: &Alert) -> bool {
        let end = Time::from_micros(alert.ends_at.micros().saturating_sub(1)).max(alert.starts_at);
        let muted = self
            .rules
            .routes
            .route(group.route)
            .and_then(|route| self.muted(route, end));
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
        !self.fires() || self.alert.lifecycle == crate::alert::Lifecycle::Event
    }

    /// Fired, is over, and this integration never heard of it.
    fn missed(&self, ledger: Option<&Ledger>) -> bool {
        !self.fires() && !self.over_in_quiet && self.told(ledger).is_none()
    }

    fn told(&self, ledger: Option<&Ledger>) -> Option<bool> {
        ledger.and_then(|ledger| ledger.told(self.judged.episode))
    }
}

/// The entry, unless it has expired.
fn current(ledger: Option<&Ledger>, expiry: Duration, now: Time) -> Option<&Ledger> {
    ledger.filter(|ledger| ledger.told_at.after(expiry) > now)
}

/// Whether and why an integration is told. The order of the questions is Alertmanager's.
fn reason(
    cases: &[Case<'_>],
    integration: &IntegrationRule,
    ledger: Option<&Ledger>,
    repeat_interval: Duration,
    now: Time,
) -> Option<Reason> {
    let passed = || cases.iter().filter(|case| case.passed());
    let knows_firing = ledger.is_some_and(|ledger| ledger.told.iter().any(|told| told.firing));
    if passed().any(|case| case.fires() && case.told(ledger) != Some(true)) {
        let first = if knows_firing {
            Reason::NewAlerts
        } else {
            Reason::FirstNotification
        };
        return Some(first);
    }
    let ended = |case: &Case<'_>| !case.fires() && case.told(ledger) == Some(true);
    let over =
        passed().any(|case| case.missed(ledger) || (integration.send_resolved && ended(case)));
    if !passed().any(Case::fires) {
        let all = if knows_firing {
            Reason::AllResolved
        } else {
            Reason::FirstNotification
        };
        return over.then_some(all);
    }
    if over {
        return Some(Reason::SomeResolved);
    }
    let repeats = ledger.is_some_and(|ledger| ledger.told_at < now.before(repeat_interval));
    repeats.then_some(Reason::RepeatInterval)
}

/// What an integration is told: all that fires, and the ends it has not heard of.
fn obligation(
    cases: &[Case<'_>],
    integration: &IntegrationRule,
    ledger: Option<&Ledger>,
    reason: Reason,
) -> Obligation {
    let mut told = Obligation {
        integration: Arc::clone(&integration.key),
        reason,
        firing: false,
        episodes: Vec::new(),
        missed: Vec::new(),
    };
    for case in cases.iter().filter(|case| case.passed()) {
        let missed = case.missed(ledger);
        let ended = integration.send_resolved && case.told(ledger) == Some(true);
        if case.fires() || missed || ended {
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
