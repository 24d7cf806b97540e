//! Pictures that follow the words of a robot and of an application.

use balefire_testkit::Mode;

use super::*;
use crate::cloud::sample::{PNG, picture};

#[tokio::test]
async fn a_picture_follows_a_robots_words_and_costs_none_of_them() {
    let simulator = Simulator::start().await.expect("a simulator");
    let account = json!({"url": simulator.wecom_robot().url()});
    let channel = open(&robot::SPEC, &account, &json!({"images": true}));
    let mut message = message();
    message.attachments = vec![picture("picture-1.png", b"\x89PNG\r\n\x1a\n0123".to_vec())];
    let now = Time::from_secs(1_795_249_800);
    let receipt = send(&*channel, &message, now)
        .await
        .remove(0)
        .expect("sent");
    assert!(
        receipt.answer.ends_with("; with a picture"),
        "{}",
        receipt.answer
    );
    let sent = simulator.wecom_robot().received();
    assert_eq!(
        sent[1].json()["image"]["md5"],
        "e3169f8a7f207d70570997df28935bf1"
    );
    // One that is too large for the robot is left out, and its address stays in the words.
    let mut large = b"\x89PNG\r\n\x1a\n".to_vec();
    large.resize((2 << 20) + 1, 0);
    message.attachments = vec![picture("picture-1.png", large)];
    let receipt = send(&*channel, &message, now)
        .await
        .remove(0)
        .expect("sent");
    assert!(!receipt.answer.contains("picture"), "{}", receipt.answer);
    assert_eq!(simulator.wecom_robot().received().len(), 3);
}

/// A site of which only the application's messages count, and a channel to two people that shows pictures.
async fn picturing() -> (Site, Arc<dyn Channel>) {
    let site = site().await;
    let entry = json!({"to_user": "lisi|wangwu", "images": true});
    let channel = open(&app::SPEC, &site.account, &entry);
    assert!(channel.shows_pictures());
    (site, channel)
}

#[tokio::test]
async fn a_picture_follows_an_applications_words_to_whom_they_are_for() {
    let (site, channel) = picturing().await;
    let app = site.simulator.wecom_app();
    let mut message = message();
    message.attachments = vec![
        picture("picture-1.gif", b"GIF89a 0123".to_vec()),
        picture("picture-2.png", PNG.to_vec()),
        picture("picture-3.png", PNG.to_vec()),
    ];
    for outcome in send(&*channel, &message, site.now).await {
        let answer = outcome.expect("sent").answer;
        assert!(answer.ends_with("; with a picture"), "{answer}");
    }
    let calls = app.requests();
    let upload = &calls[1];
    assert!(
        upload.target.starts_with("/cgi-bin/media/upload?"),
        "{}",
        upload.target
    );
    assert_eq!(upload.part("media"), Some(PNG), "a GIF is not taken");
    let sent = app.received();
    assert_eq!(sent.len(), 2, "only the first goes");
    assert_eq!(
        sent[1].json(),
        json!({"touser": "lisi|wangwu", "agentid": app.agent_id(), "msgtype": "image",
            "image": {"media_id": "sim-media-1"}})
    );
}

#[tokio::test]
async fn a_picture_that_wecom_does_not_take_costs_no_words_and_is_not_sent_again() {
    let (site, channel) = picturing().await;
    let app = site.simulator.wecom_app();
    let mut message = message();
    message.occasion = Occasion::Direct;
    message.attachments = vec![picture("picture-1.png", PNG.to_vec())];
    let large = || Mode::ErrCode(40_009, "invalid image size".to_owned());
    for (step, mode, why) in [
        (0, large(), "40009 invalid image size"),
        (1, large(), "40009 invalid image size"),
        (0, Mode::ResetAfterBody, "broke"),
        (1, Mode::ResetAfterBody, "broke"),
    ] {
        app.clear();
        app.fail_times(Mode::Ok, 1 + step);
        app.fail_times(mode, 1);
        for outcome in send(&*channel, &message, site.now).await {
            let answer = outcome.expect("the words are told").answer;
            let said = answer.split_once("; without its picture: ");
            assert!(said.is_some_and(|said| said.1.contains(why)), "{answer}");
        }
        let calls = u64::from(2 + step);
        assert_eq!(app.counts().requests, calls, "nothing is sent again");
    }
    app.clear();
    message.attachments = vec![picture(
        "picture-1.webp",
        b"RIFF\x01\0\0\0WEBPVP8 ".to_vec(),
    )];
    let answer = send(&*channel, &message, site.now).await.remove(0);
    assert!(
        !answer.expect("sent").answer.contains("picture"),
        "it stays a link"
    );
    app.fail_times(Mode::ErrCode(81_013, "nobody".to_owned()), 1);
    message.attachments = vec![picture("picture-1.png", PNG.to_vec())];
    assert!(send(&*channel, &message, site.now).await[0].is_err());
    assert_eq!(app.requests().len(), 2, "no picture without words");
}
