//! Which known format a body is, when the sender was only given one address.

use balefire_core::alert::Lifecycle;
use serde_json::Value;

use crate::content::{self, Content};
use crate::json::fields::items;
use crate::parsed::{Parsed, Refusal};
use crate::spec::{Inbound, SourceSpec};
use crate::{
    alertmanager, aliyun_cms, aliyun_sls, apprise_api, azure_monitor, cloudevents, datadog,
    gcp_monitoring, generic, github, gitlab, grafana, jenkins, kibana, nightingale,
    pagerduty_events, prometheus, sentry, slack_incoming, tencent_monitor, text, uptime_kuma,
    volcengine, zabbix,
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

/// A format that is known by its bodies.
struct Mark {
    spec: &'static SourceSpec,
    is: fn(&Inbound<'_>, &Value) -> bool,
    read: Read,
}

/// The most specific marks first.
static MARKS: &[Mark] = &[
    Mark {
        spec: &sentry::SPEC,
        is: |inbound, _| inbound.header("sentry-hook-resource").is_some(),
        read: sentry::from_value,
    },
    Mark {
        spec: &github::SPEC,
        is: github::is,
        read: github::from_value,
    },
    Mark {
        spec: &gitlab::SPEC,
        is: |_, body| gitlab::is(body),
        read: gitlab::from_value,
    },
    Mark {
        spec: &aliyun_cms::SPEC,
        is: |_, body| aliyun_cms::is(body),
        read: aliyun_cms::from_value,
    },
    Mark {
        spec: &cloudevents::SPEC,
        is: cloudevents::is,
        read: cloudevents::from_value,
    },
    Mark {
        spec: &azure_monitor::SPEC,
        is: |_, body| azure_monitor::is(body),
        read: azure_monitor::from_value,
    },
    Mark {
        spec: &gcp_monitoring::SPEC,
        is: |_, body| gcp_monitoring::is(body),
        read: gcp_monitoring::from_value,
    },
    Mark {
        spec: &pagerduty_events::SPEC,
        is: |_, body| pagerduty_events::is(body),
        read: pagerduty_events::from_value,
    },
    Mark {
        spec: &grafana::SPEC,
        is: |_, body| !items(body, "alerts").is_empty() && body.get("orgId").is_some(),
        read: grafana::from_value,
    },
    Mark {
        spec: &alertmanager::SPEC,
        is: |_, body| {
            let whole = body.get("groupKey").is_some() && body.get("alerts").is_some();
            whole || labelled(items(body, "alerts"))
        },
        read: alertmanager::from_value,
    },
    Mark {
        spec: &prometheus::SPEC,
        is: |_, body| body.as_array().is_some_and(|list| labelled(list)),
        read: |inbound, _| prometheus::parse(inbound),
    },
    Mark {
        spec: &grafana::SPEC,
        is: |_, body| grafana::is_legacy(body),
        read: grafana::from_value,
    },
    Mark {
        spec: &uptime_kuma::SPEC,
        is: |_, body| uptime_kuma::is(body),
        read: uptime_kuma::from_value,
    },
    Mark {
        spec: &tencent_monitor::SPEC,
        is: |_, body| tencent_monitor::is(body),
        read: tencent_monitor::from_value,
    },
    Mark {
        spec: &volcengine::SPEC,
        is: |_, body| volcengine::is(body),
        read: volcengine::from_value,
    },
    Mark {
        spec: &aliyun_sls::SPEC,
        is: |_, body| aliyun_sls::is(body),
        read: aliyun_sls::from_value,
    },
    Mark {
        spec: &nightingale::SPEC,
        is: |_, body| nightingale::is(body),
        read: nightingale::from_value,
    },
    Mark {
        spec: &jenkins::SPEC,
        is: |_, body| jenkins::is(body),
        read: jenkins::from_value,
    },
    Mark {
        spec: &zabbix::SPEC,
        is: |_, body| zabbix::is(body),
        read: zabbix::from_value,
    },
    Mark {
        spec: &datadog::SPEC,
        is: |_, body| datadog::is(body),
        read: datadog::from_value,
    },
    Mark {
        spec: &kibana::SPEC,
        is: |_, body| kibana::is(body),
        read: kibana::from_value,
    },
    Mark {
        spec: &slack_incoming::SPEC,
        is: |_, body| slack_incoming::is(body),
        read: slack_incoming::from_value,
    },
    Mark {
        spec: &apprise_api::SPEC,
        is: |_, body| apprise_api::is(body),
        read: apprise_api::from_value,
    },
];

/// The format whose marks a body has, else the generic one.
fn format_of(inbound: &Inbound<'_>, body: &Value) -> (&'static SourceSpec, Read) {
    let known = MARKS.iter().find(|mark| (mark.is)(inbound, body));
    known.map_or((&generic::SPEC, generic::from_value as Read), |mark| {
        (mark.spec, mark.read)
    })
}

/// Whether the items of a list have labels.
fn labelled(list: &[Value]) -> bool {
    list.first()
        .is_some_and(|item| item.get("labels").is_some())
}
