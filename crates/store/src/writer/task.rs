//! The writing task: gathers calls, commits them, answers, and knows what to do when it cannot.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use balefire_core::event::Seq;
use tokio::sync::{mpsc, oneshot};

use crate::db::{Conn, Sql, Target};
use crate::deadline::{self, within};
use crate::embedded::Ground;
use crate::error::StoreError;
use crate::event::event_key;
use crate::name::{self, Names};
use crate::tail::Fresh;
use crate::writer::chore::{AnyChore, Desk};
use crate::writer::doubt::Tried;
use crate::writer::hot::Hot;
use crate::writer::outage::Outage;
use crate::writer::plan::{self, Batch, Plan};
use crate::writer::{Call, Status};

/// How often a full disk is looked at again.
const LOOK_AGAIN: Duration = Duration::from_millis(500);
/// How often the task lets others run while it gathers a batch.
const TURNS: usize = 4;

const LAST_EVENT: Sql =
    Sql::new("SELECT last_seq FROM event WHERE id >= $1 AND id <= $2 ORDER BY id DESC LIMIT 1");
const LAST_DECISION: Sql = Sql::new("SELECT MAX(seq) FROM decision");
const LAST_NOTIFICATION: Sql = Sql::new("SELECT MAX(seq) FROM notification");

/// The numbers that come next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Numbers {
    pub(crate) event: Seq,
    pub(crate) decision: u64,
    pub(crate) notification: u64,
}

impl Numbers {
    /// Reads on from what is stored. Numbers are never given twice, even if all rows were pruned:
    /// the prune keeps the newest row of each table.
    pub(crate) async fn load(conn: &mut Conn, node: u16) -> Result<Self, StoreError> {
        let range = vec![
            event_key(node, 0).into(),
            event_key(node, Seq::MAX >> 16).into(),
        ];
        let after = |last: Option<i64>| last.map_or(1, |last| last.cast_unsigned() + 1);
        Ok(Self {
            event: after(conn.number(LAST_EVENT, range).await?),
            decision: after(conn.number(LAST_DECISION, Vec::new()).await?),
            notification: after(conn.number(LAST_NOTIFICATION, Vec::new()).await?),
        })
    }
}

/// What the task is made of.
pub(crate) struct Task {
    pub(crate) target: Target,
    pub(crate) conn: Option<Conn>,
    pub(crate) node: u16,
    pub(crate) numbers: Numbers,
    pub(crate) names: Arc<Names>,
    pub(crate) fresh: Arc<Fresh>,
    pub(crate) status: Arc<Status>,
    /// The data folder, when the store is in one.
    pub(crate) ground: Option<Ground>,
    pub(crate) outage: Outage,
}

/// Why the task ended, and who asked for it.
type Ended = (StoreError, Option<oneshot::Sender<()>>);

/// Starts the task. It ends when it is closed, when all handles are gone, or after a fatal failure.
pub(crate) fn start(mut task: Task, mut calls: mpsc::Receiver<Call>) {
    tokio::spawn(async move {
        let (ended, done) = task.run(&mut calls).await;
        if let Some(conn) = task.conn.take() {
            conn.close().await;
        }
        task.status.stopped.send_replace(Some(ended));
        if let Some(done) = done {
            // Nobody may be waiting any more.
            let _ = done.send(());
        }
    });
}

impl Task {
    async fn run(&mut self, calls: &mut mpsc::Receiver<Call>) -> Ended {
        let mut look = tokio::time::interval(LOOK_AGAIN);
        loop {
            let full = self.is_full() && self.ground.is_some();
            let call = tokio::select! {
                biased;
                _ = look.tick(), if full => {
                    self.look_for_room();
                    continue;
                }
                call = calls.recv() => call,
                () = self.idle(), if self.ground.is_none() || self.is_away() => {
                    if let Err(error) = self.look_for_server().await {
                        return (error, None);
                    }
                    continue;
                }
            };
            let Some(call) = call else {
                return (StoreError::Closed, None);
            };
            let mut hot = Hot::default();
            let last = Self::gather(call, calls, &mut hot).await;
            if let Err(error) = self.commit_hot(hot).await {
                return (error, None);
            }
            match last {
                Some(Call::Close(done)) => return (StoreError::Closed, Some(done)),
                Some(Call::Chore(chore)) => {
                    if let Err(error) = self.commit_chore(chore).await {
                        return (error, None);
                    }
                }
                // Hot calls were all gathered.
                _ => {}
            }
        }
    }

    /// Takes what is waiting. A chore or the end is handed back, to be done after it.
    async fn gather(first: Call, calls: &mut mpsc::Receiver<Call>, hot: &mut Hot) -> Option<Call> {
        let mut next = Some(first);
        // Callers that were just answered get a turn to queue again, so that commits stay full.
        let mut turns = 0;
        loop {
            while let Some(call) = next.take().or_else(|| calls.try_recv().ok()) {
                if let Some(other) = hot.take(call) {
                    return Some(other);
                }
                if hot.is_full() {
                    return None;
                }
            }
            let before = hot.calls();
            if turns == TURNS || before == 0 {
                return None;
            }
            turns += 1;
            tokio::task::yield_now().await;
            next = Some(calls.try_recv().ok()?);
        }
    }

    fn is_full(&self) -> bool {
        self.status.disk_full.load(Ordering::Relaxed)
    }

    fn set_full(&self, full: bool) {
        if self.status.disk_full.swap(full, Ordering::Relaxed) != full {
            if full {
                tracing::error!(
                    "the disk of the store is full: appends are refused, the reserve is in use"
                );
            } else {
                tracing::info!("the disk of the store has room again");
            }
        }
    }

    fn look_for_room(&self) {
        if self.ground.as_ref().is_some_and(Ground::restore) {
            self.set_full(false);
        }
    }

    /// Room is short: gives up the reserve so that decisions can still be written.
    fn run_short(&self) {
        self.set_full(true);
        if let Some(ground) = &self.ground {
            ground.release();
        }
    }

    /// Commits a batch and answers its callers. An error means that the task must end.
    async fn commit_hot(&mut self, mut hot: Hot) -> Result<(), StoreError> {
        if let Err(error) = self.clear_doubt().await {
            hot.fail(&error);
            return fatal(error);
        }
        if self.is_full() && self.ground.is_some() {
            hot.refuse_appends(&StoreError::DiskFull);
        }
        if hot.calls() == 0 {
            return Ok(());
        }
        let mut written = self.write(&hot.batch()).await;
        if matches!(written, Err(StoreError::DiskFull)) {
            self.run_short();
            hot.refuse_appends(&StoreError::DiskFull);
            if hot.calls() == 0 {
                return Ok(());
            }
            written = self.write(&hot.batch()).await;
        }
        match written {
            Ok(plan) => {
                self.answer(hot, plan);
                Ok(())
            }
            Err(error @ (StoreError::Sql(_) | StoreError::Conflict(_))) if hot.calls() > 1 => {
                tracing::warn!(%error, "a batch was refused, its calls are written one by one");
                self.commit_each(hot).await
            }
            Err(error) => self.set_aside(hot, error),
        }
    }

    /// Hands committed events to those who follow the log, and each caller its answer.
    pub(super) fn answer(&self, mut hot: Hot, plan: Plan) {
        let (events, bytes) = hot.take_events(&plan.appended);
        self.status
            .events
            .fetch_add(events.len() as u64, Ordering::Relaxed);
        self.fresh.push(events, bytes);
        hot.answer(plan.appended, plan.decided);
    }

    /// One bad call must not fail its neighbours.
    async fn commit_each(&mut self, hot: Hot) -> Result<(), StoreError> {
        for single in hot.split() {
            if let Err(error) = self.clear_doubt().await {
                single.fail(&error);
                fatal(error)?;
                continue;
            }
            match self.write(&single.batch()).await {
                Ok(plan) => self.answer(single, plan),
                Err(error) => self.set_aside(single, error)?,
            }
        }
        Ok(())
    }

    async fn commit_chore(&mut self, mut chore: Box<dyn AnyChore>) -> Result<(), StoreError> {
        if !chore.may_use_reserve() && self.is_full() && self.ground.is_some() {
            chore.finish(Err(StoreError::DiskFull));
            return Ok(());
        }
        let mut done = self.try_chore(&mut *chore).await;
        if matches!(done, Err(StoreError::DiskFull)) && chore.may_use_reserve() {
            self.run_short();
            done = self.try_chore(&mut *chore).await;
        }
        let failed = done.clone();
        chore.finish(done);
        failed.or_else(fatal)
    }

    async fn try_chore(&mut self, chore: &mut dyn AnyChore) -> Result<(), StoreError> {
        let done = self.chore_once(chore).await;
        if matches!(done, Err(StoreError::Conflict(_))) {
            return self.chore_once(chore).await;
        }
        done
    }

    async fn chore_once(&mut self, chore: &mut dyn AnyChore) -> Result<(), StoreError> {
        let node = self.node;
        let conn = self.connected().await?;
        let done = async {
            conn.begin().await?;
            chore
                .run(&mut Desk {
                    conn: &mut *conn,
                    node,
                })
                .await?;
            conn.commit().await
        }
        .await;
        self.ended(done).await
    }

    /// Writes a batch; once more when another node was first.
    async fn write(&mut self, batch: &Batch<'_>) -> Result<Plan, StoreError> {
        let written = self.write_once(batch).await;
        if matches!(written, Err(StoreError::Conflict(_))) {
            return self.write_once(batch).await;
        }
        written
    }

    pub(super) async fn write_once(&mut self, batch: &Batch<'_>) -> Result<Plan, StoreError> {
        self.outage.tried = None;
        self.connected().await?;
        let mut plan = plan::plan(batch, self.numbers, &self.names, self.node)?;
        let steps = std::mem::take(&mut plan.steps);
        let Some(conn) = &mut self.conn else {
            return Err(StoreError::Closed);
        };
        self.outage.tried = Some(Tried::of(&plan));
        let done = within(deadline::COMMIT, conn.dialect(), run_steps(conn, steps)).await;
        self.ended(done).await?;
        self.outage.tried = None;
        self.numbers = plan.numbers;
        name::publish(&self.names, std::mem::take(&mut plan.names));
        Ok(plan)
    }

    /// After a transaction: counts it, or brings the connection back to a known state.
    async fn ended(&mut self, done: Result<(), StoreError>) -> Result<(), StoreError> {
        if done.is_ok() {
            self.status.commits.fetch_add(1, Ordering::Relaxed);
            if self.ground.is_none() {
                self.set_full(false);
            }
        }
        self.asked(done).await
    }
}

/// A single statement is a transaction by itself, which saves two round trips.
async fn run_steps(
    conn: &mut Conn,
    mut steps: Vec<(Sql, Vec<crate::db::Arg>)>,
) -> Result<(), StoreError> {
    if steps.len() == 1
        && let Some((sql, args)) = steps.pop()
    {
        conn.execute(sql, args).await?;
        return Ok(());
    }
    if steps.is_empty() {
        return Ok(());
    }
    conn.begin().await?;
    for (sql, args) in steps {
        conn.execute(sql, args).await?;
    }
    conn.commit().await
}

/// Whether an error that was already answered also ends the task.
pub(super) fn fatal(error: StoreError) -> Result<(), StoreError> {
    match error {
        error @ (StoreError::Fatal(_) | StoreError::Corrupt(_)) => Err(error),
        _ => Ok(()),
    }
}
