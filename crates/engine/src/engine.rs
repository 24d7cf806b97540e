//! The running machine, put together; what the web layer and the command line talk to.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use arc_swap::ArcSwap;
use balefire_config::plan::Plan;
use balefire_core::clock::Clock;
use balefire_core::dispatch::Dispatch;
use balefire_core::event::Input;
use balefire_core::message::Message;
use balefire_core::silence::{Silence, SilenceError};
use balefire_core::time::Time;
use balefire_sources::parsed::Parsed;
use balefire_store::{ConfigVersion, Rejected, Store, StoreError};
use balefire_template::sandbox::Sandbox;
use parking_lot::{Mutex, RwLock, RwLockReadGuard};
use rustc_hash::FxHashMap;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::admission::Admission;
use crate::checkpoint::Pace;
use crate::delivery::Lanes;
use crate::delivery::content::Content;
use crate::delivery::rows::{Draft, rows_of};
use crate::delivery::shared::Shared;
use crate::direct::{self, Direct, DirectError, Sent};
use crate::dispatcher::{Command, Dispatcher};
use crate::ingest::{Accepted, Ingest, Sender};
use crate::keys::Keys;
use crate::known::Known;
use crate::meta::{Finding, Findings, Trouble};
use crate::metrics::{BySource, Metrics};
use crate::recovery::{self, Recovered, RecoveryError};
use crate::rules::rules_of;

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

/// The running machine; cheap to clone.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    shared: Arc<Shared>,
    lanes: Lanes,
    ingest: Ingest,
    admission: Admission,
    commands: mpsc::Sender<Command>,
    reloading: tokio::sync::Mutex<()>,
    silencing: tokio::sync::Mutex<()>,
    recovered: Recovered,
    started_at: Time,
    tasks: TaskTracker,
    stop: CancellationToken,
    dispatcher_stop: CancellationToken,
    lanes_stop: CancellationToken,
}

impl Engine {
    /// Rebuilds the state and starts the dispatcher and the lanes; the findings come out at the other end.
    pub(crate) async fn start(
        setup: Setup,
    ) -> Result<(Self, mpsc::Receiver<Finding>), RecoveryError> {
        let Setup {
            plan,
            store,
            clock,
            sandbox,
            shadow,
        } = setup;
        let (known, keys) = (Arc::new(Known::default()), Arc::new(Keys::default()));
        let (mut state, recovered) =
            recovery::recover(&store, rules_of(&plan), &known, &keys).await?;
        let pending = recovery::Pending::read(&store).await?;
        state.repin(pending.episodes());
        let tail = store.tail(state.cursor());
        let now = clock.now();
        let state = Arc::new(RwLock::new(state));
        let (findings, news) = Findings::new();
        let shared = Arc::new(Shared {
            clock,
            plan: Arc::new(ArcSwap::new(Arc::clone(&plan))),
            store: store.clone(),
            state: Arc::clone(&state),
            sandbox,
            findings: Arc::new(findings),
            metrics: Metrics::new(),
            changes: watch::Sender::new(0),
            next_ordinal: AtomicU64::new(now.micros().unsigned_abs()),
            waiters: Mutex::new(FxHashMap::default()),
        });
        record_version(&store, &plan, now).await?;

        let tasks = TaskTracker::new();
        let [stop, dispatcher_stop, lanes_stop] = std::array::from_fn(|_| CancellationToken::new());
        let (back, backs) = mpsc::channel(BACK);
        let lanes = Lanes::new(back, tasks.clone(), lanes_stop.clone());
        let (accounts, tally) = pending.into_parts();
        lanes.start(&shared, &accounts);
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
            tally,
            shadow,
        };
        tasks.spawn(dispatcher.run(dispatcher_stop.clone()));
        let ingest = Ingest {
            known,
            keys,
            writer: store.writer().clone(),
            labels_of: Arc::new(move |alert| state.read().alert(alert).map(|a| a.labels.clone())),
        };
        let engine = Self {
            inner: Arc::new(Inner {
                shared,
                lanes,
                ingest,
                admission: Admission::new(plan.server.ingest_bytes),
                commands,
                reloading: tokio::sync::Mutex::default(),
                silencing: tokio::sync::Mutex::default(),
                recovered,
                started_at: now,
                tasks,
                stop,
                dispatcher_stop,
                lanes_stop,
            }),
        };
        Ok((engine, news))
    }

    /// The configuration in force.
    pub fn plan(&self) -> Arc<Plan> {
        self.inner.shared.plan.load_full()
    }

    /// The node's clock.
    pub fn now(&self) -> Time {
        self.inner.shared.clock.now()
    }

    /// The store, for pages and lists.
    pub fn store(&self) -> &Store {
        &self.inner.shared.store
    }

    /// The counters.
    pub fn metrics(&self) -> &Arc<Metrics> {
        &self.inner.shared.metrics
    }

    /// Whether this node can do its work: alerts can be stored, the configuration is read.
    pub fn is_well(&self) -> bool {
        let writer = self.inner.shared.store.writer();
        writer.failure().is_none() && !writer.stats().disk_full
    }

    /// When this node started.
    pub fn started_at(&self) -> Time {
        self.inner.started_at
    }

    /// What the start replayed.
    pub fn recovered(&self) -> Recovered {
        self.inner.recovered
    }

    /// The dispatcher's state, for reading; keep the guard no longer than it takes to copy from it.
    pub fn state(&self) -> RwLockReadGuard<'_, Dispatch> {
        self.inner.shared.state.read()
    }

    /// Counts up whenever something a page shows has changed.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.inner.shared.changes.subscribe()
    }

    /// The byte budget of request bodies.
    pub fn admission(&self) -> &Admission {
        &self.inner.admission
    }

    /// Where troubles are reported.
    pub fn findings(&self) -> &Findings {
        &self.inner.shared.findings
    }

    /// The tasks of this node; recurring work is spawned here.
    pub(crate) fn tasks(&self) -> &TaskTracker {
        &self.inner.tasks
    }

    /// Ends when the node begins to stop.
    pub fn stopping(&self) -> &CancellationToken {
        &self.inner.stop
    }

    /// Stores a batch of alerts; `Ok` means that they are on disk.
    pub async fn accept(&self, sender: &Sender, parsed: Parsed) -> Result<Accepted, StoreError> {
        let shared = &self.inner.shared;
        let now = shared.clock.now();
        let accepted = self.inner.ingest.accept(sender, parsed, now).await;
        let by_source = BySource {
            source: sender.source.to_string(),
        };
        match &accepted {
            Ok(accepted) => {
                let metrics = &shared.metrics;
                metrics
                    .alerts_received
                    .get_or_create(&by_source)
                    .inc_by(accepted.alerts as u64);
                let refused = accepted.complaints.len() as u64;
                metrics
                    .alerts_invalid
                    .get_or_create(&by_source)
                    .inc_by(refused);
                if accepted.clock_off > 0 {
                    shared.findings.report(
                        now,
                        Trouble::Clock,
                        &sender.source,
                        format!(
                            "{} alert(s) from {} have times more than 12 h away from our clock ({now}): check both clocks",
                            accepted.clock_off, sender.source
                        ),
                    );
                }
            }
            Err(StoreError::DiskFull) => shared.findings.report(
                now,
                Trouble::DiskFull,
                "ingest",
                "the disk is full: new alerts are refused with 507 until there is room",
            ),
            Err(error) => {
                shared
                    .findings
                    .report(now, Trouble::Store, "ingest", error.to_string());
            }
        }
        accepted
    }

    /// Records a request that was refused, so that "it never arrived" has an answer.
    pub async fn reject(&self, source: &str, reason: &str, head: &[u8]) {
        let shared = &self.inner.shared;
        let by_source = BySource {
            source: source.to_owned(),
        };
        shared
            .metrics
            .requests_rejected
            .get_or_create(&by_source)
            .inc();
        self.note(source, reason, head).await;
    }

    /// Records what was left out or not believed of a request, refused or not.
    pub async fn note(&self, source: &str, reason: &str, head: &[u8]) {
        let shared = &self.inner.shared;
        let head = head[..head.len().min(Rejected::MAX_HEAD)].to_vec();
        let rejected = Rejected {
            seq: 0,
            at: shared.clock.now(),
            source: source.into(),
            reason: reason.into(),
            head,
        };
        if let Err(error) = shared.store.writer().reject(rejected).await {
            tracing::warn!(source, reason, %error, "what is wrong with a request could not be recorded");
        }
        shared.changed();
    }

    /// Creates or edits a silence; answers its id (a new one where the edit makes a new silence).
    pub async fn put_silence(&self, silence: Silence) -> Result<String, SilenceFailure> {
        let _one_at_a_time = self.inner.silencing.lock().await;
        let now = self.now();
        let id = uuid_v4();
        let put = self.state().silences().put(silence, id, now)?;
        self.append_silences(&put.changed, now).await?;
        Ok(put.id.to_string())
    }

    /// Ends a silence now; ending it twice is fine.
    pub async fn expire_silence(&self, id: &str) -> Result<(), SilenceFailure> {
        let _one_at_a_time = self.inner.silencing.lock().await;
        let now = self.now();
        let changed = self.state().silences().expire(id, now)?;
        self.append_silences(&changed.into_iter().collect::<Vec<_>>(), now)
            .await?;
        Ok(())
    }

    /// Writes silences to the log and waits until the dispatcher has applied them, so that whoever
    /// made one sees it in the next answer.
    async fn append_silences(&self, changed: &[Silence], now: Time) -> Result<(), StoreError> {
        let inputs: Vec<Input> = changed
            .iter()
            .map(|silence| {
                Input::Silence(serde_json::to_string(silence).unwrap_or_default().into())
            })
            .collect();
        if inputs.is_empty() {
            return Ok(());
        }
        let last = *self
            .inner
            .shared
            .store
            .writer()
            .append(inputs, now)
            .await?
            .end();
        let mut news = self.changes();
        while self.state().cursor() < last {
            if news.changed().await.is_err() {
                break;
            }
        }
        Ok(())
    }

    /// Sends a message past routing.
    pub async fn send(
        &self,
        message: &Direct,
        wait: Option<Duration>,
    ) -> Result<Vec<Sent>, DirectError> {
        direct::send(&self.inner.shared, &self.inner.lanes, message, wait).await
    }

    /// Sends a ready message through a receiver: meta-alerts.
    pub(crate) async fn tell(&self, receiver: &str, message: &Message) -> Result<(), StoreError> {
        let shared = &self.inner.shared;
        let plan = shared.plan.load_full();
        let Some(receiver) = plan.receivers.iter().find(|r| &*r.name == receiver) else {
            return Ok(());
        };
        let now = shared.clock.now();
        let draft = Draft {
            group: 0,
            ordinal: shared.ordinal(),
            occasion: message.occasion,
            severity: message.severity,
            now,
            deliver_within: receiver.deliver_within,
            has_fallback: receiver.fallback.is_some(),
            fallback_of: None,
        };
        let content = Content::fixed(message);
        let rows = receiver
            .integrations
            .iter()
            .flat_map(|entry| rows_of(shared, receiver, entry, &content, &draft))
            .collect();
        let rows = direct::store(shared, &plan, rows, now).await?;
        self.inner.lanes.hand(shared, rows);
        Ok(())
    }

    /// Tries a dead-lettered notification again, with a fresh deadline; whether it was one.
    pub async fn redrive(&self, seq: u64) -> Result<bool, StoreError> {
        let shared = &self.inner.shared;
        let Some(dead) = shared.store.notification(seq).await? else {
            return Ok(false);
        };
        let now = shared.clock.now();
        let deadline = crate::delivery::deadline(now, dead.severity, None, false);
        if !shared.store.writer().redrive(seq, now, deadline).await? {
            return Ok(false);
        }
        let Some(again) = shared.store.notification(seq).await? else {
            return Ok(false);
        };
        shared.metrics.notifications_pending.inc();
        self.inner.lanes.hand(shared, vec![again]);
        Ok(true)
    }

    /// Puts a new configuration in force: recorded, swapped whole, groups rebuilt.
    pub async fn reload(&self, plan: Plan) -> Result<(), StoreError> {
        let _one_at_a_time = self.inner.reloading.lock().await;
        let shared = &self.inner.shared;
        let (plan, now) = (Arc::new(plan), shared.clock.now());
        record_version(&shared.store, &plan, now).await?;
        if shared.plan.load().version != plan.version {
            let input = Input::Configuration(Arc::clone(&plan.version));
            shared.store.writer().append(vec![input], now).await?;
        }
        shared.plan.store(Arc::clone(&plan));
        // The dispatcher only goes away when the node stops.
        let _ = self
            .inner
            .commands
            .send(Command::Rules(rules_of(&plan)))
            .await;
        self.inner.lanes.refresh(shared);
        Ok(())
    }

    /// Writes the state down, so that the next start has less to replay.
    pub async fn checkpoint(&self) {
        let (done, written) = oneshot::channel();
        if self
            .inner
            .commands
            .send(Command::Checkpoint(done))
            .await
            .is_ok()
        {
            // The dispatcher answers, or the node is stopping and writes one anyway.
            let _ = written.await;
        }
    }

    /// Says that the node begins to stop: recurring work and open pages' streams end, alerts are still
    /// taken in and told. [`Self::stop`] does the rest.
    pub fn begin_stop(&self) {
        self.inner.stop.cancel();
    }

    /// Stops: no new decisions, a last checkpoint, calls under way end within `patience`.
    pub async fn stop(&self, patience: Duration) {
        self.inner.stop.cancel();
        self.inner.dispatcher_stop.cancel();
        self.inner.lanes_stop.cancel();
        self.inner.tasks.close();
        if tokio::time::timeout(patience, self.inner.tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!("calls were still under way at the end; they will be tried again");
        }
    }
}

/// Why a silence was not taken.
#[derive(Debug, thiserror::Error)]
pub enum SilenceFailure {
    /// It breaks a rule.
    #[error(transparent)]
    Rule(#[from] SilenceError),
    /// The store did not take it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

async fn record_version(store: &Store, plan: &Plan, now: Time) -> Result<(), StoreError> {
    let version = ConfigVersion {
        hash: Arc::clone(&plan.version),
        at: now,
        document: Arc::clone(&plan.document),
        redacted: Arc::clone(&plan.redacted_yaml),
    };
    store.writer().config_version(version).await
}

/// A random UUID, version 4, as silences are named.
fn uuid_v4() -> String {
    let mut bytes = [0_u8; 16];
    // Without randomness from the system there is no TLS either; zeros would still be a valid, if repeated, id.
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    uuid::Builder::from_random_bytes(bytes)
        .into_uuid()
        .to_string()
}
