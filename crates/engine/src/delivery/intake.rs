//! How notifications reach a lane: in memory as long as there is room, else through the store.
//!
//! A row is on disk before it is handed over. When a lane is full, rows are simply left there, and the lane
//! reads them, oldest first, as soon as it has room again. After a start every lane begins that way.
//!
//! A row that is committed and not yet handed over may be read by a page first. Therefore the lane knows
//! which rows it holds and which numbers its pages covered, and takes none twice.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use balefire_store::{Notification, NotificationState, Store, StoreError};
use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use rustc_hash::FxHashSet;
use tokio::sync::{Notify, mpsc};

use super::bundle::{Bundle, together};
use super::content::Content;
use super::lane::Changes;
use super::per_call::PerCall;

/// Hand-overs that may wait in memory between the dispatcher and a lane.
const HANDED: usize = 1024;
/// Rows read from the store at a time.
const PAGE: usize = 512;
/// How long after a page that could not be read the next try is made.
const READ_AGAIN: Duration = Duration::from_secs(1);

/// What was left in the store for the lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Left {
    Nothing,
    /// Rows from this number on.
    From(u64),
    /// The lane reads them; nothing more was left since.
    Reading,
}

/// The end at which bundles are handed over.
pub(crate) struct Handoff {
    lane: Arc<str>,
    hands: mpsc::Sender<Vec<Bundle>>,
    left: Mutex<Left>,
    more: Notify,
    changes: Arc<Changes>,
}

/// The lane's end.
pub(crate) struct Intake {
    handoff: Arc<Handoff>,
    hands: mpsc::Receiver<Vec<Bundle>>,
    store: Store,
    /// The page being read.
    page: Option<BoxFuture<'static, Result<Vec<Notification>, StoreError>>>,
    /// Where the next page begins; `u64::MAX` while nothing is left.
    read_from: u64,
    /// The numbers that the pages have covered since the reading began.
    covered: Range<u64>,
    /// Rows this lane holds or has ended without the store knowing yet.
    alive: FxHashSet<u64>,
    /// Rows that ended while a page was being read, which may still show them.
    ended: Vec<u64>,
}

/// What a lane takes in at once.
#[derive(Default)]
pub(crate) struct Taken {
    pub(crate) bundles: Vec<Bundle>,
    /// Rows whose content is not ours to read: of a newer release, or damaged.
    pub(crate) unreadable: Vec<Notification>,
}

impl Taken {
    fn is_empty(&self) -> bool {
        self.bundles.is_empty() && self.unreadable.is_empty()
    }
}

impl Handoff {
    /// Both ends; the lane begins by reading what the store holds for it.
    pub(crate) fn new(lane: Arc<str>, store: Store) -> (Arc<Self>, Intake) {
        let (hands, received) = mpsc::channel(HANDED);
        let handoff = Arc::new(Self {
            lane,
            hands,
            left: Mutex::new(Left::From(0)),
            more: Notify::new(),
            changes: Arc::default(),
        });
        let intake = Intake {
            handoff: Arc::clone(&handoff),
            hands: received,
            store,
            page: None,
            read_from: u64::MAX,
            covered: 0..0,
            alive: FxHashSet::default(),
            ended: Vec::new(),
        };
        (handoff, intake)
    }

    /// Live messages that the lane is to change.
    pub(crate) fn changes(&self) -> &Arc<Changes> {
        &self.changes
    }

    /// Gives bundles to the lane, or leaves them in the store when it is full or still reading.
    pub(crate) fn give(&self, bundles: Vec<Bundle>) {
        let Some(lowest) = bundles.iter().map(Bundle::seq).min() else {
            return;
        };
        let mut left = self.left.lock();
        if *left == Left::Nothing && self.hands.try_send(bundles).is_ok() {
            return;
        }
        self.leave_from(&mut left, lowest);
    }

    /// Lets the lane read this row from the store: a dead letter that is tried again.
    pub(crate) fn look_at(&self, seq: u64) {
        self.leave_from(&mut self.left.lock(), seq);
    }

    fn leave_from(&self, left: &mut Left, seq: u64) {
        *left = match *left {
            Left::From(lowest) => Left::From(lowest.min(seq)),
            Left::Nothing | Left::Reading => Left::From(seq),
        };
        self.more.notify_one();
    }
}

impl Intake {
    /// Live messages that are to be changed.
    pub(crate) fn changes(&self) -> Arc<Changes> {
        Arc::clone(&self.handoff.changes)
    }

    /// Whether rows were left in the store for the lane to read when it has room.
    pub(crate) fn has_more(&self) -> bool {
        *self.handoff.left.lock() != Left::Nothing
    }

    /// The next bundles; waits until there are any. Nothing is lost when the wait is broken off.
    pub(crate) async fn next(&mut self, per_call: &PerCall) -> Taken {
        loop {
            let taken = self.handed();
            if !taken.is_empty() {
                return taken;
            }
            if self.turn_page() {
                let taken = self.read(per_call).await;
                if !taken.is_empty() {
                    return taken;
                }
                continue;
            }
            tokio::select! {
                Some(bundles) = self.hands.recv() => {
                    let taken = self.fresh(bundles);
                    if !taken.is_empty() {
                        return taken;
                    }
                }
                () = self.handoff.more.notified() => {}
            }
        }
    }

    /// What lies ready in memory.
    fn handed(&mut self) -> Taken {
        while let Ok(bundles) = self.hands.try_recv() {
            let taken = self.fresh(bundles);
            if !taken.is_empty() {
                return taken;
            }
        }
        Taken::default()
    }

    /// Those that no page has brought before.
    fn fresh(&mut self, mut bundles: Vec<Bundle>) -> Taken {
        bundles.retain(|bundle| {
            let seq = bundle.seq();
            !self.alive.contains(&seq) && !self.covered.contains(&seq)
        });
        let rows = bundles.iter().flat_map(|bundle| &bundle.rows);
        self.alive.extend(rows.map(|row| row.seq));
        Taken {
            bundles,
            unreadable: Vec::new(),
        }
    }

    /// Begins a page unless one is being read; whether there is one.
    fn turn_page(&mut self) -> bool {
        if self.page.is_some() {
            return true;
        }
        {
            let mut left = self.handoff.left.lock();
            match *left {
                Left::Nothing => return false,
                Left::Reading => {}
                Left::From(lowest) => {
                    if self.read_from == u64::MAX {
                        self.covered = lowest..lowest;
                    }
                    self.read_from = self.read_from.min(lowest);
                    self.covered.start = self.covered.start.min(lowest);
                    *left = Left::Reading;
                }
            }
        }
        let (store, lane) = (self.store.clone(), Arc::clone(&self.handoff.lane));
        let after = self.read_from.saturating_sub(1);
        self.page = Some(Box::pin(async move {
            store.pending(Some(&lane), after, PAGE).await
        }));
        true
    }

    async fn read(&mut self, per_call: &PerCall) -> Taken {
        let Some(page) = &mut self.page else {
            return Taken::default();
        };
        match page.await {
            Ok(rows) => {
                self.page = None;
                let taken = self.take_page(rows, per_call);
                for seq in std::mem::take(&mut self.ended) {
                    self.alive.remove(&seq);
                }
                taken
            }
            Err(error) => {
                let lane = Arc::clone(&self.handoff.lane);
                // That the database is away is said once, by the store.
                if !error.is_transient() {
                    tracing::error!(lane = &*lane, %error, "waiting notifications could not be read, trying again");
                }
                let (store, after) = (self.store.clone(), self.read_from.saturating_sub(1));
                self.page = Some(Box::pin(async move {
                    tokio::time::sleep(READ_AGAIN).await;
                    store.pending(Some(&lane), after, PAGE).await
                }));
                Taken::default()
            }
        }
    }

    /// Takes a page; a short one ends the reading, unless more was left meanwhile.
    fn take_page(&mut self, rows: Vec<Notification>, per_call: &PerCall) -> Taken {
        // What was handed over before something was left, and not looked at yet, comes first; the page may
        // show it too.
        let covered = std::mem::take(&mut self.covered);
        let mut taken = Taken::default();
        while let Ok(bundles) = self.hands.try_recv() {
            taken.bundles.extend(self.fresh(bundles).bundles);
        }
        self.covered = covered;
        if let Some(last) = rows.last() {
            self.read_from = last.seq + 1;
            self.covered.end = self.covered.end.max(last.seq + 1);
        }
        if rows.len() < PAGE {
            let mut left = self.handoff.left.lock();
            if *left == Left::Reading {
                *left = Left::Nothing;
                self.read_from = u64::MAX;
            }
        }
        let waits = |row: &Notification| row.state == NotificationState::Pending;
        let new: Vec<Notification> = rows
            .into_iter()
            .filter(|row| waits(row) && self.alive.insert(row.seq))
            .collect();
        let mut new = new.into_iter().peekable();
        while let Some(first) = new.next() {
            let mut same = vec![first];
            while let Some(next) = new.next_if(|next| together(&same[0], next)) {
                same.push(next);
            }
            match Content::decode(&same[0].payload) {
                Some(content) => taken.bundles.extend(Bundle::of(same, &content, per_call)),
                None => taken.unreadable.extend(same),
            }
        }
        taken
    }

    /// The store knows the end of this row.
    pub(crate) fn forget(&mut self, seq: u64) {
        if self.page.is_some() {
            self.ended.push(seq);
        } else {
            self.alive.remove(&seq);
        }
    }
}
