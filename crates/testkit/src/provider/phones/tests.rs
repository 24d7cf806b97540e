//! The services against what their pages say.

use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::tests::{json_of, started};

/// The request with these pairs as its form.
fn with_form(request: RequestBuilder, pairs: &[(&str, &str)]) -> RequestBuilder {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    request
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body)
}

#[tokio::test]
async fn twilio_checks_account_numbers_and_documents() {
    let (simulator, client) = started().await;
    let desk = &simulator.phones().twilio;
    let base = format!("{}/2010-04-01/Accounts/{}", simulator.url(), desk.sid());
    let post = |what: &str, token: &str, pairs: &[(&str, &str)]| {
        let request = client
            .post(format!("{base}/{what}"))
            .basic_auth(desk.sid(), Some(token));
        json_of(with_form(request, pairs))
    };
    let (to, from) = (("To", "+15550100001"), ("From", desk.number()));
    let long = "x".repeat(1_601);
    for (what, pairs, code) in [
        ("Messages.json", vec![to, from, ("Body", "x")], Value::Null),
        (
            "Messages.json",
            vec![("To", "1"), from, ("Body", "x")],
            json!(21_211),
        ),
        ("Messages.json", vec![to, ("Body", "x")], json!(21_212)),
        (
            "Messages.json",
            vec![to, from, ("Body", &long)],
            json!(21_617),
        ),
        (
            "Messages.json",
            vec![to, from, ("Body", "x"), ("ValidityPeriod", "0")],
            json!(21_623),
        ),
        (
            "Calls.json",
            vec![to, from, ("Twiml", "<Response><Say>x</Say></Response>")],
            Value::Null,
        ),
        (
            "Calls.json",
            vec![to, from, ("Twiml", "<Say>x")],
            json!(12_100),
        ),
        ("Calls.json", vec![to, from], json!(21_205)),
        ("Dances.json", vec![to, from], json!(20_404)),
    ] {
        let answer = post(what, desk.token(), &pairs).await;
        assert_eq!(answer["code"], code, "{what} {pairs:?}: {answer}");
    }
    let answer = post("Messages.json", "x", &[to, from, ("Body", "x")]).await;
    assert_eq!(answer["code"], 20_003);
    desk.set_stopped(&["+15550100001"]);
    let answer = post("Messages.json", desk.token(), &[to, from, ("Body", "x")]).await;
    assert_eq!(answer["code"], 21_610);
}

#[tokio::test]
async fn vonage_answers_in_the_parts_and_counts_a_second() {
    let (simulator, client) = started().await;
    let desk = &simulator.phones().vonage;
    let url = format!("{}/sms/json", simulator.url());
    let good = json!({"api_key": desk.key(), "api_secret": desk.secret(), "from": "x",
        "to": "15550100001", "text": "x"});
    let with = |key: &str, value: &str| {
        let mut body = good.clone();
        body[key] = value.into();
        body
    };
    for (body, status) in [
        (good.clone(), "0"),
        (with("api_secret", "x"), "4"),
        (with("text", ""), "2"),
        (with("to", "+15550100001"), "3"),
        (with("text", "长"), "3"),
    ] {
        let answer = json_of(client.post(&url).json(&body)).await;
        assert_eq!(answer["messages"][0]["status"], status, "{body}");
    }
    let mut long = with("text", &"长".repeat(100));
    long["type"] = "unicode".into();
    assert_eq!(
        json_of(client.post(&url).json(&long)).await["message-count"],
        "2"
    );
    for _ in 2..super::vonage::PER_SECOND {
        json_of(client.post(&url).json(&good)).await;
    }
    let answer = json_of(client.post(&url).json(&good)).await;
    assert_eq!(answer["messages"][0]["status"], "1");
}

#[tokio::test]
async fn huawei_wants_a_fresh_nonce_and_the_right_digest() {
    let (simulator, client) = started().await;
    let desk = &simulator.phones().huawei;
    let url = format!("{}/sms/batchSendSms/v1", simulator.url());
    // base64 of hex of sha256 of nonce, time and secret, made with another program.
    let digest =
        "YWRjZjBjM2IxMjYyMTY1MDFlMTlkMjBmZjQ5MzM4ZDc5ZmVmMDgxNTJhYWI1NDZmMzA0OGE0MjMwNGFlMmE4OQ==";
    let post = |digest: &str, pairs: &[(&str, &str)]| {
        let wsse = format!(
            "UsernameToken Username=\"{}\",PasswordDigest=\"{digest}\",Nonce=\"n1\",Created=\"2026-11-21T08:30:00Z\"",
            desk.key()
        );
        let scheme = "WSSE realm=\"SDP\",profile=\"UsernameToken\",type=\"Appkey\"";
        let request = client.post(&url).header("authorization", scheme);
        json_of(with_form(request.header("x-wsse", wsse), pairs))
    };
    let good = [
        ("from", "csms1"),
        ("to", "+8613800138000,+86139"),
        ("templateId", "t"),
        ("templateParas", "[\"x\"]"),
    ];
    assert_eq!(post("x", &good).await["code"], "E000023");
    let answer = post(digest, &good).await;
    assert_eq!(answer["code"], "E000510", "{answer}");
    assert_eq!(answer["result"][0]["status"], "000000");
    assert_eq!(answer["result"][1]["status"], "E000510");
    assert_eq!(
        post(digest, &good).await["code"],
        "E000020",
        "a nonce is used once"
    );
    let reply = json_of(with_form(client.post(&url), &good)).await;
    assert_eq!(reply["code"], "E000001");
}
