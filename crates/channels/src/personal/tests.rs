use std::sync::Arc;

use balefire_core::clock::Clock as _;
use balefire_core::message::{Answering, Block, Locale, Mentions, Occasion};
use balefire_core::severity::Severity;
use balefire_testkit::Simulator;
use serde_json::{Value, json};

use super::*;
use crate::channel::{Channel, Delivery};
use crate::http::{Http, HttpSettings};
use crate::spec::{Build, Built, ChannelSpec};
use crate::token::Tokens;

fn message(title: &str) -> Message {
    Message {
        occasion: Occasion::Firing,
        severity: Severity::Critical,
        title: title.to_owned(),
        body: vec![Block::Text("disk 95 %".to_owned())],
        group: None,
        mentions: Mentions::default(),
        custom: None,
        locale: Locale::En,
        zone: "UTC".to_owned(),
        link: None,
        thread: "t".to_owned(),
        attachments: Vec::new(),
        answering: Answering::default(),
    }
}

fn build(spec: &ChannelSpec, account: &Value, receiver: &Value) -> Built {
    (spec.build)(&Build {
        account_name: "a",
        account,
        receiver,
        http: Http::new(HttpSettings::default()).expect("a client"),
        tokens: Arc::new(Tokens::new()),
    })
}

async fn send(simulator: &Simulator, channel: &dyn Channel, title: &str) -> Vec<Outcome> {
    let targets = channel.targets();
    let delivery = Delivery {
        message: &message(title),
        targets: &targets,
        id: "bf_01234567",
        attempt: 1,
        now: simulator.clock().expect("its own clock").now(),
    };
    channel.send(&delivery).await
}

#[tokio::test]
async fn a_key_of_serverchan_3_goes_its_own_way() {
    let simulator = Simulator::start().await.expect("a simulator");
    let desk = &simulator.personal().serverchan;
    desk.add_key("sctp77tabc");
    let account = json!({"send_key": "sctp77tabc", "base_url": simulator.url()});
    let receiver = json!({"tags": ["ops", "db"]});
    let channel = build(&serverchan::SPEC, &account, &receiver).expect("a channel");
    assert!(send(&simulator, &*channel, "disk").await[0].is_ok());
    let request = desk.requests().pop().expect("a request");
    assert_eq!(request.target, "/send/sctp77tabc.send");
    let body = request.json();
    assert_eq!(body["tags"], "ops|db");
    assert!(body.get("noip").is_none());
    let label = &channel.targets()[0].label;
    assert_eq!(&**label, "ServerChan");
}

#[tokio::test]
async fn a_title_that_does_not_fit_stands_whole_in_the_text() {
    let simulator = Simulator::start().await.expect("a simulator");
    let desk = &simulator.personal().serverchan;
    desk.add_key("SCT1");
    let account = json!({"send_key": "SCT1", "base_url": simulator.url()});
    let channel = build(&serverchan::SPEC, &account, &json!({})).expect("a channel");
    let title = "the disk of the first database of the billing system is full";
    assert!(send(&simulator, &*channel, title).await[0].is_ok());
    let body = desk.requests().pop().expect("a request").json();
    assert_eq!(body["desp"], format!("### {title}\n\ndisk 95 %"));
    assert!(send(&simulator, &*channel, "short").await[0].is_ok());
    let body = desk.requests().pop().expect("a request").json();
    assert_eq!(
        (&body["title"], &body["desp"]),
        (&json!("🔴 short"), &json!("disk 95 %"))
    );
}

#[tokio::test]
async fn the_sixth_message_of_a_day_says_what_to_do() {
    let simulator = Simulator::start().await.expect("a simulator");
    simulator.personal().serverchan.add_key("SCT1");
    let account = json!({"send_key": "SCT1", "base_url": simulator.url()});
    let channel = build(&serverchan::SPEC, &account, &json!({})).expect("a channel");
    for _ in 0..5 {
        assert!(send(&simulator, &*channel, "disk").await[0].is_ok());
    }
    let outcome = send(&simulator, &*channel, "disk").await.remove(0);
    let error = outcome.expect_err("the day is used up");
    assert_eq!(error.kind, ErrorKind::RateLimited);
    assert!(error.fix.contains("member"), "{}", error.fix);
}

#[tokio::test]
async fn each_reader_of_wxpusher_has_an_outcome() {
    let simulator = Simulator::start().await.expect("a simulator");
    let desk = &simulator.personal().wxpusher;
    desk.add_token("AT_1");
    desk.set_gone(&["UID_2", "9"]);
    let account = json!({"app_token": "AT_1", "base_url": simulator.url()});
    let receiver = json!({"uids": "UID_1,UID_2", "topic_ids": ["7", "9"]});
    let channel = build(&wxpusher::SPEC, &account, &receiver).expect("a channel");
    let outcomes = send(&simulator, &*channel, "disk").await;
    let kinds: Vec<Option<ErrorKind>> = outcomes
        .iter()
        .map(|outcome| outcome.as_ref().err().map(|error| error.kind))
        .collect();
    let gone = Some(ErrorKind::Rejected);
    assert_eq!(kinds, [None, gone, None, gone]);
    let body = desk.requests()[0].json();
    assert_eq!(body["topicIds"], json!([7, 9]), "numbers");
}

#[tokio::test]
async fn a_friend_of_pushplus_reads_instead_and_is_not_shown() {
    let simulator = Simulator::start().await.expect("a simulator");
    let desk = &simulator.personal().pushplus;
    desk.add_token("token-1");
    let account = json!({"token": "token-1", "base_url": simulator.url()});
    let receiver = json!({"to": "s3cret-friend", "channel": "app"});
    let channel = build(&pushplus::SPEC, &account, &receiver).expect("a channel");
    let outcomes = send(&simulator, &*channel, "disk").await;
    assert_eq!(
        outcomes[0].as_ref().expect("a receipt").provider_id,
        "f0e1d2c3b4a5"
    );
    let body = desk.requests()[0].json();
    assert_eq!(
        (&body["to"], &body["channel"]),
        (&json!("s3cret-friend"), &json!("app"))
    );
    assert!(!format!("{:?}", channel.targets()).contains("s3cret"));
}

#[test]
fn what_an_entry_lacks_is_told() {
    let problems = |spec, account: Value, receiver: Value| {
        let errors = build(spec, &account, &receiver).err().unwrap_or_default();
        let words: Vec<String> = errors.iter().map(ToString::to_string).collect();
        words.join("; ")
    };
    assert_eq!(
        problems(&serverchan::SPEC, json!({}), json!({})),
        "send_key: is missing"
    );
    let both = json!({"topic": "ops", "to": "friend"});
    assert_eq!(
        problems(&pushplus::SPEC, json!({"token": "t"}), both),
        "topic: stands beside to"
    );
    let topics = json!({"topic_ids": "1,2,3,4,5,six"});
    assert_eq!(
        problems(&wxpusher::SPEC, json!({"app_token": "AT"}), topics),
        "topic_ids: \"six\" is not a number; topic_ids: 6 topics, more than 5"
    );
    assert_eq!(
        problems(&wxpusher::SPEC, json!({"app_token": "AT"}), json!({})),
        "uids: nobody is named"
    );
}
