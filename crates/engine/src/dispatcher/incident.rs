//! What a flush means for the incident of its group, where the receiver has an escalation. It is written with the decision
//! and done by the escalator, so that neither a crash nor a provider keeps an incident from being opened.

use std::sync::Arc;

use balefire_config::plan::Plan;
use balefire_core::dispatch::{Flush, Judged, Verdict};
use balefire_core::message::{Mentions, Status};
use balefire_core::severity::Severity;
use balefire_store::GroupWord;
use balefire_template::compose;

use crate::delivery::content::GroupContent;
use crate::delivery::render;
use crate::delivery::shared::Shared;

/// The word of a flush: that something fires which nothing keeps quiet, or that all is over. `None` when it says neither,
/// or nobody asked for an escalation.
pub(super) fn word(shared: &Shared, plan: &Plan, flush: &Flush) -> Option<GroupWord> {
    let said = said(plan, flush).filter(|_| !shared.shadow)?;
    let record = &flush.record;
    let starts = said.passed.iter().map(|judged| judged.episode.starts_at);
    Some(GroupWord {
        group: record.group.0,
        ordinal: record.ordinal,
        is_over: said.is_over,
        title: if said.is_over {
            String::new()
        } else {
            title(plan, flush, &said.passed)
        },
        started_at: starts.min().unwrap_or(record.at),
        policy: said.policy,
        severity: said.severity,
    })
}

/// What a flush says of its incident.
pub(crate) struct Said<'f> {
    pub(crate) is_over: bool,
    pub(crate) policy: Arc<str>,
    pub(crate) severity: Severity,
    /// The alerts that fire and that nothing keeps quiet.
    pub(crate) passed: Vec<&'f Judged>,
}

/// What a flush says; `None` when it says nothing new, or nobody asked for an escalation.
pub(crate) fn said<'f>(plan: &Plan, flush: &'f Flush) -> Option<Said<'f>> {
    let receiver = plan.receivers.iter().find(|r| r.name == flush.receiver);
    let receiver = receiver?;
    let policy = receiver.escalation.as_ref()?;
    let record = &flush.record;
    if !flush.changed || record.alerts.is_empty() {
        return None;
    }
    let fires = |judged: &&Judged| judged.status == Status::Firing;
    let is_over = !record.alerts.iter().any(|judged| fires(&judged));
    let passed = |judged: &&Judged| fires(judged) && judged.verdict == Verdict::Passed;
    let passed: Vec<&Judged> = record.alerts.iter().filter(passed).collect();
    // Where somebody is to be told, a flush that tells nobody has nothing new.
    let is_news = !record.obligations.is_empty() || receiver.integrations.is_empty();
    if !is_over && (passed.is_empty() || !is_news) {
        return None;
    }
    let severity = flush.alerts.iter().map(|alert| alert.severity()).max();
    Some(Said {
        is_over,
        policy: Arc::clone(policy),
        severity: severity.unwrap_or(Severity::Warning),
        passed,
    })
}

/// The title of a message that tells of these alerts.
fn title(plan: &Plan, flush: &Flush, passed: &[&Judged]) -> String {
    let content = GroupContent {
        group: flush.record.group.0,
        route_key: Arc::clone(&flush.route_key),
        group_labels: flush.group_labels.clone(),
        reason: Arc::from(""),
        episodes: passed
            .iter()
            .map(|judged| (judged.episode, judged.status))
            .collect(),
        untold: Vec::new(),
        origin: None,
    };
    let url = Arc::from(plan.server.external_url.as_str());
    let alerts = &flush.alerts;
    let view = render::view(
        &content,
        &flush.receiver,
        &url,
        flush.record.at,
        |episode| {
            let mut judged = flush.record.alerts.iter().zip(alerts);
            let found = judged.find(|(judged, _)| judged.episode == episode);
            found.map(|(_, alert)| Arc::clone(alert))
        },
    );
    let reader = compose::Reader {
        locale: plan.server.reader.locale,
        zone: plan.server.reader.zone.clone(),
    };
    compose::compose(&Arc::new(view), &reader, Mentions::default(), None).title
}
