//! Tencent Cloud Monitor (腾讯云可观测平台): the alarm callback, for metrics and events.
//!
//! Source: Tencent Cloud's documentation of alarm callbacks. Letter case of keys and types of
//! values vary between products, so keys are compared without case. Times are Beijing's, without
//! saying so. There is no severity; if the policy's extra information has one, it is taken.

use std::borrow::Cow;

use balefire_core::alert::Lifecycle;
use balefire_core::severity::Severity;
use serde_json::Value;

use crate::draft::Draft;
use crate::generic;
use crate::json;
use crate::json::fields::scalar;
use crate::manners::Manners;
use crate::parsed::{Complaint, Parsed, Refusal, Signal};
use crate::spec::{Inbound, SourceSpec};

/// The static description of this source.
pub static SPEC: SourceSpec = SourceSpec {
    kind: "tencent_monitor",
    title: ("Tencent Cloud Monitor", "腾讯云可观测平台"),
    lifecycle: Lifecycle::Explicit,
    body_limit: 1_048_576,
    fields: &[],
    setup: include_str!("../setup/tencent_monitor.md"),
    manners: Manners::USUAL,
    parse,
};

const ZONE: &str = "Asia/Shanghai";

fn parse(inbound: &Inbound<'_>) -> Result<Parsed, Refusal> {
    from_value(inbound, &json::read(inbound.body)?)
}

/// Whether a body is an alarm callback.
pub(crate) fn is(body: &Value) -> bool {
    member(body, "alarmPolicyInfo").is_some()
}

/// Reads the body's tree.
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
    let signal = match text(body, "alarmStatus").as_deref() {
        Some("1") => Signal::Firing,
        Some("0") => Signal::Resolved,
        other => {
            let problem = format!(
                "{:?} is neither 1 (alarm) nor 0 (recovered)",
                other.unwrap_or("")
            );
            return Err(Complaint::new("alarmStatus", problem));
        }
    };
    let none = &Value::Null;
    let policy = member(body, "alarmPolicyInfo").unwrap_or(none);
    let object = member(body, "alarmObjInfo").unwrap_or(none);
    let dimensions = member(object, "dimensions").unwrap_or(none);
    let conditions = member(policy, "conditions").unwrap_or(none);
    let mut draft = Draft::new("", signal);
    let name = first(
        conditions,
        &["metricShowName", "eventShowName", "metricName", "eventName"],
    );
    let policy_name = text(policy, "policyName");
    let name = name
        .or_else(|| policy_name.clone())
        .unwrap_or_else(|| "Tencent Cloud alarm".into());
    draft.label("alertname", name.clone());
    if let Some(severity) = severity(body) {
        draft.severity(severity);
    }
    let instance = first(dimensions, &["unInstanceId", "objId", "instanceId"]);
    let what = first(conditions, &["metricName", "eventName"]);
    draft.key(format!(
        "{}/{}/{}",
        text(policy, "policyId").unwrap_or_default(),
        instance.as_deref().unwrap_or(""),
        what.as_deref().unwrap_or("")
    ));
    draft.label_if("instance", instance);
    draft.label_if(
        "instance_name",
        first(dimensions, &["deviceName", "objName"]),
    );
    draft.label_if("metric", text(conditions, "metricName"));
    draft.label_if("event", text(conditions, "eventName"));
    draft.label_if("policy", policy_name);
    draft.label_if("policy_type", text(policy, "policyType"));
    draft.label_if("region", text(object, "region"));
    draft.label_if("namespace", text(object, "namespace"));
    words(&mut draft, &name, body, policy, conditions, dimensions);
    draft.starts(text(body, "firstOccurTime").as_deref(), ZONE);
    if signal == Signal::Resolved {
        draft.ends(text(body, "recoverTime").as_deref(), ZONE);
    }
    Ok(draft)
}

fn words<'a>(
    draft: &mut Draft<'a>,
    name: &str,
    body: &'a Value,
    policy: &'a Value,
    conditions: &'a Value,
    dimensions: &'a Value,
) {
    let product = first(policy, &["policyTypeCName", "policyTypeEname"]);
    let product = product.or_else(|| text(conditions, "productShowName"));
    draft.annotation(
        "summary",
        match product {
            Some(product) => format!("{product}: {name}"),
            None => name.to_owned(),
        },
    );
    let unit = text(conditions, "unit").unwrap_or_default();
    if let Some(value) = text(conditions, "currentValue") {
        draft.annotation("value", format!("{value}{unit}"));
    }
    if let (Some(comparison), Some(limit)) =
        (text(conditions, "calcType"), text(conditions, "calcValue"))
    {
        let unit = text(conditions, "calcUnit").unwrap_or_default();
        draft.annotation("condition", format!("{comparison} {limit}{unit}"));
    }
    draft.annotation_if("session_id", text(body, "sessionId"));
    let detail = member(dimensions, "objDetail").and_then(Value::as_object);
    for (name, value) in detail.into_iter().flatten() {
        if let Some(value) = scalar(value) {
            draft.annotation(name, value);
        }
    }
    for (name, value) in additional(body) {
        draft.annotation(name, value);
    }
}

/// The operator's extra information: `[{key, value}]`.
fn additional(body: &Value) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    member(body, "additionalMsg")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|pair| Some((text(pair, "key")?, text(pair, "value")?)))
}

fn severity(body: &Value) -> Option<Severity> {
    additional(body)
        .find(|(key, _)| {
            matches!(
                &*key.to_lowercase(),
                "severity" | "level" | "priority" | "级别"
            )
        })
        .and_then(|(_, value)| Severity::from_word(&value))
}

/// A member, whatever the letter case of its key.
fn member<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    let map = value.as_object()?;
    map.get(key).or_else(|| {
        map.iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(key))
            .map(|(_, v)| v)
    })
}

fn text<'a>(value: &'a Value, key: &str) -> Option<Cow<'a, str>> {
    scalar(member(value, key)?).filter(|text| !text.trim().is_empty())
}

fn first<'a>(value: &'a Value, keys: &[&str]) -> Option<Cow<'a, str>> {
    keys.iter().find_map(|key| text(value, key))
}
