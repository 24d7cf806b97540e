//! Each value that a sender has for "on or over" and "how bad", at its place in a fixture.
//!
//! Source: the senders' documentation, as listed in the wire contracts of inbound alerts.

use balefire_sources::parsed::Parsed;
use serde_json::{Value, json};

use crate::request::{Request, fixture};

/// What came of it: `firing critical`, `resolved`, `event`, `noted`, `refused`.
fn said(request: &Request, kind: &str) -> String {
    match request.read(kind) {
        Err(_) => "refused".to_owned(),
        Ok(Parsed {
            alerts,
            complaints,
            notes,
            ..
        }) => match (alerts.as_slice(), complaints.len(), notes.len()) {
            ([alert], 0, _) => {
                let signal = json!(alert.signal);
                let severity = alert.labels.get("severity").unwrap_or_default();
                let signal = signal.as_str().unwrap_or_default();
                format!("{signal} {severity}").trim_end().to_owned()
            }
            ([], 0, 1..) => "noted".to_owned(),
            ([], 1.., _) => "complaint".to_owned(),
            (alerts, complaints, notes) => {
                format!(
                    "{} alerts, {complaints} complaints, {notes} notes",
                    alerts.len()
                )
            }
        },
    }
}

/// The fixture of a kind with other values at some places.
fn changed(kind: &str, file: &str, places: &[(&str, Value)]) -> Request {
    let request = fixture(kind, file);
    let mut body: Value = serde_json::from_slice(&request.body).expect("the fixture is JSON");
    for (place, value) in places {
        let (parent, key) = place.rsplit_once('/').expect("a pointer");
        let parent = body.pointer_mut(parent).expect("the place is there");
        parent[key] = value.clone();
    }
    Request {
        body: body.to_string().into_bytes(),
        ..request
    }
}

/// Each value at one place of one fixture, and what is to come of it: `firing`, or `firing critical` where it says how bad.
fn hold(kind: &str, file: &str, place: &str, table: &[(Value, &str)]) {
    let wrong: Vec<String> = table
        .iter()
        .filter_map(|(value, expected)| {
            let said = said(&changed(kind, file, &[(place, value.clone())]), kind);
            let right = said == *expected || said.split(' ').next() == Some(expected);
            (!right).then(|| format!("{value}: {said}, not {expected}"))
        })
        .collect();
    assert_eq!(wrong, [""; 0], "{kind}/{file} {place}");
}

fn words<'a>(table: &[(&str, &'a str)]) -> Vec<(Value, &'a str)> {
    table
        .iter()
        .map(|(word, said)| (json!(word), *said))
        .collect()
}

#[test]
fn zabbix_grades_and_sources() {
    let grades: Vec<_> = (0..6)
        .zip(["info", "info", "warning", "error", "critical", "critical"])
        .collect();
    for (grade, severity) in grades {
        let expected = format!("firing {severity}");
        for value in [json!(grade), json!(grade.to_string())] {
            hold(
                "zabbix",
                "problem.json",
                "/event_nseverity",
                &[(value, &expected)],
            );
        }
    }
}

#[test]
fn grafana_s_states_of_a_dashboard_s_alert() {
    hold(
        "grafana",
        "legacy_alerting.json",
        "/state",
        &words(&[
            ("alerting", "firing"),
            ("no_data", "firing"),
            ("ok", "resolved"),
            ("paused", "noted"),
            ("pending", "noted"),
            ("odd", "complaint"),
        ]),
    );
    hold(
        "grafana",
        "legacy_alerting.json",
        "/evalMatches",
        &[
            (Value::Null, "firing"),
            (
                json!([{"value": null, "metric": "m", "tags": null}]),
                "firing",
            ),
        ],
    );
}

#[test]
fn uptime_kuma_s_states() {
    hold(
        "uptime_kuma",
        "down.json",
        "/heartbeat/status",
        &[
            (json!(0), "firing error"),
            (json!(1), "resolved error"),
            (json!(2), "noted"),
            (json!(3), "noted"),
            (json!(7), "complaint"),
        ],
    );
}

#[test]
fn sentry_s_levels_and_actions() {
    hold(
        "sentry",
        "issue_created.json",
        "/data/issue/level",
        &words(&[
            ("fatal", "firing critical"),
            ("error", "firing error"),
            ("warning", "firing warning"),
            ("info", "firing info"),
            ("debug", "firing info"),
        ]),
    );
    hold(
        "sentry",
        "issue_created.json",
        "/action",
        &words(&[
            ("created", "firing"),
            ("unresolved", "firing"),
            ("resolved", "resolved"),
            ("archived", "resolved"),
            ("ignored", "resolved"),
            ("assigned", "noted"),
        ]),
    );
    hold(
        "sentry",
        "metric_alert_critical.json",
        "/action",
        &words(&[
            ("critical", "firing critical"),
            ("warning", "firing warning"),
            ("resolved", "resolved"),
        ]),
    );
}

#[test]
fn datadog_s_transitions() {
    hold(
        "datadog",
        "triggered.json",
        "/alert_transition",
        &words(&[
            ("Triggered", "firing"),
            ("Re-Triggered", "firing"),
            ("Warn", "firing"),
            ("Re-Warn", "firing"),
            ("No Data", "firing"),
            ("Re-No Data", "firing"),
            ("Renotify", "firing"),
            ("Recovered", "resolved"),
        ]),
    );
}

#[test]
fn azure_s_grades_and_conditions() {
    hold(
        "azure_monitor",
        "common_fired.json",
        "/data/essentials/severity",
        &words(&[
            ("Sev0", "firing critical"),
            ("Sev1", "firing error"),
            ("Sev2", "firing warning"),
            ("Sev3", "firing info"),
            ("Sev4", "firing info"),
        ]),
    );
    hold(
        "azure_monitor",
        "metric_alert_older.json",
        "/data/status",
        &words(&[("Activated", "firing"), ("Deactivated", "resolved")]),
    );
}

#[test]
fn google_s_states_and_odd_members() {
    hold(
        "gcp_monitoring",
        "open.json",
        "/incident/state",
        &words(&[
            ("open", "firing"),
            ("OPEN", "firing"),
            ("closed", "resolved"),
            ("CLOSED", "resolved"),
        ]),
    );
    hold(
        "gcp_monitoring",
        "open.json",
        "/incident/severity",
        &words(&[
            ("Critical", "firing critical"),
            ("ERROR", "firing error"),
            ("warning", "firing warning"),
            ("No severity", "firing"),
        ]),
    );
    for place in [
        "/incident/documentation",
        "/incident/ended_at",
        "/incident/resource",
    ] {
        hold(
            "gcp_monitoring",
            "open.json",
            place,
            &[
                (json!("text"), "firing"),
                (Value::Null, "firing"),
                (json!(0), "firing"),
            ],
        );
    }
}

#[test]
fn alibaba_s_states_and_levels() {
    hold(
        "aliyun_cms",
        "callback_alert.json",
        "/alertState",
        &words(&[
            ("ALERT", "firing"),
            ("ALARM", "firing"),
            ("OK", "resolved"),
            ("INSUFFICIENT_DATA", "event"),
        ]),
    );
    hold(
        "aliyun_cms",
        "callback_alert.json",
        "/triggerLevel",
        &words(&[
            ("CRITICAL", "firing critical"),
            ("WARN", "firing warning"),
            ("INFO", "firing info"),
        ]),
    );
    hold(
        "aliyun_cms",
        "callback_alert.json",
        "/timestamp",
        &[
            (json!(1_772_590_500), "firing"),
            (json!("1772590500000"), "firing"),
            (json!("null"), "firing"),
        ],
    );
    hold(
        "aliyun_cms",
        "system_event_legacy.json",
        "/name",
        &words(&[
            ("Instance:Reboot:Executing", "firing"),
            ("Instance:Reboot:Executed", "resolved"),
            ("Instance:Reboot:Avoided", "resolved"),
            ("Instance:Reboot:Failed", "resolved"),
            ("Disk:Attached", "event"),
        ]),
    );
    let grades = [
        (2, "firing"),
        (4, "firing"),
        (6, "firing"),
        (8, "firing"),
        (10, "firing"),
    ];
    for (grade, expected) in grades {
        hold(
            "aliyun_sls",
            "firing.json",
            "/severity",
            &[
                (json!(grade), expected),
                (json!(grade.to_string()), expected),
            ],
        );
    }
}

#[test]
fn tencent_s_states_and_times() {
    hold(
        "tencent_monitor",
        "metric_alarm.json",
        "/alarmStatus",
        &[
            (json!(1), "firing"),
            (json!("1"), "firing"),
            (json!(0), "resolved"),
            (json!("0"), "resolved"),
            (json!(2), "complaint"),
        ],
    );
    hold(
        "tencent_monitor",
        "metric_resolved.json",
        "/recoverTime",
        &[
            (json!("0"), "resolved"),
            (json!(0), "resolved"),
            (json!(""), "resolved"),
        ],
    );
}

#[test]
fn volcengine_s_levels_and_types() {
    hold(
        "volcengine",
        "no_data.json",
        "/Level",
        &words(&[
            ("critical", "firing critical"),
            ("warning", "firing warning"),
            ("notice", "firing info"),
            ("odd", "firing"),
        ]),
    );
    hold(
        "volcengine",
        "no_data.json",
        "/Type",
        &words(&[
            ("MetricsNoData", "firing critical"),
            ("NewerType", "firing critical"),
            ("Metric", "noted"),
        ]),
    );
}

#[test]
fn nightingale_s_grades_and_recovery() {
    hold(
        "nightingale",
        "callback_firing.json",
        "/severity",
        &[
            (json!(1), "firing critical"),
            (json!("2"), "firing warning"),
            (json!(3), "firing info"),
        ],
    );
    hold(
        "nightingale",
        "callback_firing.json",
        "/is_recovered",
        &[
            (json!(true), "resolved"),
            (json!("true"), "resolved"),
            (json!(1), "resolved"),
            (json!(false), "firing"),
        ],
    );
}

#[test]
fn what_builds_come_to() {
    hold(
        "jenkins",
        "completed_failure.json",
        "/build/status",
        &words(&[
            ("FAILURE", "firing error"),
            ("UNSTABLE", "firing warning"),
            ("SUCCESS", "resolved"),
            ("ABORTED", "noted"),
            ("NOT_BUILT", "noted"),
        ]),
    );
    hold(
        "jenkins",
        "completed_failure.json",
        "/build/phase",
        &words(&[
            ("COMPLETED", "firing error"),
            ("FINALIZED", "firing error"),
            ("STARTED", "noted"),
            ("QUEUED", "noted"),
        ]),
    );
    let running = [
        "created",
        "waiting_for_resource",
        "preparing",
        "pending",
        "running",
        "canceled",
        "skipped",
        "manual",
        "scheduled",
    ];
    let mut states = words(&running.map(|state| (state, "noted")));
    states.extend(words(&[
        ("failed", "firing error"),
        ("success", "resolved"),
    ]));
    hold(
        "gitlab",
        "pipeline_failed.json",
        "/object_attributes/status",
        &states,
    );
    hold(
        "github",
        "workflow_run_failure.json",
        "/workflow_run/conclusion",
        &words(&[
            ("failure", "firing error"),
            ("timed_out", "firing error"),
            ("startup_failure", "firing error"),
            ("action_required", "firing error"),
            ("success", "resolved"),
            ("cancelled", "noted"),
            ("neutral", "noted"),
            ("skipped", "noted"),
            ("stale", "noted"),
        ]),
    );
}

#[test]
fn github_s_security_alerts() {
    hold(
        "github",
        "dependabot_alert_created.json",
        "/action",
        &words(&[
            ("created", "firing"),
            ("reopened", "firing"),
            ("fixed", "resolved"),
            ("dismissed", "resolved"),
            ("auto_dismissed", "resolved"),
            ("assigned", "noted"),
        ]),
    );
    hold(
        "github",
        "dependabot_alert_created.json",
        "/alert/security_advisory/severity",
        &words(&[
            ("low", "firing info"),
            ("medium", "firing warning"),
            ("high", "firing error"),
            ("critical", "firing critical"),
        ]),
    );
}

#[test]
fn what_ordinary_json_says() {
    let on = [
        "alerting",
        "firing",
        "problem",
        "down",
        "critical",
        "error",
        "open",
        "triggered",
        "1",
        "true",
    ];
    let over = [
        "ok",
        "resolved",
        "recovered",
        "up",
        "closed",
        "normal",
        "0",
        "false",
    ];
    for (words, expected) in [(&on[..], "firing"), (&over[..], "resolved")] {
        for word in words {
            let body = json!({"title": "t", "status": word, "id": "x"});
            let said = said(&Request::json(body.to_string()), "generic");
            assert!(said.starts_with(expected), "{word}: {said}");
        }
    }
}
