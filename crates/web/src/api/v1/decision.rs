//! A decision as this interface shows it: which groups were looked at, and what was decided.

use std::sync::Arc;

use balefire_core::dispatch::{FlushRecord, Mute};
use balefire_core::time::Time;
use balefire_engine::history::Decided;
use serde::Serialize;
use utoipa::ToSchema;

use super::alert::JudgedView;

/// A decision.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DecisionView {
    seq: u64,
    #[schema(value_type = String, format = DateTime)]
    at: Time,
    /// The last event it took into account.
    cursor: u64,
    /// The configuration it was taken under.
    #[schema(value_type = String)]
    config_version: Arc<str>,
    flushes: Vec<FlushView>,
}

/// One look at a group.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FlushView {
    /// The group's id, 16 hexadecimal digits.
    group: String,
    ordinal: u64,
    /// The time intervals that kept the whole group quiet.
    #[schema(value_type = Vec<String>)]
    muted_by: Vec<Arc<str>>,
    alerts: Vec<JudgedView>,
    /// Who must be told, and why.
    obligations: Vec<ObligationView>,
}

/// One destination that must be told.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ObligationView {
    #[schema(value_type = String)]
    integration: Arc<str>,
    /// Why now, in Alertmanager's words.
    reason: &'static str,
    firing: bool,
    /// How many alerts it tells.
    alerts: usize,
}

impl DecisionView {
    /// The decision with the flushes that `keep` wants.
    pub(crate) fn of(decided: &Decided, keep: impl Fn(&FlushRecord) -> bool) -> Self {
        Self {
            seq: decided.seq,
            at: decided.at,
            cursor: decided.cursor,
            config_version: Arc::clone(&decided.config_version),
            flushes: decided
                .flushes
                .iter()
                .filter(|flush| keep(flush))
                .map(flush)
                .collect(),
        }
    }
}

fn flush(record: &FlushRecord) -> FlushView {
    FlushView {
        group: format!("{:016x}", record.group.0),
        ordinal: record.ordinal,
        muted_by: record
            .muted
            .as_ref()
            .map_or_else(Vec::new, |mute: &Mute| mute.names().to_vec()),
        alerts: record.alerts.iter().map(JudgedView::of).collect(),
        obligations: record
            .obligations
            .iter()
            .map(|obligation| ObligationView {
                integration: Arc::clone(&obligation.integration),
                reason: obligation.reason.as_str(),
                firing: obligation.firing,
                alerts: obligation.episodes.len(),
            })
            .collect(),
    }
}
