//! Every kind of source.

use crate::spec::SourceSpec;
use crate::{
    alertmanager, aliyun_cms, aliyun_sls, apprise_api, aws_sns, azure_monitor, cloudevents,
    datadog, elastalert, gcp_monitoring, generic, github, gitlab, gotify, grafana, huawei_smn,
    inbox, jenkins, kibana, mail, nightingale, ntfy, open_falcon, opsgenie, pagerduty_events,
    prometheus, prometheusalert, sentry, slack_incoming, tencent_monitor, text, uptime_kuma,
    volcengine, zabbix,
};

/// All kinds, in the order in which the reference lists them.
pub static SOURCES: &[&SourceSpec] = &[
    &prometheus::SPEC,
    &alertmanager::SPEC,
    &grafana::SPEC,
    &zabbix::SPEC,
    &uptime_kuma::SPEC,
    &aliyun_cms::SPEC,
    &aliyun_sls::SPEC,
    &tencent_monitor::SPEC,
    &volcengine::SPEC,
    &huawei_smn::SPEC,
    &aws_sns::SPEC,
    &azure_monitor::SPEC,
    &gcp_monitoring::SPEC,
    &nightingale::SPEC,
    &open_falcon::SPEC,
    &sentry::SPEC,
    &datadog::SPEC,
    &kibana::SPEC,
    &elastalert::SPEC,
    &jenkins::SPEC,
    &gitlab::SPEC,
    &github::SPEC,
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
    &mail::SPEC,
    &inbox::SPEC,
];

/// The kind of this name.
pub fn find(kind: &str) -> Option<&'static SourceSpec> {
    SOURCES.iter().copied().find(|spec| spec.kind == kind)
}
