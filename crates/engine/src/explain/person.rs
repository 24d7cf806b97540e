//! The person who is asked about: what was sent to them, and what their own rules say.

use std::sync::Arc;

use balefire_config::plan;
use balefire_core::explain::{Contact, Outcome, Person};
use balefire_core::incident::EntryKind;
use balefire_core::severity::Severity;
use balefire_core::time::Time;
use balefire_store::{Page, PageOutcome};

use super::Gathering;
use super::escalated::Followed;
use super::told::ToldTo;
use crate::history::HistoryError;
use crate::report::Addresses;

/// Pages whose tries are read.
const PAGES: usize = 60;

impl Gathering<'_> {
    pub(super) async fn person(
        &self,
        key: &Arc<str>,
        told: &[ToldTo],
        followed: &[Followed],
    ) -> Result<Person, HistoryError> {
        let addresses = Addresses::of(&self.plan);
        let own = |one: &&ToldTo| addresses.person(&one.target).as_ref() == Some(key);
        let told = told.iter().filter(own);
        let mut contacts: Vec<Contact> = told.map(|one| one.contact.clone()).collect();
        for one in followed {
            let pages = one.pages.iter().filter(|page| page.person == *key);
            for page in pages.take(PAGES) {
                contacts.push(self.page(page, one).await?);
            }
            contacts.extend(never_made(one, key));
        }
        contacts.sort_by_key(|one| (one.at, one.notification));
        let shared = self.engine.shared();
        let unverified = shared.verified.unverified(&self.plan, &shared.store).await;
        let known = self.plan.people.get(&**key);
        let rules = known.map(|person| unverified.rules(person));
        let worst = followed.iter().map(|one| one.incident.severity).max();
        let severity = worst.unwrap_or(Severity::Critical);
        let ways = rules.as_ref().map(|rules| rules.contacts(severity));
        let ways = ways.unwrap_or_default().into_iter();
        Ok(Person {
            key: Arc::clone(key),
            is_reachable: rules.is_some_and(|rules| rules.is_reachable()),
            quiet_until: known.and_then(|person| self.quiet(person, followed)),
            unverified: unverified.passed_over(key),
            ways: ways.map(|way| (way.by, way.after)).collect(),
            contacts,
        })
    }

    /// Until when quiet hours held back all that would have been used when their step was taken.
    fn quiet(&self, person: &plan::Person, followed: &[Followed]) -> Option<Time> {
        let quiet = person.rules.quiet()?;
        followed.iter().find_map(|one| {
            let severity = one.incident.severity;
            let mut steps = one.facts.steps.iter();
            let step = steps.find(|step| step.names.iter().any(|name| name.is_them))?;
            let taken = step.taken.filter(|taken| *taken <= self.at)?;
            let ways = if step.by.is_empty() {
                person.rules.contacts(severity)
            } else {
                person.rules.contacts_by(&step.by)
            };
            let held = !ways.is_empty() && ways.iter().all(|way| !quiet.allows(&way.by));
            quiet.until(severity, taken).filter(|_| held)
        })
    }

    /// A page with its tries; what became of it is the page's word, where that is known.
    async fn page(&self, page: &Page, of: &Followed) -> Result<Contact, HistoryError> {
        let row = self.engine.store().notification(page.seq).await?;
        let way = Arc::clone(&page.way);
        let mut contact = match &row {
            Some(row) => self.contact(row, way).await?,
            None => Contact {
                to: way,
                notification: page.seq,
                at: page.at,
                end: None,
                tries: Vec::new(),
                held: None,
            },
        };
        let ended = contact.end.as_ref().map(|(when, _)| *when);
        let entry = |kind: EntryKind| {
            let mut entries = of.timeline.iter();
            entries.find(|one| one.kind == kind && one.at >= page.at)
        };
        let noted = |kind| entry(kind).map(|one| one.at);
        let when = |kind| ended.or(noted(kind)).unwrap_or(page.at);
        contact.end = match page.outcome {
            PageOutcome::Waiting => contact.end,
            PageOutcome::Delivered => Some((when(EntryKind::PageDelivered), Outcome::Arrived)),
            PageOutcome::Failed => {
                let error = row.and_then(|row| row.last_error);
                let why = error.unwrap_or_else(|| "".into());
                Some((when(EntryKind::PageFailed), Outcome::Failed(why)))
            }
            PageOutcome::Withdrawn => {
                // The row may have been settled later, by the lane that had it.
                let at = noted(EntryKind::PagesWithdrawn).or(ended);
                let why = Arc::clone(&of.why);
                Some((at.unwrap_or(page.at), Outcome::TakenBack(why)))
            }
        };
        Ok(contact)
    }
}

/// Contacts for which there was not even a notification, such as by an account that is gone.
fn never_made(of: &Followed, key: &str) -> Vec<Contact> {
    let failed = of
        .timeline
        .iter()
        .filter(|one| one.kind == EntryKind::PageFailed);
    let own = failed.filter_map(|one| {
        let (who, rest) = one.detail.text.split_once(": ")?;
        let (way, why) = rest.split_once(" – ")?;
        let is_page = |page: &Page| page.person.as_ref() == key && *page.way == *way;
        let is_new = who == key && !of.pages.iter().any(is_page);
        is_new.then(|| Contact {
            to: way.into(),
            notification: 0,
            at: one.at,
            end: Some((one.at, Outcome::Failed(why.into()))),
            tries: Vec::new(),
            held: None,
        })
    });
    own.collect()
}
