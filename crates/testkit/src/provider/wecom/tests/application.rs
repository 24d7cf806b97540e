//! The application: tokens, receivers, limits, groups.

use super::*;

fn token_url(simulator: &Simulator, corp_id: &str, secret: &str) -> String {
    format!(
        "{}/cgi-bin/gettoken?corpid={corp_id}&corpsecret={secret}",
        simulator.url()
    )
}

async fn fresh_token(simulator: &Simulator, client: &Client) -> String {
    let reply = json_of(client.get(token_url(simulator, CORP_ID, CORP_SECRET))).await;
    assert_eq!(reply["errcode"], 0, "{reply}");
    reply["access_token"].as_str().expect("a token").to_owned()
}

fn send_url(simulator: &Simulator, token: &str) -> String {
    format!(
        "{}/cgi-bin/message/send?access_token={token}",
        simulator.url()
    )
}

fn to(user: &str) -> Value {
    json!({"touser": user, "msgtype": "text", "agentid": AGENT_ID, "text": {"content": "x"}})
}

fn with(mut body: Value, key: &str, value: Value) -> Value {
    body[key] = value;
    body
}

#[tokio::test]
async fn a_token_is_the_same_for_two_hours_and_then_another() {
    let (simulator, client) = started().await;
    let clock = simulator.clock().expect("its own");
    let first = fresh_token(&simulator, &client).await;
    clock.advance(Duration::from_secs(7_199));
    let url = token_url(&simulator, CORP_ID, CORP_SECRET);
    let again = json_of(client.get(&url)).await;
    assert_eq!(
        (again["access_token"].as_str(), &again["expires_in"]),
        (Some(&*first), &json!(1))
    );
    assert_eq!(
        code_of(&client, &send_url(&simulator, &first), &to("u1")).await,
        0
    );
    clock.advance(Duration::from_secs(1));
    assert_eq!(
        code_of(&client, &send_url(&simulator, &first), &to("u1")).await,
        42_001
    );
    let second = fresh_token(&simulator, &client).await;
    assert_ne!(first, second);
    assert_eq!(
        code_of(&client, &send_url(&simulator, &second), &to("u1")).await,
        0
    );
    assert_eq!(simulator.wecom_token().counts().requests, 3);
    assert_eq!(simulator.wecom_app().counts().accepted, 2);
}

#[tokio::test]
async fn credentials_and_tokens_are_refused_with_their_own_codes() {
    let (simulator, client) = started().await;
    let code = async |url: String| json_of(client.get(url)).await["errcode"].clone();
    assert_eq!(
        code(token_url(&simulator, "wwother", CORP_SECRET)).await,
        40_013
    );
    assert_eq!(code(token_url(&simulator, CORP_ID, "wrong")).await, 40_001);
    let path = format!("{}/cgi-bin/gettoken", simulator.url());
    assert_eq!(code(format!("{path}?corpsecret=x")).await, 41_002);
    assert_eq!(code(format!("{path}?corpid={CORP_ID}")).await, 41_004);

    let token = fresh_token(&simulator, &client).await;
    let url = send_url(&simulator, &token);
    let none = format!("{}/cgi-bin/message/send", simulator.url());
    assert_eq!(code_of(&client, &none, &to("u1")).await, 41_001);
    assert_eq!(
        code_of(&client, &send_url(&simulator, "made-up"), &to("u1")).await,
        40_014
    );
    simulator.wecom_app().expire_tokens();
    assert_eq!(code_of(&client, &url, &to("u1")).await, 42_001);
    let token = fresh_token(&simulator, &client).await;
    simulator.wecom_app().forget_tokens();
    assert_eq!(
        code_of(&client, &send_url(&simulator, &token), &to("u1")).await,
        40_014
    );
}

#[tokio::test]
async fn a_scripted_expiry_ends_the_tokens_life_and_a_new_one_works() {
    let (simulator, client) = started().await;
    let token = fresh_token(&simulator, &client).await;
    let url = send_url(&simulator, &token);
    simulator.wecom_app().fail_times(Mode::ExpiredToken, 1);
    assert_eq!(code_of(&client, &url, &to("u1")).await, 42_001);
    assert_eq!(
        code_of(&client, &url, &to("u1")).await,
        42_001,
        "the old token stays dead"
    );
    let token = fresh_token(&simulator, &client).await;
    assert_eq!(
        code_of(&client, &send_url(&simulator, &token), &to("u1")).await,
        0
    );
}

#[tokio::test]
async fn unknown_and_unlicensed_members_come_back_in_a_reply_that_is_ok() {
    let (simulator, client) = started().await;
    let app = simulator.wecom_app();
    app.set_members(&["ZhangSan", "lisi", "wangwu"]);
    app.set_unlicensed(&["wangwu"]);
    let url = send_url(&simulator, &fresh_token(&simulator, &client).await);
    let reply = json_of(client.post(&url).json(&to("zhangsan|Nobody|WangWu"))).await;
    assert_eq!(reply["errcode"], 0);
    assert_eq!(reply["invaliduser"], "nobody");
    assert_eq!(reply["unlicenseduser"], "wangwu");
    assert_eq!(code_of(&client, &url, &to("nobody|noone")).await, 81_013);
    assert_eq!(code_of(&client, &url, &to("@all")).await, 0);
    assert_eq!(app.counts().accepted, 2);
}

#[tokio::test]
async fn receivers_agent_and_switches_are_checked() {
    let (simulator, client) = started().await;
    let url = send_url(&simulator, &fresh_token(&simulator, &client).await);
    let many = |count: usize| vec!["u"; count].join("|");
    let bare = json!({"msgtype": "text", "text": {"content": "x"}});
    for (body, code) in [
        (to(&many(1_000)), 0),
        (to(&many(1_001)), 40_058),
        (with(to(""), "toparty", many(100).into()), 0),
        (with(to(""), "totag", many(101).into()), 40_058),
        (to(""), 40_063),
        (with(to("u1"), "touser", json!(["u1"])), 40_035),
        (with(bare.clone(), "touser", "u1".into()), 41_011),
        (with(to("u1"), "agentid", json!("1000002")), 40_056),
        (with(to("u1"), "agentid", json!(7)), 40_056),
        (with(to("u1"), "safe", json!(2)), 40_035),
        (
            with(to("u1"), "duplicate_check_interval", json!(14_401)),
            40_035,
        ),
        (with(to("u1"), "msgtype", json!("markdown_v2")), 40_008),
    ] {
        let reply = json_of(client.post(&url).json(&body)).await;
        assert_eq!(
            reply["errcode"],
            code,
            "{reply} {}",
            &body.to_string()[..80]
        );
    }
}

#[tokio::test]
async fn an_applications_texts_are_cut_or_refused_by_bytes() {
    let (simulator, client) = started().await;
    let url = send_url(&simulator, &fresh_token(&simulator, &client).await);
    let of = |kind: &str, words: String| {
        with(
            with(to("@all"), "msgtype", kind.into()),
            kind,
            json!({"content": words}),
        )
    };
    assert_eq!(
        code_of(&client, &url, &of("text", "x".repeat(2_048))).await,
        0
    );
    assert_eq!(
        code_of(&client, &url, &of("text", "x".repeat(2_049))).await,
        0
    );
    assert_eq!(
        code_of(&client, &url, &of("markdown", "x".repeat(2_048))).await,
        0
    );
    assert_eq!(
        code_of(&client, &url, &of("markdown", "x".repeat(2_049))).await,
        45_002
    );
    let received = simulator.wecom_app().received();
    let noted: Vec<usize> = received
        .iter()
        .map(|received| received.notes.len())
        .collect();
    assert_eq!(noted, [0, 1, 0]);
    assert_eq!(received[1].notes, ["the text of 2049 bytes is cut at 2048"]);

    let card = |title: usize, description: usize| {
        let card = json!({"title": "t".repeat(title), "description": "d".repeat(description),
            "url": "https://a.example", "btntxt": "详情四字"});
        with(
            with(to("@all"), "msgtype", "textcard".into()),
            "textcard",
            card,
        )
    };
    assert_eq!(code_of(&client, &url, &card(128, 512)).await, 0);
    assert_eq!(code_of(&client, &url, &card(129, 512)).await, 40_058);
    assert_eq!(code_of(&client, &url, &card(128, 513)).await, 40_058);
}

#[tokio::test]
async fn interactive_cards_need_a_task_and_buttons_and_give_a_response_code() {
    let (simulator, client) = started().await;
    let url = send_url(&simulator, &fresh_token(&simulator, &client).await);
    let card = |task: &str, buttons: usize| {
        let button = json!({"text": "Ack", "style": 1, "key": "ack"});
        let card = json!({"card_type": "button_interaction", "main_title": {"title": "P1"},
            "task_id": task, "button_list": vec![button; buttons]});
        with(
            with(to("@all"), "msgtype", "template_card".into()),
            "template_card",
            card,
        )
    };
    let reply = json_of(client.post(&url).json(&card("alert-42_a@b", 6))).await;
    assert_eq!(
        (&reply["errcode"], reply["response_code"].is_string()),
        (&json!(0), true)
    );
    assert_eq!(code_of(&client, &url, &card("alert 42", 1)).await, 40_035);
    assert_eq!(
        code_of(&client, &url, &card(&"t".repeat(129), 1)).await,
        40_035
    );
    assert_eq!(code_of(&client, &url, &card("t", 7)).await, 40_058);
    assert_eq!(code_of(&client, &url, &card("t", 0)).await, 40_063);
}

#[tokio::test]
async fn the_same_body_is_shown_once_within_the_duplicate_interval() {
    let (simulator, client) = started().await;
    let url = send_url(&simulator, &fresh_token(&simulator, &client).await);
    let body = with(to("u1"), "enable_duplicate_check", json!(1));
    let body = with(body, "duplicate_check_interval", json!(600));
    assert_eq!(code_of(&client, &url, &body).await, 0);
    assert_eq!(code_of(&client, &url, &body).await, 0);
    assert_eq!(simulator.wecom_app().counts().accepted, 1);
    simulator
        .clock()
        .expect("its own")
        .advance(Duration::from_mins(10));
    assert_eq!(code_of(&client, &url, &body).await, 0);
    assert_eq!(simulator.wecom_app().counts().accepted, 2);
}

#[tokio::test]
async fn the_thirty_first_message_of_a_minute_to_one_member_is_dropped_without_a_word() {
    let (simulator, client) = started().await;
    let url = send_url(&simulator, &fresh_token(&simulator, &client).await);
    for _ in 0..=MEMBER_PER_MINUTE {
        assert_eq!(code_of(&client, &url, &to("u1")).await, 0);
    }
    assert_eq!(code_of(&client, &url, &to("u1|u2")).await, 0);
    let requests = simulator.wecom_app().requests();
    let last_two: Vec<_> = requests[MEMBER_PER_MINUTE..]
        .iter()
        .map(|r| r.verdict.clone())
        .collect();
    assert_eq!(last_two, [Verdict::Dropped, Verdict::Accepted]);
    assert_eq!(
        requests[MEMBER_PER_MINUTE + 1].notes.len(),
        1,
        "u1 does not see the last one"
    );
}

#[tokio::test]
async fn a_group_must_have_been_made_before_it_is_written_to() {
    let (simulator, client) = started().await;
    let token = fresh_token(&simulator, &client).await;
    let url = |call: &str| {
        format!(
            "{}/cgi-bin/appchat/{call}?access_token={token}",
            simulator.url()
        )
    };
    let message = |id: &Value| with(text("x"), "chatid", id.clone());
    assert_eq!(
        code_of(&client, &url("send"), &message(&"ops".into())).await,
        86_001
    );
    for (body, code) in [
        (json!({"userlist": ["u1"]}), 86_006),
        (json!({"userlist": ["u1", 2]}), 86_007),
        (json!({"userlist": ["u1", "u2"], "owner": "u3"}), 86_005),
        (
            json!({"userlist": ["u1", "u2"], "chatid": "with blank"}),
            86_001,
        ),
        (
            json!({"userlist": ["u1", "u2"], "owner": "u1", "chatid": "ops"}),
            0,
        ),
        (json!({"userlist": ["u1", "u2"], "chatid": "ops"}), 86_001),
    ] {
        assert_eq!(
            code_of(&client, &url("create"), &body).await,
            code,
            "{body}"
        );
    }
    let made = json_of(
        client
            .post(url("create"))
            .json(&json!({"userlist": ["u1", "u2"]})),
    )
    .await;
    assert_eq!(
        code_of(&client, &url("send"), &message(&made["chatid"])).await,
        0
    );
    assert_eq!(
        code_of(&client, &url("send"), &message(&"ops".into())).await,
        0
    );
    assert_eq!(simulator.wecom_app().counts().accepted, 2);
}
