//! The receiver against the Standard Webhooks vector.

use super::*;
use crate::tests::{started, text_of};

const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const ID: &str = "msg_2b7e151628aed2a6abf71588";
const SECONDS: i64 = 1_767_225_600;
const BODY: &str = r#"{"type":"alert.firing","timestamp":"2026-01-01T00:00:00Z","data":{"group":"g-42","severity":"critical"}}"#;
const SIGNATURE: &str = "v1,AHGPxlprLc8rEl6xQsbXgdz76k8CgwzheUcRZifhmkQ=";

#[tokio::test]
async fn the_vector_is_accepted_once_and_every_change_to_it_is_refused() {
    let (simulator, client) = started().await;
    let clock = simulator.clock().expect("its own");
    clock.set(Time::from_secs(SECONDS));
    assert!(simulator.webhook().require_signature("signed", SECRET));
    let send = |id: &str, seconds: i64, signature: &str, body: &str| {
        let request = client
            .post(simulator.webhook().url("signed"))
            .header("webhook-id", id)
            .header("webhook-timestamp", seconds.to_string())
            .header("webhook-signature", signature)
            .body(body.to_owned());
        async { text_of(request).await.0 }
    };
    let changed = BODY.replace("g-42", "g-43");
    assert_eq!(send(ID, SECONDS, SIGNATURE, &changed).await, 400);
    assert_eq!(send("msg_other", SECONDS, SIGNATURE, BODY).await, 400);
    assert_eq!(send("a.b", SECONDS, SIGNATURE, BODY).await, 400);
    assert_eq!(send(ID, SECONDS + 1, SIGNATURE, BODY).await, 400);
    assert_eq!(
        send(ID, SECONDS, &SIGNATURE.replace("v1,", "v2,"), BODY).await,
        400
    );
    let rotated = format!("v1,AAAA v1a,AAAA {SIGNATURE}");
    assert_eq!(
        send(ID, SECONDS, &rotated, BODY).await,
        200,
        "any entry will do"
    );
    assert_eq!(send(ID, SECONDS, SIGNATURE, BODY).await, 200);
    assert_eq!(
        simulator
            .webhook()
            .requests()
            .last()
            .map(|r| r.verdict.clone()),
        Some(Verdict::Repeated)
    );
    clock.advance(TOLERANCE);
    assert_eq!(send(ID, SECONDS, SIGNATURE, BODY).await, 200);
    clock.advance(Duration::from_secs(1));
    assert_eq!(send(ID, SECONDS, SIGNATURE, BODY).await, 400, "too old");
    let missing = client.post(simulator.webhook().url("signed")).body(BODY);
    assert_eq!(
        text_of(missing).await,
        (400, r#"{"error":"missing required headers"}"#.into())
    );
    assert_eq!(simulator.webhook().counts().accepted, 1);
}

#[tokio::test]
async fn a_name_may_ask_for_an_authorization() {
    let (simulator, client) = started().await;
    simulator
        .webhook()
        .require_authorization("locked", "Bearer s3cret");
    let url = simulator.webhook().url("locked");
    assert_eq!(text_of(client.post(&url)).await.0, 401);
    assert_eq!(text_of(client.post(&url).bearer_auth("wrong")).await.0, 401);
    assert_eq!(text_of(client.put(&url).bearer_auth("s3cret")).await.0, 200);
    assert_eq!(text_of(client.get(&url).bearer_auth("s3cret")).await.0, 405);
}

#[tokio::test]
async fn a_secret_that_is_none_is_refused() {
    let (simulator, _client) = started().await;
    let hook = simulator.webhook();
    for secret in ["AAEC", "whsec_AAEC", "whsec_!!"] {
        assert!(!hook.require_signature("x", secret), "{secret}");
    }
}
