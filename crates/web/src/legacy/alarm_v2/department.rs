//! Departments: as set by API, with what is left out there as the document says; else the document's.

use std::time::Duration;

use balefire_config::legacy::{AlarmV2, Department, SigningKey};
use balefire_core::duration;
use balefire_store::{AlarmDepartmentRow, Store, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::code::Code;
use crate::state::WebState;

/// What is stored of a department that was set by API, besides its secrets. What is left out is as the document says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct DepartmentBody {
    pub(crate) label: Option<String>,
    pub(crate) threshold: Option<u32>,
    pub(crate) window: Option<String>,
    pub(crate) ignore_time: Option<bool>,
    pub(crate) replay_window: Option<String>,
}

impl DepartmentBody {
    pub(crate) fn of(row: &AlarmDepartmentRow) -> Self {
        // Only bodies that were read once are stored.
        serde_json::from_str(&row.body).unwrap_or_default()
    }
}

/// A department that was set by API, laid over the document's.
pub(crate) fn read(row: &AlarmDepartmentRow, service: &AlarmV2) -> Department {
    let body = DepartmentBody::of(row);
    let written = service.departments.get(&*row.dep).cloned();
    let written = written.unwrap_or_else(|| Department {
        label: row.dep.to_string(),
        window: Duration::from_mins(1),
        replay_window: service.replay_window,
        ..Department::default()
    });
    let span = |text: Option<String>| text.and_then(|text| duration::parse(&text).ok());
    let key = row.signing_secret.as_ref();
    let key = key.and_then(|secret| SigningKey::read(secret.reveal()).ok());
    Department {
        label: body.label.unwrap_or(written.label),
        salt: row.salt.clone().or(written.salt),
        signing_key: key.or(written.signing_key),
        threshold: body.threshold.unwrap_or(written.threshold),
        window: span(body.window).unwrap_or(written.window),
        ignore_time: body.ignore_time.unwrap_or(written.ignore_time),
        replay_window: match span(body.replay_window) {
            Some(window) => Some(window).filter(|window| !window.is_zero()),
            None => written.replay_window,
        },
    }
}

/// The department of this name.
pub(crate) async fn find(
    store: &Store,
    service: &AlarmV2,
    dep: &str,
) -> Result<Option<Department>, StoreError> {
    if dep.chars().count() > AlarmDepartmentRow::LONGEST_DEP {
        return Ok(service.departments.get(dep).cloned());
    }
    match store.alarm_department(dep).await? {
        Some(row) => Ok(Some(read(&row, service))),
        None => Ok(service.departments.get(dep).cloned()),
    }
}

/// What a request is checked against.
pub(super) struct Known<'s> {
    pub(super) service: &'s AlarmV2,
    department: Result<Option<Department>, Code>,
}

impl<'s> Known<'s> {
    /// For a request with these fields.
    pub(super) async fn of(
        state: &WebState,
        service: &'s AlarmV2,
        fields: &Map<String, Value>,
    ) -> Self {
        let dep = fields.get("dep").and_then(Value::as_str);
        let department = match dep.filter(|dep| !dep.is_empty()) {
            Some(dep) => find(state.engine.store(), service, dep).await,
            None => Ok(None),
        };
        Self {
            service,
            department: department.map_err(|_| Code::NotStored),
        }
    }

    pub(super) fn department(&self) -> Result<&Department, Code> {
        match &self.department {
            Ok(Some(department)) => Ok(department),
            Ok(None) => Err(Code::UnknownDepartment),
            Err(code) => Err(*code),
        }
    }
}
