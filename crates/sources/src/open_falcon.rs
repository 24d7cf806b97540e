//! Open-Falcon's callback: a `GET` with everything in its query.
//!
//! Source: open-falcon/falcon-plus `modules/alarm/cron/callback.go`. Times have no zone: name the source's. An alert
//! is known by endpoint, metric, tags and strategy.

use balefire_core::alert::Lifecycle;
use balefire_core::severity::Severity;
use serde_json::Value;

use crate::content;
use crate::draft::Draft;
use crate::json;
use crate::json::fields::{text, whole};
use crate::manners::Manners;
use crate::parsed::{Complaint, ComplaintKind, Parsed, Refusal, Signal};
use crate::spec::{Inbound, SourceSpec};

/// The static description of this source.
pub static SPEC: SourceSpec = SourceSpec {
    kind: "open_falcon",
    title: ("Open-Falcon", "Open-Falcon"),
    lifecycle: Lifecycle::Explicit,
    body_limit: 1_048_576,
    fields: &[],
    setup: include_str!("../setup/open_falcon.md"),
    manners: Manners::USUAL,
    parse,
};

/// How many tags of one alert are read.
const MAX_TAGS: usize = 100;

fn parse(inbound: &Inbound<'_>) -> Result<Parsed, Refusal> {
    let body = if inbound.body.trim_ascii().is_empty() {
        let empty = || Refusal::malformed("query", "empty: the callback's parameters stand there");
        content::of_query(inbound)?.ok_or_else(empty)?
    } else {
        // Something between may have made a body of it.
        json::read(inbound.body)?
    };
    let mut parsed = Parsed::default();
    match draft(inbound, &body) {
        Ok(draft) => draft.finish(&mut parsed),
        Err(complaint) => parsed.complain(complaint),
    }
    Ok(parsed)
}

fn draft<'a>(inbound: &Inbound<'_>, body: &'a Value) -> Result<Draft<'a>, Complaint> {
    let required = |name: &str| {
        text(body, name).ok_or_else(|| {
            let problem = "a callback has this parameter";
            Complaint::of(ComplaintKind::Required, name, problem)
        })
    };
    let signal = match &*required("status")? {
        "PROBLEM" => Signal::Firing,
        "OK" => Signal::Resolved,
        other => {
            let problem = format!("{other:?} is neither PROBLEM nor OK");
            return Err(Complaint::new("status", problem));
        }
    };
    let (endpoint, metric) = (required("endpoint")?, required("metric")?);
    let written = text(body, "tags").unwrap_or_default();
    let mut tags: Vec<(&str, &str)> = written
        .split(',')
        .filter_map(|tag| tag.split_once(':'))
        .filter(|(name, _)| !name.trim().is_empty())
        .take(MAX_TAGS)
        .collect();
    tags.sort_unstable();
    let mut draft = Draft::new("", signal);
    draft.label("alertname", metric.clone());
    draft.label("endpoint", endpoint.clone());
    if let Some(severity) = severity(body) {
        draft.severity(severity);
    }
    let rule = ["stra_id", "exp_id"].iter();
    let rule = rule
        .filter_map(|key| text(body, key))
        .find(|id| id != "0")
        .unwrap_or_default();
    let place: Vec<String> = tags
        .iter()
        .map(|(name, value)| format!("{name}:{value}"))
        .collect();
    draft.key(format!("{endpoint}/{metric}/{}/{rule}", place.join(",")));
    for (name, value) in tags {
        draft.label(name.trim().to_owned(), value.trim().to_owned());
    }
    draft.label_if("stra_id", text(body, "stra_id").filter(|id| id != "0"));
    draft.label_if("exp_id", text(body, "exp_id").filter(|id| id != "0"));
    draft.annotation("summary", format!("{metric} on {endpoint}"));
    draft.annotation_if("value", text(body, "left_value"));
    draft.annotation_if("step", text(body, "step"));
    draft.at(text(body, "time").as_deref(), inbound.timezone);
    Ok(draft)
}

/// Open-Falcon counts from 0 (worst) to 6.
fn severity(body: &Value) -> Option<Severity> {
    Some(match whole(body, "priority")? {
        ..=1 => Severity::Critical,
        2 => Severity::Error,
        3 => Severity::Warning,
        _ => Severity::Info,
    })
}
