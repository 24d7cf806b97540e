//! Delivery: from durable obligations to outcomes.

pub(crate) mod body;
mod bundle;
pub(crate) mod change;
pub(crate) mod content;
mod dial;
mod enclosed;
pub(crate) mod fallback;
mod incident;
mod intake;
mod lane;
pub(crate) mod live;
mod opened;
mod per_call;
mod pictures;
mod recall;
pub(crate) mod render;
pub(crate) mod rows;
mod send;
mod series;
pub(crate) mod settle;
pub(crate) mod shared;
mod verdict;
mod waiting;
pub(crate) mod wanted;
mod worded;

pub(crate) use self::opened::escape_for;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use balefire_config::plan::Plan;
use balefire_store::Notification;
use futures_util::FutureExt;
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::bundle::{Bundle, together};
use self::content::Content;
use self::intake::Handoff;
pub(crate) use self::lane::held;
use self::lane::standing::Question;
pub use self::lane::standing::{LastFailure, QuotaLeft, Standing};
use self::lane::{Lane, LaneSettings};
use self::per_call::PerCall;
use self::recall::Recalls;
pub(crate) use self::send::id_text;
use self::shared::{Back, Shared};
pub(crate) use self::verdict::deadline;
use crate::meta::Trouble;

/// How long after a mistake of ours a lane begins again.
const BEGIN_AGAIN: Duration = Duration::from_secs(1);
/// Questions of how a lane stands that may wait for it; further ones are not answered.
const QUESTIONS: usize = 4;
/// How long such an answer is waited for: a lane looks up between two steps, none of which takes long.
const ANSWERED_WITHIN: Duration = Duration::from_secs(1);

/// A lane that runs: where its work is handed in, and its settings.
struct Open {
    handoff: Arc<Handoff>,
    settings: watch::Sender<LaneSettings>,
    questions: mpsc::Sender<Question>,
}

/// The lanes, by account (or by integration, for a way out that needs none).
#[derive(Clone)]
pub(crate) struct Lanes {
    by_name: Arc<Mutex<FxHashMap<Arc<str>, Open>>>,
    back: mpsc::Sender<Back>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Lanes {
    pub(crate) fn new(back: mpsc::Sender<Back>) -> Self {
        Self {
            by_name: Arc::default(),
            back,
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        }
    }

    /// Starts a lane for every name under which rows wait.
    pub(crate) fn start<'a>(
        &self,
        shared: &Arc<Shared>,
        names: impl IntoIterator<Item = &'a Arc<str>>,
    ) {
        if shared.shadow {
            return;
        }
        let plan = shared.plan.load_full();
        for name in names {
            self.lane(shared, &plan, name);
        }
    }

    /// After a reload: lanes take over the new configuration's quotas and limits.
    pub(crate) fn refresh(&self, shared: &Arc<Shared>) {
        let plan = shared.plan.load_full();
        for (name, lane) in self.by_name.lock().iter() {
            lane.settings.send_replace(LaneSettings::of(&plan, name));
        }
    }

    /// How each lane stands that has been started; one that does not answer in time is left out.
    pub(crate) async fn standings(&self) -> FxHashMap<Arc<str>, Standing> {
        let asked: Vec<_> = {
            let lanes = self.by_name.lock();
            let ask = |(name, lane): (&Arc<str>, &Open)| {
                let (question, answer) = oneshot::channel();
                lane.questions.try_send(question).ok()?;
                Some((Arc::clone(name), answer))
            };
            lanes.iter().filter_map(ask).collect()
        };
        let answers = asked.into_iter().map(|(name, answer)| async move {
            let answer = tokio::time::timeout(ANSWERED_WITHIN, answer).await;
            Some((name, answer.ok()?.ok()?))
        });
        let answers = futures_util::future::join_all(answers).await;
        answers.into_iter().flatten().collect()
    }

    /// Hands durable rows to their lanes. In shadow mode there are none.
    pub(crate) fn hand(&self, shared: &Arc<Shared>, rows: Vec<Notification>) {
        if shared.shadow {
            return;
        }
        let plan = shared.plan.load_full();
        let mut rows = rows.into_iter().peekable();
        while let Some(first) = rows.next() {
            let mut same = vec![first];
            while let Some(next) = rows.next_if(|next| together(&same[0], next)) {
                same.push(next);
            }
            let (handoff, per_call) = self.lane(shared, &plan, &same[0].account);
            match Content::decode(&same[0].payload) {
                Some(content) => handoff.give(Bundle::of(same, &content, &per_call)),
                // The lane says what is wrong with it.
                None => handoff.look_at(same[0].seq),
            }
        }
    }

    /// Lets an account's lane change a live message when it has nothing to tell.
    pub(crate) fn change(&self, shared: &Arc<Shared>, account: &Arc<str>, message: Arc<str>) {
        let plan = shared.plan.load_full();
        let (handoff, _) = self.lane(shared, &plan, account);
        handoff.changes().ask(message);
    }

    /// Lets the lane of a row that waits in the store again read it.
    pub(crate) fn look_at(&self, shared: &Arc<Shared>, row: &Notification) {
        if !shared.shadow {
            let plan = shared.plan.load_full();
            let (handoff, _) = self.lane(shared, &plan, &row.account);
            handoff.look_at(row.seq);
        }
    }

    /// Tells the dispatcher of a dead letter that is to be tried again.
    pub(crate) async fn again(&self, row: Notification) {
        // The dispatcher only goes away when the node stops; the next start reads the row.
        let _ = self.back.send(Back::Again(Box::new(row))).await;
    }

    /// Hands on the notifications of a fallback that are durable, by way of the dispatcher.
    pub(crate) async fn follow_up(&self, rows: Vec<Notification>) {
        // The dispatcher only goes away when the node stops; the next start reads the rows.
        let _ = self.back.send(Back::Rows(rows)).await;
    }

    /// Lets no further call begin; resolves when those under way have ended and are recorded.
    pub(crate) async fn stop(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Resolves when the lanes have been stopped and have ended.
    pub(crate) async fn ended(&self) {
        self.tasks.wait().await;
    }

    /// The lane of that name, started if it is not there.
    fn lane(&self, shared: &Arc<Shared>, plan: &Plan, name: &Arc<str>) -> (Arc<Handoff>, PerCall) {
        let mut lanes = self.by_name.lock();
        if let Some(lane) = lanes.get(name) {
            let per_call = lane.settings.borrow().per_call.clone();
            return (Arc::clone(&lane.handoff), per_call);
        }
        let settings = LaneSettings::of(plan, name);
        let per_call = settings.per_call.clone();
        let (handoff, intake) = Handoff::new(Arc::clone(name), shared.store.clone());
        let (settings, news) = watch::channel(settings);
        let (questions, asked) = mpsc::channel(QUESTIONS);
        lanes.insert(
            Arc::clone(name),
            Open {
                handoff: Arc::clone(&handoff),
                settings,
                questions,
            },
        );
        let recalls = Recalls::new(self.stop.clone());
        let shared = Arc::clone(shared);
        let back = self.back.clone();
        let lane = Lane::new(news, asked, Arc::clone(&shared), intake, back, recalls);
        self.tasks
            .spawn(self.clone().keep(shared, Arc::clone(name), lane));
        (handoff, per_call)
    }

    /// Runs a lane. Should it break by a mistake of ours, its work is in the store, and it begins again.
    async fn keep(self, shared: Arc<Shared>, name: Arc<str>, lane: Lane) {
        let run = AssertUnwindSafe(lane.run(self.stop.clone())).catch_unwind();
        if run.await.is_ok() {
            return;
        }
        let now = shared.clock.now();
        let text = format!("the lane of {name:?} broke by a mistake in Balefire and begins again");
        shared.findings.report(now, Trouble::Internal, &name, text);
        tokio::select! {
            () = self.stop.cancelled() => return,
            () = tokio::time::sleep(BEGIN_AGAIN) => {}
        }
        self.by_name.lock().remove(&name);
        self.start(&shared, [&name]);
    }
}
