//! A provider that took a message says later what became of it: it stands beside the notification, what did not get
//! there goes to the fallback for those who were missed, and a pressed key says that somebody has it.

use aws_lc_rs::hmac;
use balefire_testkit::provider::aliyun::{KEY_ID, KEY_SECRET, SIGN_NAME, SMS_TEMPLATE};
use balefire_testkit::simulator::Simulator;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::ask;
use super::command::balefire;
use super::node::Node;
use super::providers::simulator;

const AWAY: &str = "https://alerts.example.com";
const TOKEN: &str = "0123456789abcdef0123";

fn document(sim: &Simulator) -> String {
    let twilio = &sim.phones().twilio;
    format!(
        "server: {{external_url: '{AWAY}'}}
access: {{rules: [{{path: /, token: false}}]}}
accounts:
  sms: {{kind: aliyun_sms, api_url: \"{}\", access_key_id: {KEY_ID}, access_key_secret: {KEY_SECRET},
    sign_name: {SIGN_NAME}, template_code: {SMS_TEMPLATE}, callback_token: {TOKEN},
    template_params: {{title: title, level: severity, summary: text}}}}
  calls: {{kind: twilio_voice, base_url: \"{}\", account_sid: {}, auth_token: {}, from: \"{}\", callback_token: {TOKEN}}}
  hook: {{kind: webhook, url: \"{}\"}}
people: {{chen-min: {{name: 陈敏, phone: '+8613800138000'}}}}
escalations: {{ops: {{steps: [{{notify: [{{person: chen-min}}], by: [voice], wait: 1h}}]}}}}
receivers:
- {{name: paged, escalation: ops}}
- name: texts
  fallback: others
  aliyun_sms_configs: [{{account: sms, phones: ['+8613800138000', '+8613800138001']}}]
- name: calls
  twilio_voice_configs: [{{account: calls, phones: ['+8613800138000']}}]
- name: others
  webhook_configs: [{{account: hook}}]
route:
  receiver: texts
  group_wait: 0s
  group_by: [alertname]
  routes: [{{matchers: ['by=\"call\"'], receiver: calls}}, {{matchers: ['by=\"page\"'], receiver: paged}}]
",
        sim.aliyun().api_url(),
        sim.url(),
        twilio.sid(),
        twilio.token(),
        twilio.number(),
        sim.webhook().url("fallback"),
    )
}

async fn fire(node: &Node, labels: Value) {
    let body = json!([{"labels": labels}]).to_string();
    assert_eq!(node.post("/api/v2/alerts", body).await, Some(200));
}

/// The notifications through an account once `count` of them were taken, the oldest first.
async fn taken(node: &Node, account: &str, count: usize) -> Vec<Value> {
    let path = format!("/api/v1/notifications?account={account}&state=delivered");
    ask::becomes("the provider has taken them", &count, async || {
        let listed = ask::get(node, &path).await;
        listed["notifications"].as_array().map_or(0, Vec::len)
    })
    .await;
    let listed = ask::get(node, &path).await["notifications"].clone();
    let mut listed = listed.as_array().cloned().unwrap_or_default();
    listed.sort_by_key(|row| row["seq"].as_u64());
    listed
}

async fn one(node: &Node, row: &Value) -> Value {
    ask::get(node, &format!("/api/v1/notifications/{}", row["seq"])).await
}

async fn say(node: &Node, account: &str, token: &str, body: String) -> ask::Answer {
    let path = format!("/callback/{account}/{token}");
    ask::post(node, &path, ask::JSON, body).await
}

fn states(shown: &Value) -> Vec<&str> {
    let receipts = shown["receipts"].as_array();
    let receipts = receipts.into_iter().flatten();
    receipts
        .filter_map(|receipt| receipt["state"].as_str())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_did_not_get_there_goes_to_the_fallback_once() {
    let sim = simulator().await;
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document(&sim)).await;
    fire(&node, json!({"alertname": "DiskFull"})).await;
    let rows = taken(&node, "sms", 2).await;
    let id = one(&node, &rows[0]).await["tries"][0]["providerId"].clone();
    let id = id.as_str().expect("a BizId").to_owned();
    // The node forgets what it does not hold on disk.
    node.kill().await;
    let node = Node::start(folder.path(), &document(&sim)).await;
    let report = |phone: &str, success: bool| {
        json!([{"phone_number": phone, "success": success, "err_code": "C", "err_msg": "m", "biz_id": id}]).to_string()
    };
    let fine = (200, json!({"code": 0, "msg": "ok"}));
    for token in ["x", "0123456789abcdef0124"] {
        assert_eq!(
            say(&node, "sms", token, report("13800138000", false))
                .await
                .0,
            401
        );
    }
    assert_eq!(
        say(&node, "hook", TOKEN, report("13800138000", false))
            .await
            .0,
        401
    );
    assert_eq!(
        say(&node, "sms", TOKEN, report("13800138000", true)).await,
        fine
    );
    for _ in 0..3 {
        assert_eq!(
            say(&node, "sms", TOKEN, report("13800138001", false)).await,
            fine
        );
    }
    let told = sim.webhook().wait_for(1).await;
    assert!(told[0].text().contains("DiskFull"));
    let (there, missed) = (one(&node, &rows[0]).await, one(&node, &rows[1]).await);
    assert_eq!(
        (states(&there), &there["state"]),
        (vec!["delivered"], &json!("delivered"))
    );
    assert_eq!(
        (states(&missed), &missed["state"]),
        (vec!["failed"], &json!("handed_over")),
        "{missed}"
    );
    let shown = balefire(
        &node.url(""),
        &["deliveries", "show", &rows[1]["seq"].to_string()],
    )
    .await;
    assert!(shown.exits(0).data.contains("failed"));

    // Garbage, the console's test button, and what is about nothing are answered so that nobody says it again.
    for body in ["{\"json\":\"test-content\"}", "no json", "[]"] {
        assert_eq!(
            say(&node, "sms", TOKEN, body.to_owned()).await,
            fine,
            "{body}"
        );
    }
    let refused = ask::last_refusal(&node).await;
    assert_eq!(refused["source"], "callback sms", "{refused}");
    assert_eq!(
        say(&node, "sms", TOKEN, "x".repeat(600 * 1024)).await.0,
        413
    );
    assert_eq!(
        sim.webhook().received().len(),
        1,
        "one fallback's notice is enough"
    );
    node.kill().await;
}

fn form_of(pairs: &[(&str, &str)]) -> String {
    let mut url = reqwest::Url::parse("http://127.0.0.1/").expect("an address");
    url.query_pairs_mut().extend_pairs(pairs);
    url.query().expect("a form").to_owned()
}

/// Says something of a call as Twilio does, signed or not.
async fn hear(node: &Node, sim: &Simulator, pairs: &[(&str, &str)], signed: bool) -> (u16, String) {
    let path = format!("/callback/calls/{TOKEN}");
    let key = hmac::Key::new(
        hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        sim.phones().twilio.token().as_bytes(),
    );
    let mut sorted = pairs.to_vec();
    sorted.sort_unstable();
    let text: String = sorted
        .iter()
        .flat_map(|(name, value)| [*name, *value])
        .collect();
    let text = if signed {
        format!("{AWAY}{path}{text}")
    } else {
        text
    };
    let signature = STANDARD.encode(hmac::sign(&key, text.as_bytes()));
    let request = node.client.post(node.url(&path));
    let reply = request
        .header("x-twilio-signature", signature)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form_of(pairs))
        .send()
        .await;
    let reply = reply.expect("an answer");
    (reply.status().as_u16(), reply.text().await.expect("a text"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pressed_key_acknowledges_and_only_twilio_can_say_so() {
    let sim = simulator().await;
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document(&sim)).await;
    fire(&node, json!({"alertname": "DbDown", "by": "call"})).await;
    let rows = taken(&node, "calls", 1).await;
    let url = format!("{AWAY}/callback/calls/{TOKEN}");
    let asked = sim.phones().twilio.received()[0].text();
    let form: Vec<(String, String)> = reqwest::Url::parse(&format!("http://h/?{asked}"))
        .expect("a form")
        .query_pairs()
        .into_owned()
        .collect();
    assert!(
        form.contains(&("StatusCallback".to_owned(), url.clone())),
        "{form:?}"
    );
    assert!(
        form.iter()
            .any(|(name, value)| name == "Twiml" && value.contains("<Gather")),
        "{form:?}"
    );
    let sid = one(&node, &rows[0]).await["tries"][0]["providerId"].clone();
    let sid = sid.as_str().expect("a SID").to_owned();
    let post = async |pairs: &[(&str, &str)], signed: bool| hear(&node, &sim, pairs, signed).await;
    let pressed = [
        ("CallSid", sid.as_str()),
        ("Digits", "1"),
        ("To", "+8613800138000"),
    ];
    assert_eq!(post(&pressed, false).await.0, 403);
    let nobody = ask::get(&node, "/api/v1/incidents").await;
    assert_eq!(nobody["incidents"], json!([]));
    for _ in 0..2 {
        let (status, words) = post(&pressed, true).await;
        assert_eq!(status, 200);
        assert!(
            words.contains("已确认") && words.contains("<Hangup/>"),
            "{words}"
        );
    }
    let incident = ask::get(&node, "/api/v1/incidents").await["incidents"][0].clone();
    assert_eq!(incident["acknowledgedBy"], "chen-min", "{incident}");
    let ended = [
        ("CallSid", sid.as_str()),
        ("CallStatus", "completed"),
        ("To", "+8613800138000"),
    ];
    assert_eq!(post(&ended, true).await.0, 200);
    let shown = one(&node, &rows[0]).await;
    assert_eq!(states(&shown), ["pressed", "answered"], "{shown}");
    node.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_pressed_in_a_page_takes_its_incident() {
    let sim = simulator().await;
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document(&sim)).await;
    fire(&node, json!({"alertname": "DbDown", "by": "page"})).await;
    let rows = taken(&node, "calls", 1).await;
    let sid = one(&node, &rows[0]).await["tries"][0]["providerId"].clone();
    let sid = sid.as_str().expect("a SID").to_owned();
    let holder = async || {
        ask::get(&node, "/api/v1/incidents").await["incidents"][0]["acknowledgedBy"].clone()
    };
    assert_eq!(holder().await, Value::Null);
    let pressed = [("CallSid", sid.as_str()), ("Digits", "1")];
    assert_eq!(hear(&node, &sim, &pressed, true).await.0, 200);
    assert_eq!(holder().await, "chen-min");
    node.kill().await;
}

/// A document whose texts go through Vonage, with receipts that are signed.
fn through_vonage(sim: &Simulator) -> String {
    let vonage = &sim.phones().vonage;
    format!(
        "server: {{external_url: '{AWAY}'}}
access: {{rules: [{{path: /, token: false}}]}}
accounts:
  texts: {{kind: vonage_sms, base_url: \"{}\", api_key: {}, api_secret: {}, from: Balefire, signature_secret: sign-me,
    callback_token: {TOKEN}}}
  hook: {{kind: webhook, url: \"{}\"}}
receivers:
- name: texts
  fallback: others
  vonage_sms_configs: [{{account: texts, phones: ['+442079460958']}}]
- name: others
  webhook_configs: [{{account: hook}}]
route: {{receiver: texts, group_wait: 0s, group_by: [alertname]}}
",
        sim.url(),
        vonage.key(),
        vonage.secret(),
        sim.webhook().url("fallback"),
    )
}

/// A receipt as Vonage's signed query: HMAC-SHA256 over the parameters by name, as its page on signing has it.
fn receipt_query(pairs: &[(&str, &str)], secret: &str) -> String {
    let mut sorted = pairs.to_vec();
    sorted.sort_unstable();
    let signed = sorted.iter();
    let signed = signed.map(|(name, value)| format!("&{name}={}", value.replace(['&', '='], "_")));
    let text = signed.collect::<Vec<_>>().concat();
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let signed = hmac::sign(&key, text.as_bytes());
    let digits = signed.as_ref().iter().map(|byte| format!("{byte:02x}"));
    let signature = digits.collect::<Vec<_>>().concat();
    let mut all = pairs.to_vec();
    all.push(("sig", &signature));
    form_of(&all)
}

#[tokio::test(flavor = "multi_thread")]
async fn vonage_says_it_by_get_or_by_post_and_only_with_its_signature() {
    let sim = simulator().await;
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &through_vonage(&sim)).await;
    fire(&node, json!({"alertname": "DiskFull"})).await;
    let rows = taken(&node, "texts", 1).await;
    let id = one(&node, &rows[0]).await["tries"][0]["providerId"].clone();
    let id = id.as_str().expect("a message-id").to_owned();
    let of = |status: &'static str| {
        [
            ("msisdn", "442079460958"),
            ("to", "Balefire"),
            ("messageId", id.as_str()),
            ("status", status),
            ("err-code", "0"),
            ("scts", "2611290130"),
            ("message-timestamp", "2026-11-29 01:30:00"),
            ("timestamp", "1795249800"),
            ("nonce", "a&b=c"),
        ]
    };
    let path = format!("/callback/texts/{TOKEN}");
    let said = async |query: &str| {
        let request = node.client.get(node.url(&format!("{path}?{query}")));
        ask::answer(request).await.0
    };
    assert_eq!(
        ask::answer(node.client.get(node.url(&path))).await.0,
        405,
        "who says nothing"
    );
    assert_eq!(said(&form_of(&of("failed"))).await, 403, "unsigned");
    assert_eq!(
        said(&receipt_query(&of("failed"), "another")).await,
        403,
        "signed by somebody else"
    );
    let twisted = receipt_query(&of("delivered"), "sign-me").replace("delivered", "failed");
    assert_eq!(said(&twisted).await, 403, "changed on its way");
    let elsewhere = format!(
        "/callback/texts/x?{}",
        receipt_query(&of("failed"), "sign-me")
    );
    assert_eq!(
        ask::answer(node.client.get(node.url(&elsewhere))).await.0,
        401
    );
    assert_eq!(
        states(&one(&node, &rows[0]).await),
        [] as [&str; 0],
        "nothing of this counts"
    );

    assert_eq!(said(&receipt_query(&of("accepted"), "sign-me")).await, 200);
    assert_eq!(
        states(&one(&node, &rows[0]).await),
        [] as [&str; 0],
        "on its way is nothing new"
    );
    for _ in 0..2 {
        assert_eq!(said(&receipt_query(&of("failed"), "sign-me")).await, 200);
    }
    let told = sim.webhook().wait_for(1).await;
    assert!(told[0].text().contains("DiskFull"));
    let form = "application/x-www-form-urlencoded";
    let posted = receipt_query(&of("expired"), "sign-me");
    assert_eq!(ask::post(&node, &path, form, posted).await.0, 200);
    let shown = one(&node, &rows[0]).await;
    assert_eq!(
        (states(&shown), &shown["state"]),
        (vec!["failed"], &json!("handed_over")),
        "{shown}"
    );
    assert_eq!(
        sim.webhook().received().len(),
        1,
        "said again it changes nothing"
    );
    assert_eq!(said("messageId=unknown").await, 403);
    let refused = ask::last_refusal(&node).await;
    assert_eq!(refused["source"], "callback texts", "{refused}");
    node.kill().await;
}
