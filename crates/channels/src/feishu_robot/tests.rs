use balefire_core::message::{
    Answering, Block, Link, Locale, Mention, Mentions, Message, Occasion,
};
use balefire_core::severity::Severity;
use serde_json::{Value, json};

use super::*;

fn message() -> Message {
    let link = Link {
        text: "打开".to_owned(),
        url: "https://gw.example.com/?group=1".to_owned(),
    };
    Message {
        occasion: Occasion::Firing,
        severity: Severity::Warning,
        title: "[FIRING:1] 磁盘将满".to_owned(),
        body: vec![Block::Facts(vec![("实例".to_owned(), "db-1".to_owned())])],
        group: None,
        mentions: Mentions::default(),
        custom: None,
        locale: Locale::ZhCn,
        zone: "UTC".to_owned(),
        link: Some(link),
        thread: "t".to_owned(),
        attachments: Vec::new(),
        answering: Answering::default(),
    }
}

fn form(msgtype: &str) -> Form {
    Form {
        msgtype: msgtype.to_owned(),
        keyword: String::new(),
    }
}

fn calling() -> Message {
    let person = |feishu: &str| Mention {
        feishu: feishu.to_owned(),
        phone: "+8613800138000".to_owned(),
        ..Mention::default()
    };
    let mut message = message();
    message.mentions = Mentions {
        everyone: true,
        people: vec![person("ou_demo1"), person(""), person("\"><at id=all>")],
    };
    message
}

#[test]
fn the_signature_has_the_time_in_its_key() {
    // Vectors of wire/vectors.json.
    let key = Secret::new("demo-feishu-secret");
    for (seconds, sign) in [
        (
            1_599_360_473,
            "I14G+BylJBIS1VqI4nUg1mKqMAjMGZlFJGT36IJRUr8=",
        ),
        (
            1_795_249_800,
            "yvzAeVU18CwbKYnJagXDdoUr0+C08pd5g/FSETNXMJs=",
        ),
    ] {
        let (time, signed) = signature(&key, Time::from_secs(seconds));
        assert_eq!((time, signed.as_str()), (seconds.to_string(), sign));
    }
}

#[test]
fn a_card_has_colour_text_button_and_names() {
    let signature = ("1".to_owned(), "s".to_owned());
    assert_eq!(
        form("interactive").body(&calling(), Some(&signature)),
        json!({
            "timestamp": "1",
            "sign": "s",
            "msg_type": "interactive",
            "card": {
                "config": {"wide_screen_mode": true},
                "header": {"template": "yellow", "title": {"tag": "plain_text", "content": "🟡 [FIRING:1] 磁盘将满"}},
                "elements": [
                    {"tag": "markdown", "content": "**实例:** db-1\n\n<at id=all></at> <at id=ou_demo1></at>"},
                    {"tag": "action", "actions": [{
                        "tag": "button",
                        "text": {"tag": "plain_text", "content": "打开"},
                        "type": "primary",
                        "url": "https://gw.example.com/?group=1",
                    }]},
                ],
            },
        })
    );
}

#[test]
fn posts_and_texts_call_people_in_their_own_way() {
    let post = form("post").body(&calling(), None);
    assert_eq!(
        post["content"]["post"]["zh_cn"]["content"],
        json!([
            [{"tag": "text", "text": "实例: db-1"}],
            [{"tag": "a", "text": "打开", "href": "https://gw.example.com/?group=1"}],
            [{"tag": "at", "user_id": "all"}, {"tag": "at", "user_id": "ou_demo1"}],
        ])
    );
    let text = form("text").body(&calling(), None);
    assert_eq!(
        text["content"]["text"],
        "🟡 [FIRING:1] 磁盘将满\n\n实例: db-1\n\n<at user_id=\"all\"></at> <at user_id=\"ou_demo1\"></at>"
    );
}

#[test]
fn every_form_of_a_long_message_fits_into_twenty_kilobytes() {
    let mut message = message();
    message.body = vec![Block::Text("\"磁\"\n*_*\n".repeat(9_000))];
    for msgtype in MSGTYPES {
        let size = form(msgtype).body(&message, None).to_string().len();
        assert!((9_000..=20_000).contains(&size), "{msgtype}: {size}");
    }
}

#[test]
fn a_keyword_that_the_title_lacks_is_added() {
    for msgtype in MSGTYPES {
        let mut form = form(msgtype);
        form.keyword = "监控".to_owned();
        assert!(form.body(&message(), None).to_string().contains("监控"));
    }
}

#[test]
fn a_quota_without_a_code_of_its_own_is_told_by_its_words() {
    let reply = |words: &str| HttpReply {
        status: 400,
        headers: http::HeaderMap::new(),
        body: json!({"code": 9499, "msg": words}).to_string().into(),
        whole: true,
    };
    let kind = |words: &str| classify(&reply(words), Time::EPOCH).map_err(|error| error.kind);
    assert_eq!(kind("too many request"), Err(ErrorKind::RateLimited));
    assert_eq!(kind("Bad Request"), Err(ErrorKind::Rejected));
    let body: Value = form("text").body(&message(), None);
    assert_eq!(body.get("sign"), None);
}
