//! An alarm that has passed the checks: written down before anybody is told, then told, then answered.

use std::sync::Arc;

use balefire_config::legacy::AlarmV2;
use balefire_config::plan::Plan;
use balefire_store::{Alarm as Row, NewAlarm};
use serde_json::{Map, Value};

use super::checks::Alarm;
use super::code::Code;
use super::{Memory, group, ways, words};
use crate::legacy::request::text;
use crate::state::WebState;

/// Writes an alarm down and tells it, unless its text was told often enough.
pub(super) async fn take(state: WebState, memory: Arc<Memory>, alarm: Alarm) -> Code {
    let plan: Arc<Plan> = state.engine.plan();
    let Some(service) = &plan.legacy.alarm_v2 else {
        // It was taken out this moment.
        return Code::NotStored;
    };
    let writer = state.engine.store().writer();
    let seq = match writer.alarm(row(&state, &alarm)).await {
        Ok(Some(seq)) => seq,
        // The same signed id: it was told, and its sender has not heard of it.
        Ok(None) => return Code::Repeated,
        Err(_) => return Code::NotStored,
    };
    let code = if alarm.old || memory.lets_through(&state, service, &alarm.sent) {
        let told = Told {
            seq,
            ways: [false; 3],
        };
        tell(&state, &plan, service, &alarm.sent, told).await
    } else {
        Code::Suppressed
    };
    note(&state, seq, code).await;
    code
}

/// An alarm and the ways by which it was told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told {
    pub(super) seq: u64,
    pub(super) ways: [bool; 3],
}

impl Memory {
    fn lets_through(&self, state: &WebState, service: &AlarmV2, sent: &Map<String, Value>) -> bool {
        let name = sent.get("dep").and_then(Value::as_str).unwrap_or_default();
        let Some(department) = service.departments.get(name) else {
            return true;
        };
        let mut sent = sent.clone();
        if department.ignore_time {
            sent.remove("alert_time");
        }
        let text = words::text(service, &sent);
        self.filter
            .lets_through(&text, department, state.engine.now())
    }
}

fn row(state: &WebState, alarm: &Alarm) -> NewAlarm {
    let mut fields = alarm.sent.clone();
    fields.remove("sign");
    let word = |name: &str| -> Arc<str> { text(fields.get(name)).unwrap_or_default().into() };
    NewAlarm {
        at: state.engine.now(),
        env: if alarm.old { "".into() } else { word("env") },
        owner: word("id"),
        level: word("level"),
        dep: if alarm.old { "".into() } else { word("dep") },
        fields: Value::Object(fields.clone()).to_string().into(),
        webhook: alarm.webhook.as_deref().map(Arc::from),
    }
}

async fn tell(
    state: &WebState,
    plan: &Plan,
    service: &AlarmV2,
    sent: &Map<String, Value>,
    told: Told,
) -> Code {
    let word = |name: &str| text(sent.get(name)).unwrap_or_default();
    let (owner, level) = (word("id"), group::level(&word("level")));
    let group = match level {
        Some(level) => group::find(state.engine.store(), service, &owner, level).await,
        None => Ok(None),
    };
    let group = match group {
        Ok(Some(group)) => group,
        Ok(None) => return Code::Nobody,
        Err(_) => return Code::NotStored,
    };
    // What `/alarm` sends has no department.
    let text = match sent.get("data").filter(|_| !sent.contains_key("dep")) {
        Some(data) => data.as_str().unwrap_or_default().to_owned(),
        None => words::text(service, sent),
    };
    ways::tell(state, plan, (service, &group), &text, told).await
}

/// Notes what is answered. Without it the next start tells by those ways that have not begun.
async fn note(state: &WebState, seq: u64, code: Code) {
    let writer = state.engine.store().writer();
    if let Err(error) = writer.alarm_answered(seq, code.number()).await {
        tracing::warn!(alarm = seq, %error, "what was answered to an alarm could not be noted");
    }
}

/// Tells what a stop or a crash cut off after it was written down, by the ways that had not begun.
pub(crate) async fn take_up(state: &WebState) {
    let alarms = match state.engine.store().unanswered_alarms().await {
        Ok(alarms) => alarms,
        Err(error) => {
            tracing::error!(%error, "alarms that a stop cut off could not be read");
            return;
        }
    };
    if alarms.is_empty() {
        return;
    }
    tracing::info!(alarms = alarms.len(), "telling alarms that a stop cut off");
    let told_by = state.clone();
    // One after the other: the node has just started, and nobody waits for an answer.
    state.engine.carry_on(async move {
        for alarm in alarms {
            again(&told_by, alarm).await;
        }
    });
}

async fn again(state: &WebState, alarm: Row) {
    let plan: Arc<Plan> = state.engine.plan();
    let Some(service) = &plan.legacy.alarm_v2 else {
        return;
    };
    let sent = serde_json::from_str(&alarm.fields).unwrap_or_default();
    let told = Told {
        seq: alarm.seq,
        ways: alarm.notifications.map(|numbers| !numbers.is_empty()),
    };
    let code = tell(state, &plan, service, &sent, told).await;
    note(state, alarm.seq, code).await;
}
