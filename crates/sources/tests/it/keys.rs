//! Which alert a resolve closes.

use balefire_sources::parsed::{Identity, ParsedAlert, Signal};

use crate::request::{Request, fixture};

fn only(request: &Request, kind: &str) -> ParsedAlert {
    let parsed = request.read(kind).expect("the request is readable");
    assert_eq!(parsed.complaints, []);
    let mut alerts = parsed.alerts;
    assert_eq!(alerts.len(), 1);
    alerts.remove(0)
}

/// Payloads that begin and end the same alert, by kind.
const PAIRS: &[(&str, &str, &str)] = &[
    ("zabbix", "problem.json", "resolved.json"),
    ("uptime_kuma", "down.json", "up.json"),
    (
        "aliyun_cms",
        "callback_alert.form.txt",
        "callback_ok.form.txt",
    ),
    ("aliyun_cms", "callback_alert.json", "callback_ok.form.txt"),
    (
        "tencent_monitor",
        "metric_alarm.json",
        "metric_resolved.json",
    ),
    ("tencent_monitor", "event_alarm.json", "event_resolved.json"),
    ("volcengine", "no_data.json", "no_data_recovered.json"),
    ("grafana", "legacy_alerting.json", "legacy_ok.json"),
    ("grafana", "legacy_no_data.json", "legacy_ok.json"),
    (
        "cloudevents",
        "structured_firing.json",
        "structured_resolved.json",
    ),
    ("cloudevents", "binary.http", "structured_resolved.json"),
    ("generic", "flat_alerting.json", "flat_ok.json"),
    ("pagerduty_events", "trigger.json", "resolve.json"),
    (
        "aws_sns",
        "cloudwatch_alarm.json",
        "cloudwatch_ok_sigv1.json",
    ),
    ("huawei_smn", "ces_v1_alarm.json", "ces_v1_ok.json"),
    ("pagerduty_events", "v1_trigger.http", "v1_resolve.http"),
    ("opsgenie", "create.http", "close.http"),
    ("opsgenie", "create_again.http", "close.http"),
    ("slack_incoming", "attachments.json", "resolved.json"),
    ("ntfy", "json.http", "encoded_title.http"),
    ("gotify", "form.http", "multipart.http"),
    ("apprise_api", "firing.http", "resolved.http"),
    ("aliyun_sls", "firing.json", "resolved.json"),
    ("azure_monitor", "common_fired.json", "common_resolved.json"),
    ("gcp_monitoring", "open.json", "closed.json"),
    (
        "nightingale",
        "callback_firing.json",
        "callback_recovered.json",
    ),
    (
        "nightingale",
        "notify_media_template_events.json",
        "callback_recovered.json",
    ),
    ("open_falcon", "callback_problem.http", "callback_ok.http"),
    ("sentry", "issue_created.json", "issue_resolved.json"),
    (
        "sentry",
        "metric_alert_critical.json",
        "metric_alert_resolved.json",
    ),
    ("datadog", "triggered.json", "recovered.json"),
    ("datadog", "no_data.json", "recovered.json"),
    ("kibana", "rule_active.json", "rule_recovered.json"),
    (
        "jenkins",
        "completed_failure.json",
        "completed_success.json",
    ),
    ("gitlab", "pipeline_failed.json", "pipeline_success.json"),
    (
        "gitlab",
        "deployment_failed.json",
        "deployment_success.json",
    ),
    (
        "github",
        "workflow_run_failure.json",
        "workflow_run_success.json",
    ),
];

#[test]
fn a_resolve_has_the_key_of_what_it_resolves_whatever_its_labels() {
    for &(kind, firing, resolved) in PAIRS {
        let (on, over) = (
            only(&fixture(kind, firing), kind),
            only(&fixture(kind, resolved), kind),
        );
        assert_ne!(on.identity, Identity::Labels, "{kind} {firing}");
        assert_eq!(on.identity, over.identity, "{kind} {firing} {resolved}");
        assert_eq!(
            (on.signal, over.signal),
            (Signal::Firing, Signal::Resolved),
            "{kind}"
        );
    }
}

#[test]
fn a_cloud_alarm_keeps_its_labels_when_it_recovers() {
    let on = only(
        &fixture("aliyun_cms", "callback_alert.form.txt"),
        "aliyun_cms",
    );
    let over = only(&fixture("aliyun_cms", "callback_ok.form.txt"), "aliyun_cms");
    assert_eq!(on.labels, over.labels);
}

#[test]
fn missing_data_neither_closes_nor_joins_an_open_cloud_alarm() {
    let on = only(
        &fixture("aliyun_cms", "callback_alert.form.txt"),
        "aliyun_cms",
    );
    let gap = only(
        &fixture("aliyun_cms", "callback_insufficient_data.form.txt"),
        "aliyun_cms",
    );
    assert_eq!(
        (gap.signal, gap.identity),
        (Signal::Event, Identity::Labels)
    );
    assert_ne!(gap.labels, on.labels);
}

#[test]
fn alertmanager_alerts_are_known_by_their_labels_unless_the_fingerprint_is_foreign() {
    let body = |fingerprint: &str| {
        let alert =
            format!(r#"{{"labels":{{"a":"x"}},"status":"firing","fingerprint":"{fingerprint}"}}"#);
        only(
            &Request::json(format!(r#"{{"groupKey":"k","alerts":[{alert}]}}"#)),
            "alertmanager",
        )
        .identity
    };
    assert_eq!(body("d2c7718192a8a294"), Identity::Labels);
    assert_eq!(
        body("0000000000000001"),
        Identity::Key("0000000000000001".to_owned())
    );
}

#[test]
fn one_alert_sent_to_two_prometheusalert_targets_is_two_alerts() {
    let mut request = fixture("prometheusalert", "alertmanager.http");
    let first = only(&request, "prometheusalert");
    request.query = "type=wx&tpl=prometheus-wx".to_owned();
    assert_ne!(first.labels, only(&request, "prometheusalert").labels);
}

#[test]
fn a_robot_s_url_gives_its_configured_name_and_is_never_kept() {
    let mut request = fixture("prometheusalert", "alertmanager.http");
    let url = "https://oapi.dingtalk.com/robot/send?access_token=example";
    let shown = |request: &Request| format!("{:?}", request.read("prometheusalert"));
    assert!(
        !shown(&request).contains("access_token"),
        "{}",
        shown(&request)
    );
    assert!(shown(&request).contains("ddurl of the query is not among"));
    request.options = serde_json::json!({"robots": {"ops": url}});
    let alert = only(&request, "prometheusalert");
    assert_eq!(alert.labels.get("pa_robot"), Some("ops"));
    assert!(!shown(&request).contains("access_token"));
}
