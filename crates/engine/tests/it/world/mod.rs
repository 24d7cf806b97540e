//! A whole engine on a store in a temporary folder, with providers in memory, and with a time that passes
//! only when a story says so.
//!
//! Each life of a node has a runtime of its own with paused time. A blocking task holds the runtime back from
//! letting time pass by itself, so that work on the disk takes as long as it takes and timers wait for
//! [`Node::pass`]. Dropping a node without stopping it is a crash: whatever was under way is gone.

mod book;
mod provider;
pub(crate) mod random;

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use balefire_channels::directory::Directory;
use balefire_config::plan::{OpenDirectory, Plan};
use balefire_core::alert::Lifecycle;
use balefire_core::clock::Clock;
use balefire_core::label::{Annotations, Labels};
use balefire_core::time::Time;
use balefire_engine::direct::{Destination, Direct, Words};
use balefire_engine::engine::{Engine, Setup};
use balefire_engine::ingest::{Accepted, Sender};
use balefire_engine::node;
use balefire_sources::parsed::{Identity, Parsed, ParsedAlert, Signal};
use balefire_store::{
    Notification, NotificationFilter, NotificationState, Options, Store, StoreUrl,
};
use balefire_template::sandbox::{Sandbox, WorkerCommand};
use parking_lot::Mutex;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::time::Instant;

pub(crate) use self::book::Book;
pub(crate) use self::provider::{Answer, Call, Provider};

/// When the first life of every world begins: 2026-11-21T08:30:00Z.
pub(crate) const BEGIN: Time = Time::from_secs(1_795_249_800);
/// How often a story looks for what must come true before it gives up.
const LOOKS: usize = 2_000;

/// The wall clock of a node: runs with the runtime's time, and can be set.
struct WorldClock {
    /// What it showed at `start`, in microseconds.
    base: AtomicI64,
    start: Mutex<Instant>,
}

impl Clock for WorldClock {
    fn now(&self) -> Time {
        let start = *self.start.lock();
        Time::from_micros(self.base.load(Ordering::Relaxed)).after(start.elapsed())
    }
}

/// What outlives a node: its folder, the time, the providers.
pub(crate) struct World {
    folder: TempDir,
    document: String,
    now: Time,
    providers: Arc<Mutex<BTreeMap<String, Provider>>>,
    books: BTreeMap<String, Book>,
    pub(crate) shadow: bool,
}

impl World {
    /// A world with this document. A provider stands behind each of its accounts.
    pub(crate) fn new(document: &str) -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            document: document.to_owned(),
            now: BEGIN,
            providers: Arc::default(),
            books: BTreeMap::new(),
            shadow: false,
        }
    }

    /// The provider behind an account, which takes one target in a call unless it was made otherwise.
    pub(crate) fn provider(&self, account: &str) -> Provider {
        self.provider_of(account, 1)
    }

    /// The provider behind an account, as a chat whose entry is live. It would take several targets in a call.
    pub(crate) fn live(&self, account: &str) -> Provider {
        let mut providers = self.providers.lock();
        let made = || Provider::new(account, 20).live();
        providers
            .entry(account.to_owned())
            .or_insert_with(made)
            .clone()
    }

    /// The same, of one that takes so many targets in a call.
    pub(crate) fn provider_of(&self, account: &str, per_call: usize) -> Provider {
        let mut providers = self.providers.lock();
        let made = || Provider::new(account, per_call);
        providers
            .entry(account.to_owned())
            .or_insert_with(made)
            .clone()
    }

    /// Puts an address book behind an account, for the lives that begin after this.
    pub(crate) fn book(&mut self, account: &str) -> Book {
        self.books.entry(account.to_owned()).or_default().clone()
    }

    /// So much time passes while no node lives.
    pub(crate) fn skip(&mut self, span: Duration) {
        self.now = self.now.after(span);
    }

    /// Begins a life of the node.
    pub(crate) fn start(&mut self) -> Node<'_> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .expect("a runtime");
        // While this task waits, time does not pass by itself.
        let (hold, released) = mpsc::channel::<()>();
        runtime.spawn_blocking(move || released.recv());
        let (plan, folder) = (self.plan(&self.document), self.folder.path().to_owned());
        let shadow = self.shadow;
        let (engine, clock) = runtime.block_on(async {
            let clock = Arc::new(WorldClock {
                base: AtomicI64::new(self.now.micros()),
                start: Mutex::new(Instant::now()),
            });
            let store = Store::open(&StoreUrl::Embedded(folder), Options::default())
                .await
                .expect("a store");
            // Ends at once, so that every template fails.
            let worker = WorkerCommand {
                program: "/bin/false".into(),
                arguments: Vec::new(),
            };
            let setup = Setup {
                plan: Arc::new(plan),
                store,
                clock: Arc::clone(&clock) as Arc<dyn Clock>,
                sandbox: Sandbox::new(worker, 1),
                shadow,
            };
            (node::start(setup).await.expect("a node"), clock)
        });
        Node {
            world: self,
            engine: Some(engine),
            runtime: Some(runtime),
            clock,
            _hold: hold,
        }
    }

    /// Lets time pass while no node lives.
    pub(crate) fn later(&mut self, span: Duration) {
        self.now = self.now.after(span);
    }

    /// A document as the node gets it: with the world's providers behind its accounts.
    fn plan(&self, document: &str) -> Plan {
        let env: BTreeMap<String, String> = BTreeMap::new();
        let mut plan = balefire_config::load(document, "story.yml", &env)
            .unwrap_or_else(|problems| panic!("{problems:#?}"))
            .plan;
        for entry in plan.receivers.iter_mut().flat_map(|r| &mut r.integrations) {
            // Telephones come and ask: there is nothing to stand in for.
            if let Some(account) = entry.account.as_ref().filter(|_| entry.spec.has_account()) {
                let provider = self.provider(account);
                entry.spec = provider.spec();
                entry.channel = Arc::new(provider);
            }
        }
        let accounts = plan.accounts.iter_mut();
        for (name, account) in accounts.filter(|(_, account)| account.spec.has_account()) {
            let provider = self.provider(name);
            account.spec = provider.spec();
            account.open = Arc::new(move |options| Ok(Arc::new(provider.opened_with(options))));
            let book = self.books.get(&**name).cloned();
            account.directory = book.map(|book| {
                let open = move || Ok(Arc::new(book.clone()) as Arc<dyn Directory>);
                Arc::new(open) as OpenDirectory
            });
        }
        plan
    }
}

/// One life of the node.
pub(crate) struct Node<'w> {
    world: &'w mut World,
    engine: Option<Engine>,
    runtime: Option<Runtime>,
    clock: Arc<WorldClock>,
    _hold: mpsc::Sender<()>,
}

impl Drop for Node<'_> {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            self.world.now = runtime.block_on(async { self.clock.now() });
            drop(self.engine.take());
            runtime.shutdown_background();
        }
    }
}

impl Node<'_> {
    pub(crate) fn engine(&self) -> &Engine {
        self.engine.as_ref().expect("it lives")
    }

    /// Runs something to its end; time stands still.
    pub(crate) fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.as_ref().expect("it lives").block_on(work)
    }

    pub(crate) fn now(&self) -> Time {
        self.run(async { self.clock.now() })
    }

    /// Lets all that can happen at this instant happen: whatever was queued for the disk is written, and
    /// what follows from it, and what follows from that.
    pub(crate) fn settle(&self) {
        let writer = self.engine().store().writer().clone();
        self.run(async {
            for _ in 0..8 {
                for _ in 0..64 {
                    tokio::task::yield_now().await;
                }
                writer.set_meta("story", "goes on").await.expect("a write");
                // A page that is read takes its time, too.
                let read = self.engine().store().meta("story").await.expect("a read");
                assert!(read.is_some());
            }
        });
    }

    /// As long as it takes the disk to write once.
    pub(crate) async fn turn(&self) {
        store_turn(self.engine().store()).await;
    }

    /// Lets so much time pass at once, as for a process that slept.
    pub(crate) fn leap(&self, span: Duration) {
        self.settle();
        self.run(tokio::time::advance(span));
        self.settle();
    }

    /// Lets time pass, a second at a time.
    pub(crate) fn pass(&self, seconds: u64) {
        for _ in 0..seconds {
            self.leap(Duration::from_secs(1));
        }
    }

    /// Lets time pass, a second at a time, until `come_true` holds; answers how many seconds that took.
    pub(crate) fn pass_until(&self, most: u64, come_true: impl Fn() -> bool) -> u64 {
        self.settle();
        for passed in 0..most {
            if come_true() {
                return passed;
            }
            self.leap(Duration::from_secs(1));
        }
        assert!(come_true(), "not after {most} seconds either");
        most
    }

    /// Waits for what must come true at this instant.
    pub(crate) fn until(&self, come_true: impl Fn() -> bool) {
        for _ in 0..LOOKS {
            if come_true() {
                return;
            }
            self.settle();
        }
        panic!("it did not come true");
    }

    /// Sets the wall clock; the runtime's time goes on as before.
    pub(crate) fn set_clock(&self, to: Time) {
        self.run(async {
            *self.clock.start.lock() = Instant::now();
            self.clock.base.store(to.micros(), Ordering::Relaxed);
        });
    }

    /// Ends this life at once.
    pub(crate) fn crash(self) {
        drop(self);
    }

    /// Ends this life in order; what is under way has so much time to end.
    pub(crate) fn stop(mut self, patience: Duration) {
        let engine = self.engine.take().expect("it lives");
        let store = engine.store().clone();
        self.run(async {
            // Here the patience is the only thing that waits for time.
            let stopping = engine.stop(patience);
            tokio::pin!(stopping);
            loop {
                tokio::select! {
                    biased;
                    () = &mut stopping => break,
                    () = store_turn(&store) => tokio::time::advance(patience / 64).await,
                }
            }
            store.close().await;
        });
    }

    /// A document, with the world's providers behind its accounts.
    pub(crate) fn plan_of(&self, document: &str) -> Plan {
        self.world.plan(document)
    }

    pub(crate) fn reload(&self, document: &str) {
        let plan = self.world.plan(document);
        self.run(self.engine().reload(plan)).expect("a reload");
        self.settle();
    }

    /// Takes a batch in.
    pub(crate) fn accept(&self, lifecycle: Lifecycle, alerts: Vec<ParsedAlert>) -> Accepted {
        let sender = Sender {
            source: "story".into(),
            lifecycle,
            labels: Labels::empty(),
            resolve_timeout: Duration::from_mins(5),
        };
        let parsed = Parsed {
            alerts,
            ..Parsed::default()
        };
        self.run(self.engine().accept(&sender, parsed))
            .expect("on disk")
    }

    /// Takes in alerts of a source that says itself when they are over, and lets their groups be told.
    pub(crate) fn fire(&self, names: &[&str]) {
        let alerts = names.iter().map(|name| firing(name)).collect();
        self.accept(Lifecycle::Explicit, alerts);
        self.settle();
    }

    pub(crate) fn resolve(&self, names: &[&str]) {
        let alerts = names.iter().map(|name| resolved(name)).collect();
        self.accept(Lifecycle::Explicit, alerts);
        self.settle();
    }

    /// All notifications, oldest first.
    pub(crate) fn notifications(&self) -> Vec<Notification> {
        let filter = NotificationFilter {
            limit: 1000,
            ..NotificationFilter::default()
        };
        let mut rows = self
            .run(self.engine().store().notifications(&filter))
            .expect("rows");
        rows.reverse();
        rows
    }

    /// The states of all notifications of an account, oldest first.
    pub(crate) fn states(&self, account: &str) -> Vec<NotificationState> {
        let rows = self.notifications().into_iter();
        rows.filter(|row| *row.account == *account)
            .map(|row| row.state)
            .collect()
    }
}

/// A direct message to an account.
pub(crate) fn message(account: &str, title: &str) -> Direct {
    Direct {
        to: Destination::Account {
            name: account.to_owned(),
            options: serde_json::Value::Null,
        },
        words: Words::Text {
            title: title.to_owned(),
            text: String::new(),
        },
        severity: balefire_core::severity::Severity::Warning,
        facts: Vec::new(),
        verifies: None,
    }
}

/// As long as it takes the store to write and read once.
async fn store_turn(store: &Store) {
    for _ in 0..64 {
        tokio::task::yield_now().await;
    }
    // It may be closed already.
    let _ = store.writer().set_meta("story", "ends").await;
}

/// A report of an alert with the labels `alertname=Story, n=<name>`, without times.
pub(crate) fn firing(name: &str) -> ParsedAlert {
    ParsedAlert {
        identity: Identity::Labels,
        signal: Signal::Firing,
        labels: Labels::from_pairs([("alertname", "Story"), ("n", name)]).expect("labels"),
        annotations: Annotations::empty(),
        starts_at: None,
        ends_at: None,
        generator_url: "".into(),
    }
}

/// The same, as bad as it says.
pub(crate) fn as_bad(name: &str, severity: &str) -> ParsedAlert {
    let labels = [("alertname", "Story"), ("n", name), ("severity", severity)];
    ParsedAlert {
        labels: Labels::from_pairs(labels).expect("labels"),
        ..firing(name)
    }
}

pub(crate) fn resolved(name: &str) -> ParsedAlert {
    ParsedAlert {
        signal: Signal::Resolved,
        ..firing(name)
    }
}

/// A document with one receiver, `ops`, that tells the account `a` of every alert by itself.
pub(crate) const EACH: &str = "
accounts: {a: {kind: webhook, url: http://127.0.0.1:1/}}
receivers: [{name: ops, webhook_configs: [{account: a}]}]
route: {receiver: ops, group_by: [n], group_wait: 0s, group_interval: 10s, repeat_interval: 1h}
";
