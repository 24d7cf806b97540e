//! The less usual ways in which senders deliver the same thing.

use balefire_sources::parsed::{Refusal, Signal};
use serde_json::json;

use crate::manners::answer;
use crate::request::{Request, fixture, fixtures_of};

#[test]
fn uptime_kuma_s_multipart_and_query_modes_say_the_same_as_json() {
    let json = fixture("uptime_kuma", "down.json");
    let expected = json.read("uptime_kuma").expect("readable");
    let body = String::from_utf8(json.body.clone()).expect("UTF-8");
    let mut multipart = Request::json(format!(
        "--b1\r\nContent-Disposition: form-data; name=\"data\"\r\n\r\n{body}\r\n--b1--\r\n"
    ));
    multipart.headers[0].1 = "multipart/form-data; boundary=b1".to_owned();
    assert_eq!(multipart.read("uptime_kuma"), Ok(expected.clone()));
    let tree: serde_json::Value = serde_json::from_slice(&json.body).expect("JSON");
    let mut query = Request {
        headers: Vec::new(),
        ..Request::json("")
    };
    query.query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("heartbeat", &tree["heartbeat"].to_string())
        .append_pair("monitor", &tree["monitor"].to_string())
        .append_pair("msg", tree["msg"].as_str().unwrap_or_default())
        .finish();
    assert_eq!(query.read("uptime_kuma"), Ok(expected));
}

#[test]
fn pending_and_maintenance_of_uptime_kuma_are_noted_only() {
    for status in [2, 3] {
        let body = json!({"heartbeat": {"status": status}, "monitor": {"id": 1, "name": "m"}});
        let parsed = Request::json(body.to_string())
            .read("uptime_kuma")
            .expect("readable");
        assert_eq!(
            (
                parsed.alerts.len(),
                parsed.complaints.len(),
                parsed.notes.len()
            ),
            (0, 0, 1)
        );
    }
}

#[test]
fn cloudevents_refuse_other_content_types_and_other_versions() {
    let event = |version: &str| json!({"specversion": version, "id": "1", "source": "s", "type": "t.firing"});
    let mut request = Request::json(event("1.0").to_string());
    request.headers[0].1 = "application/xml".to_owned();
    assert_eq!(
        request.read("cloudevents"),
        Err(Refusal::UnsupportedMedia("application/xml".to_owned()))
    );
    let old = Request::json(event("0.3").to_string())
        .read("cloudevents")
        .expect("readable");
    assert_eq!(
        (old.alerts.len(), old.complaints[0].path.as_str()),
        (0, "specversion")
    );
}

#[test]
fn binary_mode_decodes_its_headers() {
    let mut request = fixture("cloudevents", "binary.http");
    for header in &mut request.headers {
        if header.0 == "ce-subject" {
            header.1 = "host/%E4%B8%AD%20db".to_owned();
        }
    }
    let parsed = request.read("cloudevents").expect("readable");
    assert_eq!(parsed.alerts[0].labels.get("subject"), Some("host/中 db"));
}

#[test]
fn macros_that_zabbix_could_not_fill_are_absent() {
    let body = json!({
        "event_id": "9", "event_name": "n", "event_value": "1", "event_nseverity": "{EVENT.NSEVERITY}",
        "host_name": "*UNKNOWN*", "host_host": "web-01", "event_opdata": "{EVENT.OPDATA}", "zabbix_url": "{$ZABBIX.URL}",
        "event_tagsjson": [{"tag": "env", "value": "a"}, {"tag": "env", "value": "b"}, {"tag": "bare", "value": ""}],
    });
    let parsed = Request::json(body.to_string())
        .read("zabbix")
        .expect("readable");
    assert_eq!(
        parsed.alerts[0].labels.to_string(),
        r#"{alertname="n", env="a,b", host="web-01", severity="warning"}"#
    );
    assert_eq!(parsed.alerts[0].annotations.get("value"), None);
}

#[test]
fn discovery_in_zabbix_is_told_once() {
    let body = json!({"event_id": "9", "event_name": "n", "event_source": "1", "event_value": "1"});
    let parsed = Request::json(body.to_string())
        .read("zabbix")
        .expect("readable");
    assert_eq!(parsed.alerts[0].signal, Signal::Event);
}

#[test]
fn tencent_keys_and_values_are_read_whatever_their_case_and_type() {
    let text =
        String::from_utf8(fixture("tencent_monitor", "metric_alarm.json").body).expect("UTF-8");
    let odd = text
        .replace("alarmStatus\": \"1\"", "AlarmStatus\": 1")
        .replace("alarmPolicyInfo", "alarmpolicyinfo")
        .replace("sessionId", "sessionID");
    let usual = Request::json(text).read("tencent_monitor");
    assert_eq!(Request::json(odd).read("tencent_monitor"), usual);
}

#[test]
fn the_newer_alibaba_webhook_is_known_by_rule_and_entity() {
    let body = |status: &str| {
        json!({
            "specversion": "1.0", "source": "acs:cms", "type": "alert", "status": status, "severity": "CRITICAL",
            "ruleId": "r1", "ruleName": "CPU", "alertEntityId": "e1", "timestamp": 1_772_590_500_000_i64,
            "resource": {"entity": {"instanceId": "i-x"}}, "labels": {"team": "a"}, "data": {"value": 97, "threshold": 90},
        })
    };
    for kind in ["aliyun_cms", "inbox"] {
        let read = |status| {
            Request::json(body(status).to_string())
                .read(kind)
                .expect("readable")
                .alerts
        };
        let (on, over) = (read("OCCURRED"), read("RECOVERED"));
        assert_eq!(
            (on[0].signal, over[0].signal),
            (Signal::Firing, Signal::Resolved),
            "{kind}"
        );
        assert_eq!(on[0].identity, over[0].identity);
        assert_eq!(
            on[0].labels.to_string(),
            r#"{alertname="CPU", instanceId="i-x", rule_id="r1", severity="critical", team="a"}"#
        );
    }
}

#[test]
fn a_paused_grafana_rule_is_noted_only_and_the_test_button_is_told_once() {
    let rule =
        |state: &str, id: i64| json!({"ruleId": id, "ruleName": "r", "state": state}).to_string();
    let paused = Request::json(rule("paused", 5))
        .read("grafana")
        .expect("readable");
    assert_eq!((paused.alerts.len(), paused.notes.len()), (0, 1));
    let test = Request::json(rule("alerting", 0))
        .read("grafana")
        .expect("readable");
    assert_eq!(test.alerts[0].signal, Signal::Event);
}

#[test]
fn an_unsigned_request_is_refused_where_grafana_has_a_secret() {
    let mut request = fixture("grafana", "unified_firing.json");
    request.options = json!({"secret": "s"});
    assert!(matches!(
        request.read("grafana"),
        Err(Refusal::Unauthorized(_))
    ));
}

#[test]
fn alerts_that_a_sender_left_out_are_noted() {
    let body = json!({"groupKey": "k", "truncatedAlerts": 12, "alerts": [{"labels": {"a": "x"}}]});
    let parsed = Request::json(body.to_string())
        .read("alertmanager")
        .expect("readable");
    assert!(parsed.notes[0].contains("left out 12 alerts"));
}

#[test]
fn a_prometheusalert_request_must_say_its_type() {
    let mut request = fixture("prometheusalert", "raw_json.http");
    request.query = "tpl=x".to_owned();
    assert!(
        matches!(request.read("prometheusalert"), Err(Refusal::Malformed { path, .. }) if path == "type")
    );
}

#[test]
fn the_inbox_reads_every_format_that_it_knows_as_its_own_source_does() {
    for kind in [
        "alertmanager",
        "aliyun_cms",
        "aliyun_sls",
        "azure_monitor",
        "cloudevents",
        "datadog",
        "gitlab",
        "grafana",
        "jenkins",
        "kibana",
        "nightingale",
        "pagerduty_events",
        "prometheus",
        "tencent_monitor",
        "uptime_kuma",
        "zabbix",
    ] {
        let files = fixtures_of(kind);
        for file in files
            .iter()
            .filter(|file| file.extension().is_some_and(|e| e == "json"))
        {
            let request = Request::of_file(file);
            let (own, found) = (request.read(kind), request.read("inbox"));
            let alerts = |read: Result<balefire_sources::parsed::Parsed, Refusal>| {
                read.expect("readable").alerts
            };
            assert_eq!(alerts(found), alerts(own), "{}", file.display());
        }
    }
}

#[test]
fn an_unsigned_request_is_refused_where_sentry_or_github_have_a_secret() {
    for (kind, name, header, prefix) in [
        ("sentry", "issue_created.json", "sentry-hook-signature", ""),
        (
            "github",
            "workflow_run_failure.json",
            "x-hub-signature-256",
            "sha256=",
        ),
    ] {
        let mut request = fixture(kind, name);
        request.options = json!({"secret": "s"});
        assert!(
            matches!(request.read(kind), Err(Refusal::Unauthorized(_))),
            "{kind}"
        );
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, b"s");
        let tag = aws_lc_rs::hmac::sign(&key, &request.body);
        let signed = format!("{prefix}{}", hex::encode(tag.as_ref()));
        request.headers.push((header.to_owned(), signed));
        assert_eq!(
            request.read(kind).expect("readable").alerts.len(),
            1,
            "{kind}"
        );
        request.body.push(b' ');
        assert!(request.read(kind).is_err(), "{kind}: another body");
    }
}

#[test]
fn variables_that_datadog_could_not_fill_are_absent_and_an_event_is_told_once() {
    let body = json!({"title": "[P1] [Triggered] x", "alert_transition": "$ALERT_TRANSITION", "hostname": "$HOSTNAME", "alert_type": "info", "tags": "env:prod,monitor,:odd"});
    let parsed = Request::json(body.to_string())
        .read("datadog")
        .expect("readable");
    let alert = &parsed.alerts[0];
    assert_eq!(alert.signal, Signal::Event);
    assert_eq!(
        alert.labels.to_string(),
        r#"{alertname="x", env="prod", severity="info"}"#
    );
}

#[test]
fn a_colour_and_a_type_end_alerts_only_where_the_source_is_set_to_believe_them() {
    let slack = |colour: &str| json!({"attachments": [{"color": colour, "title": "backup"}]});
    let apprise = |kind: &str| json!({"title": "backup", "body": "x", "type": kind});
    for (kind, option, on, over) in [
        (
            "slack_incoming",
            "colours",
            slack("danger"),
            slack("#36a64f"),
        ),
        (
            "apprise_api",
            "types",
            apprise("failure"),
            apprise("success"),
        ),
    ] {
        let signal = |body: &serde_json::Value, believed: bool| {
            let mut request = Request::json(body.to_string());
            request.options = json!({option: believed});
            request.read(kind).expect("readable").alerts[0].signal
        };
        assert_eq!(
            [signal(&on, false), signal(&over, false)],
            [Signal::Event; 2]
        );
        assert_eq!(signal(&on, true), Signal::Firing, "{kind}");
        assert_eq!(signal(&over, true), Signal::Resolved, "{kind}");
    }
}

#[test]
fn jobs_that_may_fail_and_runs_that_were_stopped_are_noted_only() {
    let gitlab = json!({"object_kind": "build", "build_status": "failed", "build_allow_failure": true, "build_name": "lint"});
    let stopped = json!({"object_kind": "pipeline", "object_attributes": {"status": "canceled"}, "project": {}});
    let jenkins = json!({"name": "j", "build": {"phase": "COMPLETED", "status": "ABORTED"}});
    let github = json!({"action": "completed", "workflow_run": {"conclusion": "cancelled", "name": "CI"}, "repository": {}});
    let fixed = json!({"action": "appeared_in_branch", "alert": {"number": 1}, "repository": {}});
    for (kind, body) in [
        ("gitlab", gitlab),
        ("gitlab", stopped),
        ("jenkins", jenkins),
        ("github", github),
        ("github", fixed),
    ] {
        let parsed = Request::json(body.to_string())
            .read(kind)
            .expect("readable");
        assert_eq!(
            (
                parsed.alerts.len(),
                parsed.complaints.len(),
                parsed.notes.len()
            ),
            (0, 0, 1),
            "{kind} {body}"
        );
    }
}

#[test]
fn apprise_s_clients_may_ask_whether_the_service_is_well_and_jenkins_hears_which_format_is_read() {
    let asked = |accept: &str| {
        let request = Request {
            method: "GET".to_owned(),
            path: "status".to_owned(),
            headers: vec![("accept".to_owned(), accept.to_owned())],
            ..Request::json("")
        };
        let answer = answer("apprise_api", &request).expect("an answer of its own");
        (answer.status, answer.body)
    };
    assert_eq!(asked("text/plain"), (200, "OK".to_owned()));
    let (status, body) = asked("application/json");
    assert!(
        status == 200 && body.contains("\"details\":[\"OK\"]"),
        "{body}"
    );
    let xml = Request::json("\n <job><name>x</name></job>");
    let refused = xml.read("jenkins").expect_err("XML");
    assert!(
        refused.to_string().contains("choose the format JSON"),
        "{refused}"
    );
}
