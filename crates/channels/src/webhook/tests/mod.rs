//! Golden requests of every format and signature, and what answers mean.

mod consent;

use std::sync::Arc;

use balefire_core::alert::Lifecycle;
use balefire_core::fingerprint::Fingerprint;
use balefire_core::label::Labels;
use balefire_core::message::{
    AlertView, Answering, Block, GroupView, Locale, Mentions, Occasion, Status,
};
use balefire_core::severity::Severity;
use serde_json::{Value, json};

use super::*;
use crate::http::HttpSettings;
use crate::spec::BuildError;
use crate::tests::loopback::recording;
use crate::token::Tokens;

const NOW: Time = Time::from_secs(1_772_590_500);
const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

fn alert(instance: &str, ends: Option<Time>) -> AlertView {
    let labels = Labels::from_pairs([
        ("alertname", "InstanceDown"),
        ("instance", instance),
        ("severity", "critical"),
    ])
    .expect("labels");
    AlertView {
        status: if ends.is_some() {
            Status::Resolved
        } else {
            Status::Firing
        },
        fingerprint: Fingerprint::of(&labels),
        labels,
        annotations: Labels::annotations([("summary", "down & out")]).expect("annotations"),
        starts_at: Time::from_millis(1_772_590_500_123),
        ends_at: ends,
        generator_url: "http://prometheus.example.com:9090/graph?g0.expr=up+%3D%3D+0".into(),
        lifecycle: Lifecycle::Refreshing,
        missed: false,
    }
}

fn group(alerts: Vec<AlertView>) -> GroupView {
    GroupView {
        receiver: "gateway".into(),
        status: Status::Firing,
        common_labels: Labels::common(alerts.iter().map(|alert| &alert.labels)),
        common_annotations: Labels::common(alerts.iter().map(|alert| &alert.annotations)),
        alerts,
        group_labels: Labels::from_pairs([("alertname", "InstanceDown")]).expect("labels"),
        external_url: "http://alerts.example.com".into(),
        group_key: "{}:{alertname=\"InstanceDown\"}".into(),
        acknowledge_url: "".into(),
        answer_token: "".into(),
        truncated_alerts: 0,
        reason: "first notification".into(),
    }
}

fn message(group: Option<GroupView>) -> Message {
    Message {
        occasion: if group.is_some() {
            Occasion::Firing
        } else {
            Occasion::Test
        },
        severity: Severity::Critical,
        title: "A test".to_owned(),
        body: vec![Block::Text("All is well.".to_owned())],
        group: group.map(Arc::new),
        mentions: Mentions::default(),
        custom: None,
        locale: Locale::En,
        zone: "UTC".to_owned(),
        link: None,
        thread: "t".to_owned(),
        attachments: Vec::new(),
        answering: Answering::default(),
    }
}

fn two_alerts() -> Message {
    let ended = Time::from_secs(1_772_590_800);
    message(Some(group(vec![
        alert("10.0.4.11:9100", None),
        alert("10.0.4.12:9100", Some(ended)),
    ])))
}

fn channel(receiver: &Value) -> Result<Arc<dyn Channel>, Vec<BuildError>> {
    build(&Build {
        account_name: "",
        account: &json!({}),
        receiver,
        http: Http::new(HttpSettings::default()).expect("a client"),
        tokens: Arc::new(Tokens::new()),
    })
}

/// The request as it arrives, and the outcome.
async fn sent(mut receiver: Value, message: &Message, answer: &'static [u8]) -> (String, Outcome) {
    let (address, mut told) = recording(answer).await;
    receiver["url"] = json!(format!("http://{address}/hook/k3y"));
    let channel = channel(&receiver).expect("a channel");
    let targets = channel.targets();
    let delivery = Delivery {
        message,
        targets: &targets,
        id: "n_0123456789abcdef",
        attempt: 1,
        now: NOW,
    };
    let mut outcomes = channel.send(&delivery).await;
    assert_eq!(outcomes.len(), 1);
    let request = told
        .recv()
        .await
        .expect("a request")
        .replace(&address.to_string(), "HOST");
    let request = request.replace(crate::http::AGENT, "Balefire/VERSION");
    (request.replace("\r\n", "\n"), outcomes.remove(0))
}

fn body_of(request: &str) -> Value {
    let (_, body) = request.split_once("\n\n").expect("a body");
    serde_json::from_str(body).expect("JSON")
}

#[tokio::test]
async fn alertmanagers_body_byte_for_byte() {
    let (request, outcome) = sent(json!({}), &two_alerts(), OK).await;
    assert_eq!(
        outcome.map(|receipt| receipt.answer),
        Ok("status 200".to_owned())
    );
    insta::assert_snapshot!(request);
}

#[tokio::test]
async fn a_message_without_group_becomes_one_alert() {
    let (request, _) = sent(json!({}), &message(None), OK).await;
    insta::assert_snapshot!(request);
}

#[tokio::test]
async fn standard_webhooks() {
    let options = json!({
        "format": "standard_webhooks",
        "signature": "standard_webhooks",
        "secret": "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    });
    let (request, _) = sent(options, &two_alerts(), OK).await;
    insta::assert_snapshot!(request);
}

#[tokio::test]
async fn cloudevents_binary_and_structured_carry_the_same() {
    let (binary, _) = sent(json!({"format": "cloudevents_binary"}), &two_alerts(), OK).await;
    let (structured, _) = sent(
        json!({"format": "cloudevents_structured"}),
        &two_alerts(),
        OK,
    )
    .await;
    let (head, _) = binary.split_once("\n\n").expect("a head");
    insta::assert_snapshot!(head);
    let document = body_of(&structured);
    assert_eq!(document["data"], body_of(&binary));
    assert_eq!(document["id"], "n_0123456789abcdef");
    assert_eq!(document["type"], "io.balefire.alert.firing");
    assert_eq!(document["subject"], "{}:{alertname=\"InstanceDown\"}");
}

#[tokio::test]
async fn a_github_signature_covers_the_body() {
    let options = json!({"signature": "github", "secret": "k"});
    let (request, _) = sent(options, &two_alerts(), OK).await;
    let (head, body) = request.split_once("\n\n").expect("a body");
    let expected = crate::sign::hmac_sha256_hex(b"k", body.as_bytes());
    assert!(
        head.contains(&format!("x-hub-signature-256: sha256={expected}")),
        "{head}"
    );
}

#[tokio::test]
async fn max_alerts_cuts_and_counts_like_alertmanager() {
    let ended = Time::from_secs(1_772_590_800);
    let alerts = vec![alert("a", Some(ended)), alert("b", None), alert("c", None)];
    let (request, _) = sent(json!({"max_alerts": 1}), &message(Some(group(alerts))), OK).await;
    let body = body_of(&request);
    assert_eq!(body["alerts"].as_array().map(Vec::len), Some(1));
    assert_eq!(body["truncatedAlerts"], 2);
    assert_eq!(
        body["status"], "resolved",
        "status is that of the alerts that stay"
    );
    assert_eq!(body["commonLabels"]["instance"], "a");
}

#[test]
fn a_body_stays_below_its_limit() {
    let alerts: Vec<AlertView> = (0..500)
        .map(|n| alert(&format!("host-{n}"), None))
        .collect();
    let message = message(Some(group(alerts)));
    let content = body::content(&message, NOW, 0, 20_000);
    assert!(
        content.json.len() <= 20_000 && content.json.len() > 15_000,
        "{}",
        content.json.len()
    );
    let body: Value = serde_json::from_str(&content.json).expect("JSON");
    let kept = body["alerts"].as_array().map_or(0, Vec::len);
    assert_eq!(body["truncatedAlerts"], 500 - kept);
}

/// An answer as bytes, from its fixture.
fn answer_of(reply: &Value) -> Vec<u8> {
    let body = match &reply["body"] {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        value => value.to_string(),
    };
    let mut head = format!(
        "HTTP/1.1 {} X\r\ncontent-length: {}\r\n",
        reply["status"],
        body.len()
    );
    for (name, value) in reply["headers"].as_object().into_iter().flatten() {
        let value = value.as_str().unwrap_or_default();
        head.extend([name.as_str(), ": ", value, "\r\n"]);
    }
    format!("{head}\r\n{body}").into_bytes()
}

#[tokio::test]
async fn answers_mean_what_their_fixtures_say() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/webhook");
    let mut cases = 0;
    for entry in std::fs::read_dir(folder).expect("fixtures") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let reply: Value =
            serde_json::from_slice(&std::fs::read(&path).expect("readable")).expect("JSON");
        let (_, outcome) = sent(json!({}), &two_alerts(), answer_of(&reply).leak()).await;
        let said = outcome.as_ref().map_or_else(|e| e.kind.as_str(), |_| "ok");
        assert_eq!(reply["expect"], said, "{}", path.display());
        let wish = outcome
            .err()
            .and_then(|e| e.retry_after)
            .map(|wait| wait.as_secs());
        assert_eq!(reply["retry_after"].as_u64(), wish, "{}", path.display());
        cases += 1;
    }
    assert!(cases >= 12, "only {cases} fixtures");
}

#[tokio::test]
async fn an_answer_that_is_none_is_an_unknown_outcome() {
    for answer in [&b"garbage\r\n\r\n"[..], b""] {
        let (_, outcome) = sent(json!({}), &two_alerts(), answer).await;
        assert_eq!(outcome.map_err(|e| e.kind), Err(ErrorKind::UnknownOutcome));
    }
}

#[test]
fn unusable_options_are_named_by_their_keys() {
    for (receiver, key) in [
        (json!({}), "url"),
        (json!({"url": "ftp://x/"}), "url"),
        (json!({"url": "{{ .Url }}"}), "url"),
        (json!({"url": "http://169.254.169.254/"}), "url"),
        (json!({"url": "http://h/", "signature": "github"}), "secret"),
        (
            json!({"url": "http://h/", "signature_header": "a b"}),
            "signature_header",
        ),
        (json!({"url": "http://h/", "timeout": "ten"}), "timeout"),
        (
            json!({"url": "http://h/", "signature": "svix", "secret": "whsk_AAEC"}),
            "secret",
        ),
        (json!({"url": "http://h/", "origin": "h.example"}), "origin"),
        (
            json!({"url": "http://h/", "origin": "https://h.example", "format": "cloudevents_binary"}),
            "origin",
        ),
    ] {
        let errors = channel(&receiver).err().expect("refused");
        assert_eq!(
            errors.iter().map(|e| e.key.as_str()).collect::<Vec<_>>(),
            [key],
            "{receiver}"
        );
    }
}

#[test]
fn two_hooks_on_one_host_are_two_targets_and_show_no_key() {
    let one = channel(&json!({"url": "http://h.example/hook/k3y1?t=s3cret"})).expect("a channel");
    let two = channel(&json!({"url": "http://h.example/hook/k3y2?t=s3cret"})).expect("a channel");
    let (one, two) = (one.targets().remove(0), two.targets().remove(0));
    assert_ne!(one.address, two.address);
    assert_eq!(&*one.label, "http://h.example/hook/…");
}
