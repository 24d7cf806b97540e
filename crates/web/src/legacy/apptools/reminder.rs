//! `/event_reminder`: reminders are made, changed and removed by name.

use balefire_core::reminder::{Edit, Fault, MAX_ADVANCE, Reminder};
use balefire_core::time::Time;
use balefire_store::{ReminderKey, ReminderPut, StoreError};
use serde_json::Value;

use super::{Call, EMPTY, zone};
use crate::legacy::mysql_time;
use crate::legacy::request::{text, texts};

/// What a caller must give to make one.
const REQUIRED: [&str; 5] = ["name", "content", "email", "advance_at", "expire_at"];
/// Nothing may be missing; nothing was done.
const MISSING: i64 = -1;
/// The name is taken, or unknown.
const NAME: i64 = -2;
/// A value does not fit, or could not be stored.
const WRONG: i64 = -3;

/// Makes a reminder.
pub(super) async fn add(call: Call<'_>) -> Value {
    if REQUIRED.iter().any(|field| !is_given(&call, field)) {
        return call.answer(MISSING, EMPTY);
    }
    let edit = match read(&call) {
        Ok(edit) => edit,
        Err(fault) => return call.answer(WRONG, wrong(&fault)),
    };
    let name = edit.name.unwrap_or_default();
    let new = Reminder {
        id: 0,
        name: name.clone(),
        content: edit.content.unwrap_or_default(),
        email: edit.email.unwrap_or_default(),
        ways: Vec::new(),
        owner: None,
        advance_days: edit.advance_days.unwrap_or_default(),
        expires_at: edit.expires_at.unwrap_or_default(),
        handled: None,
        created_at: Time::EPOCH,
        changed_at: Time::EPOCH,
    };
    let engine = &call.state.engine;
    let put = engine
        .store()
        .writer()
        .add_reminder(new, engine.now())
        .await;
    answer(&call, &name, "添加成功", put)
}

/// Changes the reminder of a name; what is not given stays.
pub(super) async fn edit(call: Call<'_>) -> Value {
    if !is_given(&call, "name") {
        return call.answer(MISSING, EMPTY);
    }
    let edit = match read(&call) {
        Ok(edit) => edit,
        Err(fault) => return call.answer(WRONG, wrong(&fault)),
    };
    let name = edit.name.unwrap_or_default();
    let edit = Edit { name: None, ..edit };
    let engine = &call.state.engine;
    let key = ReminderKey::Name(name.clone());
    let put = engine
        .store()
        .writer()
        .edit_reminder(key, edit, engine.now())
        .await;
    answer(&call, &name, "更新成功", put)
}

/// Removes the reminder of a name; one that is not there is as good as removed.
pub(super) async fn remove(call: Call<'_>) -> Value {
    if !is_given(&call, "name") {
        return call.answer(MISSING, EMPTY);
    }
    let name = match read_text(&call, "name") {
        Ok(name) => name.unwrap_or_default(),
        Err(fault) => return call.answer(WRONG, wrong(&fault)),
    };
    let writer = call.state.engine.store().writer();
    match writer.remove_reminder(ReminderKey::Name(name)).await {
        Ok(_) => call.answer(0, "删除成功"),
        Err(error) => call.answer(WRONG, unstored(&error)),
    }
}

fn answer(call: &Call<'_>, name: &str, done: &str, put: Result<ReminderPut, StoreError>) -> Value {
    match put {
        Ok(ReminderPut::Stored(_)) => call.answer(0, done),
        Ok(ReminderPut::Taken) => call.answer(NAME, format!("Name: {name} 已经存在")),
        Ok(ReminderPut::Missing) => call.answer(NAME, format!("Name: {name} 不存在")),
        Ok(ReminderPut::Refused(fault)) => call.answer(WRONG, wrong(&fault)),
        Err(error) => call.answer(WRONG, unstored(&error)),
    }
}

fn unstored(error: &StoreError) -> String {
    // What a database says is for the log of the node, not for callers.
    let why = match error {
        StoreError::DiskFull => "磁盘已满",
        StoreError::Unavailable(_) => "数据库暂时不可用",
        _ => "存储失败，请查看节点日志",
    };
    tracing::warn!(%error, "a reminder could not be stored");
    why.to_owned()
}

/// The field by the name that the caller knows, and the reason.
fn wrong(fault: &Fault) -> String {
    let field = match fault.field {
        "advanceDays" => "advance_at",
        "expiresAt" => "expire_at",
        other => other,
    };
    format!("{field}: {}", fault.reason)
}

/// Whether a field holds anything; the number 0 does.
fn is_given(call: &Call<'_>, field: &str) -> bool {
    match call.fields.get(field) {
        None | Some(Value::Null) => false,
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Array(items)) => !items.is_empty(),
        Some(_) => true,
    }
}

/// What the fields say; those that are not there or null say nothing.
fn read(call: &Call<'_>) -> Result<Edit, Fault> {
    Ok(Edit {
        name: read_text(call, "name")?,
        content: read_text(call, "content")?,
        email: read_email(call)?,
        advance_days: read_days(call)?,
        expires_at: read_time(call)?,
        ..Edit::default()
    })
}

fn said<'c>(call: &'c Call<'_>, field: &str) -> Option<&'c Value> {
    call.fields.get(field).filter(|value| !value.is_null())
}

fn read_text(call: &Call<'_>, field: &'static str) -> Result<Option<String>, Fault> {
    let Some(value) = said(call, field) else {
        return Ok(None);
    };
    let found = text(Some(value)).ok_or_else(|| Fault::new(field, "应为文本"))?;
    Ok(Some(if field == "name" {
        found.trim().to_owned()
    } else {
        found
    }))
}

fn read_email(call: &Call<'_>) -> Result<Option<String>, Fault> {
    let Some(value) = said(call, "email") else {
        return Ok(None);
    };
    let all = texts(Some(value)).ok_or_else(|| Fault::new("email", "应为逗号分隔的邮箱地址"))?;
    Ok(Some(all.join(",")))
}

fn read_days(call: &Call<'_>) -> Result<Option<u32>, Fault> {
    let Some(value) = said(call, "advance_at").filter(|value| value.as_str() != Some("")) else {
        return Ok(None);
    };
    let days = text(Some(value)).and_then(|text| text.trim().parse().ok());
    let days = days.filter(|days| *days <= MAX_ADVANCE);
    days.map(Some).ok_or_else(|| {
        let shown: String = value.to_string().chars().take(40).collect();
        let reason = format!("应为 0 到 {MAX_ADVANCE} 的整数（天），不是 {shown}");
        Fault::new("advance_at", reason)
    })
}

fn read_time(call: &Call<'_>) -> Result<Option<Time>, Fault> {
    let Some(value) = said(call, "expire_at").filter(|value| value.as_str() != Some("")) else {
        return Ok(None);
    };
    let fault = |reason: String| Fault::new("expire_at", reason);
    let local = mysql_time::read(value).map_err(fault)?;
    let at = zone(call.plan).to_ambiguous_timestamp(local).compatible();
    at.map(|at| Some(at.into()))
        .map_err(|_| fault("这个时间太早或太晚".to_owned()))
}
