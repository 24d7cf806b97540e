//! The API against the wire contract's vectors and the vendor's limits.

use reqwest::Client;

use super::*;
use crate::simulator::Simulator;
use crate::tests::{json_of, started};

/// The wire contract's call; its one variable is of another template than ours.
const BODY: &str = r#"{"TemplateId": "2001", "CalledNumber": "+8613800138000", "VoiceSdkAppid": "1400000002", "TemplateParamSet": ["db-1"], "PlayTimes": 2, "SessionContext": "alert-42"}"#;
const SIGNATURE: &str = "736881b1b546d230fa58d3d5c0b8a73f8cc08d373ea4f951ea6db11b36e19c59";

async fn code(client: &Client, simulator: &Simulator, change: (&str, &str)) -> String {
    let authorization = format!(
        "TC3-HMAC-SHA256 Credential={SECRET_ID}/2026-11-21/vms/tc3_request, SignedHeaders=content-type;host, Signature={SIGNATURE}"
    );
    let body = if change.0 == "body" { change.1 } else { BODY };
    let mut request = client
        .post(format!("{}/", simulator.url()))
        .body(body.to_owned());
    for (name, value) in [
        ("content-type", "application/json"),
        ("host", "vms.tencentcloudapi.com"),
        ("x-tc-action", "SendTtsVoice"),
        ("x-tc-version", "2020-09-02"),
        ("x-tc-timestamp", "1795249800"),
        ("authorization", &authorization),
    ] {
        let value = if name == change.0 { change.1 } else { value };
        request = request.header(name, value);
    }
    let answer = json_of(request).await;
    let code = answer["Response"]["Error"]["Code"].as_str();
    code.unwrap_or_default().to_owned()
}

#[tokio::test]
async fn the_vectors_signature_is_accepted_and_any_change_is_not() {
    let (simulator, client) = started().await;
    let failure = "AuthFailure.SignatureFailure";
    // The signature is good; our template has three variables.
    let good = "FailedOperation.TemplateParamSetNotMatchApprovedTemplate";
    for (change, expected) in [
        (("", ""), good),
        (("body", "{}"), failure),
        (("content-type", "application/json; charset=utf-8"), failure),
        (("host", "sms.tencentcloudapi.com"), failure),
        (("x-tc-timestamp", "1795249801"), failure),
        (
            ("x-tc-timestamp", "1795249499"),
            "AuthFailure.SignatureExpire",
        ),
        (("x-tc-version", "2021-01-11"), "InvalidAction"),
        (
            ("authorization", "TC3-HMAC-SHA256 x"),
            "AuthFailure.InvalidAuthorization",
        ),
        (
            (
                "authorization",
                "TC3-HMAC-SHA256 Credential=who/x, SignedHeaders=host, Signature=00",
            ),
            "AuthFailure.SecretIdNotFound",
        ),
    ] {
        assert_eq!(
            code(&client, &simulator, change).await,
            expected,
            "{change:?}"
        );
    }
    let clock = simulator.clock().expect("its own");
    clock.advance(TOLERANCE);
    assert_eq!(code(&client, &simulator, ("", "")).await, good);
    clock.advance(Duration::from_secs(1));
    assert_eq!(
        code(&client, &simulator, ("", "")).await,
        "AuthFailure.SignatureExpire"
    );
}
