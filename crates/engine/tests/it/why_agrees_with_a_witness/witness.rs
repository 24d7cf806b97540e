//! Somebody who was there: walks through a configuration second by second with its written words alone, and notes who was
//! paged, who was not, and why. Shares no rule with the engine.

use std::collections::{BTreeMap, BTreeSet};

use balefire_core::severity::Severity;

use super::configuration::{Configuration, Route};
use super::pursuit::Pursuit;

/// Moments at which something can happen, in seconds after half past eight: eleven seconds before each tick of 61 s, and at it.
/// Groups are looked at before steps are due, so that neither races the other.
pub(super) const TICK: u64 = 61;
pub(super) const BEFORE: u64 = 11;

type Labels = BTreeMap<&'static str, &'static str>;

/// What kept an alert quiet in a group, or `None`.
type Kept = Option<&'static str>;

pub(super) struct Witness<'c> {
    of: &'c Configuration,
    now: u64,
    groups: Vec<Group<'c>>,
    over: BTreeSet<usize>,
    /// Two things happened at one moment whose order nobody promises.
    pub(super) is_a_race: bool,
}

struct Group<'c> {
    alert: usize,
    route: &'c Route,
    /// What was said of it at each look.
    looks: Vec<(u64, Kept)>,
    gone: bool,
    pursuit: Option<Pursuit<'c>>,
    letter: Option<u64>,
}

pub(super) fn severity(labels: &Labels) -> Severity {
    match labels.get("severity").copied() {
        Some("info") => Severity::Info,
        Some("error") => Severity::Error,
        Some("critical") => Severity::Critical,
        _ => Severity::Warning,
    }
}

fn has(labels: &Labels, (label, value): (&str, &str)) -> bool {
    labels.get(label).copied().unwrap_or("") == value
}

/// The routes that an alert takes, by Alertmanager's rule.
fn ways<'c>(route: &'c Route, labels: &Labels, found: &mut Vec<&'c Route>) -> bool {
    let fits = route
        .matchers
        .iter()
        .all(|(label, is, value)| has(labels, (label, value)) == *is);
    if !fits {
        return false;
    }
    let before = found.len();
    for child in &route.routes {
        if ways(child, labels, found) && !child.goes_on {
            break;
        }
    }
    if found.len() == before {
        found.push(route);
    }
    true
}

impl<'c> Witness<'c> {
    pub(super) fn new(of: &'c Configuration) -> Self {
        let mut groups = Vec::new();
        for (alert, labels) in of.alerts.iter().enumerate() {
            let mut routes = Vec::new();
            ways(&of.root, labels, &mut routes);
            groups.extend(routes.into_iter().map(|route| Group {
                alert,
                route,
                looks: Vec::new(),
                gone: false,
                pursuit: None,
                letter: None,
            }));
        }
        Self {
            of,
            now: 0,
            groups,
            over: BTreeSet::new(),
            is_a_race: false,
        }
    }

    /// So many incidents were opened.
    pub(super) fn incidents(&self) -> usize {
        self.groups
            .iter()
            .filter(|group| group.pursuit.is_some())
            .count()
    }

    fn kept(&self, alert: usize, route: &Route, now: u64) -> Kept {
        let labels = &self.of.alerts[alert];
        let inhibits = |rule: &super::configuration::Inhibit, source: &Labels| {
            let both = has(source, rule.target) && has(labels, rule.source);
            let equal = rule
                .equal
                .is_none_or(|name| source.get(name) == labels.get(name));
            has(source, rule.source) && has(labels, rule.target) && !both && equal
        };
        let firing = || (0..self.of.alerts.len()).filter(|one| !self.over.contains(one));
        let inhibited = self
            .of
            .inhibit
            .iter()
            .any(|rule| firing().any(|one| inhibits(rule, &self.of.alerts[one])));
        if inhibited {
            return Some("inhibited");
        }
        if route.mute == Some("now") || route.active == Some("later") {
            return Some("muted");
        }
        let silence = self.of.silence.as_ref();
        let holds = silence
            .filter(|one| has(labels, (one.label, one.value)) && now + 30 < one.until * TICK);
        holds.map(|_| "silenced")
    }

    /// Groups are looked at.
    pub(super) fn look(&mut self, now: u64) {
        self.now = now;
        for at in 0..self.groups.len() {
            let (alert, route) = (self.groups[at].alert, self.groups[at].route);
            if self.groups[at].gone {
                continue;
            }
            let kept = self.kept(alert, route, now);
            let is_over = self.over.contains(&alert);
            let of = self.of;
            let group = &mut self.groups[at];
            let was_told = group.looks.iter().any(|(_, kept)| kept.is_none());
            if is_over {
                let kept = kept.or((!was_told).then_some("over_in_quiet"));
                group.looks.push((now, kept));
                group.gone = true;
                if let Some(pursuit) = &mut group.pursuit {
                    self.is_a_race |= (pursuit.opened % TICK) != 0;
                    pursuit.over = Some(now);
                    pursuit.stop();
                }
                continue;
            }
            group.looks.push((now, kept));
            if kept.is_some() || was_told {
                continue;
            }
            let policy = match route.receiver {
                "ops" => Some("ops"),
                "dba" => Some("db-ops"),
                _ => None,
            };
            group.letter = (route.receiver == "letter").then_some(now);
            let severity = severity(&of.alerts[alert]);
            group.pursuit = policy.map(|policy| Pursuit::begin(of, policy, severity, now));
        }
    }

    /// Whatever escalations have to do by now, they do.
    pub(super) fn run(&mut self, now: u64) {
        self.now = now;
        for group in &mut self.groups {
            if let Some(pursuit) = &mut group.pursuit {
                pursuit.run(now);
            }
        }
    }

    /// Somebody acknowledges all that is open.
    pub(super) fn answer(&mut self, who: &'static str) {
        for pursuit in self
            .groups
            .iter_mut()
            .filter_map(|group| group.pursuit.as_mut())
        {
            if pursuit.over.is_none() && pursuit.answered.is_none() {
                pursuit.answered = Some((self.now, who));
                pursuit.stop();
            }
        }
    }

    pub(super) fn end(&mut self, alert: usize) {
        self.over.insert(alert);
    }

    /// Why somebody was told of an alert, or was not: the words that would be right.
    pub(super) fn why(&self, alert: usize, who: &str) -> BTreeSet<String> {
        let own = || self.groups.iter().filter(|group| group.alert == alert);
        let mut sent: Vec<(u64, &str, bool)> = Vec::new();
        for group in own() {
            let letter = group.letter.filter(|_| who == "dan");
            sent.extend(letter.map(|at| (at, "letter", true)));
            let contacts = group.pursuit.iter().flat_map(|pursuit| &pursuit.contacts);
            let theirs = contacts.filter(|(_, person, ..)| *person == who);
            sent.extend(theirs.map(|(at, _, by, is_good)| (*at, *by, *is_good)));
        }
        let good = || sent.iter().filter(|(.., is_good)| *is_good);
        if let Some(first) = good().map(|(at, ..)| *at).min() {
            let best = good().filter(|(at, ..)| *at == first);
            return best.map(|(_, by, _)| format!("reached {by}")).collect();
        }
        if let Some(last) = sent.iter().map(|(at, ..)| *at).max() {
            let worst = sent.iter().filter(|(at, ..)| *at == last);
            return worst.map(|(_, by, _)| format!("failed {by}")).collect();
        }
        let looks = || own().flat_map(|group| &group.looks);
        if looks().all(|(_, kept)| kept.is_some()) {
            let last = looks().map(|(at, _)| *at).max();
            let last = looks().filter(|(at, _)| Some(*at) == last);
            return last
                .filter_map(|(_, kept)| *kept)
                .map(str::to_owned)
                .collect();
        }
        let pursuits = own().filter_map(|group| group.pursuit.as_ref());
        let why: Vec<(u8, String)> = pursuits.map(|one| one.why_not(who, self.now)).collect();
        let nearest = why.iter().map(|(distance, _)| *distance).min();
        let Some(nearest) = nearest else {
            return BTreeSet::from(["routed_elsewhere".to_owned()]);
        };
        why.into_iter()
            .filter(|(distance, _)| *distance == nearest)
            .map(|(_, words)| words)
            .collect()
    }
}
