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
    sim.wecom_app().set_members(&["chenmin", "liwei"]);
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
    wecoms_own_answers_are_handed_on(&said);
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

/// `/wx/apps/send` answers with what WeCom said.
fn wecoms_own_answers_are_handed_on(said: &BTreeMap<String, Answer>) {
    let raw_of = |answer: &Value| -> Value {
        let words = answer["message"].as_str().expect("words");
        serde_json::from_str(words).expect("WeCom's own JSON")
    };
    let wx = json_of(said, "wx");
    let raw = raw_of(&wx);
    assert_eq!((&wx["code"], &raw["errcode"]), (&0.into(), &0.into()));
    assert!(raw["msgid"].is_string(), "WeCom's own answer: {raw}");
    let partly = json_of(said, "wx partly");
    assert_eq!(partly["code"], 0, "as WeCom's code says: {partly}");
    assert_eq!(raw_of(&partly)["invaliduser"], "nobody");
    let nobody = json_of(said, "wx nobody");
    assert_eq!(nobody["code"], 1);
    assert_eq!(raw_of(&nobody)["errcode"], 81013);
    assert_eq!(json_of(said, "wx number")["code"], 0);
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
    the_tool_boxs_mails_were_taken(&said);
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

    the_tool_boxs_faults_are_incidents(&said, &node).await;
    the_tool_boxs_reminders_are_kept(&said);
    the_tool_boxs_reminders_are_listed(&said);
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
    the_tool_boxs_files_were_kept(&said);
    // Two without a file, and five of the allowed forms of `att`.
    mail.wait_for(7).await;
    the_tool_boxs_files_arrived(&mail);
    node.kill().await;
}

/// What the tool box's client was answered about mails.
fn the_tool_boxs_mails_were_taken(said: &BTreeMap<String, Answer>) {
    for name in ["mail", "mail plain"] {
        let answer = json_of(said, name);
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
    let keys: Vec<String> = json_of(said, "mail")["data"]
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
    assert_eq!(json_of(said, "mail missing")["status"], -1);
    assert_eq!(json_of(said, "mail attachment")["status"], -2);
}

/// What the tool box's client did with faults, as it was answered and as it is kept.
async fn the_tool_boxs_faults_are_incidents(said: &BTreeMap<String, Answer>, node: &Node) {
    for (name, status, words) in [
        ("fault", 0, "Name: 数据库磁盘 <满> 添加成功"),
        ("fault again", -2, "Name: 数据库磁盘 <满> 已经存在"),
        ("fault without", -1, "参数不能为空"),
        ("fault nothing", -1, "参数不能为空"),
        ("fault dates", 0, "Name: 日期 添加成功"),
        ("fault put", 0, "更新成功"),
        ("fault put unknown", -2, "Name: 没有 不存在"),
        ("fault put nothing", -1, "参数不能为空"),
        ("fault delete", 0, "删除成功"),
        ("fault delete again", 0, "删除成功"),
        ("fault delete nothing", -1, "参数不能为空"),
    ] {
        let answer = json_of(said, name);
        assert_eq!(
            (&answer["status"], &answer["msg"]),
            (&status.into(), &words.into()),
            "{name}"
        );
        let keys: Vec<&String> = answer.as_object().expect("an object").keys().collect();
        assert_eq!(keys, ["status", "data", "datetime", "msg"], "{name}");
    }
    for (name, field) in [
        ("fault level", "fault_level"),
        ("fault time", "fault_start_time"),
    ] {
        let answer = json_of(said, name);
        assert_eq!(answer["status"], -3, "{name}");
        let words = answer["msg"].as_str().expect("words");
        assert!(words.starts_with(field), "{words}");
    }
    let page = &said["fault page"];
    assert!(
        page.kind
            .as_deref()
            .is_some_and(|kind| kind.starts_with("text/html"))
    );
    for part in [
        "<title>Fault Info V0.1</title>",
        "Welcome to FaultInfo",
        "<td>数据库磁盘 &lt;满&gt;</td><td>2</td><td>0</td><td>陈敏</td><td>李伟</td><td>见附件 &amp; 日志</td>",
        "<td>2018-11-22 10:00:00</td><td>2018-11-24 11:30:05</td><td>2 days, 1:30:05</td>",
        "<td>None</td><td>2018-11-22 00:00:00</td><td>2018-11-22 00:00:00</td><td>0:00:00</td>",
    ] {
        assert!(page.body.contains(part), "{part} is not in {}", page.body);
    }
    assert_eq!(json_of(said, "fault json")["total"], 2);
    let second = json_of(said, "fault format");
    assert_eq!(second["data"][0]["fault_name"], "日期");
    assert_eq!(json_of(said, "fault search")["total"], 2);
    assert_eq!(said["fault form"].status, 400);
    assert_eq!(said["fault patch"].status, 405);

    let incidents = ask::get(node, "/api/v1/incidents").await;
    assert_eq!(incidents["total"], 1);
    let incident = ask::get(node, "/api/v1/incidents/1").await;
    assert_eq!(
        (&incident["title"], &incident["summary"], &incident["state"]),
        (
            &"数据库磁盘 <满>".into(),
            &"已更换".into(),
            &"resolved".into()
        )
    );
    let timeline = incident["timeline"].as_array().expect("a timeline");
    let kinds: Vec<&Value> = timeline.iter().map(|entry| &entry["kind"]).collect();
    assert_eq!(kinds, ["opened", "edited", "resolved"]);
}

/// What the tool box's client was answered about reminders.
fn the_tool_boxs_reminders_are_kept(said: &BTreeMap<String, Answer>) {
    let missing = "参数不能为空";
    for (name, status, words) in [
        ("event", 0, "添加成功"),
        ("event again", -2, "Name: SSL <b>证书</b> 已经存在"),
        ("event empty", -1, missing),
        ("event without name", -1, missing),
        ("event without content", -1, missing),
        ("event without email", -1, missing),
        ("event without advance_at", -1, missing),
        ("event without expire_at", -1, missing),
        ("event at 2098-11-22", 0, "添加成功"),
        ("event at 2098-11-22T11:30:05", 0, "添加成功"),
        ("event at 2098/11/22", 0, "添加成功"),
        ("event at 20981122", 0, "添加成功"),
        ("event wrong days", -3, "advance_at: "),
        ("event wrong time", -3, "expire_at: "),
        ("event wrong email", -3, "email: "),
        ("event long", -3, "name: "),
        ("event injection", 0, "添加成功"),
        ("event put", 0, "更新成功"),
        ("event put unknown", -2, "Name: nothing 不存在"),
        ("event put empty", -1, missing),
        ("event put wrong", -3, "expire_at: "),
        ("event delete", 0, "删除成功"),
        ("event delete unknown", 0, "删除成功"),
        ("event delete empty", -1, missing),
    ] {
        let answer = json_of(said, name);
        assert_eq!(said[name].status, 200, "{name}");
        assert_eq!(answer["status"], status, "{name}: {answer}");
        let told = answer["msg"].as_str().expect("words");
        let fits = told == words || (status == -3 && told.starts_with(words));
        assert!(fits, "{name}: {told}");
        let keys: Vec<&String> = answer.as_object().expect("an object").keys().collect();
        assert_eq!(keys, ["status", "data", "datetime", "msg"], "{name}");
    }
    assert_eq!(said["event patch"].status, 405);
}

/// What it saw of them, as a page and as JSON.
fn the_tool_boxs_reminders_are_listed(said: &BTreeMap<String, Answer>) {
    let page = &said["event page"];
    let html = |kind: &str| kind.starts_with("text/html");
    assert!(page.kind.as_deref().is_some_and(html));
    for part in [
        "<title>penDevOps事件提醒</title>",
        "<th>name</th><th>content</th><th>email</th><th>advance</th><th>expire</th>",
        "<td>SSL &lt;b&gt;证书&lt;/b&gt;</td>",
    ] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    assert!(!page.body.contains("<script>"), "{}", page.body);
    let list = json_of(said, "event list");
    assert_eq!((&list["status"], &list["total"]), (&0.into(), &6.into()));
    let changed = &list["data"][1];
    assert_eq!(
        (&changed["name"], &changed["content"]),
        (&"event 0".into(), &"new".into())
    );
    assert_eq!(changed["advance_at"], 0);
    assert_eq!(changed["expire_at"], "2098-11-22 00:00:00");
    let search = json_of(said, "event search");
    assert_eq!(
        (&search["total"], &search["data"][0]["name"]),
        (&4.into(), &"event 3".into())
    );
    assert_eq!(json_of(said, "event search all")["total"], 0);
    assert_eq!(json_of(said, "event search wrong")["status"], -3);
    assert_eq!(json_of(said, "event left")["total"], 5);
}

/// What became of the tool box's uploads, and of mails that asked for files.
fn the_tool_boxs_files_were_kept(said: &BTreeMap<String, Answer>) {
    assert!(said["upload form"].body.contains("name=\"file\""));
    for name in ["upload", "upload again", "upload two", "upload path"] {
        is(said, name, 200, "finished!");
        assert_eq!(said[name].kind.as_deref(), Some("text/html; charset=utf-8"));
    }
    assert_eq!(said["upload other field"].status, 400);
    assert!(said["upload other field"].body.contains("\"file\""));
    is(said, "fetch 月报.txt", 200, "磁盘 96%\n");
    is(said, "fetch evil.txt", 200, "inside");
    assert_eq!(said["fetch first.bin"].status, 200);
    assert_eq!(
        said["fetch second.bin"].status, 404,
        "only the first is kept"
    );
    assert_eq!(said["fetch ..%2fevil.txt"].status, 404);
    let of = |kind: &str| {
        let kind = kind.to_owned();
        said.keys().filter(move |name| name.starts_with(&kind))
    };
    assert_eq!((of("att ").count(), of("bad att ").count()), (5, 10));
    for name in of("att ") {
        assert_eq!(json_of(said, name)["msg"], "发送成功", "{name}");
    }
    for name in of("bad att ") {
        let answer = json_of(said, name);
        let msg = answer["msg"].as_str().expect("words");
        assert_eq!(answer["status"], -2, "{name}");
        assert!(msg.starts_with("附件"), "{name}: {msg}");
        assert_eq!(answer["data"]["subject"], "附件", "{name}");
    }
}

/// The tool box's mails with files, and without.
fn the_tool_boxs_files_arrived(mail: &SmtpSim) {
    let mails = mail.received();
    let with: Vec<_> = mails[2..7].iter().map(|mail| mail.parts().len()).collect();
    assert_eq!(with.iter().filter(|parts| **parts == 2).count(), 2);
    let bytes: Vec<u8> = (0..=255).collect();
    let found = |mail: &balefire_testkit::smtp::Mail| {
        mail.bytes("application/octet-stream") == Some(bytes.clone())
    };
    assert_eq!(mails.iter().filter(|mail| found(mail)).count(), 1);
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
