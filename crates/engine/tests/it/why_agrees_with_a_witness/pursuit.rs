//! How a witness follows an incident's escalation: who is paged when, by the document's words.

use std::collections::{BTreeMap, BTreeSet};

use balefire_core::severity::Severity;

use super::configuration::{Configuration, Person, Policy, Schedule, Step};

/// An incident's escalation.
pub(super) struct Pursuit<'c> {
    of: &'c Configuration,
    pub(super) opened: u64,
    severity: Severity,
    first: &'static str,
    policy: &'static str,
    round: u64,
    step: usize,
    next: Option<u64>,
    reached: bool,
    ladders: Vec<Ladder>,
    tries: Vec<(&'static str, &'static str, bool)>,
    pub(super) answered: Option<(u64, &'static str)>,
    pub(super) over: Option<u64>,
    /// First time each step was come to: when, and whether it was passed over.
    came: BTreeMap<(&'static str, usize), (u64, bool)>,
    pub(super) contacts: Vec<(u64, &'static str, &'static str, bool)>,
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
    pub(super) fn begin(
        of: &'c Configuration,
        first: &'static str,
        severity: Severity,
        now: u64,
    ) -> Self {
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

    pub(super) fn stop(&mut self) {
        self.next = None;
        self.ladders.clear();
    }

    /// Whatever has to happen by now, happens.
    pub(super) fn run(&mut self, now: u64) {
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
    pub(super) fn why_not(&self, who: &str, now: u64) -> (u8, String) {
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
