//! The application against the vendor's fields and limits.

use std::time::Duration;

use reqwest::{Client, RequestBuilder};

use super::*;
use crate::mode::Mode;
use crate::simulator::Simulator;
use crate::tests::{json_of, started, text_of};

/// A simulator, a client and a token.
async fn opened() -> (Simulator, Client, String) {
    let (simulator, client) = started().await;
    let url = format!("{}/v1.0/oauth2/accessToken", simulator.url());
    let body = json!({"appKey": CLIENT_ID, "appSecret": CLIENT_SECRET});
    let answer = json_of(client.post(url).json(&body)).await;
    assert_eq!(answer["expireIn"], 7_200);
    let token = answer["accessToken"].as_str().expect("a token").to_owned();
    (simulator, client, token)
}

struct Caller {
    simulator: Simulator,
    client: Client,
    token: String,
}

impl Caller {
    async fn new() -> Self {
        let (simulator, client, token) = opened().await;
        Self {
            simulator,
            client,
            token,
        }
    }

    fn v1(&self, path: &str, body: &Value) -> RequestBuilder {
        let url = format!("{}/v1.0/{path}", self.simulator.url());
        let request = self.client.post(url).json(body);
        request.header("x-acs-dingtalk-access-token", &self.token)
    }

    /// Status and name of a call; the name is empty for a yes.
    async fn name(&self, path: &str, body: &Value) -> (u16, String) {
        let (status, text) = text_of(self.v1(path, body)).await;
        let answer: Value = serde_json::from_str(&text).expect("JSON");
        (
            status,
            answer["code"].as_str().unwrap_or_default().to_owned(),
        )
    }

    /// The same of a change of a card.
    async fn change(&self, body: &Value) -> (u16, String) {
        let url = format!("{}/v1.0/card/instances", self.simulator.url());
        let request = self.client.put(url).json(body);
        let request = request.header("x-acs-dingtalk-access-token", &self.token);
        let (status, text) = text_of(request).await;
        let answer: Value = serde_json::from_str(&text).expect("JSON");
        let yes = json!({"success": true, "result": true});
        assert!(status != 200 || answer == yes, "{answer}");
        (
            status,
            answer["code"].as_str().unwrap_or_default().to_owned(),
        )
    }

    async fn code(&self, path: &str, body: &Value) -> i64 {
        let base = self.simulator.url();
        let url = format!("{base}/topapi/{path}?access_token={}", self.token);
        let answer = json_of(self.client.post(url).json(body)).await;
        answer["errcode"].as_i64().expect("a code")
    }
}

#[tokio::test]
async fn both_calls_for_a_token_check_who_asks() {
    let (simulator, client, token) = opened().await;
    let ask = |path: &str, body: Value| {
        let request = client.post(format!("{}/v1.0/{path}", simulator.url()));
        json_of(request.json(&body))
    };
    let newest = format!("oauth2/{CORP_ID}/token");
    let body = json!({"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET,
        "grant_type": "client_credentials"});
    let same = ask(&newest, body.clone()).await;
    assert_eq!(
        (&same["access_token"], &same["expires_in"]),
        (&token.into(), &7_200.into())
    );
    let wrong = ask(
        "oauth2/accessToken",
        json!({"appKey": CLIENT_ID, "appSecret": "x"}),
    )
    .await;
    assert_eq!(wrong["code"], "invalidClientIdOrSecret");
    assert_eq!(
        ask("oauth2/other/token", body).await["code"],
        "invalid.client"
    );
    let body = json!({"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET});
    assert_eq!(ask(&newest, body).await["code"], "unsupported.grant.type");
}

#[tokio::test]
async fn a_work_notice_is_checked_and_its_words_reach_a_person_once_a_day() {
    let caller = Caller::new().await;
    let path = "message/corpconversation/asyncsend_v2";
    let notice = |text: &str| {
        json!({"agent_id": AGENT_ID, "userid_list": "u1,u2",
            "msg": {"msgtype": "markdown", "markdown": {"title": "t", "text": text}}})
    };
    let with = |name: &str, value: Value| {
        let mut body = notice("x");
        body[name] = value;
        body
    };
    let long = vec!["u"; notice::MAX_USERS + 1].join(",");
    for (body, code) in [
        (notice("x"), 0),
        (with("agent_id", 7.into()), 40_056),
        (with("userid_list", "".into()), 40_035),
        (with("userid_list", json!(["u1"])), 40_035),
        (with("userid_list", long.into()), 40_035),
        (with("userid_list", Value::Null), 40_035),
        (with("dept_id_list", "one".into()), 40_035),
        (with("msg", json!({"msgtype": "poem"})), 40_035),
        (
            with("msg", json!({"msgtype": "text", "text": {"content": " "}})),
            34_016,
        ),
        (notice(&"告".repeat(700)), 34_016),
    ] {
        assert_eq!(caller.code(path, &body).await, code, "{body}");
    }
    assert_eq!(caller.code(path, &notice("x")).await, 0);
    let desk = &caller.simulator.dingtalk_app().notice;
    let last = desk.requests().pop().expect("a request");
    assert_eq!(last.verdict, Verdict::Repeated);
    caller.simulator.dingtalk_app().org.set_people(&["u2"]);
    assert_eq!(
        caller.code(path, &with("userid_list", "u1".into())).await,
        33_012
    );
    assert_eq!(caller.code(path, &notice("y")).await, 0);
    let last = desk.requests().pop().expect("a request");
    assert_eq!(last.notes.len(), 1, "one of the two is not there");
    caller.simulator.dingtalk_app().token.expire_tokens();
    assert_eq!(caller.code(path, &notice("z")).await, 42_001);
}

#[tokio::test]
async fn the_robot_checks_its_code_its_receivers_and_its_parameters() {
    let caller = Caller::new().await;
    let path = "robot/oToMessages/batchSend";
    let parameters = json!({"title": "t", "text": "x"});
    let good = json!({"robotCode": CLIENT_ID, "userIds": ["u1"], "msgKey": "sampleMarkdown",
        "msgParam": parameters.to_string()});
    let with = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body
    };
    let long = json!({"title": "t", "text": "x".repeat(15_000)}).to_string();
    for (body, name) in [
        (good.clone(), ""),
        (
            with("robotCode", "other".into()),
            "invalidParameter.robotCode.notExsit",
        ),
        (with("userIds", json!([])), "miss.param"),
        (
            with("userIds", json!(vec!["u"; 21])),
            "invalidParameter.userIds.overMax",
        ),
        (
            with("msgKey", "poem".into()),
            "invalidParameter.msgKey.invalid",
        ),
        (with("msgParam", parameters), "miss.param"),
        (
            with("msgParam", "{}".into()),
            "invalidParameter.msgParam.invalid",
        ),
        (
            with("msgParam", long.into()),
            "invalidParameter.msgParam.tooLong",
        ),
    ] {
        assert_eq!(caller.name(path, &body).await.1, name, "{body}");
    }
    let url = format!("{}/v1.0/{path}", caller.simulator.url());
    let bare = json_of(caller.client.post(url).json(&good)).await;
    assert_eq!(bare["code"], "InvalidAuthentication");
    let unknown = json!({"robotCode": CLIENT_ID, "openConversationId": "cidX",
        "msgKey": "sampleText", "msgParam": "{\"content\":\"x\"}"});
    let refused = caller.name("robot/groupMessages/send", &unknown).await;
    assert_eq!(refused, (400, "invalid.openConversationId".to_owned()));
}

#[tokio::test]
async fn a_ding_checks_its_kind_its_voice_and_its_receivers() {
    let caller = Caller::new().await;
    let ding = |remind: u64, users: usize| {
        let users: Vec<String> = (0..users).map(|n| format!("u{n}")).collect();
        json!({"robotCode": CLIENT_ID, "remindType": remind, "receiverUserIdList": users,
            "content": "x"})
    };
    let with = |name: &str, value: Value| {
        let mut body = ding(3, 1);
        body[name] = value;
        body
    };
    for (body, name) in [
        (ding(1, 200), ""),
        (ding(1, 201), "ding.receivercount.limit"),
        (ding(3, 20), ""),
        (ding(2, 21), "ding.receivercount.limit"),
        (ding(4, 1), "invalidParameter.param.invalid"),
        (ding(3, 0), "miss.staffId"),
        (
            with("content", " ".into()),
            "invalidParameter.param.invalid",
        ),
        (with("content", Value::Null), "miss.param"),
        (
            with("callVoice", "Robot".into()),
            "invalidParameter.param.invalid",
        ),
        (with("robotCode", "other".into()), "invalid.chatbotId"),
    ] {
        assert_eq!(
            caller.name("robot/ding/send", &body).await.1,
            name,
            "{body}"
        );
    }
}

#[tokio::test]
async fn an_application_takes_twenty_calls_a_second() {
    let caller = Caller::new().await;
    let body = json!({"robotCode": CLIENT_ID, "remindType": 1, "receiverUserIdList": ["u1"],
        "content": "x"});
    for _ in 0..CALLS_PER_SECOND {
        assert_eq!(caller.name("robot/ding/send", &body).await.0, 200);
    }
    let (status, name) = caller.name("robot/ding/send", &body).await;
    assert_eq!(
        (status, name.ends_with("QpsLimitForAppkeyAndApi")),
        (403, true)
    );
    let clock = caller.simulator.clock().expect("its own");
    clock.advance(Duration::from_secs(1));
    assert_eq!(caller.name("robot/ding/send", &body).await.0, 200);
}

#[tokio::test]
async fn people_are_found_and_groups_are_made_of_them() {
    let caller = Caller::new().await;
    let org = &caller.simulator.dingtalk_app().org;
    org.set_people(&["u1", "u2"]);
    org.set_mobile("13800138000", "u1");
    let find = |mobile: &str| json!({"mobile": mobile});
    for (mobile, code) in [
        ("13800138000", 0),
        ("13900139000", 60_121),
        ("+86138", 40_104),
    ] {
        assert_eq!(
            caller.code("v2/user/getbymobile", &find(mobile)).await,
            code
        );
    }
    assert_eq!(
        caller.code("v2/user/get", &json!({"userid": "u3"})).await,
        60_121
    );
    let group =
        |name: &str, users: &[&str]| json!({"name": name, "owner": "u1", "useridlist": users});
    for (body, name) in [
        (group("ops", &["u1", "u2"]), ""),
        (group("", &["u1"]), "miss.param"),
        (group(&"长".repeat(21), &["u1"]), "invalidParameter.name"),
        (group("ops", &["u1", "u3"]), "staffId.notExisted"),
    ] {
        assert_eq!(
            caller.name("im/group/create", &body).await.1,
            name,
            "{body}"
        );
    }
    let scene =
        json!({"title": "ops", "owner_user_id": "u1", "user_ids": ["u2"], "template_id": "x"});
    assert_eq!(
        caller.name("im/sceneGroup/create", &scene).await.1,
        "template.stopped"
    );
}

#[tokio::test]
async fn scripted_refusals_have_the_form_of_their_api() {
    let caller = Caller::new().await;
    let app = caller.simulator.dingtalk_app();
    app.robot
        .fail_with(Mode::ErrCode(400, "group.disbanded".to_owned()));
    let refused = caller.name("robot/groupMessages/send", &json!({})).await;
    assert_eq!(refused, (400, "group.disbanded".to_owned()));
    app.robot.fail_with(Mode::ExpiredToken);
    let refused = caller.name("robot/ding/send", &json!({})).await;
    assert_eq!(refused.1, "InvalidAuthentication");
    app.notice.fail_with(Mode::RateLimited(1));
    let path = "message/corpconversation/asyncsend_v2";
    assert_eq!(caller.code(path, &json!({})).await, 90_018);
    app.notice.fail_with(Mode::ExpiredToken);
    assert_eq!(caller.code(path, &json!({})).await, 42_001);
}

#[tokio::test]
async fn a_card_is_changed_by_put_and_only_as_far_as_it_is_named() {
    let caller = Caller::new().await;
    let robot = &caller.simulator.dingtalk_app().robot;
    let made = json!({"cardTemplateId": "tpl", "outTrackId": "c1", "openSpaceId": "dtv1.card//IM_ROBOT.u1",
        "cardData": {"cardParamMap": {"title": "t", "state": "open"}},
        "imRobotOpenDeliverModel": {"spaceType": "IM_ROBOT", "robotCode": CLIENT_ID}});
    let delivered = caller.name("card/instances/createAndDeliver", &made).await;
    assert_eq!(delivered, (200, String::new()));
    let good = json!({"outTrackId": "c1", "cardData": {"cardParamMap": {"title": "u"}},
        "cardUpdateOptions": {"updateCardDataByKey": true}});
    let with = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body
    };
    for (body, name) in [
        (with("outTrackId", "c2".into()), "param.cardNotExist"),
        (with("outTrackId", "".into()), "param.outTrackIdEmpty"),
        (with("cardTemplateId", "tpl".into()), "param.invalid"),
        (
            with("cardUpdateOptions", json!({"byKey": true})),
            "param.invalid",
        ),
        (with("cardData", json!({"title": "u"})), "param.invalid"),
        (
            with("cardData", json!({"cardParamMap": {"title": 7}})),
            "param.cardParamMap",
        ),
        (
            with("cardData", Value::Null),
            "param.cardDataAndPrivateDataBothEmpty",
        ),
    ] {
        assert_eq!(caller.change(&body).await, (400, name.to_owned()), "{body}");
    }
    let posted = caller.name("card/instances", &good).await;
    assert_eq!(posted.0, 404, "it is no POST");
    let shows = |title: &str, state: Option<&str>| {
        let card = robot.card("c1").expect("a card");
        assert_eq!(card.get("title").map(String::as_str), Some(title));
        assert_eq!(card.get("state").map(String::as_str), state);
    };
    shows("t", Some("open"));
    assert_eq!(caller.change(&good).await.0, 200);
    shows("u", Some("open"));
    let whole = with("cardUpdateOptions", Value::Null);
    assert_eq!(caller.change(&whole).await.0, 200);
    shows("u", None);
    assert_eq!(robot.counts().accepted, 1, "a change is no message");
    robot.take_cards_back();
    assert_eq!(caller.change(&good).await.1, "param.cardNotExist");
}
