//! From flushes that are due to the decision that is written.

use std::sync::Arc;

use balefire_config::plan::Plan;
use balefire_core::alert::Episode;
use balefire_core::dispatch::{Flush, FlushRecord, Obligation};
use balefire_core::message::{Occasion, Status};
use balefire_core::severity::Severity;
use balefire_core::time::Time;
use balefire_store::{Decision, GroupWord, Notification, word};
use futures_util::future::BoxFuture;

use super::Dispatcher;
use super::decide::{Decided, decide};
use super::incident;
use crate::codec;
use crate::delivery::content::{Content, GroupContent};
use crate::delivery::rows::{Draft, rows_of};
use crate::meta::Trouble;

/// Flushes in one decision.
const FLUSHES: usize = 256;

impl Dispatcher {
    /// Flushes what is due and begins to write what was decided; `None` when nothing was.
    pub(super) fn turn(&mut self, now: Time) -> Option<BoxFuture<'static, Decided>> {
        let (flushes, cursor) = {
            let mut state = self.shared.state.write();
            if state.next_due().is_none_or(|due| due > now) {
                return None;
            }
            (state.turn(now, FLUSHES), state.cursor())
        };
        let plan = self.shared.plan.load_full();
        self.shared.metrics.flushes.inc_by(flushes.len() as u64);
        let notifications: Vec<Notification> = flushes
            .iter()
            .flat_map(|flush| self.notifications(&plan, flush))
            .collect();
        let words: Vec<GroupWord> = flushes
            .iter()
            .filter_map(|flush| incident::word(&self.shared, &plan, flush))
            .collect();
        let records: Vec<FlushRecord> = flushes
            .into_iter()
            .filter(|flush| flush.changed)
            .map(|flush| flush.record)
            .collect();
        if records.is_empty() {
            return None;
        }
        self.checkpoints.grew(records.len());
        let decision = Decision {
            at: now,
            cursor,
            config_version: Arc::clone(&plan.version),
            body: codec::pack(&records),
            notifications,
            settlements: Vec::new(),
            facts: words.iter().map(word).collect(),
        };
        let shared = Arc::clone(&self.shared);
        Some(Box::pin(decide(shared, decision, records)))
    }

    /// The rows of a flush. What nobody can be told of is let go, with a word where it is a mistake.
    fn notifications(&self, plan: &Plan, flush: &Flush) -> Vec<Notification> {
        let record = &flush.record;
        let mut rows = Vec::new();
        for obligation in &record.obligations {
            if self.shared.shadow {
                self.let_go(record, obligation);
                continue;
            }
            let made = self.rows_for(plan, flush, obligation);
            if made.is_empty() {
                self.let_go(record, obligation);
                let key = &obligation.integration;
                let text = format!(
                    "receiver {:?} had to be told through {key:?}, which names no target: nobody was told",
                    flush.receiver
                );
                self.shared
                    .findings
                    .report(record.at, Trouble::Configuration, key, text);
            }
            rows.extend(made);
        }
        rows
    }

    fn rows_for(&self, plan: &Plan, flush: &Flush, obligation: &Obligation) -> Vec<Notification> {
        let record = &flush.record;
        let key = &obligation.integration;
        let receiver = plan.receivers.iter().find(|r| r.name == flush.receiver);
        let Some(receiver) = receiver else {
            return Vec::new();
        };
        let Some(entry) = receiver.integrations.iter().find(|e| e.key == *key) else {
            return Vec::new();
        };
        let severity = flush.alerts.iter().map(|alert| alert.severity()).max();
        let draft = Draft {
            group: record.group.0,
            ordinal: record.ordinal,
            occasion: occasion(obligation),
            severity: severity.unwrap_or(Severity::Warning),
            now: record.at,
            deliver_within: receiver.deliver_within,
            has_fallback: receiver.fallback.is_some(),
            fallback_of: None,
        };
        let content = Content::Group(group_content(flush, obligation));
        rows_of(&self.shared, receiver, entry, &content, &draft)
    }

    /// No row will ever end this obligation.
    fn let_go(&self, record: &FlushRecord, obligation: &Obligation) {
        let episodes: Vec<Episode> = obligation.episodes.iter().map(|(e, _)| *e).collect();
        let mut state = self.shared.state.write();
        state.settled(record.group, &obligation.integration, &episodes);
    }
}

fn occasion(obligation: &Obligation) -> Occasion {
    let fires = |(_, status): &(Episode, Status)| *status == Status::Firing;
    if obligation.episodes.iter().any(fires) {
        Occasion::Firing
    } else {
        Occasion::Resolved
    }
}

fn group_content(flush: &Flush, obligation: &Obligation) -> GroupContent {
    GroupContent {
        group: flush.record.group.0,
        route_key: Arc::clone(&flush.route_key),
        group_labels: flush.group_labels.clone(),
        reason: obligation.reason.as_str().into(),
        episodes: obligation.episodes.clone(),
        untold: obligation.missed.clone(),
        origin: None,
    }
}
