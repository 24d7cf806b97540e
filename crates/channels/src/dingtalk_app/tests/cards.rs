//! Interactive cards against the simulated application, and presses below them.

use balefire_core::message::GroupView;

use super::*;
use crate::callback::{CallbackError, CallbackRequest};
use crate::click::{Click, Reaction};
use crate::dingtalk_app::click::CLICKS;

const SECRET: &str = "card-api-secret";
const STAMP: &str = "1795249800000";
/// wire/vectors.json, `dingtalk_inbound.card_callback`, made with another implementation.
const SIGNATURE: &str = "2Fjjfce0BfPnU9CqeLfutGi/WaYty3XS2GHYct9Y4oM=";

pub(super) fn asking() -> Message {
    let mut message = message();
    let group = json!({"receiver": "ops", "status": "firing", "alerts": [], "group_labels": {}, "common_labels": {},
        "common_annotations": {}, "external_url": "", "group_key": "g", "truncated_alerts": 0, "reason": ""});
    let mut group: GroupView = serde_json::from_value(group).expect("a group");
    group.answer_token = "TOKEN".into();
    message.group = Some(Arc::new(group));
    message
}

async fn send(site: &Site, channel: &dyn Channel, message: &Message) -> Vec<Outcome> {
    let delivery = Delivery {
        message,
        targets: &channel.targets(),
        id: "bf_0123456789abcdef",
        attempt: 1,
        now: site.now,
    };
    channel.send(&delivery).await
}

#[tokio::test]
async fn a_card_is_delivered_once_to_each_and_its_presses_are_announced_first() {
    let mut site = site().await;
    let robot = &site.simulator.dingtalk_app().robot;
    robot.add_group("cid-ops");
    site.account["card_template_id"] = "tpl.schema".into();
    site.account["card_secret"] = SECRET.into();
    site.account["callback_url"] = "https://gw.example.com/callback/ding/T".into();
    let entry = json!({"via": "card", "conversation_id": "cid-ops", "to_user": "u1"});
    let channel = site.open(&entry);
    for _ in 0..2 {
        let outcomes = send(&site, &*channel, &asking()).await;
        assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    }
    let calls = robot.requests();
    let paths: Vec<&str> = calls
        .iter()
        .map(|call| call.target.rsplit('/').next().unwrap_or(""))
        .collect();
    assert_eq!(
        paths,
        [
            "register",
            "createAndDeliver",
            "createAndDeliver",
            "createAndDeliver",
            "createAndDeliver"
        ]
    );
    assert_eq!(
        robot.counts().accepted,
        2,
        "a second try finds the card there"
    );
    let card = calls[1].json();
    let key = card["callbackRouteKey"].as_str().expect("a route");
    let route = (
        "https://gw.example.com/callback/ding/T".to_owned(),
        SECRET.to_owned(),
    );
    assert_eq!(robot.card_route(key), Some(route));
    let variables = &card["cardData"]["cardParamMap"];
    assert_eq!(
        (&variables["token"], &variables["state"]),
        (&json!("TOKEN"), &json!("open"))
    );
    assert_eq!(variables["url"], "https://gw.example.com/?group=1");
    assert!(variables["text"].as_str().expect("a text").contains("db-1"));
}

#[tokio::test]
async fn a_card_without_ears_has_no_token_and_a_place_that_is_not_there_is_told() {
    let mut site = site().await;
    site.account["card_template_id"] = "tpl.schema".into();
    let channel = site.open(&json!({"via": "card", "conversation_id": "cid-gone"}));
    let outcomes = send(&site, &*channel, &asking()).await;
    let error = outcomes[0].clone().expect_err("nobody is there");
    assert_eq!(
        (error.kind, &*error.detail),
        (ErrorKind::Rejected, "the space is not there")
    );
    let card = site.simulator.dingtalk_app().robot.requests()[0].json();
    assert_eq!(card["cardData"]["cardParamMap"]["token"], "");
    assert_eq!(card.get("callbackType"), None);
    let account = json!({"client_id": "a", "client_secret": "b", "base_url": site.simulator.url()});
    let entry = json!({"via": "card", "to_dept": "7"});
    let problems = built(&account, &entry, SPEC.build)
        .err()
        .expect("no template");
    assert!(
        problems.iter().any(|one| one.contains("card_template_id")),
        "{problems:?}"
    );
    assert!(
        problems.iter().any(|one| one.starts_with("to_dept")),
        "{problems:?}"
    );
}

fn press(headers: &[(&str, &str)], body: &str, now: i64) -> Result<Option<Click>, CallbackError> {
    (CLICKS.read)(&CallbackRequest {
        url: "",
        headers,
        body: body.as_bytes(),
        account: &json!({"card_secret": SECRET}),
        now: Time::from_secs(now),
    })
}

#[test]
fn a_press_of_a_card_is_read_under_the_times_signature_and_the_answer_changes_the_card() {
    let content = |params: Value| {
        json!({"cardPrivateData": {"actionIds": ["1"], "params": params}}).to_string()
    };
    let call = |params: Value| {
        json!({"type": "actionCallback", "outTrackId": "c1", "corpId": "ding", "userId": "manager7675", "content": content(params)})
            .to_string()
    };
    let body = call(json!({"action": "acknowledge", "token": "TOKEN"}));
    let good = [
        ("x-ddpaas-signature-timestamp", STAMP),
        ("x-ddpaas-signature", SIGNATURE),
    ];
    let click = press(&good, &body, 1_795_249_800)
        .expect("signed")
        .expect("ours");
    assert_eq!(
        (&*click.deed, &*click.token, &*click.user),
        ("acknowledge", "TOKEN", "manager7675")
    );
    let words = "Acknowledged by 陈敏";
    let answer = |is_done| {
        let answer = (CLICKS.answer)(&click, &Reaction { words, is_done });
        serde_json::from_str::<Value>(&answer.body).expect("JSON")
    };
    let done = answer(true);
    assert_eq!(
        done["cardData"]["cardParamMap"],
        json!({"status": words, "state": "acknowledged"})
    );
    assert_eq!(done["cardUpdateOptions"]["updateCardDataByKey"], true);
    assert_eq!(
        answer(false),
        json!({"userPrivateData": {"cardParamMap": {"status": words}}})
    );
    for (headers, now) in [
        (&good[..1], 1_795_249_800),
        (&good[1..], 1_795_249_800),
        (&good[..], 1_795_250_101),
        (
            &[good[0], ("x-ddpaas-signature", "2Fjjfce0")][..],
            1_795_249_800,
        ),
    ] {
        let heard = press(headers, &body, now);
        assert!(
            matches!(heard, Err(CallbackError::Forged(_))),
            "{headers:?} {now}"
        );
    }
    for params in [
        json!({}),
        json!({"action": "reboot", "token": "T"}),
        json!({"action": "resolve"}),
    ] {
        assert_eq!(press(&good, &call(params), 1_795_249_800), Ok(None));
    }
    assert_eq!(press(&good, "{}", 1_795_249_800), Ok(None));
}
