//! Starting the machine: what is on disk becomes state, and its tasks begin.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use arc_swap::ArcSwap;
use balefire_config::plan::Plan;
use balefire_core::clock::Clock;
use balefire_core::dispatch::Dispatch;
use balefire_core::time::Time;
use balefire_store::{ConfigVersion, Store, StoreError};
use balefire_template::sandbox::Sandbox;
use parking_lot::{Mutex, RwLock};
use rustc_hash::FxHashMap;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::chat_groups::Making;
use super::{Engine, Inner, clicks, files, receipts, replies};
use crate::admission::Admission;
use crate::badge::BadgeKey;
use crate::bell::Bell;
use crate::calls::Calls;
use crate::checkpoint::Pace;
use crate::delivery::Lanes;
use crate::delivery::live::Posts;
use crate::delivery::shared::{Kept, Shared};
use crate::dispatcher::Dispatcher;
use crate::escalator::Escalator;
use crate::heartbeats::{Heartbeats, Waited};
use crate::identity::Identities;
use crate::ingest::Ingest;
use crate::keys::Keys;
use crate::known::Known;
use crate::link::Links;
use crate::meta::{Finding, Findings, Trouble};
use crate::metrics::Metrics;
use crate::progress::Progress;
use crate::recovery::{self, RecoveryError};
use crate::rejects::Rejects;
use crate::roster::Rosters;
use crate::rules::rules_of;
use crate::verified::Verified;

/// Reports of the lanes that may wait for the dispatcher.
const BACK: usize = 1024;
/// Commands that may wait for the dispatcher.
const COMMANDS: usize = 16;

/// What an engine is started with.
pub struct Setup {
    /// The configuration in force.
    pub plan: Arc<Plan>,
    /// The open store.
    pub store: Store,
    /// The node's clock.
    pub clock: Arc<dyn Clock>,
    /// Renders operators' templates.
    pub sandbox: Sandbox,
    /// Decide and record, but send nothing.
    pub shadow: bool,
}

impl Engine {
    /// Rebuilds the state and starts the dispatcher and the lanes; the findings come out at the other end.
    pub(crate) async fn start(
        mut setup: Setup,
    ) -> Result<(Self, mpsc::Receiver<Finding>), RecoveryError> {
        let (store, now) = (setup.store.clone(), setup.clock.now());
        let identities = Identities::in_force(&store, &mut setup.plan).await?;
        let plan = Arc::clone(&setup.plan);
        let (known, keys) = (Arc::new(Known::default()), Arc::new(Keys::default()));
        let recovered = recovery::start(&store, rules_of(&plan), &known, &keys, now).await?;
        let waited = Waited::load(&store, &plan).await?;
        let heartbeats = Heartbeats::load(&store, &waited.all(&plan), now).await?;
        let tail = store.tail(recovered.state.cursor());
        record_version(&store, &plan, now).await?;
        let links = Links::open(&store).await;
        let rosters = Rosters::load(&store, &plan).await?;
        let (shared, news) = share(setup, recovered.state, (links, rosters, identities), now);
        let pending = &shared.metrics.notifications_pending;
        pending.set(recovered.pending as i64);
        for lost in recovered.given_up {
            let findings = &shared.findings;
            findings.report(now, Trouble::DeadLetter, &lost.account, lost.text());
        }
        let tasks = TaskTracker::new();
        let [stop, closing, dispatcher_stop] = std::array::from_fn(|_| CancellationToken::new());
        let (back, backs) = mpsc::channel(BACK);
        let lanes = Lanes::new(back);
        // Before a lane ends one of them.
        let escalator = Escalator::new(&shared, &lanes).await?;
        lanes.start(&shared, &recovered.accounts);
        let (commands, received) = mpsc::channel(COMMANDS);
        let dispatcher = Dispatcher {
            shared: Arc::clone(&shared),
            lanes: lanes.clone(),
            known: Arc::clone(&known),
            keys: Arc::clone(&keys),
            tail,
            commands: received,
            back: backs,
            checkpoints: Pace::new(now),
            tally: recovered.tally,
        };
        tasks.spawn(dispatcher.run(closing.clone(), dispatcher_stop.clone()));
        if !shared.shadow {
            tasks.spawn(escalator.run(stop.clone()));
        }
        let ingest = Ingest {
            known,
            keys,
            shared: Arc::clone(&shared),
        };
        let engine = Self {
            inner: Arc::new(Inner {
                shared,
                lanes,
                ingest,
                admission: Admission::new(plan.server.ingest_bytes),
                rejects: Rejects::default(),
                uploads: files::Uploads::default(),
                chats: Making::default(),
                heartbeats,
                waited,
                badge_key: BadgeKey::default(),
                handed_over: receipts::HandedOver::default(),
                presses: clicks::Presses::default(),
                listening: replies::Listening::default(),
                commands,
                reloading: tokio::sync::Mutex::default(),
                silencing: tokio::sync::Mutex::default(),
                what_if: Progress::default(),
                recovered: recovered.recovered,
                tasks,
                stop,
                closing,
                dispatcher_stop,
            }),
        };
        Ok((engine, news))
    }
}

/// Where the numbers of messages outside any group begin. By the clock alone they would come again after a start at the same
/// instant, on another node or with a clock that was set back, and a provider that knows the id would swallow a page.
fn first_ordinal(now: Time) -> u64 {
    let mut bytes = [0; 8];
    // Without randomness the clock is what is left.
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    u64::from_be_bytes(bytes) ^ now.micros().unsigned_abs()
}

/// What all tasks share, and where the findings come out.
fn share(
    setup: Setup,
    state: Dispatch,
    (links, rosters, identities): (Links, Rosters, Identities),
    now: Time,
) -> (Arc<Shared>, mpsc::Receiver<Finding>) {
    let (findings, news) = Findings::new();
    let shared = Shared {
        clock: setup.clock,
        plan: Arc::new(ArcSwap::new(setup.plan)),
        store: setup.store,
        state: Arc::new(RwLock::new(state)),
        sandbox: setup.sandbox,
        findings: Arc::new(findings),
        metrics: Metrics::new(),
        changes: watch::Sender::new(0),
        next_ordinal: AtomicU64::new(first_ordinal(now)),
        waiters: Mutex::new(FxHashMap::default()),
        kept: Kept::default(),
        posts: Posts::default(),
        rosters,
        identities,
        verified: Verified::default(),
        calls: Calls::new(now),
        bell: Bell::default(),
        links,
        started_at: now,
        shadow: setup.shadow,
    };
    (Arc::new(shared), news)
}

/// Keeps a document as a version that decisions can name.
pub(super) async fn record_version(
    store: &Store,
    plan: &Plan,
    now: Time,
) -> Result<(), StoreError> {
    let version = ConfigVersion {
        hash: Arc::clone(&plan.version),
        at: now,
        document: Arc::clone(&plan.document),
        redacted: Arc::clone(&plan.redacted_yaml),
    };
    store.writer().config_version(version).await
}
