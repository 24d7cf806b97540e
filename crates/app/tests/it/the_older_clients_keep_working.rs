//! Clients of the older services, written in Python from their own documentation, talk to the built binary; what
//! they ask for reaches strict simulated providers.

use std::collections::BTreeMap;
use std::path::PathBuf;

use balefire_testkit::received::{Received, Verdict};
use balefire_testkit::simulator::Simulator;
use balefire_testkit::smtp::{Security, SmtpSim};
use serde_json::Value;
use tokio::process::Command;

use super::ask;
use super::node::{Node, eventually};
use super::providers::{accounts, simulator};

const TAIL: &str = "
receivers: [{name: inbox, inbox_configs: [{}]}]
route: {receiver: inbox}
";

/// An answer as a client saw it.
struct Answer {
    status: u64,
    body: String,
    kind: Option<String>,
}

/// Runs a client; its answers by name.
async fn run(client: &str, node: &Node) -> BTreeMap<String, Answer> {
    let script =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/clients/{client}.py"));
    let output = Command::new("/usr/bin/python3")
        .arg(script)
        .arg(node.url("").trim_end_matches('/'))
        .output()
        .await
        .expect("python");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{client}: {said}");
    let lines = String::from_utf8(output.stdout).expect("text");
    lines
        .lines()
        .map(|line| {
            let value: Value = serde_json::from_str(line).expect("a line of JSON");
            let text = |key: &str| value[key].as_str().map(ToOwned::to_owned);
            let answer = Answer {
                status: value["status"].as_u64().expect("a status"),
                body: text("body").expect("a body"),
                kind: text("type"),
            };
            (text("name").expect("a name"), answer)
        })
        .collect()
}

async fn mail_server() -> (SmtpSim, String) {
    let mail = SmtpSim::start(Security::Plain).await.expect("mail server");
    let account = format!(
        "  mail: {{kind: smtp, host: 127.0.0.1, port: {}, tls: none_loopback, from: Ops <ops@example.com>}}\n",
        mail.port()
    );
    (mail, account)
}

/// What a provider took, as JSON.
fn taken(sim: &Simulator, provider: &str) -> Vec<Value> {
    let accepted = |request: &Received| request.verdict == Verdict::Accepted;
    let requests = sim.requests().into_iter();
    requests
        .filter(|request| request.provider == provider && accepted(request))
        .map(|request| request.json())
        .collect()
}

fn is(answers: &BTreeMap<String, Answer>, name: &str, status: u64, body: &str) {
    let answer = answers
        .get(name)
        .unwrap_or_else(|| panic!("no answer {name:?}"));
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (status, body),
        "{name}"
    );
}

fn json_of(answers: &BTreeMap<String, Answer>, name: &str) -> Value {
    serde_json::from_str(&answers[name].body).unwrap_or_else(|_| panic!("{name}: no JSON"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_push_services_client_keeps_working() {
    let sim = simulator().await;
    let (mail, account) = mail_server().await;
    let legacy = "legacy: {push: {mail: mail, slack: {ops: slack}, dingtalk: ding, wecom: app}}";
    let document = format!("{}{account}{legacy}{TAIL}", accounts(&sim));
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document).await;
    let said = run("push", &node).await;

    let done = "{\"code\":0}\n";
    let missing =
        "{\"code\":1,\"message\":\"\\u53c2\\u6570\\u7f3a\\u5931\\uff0c\\u8bf7\\u68c0\\u67e5\"}\n";
    for name in [
        "email",
        "email with cc",
        "email to one text",
        "email cc null",
    ] {
        is(&said, name, 200, done);
    }
    for name in [
        "email without content",
        "slack missing",
        "dingding missing",
        "wx missing",
    ] {
        is(&said, name, 200, missing);
    }
    assert_eq!(json_of(&said, "email from a stranger")["code"], 1);
    for name in ["slack post", "slack get"] {
        is(&said, name, 200, "{\"code\":0,\"message\":\"ok\"}\n");
    }
    assert!(
        json_of(&said, "slack unknown")["message"]
            .as_str()
            .expect("words")
            .starts_with("channel ")
    );
    for name in ["dingding all", "dingding some", "without a type"] {
        is(&said, name, 200, done);
    }
    assert!(
        json_of(&said, "dingding text bool")["message"]
            .as_str()
            .expect("words")
            .starts_with("isAtAll ")
    );
    let wx = json_of(&said, "wx");
    let raw: Value =
        serde_json::from_str(wx["message"].as_str().expect("words")).expect("WeCom's own JSON");
    assert_eq!((&wx["code"], &raw["errcode"]), (&0.into(), &0.into()));
    assert_eq!(said["not json"].status, 400);
    assert_eq!(said["wrong method"].status, 405);
    assert_eq!(said["planned"].status, 404, "nobody configured calls");

    let slack = taken(&sim, "slack_webhook");
    assert_eq!(slack.len(), 2);
    assert_eq!(slack[0]["text"], "*disk* full on db-1");
    assert_eq!(slack[0]["blocks"][0]["text"]["text"], "*disk* full on db-1");
    let ding = taken(&sim, "dingtalk_robot");
    assert_eq!(ding.len(), 3);
    assert_eq!(ding[0]["text"]["content"], "所有人注意");
    assert_eq!(ding[0]["at"]["isAtAll"], true);
    assert_eq!(
        ding[1]["at"]["atMobiles"],
        serde_json::json!(["18712345678"])
    );
    let cards = taken(&sim, "wecom_app");
    assert_eq!(cards[0]["text"]["content"], "hello");
    assert_eq!(cards[0]["touser"], "chenmin|liwei");
    mail.wait_for(4).await;
    let mails = mail.received();
    assert_eq!(mails[0].subject(), "磁盘告警");
    assert_eq!(
        mails[0].text("text/plain").expect("a text").trim(),
        "db-1 磁盘 95%"
    );
    node.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn grafanas_cards_reach_everybody_at_wecom() {
    let sim = simulator().await;
    let folder = tempfile::tempdir().expect("folder");
    let people = folder.path().join("Alarm_people.txt");
    std::fs::write(&people, "chenmin\n\nliwei|wangfang\n").expect("a file");
    let legacy = format!(
        "legacy: {{grafana_wecom: {{account: app, people_from: {}}}}}",
        people.display()
    );
    let document = format!("{}{legacy}{TAIL}", accounts(&sim));
    let node = Node::start(folder.path(), &document).await;
    let said = run("grafana_wecom", &node).await;
    is(&said, "health", 200, "{\"status\": \"OK\"}");
    for name in ["alert", "other path", "unified"] {
        is(&said, name, 200, "None");
        assert_eq!(said[name].kind, None);
    }
    assert_eq!(said["python"].status, 400);
    assert_eq!(said["without slash"].status, 404);
    let cards = eventually("all cards arrive", async || {
        let cards = taken(&sim, "wecom_app");
        (cards.len() == 6).then_some(cards)
    })
    .await;
    let first = cards
        .iter()
        .find(|card| card["news"]["articles"][0]["title"] == "[Alerting] CPU")
        .unwrap_or_else(|| panic!("no card of the first alert in {cards:?}"));
    let article = &first["news"]["articles"][0];
    assert_eq!(
        article["description"],
        "CPU is too hot\nweb-1:59.7020874503 web-2:100 web-3:1000.0"
    );
    assert_eq!(article["url"], "http://grafana.example.com/d/1?a=1&b=2");
    assert_eq!(article["picurl"], "http://grafana.example.com/1.png");
    let both = cards
        .iter()
        .filter(|card| card["touser"] == "liwei|wangfang");
    assert_eq!(both.count(), 3);
    // An alert that nobody gets is no success.
    std::fs::write(&people, "\n").expect("a file");
    let (status, said) = ask::post(&node, "/check_service", ask::JSON, "{}").await;
    assert_eq!(status, 500, "{said}");
    node.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tool_boxs_client_keeps_working() {
    let sim = simulator().await;
    let (mail, account) = mail_server().await;
    let legacy = "legacy: {apptools: {mail: mail, dingtalk: ding, wechat: robot}}";
    let document = format!("{}{account}{legacy}{TAIL}", accounts(&sim));
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document).await;
    let said = run("apptools", &node).await;

    is(
        &said,
        "GET /sendmail",
        200,
        "Hello, SendMail, Please use POST SendMail!",
    );
    for name in ["mail", "mail plain"] {
        let answer = json_of(&said, name);
        assert_eq!(
            (&answer["status"], &answer["msg"]),
            (&0.into(), &"发送成功".into()),
            "{name}"
        );
        assert_eq!(
            said[name].kind.as_deref(),
            Some("application/json; charset=UTF-8")
        );
        assert!(answer.get("datetime").is_none());
    }
    let keys: Vec<String> = json_of(&said, "mail")["data"]
        .as_object()
        .expect("an object")
        .keys()
        .cloned()
        .collect();
    assert_eq!(
        keys,
        ["to_list", "subject", "content", "subtype", "att"],
        "as they were sent"
    );
    assert_eq!(json_of(&said, "mail missing")["status"], -1);
    assert_eq!(json_of(&said, "mail attachment")["status"], -2);
    for name in ["ding", "ding link", "ding all", "wechat"] {
        let answer = json_of(&said, name);
        assert_eq!(
            (&answer["status"], &answer["msg"]),
            (&0.into(), &"OK".into()),
            "{name}"
        );
        assert!(
            answer["datetime"]
                .as_str()
                .is_some_and(|time| time.len() == 19)
        );
    }
    for (name, status) in [
        ("ding number", "-3"),
        ("ding no number", "-3"),
        ("ding empty", "-2"),
        ("wechat empty", "-2"),
    ] {
        assert_eq!(json_of(&said, name)["status"], status, "{name}");
    }
    for (name, status) in [("sms", -3), ("sms blank", -1), ("sms empty", -2)] {
        assert_eq!(json_of(&said, name)["status"], status, "{name}");
    }
    assert_eq!(said["not json"].status, 400);
    assert_eq!(said["put"].status, 405);

    the_tool_boxs_messages_arrived(&sim);
    mail.wait_for(2).await;
    let mails = mail.received();
    assert_eq!(
        mails[0].text("text/html").expect("a page").trim(),
        "<b>磁盘</b>"
    );
    assert_eq!(
        mails[1].text("text/plain").expect("a text").trim(),
        "磁盘 95%"
    );
    node.kill().await;
}

/// What the tool box's client said, as DingTalk took it.
fn the_tool_boxs_messages_arrived(sim: &Simulator) {
    let ding = taken(sim, "dingtalk_robot");
    assert_eq!(ding.len(), 3);
    assert!(
        ding[0]["text"]["content"]
            .as_str()
            .expect("a text")
            .starts_with("告警 <数据库>")
    );
    assert_eq!(
        ding[0]["at"]["atMobiles"],
        serde_json::json!(["18712345678", "18812345678"])
    );
    assert_eq!(ding[0]["at"]["isAtAll"], false);
    let link = &ding[1]["link"];
    assert_eq!(
        (&link["title"], &link["text"], &link["messageUrl"]),
        (
            &"标题".into(),
            &"内容".into(),
            &"http://example.com/a".into()
        )
    );
    assert_eq!(ding[2]["at"]["isAtAll"], true);
}
