//! What the node's interface answers, as far as people are shown it. Unknown fields are left alone, so
//! that an older binary can read a newer node.

use std::collections::BTreeMap;

use balefire_core::time::Time;
use serde::Deserialize;

/// Labels or annotations.
pub(crate) type Map = BTreeMap<String, String>;

/// A notification.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Notification {
    pub(crate) seq: u64,
    pub(crate) state: String,
    pub(crate) occasion: String,
    pub(crate) severity: String,
    pub(crate) title: String,
    pub(crate) receiver: String,
    pub(crate) account: String,
    pub(crate) target_label: String,
    pub(crate) reason: Option<String>,
    pub(crate) created_at: Time,
    pub(crate) next_try_at: Option<Time>,
    pub(crate) attempts: u32,
    pub(crate) last_error: Option<String>,
    pub(crate) fallback_of: Option<u64>,
    /// Only of one that was asked for by number.
    #[serde(default)]
    pub(crate) text: String,
    /// Likewise.
    #[serde(default)]
    pub(crate) tries: Vec<Try>,
    /// Likewise.
    #[serde(default)]
    pub(crate) receipts: Vec<Receipt>,
}

/// What a provider said of it after it had taken it.
#[derive(Debug, Deserialize)]
pub(crate) struct Receipt {
    pub(crate) at: Time,
    pub(crate) state: String,
    pub(crate) detail: String,
}

/// One try of a notification.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Try {
    pub(crate) number: u32,
    pub(crate) at: Time,
    pub(crate) took_micros: u64,
    pub(crate) kind: String,
    pub(crate) answer: Option<String>,
    /// What a person can do about a failure.
    #[serde(default)]
    pub(crate) fix: Option<String>,
}

impl Try {
    /// The provider's words, and what to do about a failure.
    pub(crate) fn words(&self) -> String {
        let answer = self.answer.as_deref().unwrap_or_default();
        match self.fix.as_deref() {
            None => answer.to_owned(),
            Some(fix) => format!("{answer}; fix: {fix}"),
        }
    }

    /// How long it took, in milliseconds.
    pub(crate) fn millis(&self) -> u64 {
        self.took_micros / 1000
    }
}

/// An alert with what the rules say of it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Alert {
    pub(crate) fingerprint: String,
    pub(crate) labels: Map,
    pub(crate) annotations: Map,
    pub(crate) severity: String,
    pub(crate) starts_at: Time,
    pub(crate) ends_at: Option<Time>,
    pub(crate) state: String,
    pub(crate) silenced_by: Vec<String>,
    pub(crate) inhibited_by: Vec<String>,
    pub(crate) muted_by: Vec<String>,
    pub(crate) receivers: Vec<String>,
    /// Only of one that was asked for by fingerprint.
    #[serde(default)]
    pub(crate) routes: Vec<RouteTried>,
    /// Likewise.
    #[serde(default)]
    pub(crate) groups: Vec<Group>,
    /// Likewise.
    #[serde(default)]
    pub(crate) decisions: Vec<Decision>,
}

/// One route that was tried for an alert.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RouteTried {
    pub(crate) route: String,
    pub(crate) depth: usize,
    pub(crate) receiver: String,
    pub(crate) verdict: String,
    pub(crate) matcher: Option<String>,
    pub(crate) value: Option<String>,
    pub(crate) stopped_by: Option<String>,
}

/// A group that an alert is in.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Group {
    pub(crate) receiver: String,
    pub(crate) labels: Map,
    pub(crate) count: usize,
    pub(crate) next_flush: Time,
    pub(crate) muted_by: Vec<String>,
    pub(crate) told: Vec<Told>,
}

/// When a way out was last told.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Told {
    pub(crate) integration: String,
    pub(crate) at: Time,
}

/// A decision.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Decision {
    pub(crate) seq: u64,
    pub(crate) at: Time,
    pub(crate) flushes: Vec<Flush>,
}

/// One look at a group.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Flush {
    pub(crate) muted_by: Vec<String>,
    pub(crate) alerts: Vec<Judged>,
    pub(crate) obligations: Vec<Obligation>,
}

/// An alert in a flush.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Judged {
    pub(crate) fingerprint: String,
    pub(crate) status: String,
    pub(crate) verdict: String,
    pub(crate) by: Vec<String>,
}

/// One destination that must be told.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Obligation {
    pub(crate) integration: String,
    pub(crate) reason: String,
}

/// A silence.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Silence {
    pub(crate) id: String,
    pub(crate) state: String,
    pub(crate) matcher_sets: Vec<Vec<String>>,
    pub(crate) starts_at: Time,
    pub(crate) ends_at: Time,
    pub(crate) created_by: String,
    pub(crate) comment: String,
    /// Only of one that was asked for by id.
    pub(crate) matches: Option<usize>,
}

impl Silence {
    /// Its matchers as they are written.
    pub(crate) fn matchers(&self) -> String {
        let sets: Vec<String> = self.matcher_sets.iter().map(|set| set.join(" ")).collect();
        sets.join(" or ")
    }
}

/// A reminder.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reminder {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) content: String,
    pub(crate) email: String,
    pub(crate) ways: Vec<ReminderWay>,
    pub(crate) owner: Option<String>,
    pub(crate) advance_days: u32,
    pub(crate) expires_at: Time,
    pub(crate) handled_at: Option<Time>,
    pub(crate) handled_by: Option<String>,
    /// Only of one that was asked for by its number, as is the rest.
    pub(crate) next_told_at: Option<Time>,
    #[serde(default)]
    pub(crate) told: Vec<ReminderTold>,
}

/// A way a reminder is told by.
#[derive(Debug, Deserialize)]
pub(crate) struct ReminderWay {
    pub(crate) account: Option<String>,
    pub(crate) receiver: Option<String>,
}

/// A stage of a reminder that was told.
#[derive(Debug, Deserialize)]
pub(crate) struct ReminderTold {
    pub(crate) date: String,
    pub(crate) stage: i64,
    pub(crate) way: String,
    pub(crate) at: Time,
}

impl Reminder {
    /// Addresses, accounts and receivers.
    pub(crate) fn ways(&self) -> String {
        let mail = Some(&self.email).filter(|email| !email.is_empty());
        let others = self
            .ways
            .iter()
            .filter_map(|way| way.account.as_ref().or(way.receiver.as_ref()));
        let all: Vec<&str> = mail.into_iter().chain(others).map(String::as_str).collect();
        all.join(", ")
    }

    /// Who has seen to it; empty while nobody has.
    pub(crate) fn seen_by(&self) -> String {
        match (&self.handled_at, self.handled_by.as_deref()) {
            (None, _) => String::new(),
            (Some(_), None | Some("")) => "somebody".to_owned(),
            (Some(_), Some(by)) => by.to_owned(),
        }
    }
}

/// What a test of a reminder came to by one way.
#[derive(Debug, Deserialize)]
pub(crate) struct Tested {
    pub(crate) way: String,
    pub(crate) notifications: Vec<Sent>,
    pub(crate) error: Option<String>,
}

/// One notification of a test.
#[derive(Debug, Deserialize)]
pub(crate) struct Sent {
    pub(crate) target: String,
    pub(crate) state: String,
    pub(crate) detail: String,
}

/// How a node is.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Status {
    pub(crate) version: String,
    pub(crate) node: u16,
    pub(crate) well: bool,
    pub(crate) started_at: Time,
    pub(crate) uptime_seconds: u64,
    pub(crate) config_version: String,
    pub(crate) alerts: usize,
    pub(crate) groups: usize,
    pub(crate) pending_notifications: i64,
    pub(crate) store: Store,
}

/// A node's store.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Store {
    pub(crate) place: String,
    pub(crate) bytes: u64,
    pub(crate) last_event: u64,
    pub(crate) queued: usize,
    pub(crate) disk_full: bool,
    pub(crate) durability: Vec<Durability>,
}

/// A setting that bears on durability.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Durability {
    pub(crate) setting: String,
    pub(crate) value: String,
    pub(crate) safe: bool,
    pub(crate) advice: String,
}

/// Labels as `{a="b", c="d"}`.
pub(crate) fn labels(map: &Map) -> String {
    let pairs: Vec<String> = map
        .iter()
        .map(|(name, value)| format!("{name}={value:?}"))
        .collect();
    format!("{{{}}}", pairs.join(", "))
}
