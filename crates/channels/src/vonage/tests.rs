use balefire_core::message::Block;
use balefire_testkit::Simulator;

use super::*;
use crate::cloud::sample::{build, message, reply, send};
use crate::error::ErrorKind::{Misconfigured, RateLimited, Rejected, Transient, UnknownOutcome};

const NOW: Time = Time::from_secs(1_795_249_800);

#[test]
fn every_row_of_the_vendors_codes_has_its_kind() {
    for (code, kind) in [
        ("1", RateLimited),
        ("2", Rejected),
        ("3", Rejected),
        ("4", Misconfigured),
        ("5", Transient),
        ("6", Rejected),
        ("7", Rejected),
        ("8", Misconfigured),
        ("9", Misconfigured),
        ("10", Transient),
        ("11", Misconfigured),
        ("12", Rejected),
        ("14", Misconfigured),
        ("15", Misconfigured),
        ("22", Rejected),
        ("29", Misconfigured),
        ("99", Rejected),
    ] {
        let part = json!({"status": code, "error-text": "words"});
        let body = json!({"message-count": "2", "messages": [{"status": "0"}, part]}).to_string();
        let error = classify(&reply(200, &body), NOW).expect_err(code);
        assert_eq!(error.kind, kind, "{code}");
        assert!(kind != Misconfigured || !error.fix.is_empty(), "{code}");
    }
    let error = classify(&reply(200, "{\"messages\": []}"), NOW).expect_err("no parts");
    assert_eq!(error.kind, UnknownOutcome);
}

#[tokio::test]
async fn a_text_beyond_ascii_says_so_and_each_number_has_an_outcome() {
    let simulator = Simulator::start().await.expect("a simulator");
    let desk = &simulator.phones().vonage;
    let account = json!({"api_key": desk.key(), "api_secret": desk.secret(),
        "base_url": simulator.url(), "from": "Balefire"});
    let entry = json!({"phones": ["+442079460958", "+8613800138000"]});
    let channel = build(&SPEC, &account, &entry).expect("a channel");
    desk.set_barred(&["8613800138000"]);
    let mut message = message();
    let outcomes = send(&*channel, &message, NOW).await;
    assert!(outcomes[0].is_ok(), "{outcomes:?}");
    assert_eq!(outcomes[1].clone().expect_err("barred").kind, Rejected);
    let sent = desk.received()[0].json();
    assert_eq!(sent["to"], "442079460958");
    assert_eq!(sent["type"], "unicode");
    message.title = "disk".to_owned();
    message.body = vec![Block::Text("95 %".to_owned())];
    assert!(send(&*channel, &message, NOW).await[0].is_ok());
    let sent = desk.received()[1].json();
    assert_eq!(
        (&sent["text"], sent.get("type")),
        (&json!("disk\n\n95 %"), None)
    );
}

#[test]
fn what_is_wrong_with_an_account_is_told() {
    let errors = build(&SPEC, &json!({}), &json!({}))
        .err()
        .unwrap_or_default();
    let keys: Vec<&str> = errors.iter().map(|error| error.key.as_str()).collect();
    assert_eq!(keys, ["api_key", "api_secret", "from", "phones"]);
}
