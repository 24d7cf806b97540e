//! One of the two histories: what a document would have told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use balefire_config::plan::Plan;
use balefire_core::dispatch::Flush;
use balefire_core::event::Event;
use balefire_core::fingerprint::Fingerprint;
use balefire_core::label::Labels;
use balefire_core::message::Status;
use balefire_core::time::Time;
use balefire_core::what_if::{Answer, Rerun, Telling, Word, pages};
use rustc_hash::FxHashMap;

use super::Seed;
use crate::bell::event::directory;
use crate::dispatcher::incident;
use crate::report::Addresses;
use crate::roster::Roster;
use crate::rules::rules_of;

/// Tellings of one document that are kept; of a longer history the beginning is compared.
const MOST_TELLINGS: usize = 200_000;
/// Alerts that are named in what is kept, each time that they are: a group may have ten thousand, and be told for weeks.
const MOST_NAMED: usize = 2_000_000;

/// A document that is gone through.
pub(super) struct Side {
    pub(super) plan: Arc<Plan>,
    addresses: Addresses,
    rerun: Rerun,
    flushes: Vec<Flush>,
    /// From here on it counts.
    from: Time,
    pub(super) tellings: Vec<Telling>,
    pub(super) words: Vec<Word>,
    /// Alerts that tellings and words name.
    named: usize,
    /// Messages by receiver, one for each entry that tells.
    pub(super) receivers: BTreeMap<Arc<str>, usize>,
    /// The labels of what was told.
    pub(super) labels: FxHashMap<Fingerprint, Labels>,
}

impl Side {
    pub(super) fn new(plan: &Arc<Plan>, seeds: &[Seed], from: Time) -> Self {
        let mut rerun = Rerun::new(rules_of(plan));
        for seed in seeds {
            rerun.seed(seed.at, seed.input.clone());
        }
        Self {
            plan: Arc::clone(plan),
            addresses: Addresses::of(plan),
            rerun,
            flushes: Vec::new(),
            from,
            tellings: Vec::new(),
            words: Vec::new(),
            named: 0,
            receivers: BTreeMap::new(),
            labels: FxHashMap::default(),
        }
    }

    /// Takes in what comes next in the log.
    pub(super) fn take(&mut self, events: &[Event]) {
        for event in events {
            self.rerun.take(event, &mut self.flushes);
        }
        self.hear();
    }

    /// Lets time pass to the end.
    pub(super) fn pass(&mut self, until: Time) {
        self.rerun.pass(until, &mut self.flushes);
        self.hear();
    }

    pub(super) fn is_full(&self) -> bool {
        self.tellings.len() >= MOST_TELLINGS || self.named >= MOST_NAMED
    }

    fn hear(&mut self) {
        for flush in std::mem::take(&mut self.flushes) {
            if self.is_full() {
                return;
            }
            self.word(&flush);
            if flush.record.at >= self.from {
                self.tell(&flush);
            }
        }
    }

    /// Keeps the labels of what a flush names.
    fn name(&mut self, flush: &Flush) {
        for alert in &flush.alerts {
            let labels = || alert.labels.clone();
            let known = self.labels.entry(alert.fingerprint());
            known.or_insert_with(labels);
        }
    }

    fn word(&mut self, flush: &Flush) {
        let Some(said) = incident::said(&self.plan, flush) else {
            return;
        };
        let alerts = said.passed.iter().map(|judged| judged.episode.fingerprint);
        self.named += said.passed.len();
        self.words.push(Word {
            at: flush.record.at,
            group: flush.record.group.0,
            is_over: said.is_over,
            policy: said.policy,
            severity: said.severity,
            alerts: alerts.collect(),
        });
        self.name(flush);
    }

    fn tell(&mut self, flush: &Flush) {
        let plan = Arc::clone(&self.plan);
        let mut receivers = plan.receivers.iter();
        let Some(receiver) = receivers.find(|one| one.name == flush.receiver) else {
            return;
        };
        for due in &flush.record.obligations {
            let mut entries = receiver.integrations.iter();
            let Some(entry) = entries.find(|entry| entry.key == due.integration) else {
                continue;
            };
            let told = self.receivers.entry(Arc::clone(&receiver.name));
            *told.or_default() += 1;
            let way = entry.account.as_ref().unwrap_or(&entry.key);
            let of = |(episode, status): &(balefire_core::alert::Episode, Status)| {
                (episode.fingerprint, *status == Status::Firing)
            };
            let alerts: BTreeSet<(Fingerprint, bool)> = due.episodes.iter().map(of).collect();
            for target in entry.channel.targets() {
                let person = self.addresses.person(&target.address);
                self.named += alerts.len();
                self.tellings.push(Telling {
                    at: flush.record.at,
                    who: person.unwrap_or(target.label),
                    way: Arc::clone(way),
                    alerts: alerts.clone(),
                });
            }
        }
        self.name(flush);
    }

    /// Adds whom escalations would have paged.
    pub(super) fn page(&mut self, answers: &[Answer], roster: &Roster, until: Time) {
        let directory = directory(&self.plan, roster);
        let paged = pages(&self.words, answers, &directory, until);
        for page in paged.into_iter().filter(|page| page.at >= self.from) {
            let alerts: BTreeSet<_> = page.alerts.iter().map(|alert| (*alert, true)).collect();
            if page.by.is_empty() {
                *self.receivers.entry(Arc::clone(&page.who)).or_default() += 1;
            }
            let ways = if page.by.is_empty() {
                vec![Arc::from("escalation")]
            } else {
                page.by
            };
            for way in ways {
                self.tellings.push(Telling {
                    at: page.at,
                    who: Arc::clone(&page.who),
                    way,
                    alerts: alerts.clone(),
                });
            }
        }
        self.tellings.sort();
        self.tellings.truncate(MOST_TELLINGS);
    }
}
