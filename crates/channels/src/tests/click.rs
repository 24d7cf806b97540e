//! Signatures and shapes of wire/slack.md and wire/telegram.md.

use balefire_core::time::Time;
use serde_json::{Value, json};

use crate::callback::{CallbackError, CallbackRequest};
use crate::click::*;
use crate::sign::hmac_sha256_hex;
use crate::{slack, telegram};

const SECRET: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
const STAMP: i64 = 1_767_225_600;
const BODY: &str = "payload=%7B%22type%22%3A%22block_actions%22%2C%22user%22%3A%7B%22id%22%3A%22U0AB12CD3%22%7D%2C%22actions%22%3A%5B%7B%22action_id%22%3A%22alert_ack%22%2C%22value%22%3A%22g-42%22%7D%5D%7D";
const SIGNATURE: &str = "v0=3dedc76cf97c830ca0e79dd7cad062d3b12cbacbcceaacbb28eac6fdfa790d46";

fn slack(headers: &[(&str, &str)], body: &str, now: i64) -> Result<Option<Click>, CallbackError> {
    (slack::click::CLICKS.read)(&CallbackRequest {
        url: "",
        headers,
        body: body.as_bytes(),
        account: &json!({"signing_secret": SECRET}),
        now: Time::from_secs(now),
    })
}

fn signed(body: &str) -> Result<Option<Click>, CallbackError> {
    let text = format!("v0:{STAMP}:{body}");
    let signature = format!("v0={}", hmac_sha256_hex(SECRET.as_bytes(), text.as_bytes()));
    let stamp = STAMP.to_string();
    let headers = [
        ("x-slack-request-timestamp", stamp.as_str()),
        ("x-slack-signature", signature.as_str()),
    ];
    slack(&headers, body, STAMP)
}

fn form(payload: &Value) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .append_pair("payload", &payload.to_string())
        .finish()
}

fn press() -> Value {
    json!({
        "type": "block_actions",
        "user": {"id": "U0AB12CD3", "name": "chen"},
        "container": {"message_ts": "1772590500.000200", "channel_id": "C0AB12CD3"},
        "message": {"ts": "1772590500.000200", "text": "*DiskFull*", "attachments": [{
            "id": 1, "color": "#c9252d", "fallback": "DiskFull",
            "blocks": [
                {"type": "section", "block_id": "a", "text": {"type": "mrkdwn", "text": "full"}},
                {"type": "actions", "block_id": "b", "elements": [
                    {"type": "button", "action_id": "balefire_acknowledge", "text": {"type": "plain_text", "text": "Acknowledge"}, "value": "T"},
                    {"type": "button", "action_id": "balefire_resolve", "text": {"type": "plain_text", "text": "Resolve"}, "value": "T"},
                ]},
            ],
        }]},
        "actions": [{"action_id": "balefire_acknowledge", "value": "T", "action_ts": "1772590501.1"}],
    })
}

#[test]
fn slacks_vector_is_taken_and_its_foreign_button_is_none_of_ours() {
    let stamp = STAMP.to_string();
    let headers = [
        ("x-slack-request-timestamp", stamp.as_str()),
        ("x-slack-signature", SIGNATURE),
    ];
    for now in [STAMP, STAMP + 300, STAMP - 300] {
        assert_eq!(slack(&headers, BODY, now), Ok(None), "{now}");
    }
}

#[test]
fn what_slack_did_not_sign_just_now_is_forged() {
    let stamp = STAMP.to_string();
    let (time, sign) = ("x-slack-request-timestamp", "x-slack-signature");
    let upper = SIGNATURE.to_uppercase();
    for (headers, body, now) in [
        (vec![], BODY, STAMP),
        (vec![(time, stamp.as_str())], BODY, STAMP),
        (vec![(sign, SIGNATURE)], BODY, STAMP),
        (
            vec![(time, stamp.as_str()), (sign, SIGNATURE), (sign, SIGNATURE)],
            BODY,
            STAMP,
        ),
        (vec![(time, "1767225601"), (sign, SIGNATURE)], BODY, STAMP),
        (vec![(time, "soon"), (sign, SIGNATURE)], BODY, STAMP),
        (
            vec![(time, stamp.as_str()), (sign, upper.as_str())],
            BODY,
            STAMP,
        ),
        (
            vec![(time, stamp.as_str()), (sign, SIGNATURE)],
            "payload=%7B%7D",
            STAMP,
        ),
        (
            vec![(time, stamp.as_str()), (sign, SIGNATURE)],
            BODY,
            STAMP + 301,
        ),
        (
            vec![(time, stamp.as_str()), (sign, SIGNATURE)],
            BODY,
            STAMP - 301,
        ),
    ] {
        let heard = slack(&headers, body, now);
        assert!(
            matches!(heard, Err(CallbackError::Forged(_))),
            "{headers:?} {now}"
        );
    }
}

#[test]
fn a_press_in_slack_is_read_and_shown_in_its_message() {
    let click = signed(&form(&press())).expect("signed").expect("ours");
    assert_eq!(
        (click.deed.as_str(), click.user.as_str()),
        ("acknowledge", "U0AB12CD3")
    );
    assert_eq!(
        (click.token.as_str(), &click.place),
        ("T", &json!({"channel": "C0AB12CD3"}))
    );
    let done = Reaction {
        words: "Acknowledged by <!channel> 陈敏",
        is_done: true,
    };
    let (method, body) = slack::click::reaction(&click, &done);
    assert_eq!(
        (method, &body["ts"]),
        ("chat.update", &json!("1772590500.000200"))
    );
    let blocks = &body["attachments"][0]["blocks"];
    assert_eq!(
        blocks[1]["elements"].as_array().map(Vec::len),
        Some(1),
        "{body}"
    );
    assert_eq!(blocks[1]["elements"][0]["action_id"], "balefire_resolve");
    let note = blocks[2]["elements"][0]["text"].as_str().expect("a note");
    assert_eq!(note, "Acknowledged by ＜!channel&gt; 陈敏");
    assert_eq!(body["attachments"][0]["id"], Value::Null);
    let refused = Reaction {
        words: "no",
        is_done: false,
    };
    let (method, body) = slack::click::reaction(&click, &refused);
    assert_eq!(
        (method, &body["user"]),
        ("chat.postEphemeral", &json!("U0AB12CD3"))
    );
}

#[test]
fn what_is_no_press_of_ours_in_slack_is_passed_over() {
    for (key, value) in [
        ("type", json!("view_submission")),
        ("actions", json!([])),
        (
            "actions",
            json!([{"action_id": "balefire_reboot", "value": "T"}]),
        ),
        (
            "actions",
            json!([{"action_id": "balefire_resolve", "value": 7}]),
        ),
        (
            "actions",
            json!([{"action_id": "balefire_resolve", "value": "x".repeat(2_000)}]),
        ),
        ("user", json!(null)),
    ] {
        let mut payload = press();
        payload[key] = value;
        assert_eq!(signed(&form(&payload)), Ok(None), "{payload}");
    }
    for body in ["", "x=1", "payload=no"] {
        assert!(
            matches!(signed(body), Err(CallbackError::Unreadable(_))),
            "{body}"
        );
    }
}

fn telegram(secret: Option<&str>, body: &str) -> Result<Option<Click>, CallbackError> {
    let headers: Vec<(&str, &str)> = secret
        .map(|secret| ("x-telegram-bot-api-secret-token", secret))
        .into_iter()
        .collect();
    (telegram::click::CLICKS.read)(&CallbackRequest {
        url: "",
        headers: &headers,
        body: body.as_bytes(),
        account: &json!({"webhook_secret": SECRET}),
        now: Time::from_secs(STAMP),
    })
}

#[test]
fn a_press_in_telegram_counts_only_with_the_webhooks_secret() {
    let update = json!({"update_id": 1, "callback_query": {
        "id": "438", "from": {"id": 10_001, "is_bot": false, "first_name": "Alice"}, "data": "a:TOKEN",
        "message": {"message_id": 981, "date": 1, "chat": {"id": -1_001}, "text": "DiskFull",
            "entities": [{"type": "bold", "offset": 0, "length": 8}],
            "reply_markup": {"inline_keyboard": [[
                {"text": "Acknowledge", "callback_data": "a:TOKEN"}, {"text": "Resolve", "callback_data": "r:TOKEN"}]]}},
    }});
    let body = update.to_string();
    for secret in [None, Some(""), Some("0f1e2d3c4b5a69788796a5b4c3d2e1f1")] {
        assert!(matches!(
            telegram(secret, &body),
            Err(CallbackError::Forged(_))
        ));
    }
    let click = telegram(Some(SECRET), &body)
        .expect("ours")
        .expect("a press");
    assert_eq!(
        (click.deed.as_str(), click.user.as_str()),
        ("acknowledge", "10001")
    );
    assert_eq!(
        (click.token.as_str(), &click.place),
        ("TOKEN", &json!({"chat_id": "-1001"}))
    );
    let done = Reaction {
        words: "Acknowledged",
        is_done: true,
    };
    let edit = telegram::click::edit(&click, &done).expect("an edit");
    assert_eq!(edit["text"], "DiskFull\n\nAcknowledged");
    assert_eq!(
        edit["reply_markup"]["inline_keyboard"],
        json!([[{"text": "Resolve", "callback_data": "r:TOKEN"}]])
    );
    let toast = (telegram::click::CLICKS.answer)(&click, &done).body;
    assert!(
        toast.contains("answerCallbackQuery") && toast.contains("438"),
        "{toast}"
    );
    let refused = Reaction {
        words: "no",
        is_done: false,
    };
    assert_eq!(telegram::click::edit(&click, &refused), None);
    for other in [
        "{}",
        "[]",
        r#"{"message": {"text": "hi"}}"#,
        r#"{"callback_query": {"data": "ack:T"}}"#,
    ] {
        assert_eq!(telegram(Some(SECRET), other), Ok(None), "{other}");
    }
    assert!(matches!(
        telegram(Some(SECRET), "x"),
        Err(CallbackError::Unreadable(_))
    ));
}

#[test]
fn what_somebody_has_or_keeps_quiet_is_not_asked_for_again() {
    let mut message = crate::cloud::sample::message();
    let left = |message: &_| buttons(message).map(|(deed, _)| deed).collect::<Vec<_>>();
    assert_eq!(left(&message), ["acknowledge", "silence", "resolve"]);
    message.answering.is_held = true;
    assert_eq!(left(&message), ["silence", "resolve"]);
    message.answering.is_quiet = true;
    assert_eq!(left(&message), ["resolve"]);
}
