//! The platforms against what their pages say.

use serde_json::{Value, json};

use crate::tests::{json_of, started};

#[tokio::test]
async fn telegram_checks_token_chat_markup_and_length() {
    let (simulator, client) = started().await;
    let desk = &simulator.chats().telegram;
    desk.set_chats(&["7", "-100"]);
    let post = |token: &str, body: Value| {
        let url = format!("{}/bot{token}/sendMessage", simulator.url());
        json_of(client.post(url).json(&body))
    };
    let text = |text: &str| json!({"chat_id": 7, "parse_mode": "HTML", "text": text});
    for (body, code) in [
        (text("<b>x</b> &lt;"), 0),
        (text("<b>x"), 400),
        (text("<div>x</div>"), 400),
        (text(" "), 400),
        (text(&"x".repeat(4_097)), 400),
        (text(&"🔴".repeat(2_049)), 400),
        (text(&format!("<b>{}</b>", "x".repeat(4_096))), 0),
        (json!({"chat_id": 8, "text": "x"}), 400),
        (json!({"chat_id": "7", "text": "x"}), 400),
        (json!({"text": "x"}), 400),
        (
            json!({"chat_id": 7, "text": "x", "reply_parameters": {"message_id": 99}}),
            400,
        ),
    ] {
        let answer = post(desk.token(), body.clone()).await;
        assert_eq!(
            answer["error_code"].as_u64().unwrap_or(0),
            code,
            "{body}: {answer}"
        );
    }
    assert_eq!(post("1:x", text("x")).await["error_code"], 401);
    for _ in 0..super::telegram::PER_MINUTE {
        let answer = post(desk.token(), json!({"chat_id": -100, "text": "x"})).await;
        assert_eq!(answer["ok"], true, "{answer}");
    }
    let answer = post(desk.token(), json!({"chat_id": -100, "text": "x"})).await;
    assert!(answer["parameters"]["retry_after"].is_u64(), "{answer}");
}

#[tokio::test]
async fn discord_checks_the_webhook_and_every_length() {
    let (simulator, client) = started().await;
    let desk = &simulator.chats().discord;
    let url = desk.url();
    let post = |url: &str, body: &Value| json_of(client.post(url).json(body));
    let waiting = format!("{url}?wait=true");
    let embed = |embed: Value| json!({"embeds": [embed]});
    for (body, code) in [
        (json!({"content": "x"}), Value::Null),
        (json!({"content": ""}), json!(50_006)),
        (json!({"content": "x".repeat(2_001)}), json!(50_035)),
        (embed(json!({"title": "x".repeat(257)})), json!(50_035)),
        (
            embed(json!({"description": "x".repeat(4_097)})),
            json!(50_035),
        ),
        (embed(json!({"title": "x", "color": "red"})), json!(50_035)),
        (
            json!({"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}}),
            json!(50_035),
        ),
    ] {
        assert_eq!(post(&waiting, &body).await["code"], code, "{body}");
    }
    let good = json!({"content": "x"});
    let wrong = format!("{}/api/webhooks/1/x", simulator.url());
    assert_eq!(post(&wrong, &good).await["code"], 10_015);
    assert_eq!(post(&format!("{url}x"), &good).await["code"], 50_027);
    for _ in 1..super::discord::CALLS {
        assert!(post(&waiting, &good).await["id"].is_string());
    }
    let answer = post(&waiting, &good).await;
    assert!(answer["retry_after"].is_f64(), "{answer}");
}

#[tokio::test]
async fn teams_checks_the_signature_and_shows_only_cards() {
    let (simulator, client) = started().await;
    let desk = &simulator.chats().teams;
    let card = |content: Value| {
        json!({"attachments": [{"contentType": "application/vnd.microsoft.card.adaptive",
            "content": content}]})
    };
    let good = json!({"type": "AdaptiveCard", "version": "1.4",
        "body": [{"type": "TextBlock", "text": "x"}]});
    let mut red = good.clone();
    red["body"][0]["color"] = "red".into();
    let url = desk.url();
    let unsigned = url.replace("&sig=", "&sig=x");
    let elsewhere = url.replace("0123456789abcdef/", "x/");
    let changed = url.replace("%2F", "/");
    let large = card(json!({"x": "y".repeat(super::teams::MAX_BODY)}));
    for (url, body, status) in [
        (&unsigned, &card(good.clone()), 401),
        (&elsewhere, &card(good.clone()), 404),
        (&changed, &card(good.clone()), 400),
        (&url, &large, 413),
        (&url, &json!({"text": "x"}), 202),
        (&url, &card(red), 202),
        (&url, &card(good.clone()), 202),
    ] {
        let reply = client.post(url).json(body).send().await.expect("an answer");
        assert_eq!(reply.status(), status, "{url}");
    }
    assert_eq!(
        desk.received().len(),
        1,
        "a body without a card is shown to nobody"
    );
    let reply = client.post(&url).json(&card(good)).send().await;
    assert_eq!(reply.expect("an answer").status(), 202);
    let reply = client.post(&url).json(&json!({})).send().await;
    assert_eq!(reply.expect("an answer").status(), 429);
}

#[tokio::test]
async fn mattermost_checks_key_token_and_the_parts_of_a_message() {
    let (simulator, client) = started().await;
    let hook = simulator.chats().mattermost.url();
    let long = "x".repeat(super::mattermost::MAX_TEXT + 1);
    for (body, status) in [
        (json!({"text": "x"}), 200),
        (json!({"attachments": [{"text": "x"}]}), 200),
        (json!({}), 400),
        (json!({"text": 7}), 400),
        (json!({"text": long}), 400),
        (json!({"attachments": [{"text": 7}]}), 400),
        (json!({"text": "x", "priority": {"priority": "high"}}), 400),
    ] {
        let reply = client.post(&hook).json(&body).send().await;
        assert_eq!(reply.expect("an answer").status(), status, "{body}");
    }
    let reply = client.post(format!("{hook}x")).json(&json!({"text": "x"}));
    let answer = json_of(reply).await;
    assert_eq!(answer["id"], "web.incoming_webhook.invalid.app_error");

    let bot = &simulator.chats().mattermost_bot;
    let post = |token: &str, body: Value| {
        let url = format!("{}/api/v4/posts", simulator.url());
        json_of(client.post(url).bearer_auth(token).json(&body))
    };
    let channel = "4xp9fdt77pncbef59f4k1qe83o";
    let good = json!({"channel_id": channel, "message": "x"});
    let sent = post(bot.token(), good.clone()).await;
    let answer = json!({"channel_id": channel, "message": "x", "root_id": sent["id"]});
    assert!(post(bot.token(), answer.clone()).await["id"].is_string());
    bot.delete_all();
    for (token, body, status) in [
        (bot.token(), answer, 400),
        (
            bot.token(),
            json!({"channel_id": "town-square", "message": "x"}),
            400,
        ),
        ("x", good, 401),
    ] {
        assert_eq!(
            post(token, body.clone()).await["status_code"],
            status,
            "{body}"
        );
    }
}

#[tokio::test]
async fn google_chat_checks_key_token_and_widgets_and_knows_an_id_again() {
    let (simulator, client) = started().await;
    let url = simulator.chats().googlechat.url();
    let post = |url: String, body: &Value| json_of(client.post(url).json(body));
    let widget =
        |widget: Value| json!({"cardsV2": [{"card": {"sections": [{"widgets": [widget]}]}}]});
    let good = json!({"text": "x"});
    for (url, body, code) in [
        (url.replace("key=", "key=x"), good.clone(), 403),
        (url.replace("token=", "token=x"), good.clone(), 401),
        (url.replace("AAAA", "B"), good.clone(), 404),
        (url.clone(), json!({}), 400),
        (
            url.clone(),
            json!({"text": "x".repeat(super::googlechat::MAX_BYTES)}),
            400,
        ),
        (url.clone(), widget(json!({"poem": {}})), 400),
        (
            url.clone(),
            widget(json!({"textParagraph": {"text": ""}})),
            400,
        ),
        (format!("{url}&messageReplyOption=MAYBE"), good.clone(), 400),
    ] {
        assert_eq!(post(url, &body).await["error"]["code"], code, "{body}");
    }
    let first = post(format!("{url}&requestId=a"), &good).await;
    assert_eq!(post(format!("{url}&requestId=a"), &good).await, first);
    assert!(post(format!("{url}&requestId=b"), &good).await["name"].is_string());
    let answer = post(url, &good).await;
    assert_eq!(answer["error"]["status"], "RESOURCE_EXHAUSTED");
}

#[tokio::test]
async fn matrix_wants_a_token_a_joined_room_and_a_whole_event() {
    let (simulator, client) = started().await;
    let desk = &simulator.chats().matrix;
    let base = format!("{}/_matrix/client/v3", simulator.url());
    let room = "%21r%3Aexample.org";
    let put = |token: &str, transaction: &str, body: &Value| {
        let url = format!("{base}/rooms/{room}/send/m.room.message/{transaction}");
        json_of(client.put(url).bearer_auth(token).json(body))
    };
    let good = json!({"msgtype": "m.text", "body": "x"});
    assert_eq!(
        put(desk.token(), "a", &good).await["errcode"],
        "M_FORBIDDEN"
    );
    let join = client
        .post(format!("{base}/join/{room}"))
        .bearer_auth(desk.token());
    assert_eq!(
        json_of(join.json(&json!({}))).await["room_id"],
        "!r:example.org"
    );
    for (token, body, name) in [
        ("x", good.clone(), "M_UNKNOWN_TOKEN"),
        (
            desk.token(),
            json!({"msgtype": "m.text", "body": ""}),
            "M_BAD_JSON",
        ),
        (
            desk.token(),
            json!({"msgtype": "poem", "body": "x"}),
            "M_BAD_JSON",
        ),
        (
            desk.token(),
            json!({"msgtype": "m.text", "body": "x".repeat(super::matrix::MAX_EVENT)}),
            "M_TOO_LARGE",
        ),
    ] {
        assert_eq!(put(token, "b", &body).await["errcode"], name, "{body}");
    }
    let first = put(desk.token(), "a", &good).await;
    assert_eq!(put(desk.token(), "a", &good).await, first);
    assert_ne!(put(desk.token(), "c", &good).await, first);
    assert_eq!(desk.received().len(), 2);
}
