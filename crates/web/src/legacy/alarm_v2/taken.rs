//! An alarm that has passed the checks: written down before anybody is told, then told, then answered.

use std::sync::Arc;
use std::time::Duration;

use balefire_config::legacy::{AlarmV2, Department};
use balefire_config::plan::Plan;
use balefire_store::{Alarm as Row, CutOff, NewAlarm};
use serde_json::{Map, Value};

use super::checks::{Alarm, Signing};
use super::code::Code;
use super::{Memory, department, group, reused, ways, words};
use crate::legacy::request::text;
use crate::state::WebState;

/// How often is looked for alarms that nobody came back to.
const LOOK_AGAIN: Duration = Duration::from_mins(1);

/// Writes an alarm down and tells it, unless its text was told often enough.
pub(super) async fn take(state: WebState, memory: Arc<Memory>, alarm: Alarm) -> Code {
    let plan: Arc<Plan> = state.engine.plan();
    let Some(service) = &plan.legacy.alarm_v2 else {
        // It was taken out this moment.
        return Code::NotStored;
    };
    let writer = state.engine.store().writer();
    let seq = match writer.alarm(row(&state, service, &alarm)).await {
        Ok(Some(seq)) => seq,
        // The same signed id: it was told, and its sender has not heard of it.
        Ok(None) if alarm.signing == Signing::Webhook => return Code::Repeated,
        Ok(None) => return Code::Replayed,
        Err(_) => return Code::NotStored,
    };
    let code = if memory.lets_through(&state, service, &alarm) {
        let told = Told {
            seq,
            ways: [false; 3],
        };
        let sent = (alarm.department.as_ref(), &alarm.sent);
        tell(&state, &plan, service, sent, told).await
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
    fn lets_through(&self, state: &WebState, service: &AlarmV2, alarm: &Alarm) -> bool {
        let Some(department) = &alarm.department else {
            return true;
        };
        let mut sent = alarm.sent.clone();
        if department.ignore_time {
            sent.remove("alert_time");
        }
        let text = words::text(service, Some(department), &sent);
        self.filter
            .lets_through(&text, department, state.engine.now())
    }
}

fn row(state: &WebState, service: &AlarmV2, alarm: &Alarm) -> NewAlarm {
    let mut fields = alarm.sent.clone();
    fields.remove("sign");
    let word = |name: &str| -> Arc<str> { text(fields.get(name)).unwrap_or_default().into() };
    let (old, now) = (alarm.is_old(), state.engine.now());
    let window = match &alarm.department {
        Some(department) => department.replay_window,
        None => service.replay_window,
    };
    let window = window.filter(|_| alarm.signing != Signing::Webhook);
    let mark = window.map(|_| reused::mark(&alarm.sent));
    NewAlarm {
        at: now,
        env: if old { "".into() } else { word("env") },
        owner: word("id"),
        level: word("level"),
        dep: if old { "".into() } else { word("dep") },
        fields: Value::Object(fields.clone()).to_string().into(),
        webhook: mark.or_else(|| alarm.webhook.clone()).map(Arc::from),
        once_since: window.map(|window| now.before(window)),
    }
}

async fn tell(
    state: &WebState,
    plan: &Plan,
    service: &AlarmV2,
    (department, sent): (Option<&Department>, &Map<String, Value>),
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
        None => words::text(service, department, sent),
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

/// Tells what was cut off after it was written down, by the ways that had not begun: now what this node left at a stop
/// or a crash, and from then on what any node did not come back to.
pub(crate) async fn take_up(state: &WebState) {
    let before = state.engine.now();
    let left = claimed(state, CutOff::OfThisNode(before)).await;
    let state = state.clone();
    let engine = state.engine.clone();
    // Nobody waits for an answer, so one after the other.
    engine.carry_on(async move {
        let mut left = left;
        while !left.is_empty() {
            tracing::info!(alarms = left.len(), "telling alarms that a stop cut off");
            tell_all(&state, left).await;
            left = claimed(&state, CutOff::OfThisNode(before)).await;
        }
        loop {
            tokio::select! {
                () = state.engine.stopping().cancelled() => return,
                () = tokio::time::sleep(LOOK_AGAIN) => {}
            }
            let left = claimed(&state, CutOff::OfAll).await;
            if !left.is_empty() {
                tracing::warn!(
                    alarms = left.len(),
                    "telling alarms that no node came back to"
                );
                tell_all(&state, left).await;
            }
        }
    });
}

/// Alarms without an answer that this node has leave to tell.
async fn claimed(state: &WebState, which: CutOff) -> Vec<Row> {
    let plan: Arc<Plan> = state.engine.plan();
    // Without the service nobody can be told, and a claim would only keep another node from it.
    if plan.legacy.alarm_v2.is_none() || state.engine.stopping().is_cancelled() {
        return Vec::new();
    }
    let (writer, now) = (state.engine.store().writer(), state.engine.now());
    writer
        .claim_alarms(which, now)
        .await
        .unwrap_or_else(|error| {
            tracing::error!(%error, "alarms that were cut off could not be read, the next look makes up for it");
            Vec::new()
        })
}

async fn tell_all(state: &WebState, alarms: Vec<Row>) {
    for alarm in alarms {
        again(state, alarm).await;
    }
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
    // A store that is away refuses the rest, too.
    let department = department::find(state.engine.store(), service, &alarm.dep).await;
    let department = department.ok().flatten();
    let code = tell(state, &plan, service, (department.as_ref(), &sent), told).await;
    note(state, alarm.seq, code).await;
}
