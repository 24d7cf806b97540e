//! What senders vary without saying so: members that are missing or null, numbers as texts, members that nobody knows yet.
//!
//! Every JSON fixture is changed at one place after the other, so that a new source is held to the same by having fixtures.

use std::path::Path;

use balefire_sources::parsed::Parsed;
use balefire_sources::registry::SOURCES;
use balefire_sources::spec::SourceSpec;
use serde_json::{Value, json};

use crate::request::{Request, fixtures_of};

/// What a format cannot do without, by kind: names of members whose absence makes it another thing, or nothing.
const NEEDED: &[(&str, &[&str])] = &[
    ("prometheus", &["labels"]),
    ("alertmanager", &["alerts", "labels"]),
    ("grafana", &["alerts", "labels", "state"]),
    ("zabbix", &["event_id"]),
    ("uptime_kuma", &["heartbeat", "status", "msg"]),
    ("aliyun_cms", &["alertState", "ruleId", "name", "product"]),
    ("aliyun_sls", &["alert_name", "status"]),
    ("tencent_monitor", &["alarmStatus", "alarmPolicyInfo"]),
    (
        "volcengine",
        &[
            "Type",
            "EventType",
            "RuleId",
            "Id",
            "Resources",
            "RecoveredResources",
            "NoDataResources",
            "NoDataRecoveredResources",
        ],
    ),
    (
        "azure_monitor",
        &[
            "data",
            "essentials",
            "alertId",
            "alertRule",
            "monitorCondition",
            "context",
            "activityLog",
            "status",
            "name",
            "operationName",
        ],
    ),
    (
        "gcp_monitoring",
        &["incident", "incident_id", "state", "message", "data"],
    ),
    ("nightingale", &["rule_name", "events"]),
    (
        "sentry",
        &[
            "data",
            "event",
            "issue",
            "metric_alert",
            "action",
            "id",
            "title",
        ],
    ),
    ("kibana", &["rule", "alert", "id", "actionGroup"]),
    ("elastalert", &["message"]),
    ("jenkins", &["status"]),
    (
        "gitlab",
        &["object_kind", "object_attributes", "status", "build_status"],
    ),
    (
        "github",
        &[
            "action",
            "alert",
            "number",
            "security_advisory",
            "summary",
            "repository",
            "check_run",
            "conclusion",
            "deployment_status",
            "state",
            "workflow_run",
            "name",
            "zen",
        ],
    ),
    (
        "pagerduty_events",
        &[
            "routing_key",
            "event_action",
            "dedup_key",
            "payload",
            "summary",
        ],
    ),
    ("slack_incoming", &["attachments", "text"]),
    ("cloudevents", &["specversion", "source", "type"]),
    ("generic", &["message"]),
    (
        "inbox",
        &[
            "alerts",
            "labels",
            "orgId",
            "alarmStatus",
            "alarmPolicyInfo",
        ],
    ),
];

fn is_needed(spec: &SourceSpec, place: &str) -> bool {
    let member = place.rsplit('/').next().unwrap_or_default();
    let of_kind = NEEDED.iter().filter(|(kind, _)| *kind == spec.kind);
    of_kind
        .flat_map(|(_, needed)| *needed)
        .any(|name| *name == member)
}

/// Kinds whose labels and annotations are texts by Alertmanager's schema, which says so to whoever sends others.
fn is_strict(place: &str) -> bool {
    place.contains("/labels") || place.contains("/annotations")
}

/// Kinds whose messages are signed: no byte of theirs may change.
const SIGNED: [&str; 2] = ["aws_sns", "huawei_smn"];

/// The JSON fixtures of a kind that are read at all.
fn bodies(spec: &SourceSpec) -> Vec<(String, Request, Value)> {
    let json = |file: &&std::path::PathBuf| file.extension().is_some_and(|end| end == "json");
    let files = fixtures_of(spec.kind);
    let files = files.iter().filter(json);
    files
        .filter_map(|file| {
            let request = Request::of_file(file);
            let body = serde_json::from_slice(&request.body).ok()?;
            request.read_by(spec).ok()?;
            Some((name(spec, file), request, body))
        })
        .collect()
}

fn name(spec: &SourceSpec, file: &Path) -> String {
    let file = file.file_name().expect("a file has a name");
    format!("{}/{}", spec.kind, file.to_string_lossy())
}

/// The pointers of everything in a tree, but its root.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    let members: Vec<(String, &Value)> = match value {
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| (escaped(key), value))
            .collect(),
        Value::Array(list) => list
            .iter()
            .enumerate()
            .map(|(i, v)| (i.to_string(), v))
            .collect(),
        _ => Vec::new(),
    };
    for (key, value) in members {
        let here = format!("{at}/{key}");
        places(value, &here, found);
        found.push(here);
    }
}

fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

fn places_of(body: &Value) -> Vec<String> {
    let mut found = Vec::new();
    places(body, "", &mut found);
    found
}

fn read(spec: &SourceSpec, request: &Request, body: &Value) -> Result<Parsed, String> {
    let body = body.to_string().into_bytes();
    let request = Request {
        body,
        ..request.clone()
    };
    request.read_by(spec).map_err(|refusal| refusal.to_string())
}

fn with(body: &Value, place: &str, value: Value) -> Value {
    let mut body = body.clone();
    *body.pointer_mut(place).expect("the place is there") = value;
    body
}

/// The tree without one member; `None` for an item of a list, which has no name to be missed by.
fn without(body: &Value, place: &str) -> Option<Value> {
    let mut body = body.clone();
    let (parent, key) = place.rsplit_once('/')?;
    let key = key.replace("~1", "/").replace("~0", "~");
    body.pointer_mut(parent)?.as_object_mut()?.remove(&key)?;
    Some(body)
}

fn every(mut visit: impl FnMut(&'static SourceSpec, &str, &Request, &Value)) {
    for spec in SOURCES.iter().filter(|spec| !SIGNED.contains(&spec.kind)) {
        for (name, request, body) in bodies(spec) {
            visit(spec, &name, &request, &body);
        }
    }
}

#[test]
fn a_number_written_as_a_text_says_the_same() {
    let mut odd = Vec::new();
    every(|spec, name, request, body| {
        let usual = read(spec, request, body);
        for place in places_of(body) {
            if let Some(Value::Number(number)) = body.pointer(&place)
                && read(
                    spec,
                    request,
                    &with(body, &place, json!(number.to_string())),
                ) != usual
            {
                odd.push(format!("{name} {place}"));
            }
        }
    });
    assert_eq!(odd, [""; 0]);
}

#[test]
fn null_says_the_same_as_nothing() {
    let mut odd = Vec::new();
    every(|spec, name, request, body| {
        for place in places_of(body) {
            let Some(absent) = without(body, &place) else {
                continue;
            };
            let null = with(body, &place, Value::Null);
            if !is_needed(spec, &place)
                && !is_strict(&place)
                && read(spec, request, &absent) != read(spec, request, &null)
            {
                odd.push(format!("{name} {place}"));
            }
        }
    });
    assert_eq!(odd, [""; 0]);
}

#[test]
fn what_is_not_needed_may_be_missing() {
    let mut odd = Vec::new();
    every(|spec, name, request, body| {
        let usual = read(spec, request, body).expect("a fixture can be read");
        for place in places_of(body) {
            let Some(absent) = without(body, &place) else {
                continue;
            };
            let whole = read(spec, request, &absent).is_ok_and(|parsed| {
                parsed.alerts.len() >= usual.alerts.len()
                    && parsed.complaints.len() <= usual.complaints.len()
            });
            if !whole && !is_needed(spec, &place) {
                odd.push(format!("{name} {place}"));
            }
        }
    });
    assert_eq!(odd, [""; 0]);
}

#[test]
fn a_member_that_nobody_knows_yet_costs_nothing() {
    let mut odd = Vec::new();
    every(|spec, name, request, body| {
        let usual = read(spec, request, body).expect("a fixture can be read");
        let mut objects = places_of(body);
        objects.push(String::new());
        for place in objects {
            let mut newer = body.clone();
            let Some(Value::Object(map)) = newer.pointer_mut(&place) else {
                continue;
            };
            map.insert("addedLater".to_owned(), json!({"x": [1, null]}));
            let said = |parsed: &Parsed| {
                let alerts = parsed.alerts.iter();
                let said: Vec<_> = alerts.map(|a| (a.signal, a.identity.clone())).collect();
                (said, parsed.complaints.clone())
            };
            let same = read(spec, request, &newer).is_ok_and(|newer| said(&newer) == said(&usual));
            if !same && !is_strict(&place) {
                odd.push(format!("{name} {place}"));
            }
        }
    });
    assert_eq!(odd, [""; 0]);
}

#[test]
fn what_is_needed_and_missing_is_said() {
    let mut silent = Vec::new();
    every(|spec, name, request, body| {
        for place in places_of(body).iter().filter(|p| is_needed(spec, p)) {
            let absent = without(body, place).map(|absent| read(spec, request, &absent));
            if let Some(Ok(parsed)) = absent
                && parsed.alerts.is_empty()
                && parsed.complaints.is_empty()
                && parsed.notes.is_empty()
            {
                silent.push(format!("{name} {place}"));
            }
        }
    });
    assert_eq!(silent, [""; 0]);
}
