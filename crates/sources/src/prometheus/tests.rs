//! Alertmanager's recorded answers (0.25, with 0.34's UTF-8 names) as complaints.

use serde_json::json;

use super::*;
use crate::parsed::ComplaintKind::{Bound, Domain, Format, Required, Type};

fn read(body: &str) -> Result<Parsed, Refusal> {
    parse(&Inbound {
        method: "POST",
        path: "",
        query: "",
        headers: &[],
        body: body.as_bytes(),
        options: &json!({}),
        timezone: "UTC",
        now: Time::from_secs(1_772_592_300),
        certificate: None,
    })
}

fn parsed(body: &str) -> Parsed {
    read(body).expect("the body is readable")
}

#[test]
fn nothing_and_no_alerts_are_fine() {
    for body in ["null", "[]", " [ ] \n"] {
        assert_eq!(parsed(body), Parsed::default());
    }
}

#[test]
fn recorded_mistakes_give_alertmanager_s_words() {
    let cases = [
        (
            r#"{"annotations":{}}"#,
            Required,
            "labels",
            "0.labels in body is required",
        ),
        (
            r#"{"labels":null}"#,
            Required,
            "labels",
            "0.labels in body is required",
        ),
        (
            r#"{"labels":{}}"#,
            Domain,
            "labels",
            "at least one label pair required",
        ),
        (
            r#"{"labels":{"a":""}}"#,
            Domain,
            "labels",
            "at least one label pair required",
        ),
        (
            r#"{"labels":{"":"x"}}"#,
            Domain,
            "labels",
            "invalid label set: invalid name \"\"",
        ),
        (
            r#"{"labels":{"a":1}}"#,
            Type,
            "labels.a",
            "json: cannot unmarshal number into Go struct field Alert.labels of type string",
        ),
        (
            r#"{"labels":{"a":"x"},"startsAt":"2026-02-01T00:00:00Z","endsAt":"2026-01-01T00:00:00Z"}"#,
            Domain,
            "endsAt",
            "start time must be before end time",
        ),
        (
            r#"{"labels":{"a":"x"},"generatorURL":"::bad"}"#,
            Format,
            "generatorURL",
            "0.generatorURL in body must be of type uri: \"::bad\"",
        ),
    ];
    for (item, kind, field, problem) in cases {
        let parsed = parsed(&format!("[{item}]"));
        assert_eq!(parsed.alerts, [], "{item}");
        assert_eq!(
            parsed.complaints,
            [Complaint::of(kind, format!("[0].{field}"), problem)],
            "{item}"
        );
    }
    let garbage = parsed(r#"[{"labels":{"a":"x"},"startsAt":"garbage"}]"#);
    assert_eq!(
        (
            garbage.complaints[0].kind,
            garbage.complaints[0].path.as_str()
        ),
        (Type, "[0].startsAt")
    );
    assert!(
        garbage.complaints[0]
            .problem
            .contains("parsing time \"garbage\"")
    );
}

#[test]
fn null_is_a_complaint_and_its_neighbours_are_kept() {
    let parsed = parsed(r#"[{"labels":{"a":"x"}},null,{"labels":{"a":"y"}}]"#);
    assert_eq!(parsed.alerts.len(), 2);
    assert_eq!(
        parsed.complaints,
        [Complaint::of(Type, "[1]", "expected an alert, found null")]
    );
    // What was read of a bad item does not leak into the next.
    assert_eq!(parsed.alerts[1].labels.to_string(), r#"{a="y"}"#);
}

#[test]
fn an_item_whose_json_we_do_not_take_does_not_cost_its_neighbours() {
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    let members: Vec<String> = (0..10_001).map(|i| format!("\"{i}\":\"\",")).collect();
    let members = members.concat();
    let cases = [
        (
            r#"{"labels":{"a":"1","a":"2"}}"#.to_owned(),
            "[1].labels.a",
            "this key is given twice",
        ),
        (
            r#"{"labels":{"a":"x\u0000"}}"#.to_owned(),
            "[1].labels.a",
            "a NUL character",
        ),
        (
            r#"{"labels":{"a":"\ud800"}}"#.to_owned(),
            "[1].labels.a",
            "half of a surrogate pair",
        ),
        (
            r#"{"labels":{"a":"x"},"v":-1e999}"#.to_owned(),
            "[1].v",
            "a number too large to hold",
        ),
        (
            r#"[{"a":1,"a":2}]"#.to_owned(),
            "[1][0].a",
            "this key is given twice",
        ),
        (
            format!(r#"{{"labels":{{"a":"x"}},"v":{deep}}}"#),
            "[1].v[0][0]",
            "nested deeper than 64",
        ),
        (
            format!(r#"{{"labels":{{{members}"a":"x"}}}}"#),
            "[1].labels",
            "more than 10000 members",
        ),
    ];
    for (item, path, problem) in cases {
        let body = format!(r#"[{{"labels":{{"a":"x"}}}},{item},{{"labels":{{"a":"y"}}}}]"#);
        let parsed = parsed(&body);
        let kept: Vec<_> = parsed.alerts.iter().map(|a| a.labels.to_string()).collect();
        assert_eq!(kept, [r#"{a="x"}"#, r#"{a="y"}"#], "{item}");
        let [complaint] = parsed.complaints.as_slice() else {
            panic!("{item}: {:?}", parsed.complaints);
        };
        assert_eq!(complaint.kind, Bound);
        assert!(complaint.path.starts_with(path), "{complaint:?}");
        assert!(complaint.problem.starts_with(problem), "{complaint:?}");
    }
}

#[test]
fn what_is_no_json_costs_the_whole_body() {
    let endless = "[".repeat(100_000);
    for item in [
        "{\"labels\":{\"a\":\"x\",\"a\":nope}}",
        "{\"a\":\"\\u0000\"",
        endless.as_str(),
    ] {
        let body = format!(r#"[{{"labels":{{"a":"x"}}}},{item},{{"labels":{{"a":"y"}}}}]"#);
        assert!(read(&body).is_err(), "{}", &item[..20]);
    }
}

#[test]
fn an_object_or_a_cut_off_body_is_refused() {
    for body in [
        "{}",
        "{",
        "[{\"labels\":{\"a\":\"x\"}}",
        "",
        "\"x\"",
        "[] []",
    ] {
        assert!(
            matches!(read(body), Err(Refusal::Malformed { .. })),
            "{body}"
        );
    }
}

#[test]
fn labels_are_taken_as_they_are() {
    let parsed = parsed(
        r#"[{"labels":{"b":"2","a-b":"x","中文":"标签","empty":"","none":null,"a":"\u00e9\n"},"unknown":{"x":[1]}}]"#,
    );
    let labels = &parsed.alerts[0].labels;
    let pairs: Vec<_> = labels.iter().collect();
    assert_eq!(
        pairs,
        [("a", "é\n"), ("a-b", "x"), ("b", "2"), ("中文", "标签")]
    );
    assert_eq!(parsed.complaints, []);
}

#[test]
fn times_keep_their_instant_and_go_s_zero_time_is_no_time() {
    let parsed = parsed(
        r#"[{"labels":{"a":"x"},"startsAt":"2026-03-04T10:15:00.123456789+08:00","endsAt":"0001-01-01T00:00:00Z"},
            {"labels":{"a":"y"},"startsAt":"","endsAt":"2026-03-04T02:15:00Z"},
            {"labels":{"a":"z"},"endsAt":"2026-03-04T03:15:00Z"}]"#,
    );
    let micros = Time::from_micros(1_772_590_500_123_456);
    assert_eq!(
        (parsed.alerts[0].starts_at, parsed.alerts[0].ends_at),
        (Some(micros), None)
    );
    let signals: Vec<_> = parsed.alerts.iter().map(|alert| alert.signal).collect();
    assert_eq!(signals, [Signal::Firing, Signal::Resolved, Signal::Firing]);
}
