//! Things to store, shared by the bench and the example.

use std::sync::Arc;

use balefire_core::alert::{Alert, Lifecycle};
use balefire_core::event::Input;
use balefire_core::label::Labels;
use balefire_core::message::Occasion;
use balefire_core::severity::Severity;
use balefire_core::time::Time;
use balefire_store::{Attempt, Notification, NotificationState, Settlement};

pub(crate) fn alert(i: u64) -> Input {
    let (host, text) = (
        format!("host-{i}.example.com"),
        format!("disk of host-{i} is full"),
    );
    let labels = [
        ("alertname", "DiskFull"),
        ("instance", host.as_str()),
        ("severity", "critical"),
    ];
    Input::Alert {
        source: "prometheus".into(),
        alert: Box::new(Alert {
            labels: Labels::from_pairs(labels).expect("labels"),
            annotations: Labels::annotations([("summary", text.as_str())]).expect("annotations"),
            generator_url: Arc::from("http://prometheus.example.com/graph?g0.expr=up"),
            starts_at: Time::from_secs(1_800_000_000),
            ends_at: Time::from_secs(1_800_000_300),
            updated_at: Time::from_secs(1_800_000_000),
            timeout: true,
            lifecycle: Lifecycle::Refreshing,
        }),
    }
}

pub(crate) fn notification(i: u64) -> Notification {
    Notification {
        seq: 0,
        id: u128::from(i).to_be_bytes(),
        node: 1,
        decision: 0,
        group: i,
        receiver: "ops".into(),
        integration: "dingtalk#0".into(),
        account: "ops-robot".into(),
        target: "ops-robot".into(),
        target_label: Arc::default(),
        occasion: Occasion::Firing,
        severity: Severity::Critical,
        state: NotificationState::Pending,
        created_at: Time::from_secs(1_800_000_000),
        next_try_at: None,
        deadline_at: Time::from_secs(1_800_000_600),
        attempts: 0,
        last_error: None,
        fallback_of: None,
        payload: Vec::new(),
    }
}

pub(crate) fn delivered(seq: u64) -> Settlement {
    let attempt = Attempt {
        notification: seq,
        number: 1,
        at: Time::from_secs(1_800_000_001),
        took_micros: 900,
        kind: "ok".into(),
        answer: None,
        fix: None,
        provider_id: None,
    };
    Settlement {
        attempts: vec![attempt],
        ..Settlement::state(seq, NotificationState::Delivered, 1)
    }
}
