//! An incident as this interface shows and takes it.

use balefire_core::escalation::Notify;
use balefire_core::incident::{
    Draft, Entry, EntryKind, Field, FieldChange, Incident, IncidentState,
};
use balefire_core::severity::Severity;
use balefire_core::time::Time;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::body::Fields;
use super::incident_roles::RoleView;
use crate::error::Problem;

/// An incident.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IncidentView {
    id: u64,
    /// What it was opened for, as `namespace/name`.
    key: Option<String>,
    /// `open`, `acknowledged` or `resolved`.
    #[schema(value_type = String)]
    state: IncidentState,
    /// `info`, `warning`, `error` or `critical`.
    #[schema(value_type = String)]
    severity: Severity,
    title: String,
    /// Who answers for it.
    responsible: Option<String>,
    /// Who works on it.
    worker: Option<String>,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    started_at: Time,
    /// When it was over, or is expected to be.
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Time>,
    /// From its start to its end; absent while it has none.
    duration_seconds: Option<u64>,
    /// Why it happened.
    cause: Option<String>,
    /// What it was.
    summary: Option<String>,
    /// Who said first that they have it.
    acknowledged_by: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    acknowledged_at: Option<Time>,
    /// Who plays which part in it, by the names of the roles.
    roles: Vec<RoleView>,
    #[schema(value_type = String, format = DateTime)]
    opened_at: Time,
    #[schema(value_type = String, format = DateTime)]
    changed_at: Time,
}

impl IncidentView {
    pub(crate) fn of(incident: Incident) -> Self {
        let held = incident.acknowledged.as_ref();
        Self {
            id: incident.id,
            state: incident.state,
            severity: incident.severity,
            duration_seconds: incident.duration().map(|span| span.as_secs()),
            acknowledged_at: held.map(|held| held.at),
            acknowledged_by: incident.acknowledged.map(|held| held.by),
            roles: incident.roles.into_iter().map(RoleView::of).collect(),
            key: incident.key,
            title: incident.title,
            responsible: incident.responsible,
            worker: incident.worker,
            started_at: incident.started_at,
            ended_at: incident.ended_at,
            cause: incident.cause,
            summary: incident.summary,
            opened_at: incident.opened_at,
            changed_at: incident.changed_at,
        }
    }
}

/// One thing that happened to an incident.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EntryView {
    /// Its place in the timeline, from 1.
    number: u64,
    #[schema(value_type = String, format = DateTime)]
    at: Time,
    /// `opened`, `acknowledged`, `also_acknowledged`, `edited`, `resolved`, `reopened`, `noted`, `attached`,
    /// `detached`, `snoozed`, `reassigned`, `escalated`, `role_given`, `role_returned`; of the escalation `escalation_started`, `paged`, `told`,
    /// `step_taken`, `step_passed`, `page_delivered`, `page_failed`, `pages_withdrawn`, `page_held`, `holder_told`, `over_told`, `snooze_ended`,
    /// `way_unverified` or `escalation_exhausted`.
    #[schema(value_type = String)]
    kind: EntryKind,
    /// Who did it.
    by: String,
    /// What they said; a file's id for what is attached.
    text: String,
    /// Which facts became what.
    changes: Vec<ChangeView>,
    /// Until when it is put off.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Time>,
    /// To whom it is given: `{"person": …}`, `{"team": …}` or `{"schedule": …}` each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Object>)]
    to: Vec<Notify>,
}

/// A fact that was changed. Of a long value, the beginning.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChangeView {
    field: String,
    from: Option<String>,
    to: Option<String>,
}

impl EntryView {
    pub(crate) fn of(entry: Entry) -> Self {
        let change = |change: FieldChange| ChangeView {
            field: change.field,
            from: change.from,
            to: change.to,
        };
        Self {
            number: entry.number,
            at: entry.at,
            kind: entry.kind,
            by: entry.actor,
            text: entry.detail.text,
            until: entry.detail.until,
            to: entry.detail.to,
            changes: entry.detail.changes.into_iter().map(change).collect(),
        }
    }
}

/// A field that may be left out, taken back with `null`, or given.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) enum Given<T> {
    /// It stays as it is.
    #[default]
    Not,
    /// What was known is taken back.
    Null,
    /// It becomes this.
    This(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Given<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Null, Self::This))
    }
}

impl<T> Given<T> {
    /// The field with its new value, if one was given; `null` takes it back.
    fn field(self, field: impl FnOnce(Option<T>) -> Field) -> Option<Field> {
        match self {
            Self::Not => None,
            Self::Null => Some(field(None)),
            Self::This(value) => Some(field(Some(value))),
        }
    }
}

fn severity(word: &str) -> Result<Severity, Problem> {
    Severity::from_word(word).ok_or_else(|| {
        Problem::bad_request(&format!(
            "severity is one of info, warning, error, critical, not {word:?}"
        ))
    })
}

/// An incident to be opened.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct OpenBody {
    /// What it is opened for, as `namespace/name`: of one key there is one incident at most.
    key: Option<String>,
    /// `info`, `warning`, `error` or `critical`; `warning` when it is left out.
    severity: Option<String>,
    /// One line: what is wrong.
    title: String,
    responsible: Option<String>,
    worker: Option<String>,
    /// When it began; now when it is left out.
    #[schema(value_type = Option<String>, format = DateTime)]
    started_at: Option<Time>,
    /// When it is expected to be over.
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Time>,
    cause: Option<String>,
    summary: Option<String>,
    report: Option<String>,
    /// The escalation that pages people for it; nobody is paged without it.
    pub(super) escalation: Option<String>,
    /// Who opens it; counts only when no token and no user says so.
    pub(super) by: Option<String>,
}

impl Fields for OpenBody {
    const FIELDS: &'static [&'static str] = &[
        "key",
        "severity",
        "title",
        "responsible",
        "worker",
        "startedAt",
        "endedAt",
        "cause",
        "summary",
        "report",
        "escalation",
        "by",
    ];
}

impl OpenBody {
    /// The incident that is meant; whether it may be is the engine's to say.
    pub(super) fn draft(self) -> Result<Draft, Problem> {
        Ok(Draft {
            key: self.key,
            severity: match &self.severity {
                None => Severity::Warning,
                Some(word) => severity(word)?,
            },
            title: self.title,
            started_at: self.started_at,
            fields: vec![
                Field::Responsible(self.responsible),
                Field::Worker(self.worker),
                Field::EndedAt(self.ended_at),
                Field::Cause(self.cause),
                Field::Summary(self.summary),
                Field::Report(self.report),
            ],
        })
    }
}

/// Facts to be corrected or added. What is left out stays; `null` takes back what was known.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct EditBody {
    severity: Option<String>,
    title: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    responsible: Given<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    worker: Given<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    started_at: Option<Time>,
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Given<Time>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    cause: Given<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    summary: Given<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    report: Given<String>,
    /// Who edits it; counts only when no token and no user says so.
    pub(super) by: Option<String>,
}

impl Fields for EditBody {
    const FIELDS: &'static [&'static str] = &[
        "severity",
        "title",
        "responsible",
        "worker",
        "startedAt",
        "endedAt",
        "cause",
        "summary",
        "report",
        "by",
    ];
}

impl EditBody {
    /// The fields with their new values.
    pub(super) fn fields(self) -> Result<Vec<Field>, Problem> {
        let grade = self.severity.as_deref().map(severity).transpose()?;
        let fields = [
            grade.map(Field::Severity),
            self.title.map(Field::Title),
            self.responsible.field(Field::Responsible),
            self.worker.field(Field::Worker),
            self.started_at.map(Field::StartedAt),
            self.ended_at.field(Field::EndedAt),
            self.cause.field(Field::Cause),
            self.summary.field(Field::Summary),
            self.report.field(Field::Report),
        ];
        Ok(fields.into_iter().flatten().collect())
    }
}

/// What somebody says to what they do.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct WordBody {
    /// What they say; a note must say something.
    #[serde(default)]
    pub(super) text: String,
    /// Who does it; counts only when no token and no user says so.
    pub(super) by: Option<String>,
}

impl Fields for WordBody {
    const FIELDS: &'static [&'static str] = &["text", "by"];
}

/// How an incident ended.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ResolveBody {
    /// What they say to it.
    #[serde(default)]
    pub(super) text: String,
    /// Since when it is over; now when it is left out and none is known.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) ended_at: Option<Time>,
    /// Who resolves it; counts only when no token and no user says so.
    pub(super) by: Option<String>,
}

impl Fields for ResolveBody {
    const FIELDS: &'static [&'static str] = &["text", "endedAt", "by"];
}
