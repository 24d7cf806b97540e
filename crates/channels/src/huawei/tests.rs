use balefire_testkit::Simulator;
use serde_json::json;

use super::*;
use crate::cloud::sample::{build, message, reply, send};
use crate::error::ErrorKind::{Misconfigured, Rejected, Transient, UnknownOutcome};

const NOW: Time = Time::from_secs(1_795_249_800);

#[test]
fn every_row_of_the_vendors_codes_has_its_kind() {
    let account = [
        "E000001", "E000002", "E000003", "E000004", "E000005", "E000006", "E000007", "E000008",
        "E000020", "E000021", "E000022", "E000023", "E000620",
    ];
    let rows = account.map(|code| (code, Misconfigured));
    let others = [
        ("E000000", Transient),
        ("E000510", Rejected),
        ("E009999", Rejected),
    ];
    for (code, kind) in rows.into_iter().chain(others) {
        let body = json!({"code": code, "description": "words"}).to_string();
        let error = accepted(&reply(200, &body), NOW).expect_err(code);
        assert_eq!(error.kind, kind, "{code}");
        assert!(kind != Misconfigured || !error.fix.is_empty(), "{code}");
    }
    let error = accepted(&reply(200, "{}"), NOW).expect_err("no code");
    assert_eq!(error.kind, UnknownOutcome);
    assert!(accepted(&reply(200, "{\"code\":\"000000\"}"), NOW).is_ok());
}

#[tokio::test]
async fn both_signatures_are_taken_and_each_number_has_an_outcome() {
    let simulator = Simulator::start().await.expect("a simulator");
    let desk = &simulator.phones().huawei;
    desk.set_barred(&["+8613900139000"]);
    for auth in AUTHS {
        let account = json!({
            "app_key": desk.key(),
            "app_secret": desk.secret(),
            "auth": auth,
            "api_url": simulator.url(),
            "from": "csms12345678",
            "template_id": "tpl0001",
            "template_params": ["title", "severity"],
            "sign_name": "测试签名",
        });
        let entry = json!({"phones": "13800138000, 13900139000"});
        let channel = build(&SPEC, &account, &entry).expect("a channel");
        let outcomes = send(&*channel, &message(), NOW).await;
        assert!(outcomes[0].is_ok(), "{auth}: {outcomes:?}");
        let error = outcomes[1].clone().expect_err("barred");
        assert_eq!(error.kind, Rejected, "{auth}");
    }
    let body = desk.received()[0].text();
    let to = url::form_urlencoded::parse(body.as_bytes()).find(|(name, _)| name == "to");
    assert_eq!(to.expect("numbers").1, "+8613800138000,+8613900139000");
}

#[test]
fn what_is_wrong_with_an_account_is_told() {
    let errors = build(&SPEC, &json!({}), &json!({}))
        .err()
        .unwrap_or_default();
    let keys: Vec<&str> = errors.iter().map(|error| error.key.as_str()).collect();
    assert_eq!(
        keys,
        ["app_key", "app_secret", "from", "template_id", "phones"]
    );
}
