//! An incident's escalation as this interface shows it, and what people may ask of it.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::duration;
use balefire_core::escalation::{At, Notify, State};
use balefire_core::time::Time;
use balefire_engine::engine::EscalationView as Stands;
use balefire_store::{Page, PageOutcome};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Fields;
use crate::error::Problem;

/// Who is paged for an incident, and when next.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EscalationView {
    /// The escalation it began with.
    #[schema(value_type = String)]
    policy: Arc<str>,
    /// `running`, `acknowledged`, `snoozed`, `exhausted` or `resolved`.
    state: &'static str,
    /// When it is put off: until when.
    #[schema(value_type = Option<String>, format = DateTime)]
    snoozed_until: Option<Time>,
    /// How many people must acknowledge.
    needs: u32,
    /// Who has.
    #[schema(value_type = Vec<String>)]
    acknowledged: Vec<Arc<str>>,
    /// The step that is taken next unless somebody answers.
    next_step: Option<NextStep>,
    /// Who is contacted again by their own rules, and when.
    contacts: Vec<NextContact>,
    /// Who was paged, by what, and what became of it, oldest first.
    pages: Vec<PageView>,
}

/// The step that is taken next.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NextStep {
    /// Of which escalation.
    #[schema(value_type = String)]
    policy: Arc<str>,
    /// Which time its steps are gone through, from 1.
    round: u32,
    /// Which step, from 1.
    step: usize,
    #[schema(value_type = String, format = DateTime)]
    at: Time,
}

/// A contact that is made next.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NextContact {
    #[schema(value_type = String)]
    person: Arc<str>,
    #[schema(value_type = String, format = DateTime)]
    at: Time,
}

/// A notification by which somebody was paged.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PageView {
    #[schema(value_type = String)]
    person: Arc<str>,
    /// By which way.
    #[schema(value_type = String)]
    way: Arc<str>,
    #[schema(value_type = String, format = DateTime)]
    at: Time,
    /// `waiting`, `delivered`, `failed` or `withdrawn`.
    outcome: &'static str,
    /// The notification's number.
    notification: u64,
}

fn outcome(outcome: PageOutcome) -> &'static str {
    match outcome {
        PageOutcome::Waiting => "waiting",
        PageOutcome::Delivered => "delivered",
        PageOutcome::Failed => "failed",
        PageOutcome::Withdrawn => "withdrawn",
    }
}

fn state(state: State) -> &'static str {
    match state {
        State::Running => "running",
        State::Acknowledged => "acknowledged",
        State::Snoozed { .. } => "snoozed",
        State::Exhausted => "exhausted",
        State::Resolved => "resolved",
    }
}

impl EscalationView {
    pub(crate) fn of(stands: Stands) -> Self {
        let next = |(at, when): (At, Time)| NextStep {
            policy: at.policy,
            round: at.round + 1,
            step: at.step + 1,
            at: when,
        };
        let page = |page: Page| PageView {
            person: page.person,
            way: page.way,
            at: page.at,
            outcome: outcome(page.outcome),
            notification: page.seq,
        };
        let contacts = stands.under_way.into_iter();
        Self {
            policy: stands.policy,
            state: state(stands.state),
            snoozed_until: match stands.state {
                State::Snoozed { until } => Some(until),
                _ => None,
            },
            needs: stands.needs,
            acknowledged: stands.acknowledged,
            next_step: stands.next.map(next),
            contacts: contacts
                .map(|(person, at)| NextContact { person, at })
                .collect(),
            pages: stands.pages.into_iter().map(page).collect(),
        }
    }
}

/// How long an incident is put off.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SnoozeBody {
    /// For so long, as `30m`, at most 7d; this or `until`.
    #[serde(rename = "for")]
    span: Option<String>,
    /// Until then.
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Time>,
    /// What they say to it.
    #[serde(default)]
    pub(super) text: String,
    /// Who does it; counts only when no token and no user says so.
    pub(super) by: Option<String>,
}

impl Fields for SnoozeBody {
    const FIELDS: &'static [&'static str] = &["for", "until", "text", "by"];
}

impl SnoozeBody {
    /// Until when it is put off.
    pub(super) fn until(&self, now: Time) -> Result<Time, Problem> {
        match (&self.span, self.until) {
            (Some(span), None) => {
                let span: Duration = duration::parse(span)
                    .map_err(|error| Problem::bad_request(&format!("for: {error}")))?;
                Ok(now.after(span))
            }
            (None, Some(until)) => Ok(until),
            _ => Err(Problem::bad_request(
                "say for how long: for, as 30m, or until",
            )),
        }
    }
}

/// To whom an incident is given.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ReassignBody {
    /// 1 to 20 of `{"person": …}`, `{"team": …}` and `{"schedule": …}`.
    #[schema(value_type = Vec<Object>)]
    pub(super) to: Vec<Notify>,
    /// What they say to it.
    #[serde(default)]
    pub(super) text: String,
    /// Who does it; counts only when no token and no user says so.
    pub(super) by: Option<String>,
}

impl Fields for ReassignBody {
    const FIELDS: &'static [&'static str] = &["to", "text", "by"];
}

/// That the next in line are to be paged.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct EscalateBody {
    /// The escalation that looks after the incident from now on, where none does yet.
    pub(super) escalation: Option<String>,
    /// What they say to it.
    #[serde(default)]
    pub(super) text: String,
    /// Who does it; counts only when no token and no user says so.
    pub(super) by: Option<String>,
}

impl Fields for EscalateBody {
    const FIELDS: &'static [&'static str] = &["escalation", "text", "by"];
}
