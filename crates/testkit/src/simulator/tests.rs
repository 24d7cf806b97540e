//! The listener's misbehaviour and the control endpoints, seen by an ordinary client.

use std::time::Duration;

use reqwest::Client;
use serde_json::{Value, json};

use super::*;
use crate::mode::{HUGE_BODY_BYTES, Mode};
use crate::tests::started;

async fn post(client: &Client, url: &str) -> reqwest::Result<reqwest::Response> {
    client
        .post(url)
        .json(&json!({"hello": "你好"}))
        .send()
        .await
}

#[tokio::test]
async fn a_good_call_is_answered_and_recorded_byte_for_byte() {
    let (simulator, client) = started().await;
    let hook = simulator.webhook();
    let reply = post(&client, &hook.url("ops")).await.expect("an answer");
    assert_eq!(reply.status(), 200);
    assert_eq!(reply.text().await.expect("a body"), r#"{"status":"ok"}"#);
    let received = hook.wait_for(1).await;
    assert_eq!(received[0].text(), r#"{"hello":"你好"}"#);
    assert_eq!(received[0].account, "ops");
    assert_eq!(received[0].provider, "webhook");
    assert_eq!(received[0].target, "/webhook/ops");
    assert_eq!(received[0].header("content-type"), Some("application/json"));
    assert_eq!(received[0].at, clock::VECTOR_TIME);
}

#[tokio::test]
async fn a_reset_before_the_reply_shows_the_message_to_nobody() {
    let (simulator, client) = started().await;
    let hook = simulator.webhook();
    hook.fail_times(Mode::ResetBeforeReply, 1);
    let error = post(&client, &hook.url("ops"))
        .await
        .expect_err("no answer");
    assert!(error.is_request(), "{error:?}");
    assert_eq!(hook.wait_for_requests(1).await[0].verdict, Verdict::Cut);
    assert!(hook.received().is_empty());
}

#[tokio::test]
async fn a_reset_after_the_body_loses_the_answer_to_a_message_that_was_shown() {
    let (simulator, client) = started().await;
    let hook = simulator.webhook();
    hook.fail_times(Mode::ResetAfterBody, 1);
    post(&client, &hook.url("ops"))
        .await
        .expect_err("no answer");
    assert_eq!(hook.wait_for(1).await.len(), 1);
}

#[tokio::test]
async fn half_a_reply_is_seen_as_an_incomplete_message() {
    let (simulator, client) = started().await;
    simulator.webhook().fail_times(Mode::HalfReply, 1);
    let reply = post(&client, &simulator.webhook().url("ops"))
        .await
        .expect("the head");
    assert_eq!(
        (reply.status().as_u16(), reply.content_length()),
        (200, Some(15))
    );
    let mut reply = reply;
    let half = reply
        .chunk()
        .await
        .expect("the first half")
        .expect("the first half");
    assert_eq!(&half[..], &br#"{"status":"ok"}"#[..7]);
    reply.chunk().await.expect_err("the rest never comes");
}

#[tokio::test]
async fn an_endless_body_never_ends_and_a_huge_one_does() {
    let (simulator, client) = started().await;
    let hook = simulator.webhook();
    hook.fail_times(Mode::EndlessBody, 1);
    hook.fail_times(Mode::HugeBody, 1);
    let mut endless = post(&client, &hook.url("ops")).await.expect("the head");
    assert_eq!(endless.content_length(), None);
    let mut seen = 0;
    while seen < 1 << 20 {
        seen += endless.chunk().await.expect("more").expect("no end").len();
    }
    drop(endless);
    let huge = post(&client, &hook.url("ops")).await.expect("the head");
    assert_eq!(huge.content_length(), Some(HUGE_BODY_BYTES as u64 + 15));
    assert_eq!(
        huge.bytes().await.expect("all of it").len(),
        HUGE_BODY_BYTES + 15
    );
}

#[tokio::test]
async fn a_dripping_reply_arrives_whole() {
    let (simulator, client) = started().await;
    let hook = simulator.webhook();
    hook.fail_times(
        Mode::Drip {
            bytes_per_sec: 1_000,
        },
        1,
    );
    let reply = post(&client, &hook.url("ops")).await.expect("the head");
    assert_eq!(reply.content_length(), None);
    assert_eq!(
        reply.text().await.expect("every drop"),
        r#"{"status":"ok"}"#
    );
}

#[tokio::test]
async fn a_hanging_provider_has_read_the_message_and_says_nothing() {
    let (simulator, client) = started().await;
    let hook = simulator.webhook();
    hook.fail_with(Mode::Hang);
    let url = hook.url("ops");
    let call = tokio::spawn(async move { client.post(url).body("x").send().await });
    hook.wait_for(1).await;
    assert!(!call.is_finished(), "no answer comes");
    drop(simulator);
    call.await
        .expect("no panic")
        .expect_err("the connection ends with the simulator");
}

#[tokio::test]
async fn statuses_redirects_and_quotas_are_answered_as_scripted_and_end() {
    let (simulator, client) = started().await;
    let hook = simulator.webhook();
    let headers = vec![("Retry-After".to_owned(), "7".to_owned())];
    hook.fail_times(Mode::Status(503, headers, "busy".into()), 1);
    hook.fail_times(Mode::Redirect("http://169.254.169.254/".into()), 1);
    hook.fail_times(Mode::RateLimited(9), 1);
    hook.fail_times(Mode::ExpiredToken, 1);
    hook.fail_times(Mode::ErrCode(5, "odd".into()), 1);
    let mut seen = Vec::new();
    for _ in 0..6 {
        let reply = post(&client, &hook.url("ops")).await.expect("an answer");
        let header = |name| {
            reply
                .headers()
                .get(name)
                .map(|value| value.to_str().unwrap_or(""))
        };
        let extra = header("retry-after")
            .or(header("location"))
            .unwrap_or("")
            .to_owned();
        seen.push((reply.status().as_u16(), extra));
    }
    let expected = [
        (503, "7"),
        (302, "http://169.254.169.254/"),
        (429, "9"),
        (401, ""),
        (200, ""),
        (200, ""),
    ];
    assert_eq!(
        seen,
        expected.map(|(status, extra)| (status, extra.to_owned()))
    );
    assert_eq!(
        hook.counts(),
        crate::Counts {
            requests: 6,
            accepted: 1
        }
    );
}

#[tokio::test]
async fn the_control_endpoints_show_plan_and_reset() {
    let (simulator, client) = started().await;
    let url = |path: &str| format!("{}{path}", simulator.url());
    let plan = json!({"provider": "webhook", "mode": "rate_limited", "times": 1, "args": 3});
    let planned = client
        .post(url("/_sim/mode"))
        .json(&plan)
        .send()
        .await
        .expect("an answer");
    assert_eq!(planned.status(), 200);
    let hook = simulator.webhook().url("ops");
    assert_eq!(post(&client, &hook).await.expect("an answer").status(), 429);
    assert_eq!(post(&client, &hook).await.expect("an answer").status(), 200);

    let list = |query: &str| {
        let request = client.get(url(&format!("/_sim/requests?{query}")));
        async {
            request
                .send()
                .await
                .expect("an answer")
                .json::<Value>()
                .await
                .expect("JSON")
        }
    };
    let all = list("provider=webhook").await;
    assert_eq!(all["requests"].as_array().map(Vec::len), Some(2));
    assert_eq!(all["requests"][0]["verdict"], "refused");
    let newer = list("provider=webhook&since=1").await;
    assert_eq!(newer["requests"].as_array().map(Vec::len), Some(1));
    assert_eq!(newer["requests"][0]["body"], r#"{"hello":"你好"}"#);
    assert_eq!(newer["next"], 2);
    assert_eq!(list("provider=dingtalk_robot").await["requests"], json!([]));

    let reset = client
        .post(url("/_sim/reset"))
        .json(&json!({}))
        .send()
        .await
        .expect("an answer");
    assert_eq!(reset.status(), 200);
    assert!(simulator.requests().is_empty());
}

#[tokio::test]
async fn the_control_endpoints_refuse_strangers_and_nonsense() {
    let (simulator, client) = started().await;
    let url = |path: &str| format!("{}{path}", simulator.url());
    let status = |request: reqwest::RequestBuilder| async {
        request.send().await.expect("an answer").status().as_u16()
    };
    let plain = client
        .post(url("/_sim/mode"))
        .header("content-type", "text/plain")
        .body("{}");
    assert_eq!(status(plain).await, 415, "a page's form must not reach it");
    let foreign = client
        .get(url("/_sim/requests"))
        .header("host", "evil.example");
    assert_eq!(status(foreign).await, 403);
    let unknown = json!({"provider": "pigeon", "mode": "hang"});
    assert_eq!(
        status(client.post(url("/_sim/mode")).json(&unknown)).await,
        404
    );
    let wrong = json!({"provider": "webhook", "mode": "explode"});
    assert_eq!(
        status(client.post(url("/_sim/mode")).json(&wrong)).await,
        400
    );
    assert_eq!(status(client.get(url("/_sim/requests?since=x"))).await, 400);
    assert_eq!(status(client.get(url("/_sim/else"))).await, 404);
}

#[tokio::test]
async fn the_page_shows_messages_escaped() {
    let (simulator, client) = started().await;
    let hook = simulator.webhook().url("ops");
    client
        .post(hook)
        .body("<script>alert(1)</script> 磁盘")
        .send()
        .await
        .expect("an answer");
    let reply = client.get(simulator.url()).send().await.expect("the page");
    assert!(reply.headers().contains_key("content-security-policy"));
    let page = reply.text().await.expect("the page");
    assert!(
        page.contains("&lt;script&gt;alert(1)") && page.contains("磁盘"),
        "{page}"
    );
    assert!(!page.contains("<script"), "{page}");
}

#[tokio::test]
async fn mails_of_an_attached_server_are_shown_and_listed() {
    let (_, client) = started().await;
    let server = SmtpSim::start(crate::smtp::Security::Plain)
        .await
        .expect("a free port");
    let simulator = Simulator::builder()
        .mail(&server)
        .start()
        .await
        .expect("a free port");
    let mut stream = tokio::net::TcpStream::connect(server.address())
        .await
        .expect("a connection");
    let dialogue = "EHLO gw.example.com\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n\
        Subject: <i>=?utf-8?b?5ZGK6K2m?=</i>\r\n\r\ndisk full\r\n.\r\nQUIT\r\n";
    tokio::io::AsyncWriteExt::write_all(&mut stream, dialogue.as_bytes())
        .await
        .expect("sent");
    server.wait_for(1).await;
    let page = client
        .get(simulator.url())
        .send()
        .await
        .expect("the page")
        .text()
        .await
        .expect("the page");
    assert!(
        page.contains("&lt;i&gt;告警&lt;&#x2f;i&gt;\n\ndisk full"),
        "{page}"
    );
    let list = client
        .get(format!("{}/_sim/mails", simulator.url()))
        .send()
        .await
        .expect("a list");
    let list: Value = list.json().await.expect("JSON");
    assert_eq!(list["mails"][0]["to"], json!(["b@example.com"]));
    assert_eq!(list["mails"][0]["subject"], "<i>告警</i>");
}

#[tokio::test]
async fn without_limits_no_quota_is_kept_and_all_else_is_still_checked() {
    let (_, client) = started().await;
    let simulator = Simulator::builder()
        .unlimited()
        .keep(5)
        .start()
        .await
        .expect("a free port");
    let url = simulator.wecom_robot().url();
    for _ in 0..30 {
        let body = json!({"msgtype": "text", "text": {"content": "x"}});
        let reply = client
            .post(&url)
            .json(&body)
            .send()
            .await
            .expect("an answer");
        assert_eq!(reply.json::<Value>().await.expect("JSON")["errcode"], 0);
    }
    let reply = client
        .post(&url)
        .json(&json!({}))
        .send()
        .await
        .expect("an answer");
    assert_eq!(
        reply.json::<Value>().await.expect("JSON")["errcode"],
        40_008
    );
    let robot = simulator.wecom_robot();
    assert_eq!(
        robot.counts(),
        crate::Counts {
            requests: 31,
            accepted: 30
        }
    );
    assert_eq!(robot.requests().len(), 5, "the oldest are forgotten");
}

#[tokio::test]
async fn a_wrong_path_is_refused_and_kept_as_a_stray() {
    let (simulator, client) = started().await;
    let reply = post(&client, &format!("{}/robot/sent", simulator.url()))
        .await
        .expect("an answer");
    assert_eq!(reply.status(), 404);
    assert_eq!(simulator.strays()[0].target, "/robot/sent");
}

#[tokio::test]
async fn only_loopback_addresses_are_listened_on() {
    let open = SocketAddr::from(([0, 0, 0, 0], 0));
    let refused = Simulator::builder()
        .listen(open)
        .start()
        .await
        .expect_err("refused");
    assert_eq!(refused.kind(), io::ErrorKind::InvalidInput);
}

#[tokio::test]
async fn the_simulator_stops_with_its_last_handle() {
    let (simulator, client) = started().await;
    let url = simulator.webhook().url("ops");
    let stopped = simulator.stage.stop.clone();
    drop(simulator.clone());
    assert_eq!(
        post(&client, &url).await.expect("still there").status(),
        200
    );
    drop(simulator);
    stopped.cancelled().await;
    let gone = async {
        while post(&client, &url).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), gone)
        .await
        .expect("the listener closes");
}
