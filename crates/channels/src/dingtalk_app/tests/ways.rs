//! Each way against the simulated application.

use super::*;

#[tokio::test]
async fn a_work_notice_ends_in_its_id_so_that_a_second_try_is_not_read_twice() {
    let site = site().await;
    let app = site.simulator.dingtalk_app();
    let channel = site.open(&json!({"to_user": ["u1|u2"], "to_dept": "7"}));
    for task in [256_271_667_526_i64, 256_271_667_527] {
        let told = ["u1", "u2", "dept:7"].map(|who| format!("{who} ok {task}"));
        assert_eq!(site.send(&*channel).await, told);
    }
    let requests = app.notice.requests();
    let body = requests[0].json();
    assert_eq!(body["userid_list"], "u1,u2");
    assert_eq!(body["dept_id_list"], "7");
    let text = body["msg"]["markdown"]["text"].as_str().expect("a text");
    assert!(text.ends_with("\n\nbf_01234567"), "{text}");
    assert_eq!(app.notice.counts().accepted, 1);
    assert_eq!(requests[0].body, requests[1].body);
    assert_eq!(app.token.counts().requests, 1, "the token is kept");
}

#[tokio::test]
async fn a_card_has_a_short_button_and_a_text_has_no_markup() {
    let site = site().await;
    let card = site.open(&json!({"to_user": "u1", "message_type": "action_card"}));
    assert_eq!(site.send(&*card).await, ["u1 ok 256271667526"]);
    let text = site.open(&json!({"to_user": "u1", "message_type": "text"}));
    assert_eq!(site.send(&*text).await, ["u1 ok 256271667527"]);
    let requests = site.simulator.dingtalk_app().notice.requests();
    let card = &requests[0].json()["msg"]["action_card"];
    assert_eq!(card["single_url"], "https://gw.example.com/?group=1");
    let button = card["single_title"].as_str().expect("words");
    assert!(
        button.chars().count() <= 20 && button.ends_with('…'),
        "{button}"
    );
    let text = requests[1].json()["msg"]["text"]["content"].to_string();
    assert!(
        text.contains("实例: db-1") && !text.contains("**"),
        "{text}"
    );
}

#[tokio::test]
async fn a_stale_token_is_dropped_and_the_next_try_has_a_new_one() {
    let site = site().await;
    let app = site.simulator.dingtalk_app();
    let channel = site.open(&json!({"via": "ding_app", "to_user": "u1"}));
    assert_eq!(site.send(&*channel).await, ["u1 ok sim-ding-1"]);
    app.token.expire_tokens();
    let stale = site.send(&*channel).await;
    assert!(
        stale[0].starts_with("u1 stale_credential: InvalidAuthentication"),
        "{stale:?}"
    );
    assert_eq!(site.send(&*channel).await, ["u1 ok sim-ding-2"]);
    assert_eq!(app.token.counts().requests, 2);
}

#[tokio::test]
async fn with_a_corp_id_tokens_come_from_the_newest_call() {
    let mut site = site().await;
    let token = &site.simulator.dingtalk_app().token;
    site.account["corp_id"] = token.corp_id().into();
    let channel = site.open(&json!({"via": "robot", "to_user": "u1"}));
    assert_eq!(site.send(&*channel).await, ["u1 ok sim-query-1"]);
    let asked = site.simulator.dingtalk_app().token.requests();
    assert_eq!(asked[0].target, "/v1.0/oauth2/dingcorp0123456789ab/token");
    site.account["client_secret"] = "s3cret-but-wrong".into();
    let channel = site.open(&json!({"via": "robot", "to_user": "u1"}));
    let refused = channel.check(site.now).await.expect_err("a wrong secret");
    assert_eq!(refused.kind, ErrorKind::Misconfigured);
    assert!(!format!("{refused:?}").contains("s3cret"), "{refused:?}");
}

#[tokio::test]
async fn numbers_are_looked_up_once_and_each_has_an_outcome_of_its_own() {
    let site = site().await;
    let app = site.simulator.dingtalk_app();
    app.org.set_mobile("13800138000", "u7");
    let receiver = json!({"via": "robot", "to_mobile": "+8613800138000, 13900139000"});
    let channel = site.open(&receiver);
    for _ in 0..2 {
        let told = site.send(&*channel).await;
        assert!(
            told[0].starts_with("+8613800138000 ok sim-query-"),
            "{told:?}"
        );
        assert_eq!(told[1], "13900139000 rejected: 60121 找不到该用户");
    }
    let asked = app.org.requests();
    assert_eq!(
        asked.len(),
        3,
        "the one that was found is not asked for again"
    );
    assert_eq!(app.robot.requests()[0].json()["userIds"], json!(["u7"]));
    // Somebody else has the number now.
    app.org.set_people(&["u8"]);
    app.org.set_mobile("13800138000", "u8");
    let refused = site.send(&*channel).await;
    assert!(refused[0].contains("staffId.notExisted"), "{refused:?}");
    let told = site.send(&*channel).await;
    assert!(told[0].starts_with("+8613800138000 ok"), "{told:?}");
}

#[tokio::test]
async fn a_robots_message_names_those_it_did_not_reach() {
    let site = site().await;
    let app = site.simulator.dingtalk_app();
    app.org.set_people(&["u1", "u2"]);
    app.robot.set_slowed(&["u2"]);
    let channel = site.open(&json!({"via": "robot", "to_user": "u1,u2,u3"}));
    assert_eq!(
        site.send(&*channel).await,
        [
            "u1 ok sim-query-1",
            "u2 rate_limited: flowControlledStaffIdList: u2",
            "u3 rejected: invalidStaffIdList: u3",
        ]
    );
    let body = app.robot.requests()[0].json();
    assert_eq!(body["msgKey"], "sampleMarkdown");
    let parameters = body["msgParam"].as_str().expect("JSON in a text");
    let parameters: Value = serde_json::from_str(parameters).expect("JSON");
    assert_eq!(parameters["title"], "[FIRING:1] 磁盘将满");
}

#[tokio::test]
async fn each_group_has_a_message_and_an_outcome() {
    let site = site().await;
    let app = site.simulator.dingtalk_app();
    app.robot.add_group("cidA==");
    app.robot.add_group("cidB==");
    app.robot.disband("cidB==");
    let receiver = json!({"via": "group", "conversation_id": ["cidA==", "cidB=="],
        "message_type": "action_card"});
    let channel = site.open(&receiver);
    let told = site.send(&*channel).await;
    assert!(told[0].starts_with("cidA== ok sim-query-"), "{told:?}");
    assert_eq!(told[1], "cidB== misconfigured: group.disbanded: cidB==");
    let bodies: Vec<Value> = app
        .robot
        .requests()
        .iter()
        .map(balefire_testkit::Received::json)
        .collect();
    assert!(
        bodies
            .iter()
            .all(|body| body["msgKey"] == "sampleActionCard")
    );
}

#[tokio::test]
async fn a_ding_goes_by_app_sms_and_phone_and_names_those_it_did_not_reach() {
    let site = site().await;
    let app = site.simulator.dingtalk_app();
    app.org.set_people(&["u1"]);
    for (via, number) in [("ding_app", 1), ("ding_sms", 2), ("ding_phone", 3)] {
        let channel = site.open(&json!({"via": via, "to_user": "u1,u2"}));
        let told = site.send(&*channel).await;
        assert_eq!(told[0], format!("u1 ok sim-ding-{number}"));
        assert_eq!(told[1], "u2 rejected: failedList: u2: 员工不存在");
        let body = app.robot.requests().pop().expect("a request").json();
        assert_eq!(body["remindType"], number);
        let content = body["content"].as_str().expect("a text");
        let heard = !content.contains("http") && !content.contains('🔴');
        assert_eq!(heard, number == 3, "{content}");
        assert!(
            content.contains("[FIRING:1] 磁盘将满") && content.contains("db-1"),
            "{content}"
        );
    }
    let receiver =
        json!({"via": "ding_phone", "to_user": "u1", "call_voice": "Standard_Male_Voice"});
    site.send(&*site.open(&receiver)).await;
    let body = app.robot.requests().pop().expect("a request").json();
    assert_eq!(body["callVoice"], "Standard_Male_Voice");
}

#[tokio::test]
async fn used_up_credit_says_what_to_buy() {
    let site = site().await;
    site.simulator.dingtalk_app().robot.set_ding_credit(1);
    let channel = site.open(&json!({"via": "ding_phone", "to_user": "u1"}));
    assert_eq!(site.send(&*channel).await, ["u1 ok sim-ding-1"]);
    let targets = channel.targets();
    let delivery = Delivery {
        message: &message(),
        targets: &targets,
        id: "bf_01234567",
        attempt: 1,
        now: site.now,
    };
    let error = channel
        .send(&delivery)
        .await
        .remove(0)
        .expect_err("no credit");
    assert_eq!(error.kind, ErrorKind::Misconfigured);
    assert!(error.fix.contains("增值服务"), "{}", error.fix);
}

#[tokio::test]
async fn a_way_of_the_current_api_that_is_cut_off_has_an_unknown_outcome() {
    let site = site().await;
    let robot = &site.simulator.dingtalk_app().robot;
    let channel = site.open(&json!({"via": "ding_phone", "to_user": "u1"}));
    for mode in [Mode::ResetAfterBody, Mode::HalfReply, Mode::HugeBody] {
        robot.fail_with(mode.clone());
        let told = site.send(&*channel).await;
        assert!(
            told[0].starts_with("u1 unknown_outcome"),
            "{mode:?}: {told:?}"
        );
    }
    // Nothing was sent by a question that was cut off.
    robot.heal();
    let org = &site.simulator.dingtalk_app().org;
    org.fail_with(Mode::ResetAfterBody);
    let channel = site.open(&json!({"via": "ding_phone", "to_mobile": "13800138000"}));
    let told = site.send(&*channel).await;
    assert!(told[0].starts_with("13800138000 transient"), "{told:?}");
}

#[tokio::test]
async fn who_has_a_work_notice_and_has_read_it_is_asked_by_another_entry() {
    let site = site().await;
    let app = site.simulator.dingtalk_app();
    app.org.set_people(&["u1", "u2", "u3", "u7"]);
    app.org.set_mobile("13800138000", "u7");
    app.notice.set_reading(&["u1"]);
    app.notice.set_shielded(&["u3"], 143_105);
    let entry = json!({"to_user": "u1|u2|u3|gone", "to_mobile": "13800138000", "to_dept": "7"});
    let channel = site.open(&entry);
    assert_eq!(
        site.send(&*channel).await[3],
        "gone ok 256271667526",
        "all of them are a yes"
    );
    let place = channel.inquires().expect("it can be asked");
    let asking = site.open(&place);
    let told = fates(&site, (&*asking, &*channel), "256271667526").await;
    assert_eq!(told[0], "u1 Read read_user_id_list: read");
    assert_eq!(told[1], "u2 Delivered unread_user_id_list: not read yet");
    assert!(
        told[2].starts_with("u3 Refused 143105: this person has had as many"),
        "{told:?}"
    );
    assert!(
        told[3].starts_with("gone Refused invalid_user_id_list"),
        "{told:?}"
    );
    assert_eq!(
        told[4],
        "13800138000 Delivered unread_user_id_list: not read yet"
    );
    assert_eq!(
        told[5], "dept:7 nothing",
        "departments are not in the lists"
    );
    // A second try of the same notice is no refusal: they had it.
    site.send(&*channel).await;
    let again = fates(&site, (&*channel, &*channel), "256271667527").await;
    assert!(again[0].starts_with("u1 Delivered 143106"), "{again:?}");

    let question = Question {
        provider_id: "7",
        targets: &[],
        now: site.now,
    };
    let error = channel
        .inquire(&question)
        .await
        .expect_err("no such notice");
    assert!(error.detail.contains("40035"), "{error}");
    for other in [
        json!({"to_user": "u1", "via": "robot"}),
        json!({"to_user": "u1", "via": "ding_app"}),
    ] {
        assert_eq!(site.open(&other).inquires(), None);
    }
    let mut quiet = site;
    quiet.account["receipts"] = false.into();
    assert_eq!(quiet.open(&json!({"to_user": "u1"})).inquires(), None);
}

/// What became of a notice, as one channel asks it of those that the other names; a line for each.
async fn fates(
    site: &Site,
    (asking, named): (&dyn Channel, &dyn Channel),
    task: &str,
) -> Vec<String> {
    let targets = named.targets();
    let question = Question {
        provider_id: task,
        targets: &targets,
        now: site.now,
    };
    let fates = asking.inquire(&question).await.expect("an answer");
    let shown = targets.iter().zip(fates).map(|(target, fate)| match fate {
        Some(fate) => format!("{} {:?} {}", target.label, fate.said, fate.detail),
        None => format!("{} nothing", target.label),
    });
    shown.collect()
}
