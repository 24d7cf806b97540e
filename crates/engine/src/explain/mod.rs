//! Why somebody was told of an alert, or was not: the facts for [`balefire_core::explain`], gathered from memory and
//! from the store.
//!
//! Everything read is bounded. What people decided (decisions, pages, timelines) is as it was stored; schedules, steps
//! and people's own rules are those of the configuration in force now.

mod alert;
mod duty;
mod escalated;
mod person;
mod told;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use balefire_config::plan::Plan;
use balefire_core::dispatch::Verdict;
use balefire_core::explain::{Explanation, Facts, Look, Refused, SilenceFact, explain};
use balefire_core::fingerprint::Fingerprint;
use balefire_core::label::Labels;
use balefire_core::matcher::Matcher;
use balefire_core::time::Time;

use crate::engine::Engine;
use crate::history::{self, HistoryError};
use crate::roster::Roster;

/// Requests that were turned away are looked for so long before and after the instant that is asked about.
pub const NEAR: Duration = Duration::from_mins(15);
/// Of these so many are named.
const REFUSED: usize = 20;
/// Requests looked through for them, in pages.
const REFUSED_PAGE: usize = 250;
const REFUSED_PAGES: usize = 20;
/// Decisions that are looked at.
const LOOKS: usize = 256;
/// Groups that are looked at; an alert is in one for each route that it takes.
const GROUPS: usize = 8;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// Of which alert.
    pub alert: Asked,
    /// Of which person: a key of the document; of nobody in particular without one.
    pub person: Option<Arc<str>>,
    /// As of when.
    pub at: Time,
}

/// How an alert is asked for.
#[derive(Clone, Debug)]
pub enum Asked {
    /// By its identity.
    Fingerprint(Fingerprint),
    /// By what its labels are; of several the one that was heard of last.
    Matchers(Vec<Matcher>),
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Explained {
    /// The alert; `None` when none was found.
    pub alert: Option<(Fingerprint, Option<Labels>)>,
    /// How many others in memory the matchers pass.
    pub others: usize,
    /// What it comes to.
    pub explanation: Explanation,
}

/// What all parts of the gathering need.
struct Gathering<'a> {
    engine: &'a Engine,
    plan: Arc<Plan>,
    roster: Arc<Roster>,
    at: Time,
    person: Option<Arc<str>>,
}

impl Engine {
    /// Why somebody was told of an alert, or was not. A person who is not in the document is nobody's contact: the
    /// caller refuses such a key.
    pub async fn explain(&self, question: &Question) -> Result<Explained, HistoryError> {
        let gathering = Gathering {
            engine: self,
            plan: self.plan(),
            roster: self.roster(),
            at: question.at,
            person: question.person.clone(),
        };
        let found = gathering.find(&question.alert).await?;
        let mut facts = Facts {
            at: question.at,
            ..Facts::default()
        };
        if let Some(found) = &found.alert {
            gathering.decided(found, &mut facts).await?;
        }
        let source = found.alert.as_ref().and_then(|one| one.source.as_deref());
        let source = source.filter(|_| facts.arrived.is_some_and(|at| at <= question.at));
        facts.refused = gathering.refused(source).await?;
        Ok(Explained {
            alert: found.alert.map(|one| (one.fingerprint, one.labels)),
            others: found.others,
            explanation: explain(&facts),
        })
    }
}

impl Gathering<'_> {
    /// What was decided of an alert, and what came of it.
    async fn decided(&self, found: &alert::Found, facts: &mut Facts) -> Result<(), HistoryError> {
        let store = self.engine.store();
        let mut decided = history::flushes_of(store, found.fingerprint, LOOKS).await?;
        decided.reverse();
        let mut groups = BTreeSet::new();
        for one in &decided {
            for flush in &one.flushes {
                let judged = flush.alerts.iter();
                let mut own = judged.filter(|j| j.episode.fingerprint == found.fingerprint);
                let Some(judged) = own.next() else { continue };
                if flush.at <= self.at {
                    groups.insert(flush.group.0);
                }
                let told = |owed: &&balefire_core::dispatch::Obligation| {
                    let mut told = owed.episodes.iter();
                    told.any(|(episode, _)| episode.fingerprint == found.fingerprint)
                };
                let owed = flush.obligations.iter().filter(told);
                facts.looks.push(Look {
                    at: flush.at,
                    decision: one.seq,
                    verdict: judged.verdict.clone(),
                    muted_by: flush
                        .muted
                        .iter()
                        .flat_map(|m| m.names().to_vec())
                        .collect(),
                    owed: owed.map(|owed| Arc::clone(&owed.integration)).collect(),
                });
            }
        }
        facts.looks.sort_by_key(|look| (look.at, look.decision));
        let first = facts.looks.first().map(|look| look.at);
        facts.arrived = found.arrived.into_iter().chain(first).min();
        facts.receivers.clone_from(&found.receivers);
        facts.silences = self.silences(&facts.looks);
        let groups: Vec<u64> = groups.into_iter().take(GROUPS).collect();
        let since = facts.arrived.unwrap_or(self.at);
        let told = self.told(found.fingerprint, &groups, since).await?;
        let escalated = self.escalated(&groups).await?;
        if let Some(key) = &self.person {
            facts.person = Some(self.person(key, &told, &escalated).await?);
        }
        facts.told = told.into_iter().map(|one| one.contact).collect();
        facts.escalated = escalated.into_iter().map(|one| one.facts).collect();
        Ok(())
    }

    /// The silences that looks name, as they stand; one that retention has taken is known by its id alone.
    fn silences(&self, looks: &[Look]) -> Vec<SilenceFact> {
        let memory = self.engine.state();
        let ids: BTreeSet<&Arc<str>> = looks
            .iter()
            .filter_map(|look| match &look.verdict {
                Verdict::Silenced(ids) => Some(ids),
                _ => None,
            })
            .flatten()
            .collect();
        let known = ids.into_iter().filter_map(|id| memory.silences().get(id));
        known
            .map(|silence| {
                let sets = silence.matcher_sets.iter().map(ToString::to_string);
                SilenceFact {
                    id: Arc::clone(&silence.id),
                    matches: sets.collect::<Vec<_>>().join(" or ").into(),
                    by: silence.created_by.as_str().into(),
                    comment: silence.comment.as_str().into(),
                    until: silence.ends_at,
                }
            })
            .collect()
    }

    /// Requests that were turned away about then, oldest first: at the door, or of the alert's own source where that is
    /// known. Of many, those nearest to the instant are kept.
    async fn refused(&self, source: Option<&str>) -> Result<Vec<Refused>, HistoryError> {
        let (from, to) = (self.at.before(NEAR), self.at.after(NEAR));
        let mut found = Vec::new();
        let mut before = None;
        for _ in 0..REFUSED_PAGES {
            let page = self.engine.store().rejected(before, REFUSED_PAGE).await?;
            let Some(oldest) = page.last() else { break };
            let (seq, at) = (oldest.seq, oldest.at);
            let near = page
                .into_iter()
                .filter(|one| from <= one.at && one.at <= to);
            let own = near.filter(|one| {
                source.is_none_or(|source| *one.source == *source || &*one.source == "access")
            });
            found.extend(own.map(|one| Refused {
                at: one.at,
                source: one.source,
                reason: one.reason,
            }));
            if at < from {
                break;
            }
            before = Some(seq);
        }
        found.sort_by_key(|one| one.at.since(self.at).max(self.at.since(one.at)));
        found.truncate(REFUSED);
        found.sort_by_key(|one| one.at);
        Ok(found)
    }
}
