//! One heartbeat in memory.

use std::sync::Arc;

use balefire_config::heartbeat::Heartbeat;
use balefire_core::duration;
use balefire_core::heartbeat::{Beat, Down, Pace};
use balefire_core::label::Labels;
use balefire_core::time::Time;
use balefire_store::HeartbeatRow;

use super::Heard;

/// A heartbeat, and what became of its alert.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// What it is waited for with, in words.
    pub(super) pace: Arc<str>,
    pub(super) beat: Beat,
    /// The labels of the alert that is out, or is about to be.
    pub(super) raised: Option<Labels>,
    /// Whether the alert is in the log as it should be.
    pub(super) told: bool,
    pub(super) sender: Arc<str>,
    pub(super) body: Arc<str>,
    /// When it is down if nothing is heard; reckoned once for each change.
    pub(super) down_at: Option<Time>,
    /// Whether nobody waits for it any more.
    pub(super) gone: bool,
}

/// The words for a pace.
fn words(pace: &Pace) -> Arc<str> {
    format!("{} {}", pace.rhythm, duration::format(pace.grace)).into()
}

impl Entry {
    /// One of which nothing was ever heard.
    pub(super) fn new(heartbeat: &Heartbeat) -> Self {
        Self {
            pace: words(&heartbeat.pace),
            beat: Beat::default(),
            raised: None,
            told: false,
            sender: "".into(),
            body: "".into(),
            down_at: None,
            gone: false,
        }
    }

    /// One as it was left.
    pub(super) fn of(row: HeartbeatRow) -> Self {
        let raised = row.raised.as_deref();
        Self {
            pace: row.pace,
            beat: row.beat,
            raised: raised.and_then(|text| serde_json::from_str(text).ok()),
            told: false,
            sender: row.sender,
            body: row.body,
            down_at: None,
            gone: true,
        }
    }

    pub(super) fn row(&self, name: &Arc<str>) -> HeartbeatRow {
        let raised = self.raised.as_ref();
        HeartbeatRow {
            name: Arc::clone(name),
            pace: Arc::clone(&self.pace),
            beat: self.beat.clone(),
            raised: raised.and_then(|labels| Some(serde_json::to_string(labels).ok()?.into())),
            sender: Arc::clone(&self.sender),
            body: Arc::clone(&self.body),
        }
    }

    /// Waits for it as is asked now; whether that changed anything.
    pub(super) fn follow(&mut self, heartbeat: &Heartbeat, now: Time) -> bool {
        let pace = words(&heartbeat.pace);
        let changed = pace != self.pace;
        if changed {
            // By another measure it may long be over, which is no fault of the job's.
            self.beat.wait_anew(now);
            self.pace = pace;
        }
        self.reckon(heartbeat);
        changed
    }

    /// Takes in a signal; whether an alert is to be raised or ended for it.
    pub(super) fn hear(&mut self, heartbeat: &Heartbeat, heard: Heard, now: Time) -> bool {
        let before = self.beat.down;
        self.beat.hear(heard.signal, heard.run, now);
        self.sender = heard.sender;
        self.body = heard.body;
        self.fell(heartbeat, before);
        self.reckon(heartbeat);
        self.beat.down != before || (self.raised.is_some() && self.beat.down.is_none())
    }

    /// Declares it down when its time is over; whether it did.
    pub(super) fn miss(&mut self, heartbeat: &Heartbeat, now: Time) -> bool {
        if self.down_at.is_none_or(|at| now < at) || !self.beat.miss(&heartbeat.pace, now) {
            return false;
        }
        self.fell(heartbeat, None);
        self.reckon(heartbeat);
        true
    }

    /// After it may have gone down: its alert is about to be out, or to say something else.
    fn fell(&mut self, heartbeat: &Heartbeat, before: Option<Down>) {
        if self.beat.down.is_some() && self.beat.down != before {
            self.raised.get_or_insert_with(|| heartbeat.labels.clone());
            self.told = false;
        }
    }

    /// As if nothing had been heard; what is out of its alert is still to be ended.
    pub(super) fn forget(&mut self) {
        self.beat = Beat::default();
        self.told = false;
        self.sender = "".into();
        self.body = "".into();
        self.down_at = None;
    }

    pub(super) fn reckon(&mut self, heartbeat: &Heartbeat) {
        self.down_at = self.beat.standing(&heartbeat.pace, Time::EPOCH).down_at;
    }
}
