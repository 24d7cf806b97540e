//! Pictures in a card, and as answers to what cannot hold them.

use super::*;
use crate::cloud::sample::{PNG, picture};

async fn showing(mut entry: Value) -> (Simulator, Arc<dyn Channel>) {
    entry["to_chat"] = "oc_ops".into();
    entry["images"] = true.into();
    let (simulator, channel) = app(entry).await;
    assert!(channel.shows_pictures());
    (simulator, channel)
}

fn pictured() -> Message {
    let mut message = message();
    message.attachments = vec![
        picture("picture-1.png", PNG.to_vec()),
        picture("picture-2.gif", b"GIF89a0123".to_vec()),
    ];
    message
}

/// The content of a message, which is JSON in a text.
fn content(received: &Received) -> Value {
    let body = received.json();
    let content = body["content"].as_str().unwrap_or_default();
    serde_json::from_str(content).expect("JSON")
}

fn tags(card: &Value) -> Vec<&str> {
    let elements = card["elements"].as_array().into_iter().flatten();
    elements
        .filter_map(|element| element["tag"].as_str())
        .collect()
}

#[tokio::test]
async fn pictures_stand_in_the_card_above_its_button() {
    let (simulator, channel) = showing(json!({})).await;
    let receipt = send(&*channel, &pictured(), NOW).await.remove(0);
    assert_eq!(receipt.expect("sent").answer, "success; with pictures");
    let desk = &simulator.feishu_app().message;
    let sent = desk.received();
    assert_eq!(sent.len(), 1);
    let card = content(&sent[0]);
    assert_eq!(tags(&card), ["markdown", "img", "img", "action"]);
    let keys = [1, 2].map(|at| card["elements"][at]["img_key"].as_str());
    let keys: std::collections::BTreeSet<_> = keys.into_iter().flatten().collect();
    assert_eq!(
        keys.into_iter().collect::<Vec<_>>(),
        ["img_sim_0001", "img_sim_0002"]
    );
    let uploads = desk.requests();
    let uploads = uploads
        .iter()
        .filter(|call| call.target == "/open-apis/im/v1/images");
    let files: Vec<&[u8]> = uploads.filter_map(|call| call.part("image")).collect();
    assert!(files.contains(&PNG) && files.len() == 2, "{files:?}");
}

#[tokio::test]
async fn an_upload_that_fails_costs_no_words_and_is_not_made_again() {
    let (simulator, channel) = showing(json!({})).await;
    let desk = &simulator.feishu_app().message;
    let mut message = pictured();
    message.attachments.truncate(1);
    for (number, mode, why) in [
        (
            1,
            Mode::ErrCode(99_991_672, "no scope".to_owned()),
            "99991672 no scope",
        ),
        (2, Mode::ResetAfterBody, "broke"),
    ] {
        desk.clear();
        desk.fail_times(mode, 1);
        message.thread = number.to_string();
        let delivery = Delivery {
            message: &message,
            targets: &channel.targets(),
            id: &format!("bf_0123456789abcde{number}"),
            attempt: 1,
            now: NOW,
        };
        let receipt = channel.send(&delivery).await.remove(0);
        let answer = receipt.expect("the words are told").answer;
        let said = answer.strip_prefix("success; without its pictures: ");
        assert!(said.is_some_and(|said| said.contains(why)), "{answer}");
        assert_eq!(desk.requests().len(), 2);
        assert_eq!(tags(&content(&desk.received()[0])), ["markdown", "action"]);
    }
}

#[tokio::test]
async fn a_card_that_is_refused_with_its_pictures_goes_without_and_an_unknown_outcome_is_left_at_that()
 {
    let (simulator, channel) = showing(json!({})).await;
    let desk = &simulator.feishu_app().message;
    let mut message = pictured();
    message.attachments.truncate(1);
    desk.fail_times(Mode::Ok, 1);
    desk.fail_times(Mode::ErrCode(230_099, "no card".to_owned()), 1);
    let receipt = send(&*channel, &message, NOW).await.remove(0);
    let answer = receipt.expect("the words are told").answer;
    assert!(
        answer.starts_with("success; without its pictures: 230099"),
        "{answer}"
    );
    assert_eq!(tags(&content(&desk.received()[0])), ["markdown", "action"]);
    desk.clear();
    desk.fail_times(Mode::Ok, 1);
    desk.fail_times(Mode::ResetAfterBody, 1);
    let error = send(&*channel, &message, NOW).await.remove(0);
    assert_eq!(error.expect_err("nobody knows").kind, UnknownOutcome);
    assert_eq!(desk.requests().len(), 2, "nothing is sent again");
}

#[tokio::test]
async fn pictures_answer_what_cannot_hold_them_or_is_changed_later() {
    for (entry, kind) in [
        (json!({"live": true}), "interactive"),
        (json!({"msgtype": "text"}), "text"),
        (json!({"msgtype": "post"}), "post"),
    ] {
        let (simulator, channel) = showing(entry).await;
        let desk = &simulator.feishu_app().message;
        let receipt = send(&*channel, &pictured(), NOW).await.remove(0);
        let receipt = receipt.expect(kind);
        assert_eq!(receipt.answer, "success; with pictures", "{kind}");
        let sent = desk.received();
        assert_eq!(sent[0].json()["msg_type"], kind);
        let below = format!("/open-apis/im/v1/messages/{}/reply", receipt.provider_id);
        for picture in &sent[1..] {
            assert_eq!(picture.target, below);
            assert_eq!(picture.json()["msg_type"], "image");
        }
        assert_eq!(sent.len(), 3, "{kind}");
        let first = &desk.requests()[0];
        assert!(first.target.contains("/messages"), "the words go first");
    }
}

#[tokio::test]
async fn a_live_card_is_changed_and_its_pictures_stay_below_it() {
    let (simulator, channel) = showing(json!({"live": true})).await;
    let desk = &simulator.feishu_app().message;
    let mut message = pictured();
    desk.fail_times(Mode::Ok, 4);
    desk.fail_times(Mode::ErrCode(230_099, "no".to_owned()), 1);
    let receipt = send(&*channel, &message, NOW).await.remove(0);
    let answer = receipt.expect("sent").answer;
    assert!(
        answer.starts_with("success; not with all pictures: 230099"),
        "{answer}"
    );
    message.attachments.clear();
    let delivery = Delivery {
        message: &message,
        targets: &channel.targets(),
        id: "bf_0123456789abcdef",
        attempt: 1,
        now: NOW,
    };
    let changed = channel.change(&delivery).await.expect("an answer");
    assert!(changed.is_some());
    let change = desk.requests().pop().expect("a change");
    assert_eq!(change.method, "PATCH");
    assert_eq!(tags(&content(&change)), ["markdown", "action"]);
}
