//! Volcengine and BytePlus Cloud Monitor (火山引擎云监控): its callbacks for metrics and for events.
//!
//! Source: Volcengine's documentation of alarm callbacks. `Type` says which of four lists counts; each resource of
//! it is an alert of its own, known by rule, resource and alert group. Missing data is an alert beside the one that
//! the rule is about, so that neither ends the other. An event is told once: a retry has the same words and time.

mod event;
mod metric;

use balefire_core::alert::Lifecycle;
use balefire_core::severity::Severity;
use serde_json::Value;

use crate::draft::Draft;
use crate::generic;
use crate::json;
use crate::json::fields::text;
use crate::manners::Manners;
use crate::parsed::{Complaint, Parsed, Refusal};
use crate::spec::{Inbound, SourceSpec};

/// The static description of this source.
pub static SPEC: SourceSpec = SourceSpec {
    kind: "volcengine",
    title: ("Volcengine Cloud Monitor", "火山引擎云监控"),
    lifecycle: Lifecycle::Explicit,
    body_limit: 8 * 1_048_576,
    fields: &[],
    setup: include_str!("../../setup/volcengine.md"),
    manners: Manners::USUAL,
    parse,
};

/// The zone of times that name none.
const ZONE: &str = "Asia/Shanghai";

fn parse(inbound: &Inbound<'_>) -> Result<Parsed, Refusal> {
    from_value(inbound, &json::read(inbound.body)?)
}

/// Whether a body is one of its callbacks.
pub(crate) fn is(body: &Value) -> bool {
    metric::is(body) || event::is(body)
}

/// Reads the body's tree.
pub(crate) fn from_value(inbound: &Inbound<'_>, body: &Value) -> Result<Parsed, Refusal> {
    if metric::is(body) {
        metric::read(body)
    } else if event::is(body) {
        Ok(event::read(body))
    } else {
        generic::from_value(inbound, body)
    }
}

/// What is worth knowing of any callback: whose account it is, and how bad it is.
fn common<'a>(draft: &mut Draft<'a>, body: &'a Value, level: Option<&str>) {
    draft.label_if("account", text(body, "AccountId"));
    draft.label_if("project", text(body, "ProjectName"));
    if let Some(severity) = level.and_then(Severity::from_word) {
        draft.severity(severity);
    }
}

fn finish(draft: Result<Draft<'_>, Complaint>, parsed: &mut Parsed) {
    match draft {
        Ok(draft) => draft.finish(parsed),
        Err(complaint) => parsed.complain(complaint),
    }
}
