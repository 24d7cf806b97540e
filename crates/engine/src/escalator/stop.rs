//! When somebody has an incident, or it is over: pages that have not arrived are taken back, and those who were paged hear
//! who has it, or that it is over.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use balefire_core::escalation::{Escalation, State};
use balefire_core::incident::{EntryKind, Incident, IncidentState};
use balefire_core::severity::Severity;
use balefire_core::time::Time;
use balefire_store::{
    CallEnd, CallState, NotificationState, Page, PageOutcome, Settlement, StoreError, page_ended,
};
use balefire_template::compose;

use super::paging::reader;
use super::turn::Turn;
use crate::calls::End;
use crate::delivery::content::Content;
use crate::delivery::id_text;
use crate::delivery::shared::Shared;
use crate::delivery::wanted::reason;

/// Entries of a timeline that are read at a time.
const ENTRIES: usize = 200;

/// A page that is taken back.
pub(super) struct Recalled {
    seq: u64,
    why: Arc<str>,
}

impl Recalled {
    /// Takes the page back from the telephones, if they have it. Its lane asks before each try by itself.
    pub(super) async fn carry_out(self, shared: &Shared) {
        let Ok(Some(row)) = shared.store.notification(self.seq).await else {
            return;
        };
        let id = id_text(&row.id);
        let Ok(Some(call)) = shared.store.call(&id).await else {
            return;
        };
        if call.state != CallState::Waiting {
            return;
        }
        let end = CallEnd {
            state: CallState::Withdrawn,
            at: shared.clock.now(),
            answered_by: Some(Arc::clone(&self.why)),
            person: None,
            agent: None,
        };
        if !matches!(shared.store.writer().end_call(&id, end).await, Ok(false)) {
            shared.calls.end(&id, End::Withdrawn(self.why));
        }
    }
}

/// What those who were paged are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum News {
    /// Somebody has it.
    Held,
    /// It is over.
    Over,
}

/// What a timeline says of those who are to be told.
struct Story {
    since: Time,
    ended_by: Option<String>,
}

fn pages(state: State) -> bool {
    matches!(state, State::Running | State::Exhausted)
}

impl Turn<'_> {
    /// Takes back what the incidents that something happened to no longer need. The pages of this turn are not among it:
    /// they are not in the store yet.
    pub(super) async fn settle_stopped(&mut self, touched: &[u64]) -> Result<(), StoreError> {
        let mut withdrawn: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
        for id in touched {
            let Some(stands) = self.all.get(*id).cloned() else {
                continue;
            };
            let stood = self.stood(*id).cloned();
            self.settle_one(*id, stood.as_ref(), &stands, &mut withdrawn)
                .await?;
        }
        let woken = self.all.iter().filter(|stands| {
            let stood = self.stood(stands.facts().incident).map(Escalation::state);
            matches!(stood, Some(State::Snoozed { .. })) && pages(stands.state())
        });
        let woken: Vec<(u64, Arc<str>)> = woken
            .filter(|stands| !touched.contains(&stands.facts().incident))
            .map(|stands| (stands.facts().incident, Arc::clone(stands.home())))
            .collect();
        for (id, policy) in woken {
            self.note(id, EntryKind::SnoozeEnded, &policy, "");
        }
        self.cancel(&withdrawn).await
    }

    async fn settle_one(
        &mut self,
        id: u64,
        stood: Option<&Escalation>,
        stands: &Escalation,
        withdrawn: &mut BTreeMap<u64, Vec<u64>>,
    ) -> Result<(), StoreError> {
        let stopped = !pages(stands.state()) || self.reassigned.contains(&id);
        let answered: BTreeSet<&Arc<str>> = stands.acknowledged().collect();
        if !stopped && answered.is_empty() {
            return Ok(());
        }
        let all = self.shared.store.pages_of(id).await?;
        let mut names: Vec<String> = Vec::new();
        for page in &all {
            let wanted = !stopped && !answered.contains(&page.person);
            if page.outcome != PageOutcome::Waiting || wanted {
                continue;
            }
            self.facts.push(page_ended(page, PageOutcome::Withdrawn));
            withdrawn.entry(page.seq).or_default().push(id);
            names.push(format!("{}: {}", page.person, page.way));
        }
        if !names.is_empty() {
            let text = names.join("; ");
            self.note(id, EntryKind::PagesWithdrawn, stands.home(), &text);
        }
        let has = stands.state() == State::Acknowledged;
        let had = stood.is_some_and(|stood| stood.state() == State::Acknowledged);
        if has && !had && stood.is_some() {
            self.tell_reached(id, stands, &all, News::Held).await?;
        }
        let over = |stands: &Escalation| stands.state() == State::Resolved;
        if over(stands) && stood.is_some_and(|stood| !over(stood)) {
            self.tell_reached(id, stands, &all, News::Over).await?;
        }
        Ok(())
    }

    /// The notifications that no incident needs any more end here.
    async fn cancel(&mut self, withdrawn: &BTreeMap<u64, Vec<u64>>) -> Result<(), StoreError> {
        for (seq, of) in withdrawn {
            let pages = self.shared.store.pages_by(*seq).await?;
            let still =
                |page: &&Page| page.outcome == PageOutcome::Waiting && !of.contains(&page.incident);
            if pages.iter().any(|page| still(&page)) {
                continue;
            }
            let first = of.first().copied().unwrap_or_default();
            let incident = self.incident(first).await?;
            let why = incident.map_or_else(|| "nobody need answer".into(), |i| reason(&i));
            let mut settlement = Settlement::state(*seq, NotificationState::Cancelled, 0);
            settlement.last_error = Some(Arc::clone(&why));
            self.settlements.push(settlement);
            self.recalled.push(Recalled { seq: *seq, why });
        }
        Ok(())
    }

    /// Tells those whom pages have reached since the incident began, or began anew, who has it, or that it is over. Who
    /// said so knows it.
    async fn tell_reached(
        &mut self,
        id: u64,
        stands: &Escalation,
        pages: &[Page],
        news: News,
    ) -> Result<(), StoreError> {
        let story = self.story(id).await?;
        let reached = pages
            .iter()
            .filter(|page| page.outcome == PageOutcome::Delivered && page.at >= story.since);
        let has_it: Vec<&Arc<str>> = stands.acknowledged().collect();
        let ended_it =
            |page: &Page| news == News::Over && story.ended_by.as_deref() == Some(&*page.person);
        let mut by_person: BTreeMap<&Arc<str>, Vec<&Arc<str>>> = BTreeMap::new();
        for page in reached.filter(|page| !has_it.contains(&&page.person) && !ended_it(page)) {
            by_person.entry(&page.person).or_default().push(&page.way);
        }
        let Some(incident) = self.incident(id).await? else {
            return Ok(());
        };
        for (person, ways) in by_person {
            self.tell_one(&incident, (stands.home(), news), person, &ways);
        }
        Ok(())
    }

    /// Somebody whose page arrived although it was taken back hears who has it, or that it is over.
    pub(super) async fn tell_late(&mut self, page: &Page) -> Result<(), StoreError> {
        let Some(incident) = self.incident(page.incident).await? else {
            return Ok(());
        };
        if incident.state == IncidentState::Resolved {
            // It is not among those that are looked after any more.
            let row = self.shared.store.escalation(page.incident).await?;
            let policy = row.map_or_else(|| "escalation".into(), |row| row.policy);
            self.tell_one(&incident, (&policy, News::Over), &page.person, &[&page.way]);
            return Ok(());
        }
        let Some(stands) = self.all.get(page.incident).cloned() else {
            return Ok(());
        };
        let has_it = stands.acknowledged().any(|who| *who == page.person);
        if stands.state() == State::Acknowledged && !has_it {
            let about = (&**stands.home(), News::Held);
            self.tell_one(&incident, about, &page.person, &[&page.way]);
        }
        Ok(())
    }

    /// Tells one person by the first of these ways that does not ring.
    fn tell_one(
        &mut self,
        incident: &Incident,
        (policy, news): (&str, News),
        whom: &str,
        ways: &[&Arc<str>],
    ) {
        let plan = Arc::clone(&self.plan);
        let Some(person) = plan.people.get(whom) else {
            return;
        };
        let mut quiet = ways.iter().filter(|way| {
            let own = person.ways.get(&***way);
            own.is_some_and(|way| !way.rings)
        });
        let Some((way, own)) = quiet.find_map(|way| Some((way, person.ways.get(&***way)?))) else {
            return;
        };
        let (url, words) = (&plan.server.external_url, reader(&person.reader));
        let (message, kind) = match (news, &incident.acknowledged) {
            (News::Over, _) => (
                compose::compose_over(incident, url, &words),
                EntryKind::OverTold,
            ),
            (News::Held, None) => return,
            (News::Held, Some(held)) => {
                let holder = plan.people.get(&held.by).map(|who| &who.contact.name);
                let holder = holder.unwrap_or(&held.by);
                let taken = compose::compose_taken(incident, holder, url, &words);
                (taken, EntryKind::HolderTold)
            }
        };
        let content = Content::direct(&message, &own.options);
        match self.rows_through(person, way, &content, Severity::Info) {
            Ok(made) => {
                self.rows.extend(made);
                let text = format!("{whom}: {way}");
                self.note(incident.id, kind, policy, &text);
            }
            Err(why) => {
                tracing::warn!(person = whom, %why, "somebody who was paged cannot be told how it stands");
            }
        }
    }

    /// When an incident began, or began anew, and who said last that it is over.
    async fn story(&self, id: u64) -> Result<Story, StoreError> {
        let mut after = 0;
        let mut story = Story {
            since: Time::EPOCH,
            ended_by: None,
        };
        loop {
            let timeline = self.shared.store.incident_timeline(id, after, ENTRIES);
            let entries = timeline.await?;
            for entry in &entries {
                after = entry.number;
                if matches!(entry.kind, EntryKind::Reopened | EntryKind::SnoozeEnded) {
                    story.since = entry.at;
                }
                if entry.kind == EntryKind::Resolved {
                    story.ended_by = Some(entry.actor.clone());
                }
            }
            if entries.len() < ENTRIES {
                return Ok(story);
            }
        }
    }
}
