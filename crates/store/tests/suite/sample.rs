//! Things to store.

use std::sync::Arc;

use balefire_core::alert::{Alert, Lifecycle};
use balefire_core::event::{Event, Input};
use balefire_core::label::Labels;
use balefire_core::message::Occasion;
use balefire_core::severity::Severity;
use balefire_core::time::Time;
use balefire_store::{Attempt, Decision, Notification, NotificationState, Settlement};

pub(crate) fn at(secs: i64) -> Time {
    Time::from_secs(1_800_000_000 + secs)
}

pub(crate) fn alert(name: &str) -> Input {
    let labels = Labels::from_pairs([("alertname", name), ("实例", "数据库-1")]).expect("labels");
    Input::Alert {
        source: "prometheus".into(),
        alert: Box::new(Alert {
            labels,
            annotations: Labels::annotations([("summary", "磁盘快满了 🔥")]).expect("annotations"),
            generator_url: Arc::default(),
            starts_at: at(0),
            ends_at: Time::NEVER,
            updated_at: at(1),
            timeout: false,
            lifecycle: Lifecycle::Explicit,
        }),
    }
}

/// The names of alerts, in order.
pub(crate) fn names(events: &[Event]) -> Vec<String> {
    events
        .iter()
        .map(|event| match &event.input {
            Input::Alert { alert, .. } => alert.labels.value("alertname").to_owned(),
            other => format!("{other:?}"),
        })
        .collect()
}

pub(crate) fn notification(account: &str) -> Notification {
    Notification {
        seq: 0,
        id: *b"0123456789abcdef",
        node: 1,
        decision: 0,
        group: u64::MAX - 7,
        receiver: "运维".into(),
        integration: "dingtalk#0".into(),
        account: account.into(),
        target: "+8618712345678".into(),
        target_label: "陈敏".into(),
        occasion: Occasion::Firing,
        severity: Severity::Critical,
        state: NotificationState::Pending,
        created_at: at(2),
        next_try_at: None,
        deadline_at: at(602),
        attempts: 0,
        last_error: None,
        fallback_of: Some(3),
        payload: vec![0, 1, 2, 255],
    }
}

pub(crate) fn decision(cursor: u64, notifications: Vec<Notification>) -> Decision {
    Decision {
        at: at(2),
        cursor,
        config_version: "c0ffee".into(),
        body: b"flush records".to_vec(),
        notifications,
        settlements: Vec::new(),
        facts: Vec::new(),
    }
}

pub(crate) fn attempt(notification: u64, number: u32, kind: &str) -> Attempt {
    Attempt {
        notification,
        number,
        at: at(3),
        took_micros: 1_500,
        kind: kind.into(),
        answer: Some("{\"errcode\":0}".into()),
        fix: None,
        provider_id: None,
    }
}

pub(crate) fn delivered(seq: u64) -> Settlement {
    Settlement {
        attempts: vec![attempt(seq, 1, "ok")],
        ..Settlement::state(seq, NotificationState::Delivered, 1)
    }
}

pub(crate) fn failed(seq: u64, number: u32, next: Time) -> Settlement {
    Settlement {
        attempts: vec![attempt(seq, number, "transient")],
        next_try_at: Some(next),
        last_error: Some("connection refused".into()),
        ..Settlement::state(seq, NotificationState::Pending, number)
    }
}
