mod pictures;

use std::sync::Arc;

use balefire_core::message::{
    Answering, Block, Link, Locale, Mention, Mentions, Message, Occasion,
};
use balefire_core::severity::Severity;
use balefire_testkit::Simulator;
use serde_json::{Value, json};

use super::*;
use crate::channel::{Channel, Delivery, Outcome};
use crate::error::ErrorKind;
use crate::http::{Http, HttpSettings};
use crate::spec::{Build, ChannelSpec};
use crate::token::Tokens;

fn message() -> Message {
    let link = Link {
        text: "打开".to_owned(),
        url: "https://gw.example.com/?group=1".to_owned(),
    };
    Message {
        occasion: Occasion::Firing,
        severity: Severity::Critical,
        title: "[FIRING:1] 磁盘将满".to_owned(),
        body: vec![
            Block::Facts(vec![("实例".to_owned(), "db-1".to_owned())]),
            Block::Link(link.clone()),
        ],
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

fn open(spec: &ChannelSpec, account: &Value, receiver: &Value) -> Arc<dyn Channel> {
    (spec.build)(&Build {
        account_name: "a",
        account,
        receiver,
        http: Http::new(HttpSettings::default()).expect("a client"),
        tokens: Arc::new(Tokens::new()),
    })
    .expect("a channel")
}

async fn send(channel: &dyn Channel, message: &Message, now: Time) -> Vec<Outcome> {
    let targets = channel.targets();
    let delivery = Delivery {
        message,
        targets: &targets,
        id: "n_12345678",
        attempt: 1,
        now,
    };
    channel.send(&delivery).await
}

struct Site {
    simulator: Simulator,
    account: Value,
    now: Time,
}

async fn site() -> Site {
    use balefire_core::clock::Clock as _;
    let simulator = Simulator::start().await.expect("a simulator");
    let app = simulator.wecom_app();
    let account = json!({
        "corp_id": app.corp_id(),
        "secret": app.secret(),
        "agent_id": app.agent_id().to_string(),
        "base_url": simulator.url(),
    });
    let now = simulator.clock().expect("its own clock").now();
    Site {
        simulator,
        account,
        now,
    }
}

#[tokio::test]
async fn who_got_nothing_has_an_outcome_of_their_own() {
    let site = site().await;
    let app = site.simulator.wecom_app();
    app.set_members(&["zhangsan", "wangwu"]);
    app.set_unlicensed(&["wangwu"]);
    let receiver = json!({"to_user": "ZhangSan|lisi, wangwu", "to_party": ["2"], "to_tag": "7"});
    let channel = open(&app::SPEC, &site.account, &receiver);
    let outcomes = send(&*channel, &message(), site.now).await;
    let words: Vec<String> = channel
        .targets()
        .iter()
        .zip(&outcomes)
        .map(|(target, outcome)| match outcome {
            Ok(_) => format!("{} ok", target.label),
            Err(error) => format!("{} {}", target.label, error.detail),
        })
        .collect();
    assert_eq!(
        words,
        [
            "ZhangSan ok",
            "lisi invaliduser: lisi",
            "wangwu unlicenseduser: wangwu",
            "party:2 ok",
            "tag:7 ok",
        ]
    );
    let sent = app.requests()[0].json();
    assert_eq!(sent["touser"], "ZhangSan|lisi|wangwu");
    assert_eq!(
        (&sent["toparty"], &sent["totag"]),
        (&json!("2"), &json!("7"))
    );
}

#[tokio::test]
async fn a_stale_token_is_forgotten_and_the_next_try_brings_a_new_one() {
    let site = site().await;
    let app = site.simulator.wecom_app();
    let channel = open(&app::SPEC, &site.account, &json!({"to_user": "zhangsan"}));
    assert!(send(&*channel, &message(), site.now).await[0].is_ok());
    for (spoil, code) in [
        (
            balefire_testkit::provider::wecom::app::WeComAppSim::expire_tokens as fn(&_),
            "42001",
        ),
        (
            balefire_testkit::provider::wecom::app::WeComAppSim::forget_tokens,
            "40014",
        ),
    ] {
        spoil(app);
        let error = send(&*channel, &message(), site.now)
            .await
            .remove(0)
            .expect_err("stale");
        assert_eq!(error.kind, ErrorKind::StaleCredential);
        assert!(error.detail.starts_with(code), "{}", error.detail);
        assert!(send(&*channel, &message(), site.now).await[0].is_ok());
    }
    assert_eq!(site.simulator.wecom_token().counts().requests, 3);
}

#[tokio::test]
async fn a_repeated_try_is_read_once_and_a_repeated_test_twice() {
    let site = site().await;
    let app = site.simulator.wecom_app();
    let channel = open(
        &app::SPEC,
        &site.account,
        &json!({"to_user": "@all", "to_tag": "1"}),
    );
    assert_eq!(channel.targets().len(), 1);
    for (occasion, seen) in [(Occasion::Firing, 1), (Occasion::Test, 3)] {
        let mut message = message();
        message.occasion = occasion;
        for _ in 0..2 {
            assert!(send(&*channel, &message, site.now).await[0].is_ok());
        }
        assert_eq!(app.received().len(), seen);
    }
}

#[tokio::test]
async fn a_check_asks_for_a_token_and_sends_nothing() {
    let site = site().await;
    let good = open(&app::SPEC, &site.account, &json!({"to_user": "a"}));
    assert!(good.check(site.now).await.is_ok());
    let mut account = site.account.clone();
    account["secret"] = "another-s3cret".into();
    let bad = open(&app::SPEC, &account, &json!({"to_user": "a"}));
    let error = bad.check(site.now).await.expect_err("refused");
    assert_eq!(error.kind, ErrorKind::Misconfigured);
    assert!(error.fix.contains("secret") && !error.detail.contains("another"));
    assert_eq!(site.simulator.wecom_app().counts().requests, 0);
}

#[tokio::test]
async fn alertmanagers_own_keys_are_enough() {
    let site = site().await;
    let app = site.simulator.wecom_app();
    let receiver = json!({
        "api_url": format!("{}/cgi-bin/", site.simulator.url()),
        "corp_id": app.corp_id(),
        "api_secret": app.secret(),
        "agent_id": app.agent_id().to_string(),
        "to_user": "zhangsan",
        "message": "{{ template \"wechat.default.message\" . }}",
    });
    let channel = open(&app::SPEC, &json!({}), &receiver);
    assert!(send(&*channel, &message(), site.now).await[0].is_ok());
    assert_eq!(app.received()[0].json()["msgtype"], "text");
}

#[test]
fn templates_where_ids_belong_are_named_as_problems() {
    let receiver = json!({"to_user": "{{ .CommonLabels.owner }}", "agent_id": "{{ .x }}"});
    let errors = (app::SPEC.build)(&Build {
        account_name: "a",
        account: &json!({"corp_id": "c", "secret": "s3cret"}),
        receiver: &receiver,
        http: Http::new(HttpSettings::default()).expect("a client"),
        tokens: Arc::new(Tokens::new()),
    })
    .err()
    .expect("problems");
    let keys: Vec<&str> = errors.iter().map(|error| error.key.as_str()).collect();
    assert!(
        keys.contains(&"agent_id") && keys.contains(&"to_user"),
        "{keys:?}"
    );
}

async fn robot_body(receiver: Value, message: &Message) -> Value {
    let simulator = Simulator::start().await.expect("a simulator");
    let account = json!({"url": simulator.wecom_robot().url()});
    let channel = open(&robot::SPEC, &account, &receiver);
    let outcome = send(&*channel, message, Time::EPOCH).await.remove(0);
    assert!(outcome.is_ok(), "{outcome:?}");
    simulator.wecom_robot().received()[0].json()
}

#[tokio::test]
async fn a_robot_speaks_every_form() {
    for (msgtype, pointer, value) in [
        (
            "markdown",
            "/markdown/content",
            "### <font color=\"warning\">🔴 [FIRING:1] 磁盘将满</font>\n\n> 实例: <font color=\"comment\">db-1</font>\n\n[打开](https://gw.example.com/?group=1)",
        ),
        (
            "markdown_v2",
            "/markdown_v2/content",
            "### 🔴 [FIRING:1] 磁盘将满\n\n**实例**: db-1\n\n[打开](https://gw.example.com/?group=1)",
        ),
        (
            "text",
            "/text/content",
            "🔴 [FIRING:1] 磁盘将满\n\n实例: db-1\n\n打开: https://gw.example.com/?group=1",
        ),
        (
            "news",
            "/news/articles/0/url",
            "https://gw.example.com/?group=1",
        ),
        (
            "template_card",
            "/template_card/main_title/title",
            "🔴 [FIRING:1] 磁盘将满",
        ),
    ] {
        let body = robot_body(json!({"msgtype": msgtype}), &message()).await;
        assert_eq!(body["msgtype"], msgtype);
        assert_eq!(body.pointer(pointer), Some(&json!(value)), "{body}");
    }
}

#[tokio::test]
async fn a_robot_calls_people_in_the_form_that_can() {
    let person = |wecom: &str, phone: &str| Mention {
        wecom: wecom.to_owned(),
        phone: phone.to_owned(),
        ..Mention::default()
    };
    let mut message = message();
    message.mentions.people = vec![person("zhangsan", "+8613800138000")];
    let body = robot_body(json!({}), &message).await;
    let content = body["markdown"]["content"].as_str().unwrap_or_default();
    assert!(content.ends_with("\n\n<@zhangsan>"), "{content}");

    message.mentions.people.push(person("", "+8613900139000"));
    message.mentions.everyone = true;
    let body = robot_body(json!({"msgtype": "news"}), &message).await;
    assert_eq!(body["text"]["mentioned_list"], json!(["@all", "zhangsan"]));
    assert_eq!(
        body["text"]["mentioned_mobile_list"],
        json!(["13900139000"])
    );
}

#[tokio::test]
async fn a_group_of_the_application_gets_markdown_and_texts_with_names() {
    let site = site().await;
    let http = Http::new(HttpSettings::default()).expect("a client");
    let channel = open(
        &groupchat::SPEC,
        &site.account,
        &json!({"chat_id": "alerts"}),
    );
    let error = send(&*channel, &message(), site.now)
        .await
        .remove(0)
        .expect_err("no such chat");
    assert_eq!(error.kind, ErrorKind::Misconfigured);

    // The group is made with the token that the channel has fetched.
    let target = site.simulator.wecom_app().requests()[0].target.clone();
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let url = format!("{}/cgi-bin/appchat/create?{query}", site.simulator.url());
    let made = json!({"name": "alerts", "owner": "a", "userlist": ["a", "b"], "chatid": "alerts"});
    let request = crate::http::HttpRequest::post_json(url, &made);
    http.send(request, std::time::Duration::from_secs(5))
        .await
        .expect("an answer");

    assert!(send(&*channel, &message(), site.now).await[0].is_ok());
    let mut called = message();
    called.mentions.everyone = true;
    assert!(send(&*channel, &called, site.now).await[0].is_ok());
    let sent = site.simulator.wecom_app().received();
    assert_eq!(sent[0].json()["msgtype"], "markdown");
    assert_eq!(sent[1].json()["text"]["mentioned_list"], json!(["@all"]));
}

#[tokio::test]
async fn a_mobile_number_is_looked_up_once_and_one_that_nobody_has_is_not_asked_for_again() {
    let site = site().await;
    let app = site.simulator.wecom_app();
    app.add_mobile("13800138000", "ZhangSan");
    let entry = json!({"to_mobile": ["+8613800138000", "13900139000"], "to_user": "lisi"});
    let channel = open(&app::SPEC, &site.account, &entry);
    for _ in 0..2 {
        let outcomes = send(&*channel, &message(), site.now).await;
        let kinds: Vec<Option<ErrorKind>> = outcomes
            .iter()
            .map(|outcome| outcome.as_ref().err().map(|error| error.kind))
            .collect();
        assert_eq!(
            kinds,
            [None, None, Some(ErrorKind::Rejected)],
            "{outcomes:?}"
        );
    }
    let calls = app.requests();
    let asked = calls
        .iter()
        .filter(|call| call.target.contains("getuserid"));
    assert_eq!(asked.count(), 2, "each number once");
    let sent = calls
        .iter()
        .find(|call| call.target.contains("message/send"));
    assert_eq!(sent.expect("a message").json()["touser"], "lisi|ZhangSan");
}

#[tokio::test]
async fn an_address_book_that_is_shut_holds_up_nobody_whose_id_is_known() {
    let site = site().await;
    let many: Vec<String> = (0..7).map(|at| format!("1390013900{at}")).collect();
    let entry = json!({"to_mobile": many, "to_user": "lisi"});
    let channel = open(&app::SPEC, &site.account, &entry);
    let outcomes = send(&*channel, &message(), site.now).await;
    assert!(outcomes[0].is_ok(), "{outcomes:?}");
    let shut = outcomes
        .last()
        .expect("seven numbers")
        .clone()
        .expect_err("it is shut");
    assert_eq!(
        shut.kind,
        ErrorKind::Transient,
        "the account's messages are not slowed down"
    );
    assert_eq!(shut.retry_after, Some(std::time::Duration::from_hours(1)));
}
