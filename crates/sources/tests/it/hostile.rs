//! Inputs that are meant to do harm, and inputs that mean nothing at all.

use balefire_sources::parsed::{Parsed, Signal};
use balefire_sources::registry::SOURCES;
use balefire_sources::spec::SourceSpec;
use proptest::prelude::*;

use crate::request::{Request, fixtures_of};

/// Sources that read JSON; the others take any text.
fn json_sources() -> impl Iterator<Item = &'static SourceSpec> {
    SOURCES.iter().copied().filter(|spec| spec.kind != "text")
}

/// `"0":0,"1":0,` …
fn members(count: usize) -> String {
    let names: Vec<String> = (0..count).map(|i| format!("\"{i}\":0,")).collect();
    names.concat()
}

/// S02 of the security specification.
#[test]
fn broken_json_is_refused_by_every_json_source() {
    let members = members(1_000_000);
    for body in [
        "[".repeat(100_000),
        "{\"a\":".repeat(100_000),
        format!("{{{members}\"x\":0}}"),
        r#"{"a":1,"a":2}"#.to_owned(),
        r#"[{"labels":{"a":"1","a":"2"}}]"#.to_owned(),
        r#"{"value":1e999}"#.to_owned(),
        r#"{"value":NaN}"#.to_owned(),
        r#"{"value":"\ud800"}"#.to_owned(),
        "\u{feff}{\"a\":1}".to_owned(),
        r#"{"a":1}}"#.to_owned(),
        "{\"a\":\"\0\"}".to_owned(),
        r#"{"a":"\u0000"}"#.to_owned(),
        "{\0\"\0a\0\"\0".to_owned(),
    ] {
        let mut request = Request::json(body);
        request.query = "type=dd".to_owned();
        for spec in json_sources() {
            let start = &request.body[..request.body.len().min(30)];
            let start = String::from_utf8_lossy(start).into_owned();
            // Where items are read one by one, it is the item that is refused.
            let refused = match request.read_by(spec) {
                Ok(parsed) => parsed.alerts.is_empty() && !parsed.complaints.is_empty(),
                Err(_) => true,
            };
            assert!(refused, "{} took {start:?}", spec.kind);
        }
    }
}

/// S05 and S28: the alert is accepted, the link or picture is not.
#[test]
fn links_that_are_no_web_links_are_dropped_and_the_alert_stays() {
    let evil = [
        "javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "file:///etc/passwd",
        "gopher://x/",
        "ftp://x/",
    ];
    for link in evil {
        let bodies = [
            (
                "prometheus",
                format!(r#"[{{"labels":{{"a":"x"}},"generatorURL":"{link}"}}]"#),
            ),
            (
                "alertmanager",
                format!(r#"{{"alerts":[{{"labels":{{"a":"x"}},"generatorURL":"{link}"}}]}}"#),
            ),
            (
                "grafana",
                format!(
                    r#"{{"orgId":1,"alerts":[{{"labels":{{"a":"x"}},"generatorURL":"{link}","imageURL":"{link}","dashboardURL":"{link}"}}]}}"#
                ),
            ),
            (
                "grafana",
                format!(
                    r#"{{"ruleId":1,"ruleName":"r","state":"alerting","ruleUrl":"{link}","imageUrl":"{link}"}}"#
                ),
            ),
            (
                "uptime_kuma",
                format!(
                    r#"{{"heartbeat":{{"status":0}},"monitor":{{"id":1,"name":"m","url":"{link}"}}}}"#
                ),
            ),
            (
                "generic",
                format!(r#"{{"title":"t","status":"firing","url":"{link}","image_url":"{link}"}}"#),
            ),
            (
                "cloudevents",
                format!(
                    r#"{{"specversion":"1.0","id":"1","source":"s","type":"t","data":{{"url":"{link}"}}}}"#
                ),
            ),
            (
                "zabbix",
                format!(
                    r#"{{"event_id":"1","event_name":"n","event_value":"1","trigger_id":"2","zabbix_url":"{link}"}}"#
                ),
            ),
        ];
        for (kind, body) in bodies {
            let parsed = Request::json(body)
                .read(kind)
                .expect("the alert is accepted");
            assert_eq!(parsed.alerts.len(), 1, "{kind} {link}: {parsed:?}");
            let alert = &parsed.alerts[0];
            assert_eq!(&*alert.generator_url, "", "{kind} {link}");
            assert!(
                alert.annotations.iter().all(|(_, value)| value != link),
                "{kind} {link}: {alert:?}"
            );
            assert!(
                parsed.notes.iter().any(|note| note.contains("was dropped")),
                "{kind} {link}"
            );
        }
    }
}

/// Bodies with one link each, by kind.
#[rustfmt::skip]
const LINKED: &[(&str, &str)] = &[
    ("pagerduty_events", r#"{"routing_key": "k", "event_action": "trigger", "client_url": "LINK", "payload": {"summary": "s"}}"#),
    ("pagerduty_events", r#"{"routing_key": "k", "event_action": "trigger", "links": [{"href": "LINK"}], "payload": {"summary": "s"}}"#),
    ("slack_incoming", r#"{"attachments": [{"title": "t", "title_link": "LINK"}]}"#),
    ("ntfy", r#"{"topic": "ops", "message": "m", "click": "LINK"}"#),
    ("gotify", r#"{"message": "m", "extras": {"client::notification": {"click": {"url": "LINK"}}}}"#),
    ("datadog", r#"{"title": "t", "alert_transition": "Triggered", "snapshot": "LINK"}"#),
    ("kibana", r#"{"rule": {"id": "r"}, "alert": {"actionGroup": "a"}, "context": {"link": "LINK"}}"#),
    ("jenkins", r#"{"name": "j", "build": {"phase": "COMPLETED", "status": "FAILURE", "full_url": "LINK"}}"#),
    ("gitlab", r#"{"object_kind": "pipeline", "object_attributes": {"status": "failed", "url": "LINK"}}"#),
    ("github", r#"{"workflow_run": {"name": "CI", "conclusion": "failure", "html_url": "LINK"}}"#),
    ("sentry", r#"{"action": "created", "data": {"issue": {"id": "1", "title": "t", "web_url": "LINK"}}}"#),
    ("nightingale", r#"{"rule_name": "r", "hash": "h", "runbook_url": "LINK"}"#),
    ("gcp_monitoring", r#"{"version": "1.2", "incident": {"incident_id": "i", "state": "open", "policy_name": "p", "url": "LINK"}}"#),
];

#[test]
fn a_link_that_is_no_web_link_costs_no_alert_whoever_sends_it() {
    let link = "javascript:alert(1)";
    for (kind, body) in LINKED {
        let parsed = Request::json(body.replace("LINK", link)).read(kind);
        let parsed = parsed.expect("the alert is accepted");
        assert_eq!(parsed.alerts.len(), 1, "{kind}: {parsed:?}");
        let alert = &parsed.alerts[0];
        let mut words = alert.annotations.iter();
        let shown = words.any(|(_, value)| value.contains(link));
        assert!(
            alert.generator_url.is_empty() && !shown,
            "{kind}: {alert:?}"
        );
        let dropped = parsed.notes.iter().any(|note| note.contains("was dropped"));
        assert!(dropped, "{kind}: {:?}", parsed.notes);
    }
}

/// S06: what looks like a template is words.
#[test]
fn template_syntax_in_values_stays_as_it_is() {
    for words in [
        "{{7*7}}",
        "{% include '/etc/passwd' %}",
        "${jndi:ldap://x/a}",
        "%s%n",
        "#{1+1}",
    ] {
        let body = serde_json::json!({"title": words, "status": "firing"}).to_string();
        let parsed = Request::json(body).read("generic").expect("readable");
        assert_eq!(parsed.alerts[0].labels.get("alertname"), Some(words));
    }
}

#[test]
fn markup_is_kept_as_text_and_escaped_by_whoever_shows_it() {
    let markup = r#"<img src=x onerror=alert(1)>"><svg/onload=alert(2)>"#;
    let body = serde_json::json!([{"labels": {"alertname": markup, markup: "x"}}]).to_string();
    let parsed = Request::json(body).read("prometheus").expect("readable");
    assert_eq!(parsed.alerts[0].labels.get("alertname"), Some(markup));
    assert_eq!(parsed.alerts[0].labels.get(markup), Some("x"));
}

#[test]
fn a_body_of_nothing_but_broken_items_stays_bounded() {
    let body = format!("[{}null]", "null,".repeat(500_000));
    let parsed = Request::json(body).read("prometheus").expect("readable");
    assert_eq!((parsed.alerts.len(), parsed.complaints.len()), (0, 1_001));
}

#[test]
fn an_over_long_annotation_is_cut_between_characters_and_an_over_long_label_is_a_complaint() {
    let long = "中".repeat(30_000);
    let annotated = serde_json::json!([{"labels": {"a": "x"}, "annotations": {"d": long}}]);
    let parsed = Request::json(annotated.to_string())
        .read("prometheus")
        .expect("readable");
    let kept = parsed.alerts[0].annotations.value("d");
    assert!(kept.len() <= 65_536 && kept.len() > 65_532 && long.starts_with(kept));
    assert_eq!(parsed.notes.len(), 1);
    for kind in ["prometheus", "alertmanager"] {
        let alert = serde_json::json!({"labels": {"a": long}});
        let neighbour = serde_json::json!({"labels": {"a": "x"}});
        let many: serde_json::Map<_, _> = (0..513).map(|i| (format!("l{i}"), "x".into())).collect();
        let items = serde_json::json!([alert, neighbour, {"labels": many}]);
        let body = if kind == "prometheus" {
            items
        } else {
            serde_json::json!({"alerts": items})
        };
        let parsed = Request::json(body.to_string())
            .read(kind)
            .expect("readable");
        assert_eq!(
            (parsed.alerts.len(), parsed.complaints.len()),
            (1, 2),
            "{kind}"
        );
    }
}

#[test]
fn valid_neighbours_of_a_bad_item_are_kept_by_every_batch_format() {
    let good = r#"{"labels":{"alertname":"good"},"title":"good","status":"firing"}"#;
    let event = r#"{"specversion":"1.0","id":"1","source":"s","type":"t","data":{"title":"good"}}"#;
    let event_of_n9e = r#"{"rule_name":"good","hash":"h"}"#;
    let alert_of_sls = r#"{"alert_name":"good","status":"firing"}"#;
    let wrap = |open: &str, item: &str, close: &str| {
        format!("{open}{item},null,3,[],{{\"labels\":7}},{item}{close}")
    };
    for (kind, body) in [
        ("prometheus", wrap("[", good, "]")),
        ("alertmanager", wrap("{\"alerts\":[", good, "]}")),
        ("grafana", wrap("{\"orgId\":1,\"alerts\":[", good, "]}")),
        ("generic", wrap("[", good, "]")),
        ("cloudevents", wrap("[", event, "]")),
        ("inbox", wrap("[", good, "]")),
        ("prometheusalert", wrap("{\"alerts\":[", good, "]}")),
        ("nightingale", wrap("{\"events\":[", event_of_n9e, "]}")),
        ("nightingale", wrap("[", event_of_n9e, "]")),
        ("aliyun_sls", wrap("[", alert_of_sls, "]")),
        ("elastalert", wrap("[", good, "]")),
    ] {
        let mut request = Request::json(body);
        request.query = "type=dd".to_owned();
        let parsed = request.read(kind).expect("readable");
        assert_eq!(
            (parsed.alerts.len(), parsed.complaints.len()),
            (2, 4),
            "{kind}: {parsed:?}"
        );
        assert!(
            parsed.complaints.iter().all(|c| c.path.contains('[')),
            "{kind}: {parsed:?}"
        );
    }
}

#[test]
fn no_label_is_added_to_alerts_that_bring_their_own() {
    let items = r#"[{"labels":{"a":"x"},"status":"firing"}]"#;
    for (kind, body) in [
        ("prometheus", items.to_owned()),
        ("alertmanager", format!("{{\"alerts\":{items}}}")),
        ("grafana", format!("{{\"orgId\":1,\"alerts\":{items}}}")),
        ("inbox", items.to_owned()),
    ] {
        let parsed = Request::json(body).read(kind).expect("readable");
        assert_eq!(parsed.alerts[0].labels.to_string(), r#"{a="x"}"#, "{kind}");
    }
}

#[test]
fn a_text_is_told_once_whatever_its_content_type() {
    for kind in ["text", "inbox", "generic"] {
        let parsed = Request::curl("disk full on db-1")
            .read(kind)
            .expect("readable");
        let alert = &parsed.alerts[0];
        assert_eq!(alert.signal, Signal::Event, "{kind}");
        assert_eq!(
            alert.labels.get("alertname"),
            Some("disk full on db-1"),
            "{kind}"
        );
    }
    for words in [
        "[db-1] disk full",
        "{oops",
        "a=b&c=d",
        "100% full",
        "[FIRING:1] x",
    ] {
        let parsed = Request::curl(words).read("inbox").expect("readable");
        assert_eq!(parsed.alerts[0].labels.get("alertname"), Some(words));
    }
    assert!(Request::curl(" \n ").read("inbox").is_err());
}

/// Everything a parser may say about a request stays within its bounds.
fn check(parsed: &Parsed) {
    for alert in &parsed.alerts {
        assert!(!alert.labels.is_empty());
        assert!(
            alert
                .labels
                .iter()
                .all(|(name, value)| !name.is_empty() && !value.is_empty())
        );
        assert!(
            alert.generator_url.is_empty()
                || alert.generator_url.to_lowercase().starts_with("http")
        );
        if let (Some(start), Some(end)) = (alert.starts_at, alert.ends_at) {
            assert!(start <= end);
        }
    }
}

fn through_all(request: &Request) {
    for spec in SOURCES {
        if let Ok(parsed) = request.read_by(spec) {
            check(&parsed);
        }
    }
}

/// Fixtures with bytes flipped, cut out or doubled.
fn mutated() -> impl Strategy<Value = Request> {
    let all: Vec<Request> = SOURCES
        .iter()
        .flat_map(|spec| fixtures_of(spec.kind))
        .map(|path| Request::of_file(&path))
        .collect();
    let change = (
        any::<prop::sample::Index>(),
        0usize..40,
        prop::collection::vec(any::<u8>(), 0..6),
    );
    (
        prop::sample::select(all),
        prop::collection::vec(change, 1..4),
    )
        .prop_map(|(mut request, changes)| {
            for (at, length, bytes) in changes {
                if request.body.is_empty() {
                    break;
                }
                let start = at.index(request.body.len());
                let end = (start + length).min(request.body.len());
                request.body.splice(start..end, bytes);
            }
            request
        })
}

/// Paths below a source that one of them knows.
const PATHS: &[&str] = &[
    "",
    "v2/enqueue",
    "v2/change/enqueue",
    "generic/2010-04-15/create_event.json",
    "v2/alerts",
    "v2/alerts/x/close",
    "v2/alerts/x/notes",
    "v2/alerts/requests/x-1-create-ffffffffffffffff",
    "ops",
    "message",
    "notify/key",
];

proptest! {
    #[test]
    fn no_bytes_make_any_parser_panic(
        body in prop::collection::vec(any::<u8>(), 0..200),
        path in prop::sample::select(PATHS),
        query in "[a-z=&%0-9{}\":,]{0,40}",
        content_type in prop::sample::select(vec![
            "application/json", "application/x-www-form-urlencoded", "text/plain", "",
            "multipart/form-data; boundary=x", "application/cloudevents-batch+json",
        ]),
    ) {
        let mut request = Request::json(body);
        request.path = path.to_owned();
        request.query = format!("type=dd&{query}");
        request.headers = vec![("content-type".to_owned(), content_type.to_owned())];
        through_all(&request);
    }

    #[test]
    fn no_damaged_fixture_makes_any_parser_panic(request in mutated()) {
        through_all(&request);
    }
}
