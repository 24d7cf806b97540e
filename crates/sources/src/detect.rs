//! Which known format a body is, when the sender was only given one address.

use balefire_core::alert::Lifecycle;
use serde_json::Value;

use crate::content::{self, Content};
use crate::json::fields::items;
use crate::parsed::{Parsed, Refusal};
use crate::spec::{Inbound, SourceSpec};
use crate::{
    alertmanager, aliyun_cms, apprise_api, cloudevents, generic, grafana, pagerduty_events,
    prometheus, slack_incoming, tencent_monitor, text, uptime_kuma, zabbix,
};

/// Reads a body of any known format; JSON of an unknown one is generic, everything else is text.
pub(crate) fn read(inbound: &Inbound<'_>) -> Result<Parsed, Refusal> {
    if inbound.header("ce-specversion").is_some() {
        return with(cloudevents::SPEC.lifecycle, cloudevents::parse(inbound));
    }
    match content::of(inbound, false)? {
        Content::Json(value) => {
            let (spec, read) = format_of(inbound, &value);
            with(spec.lifecycle, read(inbound, &value))
        }
        Content::Text(words) => match crate::form::fields(words.as_bytes()) {
            Ok(value) if aliyun_cms::is(&value) => with(
                aliyun_cms::SPEC.lifecycle,
                aliyun_cms::from_value(inbound, &value),
            ),
            _ => with(Lifecycle::Event, text::from_text(&words)),
        },
        Content::Empty => Err(Refusal::malformed(
            "body",
            "empty: send an alert as JSON, or a text",
        )),
    }
}

fn with(lifecycle: Lifecycle, parsed: Result<Parsed, Refusal>) -> Result<Parsed, Refusal> {
    parsed.map(|parsed| Parsed {
        lifecycle: Some(lifecycle),
        ..parsed
    })
}

type Read = fn(&Inbound<'_>, &Value) -> Result<Parsed, Refusal>;

/// The most specific format that a body has the marks of.
fn format_of(inbound: &Inbound<'_>, body: &Value) -> (&'static SourceSpec, Read) {
    let has = |key: &str| body.get(key).is_some();
    let labelled = |list: &[Value]| {
        list.first()
            .is_some_and(|item| item.get("labels").is_some())
    };
    let alerts = items(body, "alerts");
    if aliyun_cms::is(body) {
        (&aliyun_cms::SPEC, aliyun_cms::from_value)
    } else if cloudevents::is(inbound, body) {
        (&cloudevents::SPEC, cloudevents::from_value)
    } else if pagerduty_events::is(body) {
        (&pagerduty_events::SPEC, pagerduty_events::from_value)
    } else if !alerts.is_empty() && has("orgId") {
        (&grafana::SPEC, grafana::from_value)
    } else if (has("groupKey") && has("alerts")) || labelled(alerts) {
        (&alertmanager::SPEC, alertmanager::from_value)
    } else if body.as_array().is_some_and(|list| labelled(list)) {
        (&prometheus::SPEC, |inbound, _| prometheus::parse(inbound))
    } else if grafana::is_legacy(body) {
        (&grafana::SPEC, grafana::from_value)
    } else if uptime_kuma::is(body) {
        (&uptime_kuma::SPEC, uptime_kuma::from_value)
    } else if tencent_monitor::is(body) {
        (&tencent_monitor::SPEC, tencent_monitor::from_value)
    } else if zabbix::is(body) {
        (&zabbix::SPEC, zabbix::from_value)
    } else if slack_incoming::is(body) {
        (&slack_incoming::SPEC, slack_incoming::from_value)
    } else if apprise_api::is(body) {
        (&apprise_api::SPEC, apprise_api::from_value)
    } else {
        (&generic::SPEC, generic::from_value)
    }
}
