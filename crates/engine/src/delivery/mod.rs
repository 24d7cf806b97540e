//! Delivery: from durable obligations to outcomes.

mod bundle;
pub(crate) mod content;
mod fallback;
mod intake;
mod lane;
pub(crate) mod render;
pub(crate) mod rows;
mod send;
mod settle;
pub(crate) mod shared;
mod verdict;
pub(crate) use self::verdict::deadline;
mod waiting;

use std::sync::Arc;

use balefire_config::plan::Plan;
use balefire_store::Notification;
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::bundle::Bundle;
use self::content::Content;
use self::intake::Handoff;
use self::lane::{Lane, LaneSettings};
use self::shared::{Back, Shared};

/// A lane that runs: where its work is handed in, and its settings.
struct Open {
    handoff: Arc<Handoff>,
    settings: watch::Sender<LaneSettings>,
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
    pub(crate) fn new(
        back: mpsc::Sender<Back>,
        tasks: TaskTracker,
        stop: CancellationToken,
    ) -> Self {
        Self {
            by_name: Arc::default(),
            back,
            tasks,
            stop,
        }
    }

    /// Starts a lane for every name under which rows wait.
    pub(crate) fn start<'a>(
        &self,
        shared: &Arc<Shared>,
        names: impl IntoIterator<Item = &'a Arc<str>>,
    ) {
        let plan = shared.plan.load_full();
        for name in names {
            self.lane(shared, &plan, name);
        }
    }

    /// After a reload: lanes take over the new configuration's quotas and limits.
    pub(crate) fn refresh(&self, shared: &Arc<Shared>) {
        let plan = shared.plan.load_full();
        for (name, lane) in self.by_name.lock().iter() {
            lane.settings.send_replace(settings(&plan, name));
        }
    }

    /// Hands durable rows of one decision to their lanes.
    pub(crate) fn hand(&self, shared: &Arc<Shared>, rows: Vec<Notification>) {
        let plan = shared.plan.load_full();
        let mut rows = rows.into_iter().peekable();
        while let Some(first) = rows.next() {
            let mut same = vec![first];
            while let Some(next) = rows.next_if(|row| {
                row.group == same[0].group
                    && row.integration == same[0].integration
                    && row.payload == same[0].payload
            }) {
                same.push(next);
            }
            let Some(content) = Content::decode(&same[0].payload) else {
                continue;
            };
            let (handoff, per_call) = self.lane(shared, &plan, &Arc::clone(&same[0].account));
            handoff.give(Bundle::of(same, &content, per_call));
        }
    }

    /// The lane of that name, started if it is not there.
    fn lane(&self, shared: &Arc<Shared>, plan: &Plan, name: &Arc<str>) -> (Arc<Handoff>, usize) {
        let mut lanes = self.by_name.lock();
        if let Some(lane) = lanes.get(name) {
            return (Arc::clone(&lane.handoff), lane.settings.borrow().per_call);
        }
        let settings = settings(plan, name);
        let per_call = settings.per_call;
        let (handoff, intake) = Handoff::new(Arc::clone(name));
        let (settings, news) = watch::channel(settings);
        lanes.insert(
            Arc::clone(name),
            Open {
                handoff: Arc::clone(&handoff),
                settings,
            },
        );
        let lane = Lane::new(news, Arc::clone(shared), intake, self.back.clone());
        self.tasks.spawn(lane.run(self.stop.clone()));
        (handoff, per_call)
    }
}

/// How the lane of an account, or of a way out without one, is set up.
fn settings(plan: &Plan, name: &Arc<str>) -> LaneSettings {
    if let Some(account) = plan.accounts.get(&**name) {
        return LaneSettings {
            name: Arc::clone(name),
            channel: account.spec.kind,
            quotas: account.quotas.clone(),
            concurrency: account.concurrency,
            per_call: account.spec.limits.max_targets_per_call,
        };
    }
    let entry = plan
        .receivers
        .iter()
        .flat_map(|r| &r.integrations)
        .find(|e| e.key == *name);
    entry.map_or_else(
        || LaneSettings {
            name: Arc::clone(name),
            channel: "none",
            quotas: Vec::new(),
            concurrency: 1,
            per_call: 1,
        },
        |entry| LaneSettings {
            name: Arc::clone(name),
            channel: entry.spec.kind,
            quotas: entry.spec.quotas.to_vec(),
            concurrency: entry.spec.concurrency,
            per_call: entry.spec.limits.max_targets_per_call,
        },
    )
}
