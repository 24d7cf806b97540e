//! The less usual ways in which senders deliver the same thing.

use balefire_sources::parsed::{Refusal, Signal};
use serde_json::json;

use crate::request::{Request, fixture};

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
