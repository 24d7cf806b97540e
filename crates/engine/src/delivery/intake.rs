//! How notifications reach a lane: in memory as long as there is room, else through the store.
//!
//! A row is on disk before it is handed over. When a lane is full, rows are simply left there, and the lane
//! reads them, oldest first, as soon as it has room again. After a start every lane begins that way.

use std::sync::Arc;

use balefire_store::{Notification, NotificationState};
use parking_lot::Mutex;
use rustc_hash::FxHashSet;
use tokio::sync::{Notify, mpsc};

use super::bundle::Bundle;
use super::content::Content;
use super::shared::Shared;

/// Hand-overs that may wait in memory between the dispatcher and a lane.
const HANDED: usize = 1024;
/// Rows read from the store at a time.
const PAGE: usize = 512;

/// The lowest number that was left in the store, if any was.
type Left = Option<u64>;

/// The dispatcher's end.
pub(crate) struct Handoff {
    lane: Arc<str>,
    hands: mpsc::Sender<Vec<Bundle>>,
    left: Mutex<Left>,
    more: Notify,
}

/// The lane's end.
pub(crate) struct Intake {
    handoff: Arc<Handoff>,
    hands: mpsc::Receiver<Vec<Bundle>>,
    /// Rows up to here have been read since the last time something was left in the store.
    read_to: u64,
    /// Rows this lane holds or has ended without the store knowing yet.
    alive: FxHashSet<u64>,
}

impl Handoff {
    /// Both ends; the lane begins by reading what the store holds for it.
    pub(crate) fn new(lane: Arc<str>) -> (Arc<Self>, Intake) {
        let (hands, received) = mpsc::channel(HANDED);
        let handoff = Arc::new(Self {
            lane,
            hands,
            left: Mutex::new(Some(0)),
            more: Notify::new(),
        });
        let intake = Intake {
            handoff: Arc::clone(&handoff),
            hands: received,
            read_to: u64::MAX,
            alive: FxHashSet::default(),
        };
        (handoff, intake)
    }

    /// Gives bundles to the lane, or leaves them in the store when it is full or still reading.
    pub(crate) fn give(&self, bundles: Vec<Bundle>) {
        let lowest = bundles.iter().map(Bundle::seq).min().unwrap_or(u64::MAX);
        let mut left = self.left.lock();
        if left.is_none() && self.hands.try_send(bundles).is_ok() {
            return;
        }
        *left = Some(left.map_or(lowest, |l| l.min(lowest)));
        self.more.notify_one();
    }
}

impl Intake {
    /// The next bundles; waits until there are any. Nothing is lost when the wait is broken off.
    pub(crate) async fn next(&mut self, per_call: usize, shared: &Shared) -> Vec<Bundle> {
        loop {
            if let Ok(bundles) = self.hands.try_recv() {
                return self.taken(bundles);
            }
            if self.begin_page() {
                let after = self.read_to.saturating_sub(1);
                match shared
                    .store
                    .pending(Some(&self.handoff.lane), after, PAGE)
                    .await
                {
                    Ok(rows) => {
                        let bundles = self.page(rows, per_call);
                        if !bundles.is_empty() {
                            return self.taken(bundles);
                        }
                        continue;
                    }
                    Err(error) => {
                        tracing::error!(lane = &*self.handoff.lane, %error, "waiting notifications could not be read");
                        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
                        continue;
                    }
                }
            }
            tokio::select! {
                bundles = self.hands.recv() => {
                    return self.taken(bundles.unwrap_or_default());
                }
                () = self.handoff.more.notified() => {}
            }
        }
    }

    /// Whether rows were left in the store; sets where to read on from.
    fn begin_page(&mut self) -> bool {
        let mut left = self.handoff.left.lock();
        let Some(lowest) = *left else { return false };
        self.read_to = self.read_to.min(lowest);
        *left = Some(u64::MAX);
        true
    }

    /// Takes a page; a short one ends the reading, unless more was left meanwhile.
    fn page(&mut self, rows: Vec<Notification>, per_call: usize) -> Vec<Bundle> {
        if let Some(last) = rows.last() {
            self.read_to = last.seq + 1;
        }
        if rows.len() < PAGE {
            let mut left = self.handoff.left.lock();
            if *left == Some(u64::MAX) {
                *left = None;
                self.read_to = u64::MAX;
            }
        }
        let mut bundles = Vec::new();
        let mut same: Vec<Notification> = Vec::new();
        for row in rows {
            if self.alive.contains(&row.seq) || row.state != NotificationState::Pending {
                continue;
            }
            if same.first().is_some_and(|first| !together(first, &row)) {
                bundles.extend(bundled(std::mem::take(&mut same), per_call));
            }
            same.push(row);
        }
        bundles.extend(bundled(same, per_call));
        bundles
    }

    fn taken(&mut self, bundles: Vec<Bundle>) -> Vec<Bundle> {
        self.alive.extend(
            bundles
                .iter()
                .flat_map(|bundle| &bundle.rows)
                .map(|row| row.seq),
        );
        bundles
    }

    /// The store knows the end of this row.
    pub(crate) fn forget(&mut self, seq: u64) {
        self.alive.remove(&seq);
    }
}

/// Whether two rows go out in one call.
fn together(a: &Notification, b: &Notification) -> bool {
    a.decision == b.decision
        && a.group == b.group
        && a.integration == b.integration
        && a.next_try_at == b.next_try_at
        && a.payload == b.payload
}

fn bundled(rows: Vec<Notification>, per_call: usize) -> Vec<Bundle> {
    let Some(content) = rows.first().and_then(|row| Content::decode(&row.payload)) else {
        return Vec::new();
    };
    Bundle::of(rows, &content, per_call)
}
