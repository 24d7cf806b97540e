use balefire_core::message::Mention;
use balefire_testkit::Simulator;
use serde_json::json;

use super::*;
use crate::cloud::sample::{build, message, reply, send};
use crate::error::ErrorKind::{RateLimited, Transient};

const NOW: Time = Time::from_secs(1_795_249_800);

#[test]
fn every_row_of_the_vendors_errors_has_its_kind() {
    let body = |code: &str| json!({"error": {"code": code, "message": "words"}}).to_string();
    for status in [200, 202] {
        assert!(classify(&reply(status, ""), NOW).is_ok());
    }
    for (status, code, kind) in [
        (400, "InvalidRequestContent", Rejected),
        (400, "TriggerInputSchemaMismatch", Rejected),
        (400, "WorkflowTriggerIsNotEnabled", Misconfigured),
        (401, "DirectApiAuthorizationRequired", Misconfigured),
        (401, "DirectApiInvalidAuthorizationScheme", Misconfigured),
        (403, "InvalidSignature", Misconfigured),
        (403, "Forbidden", Misconfigured),
        (404, "WorkflowNotFound", Misconfigured),
        (404, "WorkflowTriggerNotFound", Misconfigured),
        (408, "RequestTimeout", Transient),
        (413, "RequestEntityTooLarge", Rejected),
        (429, "TooManyRequests", RateLimited),
        (500, "InternalServerError", Transient),
        (502, "NoResponse", Transient),
    ] {
        let error = classify(&reply(status, &body(code)), NOW).expect_err(code);
        assert_eq!(error.kind, kind, "{status} {code}");
        assert!(
            error.kind != Misconfigured || !error.fix.is_empty(),
            "{code}"
        );
    }
}

#[tokio::test]
async fn people_are_called_by_their_address_and_the_query_stays_as_it_is() {
    let simulator = Simulator::start().await.expect("a simulator");
    let desk = &simulator.chats().teams;
    let entry = json!({"webhook_url": desk.url(), "title": "down", "text": "{{ .x }}"});
    let channel = build(&SPEC, &json!({}), &entry).expect("a channel");
    let mut message = message();
    message.mentions.everyone = true;
    message.mentions.people = vec![Mention {
        name: "Chen <Min>".to_owned(),
        email: "chen@example.com".to_owned(),
        ..Mention::default()
    }];
    assert!(send(&*channel, &message, NOW).await[0].is_ok());
    let request = desk.received().remove(0);
    assert!(request.target.contains("sp=%2Ftriggers%2Fmanual%2Frun"));
    let card = &request.json()["attachments"][0]["content"];
    assert_eq!(card["body"][0]["text"], "down");
    assert_eq!(card["body"][2]["text"], "<at>Chen Min</at>");
    assert_eq!(
        card["msteams"]["entities"][0]["mentioned"],
        json!({"id": "chen@example.com", "name": "Chen Min"})
    );
}

#[test]
fn a_retired_connector_is_refused_with_what_to_do() {
    let url = "https://example.webhook.office.com/webhookb2/x";
    let errors = build(&SPEC, &json!({"url": url}), &json!({}));
    let errors = errors.err().expect("a problem");
    assert_eq!(errors[0].key, "account.url");
    assert!(errors[0].fix.contains("workflow"), "{}", errors[0].fix);
    let errors = build(&SPEC, &json!({}), &json!({}))
        .err()
        .expect("a problem");
    assert_eq!(errors[0].key, "webhook_url");
}
