//! Incidents as the node's interface shows them, as far as people are shown them.

use std::collections::BTreeMap;

use balefire_core::time::Time;
use serde::Deserialize;

use crate::cli::listing::local;

/// An incident.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Incident {
    pub(super) id: u64,
    pub(super) key: Option<String>,
    pub(super) state: String,
    pub(super) severity: String,
    pub(super) title: String,
    pub(super) responsible: Option<String>,
    pub(super) worker: Option<String>,
    pub(super) started_at: Time,
    pub(super) ended_at: Option<Time>,
    pub(super) duration_seconds: Option<u64>,
    pub(super) cause: Option<String>,
    pub(super) summary: Option<String>,
    pub(super) acknowledged_by: Option<String>,
    /// Who plays which part in it.
    #[serde(default)]
    pub(super) roles: Vec<Role>,
    /// Only of one that was asked for by number.
    #[serde(default)]
    pub(super) report: Option<String>,
    /// Likewise.
    #[serde(default)]
    pub(super) files: Vec<String>,
    /// Likewise.
    #[serde(default)]
    pub(super) escalation: Option<Escalation>,
    /// Likewise.
    #[serde(default)]
    pub(super) timeline: Vec<Entry>,
    /// Where its timeline goes on.
    #[serde(default)]
    pub(super) next: Option<u64>,
}

impl Incident {
    /// How it stands, and who has it.
    pub(super) fn standing(&self) -> String {
        match &self.acknowledged_by {
            Some(by) if self.state == "acknowledged" => format!("acknowledged by {by}"),
            _ => self.state.clone(),
        }
    }

    /// Who has which role, on one line.
    pub(super) fn roles_in_words(&self) -> String {
        let roles = self.roles.iter();
        let roles = roles.map(|held| format!("{}: {}", held.role, held.who));
        roles.collect::<Vec<_>>().join("; ")
    }

    /// Whom to ask about it.
    pub(super) fn who(&self) -> String {
        let known = [&self.worker, &self.acknowledged_by, &self.responsible];
        let known = known.into_iter().flatten().find(|name| !name.is_empty());
        known.cloned().unwrap_or_default()
    }
}

/// A role that somebody has.
#[derive(Debug, Deserialize)]
pub(super) struct Role {
    pub(super) role: String,
    pub(super) who: String,
}

/// Who is paged for an incident, and when next.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Escalation {
    pub(super) policy: String,
    pub(super) state: String,
    pub(super) snoozed_until: Option<Time>,
    pub(super) next_step: Option<NextStep>,
}

/// The step that is taken next.
#[derive(Debug, Deserialize)]
pub(super) struct NextStep {
    pub(super) policy: String,
    pub(super) step: usize,
    pub(super) at: Time,
}

/// One thing that happened to an incident.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry {
    pub(super) at: Time,
    pub(super) kind: String,
    pub(super) by: String,
    pub(super) text: String,
    pub(super) changes: Vec<Change>,
    /// Until when it is put off.
    pub(super) until: Option<Time>,
    /// To whom it is given: the kind and the name of each.
    #[serde(default)]
    pub(super) to: Vec<BTreeMap<String, String>>,
}

/// A fact that was changed.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Change {
    pub(super) field: String,
    pub(super) to: Option<String>,
}

impl Entry {
    /// What was said, and which facts became what.
    pub(super) fn words(&self) -> String {
        let said = (!self.text.is_empty()).then(|| self.text.clone());
        let changes = self.changes.iter().map(|change| match &change.to {
            Some(to) => format!("{}={to}", change.field),
            None => format!("{} taken back", change.field),
        });
        let until = self.until.map(|until| format!("until {}", local(until)));
        let to = self.to.iter().flat_map(|to| to.values().cloned());
        said.into_iter()
            .chain(until)
            .chain(to)
            .chain(changes)
            .collect::<Vec<_>>()
            .join("; ")
    }
}
