use balefire_core::time::Time;
use serde_json::json;

use super::*;
use crate::parsed::{Identity, ParsedAlert, Signal};

const FORM: &[(&str, &str)] = &[("content-type", "application/x-www-form-urlencoded")];

fn read(
    body: &str,
    query: &str,
    headers: &[(&str, &str)],
    options: &Value,
) -> Result<Parsed, Refusal> {
    parse(&Inbound {
        method: "POST",
        path: "",
        query,
        headers,
        body: body.as_bytes(),
        options,
        timezone: "Asia/Shanghai",
        now: Time::from_secs(1_772_592_300),
        certificate: None,
    })
}

fn alerts(body: &Value, options: &Value) -> Vec<ParsedAlert> {
    let parsed = read(&body.to_string(), "", &[], options).expect("readable");
    assert_eq!(parsed.complaints, []);
    parsed.alerts
}

#[test]
fn a_mapping_finds_every_part_of_an_alert() {
    let options = json!({
        "items": "/result/events",
        "map": {
            "title": "{/rule/name} on {/where/0}",
            "text": "/rule/words",
            "severity": "/rule/prio",
            "status": "/phase",
            "key": "{/rule/id}-{/where/0}",
            "labels": {"host": "/where/0", "origin": "acme", "gone": "/not/there"},
            "annotations": {"runbook": "https://runbooks.example.com/{/rule/id}"},
            "starts_at": "/at", "ends_at": "/until", "url": "/see",
        },
        "firing": ["AN"], "resolved": ["aus"],
    });
    let event = |phase: &str| {
        json!({
            "rule": {"id": 7, "name": "DiskFull", "prio": "P1", "words": "97 %"},
            "where": ["db-1"], "phase": phase, "at": "2026-03-04 10:15:00",
            "until": 1_772_592_060, "see": "https://acme.example.com/7",
        })
    };
    let alerts = alerts(
        &json!({"result": {"events": [event("an"), event("Aus")]}}),
        &options,
    );
    let (on, over) = (&alerts[0], &alerts[1]);
    assert_eq!(
        on.labels.to_string(),
        r#"{alertname="DiskFull on db-1", host="db-1", origin="acme", severity="critical"}"#
    );
    assert_eq!(on.annotations.get("description"), Some("97 %"));
    assert_eq!(
        on.annotations.get("runbook"),
        Some("https://runbooks.example.com/7")
    );
    assert_eq!(
        (&*on.generator_url, on.signal),
        ("https://acme.example.com/7", Signal::Firing)
    );
    assert_eq!(
        (on.starts_at, on.ends_at),
        (Some(Time::from_secs(1_772_590_500)), None)
    );
    assert_eq!(
        (over.signal, over.ends_at),
        (Signal::Resolved, Some(Time::from_secs(1_772_592_060)))
    );
    assert_eq!(on.identity, Identity::Key("7-db-1".to_owned()));
    assert_eq!(on.identity, over.identity);
}

#[test]
fn changing_values_do_not_change_which_alert_it_is() {
    let item = |value: f64| json!({"title": "DiskFull", "host": "db-1", "value": value, "status": "firing"});
    let both = alerts(&json!([item(97.0), item(98.5)]), &json!({}));
    assert_eq!(both[0].labels, both[1].labels);
    assert_eq!(both[1].annotations.get("value"), Some("98.5"));
}

#[test]
fn states_of_many_tools_are_understood() {
    let signal = |status: Value| {
        alerts(&json!({"title": "t", "status": status}), &json!({}))
            .pop()
            .map(|a| a.signal)
    };
    for on in [
        json!("firing"),
        json!("DOWN"),
        json!("Problem"),
        json!(1),
        json!(true),
        json!("告警"),
        json!("odd"),
    ] {
        assert_eq!(signal(on.clone()), Some(Signal::Firing), "{on}");
    }
    for over in [
        json!("ok"),
        json!("Resolved"),
        json!("UP"),
        json!(0),
        json!(false),
        json!("恢复"),
    ] {
        assert_eq!(signal(over.clone()), Some(Signal::Resolved), "{over}");
    }
    assert_eq!(signal(json!("acknowledged")), None);
    assert_eq!(signal(json!(null)), Some(Signal::Event));
}

#[test]
fn forms_are_read_only_where_the_source_says_so() {
    let plain = read("title=DiskFull&status=firing", "", FORM, &json!({})).expect("readable");
    assert_eq!(plain.alerts[0].signal, Signal::Event);
    let form = read(
        "title=DiskFull&status=firing&host=db-1",
        "",
        FORM,
        &json!({"forms": true}),
    )
    .expect("readable");
    assert_eq!(
        form.alerts[0].labels.to_string(),
        r#"{alertname="DiskFull", host="db-1"}"#
    );
    let payload = "payload=%7B%22title%22%3A%22x%22%2C%22status%22%3A%22ok%22%7D";
    let wrapped = read(payload, "", FORM, &json!({"forms": true})).expect("readable");
    assert_eq!(wrapped.alerts[0].signal, Signal::Resolved);
}

#[test]
fn an_empty_body_leaves_the_query_to_speak() {
    let parsed = read(
        "",
        "title=DiskFull&status=firing&token=s3cret",
        &[],
        &json!({}),
    )
    .expect("readable");
    assert_eq!(
        parsed.alerts[0].labels.to_string(),
        r#"{alertname="DiskFull"}"#
    );
    assert!(!format!("{parsed:?}").contains("s3cret"));
    assert!(read("", "", &[], &json!({})).is_err());
}

#[test]
fn a_nameless_item_says_what_it_lacks() {
    let parsed = read(
        r#"[{"status":"firing"},{"title":"x"}]"#,
        "",
        &[],
        &json!({}),
    )
    .expect("readable");
    assert_eq!((parsed.alerts.len(), parsed.complaints.len()), (1, 1));
    assert_eq!(
        (
            parsed.complaints[0].path.as_str(),
            parsed.complaints[0].kind
        ),
        ("[0]", ComplaintKind::Required)
    );
}

#[test]
fn a_secret_makes_the_signature_necessary() {
    let options = json!({"secret": "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="});
    let refused = read(r#"{"title":"x"}"#, "", &[], &options);
    assert!(
        matches!(refused, Err(Refusal::Unauthorized(_))),
        "{refused:?}"
    );
}

#[test]
fn an_implausible_time_gives_way_to_the_time_of_receipt() {
    let body = json!({"title": "x", "status": "firing", "timestamp": "tomorrow"}).to_string();
    let parsed = read(&body, "", &[], &json!({})).expect("readable");
    assert_eq!(parsed.alerts[0].starts_at, None);
    assert!(
        parsed.notes[0].contains("time of receipt"),
        "{:?}",
        parsed.notes
    );
}
