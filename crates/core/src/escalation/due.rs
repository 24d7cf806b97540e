//! What an escalation does when its time has come.

use std::sync::Arc;

use super::action::{Action, At, WhyExhausted, WhyPassed};
use super::directory::Directory;
use super::policy::{self, Notify, Policy, Step, USUAL_WAIT};
use super::talk::Talk;
use super::{Escalation, PageUnderWay, State, Try};
use crate::person::{Ladder, Person};
use crate::storm::Telling;
use crate::time::Time;

impl Escalation {
    /// What is to be done now. Asking again at the same moment gives nothing more.
    pub fn due(&mut self, directory: &Directory, now: Time) -> Vec<Action> {
        self.due_among(directory, &mut Talk::free(), now)
    }

    /// What is to be done now, where others have something to tell the same people.
    pub(super) fn due_among(
        &mut self,
        directory: &Directory,
        talk: &mut Talk<'_>,
        now: Time,
    ) -> Vec<Action> {
        self.saw(now);
        let mut actions = Vec::new();
        let taken = if self.state == State::Running && self.next <= now {
            let taken = self.advance(directory, now, &mut actions);
            self.asked = false;
            taken
        } else {
            None
        };
        self.contact(directory, talk, now, &mut actions);
        let says = |action: &Action, at: &At| match action {
            Action::Page { ats, .. } => ats.contains(at),
            Action::Held { at: said, .. } | Action::Tell { at: said, .. } => said == at,
            _ => false,
        };
        if let Some(at) = taken.filter(|at| !actions.iter().any(|action| says(action, at))) {
            let incident = self.facts.incident;
            actions.push(Action::Taken { incident, at });
        }
        actions
    }

    /// Takes the next step that reaches somebody, passing over those that do not; which it was.
    fn advance(
        &mut self,
        directory: &Directory,
        now: Time,
        actions: &mut Vec<Action>,
    ) -> Option<At> {
        // Who is still being contacted from an earlier step may still be reported as failed.
        let pages = &self.pages;
        self.tries
            .retain(|a_try| pages.iter().any(|page| page.person == a_try.person));
        if let Some(assigned) = self.assigned.take()
            && self.page_assigned(&assigned, directory, now)
        {
            self.next = now.after(USUAL_WAIT);
            return None;
        }
        loop {
            let Some(policy) = directory.policies.get(&self.policy) else {
                self.exhaust(WhyExhausted::PolicyGone, actions);
                return None;
            };
            let Some(step) = policy.steps.get(self.step) else {
                if self.next_round(policy) {
                    continue;
                }
                let why = if self.reached {
                    WhyExhausted::NotAnswered
                } else {
                    WhyExhausted::NobodyToTell
                };
                self.exhaust(why, actions);
                return None;
            };
            let at = self.at();
            let taken = self.take(step, &at, directory, now, actions);
            self.step += 1;
            match taken {
                Ok(()) => {
                    self.reached = true;
                    self.next = now.after(step.wait);
                    return Some(at);
                }
                Err(why) => actions.push(Action::Passed {
                    incident: self.facts.incident,
                    at,
                    why,
                }),
            }
        }
    }

    /// Begins the next round, or the policy that takes over; whether there is one.
    fn next_round(&mut self, policy: &Policy) -> bool {
        if self.reached && self.round < policy.repeat {
            self.round += 1;
        } else if let Some(then) = &policy.then {
            self.policy = Arc::clone(then);
            self.round = 0;
        } else {
            return false;
        }
        self.step = 0;
        self.reached = false;
        true
    }

    fn exhaust(&mut self, why: WhyExhausted, actions: &mut Vec<Action>) {
        self.state = State::Exhausted;
        self.next = Time::NEVER;
        actions.push(Action::Exhausted {
            incident: self.facts.incident,
            why,
        });
    }

    /// Takes a step, or says why it is passed over.
    fn take(
        &mut self,
        step: &Step,
        at: &At,
        directory: &Directory,
        now: Time,
        actions: &mut Vec<Action>,
    ) -> Result<(), WhyPassed> {
        if !step.when.holds(self.facts.severity, now) {
            return Err(WhyPassed::Condition);
        }
        let people = self.whom(step, directory, now);
        let mut told = false;
        for entry in &step.notify {
            if let Notify::Receiver(receiver) = entry {
                told = true;
                actions.push(Action::Tell {
                    receiver: Arc::clone(receiver),
                    incident: self.facts.incident,
                    at: at.clone(),
                });
            }
        }
        match people {
            Ok(people) => {
                for person in people {
                    self.page(&person, &step.by, at, directory, now);
                }
                Ok(())
            }
            Err(_) if told => Ok(()),
            Err(why) => Err(why),
        }
    }

    /// The people a step pages now.
    fn whom(
        &self,
        step: &Step,
        directory: &Directory,
        now: Time,
    ) -> Result<Vec<Arc<str>>, WhyPassed> {
        let mut people = directory.people(&step.notify, now);
        if people.is_empty() {
            return Err(WhyPassed::NobodyThere);
        }
        people.retain(|person| !self.acknowledged.contains(person));
        if people.is_empty() {
            return Err(WhyPassed::AllAcknowledged);
        }
        people.retain(|person| is_reachable(person, &step.by, directory));
        if people.is_empty() {
            return Err(WhyPassed::NobodyReachable);
        }
        if step.page == policy::Page::RoundRobin {
            let turn = self.facts.ordinal.wrapping_add(u64::from(self.round));
            let one = people.swap_remove((turn % people.len() as u64) as usize);
            return Ok(vec![one]);
        }
        Ok(people)
    }

    /// Pages those who were assigned; whether there is anybody.
    fn page_assigned(&mut self, assigned: &[Notify], directory: &Directory, now: Time) -> bool {
        let at = self.at();
        let people = directory.people(assigned, now).into_iter();
        let people: Vec<_> = people.filter(|p| is_reachable(p, &[], directory)).collect();
        for person in &people {
            self.page(person, &[], &at, directory, now);
        }
        !people.is_empty()
    }

    fn page(
        &mut self,
        person: &Arc<str>,
        by: &[Arc<str>],
        at: &At,
        directory: &Directory,
        now: Time,
    ) {
        let own = by.is_empty();
        let same = |page: &&mut PageUnderWay| own && page.own && page.person == *person;
        if let Some(page) = self.pages.iter_mut().find(same) {
            if self.asked && page.held {
                page.asked = true;
                page.ladder.hurry(now);
            }
            return;
        }
        let contacts = directory.people.get(person).map_or_else(Vec::new, |rules| {
            if own {
                rules.contacts(self.facts.severity)
            } else {
                rules.contacts_by(by)
            }
        });
        self.pages.push(PageUnderWay {
            person: Arc::clone(person),
            own,
            at: at.clone(),
            ladder: Ladder::new(&contacts, now),
            held: false,
            asked: self.asked,
        });
    }

    /// Whether somebody who is being told waits for this, too.
    pub(super) fn is_held_for(&self, talk: &Talk<'_>) -> bool {
        let mut held = self.pages.iter().filter(|page| page.held);
        held.any(|page| talk.has_room_for(&page.person))
    }

    /// Those who are being told need not wait any longer.
    pub(super) fn let_go(&mut self, talk: &Talk<'_>, now: Time) {
        let held = self.pages.iter_mut().filter(|page| page.held);
        for page in held.filter(|page| talk.has_room_for(&page.person)) {
            page.ladder.hurry(now);
        }
    }

    /// Makes the contacts that are due; one page for each person, however many are under way.
    fn contact(
        &mut self,
        directory: &Directory,
        talk: &mut Talk<'_>,
        now: Time,
        actions: &mut Vec<Action>,
    ) {
        let first = actions.len();
        for page in &mut self.pages {
            let what = Telling {
                person: &page.person,
                severity: self.facts.severity,
                subject: self.facts.incident,
                ways: &page.ladder.ripe(now),
            };
            if let Some(until) = talk.holds(what, now).filter(|_| !page.asked) {
                if !page.held {
                    actions.push(Action::Held {
                        person: Arc::clone(&page.person),
                        incident: self.facts.incident,
                        until,
                        at: page.at.clone(),
                    });
                }
                page.held = true;
                page.ladder.hold(until);
                continue;
            }
            let rules = directory.people.get(&page.person);
            let quiet = rules.and_then(Person::quiet);
            let due = page.ladder.contacts_due(self.facts.severity, quiet, now);
            if !due.is_empty() {
                page.held = false;
                page.asked = false;
                talk.tells(Telling { ways: &due, ..what }, now);
            }
            for channel in due {
                self.tries.push(Try {
                    person: Arc::clone(&page.person),
                    by: Arc::clone(&channel),
                    failed: false,
                });
                if !joins(&mut actions[first..], &page.person, &channel) {
                    actions.push(Action::Page {
                        person: Arc::clone(&page.person),
                        by: vec![channel],
                        incidents: vec![self.facts.incident],
                        ats: vec![page.at.clone()],
                    });
                }
            }
        }
        self.pages.retain(|page| !page.ladder.is_done());
    }
}

/// Adds a channel to a person's page among these; whether there is one.
fn joins(actions: &mut [Action], whom: &Arc<str>, channel: &Arc<str>) -> bool {
    let page = actions.iter_mut().find_map(|action| match action {
        Action::Page { person, by, .. } if person == whom => Some(by),
        _ => None,
    });
    let Some(by) = page else {
        return false;
    };
    if !by.contains(channel) {
        by.push(Arc::clone(channel));
    }
    true
}

/// Whether a person can be reached through these channels, or by their own rules.
fn is_reachable(person: &str, by: &[Arc<str>], directory: &Directory) -> bool {
    let rules = directory.people.get(person);
    rules.is_some_and(|rules| {
        if by.is_empty() {
            rules.is_reachable()
        } else {
            !rules.contacts_by(by).is_empty()
        }
    })
}
