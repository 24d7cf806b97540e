//! Notification services of clouds: what is believed, and what is confirmed.

use balefire_core::time::Time;
use balefire_sources::parsed::{Parsed, Refusal, Signal};
use balefire_sources::registry::find;
use balefire_sources::spec::Inbound;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::request::{Request, fixture};

/// When all the messages are fresh.
const NOW: i64 = 1_772_592_300;

fn believed(kind: &str, request: &Request, now: i64) -> bool {
    match request.read_at(kind, Time::from_secs(now)) {
        Ok(_) => true,
        Err(Refusal::Unauthorized(_)) => false,
        Err(other) => panic!("{other}"),
    }
}

/// The same certificate with another key in it.
fn of_another_key(pem: &[u8]) -> Vec<u8> {
    let text = str::from_utf8(pem).expect("PEM").lines();
    let encoded: String = text.filter(|line| !line.starts_with('-')).collect();
    let mut der = STANDARD.decode(encoded).expect("base64");
    // In the middle of the 2048 bits.
    der[320] ^= 1;
    let encoded = STANDARD.encode(der);
    format!("-----BEGIN CERTIFICATE-----\n{encoded}\n-----END CERTIFICATE-----\n").into_bytes()
}

/// The message with one member changed.
fn with(request: &Request, name: &str, value: &str) -> Request {
    let mut body: Value = serde_json::from_slice(&request.body).expect("JSON");
    body[name] = json!(value);
    Request {
        body: body.to_string().into_bytes(),
        ..request.clone()
    }
}

#[test]
fn only_what_the_cloud_has_signed_within_the_hour_is_believed() {
    for (kind, name, members) in [
        (
            "aws_sns",
            "cloudwatch_alarm.json",
            ["Message", "Subject", "Timestamp", "TopicArn", "MessageId"],
        ),
        (
            "aws_sns",
            "cloudwatch_ok_sigv1.json",
            ["Message", "Subject", "Timestamp", "TopicArn", "MessageId"],
        ),
        (
            "huawei_smn",
            "ces_v1_alarm.json",
            ["message", "subject", "timestamp", "topic_urn", "message_id"],
        ),
    ] {
        let good = fixture(kind, name);
        assert!(believed(kind, &good, NOW), "{name}");
        for hours in [-2, 2] {
            assert!(
                !believed(kind, &good, NOW + hours * 3_600),
                "{name} {hours} h"
            );
        }
        for member in members {
            let other = with(&good, member, "2026-03-04T02:30:00Z");
            assert!(!believed(kind, &other, NOW), "{name} {member}");
        }
        let nothing = Request {
            certificate: None,
            ..good.clone()
        };
        assert!(
            !believed(kind, &nothing, NOW),
            "{name} without a certificate"
        );
        let foreign = Request {
            certificate: good.certificate.as_deref().map(of_another_key),
            ..good
        };
        assert!(!believed(kind, &foreign, NOW), "{name} by another's key");
    }
    assert!(!believed(
        "aws_sns",
        &fixture("aws_sns", "tampered_must_fail.json"),
        NOW
    ));
}

/// Where the certificate of a request lies, as its source says.
fn certificate(kind: &str, request: &Request) -> Result<Option<String>, Refusal> {
    let signing = find(kind)
        .expect("registered")
        .manners
        .signing
        .expect("it is signed");
    (signing.certificate)(&Inbound {
        method: "POST",
        path: "",
        query: "",
        headers: &[],
        body: &request.body,
        options: &request.options,
        timezone: "UTC",
        now: Time::from_secs(NOW),
        certificate: None,
    })
}

#[test]
fn a_certificate_is_fetched_from_the_cloud_s_own_address_only() {
    let sns = fixture("aws_sns", "cloudwatch_alarm.json");
    let given = certificate("aws_sns", &sns).expect("AWS");
    assert_eq!(
        given.as_deref(),
        Some(
            "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-7ff5318490ec183fbaddaa2a969abfda.pem"
        )
    );
    let china = "https://sns.cn-north-1.amazonaws.com.cn/x.pem";
    assert!(certificate("aws_sns", &with(&sns, "SigningCertURL", china)).is_ok());
    for url in [
        "",
        "http://sns.eu-west-1.amazonaws.com/x.pem",
        "https://sns.eu-west-1.amazonaws.com/x.crt",
        "https://sns.eu-west-1.amazonaws.com:8443/x.pem",
        "https://user@sns.eu-west-1.amazonaws.com/x.pem",
        "https://sns.eu-west-1.amazonaws.com.evil.example.com/x.pem",
        "https://sns.evil.example.com/sns.eu-west-1.amazonaws.com/x.pem",
        "https://snsXeu-west-1.amazonaws.com/x.pem",
        "https://sns.a.b.amazonaws.com/x.pem",
        "https://sns..amazonaws.com/x.pem",
        "https://bucket.s3.amazonaws.com/x.pem",
        "https://169.254.169.254/x.pem",
    ] {
        let refused = certificate("aws_sns", &with(&sns, "SigningCertURL", url));
        assert!(matches!(refused, Err(Refusal::Unauthorized(_))), "{url}");
    }
    let smn = fixture("huawei_smn", "ces_v1_alarm.json");
    assert!(certificate("huawei_smn", &smn).is_ok());
    let evil = "https://smn.cn-east-3.myhuaweicloud.com.example.com/x.pem";
    assert!(certificate("huawei_smn", &with(&smn, "signing_cert_url", evil)).is_err());
    let unchecked = Request {
        options: json!({"signature": false}),
        ..smn
    };
    assert_eq!(certificate("huawei_smn", &unchecked), Ok(None));
}

#[test]
fn a_subscription_is_confirmed_for_a_configured_topic_alone() {
    for (kind, topic, member) in [
        (
            "aws_sns",
            "arn:aws:sns:eu-west-1:123456789012:ops-alarms",
            "SubscribeURL",
        ),
        (
            "huawei_smn",
            "urn:smn:cn-east-3:0123456789abcdef0123456789abcdef:ces_gateway",
            "subscribe_url",
        ),
    ] {
        let read = |options: Value, url: Option<&str>| -> Result<Parsed, Refusal> {
            let asked = fixture(kind, "subscription_confirmation.json");
            let asked = url.map_or(asked.clone(), |url| with(&asked, member, url));
            Request { options, ..asked }.read(kind)
        };
        let open = read(json!({}), None).expect("readable");
        assert_eq!(open.confirm, None, "{kind}");
        assert!(
            open.notes[0].contains("asks to be confirmed"),
            "{:?}",
            open.notes
        );
        let pinned = read(json!({"topics": [topic]}), None).expect("readable");
        assert!(
            pinned
                .confirm
                .is_some_and(|url| url.starts_with("https://")),
            "{kind}"
        );
        let other = read(json!({"topics": ["another"]}), None);
        assert!(matches!(other, Err(Refusal::Stranger(_))), "{kind}");
        let unchecked = json!({"topics": [topic], "signature": false});
        for url in ["https://example.com/", "http://169.254.169.254/", ""] {
            assert!(read(unchecked.clone(), Some(url)).is_err(), "{kind} {url}");
        }
    }
}

#[test]
fn raw_delivery_is_taken_only_where_nothing_is_checked() {
    let message = json!({"AlarmName": "cpu", "NewStateValue": "ALARM", "AlarmArn": "arn:aws:cloudwatch:eu-west-1:1:alarm:cpu"});
    let mut raw = Request::json(message.to_string());
    raw.headers
        .push(("x-amz-sns-rawdelivery".to_owned(), "true".to_owned()));
    assert!(matches!(raw.read("aws_sns"), Err(Refusal::Unauthorized(_))));
    raw.options = json!({"signature": false});
    let parsed = raw.read("aws_sns").expect("readable");
    assert_eq!(parsed.alerts[0].labels.get("region"), Some("eu-west-1"));
    raw.body = b"disk full on db-1".to_vec();
    let parsed = raw.read("aws_sns").expect("readable");
    assert_eq!(parsed.alerts[0].signal, Signal::Event);
}

#[test]
fn missing_data_and_other_messages_are_told_once() {
    let sns = |message: &str, subject: &str| {
        let body = json!({"Type": "Notification", "TopicArn": "arn:aws:sns:eu-west-1:1:ops", "Subject": subject, "Message": message});
        let request = Request {
            options: json!({"signature": false}),
            ..Request::json(body.to_string())
        };
        request.read("aws_sns").expect("readable")
    };
    let missing = json!({"AlarmName": "cpu", "NewStateValue": "INSUFFICIENT_DATA"}).to_string();
    let event =
        json!({"detail-type": "EC2 Instance State-change", "source": "aws.ec2", "detail": {}})
            .to_string();
    for (message, subject, name) in [
        (missing.as_str(), "x", "cpu"),
        (event.as_str(), "", "EC2 Instance State-change"),
        ("Budget exceeded", "AWS Budgets: ops", "AWS Budgets: ops"),
        ("words alone", "", "words alone"),
    ] {
        let parsed = sns(message, subject);
        let alert = &parsed.alerts[0];
        assert_eq!(
            (alert.signal, alert.labels.get("alertname")),
            (Signal::Event, Some(name))
        );
    }
    assert_eq!(sns("", "").complaints.len(), 1);
}
