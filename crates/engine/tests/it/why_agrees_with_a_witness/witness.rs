//! Somebody who was there: walks through a configuration second by second with its written words alone, and notes who was
//! paged, who was not, and why. Shares no rule with the engine.

use std::collections::{BTreeMap, BTreeSet};

use balefire_core::severity::Severity;

use super::configuration::{Configuration, Person, Policy, Route, Schedule, Step};

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

/// An incident's escalation.
struct Pursuit<'c> {
    of: &'c Configuration,
    opened: u64,
    severity: Severity,
    first: &'static str,
    policy: &'static str,
    round: u64,
    step: usize,
    next: Option<u64>,
    reached: bool,
    ladders: Vec<Ladder>,
    tries: Vec<(&'static str, &'static str, bool)>,
    answered: Option<(u64, &'static str)>,
    over: Option<u64>,
    /// First time each step was come to: when, and whether it was passed over.
    came: BTreeMap<(&'static str, usize), (u64, bool)>,
    contacts: Vec<(u64, &'static str, &'static str, bool)>,
}

#[derive(Debug)]
struct Ladder {
    person: &'static str,
    own: bool,
    rungs: Vec<Rung>,
}

#[derive(Debug)]
struct Rung {
    by: &'static str,
    at: u64,
    held: bool,
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

/// Who is on call so many seconds after half past eight.
fn on_call(schedule: &Schedule, second: u64) -> Vec<&'static str> {
    let minute = (second / 60) as i64;
    if let Some((_, people)) = schedule.cover.as_ref().filter(|(until, _)| minute < *until) {
        return people.clone();
    }
    // Minutes after the midnight with which the 20th began by the wall; it is Saturday the 21st, half past eight in UTC.
    let wall = 24 * 60 + (8 + schedule.ahead) * 60 + 30 + minute;
    let on = schedule.layers.iter().rev().find(|layer| {
        let since_eight = 30 + minute;
        layer
            .only
            .is_none_or(|(from, to)| (from..to).contains(&since_eight))
    });
    on.map_or_else(Vec::new, |layer| {
        let turn = (wall - layer.minute) / (layer.every * 60);
        layer.people[turn as usize % layer.people.len()].clone()
    })
}

fn is_quiet(person: &Person, severity: Severity) -> bool {
    person.quiet.as_ref().is_some_and(|quiet| {
        let broken = match quiet.broken_by {
            "warning" => severity >= Severity::Warning,
            "error" => severity >= Severity::Error,
            "critical" => severity >= Severity::Critical,
            _ => false,
        };
        quiet.is_now && !broken
    })
}

fn allows(person: &Person, by: &str) -> bool {
    let quiet = person.quiet.as_ref();
    quiet.is_none_or(|quiet| quiet.allow == Some(by))
}

/// What is done to reach somebody, with minutes.
fn contacts(person: &Person, severity: Severity, by: &[&'static str]) -> Vec<(&'static str, u64)> {
    if !by.is_empty() {
        let there = by.iter().filter(|by| person.ways.contains(by));
        return there.map(|by| (*by, 0)).collect();
    }
    let milder = person.contact.iter().rev().find(|(of, _)| **of <= severity);
    match milder.or_else(|| person.contact.iter().next()) {
        Some((_, list)) => list.clone(),
        None => person.ways.iter().map(|way| (*way, 0)).collect(),
    }
}

impl Configuration {
    fn person(&self, key: &str) -> &Person {
        self.people
            .iter()
            .find(|one| one.key == key)
            .expect("known")
    }

    fn policy(&self, name: &str) -> &Policy {
        self.policies
            .iter()
            .find(|one| one.name == name)
            .expect("known")
    }

    fn stands_for(&self, (kind, name): (&str, &'static str), second: u64) -> Vec<&'static str> {
        match kind {
            "person" => vec![name],
            "team" => self.team.clone(),
            "schedule" => {
                let schedule = self.schedules.iter().find(|one| one.name == name);
                on_call(schedule.expect("known"), second)
            }
            _ => vec![],
        }
    }
}

impl<'c> Pursuit<'c> {
    fn begin(of: &'c Configuration, first: &'static str, severity: Severity, now: u64) -> Self {
        Self {
            of,
            opened: now,
            severity,
            first,
            policy: first,
            round: 0,
            step: 0,
            next: Some(now),
            reached: false,
            ladders: Vec::new(),
            tries: Vec::new(),
            answered: None,
            over: None,
            came: BTreeMap::new(),
            contacts: Vec::new(),
        }
    }

    fn stop(&mut self) {
        self.next = None;
        self.ladders.clear();
    }

    /// Whatever has to happen by now, happens.
    fn run(&mut self, now: u64) {
        while self.next.is_some_and(|next| next <= now) || self.is_a_rung_due(now) {
            if self.next.is_some_and(|next| next <= now) {
                self.advance(now);
            }
            let failed = self.contact(now);
            for (person, by) in failed {
                self.fail(person, by, now);
            }
        }
    }

    fn is_a_rung_due(&self, now: u64) -> bool {
        let mut rungs = self.ladders.iter().flat_map(|ladder| &ladder.rungs);
        rungs.any(|rung| !rung.held && rung.at <= now)
    }

    fn advance(&mut self, now: u64) {
        let ladders = &self.ladders;
        self.tries
            .retain(|(person, ..)| ladders.iter().any(|ladder| ladder.person == *person));
        self.next = None;
        loop {
            let policy = self.of.policy(self.policy);
            let Some(step) = policy.steps.get(self.step) else {
                if self.reached && self.round < policy.repeat {
                    self.round += 1;
                } else if let Some(then) = policy.then {
                    (self.policy, self.round) = (then, 0);
                } else {
                    return;
                }
                (self.step, self.reached) = (0, false);
                continue;
            };
            let taken = self.take(step, now);
            if self.round == 0 {
                self.came.insert((self.policy, self.step), (now, !taken));
            }
            self.step += 1;
            if taken {
                self.reached = true;
                self.next = Some(now + 60 * step.wait);
                return;
            }
        }
    }

    /// Pages the people of a step; whether it told anybody.
    fn take(&mut self, step: &Step, now: u64) -> bool {
        if step.severity.is_some_and(|least| self.severity < least) || step.within == Some("later")
        {
            return false;
        }
        let mut people: Vec<&str> = Vec::new();
        for entry in &step.notify {
            for one in self.of.stands_for(*entry, now) {
                let reachable = !contacts(self.of.person(one), self.severity, &step.by).is_empty();
                if reachable && !people.contains(&one) {
                    people.push(one);
                }
            }
        }
        if step.one && !people.is_empty() {
            let turn = self.round as usize % people.len();
            people = vec![people[turn]];
        }
        for person in &people {
            let own = step.by.is_empty();
            if own
                && self
                    .ladders
                    .iter()
                    .any(|one| one.own && one.person == *person)
            {
                continue;
            }
            let list = contacts(self.of.person(person), self.severity, &step.by);
            let rungs = list.into_iter().map(|(by, after)| Rung {
                by,
                at: now + 60 * after,
                held: false,
            });
            self.ladders.push(Ladder {
                person,
                own,
                rungs: rungs.collect(),
            });
        }
        !people.is_empty() || step.notify.iter().any(|(kind, _)| *kind == "receiver")
    }

    /// Makes the contacts that are due; those that fail.
    fn contact(&mut self, now: u64) -> Vec<(&'static str, &'static str)> {
        let mut made = BTreeSet::new();
        for ladder in &mut self.ladders {
            let person = self.of.person(ladder.person);
            let quiet = is_quiet(person, self.severity);
            for rung in ladder.rungs.iter_mut().filter(|rung| rung.at <= now) {
                rung.held = quiet && !allows(person, rung.by);
            }
            ladder.rungs.retain(|rung| {
                let due = rung.at <= now && !rung.held;
                if due {
                    self.tries.push((person.key, rung.by, false));
                    made.insert((person.key, rung.by));
                }
                !due
            });
        }
        self.ladders.retain(|ladder| !ladder.rungs.is_empty());
        let mut failed = Vec::new();
        for (person, by) in made {
            let is_good = !self.of.broken.contains(&by);
            self.contacts.push((now, person, by, is_good));
            if !is_good {
                failed.push((person, by));
            }
        }
        failed
    }

    /// The person's next contact comes forward; when nobody is left, so does the next step.
    fn fail(&mut self, person: &'static str, by: &'static str, now: u64) {
        for one in self
            .tries
            .iter_mut()
            .filter(|one| (one.0, one.1) == (person, by))
        {
            one.2 = true;
        }
        let own = self
            .ladders
            .iter_mut()
            .filter(|ladder| ladder.person == person);
        let own = own.min_by_key(|ladder| {
            ladder
                .rungs
                .iter()
                .filter(|r| !r.held)
                .map(|r| r.at)
                .min()
                .unwrap_or(u64::MAX)
        });
        if let Some(ladder) = own {
            let waiting = ladder.rungs.iter().filter(|rung| !rung.held);
            let early = waiting
                .map(|rung| rung.at.saturating_sub(now))
                .min()
                .unwrap_or(0);
            for rung in ladder.rungs.iter_mut().filter(|rung| !rung.held) {
                rung.at = rung.at.saturating_sub(early);
            }
        }
        let left = !self.ladders.is_empty() || self.tries.iter().any(|(_, _, failed)| !failed);
        if !left && self.next.is_some() {
            self.next = Some(now);
        }
    }

    /// The steps in their order, with those of the policies that take over.
    fn steps(&self) -> Vec<(&'static str, usize, &'c Step)> {
        let mut steps = Vec::new();
        let mut next = Some(self.first);
        while let Some(name) = next {
            let policy = self.of.policy(name);
            steps.extend(
                (0..)
                    .zip(&policy.steps)
                    .map(|(number, step)| (name, number, step)),
            );
            next = policy.then;
        }
        steps
    }

    /// Why somebody who was sent nothing was not paged, and how far from it they were.
    fn why_not(&self, who: &str, now: u64) -> (u8, String) {
        let person = self.of.person(who);
        let answered = self.answered.map(|(at, _)| at);
        let ended = answered.into_iter().chain(self.over).min();
        let when = |policy, number| {
            let came = self.came.get(&(policy, number));
            came.map_or(ended.unwrap_or(now), |(at, _)| *at)
        };
        let steps = self.steps();
        let theirs = steps.iter().find(|(policy, number, step)| {
            let mut entries = step.notify.iter();
            entries.any(|entry| {
                self.of
                    .stands_for(*entry, when(policy, *number))
                    .contains(&who)
            })
        });
        let Some((policy, number, step)) = theirs else {
            let first = steps.iter().find_map(|(policy, number, step)| {
                let entry = step.notify.iter().find(|(kind, _)| *kind == "schedule")?;
                Some(self.of.stands_for(*entry, when(policy, *number)))
            });
            return match first {
                Some(others) => (7, format!("not_on_call {}", others.join(", "))),
                None => (8, "not_in_escalation".to_owned()),
            };
        };
        let came = self.came.get(&(*policy, *number));
        match came {
            Some((_, true)) => return (2, format!("step_passed {}", number + 1)),
            Some(_) if person.ways.is_empty() => return (1, "unreachable".to_owned()),
            Some(_) => {
                let list = contacts(person, self.severity, &step.by);
                let held = !list.is_empty() && list.iter().all(|(by, _)| !allows(person, by));
                if held && is_quiet(person, self.severity) && !step.one {
                    return (0, "quiet_hours".to_owned());
                }
            }
            None => {}
        }
        match (self.answered, self.over, came) {
            (Some((_, first)), ..) => (4, format!("answered_first {first}")),
            (_, Some(_), _) => (5, "over_first".to_owned()),
            (.., Some(_)) => (3, format!("others_turn {}", number + 1)),
            (.., None) => (6, format!("not_yet {policy} {}", number + 1)),
        }
    }
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
