//! The running machine, put together; what the web layer and the command line talk to.

mod accepting;
mod answers;
mod badges;
mod bookings;
mod channels;
mod chat_groups;
mod clicks;
mod contacts;
mod escalations;
mod files;
mod group;
mod heartbeats;
mod heartbeats_made;
mod incidents;
mod keyed;
mod mails;
mod messages;
mod people;
mod phones;
mod reading;
mod receipts;
mod replies;
mod roles;
mod series;
mod silences;
mod start;

use std::sync::Arc;
use std::time::Duration;

use balefire_config::plan::Plan;
use balefire_core::dispatch::Dispatch;
use balefire_core::event::Input;
use balefire_core::message::GroupView;
use balefire_core::time::Time;
use balefire_store::{Store, StoreError};
use parking_lot::RwLockReadGuard;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::chat_groups::Making;
pub(crate) use self::silences::uuid_v4;
use self::start::record_version;
use crate::admission::Admission;
use crate::badge::BadgeKey;
use crate::delivery::Lanes;
use crate::delivery::shared::Shared;
pub use crate::delivery::{LastFailure, QuotaLeft, Standing};
use crate::dispatcher::Command;
use crate::heartbeats::{Heartbeats, Waited};
use crate::ingest::Ingest;
use crate::meta::Findings;
use crate::metrics::Metrics;
use crate::preview;
use crate::progress::Progress;
use crate::recovery::Recovered;
use crate::rejects::Rejects;
use crate::roster::Roster;

pub use self::answers::{AnswerFailure, Answerable, Deed, SILENCE};
pub use self::bookings::{BookingFailure, NewBooking};
pub use self::channels::{ChannelState, Health};
pub use self::chat_groups::{Chat, WantedChat};
pub use self::clicks::Clicked;
pub use self::contacts::{ContactFailure, ContactStanding, PersonStanding, Verifying};
pub use self::escalations::EscalationView;
pub use self::files::{FileError, HELD as UPLOAD_HELD, Upload};
pub use self::heartbeats_made::HeartbeatFailure;
pub use self::incidents::IncidentFailure;
pub use self::keyed::KeyedAlert;
pub use self::mails::{MailFailure, Mailed};
pub use self::people::{IdentityStanding, Origin};
pub use self::phones::CallOrder;
pub use self::reading::FileBytes;
pub use self::receipts::Reported;
pub use self::replies::Replied;
pub use self::series::SeriesFailure;
pub use self::silences::SilenceFailure;
pub use self::start::Setup;

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
    rejects: Rejects,
    uploads: files::Uploads,
    chats: Making,
    heartbeats: Heartbeats,
    waited: Waited,
    badge_key: BadgeKey,
    handed_over: receipts::HandedOver,
    presses: clicks::Presses,
    listening: replies::Listening,
    commands: mpsc::Sender<Command>,
    reloading: tokio::sync::Mutex<()>,
    silencing: tokio::sync::Mutex<()>,
    what_if: Progress,
    recovered: Recovered,
    tasks: TaskTracker,
    /// Recurring work and open pages' streams end.
    stop: CancellationToken,
    /// Nothing is decided any more.
    closing: CancellationToken,
    /// The dispatcher ends.
    dispatcher_stop: CancellationToken,
}

impl Engine {
    /// What all parts of the machine share.
    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.inner.shared
    }

    /// How far the what-if is that is under way.
    pub fn what_if_progress(&self) -> &Progress {
        &self.inner.what_if
    }

    /// The configuration in force.
    pub fn plan(&self) -> Arc<Plan> {
        self.inner.shared.plan.load_full()
    }

    /// Puts the ids that were looked up in force; a plan that is put in force meanwhile has them already.
    pub(crate) fn take_over_identities(&self) {
        let shared = &self.inner.shared;
        if !shared.identities.differ(&shared.plan.load()) {
            return;
        }
        shared.plan.rcu(|plan| {
            let mut plan = Plan::clone(plan);
            shared.identities.known_by(&mut plan);
            plan
        });
        shared.changed();
    }

    /// What a template would say now; `None` when there is no such receiver.
    pub async fn preview(
        &self,
        source: &preview::Source,
        receiver: Option<&str>,
        group: &GroupView,
    ) -> Option<Vec<preview::Preview>> {
        let (plan, shared) = (self.plan(), &self.inner.shared);
        preview::preview(&plan, &shared.sandbox, source, receiver, group, self.now()).await
    }

    /// Who is on call: the schedules of the configuration in force with what people have booked. Whoever asks who
    /// is on call asks here; it costs a look, and what was changed is in the next answer.
    pub fn roster(&self) -> Arc<Roster> {
        self.inner.shared.rosters.of(&self.plan())
    }

    /// Reads what is booked, when this node or another has changed it.
    pub(crate) async fn refresh_roster(&self) -> Result<(), StoreError> {
        let shared = &self.inner.shared;
        if shared.rosters.refresh(&shared.store).await? {
            shared.changed();
        }
        Ok(())
    }

    /// Takes over what was booked here, so that whoever booked it sees it in the next answer.
    pub(crate) async fn booked(&self) {
        if let Err(error) = self.refresh_roster().await {
            // It is stored, and the job that looks for other nodes' bookings finds it.
            tracing::debug!(%error, "what was booked could not be read back yet");
        }
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

    /// Whether this node decides and records, and sends nothing.
    pub(crate) fn is_shadow(&self) -> bool {
        self.inner.shared.shadow
    }

    /// Whether this node can do its work: alerts can be stored.
    pub fn is_well(&self) -> bool {
        self.unwell().is_none()
    }

    /// Why alerts cannot be stored; `None` when they can. Anybody may read it: what the database said is in
    /// the log.
    pub fn unwell(&self) -> Option<&'static str> {
        let writer = self.inner.shared.store.writer();
        let stats = writer.stats();
        if writer.failure().is_some() {
            Some("the store has stopped, restart the node")
        } else if stats.disk_full {
            Some("the disk of the store is full")
        } else {
            stats.away.then_some("the database is not available")
        }
    }

    /// When this node started.
    pub fn started_at(&self) -> Time {
        self.inner.shared.started_at
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

    /// Work that goes on when whoever asked for it hangs up; a stop waits for it.
    pub fn carry_on<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> tokio::task::JoinHandle<T> {
        self.tasks().spawn(work)
    }

    /// Ends when the node begins to stop.
    pub fn stopping(&self) -> &CancellationToken {
        &self.inner.stop
    }

    /// Puts a new configuration in force: recorded, swapped whole, groups rebuilt.
    pub async fn reload(&self, plan: Plan) -> Result<(), StoreError> {
        let _one_at_a_time = self.inner.reloading.lock().await;
        let shared = &self.inner.shared;
        let mut plan = plan;
        shared.identities.known_by(&mut plan);
        let (plan, now) = (Arc::new(plan), shared.clock.now());
        record_version(&shared.store, &plan, now).await?;
        if shared.plan.load().version != plan.version {
            let input = Input::Configuration(Arc::clone(&plan.version));
            shared.store.writer().append(vec![input], now).await?;
        }
        self.ask(|done| Command::Plan(plan, done)).await;
        Ok(())
    }

    /// Writes the state down, so that the next start has less to replay.
    pub async fn checkpoint(&self) {
        self.ask(Command::Checkpoint).await;
    }

    /// Lets the dispatcher do something, and waits until it has; not at all when the node stops.
    async fn ask(&self, command: impl FnOnce(oneshot::Sender<()>) -> Command) {
        let (done, answered) = oneshot::channel();
        // The dispatcher only goes away when the node stops.
        if self.inner.commands.send(command(done)).await.is_ok() {
            let _ = answered.await;
        }
    }

    /// Lets an account's lane change a live message.
    pub(crate) fn change_message(&self, account: &Arc<str>, message: Arc<str>) {
        let inner = &self.inner;
        inner.lanes.change(&inner.shared, account, message);
    }

    /// Resolves when the node stops and no call is under way any more.
    pub(crate) async fn lanes_ended(&self) {
        self.inner.lanes.ended().await;
    }

    /// Says that the node begins to stop: recurring work and open pages' streams end, alerts are still
    /// taken in and told. [`Self::stop`] does the rest.
    pub fn begin_stop(&self) {
        self.inner.stop.cancel();
    }

    /// Stops: no new decisions, calls under way end and are recorded, a last checkpoint; all of it within
    /// `patience`. What does not end in time is tried again at the next start.
    pub async fn stop(&self, patience: Duration) {
        let inner = &self.inner;
        let end = Instant::now() + patience;
        inner.stop.cancel();
        inner.closing.cancel();
        // The dispatcher takes the lanes' last reports before it writes its checkpoint.
        let calls = timeout_at(end - patience / 4, inner.lanes.stop());
        if calls.await.is_err() {
            tracing::warn!("calls are still under way at the end; they will be tried again");
        }
        inner.dispatcher_stop.cancel();
        inner.tasks.close();
        if timeout_at(end, inner.tasks.wait()).await.is_err() {
            tracing::warn!("not everything ended in time; the next start makes up for it");
        }
    }
}
