//! What happens to an escalation from outside.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::directory::Directory;
use super::policy::Notify;
use super::{Escalation, State};
use crate::severity::Severity;
use crate::time::{Time, micros};

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// Somebody has taken it on.
    Acknowledged {
        /// Who.
        who: Arc<str>,
    },
    /// Somebody put it off.
    Snoozed {
        /// Until when.
        #[serde(with = "micros")]
        until: Time,
    },
    /// Somebody gave it to others.
    Reassigned {
        /// To whom; receivers among them are not told.
        to: Vec<Notify>,
    },
    /// Somebody asks for the next step.
    EscalateNow,
    /// The incident is over.
    Resolved,
    /// The incident has begun again.
    Reopened,
    /// It is worse, or better, than it was.
    Severity(Severity),
    /// A provider's word on a contact.
    Receipt {
        /// Who was contacted.
        person: Arc<str>,
        /// Through which channel.
        by: Arc<str>,
        /// What became of it.
        receipt: Receipt,
    },
}

/// What became of a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Receipt {
    /// It has arrived.
    Delivered,
    /// It has been read, or the call was taken. This is no acknowledgement.
    Read,
    /// It could not be delivered, or nobody took the call.
    Failed,
    /// The person said no.
    Declined,
}

impl Escalation {
    /// Takes in what happened; whether it changed something is the answer. Ask [`Self::due`] afterwards.
    pub fn apply(&mut self, event: &Event, directory: &Directory, now: Time) -> bool {
        self.saw(now);
        if self.state == State::Resolved && *event != Event::Reopened {
            return false;
        }
        match event {
            Event::Acknowledged { who } => self.acknowledge(who, directory),
            Event::Snoozed { until } => {
                let is_ahead = *until > now;
                if is_ahead {
                    self.acknowledged.clear();
                    self.stop(State::Snoozed { until: *until });
                }
                is_ahead
            }
            Event::Reassigned { to } => {
                self.go_on(now);
                self.assigned = Some(to.clone());
                self.asked = true;
                true
            }
            Event::EscalateNow => {
                // Who is being contacted still is, unless an answer had ended it.
                match self.state {
                    State::Running => self.next = now,
                    State::Exhausted => self.start_anew(now),
                    _ => self.go_on(now),
                }
                self.asked = true;
                true
            }
            Event::Resolved => {
                self.stop(State::Resolved);
                true
            }
            Event::Reopened => {
                let was_over = self.state == State::Resolved;
                if was_over {
                    self.start_anew(now);
                }
                was_over
            }
            Event::Severity(severity) => {
                let changed = self.facts.severity != *severity;
                self.facts.severity = *severity;
                if changed {
                    // It may break quiet hours now, or go ahead of the digest.
                    for page in &mut self.pages {
                        page.ladder.released(now);
                        if page.held {
                            page.ladder.hurry(now);
                        }
                    }
                }
                changed
            }
            Event::Receipt {
                person,
                by,
                receipt,
            } => self.receive(person, by, *receipt, now),
        }
    }

    fn acknowledge(&mut self, who: &Arc<str>, directory: &Directory) -> bool {
        let is_new = self.acknowledged.insert(Arc::clone(who));
        let needs = directory
            .policies
            .get(&self.home)
            .map_or(1, |policy| policy.needs);
        if self.acknowledged.len() >= needs as usize {
            let changed = is_new || self.state != State::Acknowledged;
            self.stop(State::Acknowledged);
            return changed;
        }
        self.pages.retain(|page| page.person != *who);
        self.tries.retain(|a_try| a_try.person != *who);
        is_new
    }

    /// Whatever was answered is undone, and the next step is taken.
    fn go_on(&mut self, now: Time) {
        self.acknowledged.clear();
        self.stop(State::Running);
        self.next = now;
    }

    fn receive(&mut self, person: &Arc<str>, by: &Arc<str>, receipt: Receipt, now: Time) -> bool {
        match receipt {
            Receipt::Delivered | Receipt::Read => return false,
            Receipt::Declined => {
                let pages = self.pages.len();
                self.pages.retain(|page| page.person != *person);
                let mut concerned = self.pages.len() < pages;
                for a_try in &mut self.tries {
                    if a_try.person == *person && !a_try.failed {
                        a_try.failed = true;
                        concerned = true;
                    }
                }
                if !concerned {
                    return false;
                }
            }
            Receipt::Failed => {
                let known = self.tries.iter_mut().filter(|a_try| !a_try.failed);
                let Some(a_try) = known
                    .rev()
                    .find(|a_try| a_try.person == *person && a_try.by == *by)
                else {
                    return false;
                };
                a_try.failed = true;
                let own = self.pages.iter_mut().find(|page| page.person == *person);
                if let Some(page) = own {
                    page.ladder.hurry(now);
                }
            }
        }
        if self.state == State::Running && self.nobody_is_left() {
            self.next = self.next.min(now);
        }
        true
    }

    /// Whether all contacts of the last step have failed or were declined, and none is to come.
    fn nobody_is_left(&self) -> bool {
        self.tries.iter().all(|a_try| a_try.failed)
            && self.pages.iter().all(|page| page.ladder.is_done())
    }
}
