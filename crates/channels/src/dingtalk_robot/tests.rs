use balefire_core::message::{
    Answering, Block, Link, Locale, Mention, Mentions, Message, Occasion,
};
use balefire_core::severity::Severity;
use serde_json::{Value, json};

use super::*;

fn message() -> Message {
    Message {
        occasion: Occasion::Firing,
        severity: Severity::Critical,
        title: "[FIRING:1] 磁盘将满".to_owned(),
        body: vec![
            Block::Facts(vec![("实例".to_owned(), "db-1".to_owned())]),
            Block::Link(Link {
                text: "打开".to_owned(),
                url: "https://gw.example.com/?group=1".to_owned(),
            }),
        ],
        group: None,
        mentions: Mentions::default(),
        custom: None,
        locale: Locale::ZhCn,
        zone: "UTC".to_owned(),
        link: Some(Link {
            text: "打开".to_owned(),
            url: "https://gw.example.com/?group=1".to_owned(),
        }),
        thread: "t".to_owned(),
        attachments: Vec::new(),
        answering: Answering::default(),
    }
}

fn form(msgtype: &str) -> Form {
    Form {
        msgtype: msgtype.to_owned(),
        keyword: String::new(),
        mobiles: Vec::new(),
        user_ids: Vec::new(),
        picture: None,
    }
}

fn reply(status: u16, body: &str) -> HttpReply {
    HttpReply {
        status,
        headers: http::HeaderMap::new(),
        body: bytes::Bytes::copy_from_slice(body.as_bytes()),
        whole: true,
    }
}

#[test]
fn every_vector_is_signed_the_same() {
    const LONG: &str = "SEC0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    for (secret, at, sign) in [
        (
            "this is secret",
            1_577_262_236_757,
            "hmPWwU%2B7lVdm3ZZz0r9tSfx0L4Q26jWOZr9%2BGs6EZQM%3D",
        ),
        (
            LONG,
            1_795_249_800_000,
            "I3aHqI9Aw7XKWLNmCw0hxcNeJ9WAbEShFIhtu34KPfY%3D",
        ),
    ] {
        let url = "https://oapi.dingtalk.com/robot/send?access_token=T";
        let signed = signed(url, Some(&Secret::new(secret)), Time::from_millis(at));
        assert_eq!(signed, format!("{url}&timestamp={at}&sign={sign}"));
    }
}

#[test]
fn the_signature_stands_escaped_in_the_query_and_replaces_a_copied_one() {
    // The second vector of wire/vectors.json.
    let key = Secret::new("SEC0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
    let now = Time::from_millis(1_795_249_800_004);
    let url = "https://oapi.dingtalk.com/robot/send?access_token=T";
    let whole = format!(
        "{url}&timestamp=1795249800004&sign=LR33pisZOvw%2B3YJkzud%2BYC%2BXlR%2FwUzES2CjkMpewYZY%3D"
    );
    assert_eq!(signed(url, Some(&key), now), whole);
    assert_eq!(
        signed(&format!("{url}&timestamp=1&sign=old"), Some(&key), now),
        whole
    );
    assert_eq!(signed(url, None, now), url);
}

#[test]
fn a_markdown_message_calls_people_in_its_text_and_beside_it() {
    let mut message = message();
    message.mentions = Mentions {
        everyone: true,
        people: vec![
            Mention {
                phone: "+8613800138000".to_owned(),
                ..Mention::default()
            },
            Mention {
                phone: "+8613900139000".to_owned(),
                dingtalk: "manager4220".to_owned(),
                ..Mention::default()
            },
        ],
    };
    let body = form("markdown").body(&message, "n_12345678");
    assert_eq!(
        body,
        json!({
            "msgtype": "markdown",
            "markdown": {
                "title": "[FIRING:1] 磁盘将满",
                "text": "### 🔴 [FIRING:1] 磁盘将满\n\n**实例**: db-1\n\n[打开](https://gw.example.com/?group=1)\n\n@13800138000 @manager4220",
            },
            "at": {"atMobiles": ["13800138000"], "atUserIds": ["manager4220"], "isAtAll": true},
            "msgUuid": "n_12345678",
        })
    );
    assert_eq!(form("link").body(&message, "i")["msgtype"], "markdown");
}

#[test]
fn every_form_has_its_fields_and_falls_back_to_markdown_without_them() {
    let full = message();
    let mut bare = message();
    bare.link = None;
    for (msgtype, pointer, value) in [
        (
            "text",
            "/text/content",
            "🔴 [FIRING:1] 磁盘将满\n\n实例: db-1\n\n打开: https://gw.example.com/?group=1",
        ),
        (
            "action_card",
            "/actionCard/singleURL",
            "https://gw.example.com/?group=1",
        ),
        (
            "link",
            "/link/messageUrl",
            "https://gw.example.com/?group=1",
        ),
    ] {
        let body = form(msgtype).body(&full, "i");
        assert_eq!(
            body.pointer(pointer).and_then(Value::as_str),
            Some(value),
            "{body}"
        );
    }
    for msgtype in ["action_card", "link", "feed_card"] {
        assert_eq!(form(msgtype).body(&bare, "i")["msgtype"], "markdown");
    }
    let mut feed = form("feed_card");
    assert_eq!(feed.body(&full, "i")["msgtype"], "markdown");
    feed.picture = Some("https://gw.example.com/a.png".to_owned());
    assert_eq!(
        feed.body(&full, "i")["feedCard"]["links"],
        json!([{"title": "[FIRING:1] 磁盘将满", "messageURL": "https://gw.example.com/?group=1", "picURL": "https://gw.example.com/a.png"}])
    );
}

#[test]
fn a_keyword_that_the_title_lacks_is_added() {
    let mut form = form("markdown");
    form.keyword = "监控".to_owned();
    let text = |form: &Form| form.body(&message(), "i")["markdown"]["text"].to_string();
    assert!(text(&form).ends_with("监控\""));
    form.keyword = "磁盘".to_owned();
    assert_eq!(text(&form).matches("磁盘").count(), 1);
}

#[test]
fn a_long_message_fits_into_twenty_thousand_bytes_of_json() {
    let mut message = message();
    for text in ["\"磁\"\n".repeat(9_000), "x".repeat(50_000)] {
        message.body[0] = Block::Text(text);
        let body = form("markdown").body(&message, "i");
        let size = body.to_string().len();
        assert!((15_000..=MOST_BYTES).contains(&size), "{size}");
        let text = body["markdown"]["text"].as_str().expect("a text");
        assert!(text.contains('…') && text.ends_with("group=1)"));
    }
}

const MOST_BYTES: usize = 20_000;

#[test]
fn security_settings_have_one_code_and_four_ways_out() {
    for (words, fix) in [
        ("keywords not in content", "keyword"),
        ("invalid timestamp", "clock"),
        ("sign not match", "SEC"),
        ("ip 1.2.3.4 not in whitelist", "IP list"),
    ] {
        let body = json!({"errcode": 310_000, "errmsg": words}).to_string();
        let error = classify(&reply(200, &body), Time::EPOCH).expect_err("refused");
        assert_eq!(error.kind, ErrorKind::Misconfigured);
        assert!(error.fix.contains(fix), "{words}: {}", error.fix);
    }
}

#[test]
fn a_ban_without_a_code_is_a_quota() {
    let body = r#"{"status":1111,"wait":5,"source":"x5","punish":"deny","uuid":"u"}"#;
    let error = classify(&reply(200, body), Time::EPOCH).expect_err("refused");
    assert_eq!(error.kind, ErrorKind::RateLimited);
    assert_eq!(error.retry_after, Some(Duration::from_mins(5)));
    // Merged with a code, the code counts.
    let body = r#"{"errcode":130101,"errmsg":"send too fast","status":1111,"wait":5}"#;
    let error = classify(&reply(200, body), Time::EPOCH).expect_err("refused");
    assert_eq!(error.retry_after, Some(PENALTY));
}

#[test]
fn an_action_card_of_what_can_be_answered_has_a_button_that_leads_to_the_answer() {
    let mut message = message();
    let group = json!({"receiver": "ops", "status": "firing", "alerts": [], "group_labels": {}, "common_labels": {},
        "common_annotations": {}, "external_url": "", "group_key": "g", "truncated_alerts": 0, "reason": "",
        "acknowledge_url": "https://gw.example.com/a/TOKEN"});
    let group: balefire_core::message::GroupView = serde_json::from_value(group).expect("a group");
    message.group = Some(Arc::new(group));
    message.body.push(Block::Link(Link {
        text: "认领".to_owned(),
        url: "https://gw.example.com/a/TOKEN".to_owned(),
    }));
    let card = form("action_card").body(&message, "i")["actionCard"].clone();
    assert_eq!(
        card["btns"],
        json!([{"title": "认领", "actionURL": "https://gw.example.com/a/TOKEN"},
            {"title": "打开", "actionURL": "https://gw.example.com/?group=1"}])
    );
    assert_eq!(card.get("singleTitle"), None, "it would hide the others");
    assert!(!card["text"].to_string().contains("/a/TOKEN"), "{card}");
}
