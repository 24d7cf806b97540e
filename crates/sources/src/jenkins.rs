//! Jenkins' Notification plugin.
//!
//! Source: jenkinsci/notification-plugin. A build that failed or is unstable begins an alert of its job and branch,
//! the next one that succeeds ends it. Builds that start, were stopped or did not run are noted only. `COMPLETED`
//! and `FINALIZED` say the same: either may be configured, or both.

use std::borrow::Cow;

use balefire_core::alert::Lifecycle;
use balefire_core::severity::Severity;
use balefire_core::time::Time;
use serde_json::Value;

use crate::draft::Draft;
use crate::generic;
use crate::json;
use crate::json::fields::{first, items, object, scalar, text, whole};
use crate::manners::Manners;
use crate::parsed::{Complaint, ComplaintKind, Parsed, Refusal, Signal};
use crate::spec::{Inbound, SourceSpec};

/// The static description of this source.
pub static SPEC: SourceSpec = SourceSpec {
    kind: "jenkins",
    title: ("Jenkins Notification plugin", "Jenkins Notification 插件"),
    lifecycle: Lifecycle::Explicit,
    body_limit: 8 * 1_048_576,
    fields: &[],
    setup: include_str!("../setup/jenkins.md"),
    manners: Manners::USUAL,
    parse,
};

/// How many failed tests are named.
const MAX_TESTS: usize = 20;

fn parse(inbound: &Inbound<'_>) -> Result<Parsed, Refusal> {
    if inbound.body.trim_ascii_start().starts_with(b"<") {
        let problem = "is XML: choose the format JSON at the job's notification endpoint";
        return Err(Refusal::malformed("body", problem));
    }
    from_value(inbound, &json::read(inbound.body)?)
}

/// Whether a body is one of the plugin's.
pub(crate) fn is(body: &Value) -> bool {
    body.pointer("/build/phase").is_some() && body.get("name").is_some()
}

/// Reads the body's tree.
pub(crate) fn from_value(inbound: &Inbound<'_>, body: &Value) -> Result<Parsed, Refusal> {
    let Some(build) = body.get("build").filter(|build| build.is_object()) else {
        return generic::from_value(inbound, body);
    };
    let mut parsed = Parsed::default();
    let phase = text(build, "phase").unwrap_or_default();
    let status = text(build, "status").unwrap_or_default();
    let said = match (&*phase, &*status) {
        ("COMPLETED" | "FINALIZED" | "", "FAILURE") => Some((Signal::Firing, Severity::Error)),
        ("COMPLETED" | "FINALIZED" | "", "UNSTABLE") => Some((Signal::Firing, Severity::Warning)),
        ("COMPLETED" | "FINALIZED" | "", "SUCCESS") => Some((Signal::Resolved, Severity::Info)),
        _ => None,
    };
    match said {
        None => parsed.note(format!("the build is {phase} {status}; noted only")),
        Some((signal, severity)) => match draft(body, build, signal, severity) {
            Ok(draft) => draft.finish(&mut parsed),
            Err(complaint) => parsed.complain(complaint),
        },
    }
    Ok(parsed)
}

fn draft<'a>(
    body: &'a Value,
    build: &'a Value,
    signal: Signal,
    severity: Severity,
) -> Result<Draft<'a>, Complaint> {
    let job = first(body, &["name", "display_name"])
        .ok_or_else(|| Complaint::of(ComplaintKind::Required, "name", "a build has a job"))?;
    let scm = build.get("scm").unwrap_or(&Value::Null);
    let branch = text(scm, "branch");
    let mut draft = Draft::new("", signal);
    draft.label("alertname", job.clone());
    draft.dedup(format!("{job}/{}", branch.as_deref().unwrap_or("")));
    if signal == Signal::Firing {
        draft.severity(severity);
    }
    draft.label("job", job.clone());
    draft.label_if("branch", branch);
    generic::details(&mut draft, object(build, "parameters"));
    let number = text(build, "number").unwrap_or_default();
    let status = text(build, "status").unwrap_or_default().to_lowercase();
    draft.annotation("summary", format!("{job} #{number}: {status}"));
    draft.annotation_if("commit", text(scm, "commit"));
    draft.annotation_if("culprits", joined(scm, "culprits"));
    if let Some(tests) = build.get("test_summary").filter(|tests| tests.is_object()) {
        let count = |key: &str| text(tests, key).unwrap_or_else(|| "0".into());
        draft.annotation(
            "tests",
            format!("{} of {} failed", count("failed"), count("total")),
        );
        draft.annotation_if("failed_tests", joined(tests, "failed_tests"));
    }
    draft.annotation_if("log", text(build, "log"));
    draft.url(text(build, "full_url"));
    draft.at(ended(build).as_deref(), "UTC");
    Ok(draft)
}

/// The build began at its timestamp and took its duration, in milliseconds.
fn ended(build: &Value) -> Option<String> {
    let started = whole(build, "timestamp")?;
    let took = whole(build, "duration").unwrap_or(0).max(0);
    // A year is longer than any build; more is no duration.
    let took = if took < 31_536_000_000 { took } else { 0 };
    let ended = started.checked_add(took)?;
    let believable = (0..4_133_980_800_000).contains(&ended);
    believable.then(|| Time::from_millis(ended).rfc3339_millis())
}

fn joined<'a>(value: &'a Value, key: &str) -> Option<Cow<'a, str>> {
    let names: Vec<Cow<'a, str>> = items(value, key)
        .iter()
        .take(MAX_TESTS)
        .filter_map(scalar)
        .collect();
    (!names.is_empty()).then(|| Cow::Owned(names.join(", ")))
}
