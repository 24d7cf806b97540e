//! One turn: what happened is taken in, what is due becomes one decision.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use balefire_config::plan::Plan;
use balefire_core::escalation::{Directory, Escalation, Escalations, Event, Facts, Receipt, State};
use balefire_core::incident::{Entry, EntryKind, Incident};
use balefire_core::time::Time;
use balefire_store::{
    Decision, EscalationRow, Fact, Notification, NotificationState, Page, PageOutcome, ReplyCode,
    Settlement, StoreError, Which, escalated, noted, page_ended, told_last,
};

use super::stop::Recalled;
use crate::bell::{News, PageEnd, event};
use crate::delivery::Lanes;
use crate::delivery::rows::numbered;
use crate::delivery::shared::Shared;
use crate::meta::Trouble;
use crate::metrics::ByEvent;
use crate::verified::Unverified;

/// Entries of a timeline that are read at a time.
const ENTRIES: usize = 200;
/// Contacts that fail before they are made are followed by the next so often in one turn; the others follow in the next.
const AT_ONCE: usize = 64;

/// A turn under way.
pub(super) struct Turn<'t> {
    pub(super) shared: &'t Arc<Shared>,
    pub(super) plan: Arc<Plan>,
    pub(super) directory: Directory,
    /// The ways that nobody has verified.
    pub(super) unverified: Unverified,
    /// Of whom it was told in this turn, by incident.
    pub(super) doubted: BTreeSet<(u64, Arc<str>)>,
    pub(super) now: Time,
    before: &'t Escalations,
    /// Those that were read in this turn, as they were written down.
    read: Escalations,
    pub(super) all: Escalations,
    seen: BTreeMap<u64, u64>,
    /// Incidents as they stand.
    pub(super) incidents: BTreeMap<u64, Incident>,
    /// Incidents that were given to others in this turn.
    pub(super) reassigned: BTreeSet<u64>,
    /// Whether anything of them is to be written down.
    dirty: BTreeSet<u64>,
    pub(super) rows: Vec<Notification>,
    /// Which of the rows page somebody.
    pub(super) paging: Vec<usize>,
    pub(super) facts: Vec<Fact>,
    pub(super) settlements: Vec<Settlement>,
    pub(super) recalled: Vec<Recalled>,
    /// The codes that this turn gives out, by number: they are not in the store yet.
    pub(super) codes: Vec<(Arc<str>, ReplyCode)>,
    /// What was written into timelines, to be counted.
    noted: Vec<EntryKind>,
    /// What is to be told to those who run Balefire: what kind of trouble, about what, and the words.
    pub(super) findings: Vec<(Trouble, String, String)>,
}

/// What is on disk and is to be done now.
pub(super) struct Decided {
    rows: Vec<Notification>,
    paging: Vec<usize>,
    recalled: Vec<Recalled>,
    noted: Vec<EntryKind>,
    findings: Vec<(Trouble, String, String)>,
    at: Time,
}

impl<'t> Turn<'t> {
    pub(super) fn new(
        shared: &'t Arc<Shared>,
        before: &'t Escalations,
        seen: &BTreeMap<u64, u64>,
        (plan, unverified): (Arc<Plan>, Unverified),
    ) -> Self {
        let mut directory = event::directory(&plan, &shared.rosters.of(&plan));
        for (key, rules) in &mut directory.people {
            if let Some(person) = plan.people.get(&**key) {
                *rules = unverified.rules(person);
            }
        }
        Self {
            directory,
            plan,
            unverified,
            doubted: BTreeSet::new(),
            now: shared.clock.now(),
            before,
            read: Escalations::default(),
            all: before.clone(),
            seen: seen.clone(),
            incidents: BTreeMap::new(),
            reassigned: BTreeSet::new(),
            dirty: BTreeSet::new(),
            rows: Vec::new(),
            paging: Vec::new(),
            facts: Vec::new(),
            settlements: Vec::new(),
            recalled: Vec::new(),
            codes: Vec::new(),
            findings: Vec::new(),
            noted: Vec::new(),
            shared,
        }
    }

    /// Takes in what happened, and works out what follows and what is due.
    pub(super) async fn take_in(&mut self, news: &News) -> Result<(), StoreError> {
        for incident in &news.touched {
            self.hear(*incident).await?;
        }
        for end in &news.ended {
            self.end_page(end).await?;
        }
        for _ in 0..AT_ONCE {
            let actions = self.all.due(&self.directory, self.now);
            if actions.is_empty() {
                break;
            }
            for (incident, person, by) in self.act(actions).await? {
                self.receive(incident, &person, &by, Receipt::Failed);
            }
        }
        self.settle_stopped(&news.touched).await
    }

    /// Takes in what happened to an incident.
    async fn hear(&mut self, id: u64) -> Result<(), StoreError> {
        let store = &self.shared.store;
        let Some(incident) = store.incident(&Which::Id(id)).await? else {
            self.all.remove(id);
            self.seen.remove(&id);
            return Ok(());
        };
        if self.all.get(id).is_none() {
            let Some(row) = store.escalation(id).await? else {
                return Ok(());
            };
            self.hold(&incident, &row);
        }
        self.incidents.insert(id, incident);
        loop {
            let seen = self.seen.get(&id).copied().unwrap_or(0);
            let entries = store.incident_timeline(id, seen, ENTRIES).await?;
            for entry in &entries {
                self.seen.insert(id, entry.number);
                self.dirty.insert(id);
                let Some(event) = event::of(&self.plan, entry, self.now) else {
                    continue;
                };
                if matches!(event, Event::Reassigned { .. }) {
                    self.reassigned.insert(id);
                }
                self.all.apply(id, &event, &self.directory, self.now);
            }
            if entries.len() < ENTRIES {
                return Ok(());
            }
        }
    }

    /// Takes an escalation in as it was written down, or begins it.
    fn hold(&mut self, incident: &Incident, row: &EscalationRow) {
        let id = incident.id;
        self.seen.insert(id, row.seen);
        if let Ok(stands) = serde_json::from_str::<Escalation>(&row.body) {
            self.read.insert(stands.clone());
            self.all.insert(stands);
            return;
        }
        if row.body.is_empty() {
            self.note(id, EntryKind::EscalationStarted, &row.policy, "");
        } else {
            let text = format!(
                "where the escalation of incident {id} stands cannot be read: it begins anew"
            );
            self.findings
                .push((Trouble::Escalation, row.policy.to_string(), text));
        }
        let facts = Facts {
            incident: id,
            severity: incident.severity,
            opened: incident.opened_at,
            ordinal: row.ordinal,
        };
        self.dirty.insert(id);
        self.all
            .insert(Escalation::start(&row.policy, facts, self.now));
    }

    /// Takes in what became of a page.
    async fn end_page(&mut self, end: &PageEnd) -> Result<(), StoreError> {
        for page in self.shared.store.pages_by(end.seq).await? {
            let outcome = match end.state {
                NotificationState::Delivered => PageOutcome::Delivered,
                NotificationState::Cancelled | NotificationState::Superseded => {
                    PageOutcome::Withdrawn
                }
                _ => PageOutcome::Failed,
            };
            self.facts.push(page_ended(&page, outcome));
            match (page.outcome, outcome) {
                (PageOutcome::Waiting, PageOutcome::Delivered) => {
                    self.say(&page, EntryKind::PageDelivered, "");
                }
                // Or it was taken, and then reported as not delivered.
                (PageOutcome::Waiting, _) | (PageOutcome::Delivered, PageOutcome::Failed) => {
                    self.say(&page, EntryKind::PageFailed, &end.detail);
                    self.receive(page.incident, &page.person, &page.way, Receipt::Failed);
                }
                // It was under way when somebody answered.
                (PageOutcome::Withdrawn, PageOutcome::Delivered) => {
                    self.tell_late(&page).await?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn say(&mut self, page: &Page, kind: EntryKind, detail: &str) {
        let detail = match detail {
            "" => String::new(),
            detail => format!(" – {}", detail.chars().take(300).collect::<String>()),
        };
        let text = format!("{}: {}{detail}", page.person, page.way);
        let policy = self.all.get(page.incident).map(|e| Arc::clone(e.home()));
        let policy = policy.unwrap_or_else(|| "escalation".into());
        self.note(page.incident, kind, &policy, &text);
    }

    fn receive(&mut self, incident: u64, person: &Arc<str>, by: &Arc<str>, receipt: Receipt) {
        let event = Event::Receipt {
            person: Arc::clone(person),
            by: Arc::clone(by),
            receipt,
        };
        self.all.apply(incident, &event, &self.directory, self.now);
    }

    /// Writes something into an incident's timeline; an escalation goes by its policy's name.
    pub(super) fn note(&mut self, incident: u64, kind: EntryKind, policy: &str, text: &str) {
        let entry = Entry::new(kind, policy, text, self.now);
        self.facts.push(noted(incident, &entry));
        self.noted.push(kind);
    }

    /// An incident as it stands; `None` when it is gone.
    pub(super) async fn incident(&mut self, id: u64) -> Result<Option<Incident>, StoreError> {
        if let Some(known) = self.incidents.get(&id) {
            return Ok(Some(known.clone()));
        }
        let found = self.shared.store.incident(&Which::Id(id)).await?;
        if let Some(incident) = &found {
            self.incidents.insert(id, incident.clone());
        }
        Ok(found)
    }

    /// Where an escalation stood when the turn began.
    pub(super) fn stood(&self, incident: u64) -> Option<&Escalation> {
        self.before
            .get(incident)
            .or_else(|| self.read.get(incident))
    }

    /// Writes the decision down.
    pub(super) async fn decide(&mut self) -> Result<Decided, StoreError> {
        self.write_states();
        let mut rows = std::mem::take(&mut self.rows);
        let is_nothing = rows.is_empty() && self.facts.is_empty() && self.settlements.is_empty();
        if !is_nothing {
            let decision = Decision {
                at: self.now,
                cursor: self.shared.state.read().cursor(),
                config_version: Arc::clone(&self.plan.version),
                body: crate::codec::pack::<[()]>(&[]),
                notifications: rows.clone(),
                settlements: std::mem::take(&mut self.settlements),
                facts: std::mem::take(&mut self.facts),
            };
            let decided = self.shared.store.writer().decide(decision).await?;
            rows = numbered(rows, decided);
        }
        Ok(Decided {
            rows,
            paging: std::mem::take(&mut self.paging),
            recalled: std::mem::take(&mut self.recalled),
            findings: std::mem::take(&mut self.findings),
            noted: std::mem::take(&mut self.noted),
            at: self.now,
        })
    }

    /// What is to be written of the escalations that are not as they were.
    fn write_states(&mut self) {
        for stands in self.all.iter() {
            let id = stands.facts().incident;
            if !self.dirty.contains(&id) && self.stood(id) == Some(stands) {
                continue;
            }
            let seen = self.seen.get(&id).copied().unwrap_or(0);
            let is_live = stands.state() != State::Resolved;
            // Every part of it has a JSON form.
            let body = serde_json::to_string(stands).unwrap_or_default();
            self.facts.push(escalated(id, is_live, seen, &body));
        }
        for (person, slot) in self.all.slots().iter() {
            if self.before.slots().get(person) != Some(slot) {
                // Numbers, and words of the document.
                let body = serde_json::to_string(slot).unwrap_or_default();
                self.facts.push(told_last(person, &body));
            }
        }
    }

    /// The escalations and how far their timelines were read; those that are over are let go.
    pub(super) fn into_parts(mut self) -> (Escalations, BTreeMap<u64, u64>) {
        let over = self.all.iter().filter(|e| e.state() == State::Resolved);
        let over: Vec<u64> = over.map(|e| e.facts().incident).collect();
        for id in over {
            self.all.remove(id);
            self.seen.remove(&id);
        }
        (self.all, self.seen)
    }
}

impl Decided {
    /// Hands the pages to their lanes, and takes back what is no longer wanted.
    pub(super) async fn carry_out(self, shared: &Arc<Shared>, lanes: &Lanes) {
        let paging = self.paging.iter().filter_map(|nth| self.rows.get(*nth));
        shared.bell.expect(paging.map(|row| row.seq));
        let pending = &shared.metrics.notifications_pending;
        pending.inc_by(self.rows.len() as i64);
        if !self.rows.is_empty() {
            shared.changed();
        }
        for kind in &self.noted {
            let event = kind.as_str();
            let counted = &shared.metrics.escalation_events;
            counted.get_or_create(&ByEvent { event }).inc();
        }
        lanes.hand(shared, self.rows);
        for recalled in self.recalled {
            recalled.carry_out(shared).await;
        }
        for (trouble, subject, text) in self.findings {
            let findings = &shared.findings;
            findings.report(self.at, trouble, &subject, text);
        }
    }
}
