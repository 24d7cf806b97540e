//! Every kind of source.

use crate::spec::SourceSpec;
use crate::{
    alertmanager, aliyun_cms, apprise_api, cloudevents, generic, gotify, grafana, inbox, ntfy,
    opsgenie, pagerduty_events, prometheus, prometheusalert, slack_incoming, tencent_monitor, text,
    uptime_kuma, zabbix,
};

/// All kinds, in the order in which the reference lists them.
pub static SOURCES: &[&SourceSpec] = &[
    &prometheus::SPEC,
    &alertmanager::SPEC,
    &grafana::SPEC,
    &zabbix::SPEC,
    &uptime_kuma::SPEC,
    &aliyun_cms::SPEC,
    &tencent_monitor::SPEC,
    &prometheusalert::SPEC,
    &pagerduty_events::SPEC,
    &opsgenie::SPEC,
    &slack_incoming::SPEC,
    &ntfy::SPEC,
    &gotify::SPEC,
    &apprise_api::SPEC,
    &cloudevents::SPEC,
    &generic::SPEC,
    &text::SPEC,
    &inbox::SPEC,
];

/// The kind of this name.
pub fn find(kind: &str) -> Option<&'static SourceSpec> {
    SOURCES.iter().copied().find(|spec| spec.kind == kind)
}
