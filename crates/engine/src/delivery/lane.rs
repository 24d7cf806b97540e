//! One account's lane: its own queue, concurrency, quota and breaker, so that a provider that hangs
//! holds up nobody else.

use std::sync::Arc;
use std::time::Duration;

use balefire_channels::channel::Outcome;
use balefire_channels::error::ErrorKind;
use balefire_channels::layers::backoff;
use balefire_channels::layers::breaker::{self, Breaker, BreakerSettings, Health};
use balefire_channels::layers::rate::{Bucket, Permit};
use balefire_core::time::Time;
use balefire_store::{Notification, NotificationState, Settlement};
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::bundle::Bundle;
use super::content::Content;
use super::fallback;
use super::intake::Intake;
use super::send::{Finished, Work, find, send};
use super::settle;
use super::shared::{Back, Ended, Ending, Shared};
use super::verdict::{Limits, Verdict, judge};
use super::waiting::Waiting;
use crate::meta::Trouble;
use crate::metrics::ByOutcome;

/// A lane that has so many bundles in memory leaves the rest in the store until it has room.
pub(crate) const IN_MEMORY: usize = 4096;
/// From so many waiting bundles on, a short quota is spent on a digest.
const DIGEST_FROM: usize = 3;
/// At most so many bundles in one digest.
const DIGEST_MOST: usize = 50;
/// Tries whose record is not yet on disk; more are not started.
const UNSETTLED: usize = 2048;

/// How a lane is set up; from the account, or the channel's own figures.
#[derive(Clone, Debug)]
pub(crate) struct LaneSettings {
    pub(crate) name: Arc<str>,
    pub(crate) channel: &'static str,
    pub(crate) quotas: Vec<balefire_channels::spec::Quota>,
    pub(crate) concurrency: usize,
    pub(crate) per_call: usize,
}

pub(crate) struct Lane {
    settings: LaneSettings,
    news: watch::Receiver<LaneSettings>,
    shared: Arc<Shared>,
    intake: Intake,
    back: mpsc::Sender<Back>,
    waiting: Waiting,
    sending: FuturesUnordered<BoxFuture<'static, Finished>>,
    settling: FuturesUnordered<BoxFuture<'static, Result<Settled, Unsettled>>>,
    unsettled: Vec<Settlement>,
    told: Vec<Back>,
    bucket: Bucket,
    breaker: Breaker,
}

/// Records that are on disk.
struct Settled {
    told: Vec<Back>,
    /// Rows that have ended.
    ended: Vec<u64>,
}

/// Settlements that the store did not take, to be written again.
struct Unsettled {
    settlements: Vec<Settlement>,
    told: Vec<Back>,
}

impl Lane {
    pub(crate) fn new(
        news: watch::Receiver<LaneSettings>,
        shared: Arc<Shared>,
        intake: Intake,
        back: mpsc::Sender<Back>,
    ) -> Self {
        let settings = news.borrow().clone();
        Self {
            news,
            bucket: Bucket::new(&settings.quotas),
            breaker: Breaker::new(BreakerSettings::default()),
            settings,
            shared,
            intake,
            back,
            waiting: Waiting::default(),
            sending: FuturesUnordered::new(),
            settling: FuturesUnordered::new(),
            unsettled: Vec::new(),
            told: Vec::new(),
        }
    }

    /// Runs until stopped; then finishes what is under way, within the caller's patience.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        loop {
            self.take_settings();
            let now = self.shared.clock.now();
            self.waiting.ripen(now);
            let wake = self.start(now);
            self.write();
            let room = self.waiting.len() < IN_MEMORY;
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                Some(finished) = self.sending.next() => self.finish(finished).await,
                Some(settled) = self.settling.next() => {
                    self.settled(settled).await;
                }
                bundles = self.intake.next(self.settings.per_call, &self.shared), if room => self.take(bundles),
                () = until(wake, now) => {}
            }
        }
        self.drain().await;
    }

    /// Lets calls that are under way end and their records reach the disk.
    async fn drain(mut self) {
        while let Some(finished) = self.sending.next().await {
            self.finish(finished).await;
        }
        self.write();
        while let Some(settled) = self.settling.next().await {
            if self.settled(settled).await {
                return;
            }
            self.write();
        }
    }

    /// After a reload; a quota that stays the same keeps its count.
    fn take_settings(&mut self) {
        if !self.news.has_changed().unwrap_or(false) {
            return;
        }
        let settings = self.news.borrow_and_update().clone();
        if settings.quotas != self.settings.quotas {
            self.bucket = Bucket::new(&settings.quotas);
        }
        self.settings = settings;
    }

    fn take(&mut self, bundles: Vec<Bundle>) {
        let now = self.shared.clock.now();
        for bundle in bundles {
            let superseded = self.waiting.push(bundle, now);
            self.supersede(superseded);
        }
    }

    fn supersede(&mut self, rows: Vec<Notification>) {
        for row in rows {
            self.close(
                &row,
                NotificationState::Superseded,
                "a newer notice of the same group took its place",
            );
        }
    }

    /// Ends a row without a try: replaced, removed.
    fn close(&mut self, row: &Notification, state: NotificationState, why: &str) {
        self.unsettled.push(settle::closed(row, state, why));
        self.unpin(row, false);
        self.shared.metrics.notifications_pending.dec();
        self.shared.ended(
            row.seq,
            Ended {
                state,
                detail: why.to_owned(),
            },
        );
    }

    /// Tells the dispatcher that a row no longer needs its episodes, or that they are untold.
    fn unpin(&mut self, row: &Notification, untold: bool) {
        if let Some(Content::Group(group)) = Content::decode(&row.payload) {
            self.told.push(Back::Ended(Ending {
                decision: row.decision,
                integration: Arc::clone(&row.integration),
                content: group,
                untold,
            }));
        }
    }

    /// Starts as many tries as concurrency, breaker and quota allow; answers when to look again.
    fn start(&mut self, now: Time) -> Option<Time> {
        let mut look_again = self.waiting.next_due();
        while self.waiting.due() > 0
            && self.sending.len() < self.settings.concurrency
            && self.unsettled.len() < UNSETTLED
        {
            let pass = match self.pass(now) {
                Ok(pass) => pass,
                Err(until) => {
                    look_again = Some(look_again.map_or(until, |at| at.min(until)));
                    break;
                }
            };
            let Some(bundle) = self.waiting.pop() else {
                break;
            };
            let bundles = self.digest(bundle, now);
            let attempt = bundles
                .iter()
                .flat_map(|b| &b.rows)
                .map(|row| row.attempts)
                .max();
            let work = Work {
                bundles,
                pass,
                attempt: attempt.unwrap_or(0) + 1,
                started_at: now,
            };
            self.sending
                .push(Box::pin(send(Arc::clone(&self.shared), work)));
        }
        look_again
    }

    /// Leave for one call, by quota and breaker; or when to ask again.
    fn pass(&mut self, now: Time) -> Result<breaker::Pass, Time> {
        let free = self.bucket.free_at();
        if free > now {
            return Err(free);
        }
        match self.breaker.allow(now) {
            breaker::Verdict::Wait(until) => Err(until),
            breaker::Verdict::Go(pass) => match self.bucket.permit(now) {
                Permit::Granted => Ok(pass),
                Permit::Wait(until) => Err(until),
            },
        }
    }

    /// When the quota cannot carry all that waits, the bundles for the same reader go out as one.
    fn digest(&mut self, first: Bundle, now: Time) -> Vec<Bundle> {
        let mut bundles = vec![first];
        let short = !self.settings.quotas.is_empty()
            && self.waiting.due() + 1 >= DIGEST_FROM
            && (self.bucket.room(now) as usize) < self.waiting.due();
        if !short
            || bundles
                .iter()
                .any(|b| matches!(b.content, Content::Direct { .. }))
        {
            return bundles;
        }
        let alike = |a: &Bundle, b: &Bundle| {
            !matches!(b.content, Content::Direct { .. })
                && a.integration() == b.integration()
                && a.rows
                    .iter()
                    .map(|row| &row.target)
                    .eq(b.rows.iter().map(|row| &row.target))
        };
        let mut others = Vec::new();
        while bundles.len() < DIGEST_MOST {
            let Some(next) = self.waiting.pop() else {
                break;
            };
            if alike(&bundles[0], &next) {
                bundles.push(next);
            } else {
                others.push(next);
            }
        }
        for other in others {
            self.waiting.done(other.slot(), now);
            self.waiting.push(other, now);
        }
        bundles
    }

    async fn finish(&mut self, finished: Finished) {
        let now = self.shared.clock.now();
        let Finished {
            work,
            outcomes,
            took,
        } = finished;
        self.shared
            .metrics
            .attempt_seconds
            .observe(took.as_secs_f64());
        self.learn(&outcomes, work.pass, now);
        let took_micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        for mut bundle in work.bundles {
            let slot = bundle.slot();
            let stale = !bundle.refreshed
                && outcomes
                    .iter()
                    .any(|o| is_kind(o, ErrorKind::StaleCredential));
            bundle.refreshed = stale;
            let left = self
                .outcome_of(
                    &mut bundle,
                    &outcomes,
                    (work.started_at, took_micros),
                    stale,
                    now,
                )
                .await;
            self.waiting.done(slot, now);
            if left {
                let superseded = self.waiting.push(bundle, now);
                self.supersede(superseded);
            }
        }
    }

    /// What the outcomes say about the account: quota and breaker.
    fn learn(&mut self, outcomes: &[Outcome], pass: breaker::Pass, now: Time) {
        let wait = outcomes.iter().find_map(|outcome| match outcome {
            Err(error) if error.kind == ErrorKind::RateLimited => Some(error.retry_after),
            _ => None,
        });
        if let Some(wait) = wait {
            self.bucket.penalty(now, wait);
        }
        let health = |outcome: &Outcome| Health::of(outcome.as_ref().err().map(|e| e.kind));
        let failing = outcomes
            .iter()
            .all(|outcome| health(outcome) == Health::Failing);
        self.breaker.report(
            pass,
            if failing {
                Health::Failing
            } else {
                Health::Answered
            },
            now,
        );
        for outcome in outcomes {
            let word = outcome
                .as_ref()
                .map_or_else(|error| error.kind.as_str(), |_| "delivered");
            let labels = ByOutcome {
                channel: self.settings.channel.to_owned(),
                account: self.settings.name.to_string(),
                outcome: word.to_owned(),
            };
            self.shared.metrics.attempts.get_or_create(&labels).inc();
        }
    }

    /// Records the outcome of each row; rows to be tried again stay in the bundle. Answers whether any do.
    async fn outcome_of(
        &mut self,
        bundle: &mut Bundle,
        outcomes: &[Outcome],
        (started_at, took_micros): (Time, u64),
        stale: bool,
        now: Time,
    ) -> bool {
        let plan = self.shared.plan.load_full();
        let found = find(&plan, bundle);
        let fallback = found.and_then(|(receiver, _)| receiver.fallback.clone());
        let removed = found.is_none() && !matches!(bundle.content, Content::Direct { .. });
        let mut again = Vec::new();
        let mut handed_over = Vec::new();
        for (mut row, outcome) in std::mem::take(&mut bundle.rows).into_iter().zip(outcomes) {
            row.attempts += 1;
            let wish = outcome.as_ref().err().and_then(|error| error.retry_after);
            let next = backoff::next_try(row.attempts, now, wish, row.seq);
            let limits = Limits {
                deadline_at: row.deadline_at,
                has_fallback: fallback.is_some(),
            };
            let verdict = if stale && outcome.is_err() {
                Verdict::RetryAt(now)
            } else {
                judge(outcome, limits, now, next)
            };
            row.last_error = outcome.as_ref().err().map(|error| error.to_string().into());
            row.state = match verdict {
                _ if removed => NotificationState::Cancelled,
                Verdict::Delivered => NotificationState::Delivered,
                Verdict::RetryAt(_) => NotificationState::Pending,
                Verdict::HandOver => NotificationState::HandedOver,
                Verdict::DeadLetter => NotificationState::DeadLettered,
            };
            if let Verdict::RetryAt(at) = verdict {
                row.next_try_at = Some(at);
            }
            let attempt = settle::attempt(&row, outcome, started_at, took_micros);
            self.unsettled.push(settle::settlement(&row, vec![attempt]));
            match row.state {
                NotificationState::Pending => again.push(row),
                NotificationState::HandedOver => handed_over.push(row),
                _ => self.end(&row, now),
            }
        }
        if !handed_over.is_empty() {
            let fallback = fallback.as_deref();
            self.hand_over(&plan, fallback, &bundle.content, &handed_over, now)
                .await;
        }
        if again.is_empty() {
            for row in std::mem::take(&mut bundle.absorbed) {
                self.close(
                    &row,
                    NotificationState::Superseded,
                    "told together with a newer notice",
                );
            }
        }
        bundle.rows = again;
        !bundle.rows.is_empty()
    }

    /// A row has reached its end.
    fn end(&mut self, row: &Notification, now: Time) {
        let dead = row.state == NotificationState::DeadLettered;
        let fixed = matches!(Content::decode(&row.payload), Some(Content::Fixed { .. }));
        self.unpin(row, dead);
        self.shared.metrics.notifications_pending.dec();
        let taken = now.since(row.created_at);
        if row.state == NotificationState::Delivered {
            self.shared
                .metrics
                .delivery_seconds
                .observe(taken.as_secs_f64());
        }
        let detail = row.last_error.as_deref().unwrap_or_default().to_owned();
        if dead {
            self.shared.metrics.dead_letters.inc();
            // A fixed message without a group is a meta-alert of ours: it must not cause another.
            if !fixed {
                self.shared.findings.report(
                    now,
                    Trouble::DeadLetter,
                    &self.settings.name,
                    format!(
                        "notification {} to {} ({}) was given up after {} tries: {detail}",
                        row.seq, row.target_label, row.receiver, row.attempts
                    ),
                );
            }
        }
        self.shared.ended(
            row.seq,
            Ended {
                state: row.state,
                detail,
            },
        );
    }

    /// Gives the rows to the receiver's fallback: new notifications, durable before the old ones end.
    async fn hand_over(
        &mut self,
        plan: &balefire_config::plan::Plan,
        fallback: Option<&str>,
        content: &Content,
        rows: &[Notification],
        now: Time,
    ) {
        let made = match fallback {
            Some(receiver) => {
                fallback::hand_over(&self.shared, plan, receiver, content, rows, now).await
            }
            None => Err("the receiver has no fallback any more".to_owned()),
        };
        if let Ok(made) = &made {
            // Before the old ones end, so that their episodes stay readable.
            self.told.push(Back::Rows(made.clone()));
        }
        for row in rows {
            match &made {
                Ok(_) => self.end(row, now),
                Err(why) => {
                    let dead = Notification {
                        state: NotificationState::DeadLettered,
                        last_error: Some(why.as_str().into()),
                        ..row.clone()
                    };
                    self.unsettled.push(settle::settlement(&dead, Vec::new()));
                    self.end(&dead, now);
                }
            }
        }
    }

    /// Hands the records that have gathered to the store's writer.
    fn write(&mut self) {
        if self.unsettled.is_empty() || self.settling.len() >= 2 {
            return;
        }
        let settlements = std::mem::take(&mut self.unsettled);
        let told = std::mem::take(&mut self.told);
        let writer = self.shared.store.writer().clone();
        self.settling.push(Box::pin(async move {
            match writer.settle(settlements.clone()).await {
                Ok(()) => Ok(Settled {
                    told,
                    ended: ended(&settlements),
                }),
                Err(error) => {
                    tracing::error!(%error, "records of tries could not be stored, trying again");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    Err(Unsettled { settlements, told })
                }
            }
        }));
    }

    /// Answers whether the records failed to be written.
    async fn settled(&mut self, settled: Result<Settled, Unsettled>) -> bool {
        match settled {
            Ok(Settled { told, ended }) => {
                for seq in ended {
                    self.intake.forget(seq);
                }
                for back in told {
                    // The dispatcher only goes away when the node stops.
                    let _ = self.back.send(back).await;
                }
                // Pages read the rows, so they look again only now that these are written.
                self.shared.changed();
                false
            }
            Err(unsettled) => {
                self.unsettled.splice(0..0, unsettled.settlements);
                self.told.splice(0..0, unsettled.told);
                true
            }
        }
    }
}

fn ended(settlements: &[Settlement]) -> Vec<u64> {
    let over = |s: &&Settlement| s.state != NotificationState::Pending;
    settlements
        .iter()
        .filter(over)
        .map(|settlement| settlement.seq)
        .collect()
}

fn is_kind(outcome: &Outcome, kind: ErrorKind) -> bool {
    outcome.as_ref().is_err_and(|error| error.kind == kind)
}

/// Sleeps until `wake` by the node's clock; for ever when there is nothing to wait for.
async fn until(wake: Option<Time>, now: Time) {
    match wake {
        Some(at) => tokio::time::sleep(at.since(now)).await,
        None => std::future::pending().await,
    }
}
