//! Whom escalations would have paged.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::escalation::{Action, Directory, Escalation, Escalations, Event, Facts};
use crate::fingerprint::Fingerprint;
use crate::severity::Severity;
use crate::time::Time;

/// What a flush means for the incident of its group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// When.
    pub at: Time,
    /// The group.
    pub group: u64,
    /// Whether all of its alerts are over.
    pub is_over: bool,
    /// The policy that looks after it.
    pub policy: Arc<str>,
    /// How bad it is.
    pub severity: Severity,
    /// Its alerts.
    pub alerts: BTreeSet<Fingerprint>,
}

/// What somebody did to an incident of these alerts.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// When.
    pub at: Time,
    /// The incident's alerts.
    pub alerts: BTreeSet<Fingerprint>,
    /// What they did.
    pub event: Event,
}

/// Somebody is paged, or a receiver told by a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paged {
    /// When.
    pub at: Time,
    /// The person's key, or the receiver's name.
    pub who: Arc<str>,
    /// By which ways; none for a receiver.
    pub by: Vec<Arc<str>>,
    /// The alerts of the incidents that it is about.
    pub alerts: BTreeSet<Fingerprint>,
}

#[derive(Default)]
struct Desk {
    all: Escalations,
    by_group: BTreeMap<u64, u64>,
    alerts: BTreeMap<u64, BTreeSet<Fingerprint>>,
    severities: BTreeMap<u64, Severity>,
    ordinals: BTreeMap<Arc<str>, u64>,
    paged: Vec<Paged>,
}

/// The pages that follow from what groups said and people answered, each in order of time, up to `until`.
pub fn pages(words: &[Word], answers: &[Answer], directory: &Directory, until: Time) -> Vec<Paged> {
    let mut desk = Desk::default();
    let (mut words, mut answers) = (words.iter().peekable(), answers.iter().peekable());
    loop {
        let next = [
            words.peek().map(|word| word.at),
            answers.peek().map(|answer| answer.at),
        ];
        let Some(now) = next.into_iter().flatten().min().filter(|at| *at <= until) else {
            break;
        };
        desk.pass(directory, now, false);
        while let Some(word) = words.next_if(|word| word.at <= now) {
            desk.hear(word, directory, now);
        }
        while let Some(answer) = answers.next_if(|answer| answer.at <= now) {
            desk.answer(answer, directory, now);
        }
        desk.turn(directory, now);
    }
    desk.pass(directory, until, true);
    desk.paged
}

impl Desk {
    /// Takes the turns that are due before `until`, or up to it.
    fn pass(&mut self, directory: &Directory, until: Time, including: bool) {
        loop {
            let wake = self.all.wake();
            if wake > until || (wake == until && !including) || wake.is_never() {
                return;
            }
            self.turn(directory, wake);
        }
    }

    fn turn(&mut self, directory: &Directory, now: Time) {
        for action in self.all.due(directory, now) {
            let (who, by, incidents) = match action {
                Action::Page {
                    person,
                    by,
                    incidents,
                    ..
                } => (person, by, incidents),
                Action::Tell {
                    receiver, incident, ..
                } => (receiver, Vec::new(), vec![incident]),
                Action::Held { .. }
                | Action::Taken { .. }
                | Action::Passed { .. }
                | Action::Exhausted { .. } => continue,
            };
            let alerts = incidents.iter().filter_map(|one| self.alerts.get(one));
            let alerts = alerts.flatten().copied().collect();
            self.paged.push(Paged {
                at: now,
                who,
                by,
                alerts,
            });
        }
    }

    fn hear(&mut self, word: &Word, directory: &Directory, now: Time) {
        let open = self.by_group.get(&word.group).copied();
        match (open, word.is_over) {
            (Some(incident), true) => {
                self.all.apply(incident, &Event::Resolved, directory, now);
                self.all.remove(incident);
                self.by_group.remove(&word.group);
                self.alerts.remove(&incident);
            }
            (Some(incident), false) => {
                self.alerts
                    .entry(incident)
                    .or_default()
                    .extend(&word.alerts);
                let severity = self.severities.entry(incident).or_insert(word.severity);
                if *severity < word.severity {
                    *severity = word.severity;
                    let worse = Event::Severity(word.severity);
                    self.all.apply(incident, &worse, directory, now);
                }
            }
            (None, true) => {}
            (None, false) => self.open(word, now),
        }
    }

    fn open(&mut self, word: &Word, now: Time) {
        // Numbers are never used twice.
        let incident = self.severities.len() as u64 + 1;
        let ordinal = self.ordinals.entry(Arc::clone(&word.policy)).or_default();
        let facts = Facts {
            incident,
            severity: word.severity,
            opened: now,
            ordinal: *ordinal,
        };
        *ordinal += 1;
        self.all.insert(Escalation::start(&word.policy, facts, now));
        self.by_group.insert(word.group, incident);
        self.alerts.insert(incident, word.alerts.clone());
        self.severities.insert(incident, word.severity);
    }

    fn answer(&mut self, answer: &Answer, directory: &Directory, now: Time) {
        let concerned = self
            .alerts
            .iter()
            .filter(|(_, alerts)| !alerts.is_disjoint(&answer.alerts));
        let concerned: Vec<u64> = concerned.map(|(incident, _)| *incident).collect();
        for incident in concerned {
            self.all.apply(incident, &answer.event, directory, now);
        }
    }
}
