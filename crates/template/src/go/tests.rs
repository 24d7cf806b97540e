use balefire_core::alert::Lifecycle;
use balefire_core::fingerprint::Fingerprint;
use balefire_core::label::Labels;
use balefire_core::message::{AlertView, Status};
use serde::Deserialize;

use super::*;

/// What Go 1.19's own packages made of a template, with Alertmanager's data, functions and default templates.
#[derive(Debug, Deserialize)]
struct Golden {
    template: String,
    #[serde(default)]
    html: bool,
    data: String,
    out: Option<String>,
    #[serde(default)]
    err: String,
}

fn pairs(pairs: &[(&str, &str)]) -> Labels {
    Labels::annotations(pairs.iter().copied()).expect("good labels")
}

fn alerts() -> [AlertView; 2] {
    let starts_at = Time::from_micros(1_795_342_445_123_456);
    let first = AlertView {
        status: Status::Firing,
        labels: pairs(&[
            ("alertname", "High Latency"),
            ("instance", "api-1:9090"),
            ("job", "api"),
            ("severity", "critical"),
        ]),
        annotations: pairs(&[
            ("summary", "Requests <b>take</b> too long & more"),
            ("url", "https://x.example/a?b=c&d=e f"),
        ]),
        starts_at,
        ends_at: None,
        generator_url: "http://prom.example/graph?g0.expr=a+%3E+b&x=1".into(),
        fingerprint: Fingerprint(0xcafe_0123_cafe_0123),
        lifecycle: Lifecycle::Explicit,
        missed: false,
    };
    let second = AlertView {
        status: Status::Resolved,
        labels: pairs(&[
            ("alertname", "High Latency"),
            ("instance", "api-2"),
            ("job", "api"),
            ("severity", "warning"),
        ]),
        annotations: pairs(&[
            ("summary", "Über \"quoted\" 'it' + `b`"),
            ("js", "javascript:alert(1)"),
        ]),
        ends_at: Some(starts_at.after(std::time::Duration::from_secs(200))),
        generator_url: "".into(),
        fingerprint: Fingerprint(1),
        ..first.clone()
    };
    [first, second]
}

fn group(which: &str) -> GroupView {
    let [mut first, second] = alerts();
    let name = [("alertname", "High Latency")];
    let both = [("alertname", "High Latency"), ("job", "api")];
    let (alerts, common_labels, common_annotations, reason) = match which {
        "mixed" => (
            vec![first, second],
            pairs(&both),
            pairs(&[]),
            "first notification",
        ),
        "resolved" => {
            let (labels, annotations) = (second.labels.clone(), second.annotations.clone());
            (vec![second], labels, annotations, "all alerts resolved")
        }
        _ => {
            first.labels = pairs(&name);
            let annotations = first.annotations.clone();
            (vec![first], pairs(&name), annotations, "first notification")
        }
    };
    GroupView {
        receiver: "team-X.1".into(),
        status: if which == "resolved" {
            Status::Resolved
        } else {
            Status::Firing
        },
        alerts,
        group_labels: pairs(&name),
        common_labels,
        common_annotations,
        external_url: "https://am.example:9093".into(),
        group_key: "{}".into(),
        truncated_alerts: 0,
        acknowledge_url: "".into(),
        answer_token: "".into(),
        reason: reason.into(),
    }
}

fn now() -> Time {
    Time::from_secs(1_795_345_200)
}

#[test]
fn templates_print_and_fail_as_go_prints_and_fails() {
    let golden: Vec<Golden> =
        serde_json::from_str(include_str!("../../tests/fixtures/go_golden.json")).expect("golden");
    let templates = GoTemplates::new();
    let mut wrong = Vec::new();
    for case in &golden {
        let mode = if case.html { Mode::Html } else { Mode::Text };
        let ours = templates.render(&case.template, mode, &group(&case.data), now());
        let (out, err) = match &ours {
            Ok(out) => (Some(out.as_str()), ""),
            Err(error) => (None, error.text.as_str()),
        };
        if out != case.out.as_deref() || (err != case.err && !case.html) {
            wrong.push(format!(
                "{} ({})\n   go: {:?} {}\n ours: {:?} {}",
                case.template, case.data, case.out, case.err, out, err
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} differ:\n{}",
        wrong.len(),
        golden.len(),
        wrong.join("\n")
    );
}
