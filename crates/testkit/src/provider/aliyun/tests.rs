//! The API against the wire contract's vectors and the vendor's limits.

use reqwest::Client;

use super::*;
use crate::simulator::Simulator;
use crate::tests::{json_of, started};

/// Vector B of the wire contract: a form, signed with V3. Its variables are not those of our template.
const BODY: &str = "OutId=alert-42&PhoneNumbers=13800138000%2C13900139000&SignName=%E6%B5%8B%E8%AF%95%E7%AD%BE%E5%90%8D&TemplateCode=SMS_123456789&TemplateParam=%7B%22name%22%3A%22%E7%A3%81%E7%9B%98%E5%91%8A%E8%AD%A6%22%2C%22level%22%3A%22P1%22%7D";
const HASH: &str = "504b879629a01c714334a047e422865bace2a157940b77a0763c12494958601a";

async fn code(client: &Client, simulator: &Simulator, change: (&str, &str)) -> String {
    let signature = format!(
        "ACS3-HMAC-SHA256 Credential={KEY_ID},SignedHeaders=content-type;host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,Signature=41d20d9a84c764c91f9f492e477d4d195f5724b06c666845bc84ab54fd2612ee"
    );
    let mut request = client.post(format!("{}/", simulator.url())).body(BODY);
    for (name, value) in [
        ("content-type", "application/x-www-form-urlencoded"),
        ("host", "dysmsapi.aliyuncs.com"),
        ("x-acs-action", "SendSms"),
        ("x-acs-version", "2017-05-25"),
        ("x-acs-date", "2026-11-21T08:30:00Z"),
        ("x-acs-signature-nonce", "b2f1c0de9a7e4c55a1d2c3b4e5f60718"),
        ("x-acs-content-sha256", HASH),
        ("authorization", &signature),
    ] {
        let value = if name == change.0 { change.1 } else { value };
        request = request.header(name, value);
    }
    json_of(request).await["Code"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

#[tokio::test]
async fn the_vectors_signature_is_accepted_and_any_change_is_not() {
    let (simulator, client) = started().await;
    for (change, expected) in [
        (("x-acs-signature-nonce", "other"), "SignatureDoesNotMatch"),
        (
            ("x-acs-date", "2026-11-21T08:30:01Z"),
            "SignatureDoesNotMatch",
        ),
        (
            ("x-acs-date", "2026-11-21T08:14:59Z"),
            "InvalidTimeStamp.Expired",
        ),
        (
            ("x-acs-date", "2026-11-21T08:30:00.0Z"),
            "InvalidTimeStamp.Format",
        ),
        (("x-acs-content-sha256", "00"), "SignatureDoesNotMatch"),
        (
            (
                "authorization",
                "ACS3-HMAC-SHA256 Credential=x, Signature=y",
            ),
            "IncompleteSignature",
        ),
        (("x-acs-version", "2018-01-01"), "InvalidVersion"),
        // The signature is good; the vector's variables are those of another template.
        (("", ""), "isv.TEMPLATE_MISSING_PARAMETERS"),
        (("", ""), "SignatureNonceUsed"),
    ] {
        assert_eq!(
            code(&client, &simulator, change).await,
            expected,
            "{change:?}"
        );
    }
    let late = Duration::from_mins(16);
    simulator.clock().expect("its own").advance(late);
    assert_eq!(
        code(&client, &simulator, ("", "")).await,
        "InvalidTimeStamp.Expired"
    );
}

#[tokio::test]
async fn the_page_of_the_simulator_stays_where_it_is() {
    let (simulator, client) = started().await;
    let page = client
        .get(format!("{}/", simulator.url()))
        .send()
        .await
        .expect("an answer");
    assert_eq!(page.status(), 200);
    assert!(simulator.aliyun().requests().is_empty());
}
