//! Everything that an escalation looks up: who is on call, who is in a team, how people are reached.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::policies::Policies;
use super::policy::Notify;
use crate::person::Person;
use crate::schedule::Schedule;
use crate::storm::Bound;
use crate::time::Time;

/// What the configuration says at the moment. A name that is gone stands for nobody.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    /// The policies.
    pub policies: Policies,
    /// The people, by key.
    pub people: BTreeMap<Arc<str>, Person>,
    /// The people of each team.
    pub teams: BTreeMap<Arc<str>, Vec<Arc<str>>>,
    /// How often a person may be paged; any number of times without it.
    pub storm: Option<Bound>,
    /// The schedules with their overrides.
    pub schedules: BTreeMap<Arc<str>, Schedule>,
}

impl Directory {
    /// The people that these entries stand for at a moment, each once, in the order in which they are
    /// written.
    pub(super) fn people(&self, notify: &[Notify], now: Time) -> Vec<Arc<str>> {
        let mut people: Vec<Arc<str>> = Vec::new();
        for entry in notify {
            let named = match entry {
                Notify::Person(person) => vec![Arc::clone(person)],
                Notify::Team(team) => self.teams.get(team).cloned().unwrap_or_default(),
                Notify::Schedule(schedule) => {
                    let schedule = self.schedules.get(schedule);
                    schedule.map_or_else(Vec::new, |s| s.on_call_at(now).people.to_vec())
                }
                Notify::Receiver(_) => vec![],
            };
            for person in named {
                if !people.contains(&person) {
                    people.push(person);
                }
            }
        }
        people
    }
}
