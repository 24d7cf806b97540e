//! `/fault`: faults by name. A fault is an incident, whose key is `fault/` and the name.

mod listing;
mod page;
mod said;

use balefire_core::incident::{Change, Draft, Field, Incident, IncidentState, Refused};
use balefire_core::severity::Severity;
use balefire_engine::engine::IncidentFailure;
use balefire_store::{StoreError, Which};
use serde_json::Value;

use self::said::{NAME, Said};
use super::{Call, EMPTY, zone};
use crate::legacy::request::is_empty;

pub(super) use self::listing::list;

/// What keys of faults begin with.
const NAMESPACE: &str = "fault";

fn key(name: &str) -> Which {
    Which::Key(format!("{NAMESPACE}/{name}").into())
}

/// What a fault needs. That nothing is wrong any more (`0`) is something said.
fn is_complete(call: &Call<'_>) -> bool {
    let given = |name: &str| !is_empty(call.fields.get(name));
    let number = |name: &str| given(name) || call.fields.get(name).is_some_and(Value::is_number);
    let texts = [NAME, "fault_penson", "fault_start_time", "fault_end_time"];
    texts.into_iter().all(given) && ["fault_level", "fault_state"].into_iter().all(number)
}

/// `POST`: a new fault.
pub(super) async fn add(call: Call<'_>) -> Value {
    if !is_complete(&call) {
        return call.answer(-1, EMPTY);
    }
    let said = match Said::read(&call.fields, &zone(call.plan)) {
        Ok(said) => said,
        Err(why) => return call.answer(-3, why),
    };
    let name = said.name.clone();
    let draft = Draft {
        key: Some(format!("{NAMESPACE}/{name}")),
        severity: said.severity.unwrap_or(Severity::Warning),
        title: name.clone(),
        started_at: None,
        fields: said.fields,
    };
    let over = Change::Resolve {
        ended_at: said.ended_at,
        text: String::new(),
    };
    let then: Vec<Change> = said
        .is_over
        .unwrap_or(false)
        .then_some(over)
        .into_iter()
        .collect();
    // Nobody is paged for what is over already.
    let apptools = call.plan.legacy.apptools.as_ref();
    let escalation = apptools.and_then(|tools| tools.escalation.as_deref());
    let escalation = escalation.filter(|_| then.is_empty());
    let opened = call
        .state
        .engine
        .open_escalated(draft, &then, &call.actor, escalation)
        .await;
    match opened {
        Ok(opened) if opened.is_new => call.answer(0, format!("Name: {name} 添加成功")),
        Ok(_) => call.answer(-2, format!("Name: {name} 已经存在")),
        Err(failure) => refused(&call, &name, &failure),
    }
}

/// `PUT`: the fields that are given become so; the others stay.
pub(super) async fn edit(call: Call<'_>) -> Value {
    if is_empty(call.fields.get(NAME)) {
        return call.answer(-1, EMPTY);
    }
    let said = match Said::read(&call.fields, &zone(call.plan)) {
        Ok(said) => said,
        Err(why) => return call.answer(-3, why),
    };
    let name = said.name.clone();
    let decide = move |incident: &Incident| changes(&said, incident);
    let engine = &call.state.engine;
    match engine
        .decide_incident(key(&name), decide, &call.actor)
        .await
    {
        Ok(_) => call.answer(0, "更新成功"),
        Err(failure) => refused(&call, &name, &failure),
    }
}

/// What a request amounts to for a fault as it stands.
fn changes(said: &Said, incident: &Incident) -> Vec<Change> {
    let mut fields: Vec<Field> = said.severity.map(Field::Severity).into_iter().collect();
    fields.extend(said.fields.iter().cloned());
    let text = String::new;
    let was_over = incident.state == IncidentState::Resolved;
    match said.is_over {
        Some(false) if was_over => {
            // Whoever is not asked about the end does not lose it.
            fields.insert(0, Field::EndedAt(incident.ended_at));
            vec![Change::Reopen { text: text() }, Change::Edit(fields)]
        }
        Some(true) if !was_over => {
            let ended_at = said.ended_at.or(incident.ended_at);
            let over = Change::Resolve {
                ended_at,
                text: text(),
            };
            vec![Change::Edit(fields), over]
        }
        _ => vec![Change::Edit(fields)],
    }
}

/// `DELETE`: the fault is gone, whether it was there or not.
pub(super) async fn delete(call: Call<'_>) -> Value {
    if is_empty(call.fields.get(NAME)) {
        return call.answer(-1, EMPTY);
    }
    let name = match said::name(&call.fields) {
        Ok(name) => name,
        Err(why) => return call.answer(-3, why),
    };
    match call.state.engine.delete_incident(key(&name)).await {
        Ok(_) => call.answer(0, "删除成功"),
        Err(error) => call.answer(-3, unstored(&error)),
    }
}

fn refused(call: &Call<'_>, name: &str, failure: &IncidentFailure) -> Value {
    match failure {
        IncidentFailure::NotFound => call.answer(-2, format!("Name: {name} 不存在")),
        IncidentFailure::Rule(Refused::Empty(_)) => call.answer(-1, EMPTY),
        IncidentFailure::Rule(rule) => call.answer(-3, against(rule)),
        IncidentFailure::Unknown { .. } | IncidentFailure::NotEscalated => {
            call.answer(-3, failure.to_string())
        }
        IncidentFailure::Store(error) => call.answer(-3, unstored(error)),
    }
}

/// A rule in the words of this service.
fn against(rule: &Refused) -> String {
    let field = |name: &str| match name {
        "title" | "key" => NAME,
        "responsible" => "fault_penson",
        "worker" => "processing_penson",
        "cause" => "fault_issue",
        "summary" => "fault_summary",
        _ => "fault_report",
    };
    match rule {
        Refused::EndsBeforeStart => "fault_end_time 早于 fault_start_time".to_owned(),
        Refused::TooLong { field: name, most } => {
            format!("{} 太长，最多 {most} 个字符", field(name))
        }
        Refused::Nul(name) => format!("{} 含有 NUL 字符，请去掉", field(name)),
        other => other.to_string(),
    }
}

/// What the store could not do; nothing of the database's own words.
fn unstored(error: &StoreError) -> &'static str {
    match error {
        StoreError::DiskFull => "磁盘已满，没有保存",
        StoreError::Conflict(_) => "同时有其他修改，请重试",
        _ => "数据库暂时不可用，请稍后重试",
    }
}
