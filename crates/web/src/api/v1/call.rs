//! A call as this interface shows and takes it.

use std::sync::Arc;
use std::time::Duration;

use balefire_config::plan::Plan;
use balefire_core::duration;
use balefire_core::severity::Severity;
use balefire_core::time::Time;
use balefire_engine::engine::{CallOrder, Engine};
use balefire_store::{CallState, PhoneCall};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::alerts::fingerprint;
use super::body::Fields;
use super::query::unknown;
use crate::error::Problem;

/// Most people or numbers in a request.
const MOST: usize = 100;
/// Longest title and text, in characters.
const LONGEST: usize = 4_096;

/// A call that telephones are to place.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CallBody {
    /// Keys of people, called in this order at their phone.
    #[serde(default)]
    people: Vec<String>,
    /// Numbers that are called after those of people; a code such as `*7213800138000` forwards the telephone.
    #[serde(default)]
    phones: Vec<String>,
    /// What it is about; the alert's own words when it is left out.
    #[serde(default)]
    title: String,
    /// More about it.
    #[serde(default)]
    text: String,
    /// `info`, `warning`, `error` or `critical`; the alert's or `critical` when it is left out.
    severity: Option<String>,
    /// The fingerprint of the alert that it is about.
    alert: Option<String>,
    /// How often the numbers are tried, 1 to 10; as `legacy.autocall` says when it is left out.
    rounds: Option<u32>,
    /// How long it is kept for telephones, such as `30m`; as `legacy.autocall` says when it is left out.
    max_age: Option<String>,
}

impl Fields for CallBody {
    const FIELDS: &'static [&'static str] = &[
        "people", "phones", "title", "text", "severity", "alert", "rounds", "maxAge",
    ];
}

impl CallBody {
    pub(super) fn order(self, engine: &Engine) -> Result<CallOrder, Problem> {
        let max_age = self.max_age.as_deref().map(duration::parse).transpose();
        let max_age = max_age.map_err(|error| Problem::bad_request(&format!("maxAge: {error}")))?;
        if let Some(rounds) = self.rounds.filter(|rounds| !(1..=10).contains(rounds)) {
            let detail = format!("rounds is 1 to 10, not {rounds}");
            return Err(Problem::bad_request(&detail));
        }
        if max_age.is_some_and(|age: Duration| age.is_zero()) {
            return Err(Problem::bad_request(
                "maxAge: no time at all is left for a call",
            ));
        }
        let mut phones = numbers(&engine.plan(), &self.people)?;
        phones.extend(self.phones);
        if phones.is_empty() || phones.len() > MOST {
            let detail = format!("say who is called: people or phones, 1 to {MOST} in all");
            return Err(Problem::bad_request(&detail));
        }
        let about = self.alert.as_deref().map(|text| about(engine, text));
        let (alert_title, alert_severity) = about.transpose()?.unzip();
        let severity = match &self.severity {
            None => alert_severity.unwrap_or(Severity::Critical),
            Some(word) => Severity::from_word(word).ok_or_else(|| {
                let words = "severity is one of info, warning, error, critical";
                Problem::bad_request(&format!("{words}, not {word:?}"))
            })?,
        };
        let title = if self.title.trim().is_empty() {
            alert_title
                .ok_or_else(|| Problem::bad_request("say what it is about: title or alert"))?
        } else {
            self.title
        };
        let cut = |text: String| -> String { text.chars().take(LONGEST).collect() };
        Ok(CallOrder {
            phones,
            rounds: self.rounds,
            max_age,
            title: cut(title),
            text: cut(self.text),
            severity,
        })
    }
}

/// The numbers of people.
fn numbers(plan: &Plan, people: &[String]) -> Result<Vec<String>, Problem> {
    let number = |key: &String| {
        let person = plan.people.get(key).ok_or_else(|| {
            let known = plan.people.keys().map(String::as_str);
            Problem::unprocessable(&unknown("person", key, known))
        })?;
        let phone = &person.contact.phone;
        if phone.is_empty() {
            let detail = format!("{key:?} has no number to be called at");
            return Err(Problem::unprocessable(&detail));
        }
        Ok(phone.clone())
    };
    people.iter().map(number).collect()
}

/// The words and severity of an alert.
fn about(engine: &Engine, text: &str) -> Result<(String, Severity), Problem> {
    let fingerprint = fingerprint(text)?;
    let state = engine.state();
    let alert = state.alert(fingerprint).ok_or_else(|| {
        let detail = format!("alert {fingerprint} is not in memory: it never came, or it has been over for half an hour");
        Problem::unprocessable(&detail)
    })?;
    let name = alert.labels.value("alertname");
    let summary = alert.annotations.value("summary");
    let title = match (name, summary) {
        ("", "") => format!("alert {fingerprint}"),
        (name, "") => name.to_owned(),
        ("", summary) => summary.to_owned(),
        (name, summary) => format!("{name}: {summary}"),
    };
    Ok((title, alert.severity()))
}

/// That a call is on disk.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CallAnswer {
    /// `GET /api/v1/calls/{id}` tells what becomes of it.
    #[schema(value_type = String)]
    pub(super) id: Arc<str>,
}

/// A call that telephones are asked to place.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CallView {
    #[schema(value_type = String)]
    id: Arc<str>,
    /// `waiting`, `answered`, `unanswered` or `withdrawn`.
    #[schema(value_type = String)]
    state: CallState,
    /// What it is about.
    #[schema(value_type = String)]
    title: Arc<str>,
    /// The numbers, in the order in which they are tried.
    #[schema(value_type = Vec<String>)]
    phones: Vec<Arc<str>>,
    /// The notification that asks for it.
    notification: u64,
    #[schema(value_type = String, format = DateTime)]
    at: Time,
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Time>,
    /// How often the numbers are tried.
    rounds: u32,
    /// Rounds that are over.
    done: u32,
    /// The number that answered.
    #[schema(value_type = Option<String>)]
    answered_by: Option<Arc<str>>,
    /// The key of who answered, where somebody of that number is known.
    #[schema(value_type = Option<String>)]
    person: Option<Arc<str>>,
    /// The telephone that is on it, or that said how it ended.
    #[schema(value_type = Option<String>)]
    agent: Option<Arc<str>>,
    /// Why it is no longer wanted.
    #[schema(value_type = Option<String>)]
    why: Option<Arc<str>>,
}

impl CallView {
    pub(super) fn of(call: PhoneCall, engine: &Engine) -> Self {
        let withdrawn = call.state == CallState::Withdrawn;
        let (why, answered_by) = if withdrawn {
            (call.answered_by, None)
        } else {
            (None, call.answered_by)
        };
        let waiting = call.state == CallState::Waiting;
        let agent = if waiting {
            engine.phone_on(&call.id)
        } else {
            call.agent
        };
        Self {
            id: call.id,
            state: call.state,
            title: call.title,
            phones: call.phones,
            notification: call.seq,
            at: call.at,
            ended_at: call.ended_at,
            rounds: call.rounds,
            done: call.done,
            answered_by,
            person: call.person,
            agent,
            why,
        }
    }
}
