//! The task that drives [`Dispatch`]: committed events in, decisions out.
//!
//! It alone changes the state. It never waits for the disk before it takes in more: decisions are written
//! in order in the background, and a decision's notifications are handed to their lanes once it is durable.

use std::sync::Arc;
use std::time::Duration;

use balefire_config::plan::Plan;
use balefire_core::dispatch::{Flush, FlushRecord, Obligation, Rules};
use balefire_core::message::{Occasion, Status};
use balefire_core::severity::Severity;
use balefire_core::time::Time;
use balefire_store::{Decision, Notification, StoreError, Tail};
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesOrdered;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::checkpoint;
use crate::codec;
use crate::delivery::Lanes;
use crate::delivery::content::{Content, GroupContent};
use crate::delivery::rows::{Draft, numbered, rows_of};
use crate::delivery::shared::{Back, Shared};
use crate::keys::Keys;
use crate::known::Known;
use crate::meta::Trouble;
use crate::tally::Tally;

/// Decisions being written at once; until one is done no further flush is decided.
const DECIDING: usize = 8;
/// Flushes in one decision.
const FLUSHES: usize = 256;
/// How often ended alerts, old entries and expired silences are dropped.
const COLLECT_EVERY: Duration = Duration::from_secs(30);

/// What the node asks of the dispatcher.
pub(crate) enum Command {
    /// A new configuration is in force.
    Rules(Arc<Rules>),
    /// Write the state down now, and say when it is done.
    Checkpoint(tokio::sync::oneshot::Sender<()>),
}

pub(crate) struct Dispatcher {
    pub(crate) shared: Arc<Shared>,
    pub(crate) lanes: Lanes,
    pub(crate) known: Arc<Known>,
    pub(crate) keys: Arc<Keys>,
    pub(crate) tail: Tail,
    pub(crate) commands: mpsc::Receiver<Command>,
    pub(crate) back: mpsc::Receiver<Back>,
    pub(crate) checkpoints: checkpoint::Pace,
    pub(crate) tally: Tally,
    /// In shadow mode decisions are recorded and nothing is sent.
    pub(crate) shadow: bool,
}

type Deciding = FuturesOrdered<BoxFuture<'static, Vec<Notification>>>;

impl Dispatcher {
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        let mut deciding: Deciding = FuturesOrdered::new();
        let mut collected_at = self.shared.clock.now();
        loop {
            let now = self.shared.clock.now();
            if deciding.len() < DECIDING
                && let Some(decision) = self.turn(now)
            {
                deciding.push_back(self.decide(decision));
                continue;
            }
            if now.since(collected_at) >= COLLECT_EVERY {
                collected_at = now;
                self.collect(now);
            }
            let idle = self
                .shared
                .state
                .read()
                .next_due()
                .map_or(COLLECT_EVERY, |due| due.since(now));
            let idle = idle.min(COLLECT_EVERY);
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                Some(rows) = deciding.next() => self.hand(rows),
                Some(back) = self.back.recv() => self.take_back(back),
                Some(command) = self.commands.recv() => self.obey(command, &mut deciding).await,
                events = self.tail.next() => self.take_in(events).await,
                () = tokio::time::sleep(idle), if deciding.len() < DECIDING => {}
            }
            if self.checkpoints.due(self.shared.clock.now()) {
                self.checkpoint(&mut deciding).await;
            }
        }
        self.checkpoint(&mut deciding).await;
    }

    /// Hands rows of a durable decision to their lanes.
    fn hand(&mut self, rows: Vec<Notification>) {
        self.tally.opened(&rows);
        self.lanes.hand(&self.shared, rows);
    }

    async fn take_in(&mut self, events: Result<Arc<[balefire_core::event::Event]>, StoreError>) {
        match events {
            Ok(events) => {
                {
                    let mut state = self.shared.state.write();
                    for event in events.iter() {
                        state.apply(event);
                        self.known.learn(event);
                        self.keys.learn(event);
                    }
                }
                self.checkpoints.grew(events.len());
                self.shared.changed();
            }
            Err(error) => {
                let now = self.shared.clock.now();
                self.shared
                    .findings
                    .report(now, Trouble::Store, "event log", error.to_string());
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }

    /// Flushes what is due; `None` when nothing was decided.
    fn turn(&mut self, now: Time) -> Option<Decision> {
        let (flushes, cursor) = {
            let mut state = self.shared.state.write();
            if state.next_due().is_none_or(|due| due > now) {
                return None;
            }
            (state.turn(now, FLUSHES), state.cursor())
        };
        if flushes.is_empty() {
            return None;
        }
        let plan = self.shared.plan.load_full();
        self.shared.metrics.flushes.inc_by(flushes.len() as u64);
        let notifications = if self.shadow {
            Vec::new()
        } else {
            flushes
                .iter()
                .flat_map(|flush| self.notifications(&plan, flush, now))
                .collect()
        };
        let records: Vec<&FlushRecord> = flushes
            .iter()
            .filter(|flush| flush.changed)
            .map(|flush| &flush.record)
            .collect();
        if records.is_empty() && notifications.is_empty() {
            return None;
        }
        Some(Decision {
            at: now,
            cursor,
            config_version: Arc::clone(&plan.version),
            body: codec::pack(&records),
            notifications,
            settlements: Vec::new(),
        })
    }

    fn notifications(&self, plan: &Plan, flush: &Flush, now: Time) -> Vec<Notification> {
        let record = &flush.record;
        let Some(receiver) = plan.receivers.iter().find(|r| r.name == flush.receiver) else {
            return Vec::new();
        };
        let severity = flush.alerts.iter().map(|alert| alert.severity()).max();
        let mut rows = Vec::new();
        for obligation in &record.obligations {
            let Some(integration) = receiver
                .integrations
                .iter()
                .find(|entry| entry.key == obligation.integration)
            else {
                continue;
            };
            let firing = obligation
                .episodes
                .iter()
                .any(|(_, s)| *s == Status::Firing);
            let draft = Draft {
                group: record.group.0,
                ordinal: record.ordinal,
                occasion: if firing {
                    Occasion::Firing
                } else {
                    Occasion::Resolved
                },
                severity: severity.unwrap_or(Severity::Warning),
                now,
                deliver_within: receiver.deliver_within,
                has_fallback: receiver.fallback.is_some(),
                fallback_of: None,
            };
            let content = Content::Group(group_content(flush, obligation));
            rows.extend(rows_of(
                &self.shared,
                receiver,
                integration,
                &content,
                &draft,
            ));
        }
        rows
    }

    /// Writes a decision, again and again until the disk takes it; answers the rows it made durable.
    fn decide(&self, decision: Decision) -> BoxFuture<'static, Vec<Notification>> {
        let shared = Arc::clone(&self.shared);
        shared
            .metrics
            .notifications_pending
            .inc_by(decision.notifications.len() as i64);
        let writer = shared.store.writer().clone();
        Box::pin(async move {
            loop {
                match writer.decide(decision.clone()).await {
                    Ok(decided) => {
                        shared.changed();
                        return numbered(decision.notifications, decided);
                    }
                    Err(error) => {
                        let now = shared.clock.now();
                        let trouble = match error {
                            StoreError::DiskFull => Trouble::DiskFull,
                            _ => Trouble::Store,
                        };
                        shared
                            .findings
                            .report(now, trouble, "decisions", error.to_string());
                        tokio::time::sleep(Duration::from_secs(1)).await;
                    }
                }
            }
        })
    }

    fn take_back(&mut self, back: Back) {
        match back {
            Back::Rows(rows) => {
                {
                    let mut state = self.shared.state.write();
                    for episodes in self.tally.opened(&rows) {
                        state.pin(&episodes);
                    }
                }
                self.lanes.hand(&self.shared, rows);
            }
            Back::Ended(ending) => {
                let Some(closed) = self.tally.ended(ending) else {
                    return;
                };
                let mut state = self.shared.state.write();
                if closed.untold {
                    state.give_back(closed.group, &closed.integration, &closed.episodes);
                } else {
                    state.settled(closed.group, &closed.integration, &closed.episodes);
                }
            }
        }
    }

    async fn obey(&mut self, command: Command, deciding: &mut Deciding) {
        match command {
            Command::Rules(rules) => {
                let now = self.shared.clock.now();
                self.shared.state.write().set_rules(rules, now);
                self.shared.changed();
            }
            Command::Checkpoint(done) => {
                self.checkpoint(deciding).await;
                // Whoever asked may have gone.
                let _ = done.send(());
            }
        }
    }

    fn collect(&mut self, now: Time) {
        self.known.collect(now);
        let mut state = self.shared.state.write();
        state.collect(now);
        self.keys
            .retain(|fingerprint| state.alert(fingerprint).is_some());
        let metrics = &self.shared.metrics;
        metrics.alerts.set(state.alerts().count() as i64);
        metrics.groups.set(state.groups().count() as i64);
    }

    /// Writes the state down, once every decision in it is durable: a checkpoint must not say "told" of
    /// what no row on disk obliges anybody to tell.
    async fn checkpoint(&mut self, deciding: &mut Deciding) {
        while let Some(rows) = deciding.next().await {
            self.hand(rows);
        }
        let written = checkpoint::write(
            &self.shared.store,
            &self.shared.state,
            &self.keys,
            self.shared.clock.now(),
        );
        match written.await {
            Ok(bytes) => self.checkpoints.written(bytes, self.shared.clock.now()),
            Err(error) => {
                tracing::warn!(%error, "the checkpoint could not be written, the log stays longer");
            }
        }
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
