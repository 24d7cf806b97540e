//! A page by text message carries a code: whoever sends it back has the incident, from the paged number alone; one word
//! does where one page is open; and those who were paged hear who has it, and that it is over.

use aws_lc_rs::hmac;
use balefire_testkit::provider::aliyun::{KEY_ID, KEY_SECRET, SIGN_NAME, SMS_TEMPLATE};
use balefire_testkit::simulator::Simulator;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::ask;
use super::command::balefire;
use super::node::{Node, eventually};
use super::providers::simulator;

const AWAY: &str = "https://alerts.example.com";
const TOKEN: &str = "0123456789abcdef0123";
const ADA: &str = "+8613800138001";
const BOB: &str = "+8613800138002";
const STRANGER: &str = "+8613800138009";

/// Ada and Bob are paged through Twilio, Cai through Alibaba Cloud.
fn document(sim: &Simulator) -> String {
    let twilio = &sim.phones().twilio;
    format!(
        "server: {{external_url: '{AWAY}'}}
access: {{rules: [{{path: /, token: false}}]}}
accounts:
  sms: {{kind: twilio_sms, base_url: \"{}\", account_sid: {}, auth_token: {}, from: \"{}\", callback_token: {TOKEN}}}
  ali: {{kind: aliyun_sms, api_url: \"{}\", access_key_id: {KEY_ID}, access_key_secret: {KEY_SECRET},
    sign_name: {SIGN_NAME}, template_code: {SMS_TEMPLATE}, callback_token: {TOKEN},
    template_params: {{title: title, level: code, summary: text}}}}
  hook: {{kind: webhook, url: \"{}\"}}
ways: {{text: {{account: sms}}, cn: {{account: ali}}}}
people:
  ada: {{name: Ada, phone: '{ADA}'}}
  bob: {{name: Bob, phone: '{BOB}', locale: zh-CN}}
  cai: {{name: 蔡, phone: '13800138003', locale: zh-CN}}
storm: {{at_once: 0}}
escalations:
  ops: {{steps: [{{notify: [{{person: ada}}, {{person: bob}}], by: [text], wait: 1h}}]}}
  cn: {{steps: [{{notify: [{{person: cai}}], by: [cn], wait: 1h}}]}}
receivers: [{{name: ops, webhook_configs: [{{account: hook}}]}}]
route: {{receiver: ops}}
",
        sim.url(),
        twilio.sid(),
        twilio.token(),
        twilio.number(),
        sim.aliyun().api_url(),
        sim.webhook().url("told"),
    )
}

fn form(text: &str) -> Vec<(String, String)> {
    let form = reqwest::Url::parse(&format!("http://h/?{text}")).expect("a form");
    form.query_pairs().into_owned().collect()
}

fn field(form: &[(String, String)], name: &str) -> String {
    let found = form.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.clone()).unwrap_or_default()
}

/// What a number got through Twilio, the oldest first.
fn texts(sim: &Simulator, phone: &str) -> Vec<String> {
    let all = sim.phones().twilio.received().into_iter();
    let forms = all.map(|one| form(&one.text()));
    let theirs = forms.filter(|form| field(form, "To") == phone);
    theirs.map(|form| field(&form, "Body")).collect()
}

async fn text_of(sim: &Simulator, phone: &str, about: &str) -> String {
    eventually(about, async || {
        texts(sim, phone)
            .into_iter()
            .find(|text| text.contains(about))
    })
    .await
}

/// The first four digits in a row.
fn code(text: &str) -> String {
    let mut runs = text.split(|c: char| !c.is_ascii_digit());
    runs.find(|run| run.len() == 4).expect("a code").to_owned()
}

struct Twilio {
    key: hmac::Key,
    count: u32,
}

impl Twilio {
    /// Somebody sends a text to our number; what the telephone hears.
    async fn hears(&mut self, node: &Node, from: &str, text: &str) -> (u16, String) {
        self.count += 1;
        let id = format!("SM{}", self.count);
        self.posts(node, (&id, true), from, text).await
    }

    async fn posts(
        &self,
        node: &Node,
        (id, signed): (&str, bool),
        from: &str,
        text: &str,
    ) -> (u16, String) {
        let mut pairs = [
            ("MessageSid", id),
            ("SmsStatus", "received"),
            ("From", from),
            ("To", "+15550100002"),
            ("Body", text),
        ];
        pairs.sort_unstable();
        let path = format!("/callback/sms/{TOKEN}");
        let said: String = pairs
            .iter()
            .flat_map(|(name, value)| [*name, *value])
            .collect();
        let said = if signed {
            format!("{AWAY}{path}{said}")
        } else {
            said
        };
        let signature = STANDARD.encode(hmac::sign(&self.key, said.as_bytes()));
        let mut body = reqwest::Url::parse("http://h/").expect("an address");
        body.query_pairs_mut().extend_pairs(pairs);
        let request = node.client.post(node.url(&path));
        let reply = request
            .header("x-twilio-signature", signature)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.query().expect("a form").to_owned())
            .send()
            .await
            .expect("an answer");
        (reply.status().as_u16(), reply.text().await.expect("a text"))
    }
}

async fn incident(node: &Node, id: u64) -> Value {
    ask::get(node, &format!("/api/v1/incidents/{id}")).await
}

fn entry<'v>(incident: &'v Value, kind: &str) -> Vec<&'v str> {
    let timeline = incident["timeline"].as_array().expect("a list").iter();
    let same = timeline.filter(|entry| entry["kind"] == kind);
    same.filter_map(|entry| entry["text"].as_str()).collect()
}

async fn open(node: &Node, title: &str, escalation: &str) {
    let arguments = ["incident", "open", title, "--escalation", escalation];
    balefire(&node.url(""), &arguments).await.exits(0);
}

async fn of_several_one_is_named(node: &Node, sim: &Simulator, twilio: &mut Twilio) {
    // Two are open: a word lists them, a code takes one.
    open(node, "db is down", "ops").await;
    open(node, "queue is long", "ops").await;
    let db = code(&text_of(sim, ADA, "db is down").await);
    let queue = code(&text_of(sim, ADA, "queue is long").await);
    let (_, which) = twilio.hears(node, ADA, "收到").await;
    for words in [format!("{db} db is down"), format!("{queue} queue is long")] {
        assert!(which.contains(&words), "{words}: {which}");
    }
    let (_, taken) = twilio.hears(node, ADA, &format!("Ack {queue}")).await;
    assert!(taken.contains("You have it: queue is long"), "{taken}");
    assert_eq!(incident(node, 2).await["state"], "open");
    assert_eq!(incident(node, 3).await["acknowledgedBy"], "ada");

    // It is over before anybody answered: those whom pages had reached hear so.
    balefire(&node.url(""), &["incident", "resolve", "2", "--by", "ada"])
        .await
        .exits(0);
    let over = text_of(sim, BOB, "已恢复：db is down").await;
    assert!(!over.contains("/a/"), "{over}");
    let ended = eventually("told", async || {
        let ended = incident(node, 2).await;
        (!entry(&ended, "over_told").is_empty()).then_some(ended)
    })
    .await;
    assert_eq!(entry(&ended, "over_told"), ["bob: text"], "Ada knows it");
    let (_, over) = twilio.hears(node, ADA, &db).await;
    assert!(over.contains("It is over: db is down"), "{over}");

    // Who guesses is heard five times; what comes twice counts once.
    for _ in 0..3 {
        let again = twilio.posts(node, ("SM99", true), ADA, "9").await.1;
        assert!(again.contains("Reply the code"), "{again}");
    }
    for _ in 0..4 {
        twilio.hears(node, ADA, "9").await;
    }
    let (_, deaf) = twilio.hears(node, ADA, &db).await;
    assert!(deaf.ends_with("<Response></Response>"), "{deaf}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_or_a_word_from_the_paged_number_acknowledges() {
    let sim = simulator().await;
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document(&sim)).await;
    open(&node, "disk is full", "ops").await;
    let page = text_of(&sim, ADA, "disk is full").await;
    let first = code(&page);
    assert!(
        page.contains(&format!("Reply {first} to acknowledge.")),
        "{page}"
    );
    assert!(
        page.contains(&format!("{AWAY}/a/")),
        "the link of Ada's: {page}"
    );
    let page = text_of(&sim, BOB, "disk is full").await;
    assert!(page.contains("认领"), "{page}");
    let mut twilio = Twilio {
        key: hmac::Key::new(
            hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            sim.phones().twilio.token().as_bytes(),
        ),
        count: 0,
    };

    // Neither a forged callback, nor another number, nor a sentence acknowledges.
    assert_eq!(
        twilio.posts(&node, ("SM0", false), ADA, &first).await.0,
        403
    );
    let (status, silent) = twilio.hears(&node, STRANGER, &first).await;
    assert!(
        status == 200 && silent.ends_with("<Response></Response>"),
        "{silent}"
    );
    let (_, unclear) = twilio.hears(&node, ADA, &format!("not {first}")).await;
    assert!(unclear.contains("Reply the code"), "{unclear}");
    assert_eq!(incident(&node, 1).await["state"], "open");
    let refused = ask::last_refusal(&node).await;
    assert_eq!(refused["source"], "callback sms", "{refused}");

    // One word is enough while one page is open, also after a restart; of two the first keeps it.
    node.kill().await;
    let node = Node::start(folder.path(), &document(&sim)).await;
    let (_, taken) = twilio.hears(&node, ADA, "1").await;
    assert!(
        taken.contains("<Message>You have it: disk is full</Message>"),
        "{taken}"
    );
    let held = incident(&node, 1).await;
    assert_eq!(
        (&held["state"], &held["acknowledgedBy"]),
        (&json!("acknowledged"), &json!("ada"))
    );
    assert_eq!(entry(&held, "acknowledged"), ["SMS: 1"]);
    let told = text_of(&sim, BOB, "Ada").await;
    assert!(told.contains("disk is full"), "{told}");
    let (_, late) = twilio.hears(&node, BOB, &code(&page)).await;
    assert!(late.contains("Ada 已于"), "{late}");
    assert_eq!(incident(&node, 1).await["acknowledgedBy"], "ada");

    of_several_one_is_named(&node, &sim, &mut twilio).await;
    node.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_in_an_approved_template_comes_back_by_the_uplink() {
    let sim = simulator().await;
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document(&sim)).await;
    open(&node, "disk is full", "cn").await;
    let sent = eventually("a text", async || sim.aliyun().received().first().cloned()).await;
    let variables = field(&form(&sent.text()), "TemplateParam");
    let variables: Value = serde_json::from_str(&variables).expect("JSON");
    let code = variables["level"].as_str().expect("a code").to_owned();
    let begins = variables["summary"].as_str().expect("a text");
    assert!(begins.starts_with(&format!("回复 {code} 认领")), "{begins}");
    let up = async |phone: &str, text: &str| {
        let body =
            json!([{"phone_number": phone, "content": text, "sequence_id": 7, "dest_code": "12"}]);
        let path = format!("/callback/ali/{TOKEN}");
        ask::post(&node, &path, ask::JSON, body.to_string()).await
    };
    let fine = (200, json!({"code": 0, "msg": "ok"}));
    assert_eq!(up("13800138004", &code).await, fine);
    assert_eq!(incident(&node, 1).await["state"], "open");
    assert_eq!(up("13800138003", &code).await, fine);
    let held = incident(&node, 1).await;
    assert_eq!(held["acknowledgedBy"], "cai", "{held}");
    node.kill().await;
}
