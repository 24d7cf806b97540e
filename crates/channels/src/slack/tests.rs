use std::sync::Arc;

use balefire_core::message::{
    Answering, Block, Link, Locale, Mention, Mentions, Message, Occasion,
};
use balefire_core::severity::Severity;
use balefire_core::time::Time;
use balefire_testkit::Simulator;
use serde_json::{Value, json};

use crate::channel::{Channel, Delivery, Outcome};
use crate::cloud::sample::{PNG, picture};
use crate::error::ErrorKind;
use crate::http::{Http, HttpSettings};
use crate::slack::{bot, hook};
use crate::spec::{Build, Built, ChannelSpec};
use crate::token::Tokens;

const NOW: Time = Time::from_secs(1_795_249_800);

fn message(occasion: Occasion) -> Message {
    let link = Link {
        text: "Open".to_owned(),
        url: "https://gw.example.com/?group=1&x=2".to_owned(),
    };
    Message {
        occasion,
        severity: Severity::Critical,
        title: "[FIRING:1] Disk <full> & more".to_owned(),
        body: vec![
            Block::Facts(vec![("instance".to_owned(), "db-1".to_owned())]),
            Block::Link(link.clone()),
        ],
        group: None,
        mentions: Mentions::default(),
        custom: None,
        locale: Locale::En,
        zone: "UTC".to_owned(),
        link: Some(link),
        thread: "{}:{alertname=\"Disk\"}".to_owned(),
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

async fn send(channel: &dyn Channel, message: &Message) -> Vec<Outcome> {
    let targets = channel.targets();
    let delivery = Delivery {
        message,
        targets: &targets,
        id: "n_12345678",
        attempt: 1,
        now: NOW,
    };
    channel.send(&delivery).await
}

async fn bot(receiver: Value) -> (Simulator, Arc<dyn Channel>) {
    let simulator = Simulator::start().await.expect("a simulator");
    let account = json!({
        "token": simulator.slack_bot().token(),
        "base_url": simulator.slack_bot().api_url(),
    });
    let channel = build(&bot::SPEC, &account, &receiver).expect("a channel");
    (simulator, channel)
}

#[tokio::test]
async fn a_title_leads_to_us_and_the_bar_has_the_severitys_colour() {
    let simulator = Simulator::start().await.expect("a simulator");
    let receiver = json!({
        "api_url": simulator.slack_hook().url(),
        "title": "{{ template \"slack.default.title\" . }}",
        "footer": "operations",
        "fields": [{"title": "Team", "value": "db"}, {"title": "x", "value": "{{ .y }}"}],
        "username": "{{ .x }}",
        "icon_emoji": ":fire:",
    });
    let channel = build(&hook::SPEC, &json!({}), &receiver).expect("a channel");
    let mut message = message(Occasion::Firing);
    message.mentions.everyone = true;
    message.mentions.people.push(Mention {
        slack: "U0AB12CD3".to_owned(),
        ..Mention::default()
    });
    assert!(send(&*channel, &message).await[0].is_ok());
    assert_eq!(
        simulator.slack_hook().received()[0].json(),
        json!({
            "text": "*<https://gw.example.com/?group=1&amp;x=2|🔴 [FIRING:1] Disk &lt;full&gt; &amp; more>*\n<!channel> <@U0AB12CD3>",
            "attachments": [{
                "color": "#c9252d",
                "fallback": "🔴 [FIRING:1] Disk <full> & more",
                "blocks": [
                    {"type": "section", "text": {"type": "mrkdwn", "text": "*instance:* db-1\n\n<https://gw.example.com/?group=1&amp;x=2|Open>"}},
                    {"type": "section", "fields": [{"type": "mrkdwn", "text": "*Team*\ndb"}]},
                    {"type": "context", "elements": [{"type": "mrkdwn", "text": "operations"}]},
                ],
            }],
            "unfurl_links": false,
            "unfurl_media": false,
            "icon_emoji": ":fire:",
        })
    );
}

#[tokio::test]
async fn the_end_of_an_alert_stands_in_its_thread_and_the_next_one_begins_anew() {
    let (simulator, channel) = bot(json!({"channel": "C0AB12CD3"})).await;
    let mut ids = Vec::new();
    for occasion in [
        Occasion::Firing,
        Occasion::Firing,
        Occasion::Resolved,
        Occasion::Firing,
    ] {
        let receipt = send(&*channel, &message(occasion))
            .await
            .remove(0)
            .expect("sent");
        ids.push(receipt.provider_id);
    }
    let sent: Vec<Value> = simulator
        .slack_bot()
        .received()
        .iter()
        .map(balefire_testkit::Received::json)
        .collect();
    let threads: Vec<&Value> = sent.iter().map(|body| &body["thread_ts"]).collect();
    let first = json!(ids[0]);
    assert_eq!(threads, [&Value::Null, &first, &first, &Value::Null]);
    assert_eq!(sent[1]["reply_broadcast"], true);
    assert_eq!(sent[2].get("reply_broadcast"), None);
}

#[tokio::test]
async fn a_bot_may_change_its_message_instead() {
    let (simulator, channel) = bot(json!({"channel": "C0AB12CD3", "update_message": true})).await;
    for occasion in [Occasion::Firing, Occasion::Resolved] {
        assert!(send(&*channel, &message(occasion)).await[0].is_ok());
    }
    let sent = simulator.slack_bot().received();
    assert_eq!(sent[1].target, "/api/chat.update");
    assert_eq!(sent[1].json()["channel"], "C0AB12CD3");
    assert_eq!(sent[1].json()["attachments"][0]["color"], "#2eb67d");
}

#[tokio::test]
async fn a_deleted_message_does_not_keep_the_next_one_away() {
    use balefire_testkit::Mode;
    let (simulator, channel) = bot(json!({"channel": "C0AB12CD3"})).await;
    assert!(send(&*channel, &message(Occasion::Firing)).await[0].is_ok());
    simulator
        .slack_bot()
        .fail_times(Mode::ErrCode(0, "cannot_reply_to_message".to_owned()), 1);
    let error = send(&*channel, &message(Occasion::Resolved))
        .await
        .remove(0)
        .expect_err("gone");
    assert_eq!(error.kind, ErrorKind::Transient);
    assert!(send(&*channel, &message(Occasion::Resolved)).await[0].is_ok());
    let last = simulator
        .slack_bot()
        .received()
        .pop()
        .expect("a message")
        .json();
    assert_eq!(last.get("thread_ts"), None);
}

#[tokio::test]
async fn every_channel_has_an_outcome_and_a_check_sends_nothing() {
    let (simulator, channel) = bot(json!({"channel": "C0AB12CD3, #gone"})).await;
    simulator.slack_bot().set_channels(&["C0AB12CD3"]);
    let said = channel.check(NOW).await.expect("good");
    assert_eq!(said.answer, "balefire in Simulated");
    assert!(simulator.slack_bot().received().is_empty());
    let outcomes = send(&*channel, &message(Occasion::Firing)).await;
    assert!(outcomes[0].is_ok());
    let error = outcomes[1].clone().expect_err("no such channel");
    assert_eq!(error.kind, ErrorKind::Misconfigured);
    assert!(error.fix.contains("/invite"));
}

#[test]
fn alertmanagers_keys_build_a_bot_and_a_template_for_the_channel_does_not() {
    let mut receiver = json!({
        "app_token": "xoxb-s3cret",
        "app_url": "https://slack.com/api/chat.postMessage",
        "channel": "#alerts",
    });
    assert!(build(&bot::SPEC, &json!({}), &receiver).is_ok());
    receiver["channel"] = "#{{ .GroupLabels.team }}".into();
    let errors = build(&bot::SPEC, &json!({}), &receiver)
        .err()
        .expect("a problem");
    assert_eq!(errors[0].key, "channel");
}

#[tokio::test]
async fn a_live_message_is_changed_and_its_answers_ring_in_its_thread() {
    let (simulator, channel) = bot(json!({"channel": "C0AB12CD3", "live": true})).await;
    assert!(channel.is_live());
    let first = send(&*channel, &message(Occasion::Firing)).await.remove(0);
    let first = first.expect("sent").provider_id;
    assert!(send(&*channel, &message(Occasion::Firing)).await[0].is_ok());
    let targets = channel.targets();
    let mut changed = message(Occasion::Firing);
    changed.answering.deeds = vec!["acknowledged by <chen>".to_owned()];
    changed.custom = Some(balefire_core::message::Custom {
        text: Some("my words".to_owned()),
        ..Default::default()
    });
    let delivery = Delivery {
        message: &changed,
        targets: &targets,
        id: "n_12345678",
        attempt: 1,
        now: NOW,
    };
    let receipt = channel.change(&delivery).await.expect("changed");
    let receipt = receipt.expect("it is there");
    assert_eq!(
        (&receipt.provider_id, &*receipt.answer),
        (&first, "changed in place")
    );
    let sent = simulator.slack_bot().received();
    assert_eq!(sent[1].json()["thread_ts"], json!(first));
    assert_eq!(sent[1].json()["reply_broadcast"], true);
    let change = sent[2].json();
    assert_eq!(sent[2].target, "/api/chat.update");
    assert_eq!(change["ts"], json!(first));
    assert_eq!(
        change["attachments"][0]["blocks"][0]["text"]["text"],
        "acknowledged by &lt;chen&gt;\n\nmy words"
    );
    simulator.slack_bot().delete_all();
    assert_eq!(channel.change(&delivery).await, Ok(None));
}

fn pictured(occasion: Occasion) -> Message {
    Message {
        attachments: vec![
            picture("picture-1.png", PNG.to_vec()),
            picture("picture-2.jpg", b"\xff\xd8\xff\xe0jpeg".to_vec()),
        ],
        ..message(occasion)
    }
}

#[tokio::test]
async fn pictures_follow_in_the_thread_and_their_bytes_go_without_the_token() {
    let (simulator, channel) = bot(json!({"channel": "C0AB12CD3", "images": true})).await;
    assert!(channel.shows_pictures());
    let desk = simulator.slack_bot();
    let mut parents = Vec::new();
    for _ in 0..2 {
        let receipt = send(&*channel, &pictured(Occasion::Firing)).await.remove(0);
        let receipt = receipt.expect("sent");
        assert_eq!(receipt.answer, "ok; with pictures");
        parents.push(receipt.provider_id);
    }
    let shared = |name: &str| {
        let (channel, parent) = ("C0AB12CD3".to_owned(), parents[0].clone());
        (name.to_owned(), channel, parent)
    };
    let both = ["picture-1.png", "picture-2.jpg"].map(shared);
    assert_eq!(desk.files(), [both.clone(), both].concat());
    let calls = desk.requests();
    assert_eq!(
        calls[0].target, "/api/chat.postMessage",
        "the words go first"
    );
    let uploads = calls
        .iter()
        .filter(|call| call.target.starts_with("/upload/"));
    let bytes: Vec<&[u8]> = uploads.map(|call| &call.body[..]).collect();
    assert!(bytes.contains(&PNG) && bytes.len() == 4, "{bytes:?}");
}

#[tokio::test]
async fn pictures_that_are_not_taken_cost_no_words_and_are_not_sent_again() {
    use balefire_testkit::Mode;
    let (simulator, channel) = bot(json!({"channel": "C0AB12CD3", "images": true})).await;
    let desk = simulator.slack_bot();
    let mut message = pictured(Occasion::Resolved);
    message.attachments.truncate(1);
    let missing = || Mode::ErrCode(0, "missing_scope".to_owned());
    let cases = [
        // Each stands for one step: the address, the bytes, and showing the file.
        (0, missing(), "missing_scope"),
        (
            1,
            Mode::Status(500, Vec::new(), "no".to_owned()),
            "status 500",
        ),
        (2, missing(), "missing_scope"),
        (2, Mode::ResetAfterBody, "broke"),
        (0, Mode::ResetAfterBody, "broke"),
    ];
    for (step, mode, why) in cases {
        desk.clear();
        desk.fail_times(Mode::Ok, 1 + step);
        desk.fail_times(mode, 1);
        let receipt = send(&*channel, &message).await.remove(0);
        let receipt = receipt.expect("the words are told");
        let said = receipt.answer.strip_prefix("ok; without its pictures: ");
        assert!(
            said.is_some_and(|said| said.contains(why)),
            "{}",
            receipt.answer
        );
        assert_eq!(desk.counts().accepted, 1, "{why}");
        assert_eq!(
            desk.requests().len(),
            2 + usize::try_from(step).expect("small")
        );
    }
    let shared = desk.files();
    assert_eq!(
        shared.len(),
        1,
        "what may have been shown is not shown again"
    );
}

#[tokio::test]
async fn a_message_that_is_changed_in_place_brings_no_pictures_anew() {
    let receiver = json!({"channel": "C0AB12CD3", "images": true, "update_message": true});
    let (simulator, channel) = bot(receiver).await;
    for answer in ["ok; with pictures", "ok"] {
        let receipt = send(&*channel, &pictured(Occasion::Firing)).await.remove(0);
        assert_eq!(receipt.expect("sent").answer, answer);
    }
    assert_eq!(simulator.slack_bot().files().len(), 2);
}

#[tokio::test]
async fn words_that_are_refused_bring_no_pictures() {
    let (simulator, channel) = bot(json!({"channel": "C0AB12CD3", "images": true})).await;
    simulator.slack_bot().set_channels(&[]);
    let outcome = send(&*channel, &pictured(Occasion::Firing)).await.remove(0);
    assert!(outcome.is_err());
    assert_eq!(simulator.slack_bot().requests().len(), 1);
}
