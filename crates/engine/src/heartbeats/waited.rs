//! Which heartbeats are waited for: the document's, and beside them those that people make while the node runs.
//!
//! Both are heartbeats alike from here on. The set is made anew when the document or what people have made changes; of one
//! name the document's counts, and the other comes back when the document no longer has it.

use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use balefire_config::heartbeat::{Heartbeat, Heartbeats as All, TokenHash};
use balefire_config::plan::Plan;
use balefire_core::heartbeat::Wanted;
use balefire_core::time::Time;
use balefire_store::{MadeHeartbeat, MadeHeartbeats, Store, StoreError};
use data_encoding::HEXLOWER;

/// Who made a heartbeat while the node ran, and who changed it last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// Who made it.
    pub by: Arc<str>,
    /// When.
    pub at: Time,
    /// Who changed it last, or gave it another token.
    pub changed_by: Arc<str>,
    /// When.
    pub changed_at: Time,
}

/// What people have made, and the set that it came to last.
pub(crate) struct Waited {
    made: ArcSwap<MadeHeartbeats>,
    last: ArcSwap<Last>,
}

struct Last {
    plan: Arc<Plan>,
    made: Arc<MadeHeartbeats>,
    all: Arc<All>,
    deeds: BTreeMap<Arc<str>, Made>,
}

impl Waited {
    /// Reads what people have made.
    pub(crate) async fn load(store: &Store, plan: &Arc<Plan>) -> Result<Self, StoreError> {
        let made = Arc::new(store.made_heartbeats().await?);
        Ok(Self {
            last: ArcSwap::from_pointee(Last::new(plan, &made)),
            made: ArcSwap::new(made),
        })
    }

    fn of(&self, plan: &Arc<Plan>) -> Arc<Last> {
        let made = self.made.load_full();
        let last = self.last.load_full();
        if Arc::ptr_eq(&last.plan, plan) && Arc::ptr_eq(&last.made, &made) {
            return last;
        }
        // Two who ask at once make it twice, which costs a moment and harms nothing.
        let last = Arc::new(Last::new(plan, &made));
        self.last.store(Arc::clone(&last));
        last
    }

    /// All that are waited for with a document.
    pub(crate) fn all(&self, plan: &Arc<Plan>) -> Arc<All> {
        Arc::clone(&self.of(plan).all)
    }

    /// Who made one; `None` for one of the document.
    pub(crate) fn made(&self, plan: &Arc<Plan>, name: &str) -> Option<Made> {
        self.of(plan).deeds.get(name).cloned()
    }

    /// Reads anew what people have made, when another node or this one has changed it; whether it was.
    pub(crate) async fn refresh(&self, store: &Store) -> Result<bool, StoreError> {
        if store.heartbeats_revision().await? == self.made.load().revision {
            return Ok(false);
        }
        self.made.store(Arc::new(store.made_heartbeats().await?));
        Ok(true)
    }
}

impl Last {
    fn new(plan: &Arc<Plan>, made: &Arc<MadeHeartbeats>) -> Self {
        let zone = &plan.server.reader.zone;
        let read = made.list.iter().filter_map(|row| match read(row, zone) {
            Ok(heartbeat) => Some(Arc::new(heartbeat)),
            Err(why) => {
                tracing::warn!(heartbeat = %row.name, %why, "a heartbeat that was made cannot be waited for");
                None
            }
        });
        let all = plan.heartbeats.beside(read);
        let deeds = made.list.iter().filter_map(|row| {
            let heartbeat = all.get(&row.name)?;
            if heartbeat.is_of_document() {
                tracing::warn!(heartbeat = %row.name, "the document's heartbeat of this name counts, the one that was made waits");
                return None;
            }
            let made = Made {
                by: Arc::clone(&row.made_by),
                at: row.made_at,
                changed_by: Arc::clone(&row.changed_by),
                changed_at: row.changed_at,
            };
            Some((Arc::clone(&row.name), made))
        });
        Self {
            deeds: deeds.collect(),
            all: Arc::new(all),
            plan: Arc::clone(plan),
            made: Arc::clone(made),
        }
    }
}

/// Reads a row; a rule that is stricter than when it was made is told in words.
fn read(row: &MadeHeartbeat, zone: &str) -> Result<Heartbeat, String> {
    let wanted = wanted(row).ok_or("what was asked for cannot be read")?;
    let token = HEXLOWER.decode(row.token.as_bytes()).ok();
    let token: Option<TokenHash> = token.and_then(|bytes| bytes.try_into().ok());
    let token = token.ok_or("the hash of its token cannot be read")?;
    Heartbeat::made(wanted, token, zone).map_err(|faults| {
        let words: Vec<String> = faults.iter().map(ToString::to_string).collect();
        words.join("; ")
    })
}

/// What a row asks for.
pub(crate) fn wanted(row: &MadeHeartbeat) -> Option<Wanted> {
    serde_json::from_str(&row.body).ok()
}
