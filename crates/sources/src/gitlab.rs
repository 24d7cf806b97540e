//! GitLab's webhooks: pipelines, jobs and deployments.
//!
//! Source: GitLab's "Webhook events". What failed begins an alert, the next success of the same project and branch
//! (and job, or environment) ends it; what runs, was cancelled or skipped is noted only, and so are other events.
//! The secret token (`X-Gitlab-Token`) is the source's token.

use std::borrow::Cow;

use balefire_core::alert::Lifecycle;
use balefire_core::severity::Severity;
use serde_json::Value;

use crate::draft::Draft;
use crate::generic;
use crate::json;
use crate::json::fields::{first, items, text};
use crate::manners::{Head, Manners};
use crate::parsed::{Parsed, Refusal, Signal};
use crate::spec::{Inbound, SourceSpec};

/// The static description of this source.
pub static SPEC: SourceSpec = SourceSpec {
    kind: "gitlab",
    title: ("GitLab", "GitLab"),
    lifecycle: Lifecycle::Explicit,
    body_limit: 8 * 1_048_576,
    fields: &[],
    setup: include_str!("../setup/gitlab.md"),
    manners: Manners {
        token,
        ..Manners::USUAL
    },
    parse,
};

/// How many failed jobs of a pipeline are named.
const MAX_JOBS: usize = 20;

fn token(head: &Head<'_>) -> Option<String> {
    head.header("x-gitlab-token").map(str::to_owned)
}

fn parse(inbound: &Inbound<'_>) -> Result<Parsed, Refusal> {
    from_value(inbound, &json::read(inbound.body)?)
}

/// Whether a body is one of GitLab's.
pub(crate) fn is(body: &Value) -> bool {
    body.get("object_kind").is_some() && body.get("project").is_some()
}

/// Reads the body's tree.
pub(crate) fn from_value(inbound: &Inbound<'_>, body: &Value) -> Result<Parsed, Refusal> {
    let Some(kind) = first(body, &["object_kind", "event_name"]) else {
        return generic::from_value(inbound, body);
    };
    let attributes = body.get("object_attributes").unwrap_or(&Value::Null);
    let status = match &*kind {
        "pipeline" => text(attributes, "status"),
        "build" => text(body, "build_status"),
        "deployment" => text(body, "status"),
        _ => None,
    };
    let mut parsed = Parsed::default();
    let is_allowed = body.get("build_allow_failure").and_then(Value::as_bool) == Some(true);
    let signal = match status.as_deref() {
        Some("failed") if !is_allowed => Signal::Firing,
        Some("success") => Signal::Resolved,
        _ => {
            let status = status.unwrap_or_default();
            parsed.note(format!("{kind} {status}: noted only"));
            return Ok(parsed);
        }
    };
    let mut draft = Draft::new("", signal);
    let project = project(body);
    match &*kind {
        "pipeline" => pipeline(&mut draft, attributes, body, &project),
        "build" => job(&mut draft, body, &project),
        _ => deployment(&mut draft, body, &project),
    }
    if signal == Signal::Firing {
        draft.severity(Severity::Error);
    }
    draft.label("project", project);
    let commit = body.get("commit").unwrap_or(&Value::Null);
    draft.annotation_if("commit", first(commit, &["title", "message"]).map(line));
    let user = body.get("user").unwrap_or(&Value::Null);
    draft.annotation_if("user", text(user, "username"));
    draft.finish(&mut parsed);
    Ok(parsed)
}

/// The project's path, else whatever names it.
fn project(body: &Value) -> Cow<'_, str> {
    let project = body.get("project").unwrap_or(&Value::Null);
    first(project, &["path_with_namespace", "name", "id"])
        .or_else(|| first(body, &["project_name", "project_id"]))
        .unwrap_or_default()
}

fn pipeline<'a>(draft: &mut Draft<'a>, attributes: &'a Value, body: &'a Value, project: &str) {
    let branch = text(attributes, "ref").unwrap_or_default();
    draft.label("alertname", "GitLab pipeline");
    draft.key(format!("pipeline/{project}/{branch}"));
    let status = text(attributes, "status").unwrap_or_default();
    draft.annotation(
        "summary",
        format!("pipeline of {project} on {branch}: {status}"),
    );
    let failed: Vec<String> = items(body, "builds")
        .iter()
        .filter(|job| text(job, "status").as_deref() == Some("failed"))
        .filter_map(|job| Some(format!("{}: {}", text(job, "stage")?, text(job, "name")?)))
        .take(MAX_JOBS)
        .collect();
    if !failed.is_empty() {
        draft.annotation("failed_jobs", failed.join(", "));
    }
    draft.label("ref", branch);
    draft.url(text(attributes, "url"));
    draft.at(text(attributes, "finished_at").as_deref(), "UTC");
}

fn job<'a>(draft: &mut Draft<'a>, body: &'a Value, project: &str) {
    let (name, branch) = (
        text(body, "build_name").unwrap_or_default(),
        text(body, "ref").unwrap_or_default(),
    );
    draft.label("alertname", "GitLab job");
    draft.key(format!("job/{project}/{branch}/{name}"));
    let status = text(body, "build_status").unwrap_or_default();
    draft.annotation(
        "summary",
        format!("job {name} of {project} on {branch}: {status}"),
    );
    draft.label("job", name);
    draft.label("ref", branch);
    draft.label_if("stage", text(body, "build_stage"));
    draft.annotation_if("reason", text(body, "build_failure_reason"));
    let project = body.get("project").unwrap_or(&Value::Null);
    let link = text(project, "web_url")
        .zip(text(body, "build_id"))
        .map(|(url, id)| Cow::Owned(format!("{url}/-/jobs/{id}")));
    draft.url(link);
    draft.at(text(body, "build_finished_at").as_deref(), "UTC");
}

fn deployment<'a>(draft: &mut Draft<'a>, body: &'a Value, project: &str) {
    let environment = text(body, "environment").unwrap_or_default();
    draft.label("alertname", "GitLab deployment");
    draft.key(format!("deployment/{project}/{environment}"));
    let status = text(body, "status").unwrap_or_default();
    draft.annotation(
        "summary",
        format!("deployment of {project} to {environment}: {status}"),
    );
    draft.label("environment", environment);
    draft.label_if("ref", text(body, "ref"));
    draft.annotation_if("commit", text(body, "commit_title"));
    draft.url(text(body, "deployable_url"));
    draft.at(text(body, "status_changed_at").as_deref(), "UTC");
}

/// The first line of a text.
fn line(words: Cow<'_, str>) -> Cow<'_, str> {
    match words.lines().next() {
        Some(first) if first.len() < words.len() => Cow::Owned(first.to_owned()),
        _ => words,
    }
}
