//! What ran: workflows, checks, deployments.

use balefire_core::severity::Severity;
use serde_json::Value;

use super::{Read, Said, repository};
use crate::draft::Draft;
use crate::json::fields::{first, text};
use crate::parsed::{Complaint, ComplaintKind, Signal};

/// What a conclusion means; `None` for one that is neither good nor bad.
fn signal_of(conclusion: &str) -> Option<Signal> {
    match conclusion {
        "failure" | "timed_out" | "startup_failure" | "action_required" | "error" => {
            Some(Signal::Firing)
        }
        "success" => Some(Signal::Resolved),
        _ => None,
    }
}

pub(super) fn workflow(body: &Value) -> Read<'_> {
    let run = body.get("workflow_run").unwrap_or(&Value::Null);
    let Some((signal, conclusion)) = concluded(run) else {
        return Ok(nothing(body, run, "workflow_run"));
    };
    let name = named(run, "workflow_run.name")?;
    let (repository, branch) = (
        repository(body),
        text(run, "head_branch").unwrap_or_default(),
    );
    let mut draft = Draft::new("", signal);
    draft.label("alertname", name.clone());
    if signal == Signal::Firing {
        draft.severity(Severity::Error);
    }
    let workflow = text(run, "workflow_id").unwrap_or_else(|| name.clone());
    draft.key(format!("workflow/{repository}/{workflow}/{branch}"));
    draft.annotation(
        "summary",
        format!("{name} of {repository} on {branch}: {conclusion}"),
    );
    draft.label("repository", repository);
    draft.label("branch", branch);
    draft.annotation_if("title", text(run, "display_title"));
    draft.annotation_if("commit", text(run, "head_sha"));
    draft.annotation_if("run", text(run, "run_number"));
    draft.url(text(run, "html_url"));
    draft.at(text(run, "updated_at").as_deref(), "UTC");
    Ok(Said::Alert(draft))
}

/// A check run, or a suite of them.
pub(super) fn check<'a>(body: &'a Value, kind: &'static str) -> Read<'a> {
    let check = body.get(kind).unwrap_or(&Value::Null);
    let Some((signal, conclusion)) = concluded(check) else {
        return Ok(nothing(body, check, kind));
    };
    let app = check.get("app").unwrap_or(&Value::Null);
    let name = match first(check, &["name"]).or_else(|| first(app, &["name", "slug"])) {
        Some(name) => name,
        None => named(check, kind)?,
    };
    let suite = check.get("check_suite").unwrap_or(check);
    let (repository, branch) = (
        repository(body),
        text(suite, "head_branch").unwrap_or_default(),
    );
    let mut draft = Draft::new("", signal);
    draft.label("alertname", name.clone());
    if signal == Signal::Firing {
        draft.severity(Severity::Error);
    }
    draft.key(format!("{kind}/{repository}/{name}/{branch}"));
    draft.annotation(
        "summary",
        format!("{name} of {repository} on {branch}: {conclusion}"),
    );
    draft.label("repository", repository);
    draft.label("branch", branch);
    let output = check.get("output").unwrap_or(&Value::Null);
    draft.annotation_if("description", first(output, &["summary", "title"]));
    draft.annotation_if("commit", text(check, "head_sha"));
    draft.url(first(check, &["html_url", "details_url"]));
    draft.at(
        first(check, &["completed_at", "updated_at"]).as_deref(),
        "UTC",
    );
    Ok(Said::Alert(draft))
}

pub(super) fn deployment(body: &Value) -> Said<'_> {
    let status = body.get("deployment_status").unwrap_or(&Value::Null);
    let state = text(status, "state").unwrap_or_default();
    let Some(signal) = signal_of(&state) else {
        return Said::Nothing(format!("deployment_status {state}"));
    };
    let deployment = body.get("deployment").unwrap_or(&Value::Null);
    let environment = text(status, "environment").or_else(|| text(deployment, "environment"));
    let environment = environment.unwrap_or_default();
    let repository = repository(body);
    let mut draft = Draft::new("", signal);
    draft.label("alertname", "GitHub deployment");
    if signal == Signal::Firing {
        draft.severity(Severity::Error);
    }
    draft.key(format!("deployment/{repository}/{environment}"));
    draft.annotation(
        "summary",
        format!("deployment of {repository} to {environment}: {state}"),
    );
    draft.label("repository", repository);
    draft.label("environment", environment);
    draft.annotation_if("description", text(status, "description"));
    draft.annotation_if("ref", text(deployment, "ref"));
    draft.url(first(status, &["log_url", "target_url", "environment_url"]));
    draft.at(text(status, "updated_at").as_deref(), "UTC");
    Said::Alert(draft)
}

/// What a finished run came to.
fn concluded(run: &Value) -> Option<(Signal, std::borrow::Cow<'_, str>)> {
    let conclusion = text(run, "conclusion")?;
    Some((signal_of(&conclusion)?, conclusion))
}

fn nothing<'a>(body: &Value, run: &Value, kind: &str) -> Said<'a> {
    let action = text(body, "action").unwrap_or_default();
    let conclusion = text(run, "conclusion").unwrap_or_default();
    Said::Nothing(format!("{kind} {action} {conclusion}"))
}

fn named<'a>(run: &'a Value, path: &str) -> Result<std::borrow::Cow<'a, str>, Complaint> {
    text(run, "name").ok_or_else(|| {
        let problem = "nothing names what ran";
        Complaint::of(ComplaintKind::Required, path, problem)
    })
}
