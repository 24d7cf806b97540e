//! One account's lane: its own queue, concurrency, quota and breaker, so that a provider that hangs
//! holds up nobody else.

mod changes;
mod ended;
mod expected;
mod handed;
mod outcome;
mod quiet;
mod records;
mod settings;
pub(crate) mod standing;
mod usage;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use balefire_channels::layers::breaker::{self, Breaker, BreakerSettings};
use balefire_channels::layers::rate::{Bucket, Permit};
use balefire_core::time::Time;
use balefire_store::{Notification, NotificationState, Settlement};
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use rustc_hash::FxBuildHasher;
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

pub(crate) use self::changes::Changes;
use self::expected::Expected;
use self::handed::{Handed, Obligation};
pub(crate) use self::quiet::held;
use self::records::Recorded;
pub(crate) use self::settings::LaneSettings;
use self::standing::{Lately, Question};
use super::bundle::Bundle;
use super::fallback::Given;
use super::intake::{Intake, Taken};
use super::opened::find;
use super::recall::Recalls;
use super::send::{Finished, Work, send};
use super::shared::{Back, Shared};
use super::waiting::Waiting;
use crate::clock::ClockWatch;

/// A lane that has so many bundles in memory leaves the rest in the store until it has room.
pub(crate) const IN_MEMORY: usize = 4096;
/// From so many waiting bundles on, a short quota is spent on a digest.
const DIGEST_FROM: usize = 3;
/// At most so many bundles in one digest.
const DIGEST_MOST: usize = 500;
/// Tries whose record is not yet on disk or not yet known to the dispatcher; beyond it none are started.
const UNSETTLED: usize = 2048;
/// A clock that was set back is noticed within this time.
const LOOK_AT_CLOCK: Duration = Duration::from_secs(30);

pub(crate) struct Lane {
    settings: LaneSettings,
    news: watch::Receiver<LaneSettings>,
    questions: mpsc::Receiver<Question>,
    shared: Arc<Shared>,
    intake: Intake,
    back: mpsc::Sender<Back>,
    waiting: Waiting,
    recalls: Recalls,
    /// Tries run as tasks of their own, so that a backlog is worked off on every core.
    sending: JoinSet<Finished>,
    changes: Arc<Changes>,
    changing: JoinSet<changes::Changed>,
    handing: FuturesUnordered<BoxFuture<'static, Handed>>,
    /// Hand-overs under way, with further rows of the same obligations that wait for their end.
    under_way: HashMap<Obligation, Vec<Given>, FxBuildHasher>,
    /// Obligations that were handed over lately: their fallback has been told once, which is enough.
    handed_over: VecDeque<Obligation>,
    recording: FuturesUnordered<BoxFuture<'static, Recorded>>,
    unsettled: Vec<Settlement>,
    /// What providers will say something of; on disk before the try counts as delivered.
    awaited: Expected,
    /// Goes to the dispatcher once what is unsettled is on disk.
    told: Vec<Back>,
    /// May go to the dispatcher.
    outbox: VecDeque<Back>,
    bucket: Bucket,
    breaker: Breaker,
    lately: Lately,
    watch: ClockWatch,
}

impl Lane {
    pub(crate) fn new(
        news: watch::Receiver<LaneSettings>,
        questions: mpsc::Receiver<Question>,
        shared: Arc<Shared>,
        intake: Intake,
        back: mpsc::Sender<Back>,
        recalls: Recalls,
    ) -> Self {
        let settings = news.borrow().clone();
        Self {
            news,
            questions,
            lately: Lately::default(),
            bucket: Bucket::new(&settings.quotas),
            breaker: Breaker::new(BreakerSettings::default()),
            settings,
            watch: ClockWatch::new(shared.clock.now()),
            shared,
            changes: intake.changes(),
            changing: JoinSet::new(),
            intake,
            back,
            waiting: Waiting::default(),
            recalls,
            sending: JoinSet::new(),
            handing: FuturesUnordered::new(),
            under_way: HashMap::default(),
            handed_over: VecDeque::new(),
            recording: FuturesUnordered::new(),
            unsettled: Vec::new(),
            awaited: Expected::default(),
            told: Vec::new(),
            outbox: VecDeque::new(),
        }
    }

    /// Runs until stopped; then finishes what is under way, within the caller's patience.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        self.count_former_calls().await;
        loop {
            let now = self.look_at_clock();
            self.waiting.ripen(now);
            let wake = self.start(now);
            self.hand_over_overdue(now);
            let changes = self.start_changes(now);
            let wake = [wake, changes, self.waiting.next_deadline()];
            let wake = wake.into_iter().flatten().min();
            self.write();
            let room = self.waiting.len() < self.most_in_memory(now);
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                Some(ended) = self.sending.join_next() => self.ended(ended),
                Some(ended) = self.changing.join_next() => self.changed(ended),
                Some(handed) = self.handing.next() => self.handed(handed),
                Some(recorded) = self.recording.next() => self.recorded(recorded),
                () = pass_on(&self.back, &mut self.outbox), if !self.outbox.is_empty() => {}
                Ok(()) = self.news.changed() => self.take_settings(),
                Some(question) = self.questions.recv() => self.answer(question),
                taken = self.intake.next(&self.settings.per_call), if room => self.take(taken),
                () = self.changes.asked() => {}
                () = until(wake, now) => {}
            }
        }
        self.drain().await;
    }

    /// Counts the calls that were made shortly before this process started. A failure is only logged: then
    /// the provider says itself that it is too much.
    async fn count_former_calls(&mut self) {
        let Some(longest) = self.settings.quotas.iter().map(|quota| quota.per).max() else {
            return;
        };
        let since = self.shared.clock.now().before(longest);
        if self.shared.started_at < since {
            return;
        }
        let (store, name) = (self.shared.store.clone(), Arc::clone(&self.settings.name));
        match usage::former_calls(&store, &name, since).await {
            Ok(calls) => calls.into_iter().for_each(|at| self.bucket.record(at)),
            Err(error) => {
                tracing::warn!(lane = &*name, %error, "earlier calls could not be counted");
            }
        }
    }

    /// The time; a clock that was set back takes with it what waits for a time.
    fn look_at_clock(&mut self) -> Time {
        let now = self.shared.clock.now();
        if let Some(set_back) = self.watch.look(now) {
            self.waiting.set_back(set_back.by);
            self.bucket = Bucket::new(&self.settings.quotas);
            self.breaker = Breaker::new(BreakerSettings::default());
        }
        now
    }

    /// After a reload: a quota that stays the same keeps its count, and what no longer has a way out ends.
    fn take_settings(&mut self) {
        let settings = self.news.borrow_and_update().clone();
        if settings.quotas != self.settings.quotas {
            self.bucket = Bucket::new(&settings.quotas);
        }
        let other_hours = settings.quiet != self.settings.quiet;
        self.settings = settings;
        if other_hours {
            self.judge_held(self.shared.clock.now());
        }
        let plan = self.shared.plan.load_full();
        let gone = self.waiting.take_where(|bundle| {
            bundle.content.own_way().is_none() && find(&plan, bundle).is_none()
        });
        let why = format!("configuration {} no longer has this way out", plan.version);
        for bundle in gone {
            for row in bundle.absorbed.iter().chain(&bundle.rows) {
                self.close(row, NotificationState::Cancelled, &why);
            }
        }
    }

    fn take(&mut self, taken: Taken) {
        let now = self.shared.clock.now();
        for row in taken.unreadable {
            let why = "its content cannot be read: made by a newer Balefire, or damaged";
            self.give_up(Given::untried(row), why, None, now);
        }
        for mut bundle in taken.bundles {
            self.recognise(&mut bundle);
            self.recalls.take_note(&bundle);
            let superseded = self.waiting.push(bundle, now);
            self.supersede(superseded);
        }
    }

    fn supersede(&mut self, rows: Vec<Notification>) {
        for row in rows {
            let why = "a newer notice of the same group took its place";
            self.close(&row, NotificationState::Superseded, why);
        }
    }

    /// Starts as many tries as concurrency, breaker and quota allow; answers when to look again.
    fn start(&mut self, now: Time) -> Option<Time> {
        self.hold_back(now);
        let mut look_again = self.waiting.next_due();
        while self.waiting.due() > 0
            && self.sending.len() < self.settings.concurrency
            && self.unsettled.len() + self.handing.len() + self.outbox.len() < UNSETTLED
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
            let waits = self.settings.waits_for_people();
            let work = Work {
                recall: waits.then(|| self.recalls.begin(&bundles)),
                bundles,
                pass,
                attempt: attempt.unwrap_or(0) + 1,
                started_at: now,
            };
            self.sending.spawn(send(Arc::clone(&self.shared), work));
        }
        look_again
    }

    /// A try came to its end. That it was broken off is told by the runtime alone, which is going down then;
    /// its notification waits in the store.
    fn ended(&mut self, ended: Result<Finished, JoinError>) {
        match ended {
            Ok(finished) => self.finish(finished),
            Err(error) => {
                tracing::error!(lane = &*self.settings.name, %error, "a try was broken off");
            }
        }
    }

    /// What waits past its deadline, because the provider is down, slow or short of quota, goes to its
    /// fallback without another try. What has no fallback waits on: nobody else would tell it.
    fn hand_over_overdue(&mut self, now: Time) {
        if self.waiting.next_deadline().is_none_or(|at| at > now) {
            return;
        }
        let plan = self.shared.plan.load_full();
        let fallback = |bundle: &Bundle| {
            let (receiver, _) = find(&plan, bundle)?;
            receiver.fallback.clone()
        };
        let overdue = self
            .waiting
            .take_overdue(now, |bundle| fallback(bundle).is_some());
        for bundle in overdue {
            let receiver = fallback(&bundle);
            self.pass_over(bundle, receiver);
        }
    }

    /// Hands a bundle over that could not be told in time.
    fn pass_over(&mut self, bundle: Bundle, fallback: Option<Arc<str>>) {
        let given = bundle.rows.into_iter().map(|mut row| {
            row.state = NotificationState::HandedOver;
            row.next_try_at = None;
            let late = "it could not be told in time";
            row.last_error.get_or_insert_with(|| late.into());
            Given::untried(row)
        });
        let given = given.collect();
        self.hand_over(fallback, &bundle.content, given, bundle.absorbed, None);
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

    /// When the quota cannot carry all that waits, and when quiet hours are over, the bundles for the same reader go out
    /// as one.
    fn digest(&mut self, first: Bundle, now: Time) -> Vec<Bundle> {
        let due = self.waiting.due();
        let short = !self.settings.quotas.is_empty()
            && due + 1 >= DIGEST_FROM
            && (self.bucket.room(now) as usize) < due;
        if short || first.held {
            self.waiting.pop_alike(first, DIGEST_MOST)
        } else {
            vec![first]
        }
    }
}

/// Tells the dispatcher what has waited longest, as soon as it has room.
async fn pass_on(back: &mpsc::Sender<Back>, outbox: &mut VecDeque<Back>) {
    let Ok(room) = back.reserve().await else {
        // The dispatcher only goes away when the node stops.
        outbox.clear();
        return;
    };
    if let Some(oldest) = outbox.pop_front() {
        room.send(oldest);
    }
}

/// Sleeps until `wake` by the node's clock, but looks at the clock now and then; for ever when there is
/// nothing to wait for.
async fn until(wake: Option<Time>, now: Time) {
    match wake {
        Some(at) => tokio::time::sleep(at.since(now).min(LOOK_AT_CLOCK)).await,
        None => std::future::pending().await,
    }
}
