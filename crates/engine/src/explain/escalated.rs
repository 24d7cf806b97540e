//! The incidents of an alert's groups, and how their escalations' steps concern a person.

use std::sync::Arc;

use balefire_core::escalation::Notify;
use balefire_core::explain::{Answer, Escalated, Happened, Naming, StepFacts};
use balefire_core::incident::{Entry, EntryKind, Incident};
use balefire_core::time::Time;
use balefire_store::{IncidentFilter, Page};

use super::Gathering;
use crate::bell::event::who;
use crate::delivery::change::keys_of;
use crate::delivery::wanted;
use crate::escalator::step_in;
use crate::history::HistoryError;

/// Incidents of a group that are looked through.
const INCIDENTS: usize = 50;
/// Entries of a timeline that are read.
const ENTRIES: usize = 300;
/// Policies that take over one from the other; the document lets none go in a circle.
const POLICIES: usize = 16;

/// An incident with what a person's facts are made of.
pub(super) struct Followed {
    pub(super) facts: Escalated,
    pub(super) incident: Incident,
    pub(super) pages: Vec<Page>,
    pub(super) timeline: Vec<Entry>,
    /// Why its pages were taken back, as it stands.
    pub(super) why: Arc<str>,
}

impl Gathering<'_> {
    /// For each group the incident that was opened last before the instant that is asked about, where an escalation
    /// looks after it.
    pub(super) async fn escalated(&self, groups: &[u64]) -> Result<Vec<Followed>, HistoryError> {
        let store = self.engine.store();
        let mut found = Vec::new();
        for group in groups {
            let filter = IncidentFilter {
                namespace: Some(keys_of(*group).into()),
                limit: INCIDENTS,
                ..IncidentFilter::default()
            };
            let opened = store.incidents(&filter).await?.into_iter();
            let open = opened.filter(|one| one.opened_at <= self.at);
            let Some(incident) = open.max_by_key(|one| (one.opened_at, one.id)) else {
                continue;
            };
            if let Some(row) = store.escalation(incident.id).await? {
                found.push(self.followed(incident, row.policy).await?);
            }
        }
        Ok(found)
    }

    async fn followed(
        &self,
        incident: Incident,
        policy: Arc<str>,
    ) -> Result<Followed, HistoryError> {
        let store = self.engine.store();
        let timeline = store.incident_timeline(incident.id, 0, ENTRIES).await?;
        let at_of = |kinds: &[EntryKind]| {
            let mut entries = timeline.iter();
            entries.find(|one| kinds.contains(&one.kind) && one.at <= self.at)
        };
        let answered = at_of(&[EntryKind::Acknowledged]).map(|entry| Answer {
            who: who(&self.plan, &entry.actor),
            at: entry.at,
        });
        let over = at_of(&[EntryKind::Resolved]).map(|entry| entry.at);
        let stopped = answered.iter().map(|one| one.at).chain(over).min();
        let facts = Escalated {
            incident: incident.id,
            opened: incident.opened_at,
            steps: self.steps(&policy, &timeline, stopped.unwrap_or(self.at)),
            timeline: timeline.iter().map(happened).collect(),
            policy,
            answered,
            over,
        };
        Ok(Followed {
            pages: store.pages_of(incident.id).await?,
            why: wanted::reason(&incident),
            facts,
            incident,
            timeline,
        })
    }

    /// The steps of a policy and of those that take over from it. Who is on call counts when a step was taken, and for
    /// one that was not, at `else_at`.
    fn steps(&self, policy: &Arc<str>, timeline: &[Entry], else_at: Time) -> Vec<StepFacts> {
        let mut steps = Vec::new();
        let mut next = Some(policy);
        for _ in 0..POLICIES {
            let Some(name) = next else { break };
            let Some(policy) = self.plan.policies.get(name) else {
                break;
            };
            for (number, (names, by, wait)) in (1..).zip(policy.steps()) {
                let (taken, passed) = taken(timeline, name, number);
                let moment = taken.filter(|taken| *taken <= self.at).unwrap_or(else_at);
                let naming = |entry: &Notify| self.naming(entry, moment);
                steps.push(StepFacts {
                    policy: Arc::clone(name),
                    number,
                    taken,
                    passed,
                    by: by.to_vec(),
                    wait,
                    names: names.iter().map(naming).collect(),
                });
            }
            next = policy.then();
        }
        steps
    }

    fn naming(&self, entry: &Notify, moment: Time) -> Naming {
        let them = self.person.as_ref();
        let duty = match entry {
            Notify::Schedule(schedule) => self.duty(schedule, moment),
            _ => None,
        };
        let is_them = them.is_some_and(|them| match entry {
            Notify::Person(person) => person == them,
            Notify::Team(team) => {
                let people = self.plan.teams.get(team);
                people.is_some_and(|people| people.contains(them))
            }
            Notify::Schedule(_) => duty.as_ref().is_some_and(|duty| duty.who.contains(them)),
            Notify::Receiver(_) => false,
        });
        Naming {
            entry: entry.clone(),
            is_them,
            duty,
        }
    }
}

/// When a step was first taken; why it was passed over, if it never was more than that.
fn taken(timeline: &[Entry], policy: &str, number: usize) -> (Option<Time>, Option<Arc<str>>) {
    let kinds = [
        EntryKind::Paged,
        EntryKind::PageHeld,
        EntryKind::Told,
        EntryKind::StepTaken,
        EntryKind::StepPassed,
    ];
    let own = |one: &&Entry| {
        kinds.contains(&one.kind) && step_in(&one.detail.text, policy) == Some(number)
    };
    let mut own = timeline.iter().filter(own).peekable();
    let first = own.peek().map(|one| one.at);
    let mut passed = None;
    for one in own {
        if one.kind != EntryKind::StepPassed {
            return (first, None);
        }
        let text = one.detail.text.as_str();
        let words = text.split_once(": ").map_or(text, |(_, words)| words);
        passed.get_or_insert_with(|| Arc::from(words));
    }
    (first, passed)
}

fn happened(entry: &Entry) -> Happened {
    Happened {
        at: entry.at,
        kind: entry.kind,
        actor: entry.actor.as_str().into(),
        text: entry.detail.text.as_str().into(),
        until: entry.detail.until,
    }
}
