use std::collections::BTreeMap;

use super::*;
use crate::cli::import::apprise::{bring, config};

fn way(url: &str) -> Result<Way, Why> {
    of(Address::of(url).expect("a URL"))
}

fn account(url: &str, key: &str) -> Value {
    way(url)
        .unwrap_or_else(|why| panic!("{url}: {why}"))
        .account[key]
        .clone()
}

/// URLs as Apprise's own pages write them, and what Apprise 2.3 calls for each; recorded from its package.
const CALLS: &str = include_str!("calls.json");

#[test]
fn a_webhook_leads_where_apprise_would_call() {
    let calls: BTreeMap<String, String> = serde_json::from_str(CALLS).expect("JSON");
    assert!(calls.len() > 10);
    for (url, called) in calls {
        let way = way(&url).unwrap_or_else(|why| panic!("{url}: {why}"));
        let own = ["url", "base_url"]
            .into_iter()
            .find_map(|key| way.account.get(key))
            .and_then(Value::as_str);
        let own = own.unwrap_or_default();
        match way.kind {
            // These say only the server; the rest of what is called is the channel's.
            "ntfy" | "gotify" | "bark" | "matrix" | "opsgenie" | "pagerduty" => {
                assert!(
                    own.is_empty() || called.starts_with(own),
                    "{url}: {own} is not {called}"
                );
            }
            _ => assert_eq!(decoded(own), decoded(&called), "{url}"),
        }
    }
}

/// The same URL whichever way its query is escaped.
fn decoded(url: &str) -> String {
    let (place, query) = url.split_once('?').unwrap_or((url, ""));
    let mut pairs: Vec<String> = url::form_urlencoded::parse(query.as_bytes())
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.sort();
    format!("{}?{}", place.trim_end_matches('/'), pairs.join("&"))
}

#[test]
fn keys_names_and_targets_are_where_the_channel_looks_for_them() {
    let dingtalk = way("dingtalk://SECx@0123456789abcdef/13800138000/13900139000").expect("a way");
    assert_eq!(
        (&dingtalk.account["token"], &dingtalk.account["secret"]),
        (&json!("0123456789abcdef"), &json!("SECx"))
    );
    assert_eq!(
        dingtalk.entry["at_mobiles"],
        json!(["13800138000", "13900139000"])
    );
    let telegram = way("tgram://123456789:AAE-x_Y/-1001:7/55?silent=yes").expect("a way");
    assert_eq!(telegram.entry["chat_id"], json!(["-1001", "55"]));
    assert_eq!(
        (
            &telegram.entry["message_thread_id"],
            &telegram.entry["disable_notifications"]
        ),
        (&json!(7), &json!(true))
    );
    let bot = way("slack://xoxb-1234-1234-abc/general/+C01").expect("a way");
    assert_eq!(
        (bot.kind, &bot.entry["channel"]),
        ("slack_bot", &json!("#general,C01"))
    );
    let ntfy = way("ntfys://user:pass@push.example.com/a/b?priority=max").expect("a way");
    assert_eq!(
        (&ntfy.entry["topic"], &ntfy.entry["priority"]),
        (&json!(["a", "b"]), &json!(5))
    );
    assert_eq!(
        ntfy.account["http_config"]["basic_auth"]["username"],
        "user"
    );
    let twilio = way("twilio://AC0123:token@12025550100/+8613800138000").expect("a way");
    assert_eq!(
        (&twilio.account["from"], &twilio.entry["phones"]),
        (&json!("+12025550100"), &json!(["+8613800138000"]))
    );
    let opsgenie = way("opsgenie://key/@li/#ops?priority=high").expect("a way");
    assert_eq!(
        opsgenie.entry["responders"][0],
        json!({"type": "user", "username": "li"})
    );
    assert_eq!(opsgenie.entry["priority"], "P4");
    assert_eq!(
        account("pagerduty://key@api?region=eu", "url"),
        "https://events.eu.pagerduty.com/v2/enqueue"
    );
}

#[test]
fn mail_goes_to_the_server_that_the_address_names() {
    let gmail =
        way("mailto://me:secret@gmail.com?to=a@example.com&cc=b@example.com").expect("a way");
    assert_eq!(
        (&gmail.account["preset"], &gmail.account["user"]),
        (&json!("gmail"), &json!("me@gmail.com"))
    );
    assert_eq!(gmail.entry["to"], json!(["a@example.com", "b@example.com"]));
    let own =
        way("mailtos://me:p%40ss@example.com?smtp=mail.example.com&from=ops@example.com&name=Ops")
            .expect("a way");
    assert_eq!(
        (&own.account["host"], &own.account["port"]),
        (&json!("mail.example.com"), &json!(587))
    );
    assert_eq!(
        (&own.account["from"], &own.account["password"]),
        (&json!("Ops <ops@example.com>"), &json!("p@ss"))
    );
    assert_eq!(own.entry["to"], json!(["me@example.com"]));
}

#[test]
fn what_has_no_counterpart_is_said_and_never_guessed() {
    for url in [
        "syslog://",
        "tgram://123:abc",
        "matrix://u:p@host/#room",
        "slack://A/B",
        "json://host?method=DELETE",
        "xmpp://a@b",
    ] {
        assert!(way(url).is_err(), "{url}");
    }
    let told = way("discord://1/a?tts=yes&footer=no&verify=no").expect("a way");
    assert_eq!(told.notes, ["left out: footer, tts"]);
}

#[test]
fn the_document_of_every_service_is_a_good_one() {
    let calls: BTreeMap<String, String> = serde_json::from_str(CALLS).expect("JSON");
    let others = [
        "dingtalk://SECx@0123456789abcdef/13800138000",
        "slack://xoxb-1234-1234-abc/#general",
        "tgram://123456789:AAE-x_YAAE-x_YAAE-x_YAAE-x_YAAE-x/-1001",
        "mailto://me:secret@gmail.com?to=a@example.com",
        "mailtos://me:secret@example.com?smtp=mail.example.com",
        "twilio://AC0123456789abcdef0123456789abcdef:0123456789abcdef0123456789abcdef@12025550100/+8613800138000",
        "vonage://abcd1234:secret0123@12025550100/+8613800138000",
        "pagerduty://0123456789abcdef0123456789abcdef@api/web-1",
        "opsgenie://01234567-89ab-cdef-0123-456789abcdef/#ops?region=eu",
        "pover://uQiRzpo4DXghDmr9QzzfQu27cmVRsG@azGDORePK8gMaC0QOYAMyEEuzJnyUi/phone",
        "jsons://user:pass@example.com:8443/hook?+X-Key=1&-a=b",
        "forms://example.com/hook",
    ];
    let urls: Vec<_> = calls
        .keys()
        .map(String::as_str)
        .chain(others)
        .map(|url| config::single(url).expect("a URL"))
        .collect();
    let (document, lines) = bring(&urls, "apprise");
    for line in &lines {
        assert!(line.account.is_some(), "{line:?}");
    }
    let text = format!("{}route: {{receiver: apprise}}\n", document.yaml());
    let loaded = balefire_config::load(&text, "apprise.yml", &BTreeMap::new());
    let loaded = loaded.unwrap_or_else(|problems| {
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        panic!("{}\n{text}", problems.join("\n"))
    });
    assert_eq!(loaded.plan.receivers[0].integrations.len(), urls.len());
}
