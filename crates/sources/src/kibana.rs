//! Kibana's webhook connector, with the body of `setup/kibana.md`.
//!
//! Source: Elastic's "Webhook connector and action". The body is the operator's own template; ours says which rule
//! and which alert. The action of the group `recovered` ends it.

use std::borrow::Cow;

use balefire_core::alert::Lifecycle;
use balefire_core::severity::Severity;
use serde_json::Value;

use crate::draft::Draft;
use crate::generic;
use crate::json;
use crate::json::fields::{first, items, scalar, text};
use crate::manners::Manners;
use crate::parsed::{Complaint, ComplaintKind, Parsed, Refusal, Signal};
use crate::spec::{Inbound, SourceSpec};

/// The static description of this source.
pub static SPEC: SourceSpec = SourceSpec {
    kind: "kibana",
    title: ("Kibana rules", "Kibana 告警规则"),
    lifecycle: Lifecycle::Explicit,
    body_limit: 1_048_576,
    fields: &[],
    setup: include_str!("../setup/kibana.md"),
    manners: Manners::USUAL,
    parse,
};

/// How many tags of a rule are kept.
const MAX_TAGS: usize = 64;

fn parse(inbound: &Inbound<'_>) -> Result<Parsed, Refusal> {
    from_value(inbound, &json::read(inbound.body)?)
}

/// Whether a body is our template, filled in.
pub(crate) fn is(body: &Value) -> bool {
    body.pointer("/rule/id").is_some() && body.pointer("/alert/actionGroup").is_some()
}

/// Reads the body's tree; a template of the operator's own is read as a generic one.
pub(crate) fn from_value(inbound: &Inbound<'_>, body: &Value) -> Result<Parsed, Refusal> {
    if !is(body) {
        return generic::from_value(inbound, body);
    }
    let mut parsed = Parsed::default();
    match draft(body) {
        Ok(draft) => draft.finish(&mut parsed),
        Err(complaint) => parsed.complain(complaint),
    }
    Ok(parsed)
}

fn draft(body: &Value) -> Result<Draft<'_>, Complaint> {
    let part = |name: &str| body.get(name).unwrap_or(&Value::Null);
    let (rule, alert, context) = (part("rule"), part("alert"), part("context"));
    let name = first(rule, &["name", "id"]).ok_or_else(|| {
        let problem = "set rule.name to {{rule.name}}";
        Complaint::of(ComplaintKind::Required, "rule.name", problem)
    })?;
    let group = text(alert, "actionGroup");
    let over = group.as_deref() == Some("recovered");
    let signal = if over {
        Signal::Resolved
    } else {
        Signal::Firing
    };
    let mut draft = Draft::new("", signal);
    draft.label("alertname", name.clone());
    let word = first(body, &["severity", "priority"]);
    if let Some(severity) = word.and_then(|word| Severity::from_word(&word)) {
        draft.severity(severity);
    }
    let id = |value| text(value, "id").unwrap_or_default();
    draft.dedup(format!("{}/{}", id(rule), id(alert)));
    draft.label_if("alert_id", text(alert, "id"));
    draft.label_if("rule_type", text(rule, "type"));
    draft.label_if("space", text(rule, "spaceId"));
    draft.label_if("tags", tags(rule));
    draft.annotation("summary", text(context, "title").unwrap_or(name));
    draft.annotation_if("description", first(context, &["message", "reason"]));
    draft.annotation_if("value", text(context, "value"));
    draft.annotation_if(
        "action_group",
        first(alert, &["actionGroupName", "actionGroup"]),
    );
    draft.url(first(context, &["link", "alertDetailsUrl"]).or_else(|| text(rule, "url")));
    let time = text(context, "date")
        .filter(|_| !over)
        .or_else(|| text(body, "date"));
    draft.at(time.as_deref(), "UTC");
    Ok(draft)
}

/// The rule's tags: a template makes one text of them.
fn tags(rule: &Value) -> Option<Cow<'_, str>> {
    let listed = items(rule, "tags").iter().take(MAX_TAGS);
    let tags: Vec<Cow<'_, str>> = listed.filter_map(scalar).collect();
    let joined = (!tags.is_empty()).then(|| Cow::Owned(tags.join(",")));
    joined.or_else(|| text(rule, "tags"))
}
