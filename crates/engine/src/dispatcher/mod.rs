//! The task that drives [`Dispatch`](balefire_core::dispatch::Dispatch): committed events in, decisions out.
//!
//! It alone changes the state. It never waits for the disk before it takes in more: decisions are written
//! in order in the background, and a decision's notifications are handed to their lanes once it is durable.

mod decide;
pub(crate) mod incident;
mod turn;

use std::sync::Arc;
use std::time::Duration;

use balefire_config::plan::Plan;
use balefire_core::event::Event;
use balefire_core::time::Time;
use balefire_store::{Notification, StoreError, Tail};
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesOrdered;
use futures_util::{FutureExt, StreamExt};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use self::decide::Decided;
use crate::checkpoint;
use crate::clock::ClockWatch;
use crate::delivery::Lanes;
use crate::delivery::shared::{Back, Shared};
use crate::keys::Keys;
use crate::known::Known;
use crate::meta::Trouble;
use crate::rules::rules_of;
use crate::tally::{Closed, Tally};

/// Decisions being written at once; until one is done no further flush is decided.
const DECIDING: usize = 8;
/// How often ended alerts, old entries and expired silences are dropped.
const COLLECT_EVERY: Duration = Duration::from_secs(30);
/// How long after the log could not be read the next try is made.
const READ_AGAIN: Duration = Duration::from_secs(1);

/// What the node asks of the dispatcher; each is answered when it is done.
pub(crate) enum Command {
    /// Put a new configuration in force.
    Plan(Arc<Plan>, oneshot::Sender<()>),
    /// Write the state down now.
    Checkpoint(oneshot::Sender<()>),
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
}

/// What is under way.
struct Work {
    deciding: FuturesOrdered<BoxFuture<'static, Decided>>,
    /// Who waits for a checkpoint; one is written as soon as every decision is durable.
    asked: Vec<oneshot::Sender<()>>,
    /// A checkpoint is due, whether or not anybody waits for it.
    due: bool,
    collected_at: Time,
    watch: ClockWatch,
    /// The log is not read before.
    read_at: Option<Instant>,
}

impl Work {
    fn wants_checkpoint(&self) -> bool {
        self.due || !self.asked.is_empty()
    }
}

impl Dispatcher {
    /// Runs until `stop`; from `closing` on nothing new is read or decided, and only the lanes' last reports
    /// are taken.
    pub(crate) async fn run(mut self, closing: CancellationToken, stop: CancellationToken) {
        let now = self.shared.clock.now();
        let mut work = Work {
            deciding: FuturesOrdered::new(),
            asked: Vec::new(),
            due: false,
            collected_at: now,
            watch: ClockWatch::new(now),
            read_at: None,
        };
        loop {
            let now = self.shared.clock.now();
            let open = !closing.is_cancelled();
            self.look_at_clock(&mut work, now);
            if work.wants_checkpoint() && work.deciding.is_empty() {
                self.checkpoint(&mut work).await;
            }
            let may_decide = open && work.deciding.len() < DECIDING && !work.wants_checkpoint();
            if may_decide && let Some(deciding) = self.turn(now) {
                work.deciding.push_back(deciding);
                // Polled once, the write begins while the next turn is taken.
                if let Some(Some(decided)) = work.deciding.next().now_or_never() {
                    self.decided(decided);
                }
                tokio::task::yield_now().await;
                continue;
            }
            let idle = self.idle(now);
            let Work {
                deciding, read_at, ..
            } = &mut work;
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                Some(decided) = deciding.next() => self.decided(decided),
                Some(back) = self.back.recv() => self.take_back(back),
                Some(command) = self.commands.recv() => self.obey(command, &mut work),
                events = next(&mut self.tail, *read_at), if open => self.take_in(events, &mut work),
                () = closing.cancelled(), if open => {}
                () = tokio::time::sleep(idle), if may_decide => {}
            }
            work.due |= self.checkpoints.due(self.shared.clock.now());
        }
        self.end(work).await;
    }

    /// The last reports, the last decisions, the last checkpoint.
    async fn end(mut self, mut work: Work) {
        self.commands.close();
        if let Some(why) = self.shared.store.writer().failure() {
            tracing::error!(%why, "the store is gone: the next start reads what it holds");
            return;
        }
        while let Some(decided) = work.deciding.next().await {
            self.decided(decided);
        }
        while let Ok(back) = self.back.try_recv() {
            self.take_back(back);
        }
        self.checkpoint(&mut work).await;
    }

    /// How long nothing happens by itself.
    fn idle(&self, now: Time) -> Duration {
        let due = self.shared.state.read().next_due();
        due.map_or(COLLECT_EVERY, |due| due.since(now))
            .min(COLLECT_EVERY)
    }

    /// Collects now and then; and at once when the clock was set back, for that moves the timers.
    fn look_at_clock(&mut self, work: &mut Work, now: Time) {
        let set_back = work.watch.look(now);
        if let Some(set_back) = set_back {
            self.checkpoints.set_back(now);
            // The state must know where the clock stood before it is told where it stands.
            self.shared.state.write().turn(set_back.from, 0);
        }
        if set_back.is_some() || now.since(work.collected_at) >= COLLECT_EVERY {
            work.collected_at = now;
            self.collect(now);
        }
    }

    fn take_in(&mut self, events: Result<Arc<[Event]>, StoreError>, work: &mut Work) {
        match events {
            Ok(events) => {
                work.read_at = None;
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
                work.read_at = Some(Instant::now() + READ_AGAIN);
                let now = self.shared.clock.now();
                self.shared
                    .findings
                    .report(now, Trouble::Store, "event log", error.to_string());
            }
        }
    }

    fn take_back(&mut self, back: Back) {
        match back {
            Back::Rows(rows) => {
                self.open(&rows);
                self.lanes.hand(&self.shared, rows);
            }
            Back::Again(row) => {
                self.open(std::slice::from_ref(&*row));
                self.lanes.look_at(&self.shared, &row);
            }
            Back::Ended(ending) => {
                let Some(closed) = self.tally.ended(ending) else {
                    return;
                };
                let Closed {
                    group,
                    integration,
                    settled,
                    untold,
                } = closed;
                let mut state = self.shared.state.write();
                state.settled(group, &integration, &settled);
                if !untold.is_empty() {
                    state.give_back(group, &integration, &untold);
                }
            }
        }
    }

    /// Counts rows that follow from no flush of ours, and keeps what they tell of.
    fn open(&mut self, rows: &[Notification]) {
        let mut state = self.shared.state.write();
        for episodes in self.tally.opened(rows) {
            state.pin(&episodes);
        }
    }

    fn obey(&mut self, command: Command, work: &mut Work) {
        match command {
            Command::Plan(plan, done) => {
                let now = self.shared.clock.now();
                let rules = rules_of(&plan);
                {
                    // Together, so that no flush is decided by one and sent by the other. A checkpoint follows,
                    // so that a start replays nothing under rules it was not decided by.
                    let mut state = self.shared.state.write();
                    work.due |= state.rules().version != rules.version;
                    self.shared.plan.store(plan);
                    state.set_rules(rules, now);
                }
                self.lanes.refresh(&self.shared);
                self.shared.changed();
                // Whoever asked may have gone.
                let _ = done.send(());
            }
            Command::Checkpoint(done) => work.asked.push(done),
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

    /// Writes the state down. Every decision in it is durable by now: a checkpoint must not say "told" of
    /// what no row on disk obliges anybody to tell.
    async fn checkpoint(&mut self, work: &mut Work) {
        work.due = false;
        let shared = &self.shared;
        let now = shared.clock.now();
        match checkpoint::write(&shared.store, &shared.state, &self.keys, now).await {
            Ok(bytes) => self.checkpoints.written(bytes, now),
            Err(error) => {
                self.checkpoints.failed(now);
                tracing::warn!(%error, "the checkpoint could not be written, the log stays longer");
            }
        }
        for asked in work.asked.drain(..) {
            // Whoever asked may have gone.
            let _ = asked.send(());
        }
    }
}

/// The next events, not before `read_at`.
async fn next(tail: &mut Tail, read_at: Option<Instant>) -> Result<Arc<[Event]>, StoreError> {
    if let Some(read_at) = read_at {
        tokio::time::sleep_until(read_at).await;
    }
    tail.next().await
}
