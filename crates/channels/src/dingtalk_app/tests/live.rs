//! Cards that are changed as things stand, against the simulated application.

use balefire_core::message::Answered;

use super::cards::asking;
use super::*;
use crate::threads::Posted;

const FIRST: &str = "bf_0123456789abcdef";

/// A company with a group, and an account whose cards can be answered.
async fn hearing() -> Site {
    let mut site = site().await;
    site.robot().add_group("cid-ops");
    site.account["card_template_id"] = "tpl.schema".into();
    site.account["card_secret"] = "card-api-secret".into();
    site.account["callback_url"] = "https://gw.example.com/callback/ding/T".into();
    site
}

impl Site {
    fn robot(&self) -> &balefire_testkit::provider::dingtalk_app::robot::DingTalkRobotSim {
        &self.simulator.dingtalk_app().robot
    }

    fn live(&self) -> Arc<dyn Channel> {
        self.open(&json!({"via": "card", "conversation_id": "cid-ops", "live": true}))
    }

    /// Posts it as another notice; the card's id.
    async fn post(&self, channel: &dyn Channel, message: &Message, id: &str) -> String {
        let delivery = self.delivery(message, id);
        let targets = channel.targets();
        let delivery = Delivery {
            targets: &targets,
            ..delivery
        };
        let outcome = channel.send(&delivery).await.remove(0);
        outcome.expect("posted").provider_id
    }

    async fn change(&self, channel: &dyn Channel, message: &Message) -> Changed {
        let targets = channel.targets();
        let delivery = Delivery {
            targets: &targets,
            ..self.delivery(message, "bf_another_0001")
        };
        channel.change(&delivery).await
    }

    fn delivery<'a>(&self, message: &'a Message, id: &'a str) -> Delivery<'a> {
        Delivery {
            message,
            targets: &[],
            id,
            attempt: 1,
            now: self.now,
        }
    }

    fn shows(&self, card: &str, variable: &str) -> String {
        let card = self.robot().card(card).expect("a card");
        card.get(variable).cloned().expect("a variable")
    }

    /// Methods and last parts of the paths of all calls.
    fn calls(&self) -> Vec<String> {
        let calls = self.robot().requests().into_iter();
        let calls = calls.map(|call| {
            let path = call.target.rsplit('/').next().unwrap_or_default();
            format!("{} {path}", call.method)
        });
        calls.collect()
    }
}

fn with_deeds(answered: Answered, deeds: &[&str]) -> Message {
    let mut message = asking();
    let deeds: Vec<String> = deeds.iter().map(|deed| (*deed).to_owned()).collect();
    message.body.insert(0, Block::List(deeds.clone()));
    message.answering.deeds = deeds;
    message.answering.answered = Some(answered);
    message
}

#[tokio::test]
async fn a_live_card_is_made_once_and_a_change_names_what_it_changes() {
    let site = hearing().await;
    let channel = site.live();
    let card = site.post(&*channel, &asking(), FIRST).await;
    let mut message = asking();
    message.title = "two now".to_owned();
    let changed = site.change(&*channel, &message).await.expect("changed");
    assert_eq!(changed.expect("a card").provider_id, card);
    let expected = ["POST register", "POST createAndDeliver", "PUT instances"];
    assert_eq!(site.calls(), expected);
    let calls = site.robot().requests();
    let made = calls[1].json();
    let made = &made["cardData"]["cardParamMap"];
    let title = calls[2].json()["cardData"]["cardParamMap"]["title"].clone();
    assert!(
        title
            .as_str()
            .is_some_and(|title| title.contains("two now")),
        "{title}"
    );
    let expected = json!({
        "outTrackId": card,
        "cardData": {"cardParamMap": {"title": title, "text": made["text"], "url": made["url"], "token": "TOKEN"}},
        "cardUpdateOptions": {"updateCardDataByKey": true},
    });
    assert_eq!(calls[2].json(), expected);
    assert_eq!(site.shows(&card, "state"), "open");
    assert_eq!(site.robot().counts().accepted, 1);
}

#[tokio::test]
async fn what_a_press_wrote_stays_until_the_message_knows_better() {
    let site = hearing().await;
    let channel = site.live();
    let card = site.post(&*channel, &asking(), FIRST).await;
    let pressed = |state: &str| {
        json!({"cardUpdateOptions": {"updateCardDataByKey": true},
            "cardData": {"cardParamMap": {"status": "pressed", "state": state}}})
    };
    let stands = || (site.shows(&card, "state"), site.shows(&card, "status"));
    let is = |state: &str, status: &str| (state.to_owned(), status.to_owned());
    site.robot().answer_press(&card, &pressed("silenced"));
    assert!(site.change(&*channel, &asking()).await.is_ok());
    assert_eq!(stands(), is("silenced", "pressed"));

    let taken = with_deeds(Answered::Acknowledged, &["taken by 陈敏"]);
    assert!(site.change(&*channel, &taken).await.is_ok());
    assert_eq!(stands(), is("acknowledged", "taken by 陈敏"));
    let text = site.shows(&card, "text");
    assert!(
        !text.contains("陈敏"),
        "it has a variable of its own: {text}"
    );
    let put_off = with_deeds(Answered::Open, &["taken by 陈敏", "put off by 李伟"]);
    assert!(site.change(&*channel, &put_off).await.is_ok());
    assert_eq!(stands(), is("open", "taken by 陈敏\nput off by 李伟"));
    assert_eq!(site.shows(&card, "token"), "TOKEN");
    let quiet = with_deeds(Answered::Silenced, &["silenced by 李伟"]);
    assert!(site.change(&*channel, &quiet).await.is_ok());
    assert_eq!(stands(), is("silenced", "silenced by 李伟"));

    site.robot().answer_press(&card, &pressed("resolved"));
    let over = with_deeds(Answered::Resolved, &["over by 陈敏"]);
    assert!(site.change(&*channel, &over).await.is_ok());
    assert_eq!(stands(), is("resolved", "over by 陈敏"));
    let mut ended = asking();
    ended.occasion = Occasion::Resolved;
    site.robot().answer_press(&card, &pressed("acknowledged"));
    assert!(site.change(&*channel, &ended).await.is_ok());
    assert_eq!(stands(), is("resolved", "pressed"));
    assert_eq!(site.shows(&card, "token"), "", "nothing is left to answer");
}

#[tokio::test]
async fn a_card_that_cannot_be_changed_is_posted_anew_with_how_things_stand() {
    let site = hearing().await;
    let channel = site.live();
    site.post(&*channel, &asking(), FIRST).await;
    let refusals = [
        Mode::ErrCode(400, "param.contentUnsafe".to_owned()),
        Mode::Status(
            200,
            Vec::new(),
            r#"{"success": true, "result": false}"#.to_owned(),
        ),
    ];
    for refusal in refusals {
        site.robot().fail_times(refusal, 1);
        assert_eq!(site.change(&*channel, &asking()).await, Ok(None));
    }
    site.robot().take_cards_back();
    assert_eq!(site.change(&*channel, &asking()).await, Ok(None));
    // As the engine does then.
    let target = channel.targets().remove(0).address;
    let threads = channel.threads().expect("a live entry");
    threads.set("t", &target, None);
    let taken = with_deeds(Answered::Acknowledged, &["taken by 陈敏"]);
    let card = site.post(&*channel, &taken, "bf_fedcba9876543210").await;
    assert_eq!(site.shows(&card, "state"), "acknowledged");
    assert_eq!(site.shows(&card, "status"), "taken by 陈敏");
    let changed = site.change(&*channel, &asking()).await.expect("changed");
    assert_eq!(changed.expect("the new card").provider_id, card);
}

#[tokio::test]
async fn a_change_whose_outcome_nobody_knows_is_made_again_and_posts_nothing() {
    let site = hearing().await;
    let channel = site.live();
    let card = site.post(&*channel, &asking(), FIRST).await;
    for (mode, kind) in [
        (Mode::ResetAfterBody, ErrorKind::UnknownOutcome),
        (
            Mode::ErrCode(500, "system.busy".to_owned()),
            ErrorKind::Transient,
        ),
        (Mode::RateLimited(1), ErrorKind::RateLimited),
    ] {
        site.robot().fail_times(mode, 1);
        let failed = site.change(&*channel, &asking()).await;
        assert_eq!(failed.expect_err("no answer").kind, kind);
    }
    let changed = site.change(&*channel, &asking()).await.expect("changed");
    assert_eq!(changed.expect("the same").provider_id, card);
    assert_eq!(site.robot().counts().accepted, 1);
}

#[tokio::test]
async fn whoever_is_found_by_number_keeps_the_card_under_the_number_and_over_a_restart() {
    let site = hearing().await;
    let org = &site.simulator.dingtalk_app().org;
    org.set_mobile("13800138000", "u7");
    let entry = json!({"via": "card", "to_mobile": "+8613800138000", "live": true});
    let channel = site.open(&entry);
    let card = site.post(&*channel, &asking(), FIRST).await;
    let target = channel.targets().remove(0).address;
    let threads = channel.threads().expect("a live entry");
    let posted = threads.first("t", &target).expect("known by its target");
    let expected = Posted {
        channel: "u7".to_owned(),
        id: card.clone(),
    };
    assert_eq!(posted, expected);
    // Another process, which has read it from disk.
    let channel = site.open(&entry);
    assert_eq!(site.change(&*channel, &asking()).await, Ok(None));
    let threads = channel.threads().expect("a live entry");
    threads.set("t", &target, Some(posted));
    let changed = site.change(&*channel, &asking()).await.expect("changed");
    assert_eq!(changed.expect("the same").provider_id, card);
}

#[tokio::test]
async fn what_rings_is_a_card_of_its_own_and_the_first_one_lives_on() {
    let site = hearing().await;
    let channel = site.live();
    let first = site.post(&*channel, &asking(), FIRST).await;
    let second = site.post(&*channel, &asking(), "bf_fedcba9876543210").await;
    assert_ne!(first, second);
    let changed = site.change(&*channel, &asking()).await.expect("changed");
    assert_eq!(changed.expect("the first").provider_id, first);
    let still = site.open(&json!({"via": "card", "conversation_id": "cid-ops"}));
    assert!(!still.is_live() && still.threads().is_none());
    assert_eq!(site.change(&*still, &asking()).await, Ok(None));
}

#[test]
fn only_cards_can_be_live() {
    let account = json!({"client_id": "dingabc", "client_secret": "s3cret-1", "agent_id": "1"});
    let entry = json!({"via": "robot", "to_user": "u1", "live": true});
    let problems = built(&account, &entry, SPEC.build)
        .err()
        .expect("a problem");
    assert!(
        problems
            .iter()
            .any(|one| one.contains("live: has no use with via: robot")),
        "{problems:?}"
    );
}

#[tokio::test]
async fn a_second_try_of_a_card_that_is_there_brings_it_up_to_date() {
    let site = hearing().await;
    let channel = site.live();
    let targets = channel.targets();
    let mut message = asking();
    message.title = "one of three".to_owned();
    site.robot().fail_times(Mode::Ok, 1);
    site.robot().fail_times(Mode::ResetAfterBody, 1);
    let delivery = Delivery {
        targets: &targets,
        ..site.delivery(&message, FIRST)
    };
    let unknown = channel.send(&delivery).await.remove(0);
    let unknown = unknown.expect_err("nobody knows").kind;
    assert_eq!(unknown, ErrorKind::UnknownOutcome);
    let mut message = asking();
    message.title = "two of three".to_owned();
    let card = site.post(&*channel, &message, FIRST).await;
    assert!(site.shows(&card, "title").contains("two of three"));
    assert_eq!(site.robot().counts().accepted, 1);
}
