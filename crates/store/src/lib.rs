//! All SQL of Balefire: the event log, decisions, notifications and what else must outlive the process.
//!
//! One code path serves SQLite (embedded, the default), PostgreSQL and MySQL/MariaDB; only `dialect`
//! knows which is which. Everything is written by one task ([`Writer`]) in group commits; readers use
//! connections of their own. How rows are laid out, and why, is in ARCHITECTURE.md, "The log-structured store".
#![warn(missing_docs)]

mod alarm;
mod alarm_claim;
mod alarm_department;
mod alarm_group;
mod apptools;
mod booking;
mod calendar;
mod call;
mod chat_group;
mod check;
mod checkpoint;
mod codec;
mod contact;
mod db;
mod deadline;
mod decision;
mod detail;
mod dialect;
mod durability;
mod embedded;
mod error;
mod escalation;
mod event;
mod file;
mod forwarding;
mod heartbeat;
mod heartbeat_made;
mod identity;
mod incident;
mod inquiry;
mod key;
mod migrate;
mod monitor;
mod name;
mod notification;
mod notifications;
mod open;
mod pool;
mod posted;
mod prune;
mod rare;
mod receipt;
mod record;
mod reminder;
mod reply_code;
mod said;
mod silence_series;
mod tail;
mod told_last;
mod url;
mod writer;

use std::sync::Arc;

use balefire_core::event::Seq;

pub use alarm::{Alarm, AlarmFilter, AlarmWay, NewAlarm};
pub use alarm_claim::CutOff;
pub use alarm_department::{AlarmDepartmentRow, DepartmentPut};
pub use alarm_group::AlarmGroupRow;
pub use apptools::{AppToolsRow, AppToolsRows, read_apptools};
pub use booking::Bookings;
pub use calendar::{CalendarRow, CalendarSettled, Calendars};
pub use call::{CallEnd, CallFilter, CallState, PhoneAgent, PhoneCall};
pub use chat_group::{ChatGroup, ChatGroupClaim};
pub use check::CheckProgress;
pub use contact::AddressHash;
pub use error::{OpenError, StoreError};
pub use escalation::{
    EscalationRow, GroupWord, Page, PageOutcome, escalated, noted, page_ended, paged, word,
};
pub use file::{File, FileKept, FileQuota, FileTotals};
pub use forwarding::{Forwarded, Forwarding};
pub use heartbeat::HeartbeatRow;
pub use heartbeat_made::{HeartbeatChange, MAX_HEARTBEATS, MadeHeartbeat, MadeHeartbeats};
pub use identity::IdentityRow;
pub use incident::{Filed, IncidentFilter, IncidentSort, Opened, SameText, Which};
pub use inquiry::Inquiry;
pub use monitor::MonitorRow;
pub use notification::{
    Attempt, Decided, Decision, DecisionRow, Fact, Notification, NotificationFilter,
    NotificationState, Settlement,
};
pub use open::Options;
pub use posted::PostedRow;
pub use receipt::{Awaited, Receipt, ReceiptState};
pub use record::{
    Checkpoint, ConfigVersion, DurabilityFinding, Pruned, Rejected, Retention, WriterStats,
};
pub use reminder::{
    ReminderFilter, ReminderKey, ReminderOrder, ReminderPut, TOLD_SHOWN, Told, told,
};
pub use reply_code::{ReplyCode, coded};
pub use silence_series::MAX_SERIES;
pub use tail::Tail;
pub use told_last::told_last;
pub use url::StoreUrl;
pub use writer::Writer;

use deadline::within;
use name::Names;
use pool::Pool;
use tail::Fresh;

/// An open store; cheap to clone.
#[derive(Clone, Debug)]
pub struct Store(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    node: u16,
    /// The folder or the kind of server, for messages.
    place: String,
    pool: Pool,
    names: Arc<Names>,
    fresh: Arc<Fresh>,
    writer: Writer,
    durability: Vec<DurabilityFinding>,
    lock: Option<embedded::Lock>,
}

impl Store {
    /// The handle for everything that writes.
    pub fn writer(&self) -> &Writer {
        &self.0.writer
    }

    /// Follows the log from after event `after`.
    pub fn tail(&self, after: Seq) -> Tail {
        Tail::new(self.clone(), after)
    }

    /// The node this process writes as.
    pub fn node(&self) -> u16 {
        self.0.node
    }

    /// The data folder, or the kind of server; without credentials.
    pub fn place(&self) -> &str {
        &self.0.place
    }

    /// How safe the database says acknowledged data is.
    pub fn durability(&self) -> &[DurabilityFinding] {
        &self.0.durability
    }

    /// Commits what waits and closes all connections; afterwards calls answer [`StoreError::Closed`]
    /// and another process may open the store.
    pub async fn close(&self) {
        let closed = async {
            self.0.writer.close().await;
            self.0.pool.close().await;
            Ok(())
        };
        // What waits was asked for by nobody who still waits; a server that says nothing cannot be waited for.
        let _ = within(deadline::CLOSE, self.0.pool.dialect(), closed).await;
        if let Some(lock) = &self.0.lock {
            lock.release();
        }
    }

    pub(crate) fn pool(&self) -> &Pool {
        &self.0.pool
    }

    pub(crate) fn fresh(&self) -> &Fresh {
        &self.0.fresh
    }

    /// The word of a number, which another node may have added.
    pub(crate) async fn word(&self, id: i64) -> Result<Arc<str>, StoreError> {
        if let Some(word) = self.0.names.word(id) {
            return Ok(word);
        }
        self.0.names.reload(&self.0.pool).await?;
        let unknown = || StoreError::Corrupt(format!("name {id} is not in the dictionary"));
        self.0.names.word(id).ok_or_else(unknown)
    }

    /// The number of a word, if any row uses it.
    pub(crate) async fn word_id(&self, word: &str) -> Result<Option<i64>, StoreError> {
        if let Some(id) = self.0.names.id(word) {
            return Ok(Some(id));
        }
        self.0.names.reload(&self.0.pool).await?;
        Ok(self.0.names.id(word))
    }
}
