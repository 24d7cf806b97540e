//! Presses in Feishu, WeCom and Mattermost: shapes of wire/, and signatures of wire/vectors.json, which two other
//! implementations gave too.

use balefire_core::time::Time;
use serde_json::{Value, json};

use crate::callback::{CallbackAnswer, CallbackError, CallbackRequest};
use crate::click::*;
use crate::{feishu_app, mattermost, wecom};

const STAMP: i64 = 1_795_249_800;
const DONE: Reaction<'static> = Reaction {
    words: "Acknowledged by 陈敏",
    is_done: true,
};
const REFUSED: Reaction<'static> = Reaction {
    words: "You cannot",
    is_done: false,
};

type Heard = Result<Option<Click>, CallbackError>;

fn is_forged<T: std::fmt::Debug>(heard: &Result<T, CallbackError>) -> bool {
    matches!(heard, Err(CallbackError::Forged(_)))
}

fn body(answer: &CallbackAnswer) -> Value {
    serde_json::from_str(&answer.body).expect("JSON")
}

fn feishu(account: &Value, headers: &[(&str, &str)], body: &str, now: i64) -> Heard {
    (feishu_app::click::CLICKS.read)(&asked(account, "", headers, body, now))
}

fn asked<'a>(
    account: &'a Value,
    url: &'a str,
    headers: &'a [(&'a str, &'a str)],
    body: &'a str,
    now: i64,
) -> CallbackRequest<'a> {
    CallbackRequest {
        url,
        headers,
        body: body.as_bytes(),
        account,
        now: Time::from_secs(now),
    }
}

const SEALED: &str = r#"{"encrypt":"P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk="}"#;
const NEWER: &str = "4f3c46e5befd1debac72934ff082f27541ad10ffaa6cafe48e79e8f40b7314ce";
const OLDER: &str = "f3f9505444d6660e2ab2d4ed803aedc0e8704fb7";

#[test]
fn feishus_vector_is_signed_and_opened_in_both_kinds() {
    let account = json!({"encrypt_key": "test key", "verification_token": "vtoken"});
    for signature in [NEWER, OLDER] {
        let headers = [
            ("x-lark-request-timestamp", "1795249800"),
            ("x-lark-request-nonce", "nonce-1"),
            ("x-lark-signature", signature),
        ];
        // It opens as `hello world`, which is no JSON.
        let heard = feishu(&account, &headers, SEALED, STAMP);
        let why = "what was sealed is no JSON".to_owned();
        assert_eq!(heard, Err(CallbackError::Unreadable(why)), "{signature}");
        assert!(
            is_forged(&feishu(&account, &headers, SEALED, STAMP + 301)),
            "stale"
        );
        assert!(
            is_forged(&feishu(&account, &headers, "{}", STAMP)),
            "changed"
        );
        assert!(is_forged(&feishu(&account, &headers[1..], SEALED, STAMP)));
        let other = json!({"encrypt_key": "test kex", "verification_token": "vtokex"});
        assert!(
            is_forged(&feishu(&other, &headers, SEALED, STAMP)),
            "another key"
        );
        assert!(
            is_forged(&feishu(&json!({}), &headers, SEALED, STAMP)),
            "no key"
        );
    }
    let bare = json!({"encrypt_key": "test key"});
    let headers = [
        ("x-lark-request-timestamp", "1795249800"),
        ("x-lark-request-nonce", "nonce-1"),
        ("x-lark-signature", OLDER),
    ];
    assert!(
        is_forged(&feishu(&bare, &headers, SEALED, STAMP)),
        "no token"
    );
}

#[test]
fn feishus_challenge_is_answered_only_with_the_token() {
    let greet = feishu_app::click::CLICKS.greet;
    let plain = |token: &str| json!({"type": "url_verification", "challenge": "c", "token": token});
    let account = json!({"encrypt_key": "k", "verification_token": "vt"});
    let text = plain("vt").to_string();
    let answer = greet(&asked(&account, "", &[], &text, 0)).expect("ours");
    assert_eq!(body(&answer.expect("an answer")), json!({"challenge": "c"}));
    let text = plain("vx").to_string();
    assert!(is_forged(&greet(&asked(&account, "", &[], &text, 0))));
    let text = plain("vt").to_string();
    let unnamed = json!({"encrypt_key": "k"});
    assert!(
        is_forged(&greet(&asked(&unnamed, "", &[], &text, 0))),
        "neither sealed nor named"
    );
    let other = json!({"schema": "2.0"}).to_string();
    assert_eq!(greet(&asked(&account, "", &[], &other, 0)), Ok(None));
}

fn value() -> Value {
    json!({"balefire": "acknowledge", "token": "T", "title": "🔥 DiskFull", "tone": "red", "text": "**full**",
        "lang": "Acknowledge", "open": "Open", "url": "https://gw.example.com/?group=1"})
}

fn signed(event: &Value, newer: bool) -> Heard {
    let account = json!({"encrypt_key": "k", "verification_token": "vt"});
    let body = event.to_string();
    let head = format!("{STAMP}n");
    let signature = if newer {
        crate::sign::sha256_hex(format!("{head}k{body}").as_bytes())
    } else {
        crate::sign::sha1_hex(format!("{head}vt{body}").as_bytes())
    };
    let stamp = STAMP.to_string();
    let headers = [
        ("x-lark-request-timestamp", stamp.as_str()),
        ("x-lark-request-nonce", "n"),
        ("x-lark-signature", signature.as_str()),
    ];
    feishu(&account, &headers, &body, STAMP)
}

fn newer() -> Value {
    json!({"schema": "2.0",
        "header": {"event_id": "e1", "token": "vt", "event_type": "card.action.trigger", "app_id": "cli_demo"},
        "event": {"operator": {"open_id": "ou_demo1", "user_id": "u1", "union_id": "on_1"}, "token": "c-demo",
            "action": {"tag": "button", "value": value()},
            "context": {"open_message_id": "om_1", "open_chat_id": "oc_1"}}})
}

#[test]
fn a_press_in_feishu_is_read_and_its_answer_changes_the_card() {
    let click = signed(&newer(), true).expect("signed").expect("ours");
    assert_eq!((&*click.deed, &*click.token), ("acknowledge", "T"));
    assert_eq!((&*click.user, &*click.alias), ("ou_demo1", "u1"));
    assert_eq!(
        (&*click.press, &click.place),
        ("feishu e1", &json!({"to_chat": "oc_1"}))
    );
    let answer = body(&(feishu_app::click::CLICKS.answer)(&click, &DONE));
    assert_eq!(answer["toast"]["type"], "success");
    let card = &answer["card"]["data"];
    assert_eq!(
        card["header"],
        json!({"template": "red", "title": {"tag": "plain_text", "content": "🔥 DiskFull"}})
    );
    assert_eq!(card["elements"][0]["content"], "**full**");
    assert_eq!(
        card["elements"][1]["elements"][0]["content"],
        "Acknowledged by 陈敏"
    );
    let row = card["elements"][2]["actions"].as_array().expect("buttons");
    let words: Vec<&Value> = row
        .iter()
        .map(|button| &button["text"]["content"])
        .collect();
    assert_eq!(words, ["Open", "Silence 1 h", "Resolve"]);
    assert_eq!(row[2]["value"]["balefire"], "resolve");
    assert_eq!(row[2]["value"]["token"], "T");
    let answer = body(&(feishu_app::click::CLICKS.answer)(&click, &REFUSED));
    assert_eq!(
        answer,
        json!({"toast": {"type": "error", "content": "You cannot"}})
    );
    assert_eq!(
        feishu_app::click::call(&click, &DONE),
        None,
        "the answer was enough"
    );
}

#[test]
fn a_press_of_feishus_older_kind_is_shown_by_a_call() {
    let event = json!({"open_id": "ou_demo1", "user_id": "u1", "open_message_id": "om_1", "tenant_key": "t",
        "token": "c-demo", "action": {"tag": "button", "value": value()}});
    let click = signed(&event, false).expect("signed").expect("ours");
    assert_eq!(click.place, json!({"to_user": "ou_demo1"}));
    assert_eq!(
        body(&(feishu_app::click::CLICKS.answer)(&click, &DONE)),
        json!({})
    );
    let (method, path, call) = feishu_app::click::call(&click, &DONE).expect("a call");
    assert_eq!((method.as_str(), &*path), ("PATCH", "im/v1/messages/om_1"));
    assert!(
        call["content"]
            .as_str()
            .expect("a card")
            .contains("Acknowledged by 陈敏")
    );
    let (_, path, call) = feishu_app::click::call(&click, &REFUSED).expect("a call");
    assert_eq!(
        (&*path, &call["receive_id"]),
        ("im/v1/messages?receive_id_type=open_id", &json!("ou_demo1"))
    );
}

#[test]
fn what_is_no_press_of_ours_in_feishu_is_passed_over() {
    let mut foreign = newer();
    foreign["header"]["token"] = "vx".into();
    assert!(is_forged(&signed(&foreign, true)), "another application");
    let mut event = newer();
    event["header"]["event_type"] = "im.message.receive_v1".into();
    assert_eq!(signed(&event, true), Ok(None));
    for value in [
        json!(null),
        json!("x"),
        json!({"balefire": "reboot", "token": "T"}),
        json!({"balefire": "resolve", "token": 7}),
        json!({"balefire": "resolve", "token": "x".repeat(2_000)}),
    ] {
        let mut event = newer();
        event["event"]["action"]["value"] = value;
        assert_eq!(signed(&event, true), Ok(None), "{event}");
    }
}

const WECOM: &str = include_str!("wecom_event.txt");
const QUERY: &str = "https://x/?msg_signature=8beb4a2f957ec0687433cf24119908775b1da9b1&timestamp=1795249800&nonce=nonce-1";

fn wecom_account() -> Value {
    json!({"corp_id": "wwtestcorp000001", "receive_token": "QDG6eK",
        "encoding_aes_key": "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"})
}

#[test]
fn wecoms_vector_is_opened_and_its_foreign_key_is_none_of_ours() {
    let read = wecom::click::CLICKS.read;
    let post = format!(
        "<xml><ToUserName><![CDATA[w]]></ToUserName><Encrypt><![CDATA[{}]]></Encrypt></xml>",
        WECOM.trim()
    );
    let account = wecom_account();
    assert_eq!(read(&asked(&account, QUERY, &[], &post, STAMP)), Ok(None));
    assert!(
        is_forged(&read(&asked(&account, QUERY, &[], &post, STAMP + 301))),
        "stale"
    );
    let twice = format!("{QUERY}&nonce=nonce-1");
    assert!(
        is_forged(&read(&asked(&account, &twice, &[], &post, STAMP))),
        "two nonces"
    );
    let other = QUERY.replace("nonce-1", "nonce-2");
    assert!(
        is_forged(&read(&asked(&account, &other, &[], &post, STAMP))),
        "another nonce"
    );
    for (key, value) in [
        ("corp_id", "wwtestcorp000002"),
        ("corp_id", ""),
        ("receive_token", "QDG6eX"),
        ("receive_token", ""),
        (
            "encoding_aes_key",
            "1234567890123456789012345678901234567890123",
        ),
        ("encoding_aes_key", ""),
    ] {
        let mut account = wecom_account();
        account[key] = value.into();
        assert!(
            is_forged(&read(&asked(&account, QUERY, &[], &post, STAMP))),
            "{key} {value}"
        );
    }
    for post in ["", "<xml></xml>", "<xml><Encrypt>"] {
        let heard = read(&asked(&account, QUERY, &[], post, STAMP));
        assert!(matches!(heard, Err(CallbackError::Unreadable(_))), "{post}");
    }
}

#[test]
fn wecoms_echo_is_answered_in_plain() {
    let echo = "P9nAzCzyDtyTWESHep1vC5X9xho%2FqYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp%2B4RPcs8TgAE7OaBO%2BFZXvnaqQ%3D%3D";
    let url = format!(
        "https://x/?msg_signature=5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3&timestamp=1409659589&nonce=263014780&echostr={echo}"
    );
    let mut account = wecom_account();
    account["corp_id"] = "wx5823bf96d3bd56c7".into();
    let greet = wecom::click::CLICKS.greet;
    let answer = greet(&asked(&account, &url, &[], "", 1_409_659_589)).expect("ours");
    assert_eq!(answer.expect("an answer").body, "1616140317555161061");
    assert!(is_forged(&greet(&asked(
        &account,
        &url,
        &[],
        "",
        1_409_659_989
    ))));
    assert_eq!(greet(&asked(&account, "https://x/", &[], "", 0)), Ok(None));
}

#[test]
fn a_press_in_mattermost_is_read_and_its_answer_changes_the_post() {
    let account = json!({"callback_url": "https://gw.example.com/callback/mm/T"});
    let call = |context: Value| {
        json!({"user_id": "u", "user_name": "chen", "channel_id": "4xp9fdt77pncbef59f4k1qe83o", "post_id": "p1",
            "trigger_id": "t1", "type": "button", "context": context})
    };
    let context = json!({"balefire": "acknowledge", "token": "T", "english": true, "names": "@chen",
        "attachment": {"title": "DiskFull", "text": "full", "color": "#c9252d"}});
    let text = call(context.clone()).to_string();
    let read = mattermost::click::CLICKS.read;
    let click = read(&asked(&account, "", &[], &text, STAMP))
        .expect("JSON")
        .expect("ours");
    assert_eq!(
        (&*click.user, &*click.deed, &*click.token),
        ("chen", "acknowledge", "T")
    );
    let answer = body(&(mattermost::click::CLICKS.answer)(&click, &DONE));
    assert_eq!(answer["update"]["message"], "@chen");
    let attachment = &answer["update"]["props"]["attachments"][0];
    assert_eq!(
        (&attachment["text"], &attachment["title"]),
        (&json!("full\n\nAcknowledged by 陈敏"), &json!("DiskFull"))
    );
    let left = attachment["actions"].as_array().expect("buttons");
    assert_eq!(
        left.iter().map(|one| &one["id"]).collect::<Vec<_>>(),
        ["silence", "resolve"]
    );
    assert_eq!(
        left[1]["integration"]["url"],
        "https://gw.example.com/callback/mm/T"
    );
    // The next press starts from what the post says now.
    let next = call(left[1]["integration"]["context"].clone()).to_string();
    let click = read(&asked(&account, "", &[], &next, STAMP))
        .expect("JSON")
        .expect("ours");
    let done = Reaction {
        words: "Resolved",
        is_done: true,
    };
    let answer = body(&(mattermost::click::CLICKS.answer)(&click, &done));
    let attachment = &answer["update"]["props"]["attachments"][0];
    assert_eq!(
        attachment["text"],
        "full\n\nAcknowledged by 陈敏\n\nResolved"
    );
    assert_eq!(
        attachment["actions"],
        Value::Null,
        "what is over needs no buttons"
    );
    let answer = body(&(mattermost::click::CLICKS.answer)(&click, &REFUSED));
    assert_eq!(answer, json!({"ephemeral_text": "You cannot"}));
    for context in [
        json!(null),
        json!({"balefire": "reboot", "token": "T"}),
        json!({"balefire": "resolve"}),
    ] {
        let text = call(context).to_string();
        assert_eq!(
            read(&asked(&account, "", &[], &text, STAMP)),
            Ok(None),
            "{text}"
        );
    }
}
