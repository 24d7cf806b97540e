//! `/alarm_v2` from the signed request to the people: what a client built from the documentation is answered, the
//! groups that are made at DingTalk, every code, the three logs, and that a crash loses nothing.

use std::path::PathBuf;
use std::process::Stdio;

use balefire_testkit::mode::Mode;
use balefire_testkit::received::{Received, Verdict};
use balefire_testkit::simulator::Simulator;
use balefire_testkit::smtp::{Security, SmtpSim};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use super::ask;
use super::node::{Node, eventually};
use super::providers::simulator;

const PYTHON: &str = "/usr/bin/python3";

/// What the client is answered.
const ANSWERS: [(&str, u16); 52] = [
    ("get", 1004),
    ("no json", 1002),
    ("not utf-8", 1002),
    ("empty", 1002),
    ("a list", 1000),
    ("null", 1000),
    ("deep", 1002),
    ("infinite", 1002),
    ("a surrogate", 1002),
    ("a mark", 1002),
    ("too much", 1002),
    ("a nul", 1002),
    ("twice", 0),
    ("missing", 1001),
    ("a number", 2009),
    ("a zero", 1001),
    ("department", 2002),
    ("signature", 2000),
    ("upper case", 2000),
    ("short", 2000),
    ("31 digits", 2000),
    ("33 digits", 2000),
    ("empty sign", 1001),
    ("a list as sign", 2009),
    ("a number as sign", 2009),
    ("environment", 2003),
    ("nobody", 3001),
    ("letters as level", 3001),
    ("same text 1", 0),
    ("same text 2", 0),
    ("same text 3", 0),
    ("same text 4", 0),
    ("same text 5", 1010),
    ("cloud 1", 0),
    ("cloud 2", 0),
    ("cloud 3", 0),
    ("cloud 4", 1010),
    ("hmac", 0),
    ("a pair", 0),
    ("its other half", 0),
    ("webhook", 0),
    ("webhook again", 1010),
    ("webhook two signatures", 0),
    ("webhook early", 2000),
    ("webhook late", 2000),
    ("webhook other secret", 2000),
    ("webhook without dep", 1001),
    ("webhook list as dep", 2009),
    ("webhook cut", 2000),
    ("old get", 0),
    ("old post", 0),
    ("old put", 1003),
];

/// What a request was answered.
#[derive(Debug)]
struct Said {
    name: String,
    status: u64,
    body: String,
    kind: String,
    deprecation: Option<String>,
}

/// Runs the client, with these alarms or through all its own.
async fn client(node: &Node, alarms: Option<&[Value]>) -> Vec<Said> {
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/clients/alarm_v2.py");
    let mut command = Command::new(PYTHON);
    command
        .arg(script)
        .arg(node.url("").trim_end_matches('/'))
        .args(alarms.map(|_| "send"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let mut child = command.spawn().expect("python");
    let lines: Vec<String> = alarms.into_iter().flatten().map(Value::to_string).collect();
    let mut input = child.stdin.take().expect("its input");
    input
        .write_all(lines.join("\n").as_bytes())
        .await
        .expect("alarms");
    drop(input);
    let output = child.wait_with_output().await.expect("an end");
    let failed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{failed}");
    let said = String::from_utf8(output.stdout).expect("text");
    let read = |line: &str| {
        let value: Value = serde_json::from_str(line).expect("a line of JSON");
        let text = |key: &str| value[key].as_str().map(ToOwned::to_owned);
        Said {
            name: text("name").expect("a name"),
            status: value["status"].as_u64().expect("a status"),
            body: text("body").expect("a body"),
            kind: text("type").expect("a type"),
            deprecation: text("deprecation"),
        }
    };
    said.lines().map(read).collect()
}

/// The codes of alarms that are sent together.
async fn codes(node: &Node, alarms: &[Value]) -> Vec<u64> {
    let said = client(node, Some(alarms)).await;
    let code = |said: &Said| -> Option<u64> {
        let body: Value = serde_json::from_str(&said.body).ok()?;
        body["code"].as_u64()
    };
    said.iter()
        .map(|said| code(said).expect("a code"))
        .collect()
}

/// An alarm of the front end, whose texts are never held back.
fn alarm(level: &str, host: &str) -> Value {
    json!({"id": "chenmin", "level": level, "dep": "du-fe", "env": "prod", "alert_host": host})
}

fn accounts(sim: &Simulator, mail: &SmtpSim) -> String {
    let app = sim.dingtalk_app();
    let wecom = sim.wecom_app();
    format!(
        "accounts:
  corp: {{kind: dingtalk_app, base_url: \"{}\", client_id: {}, client_secret: {}, agent_id: {}}}
  app: {{kind: wecom_app, base_url: \"{}\", corp_id: \"{}\", secret: \"{}\", agent_id: {}}}
  mail: {{kind: smtp, host: 127.0.0.1, port: {}, tls: none_loopback, from: Ops <ops@example.com>}}
  hook: {{kind: webhook, url: \"{}\"}}
people:
  chen: {{name: 陈敏, dingtalk: u1, wecom: chenmin, email: chenmin@example.com}}
  li: {{name: 李伟, dingtalk: u2, wecom: liwei}}
  wang: {{name: 王芳, dingtalk: u3}}
receivers: [{{name: inbox, inbox_configs: [{{}}]}}, {{name: operator, webhook_configs: [{{account: hook}}]}}]
route: {{receiver: inbox}}
meta: {{receiver: operator}}
",
        sim.url(),
        app.token.client_id(),
        app.token.client_secret(),
        app.notice.agent_id(),
        wecom.base_url(),
        wecom.corp_id(),
        wecom.secret(),
        wecom.agent_id(),
        mail.port(),
        sim.webhook().url("told"),
    )
}

async fn mail_server() -> SmtpSim {
    SmtpSim::start(Security::Plain).await.expect("mail server")
}

/// What a provider took.
fn taken(requests: Vec<Received>) -> Vec<Value> {
    let accepted =
        |request: &Received| matches!(request.verdict, Verdict::Accepted | Verdict::Answered);
    let taken = requests.into_iter().filter(accepted);
    taken.map(|request| request.json()).collect()
}

/// The groups that messages went to, each once, in their order.
fn groups(sim: &Simulator) -> Vec<String> {
    let mut groups = Vec::new();
    for message in taken(sim.dingtalk_app().robot.requests()) {
        let id = message["openConversationId"].as_str().unwrap_or_default();
        if !id.is_empty() && !groups.iter().any(|known| known == id) {
            groups.push(id.to_owned());
        }
    }
    groups
}

/// The members of each group that was made.
fn made(sim: &Simulator) -> Vec<Value> {
    let requests = taken(sim.dingtalk_app().org.requests()).into_iter();
    let scene = requests.filter(|request| request["template_id"].is_string());
    scene.map(|request| request["user_ids"].clone()).collect()
}

/// The meta-alert that says so.
async fn finding(sim: &Simulator, words: &str) -> String {
    eventually("the operator hears of it", async || {
        let told = sim.webhook().requests().into_iter();
        let mut told = told.map(|told| told.json().to_string());
        told.find(|told| told.contains(words))
    })
    .await
}

fn notices(sim: &Simulator) -> usize {
    taken(sim.dingtalk_app().notice.requests()).len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_built_from_the_documentation_is_answered_as_it_says() {
    let (sim, mail) = (simulator().await, mail_server().await);
    let document = format!(
        "{}legacy:
  alarm_v2:
    salt: balefire-test-salt
    signing_secret: whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=
    wecom: app
    mail: mail
    groups:
    - {{owner: chenmin, level: 3, title: 告警通知, wecom_people: [陈敏, li, 赵六], email_people: [chen]}}
",
        accounts(&sim, &mail)
    );
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document).await;
    let said = client(&node, None).await;
    let found: Vec<(&str, String)> = said
        .iter()
        .map(|said| (said.name.as_str(), said.body.clone()))
        .collect();
    assert_eq!(
        found,
        ANSWERS.map(|(name, code)| (name, format!("{{\"code\": {code}}}")))
    );
    for said in &said {
        assert_eq!(
            (said.status, said.kind.as_str()),
            (200, "text/html; charset=utf-8"),
            "{said:?}"
        );
        let md5 = [
            "twice",
            "nobody",
            "same text",
            "cloud",
            "a pair",
            "its other half",
            "letters",
            "old get",
            "old post",
        ];
        let md5 = md5.iter().any(|name| said.name.starts_with(name));
        assert_eq!(
            said.deprecation.as_deref(),
            md5.then_some("@1795824000"),
            "{said:?}"
        );
    }
    what_was_told_and_noted(&sim, &mail, &node).await;
    node.kill().await;
}

/// What the people of that client's alarms got, and what the operator can read of it.
async fn what_was_told_and_noted(sim: &Simulator, mail: &SmtpSim, node: &Node) {
    mail.wait_for(15).await;
    let mails = mail.received();
    assert_eq!(mails[0].subject(), "告警通知");
    let texts: Vec<String> = mails
        .iter()
        .map(|mail| {
            mail.text("text/plain")
                .expect("a text")
                .replace("\r\n", "\n")
        })
        .collect();
    let starts = |start: &str| texts.iter().filter(|text| text.starts_with(start)).count();
    assert_eq!(
        starts("部门:运维  \n环境:生产环境  \n告警业务:it's a 测试  \n告警主机:db-1  \n"),
        4
    );
    assert_eq!(
        starts("部门:前端  \n环境:测试环境  \ncount:7  \ntags:[\"a\",\"b\"]"),
        2
    );
    let cards = taken(sim.wecom_app().requests());
    assert_eq!(cards.len(), 15);
    assert_eq!(cards[0]["touser"], "chenmin|liwei");

    let refusals = ask::get(node, "/api/v1/rejected?limit=1000")
        .await
        .to_string();
    assert_eq!(refusals.matches("came with other fields before").count(), 1);
    assert_eq!(
        refusals.matches("this webhook-id was taken before").count(),
        1
    );
    let finding = finding(sim, "wecom_people[2]").await;
    assert!(!finding.contains("赵六"), "{finding}");

    let all = ask::get(node, "/api/v1/alarms?limit=1000").await;
    let all = all["alarms"].as_array().expect("a list");
    // Suppressed ones and those for nobody, too; the repeated webhook-id is the first one's.
    assert_eq!(all.len(), 19);
    assert!(all.iter().all(|alarm| alarm["fields"].get("sign").is_none()
        && alarm["fields"].get("notes") != Some(&"None".into())));
    let page = ask::get(
        node,
        "/api/v1/alarms?env=prod&owner=chenmin&dep=du-op&limit=3",
    )
    .await;
    assert_eq!(page["alarms"].as_array().map(Vec::len), Some(3));
    let last = &page["alarms"][0];
    assert_eq!(
        (&last["code"], &last["wecom"]["status"]),
        (&1010.into(), &Value::Null)
    );
    let before = &page["next"];
    let page = ask::get(
        node,
        &format!("/api/v1/alarms?env=prod&owner=chenmin&dep=du-op&before={before}"),
    )
    .await;
    let page = page["alarms"].as_array().expect("a list").clone();
    assert_eq!(page.len(), 3);
    assert_eq!(page[0]["wecom"]["status"], "success");
    assert_eq!(page[0]["email"]["status"], "success");
    assert_eq!(page[0]["dingtalk"]["status"], Value::Null);
    assert_eq!(page[2]["code"], 3001, "letters as level");
    let dev = ask::get(node, "/api/v1/alarms?env=dev").await;
    assert_eq!(dev["alarms"].as_array().map(Vec::len), Some(2));
    assert_eq!(dev["alarms"][0]["fields"]["count"], 7);
    let (status, said) = ask::answer(node.client.get(node.url("/api/v1/alarms?env=test"))).await;
    assert_eq!(status, 400, "{said}");
    let (status, _) = ask::answer(node.client.post(node.url("/alarm_v2/")).body("{}")).await;
    assert_eq!(status, 404);
}

fn with_groups(sim: &Simulator, mail: &SmtpSim) -> String {
    format!(
        "{}legacy:
  alarm_v2:
    salt: balefire-test-salt
    dingtalk: corp
    wecom: app
    mail: mail
    make_groups: true
    group_owner: chen
    group_template: {}
    groups:
    - {{owner: chenmin, level: 3, chat_name: 数据库告警, dingtalk_people: [li, 王芳, 赵六]}}
    - {{owner: chenmin, level: 4, dingtalk_people: [li]}}
    - {{owner: chenmin, level: 5, wecom_people: [li]}}
    - {{owner: chenmin, level: 6, email_people: [chen]}}
    - {{owner: chenmin, level: 7, conversation_id: cid-ours, dingtalk_people: [li]}}
",
        accounts(sim, mail),
        sim.dingtalk_app().org.template(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_made_once_and_anew_when_it_is_gone_or_for_others() {
    let (sim, mail) = (simulator().await, mail_server().await);
    let app = sim.dingtalk_app();
    // u3 has left the company.
    app.org.set_people(&["u1", "u2"]);
    let document = with_groups(&sim, &mail);
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document).await;

    let together: Vec<Value> = (0..8).map(|n| alarm("03", &format!("db-{n}"))).collect();
    assert_eq!(codes(&node, &together).await, [0; 8]);
    assert_eq!(made(&sim), [json!(["u1", "u2"])], "one, without who left");
    let first = groups(&sim);
    assert_eq!((first.len(), notices(&sim)), (1, 0));
    finding(&sim, "without u3").await;

    node.kill().await;
    let node = Node::start(folder.path(), &document).await;
    assert_eq!(codes(&node, &[alarm("3", "after a restart")]).await, [0]);
    assert_eq!((made(&sim).len(), groups(&sim)), (1, first.clone()));

    app.robot.disband(&first[0]);
    assert_eq!(codes(&node, &[alarm("3", "the group is gone")]).await, [0]);
    let second = groups(&sim);
    assert_eq!((made(&sim).len(), second.len()), (2, 2));

    // Others belong to it: set by API, which stands before the document.
    let path = "/api/v1/alarm-groups/chenmin/3";
    let body = json!({"dingtalkPeople": ["陈敏", "nobody"]});
    let request = node.client.put(node.url(path)).json(&body);
    let (status, group) = ask::answer(request).await;
    assert_eq!((status, &group["from"]), (201, &"api".into()), "{group}");
    let warning = "dingtalk_people[1]: nobody under people has this key or name and dingtalk";
    assert_eq!(group["warnings"], json!([warning]));
    assert_eq!(codes(&node, &[alarm("3", "other people")]).await, [0]);
    assert_eq!(made(&sim).len(), 3);
    assert_eq!(made(&sim)[2], json!(["u1"]));
    let list = ask::get(&node, "/api/v1/alarm-groups").await;
    let shown: Vec<_> = list["groups"]
        .as_array()
        .expect("a list")
        .iter()
        .take(2)
        .collect();
    assert_eq!(
        (&shown[0]["from"], &shown[0]["counts"]),
        (&"api".into(), &true.into())
    );
    assert_eq!(
        (&shown[1]["from"], &shown[1]["counts"]),
        (&"document".into(), &false.into())
    );
    assert!(!list.to_string().contains("balefire-test-salt"));
    let delete = || ask::answer(node.client.delete(node.url(path)));
    assert_eq!(delete().await.0, 204);
    assert_eq!(delete().await.0, 404);

    let log = ask::get(&node, "/api/v1/alarms?env=prod&level=3&limit=2").await;
    assert_eq!(log["alarms"][1]["dingtalk"]["status"], "success");
    node.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_step_that_fails_for_good_has_its_code_and_the_alarm_arrives_otherwise() {
    let (sim, mail) = (simulator().await, mail_server().await);
    let app = sim.dingtalk_app();
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &with_groups(&sim, &mail)).await;
    let code = async |level: &str, host: &str| codes(&node, &[alarm(level, host)]).await[0];

    // What may pass: work notices now, a group next time.
    app.org
        .fail_with(Mode::ErrCode(500, "system.error".to_owned()));
    assert_eq!(code("4", "a fault").await, 0);
    assert_eq!((made(&sim).len(), notices(&sim)), (0, 1));
    let refusal = "Forbidden.AccessDenied.AccessTokenPermissionDenied";
    app.org.fail_with(Mode::ErrCode(403, refusal.to_owned()));
    assert_eq!(code("4", "a refusal").await, 4001);
    assert_eq!(
        (made(&sim).len(), notices(&sim)),
        (0, 2),
        "its people are told"
    );
    app.org.heal();
    assert_eq!(code("4", "healed").await, 0);
    assert_eq!(
        (made(&sim).len(), notices(&sim), groups(&sim).len()),
        (1, 2, 1)
    );

    // The group of the operator's own is not there.
    assert_eq!(code("7", "no such group").await, 4002);
    assert_eq!(notices(&sim), 3);
    app.token.expire_tokens();
    let wrong = "invalidClientIdOrSecret".to_owned();
    app.token.fail_with(Mode::ErrCode(400, wrong));
    assert_eq!(code("4", "a wrong secret").await, 4000);
    app.token.heal();

    sim.wecom_app()
        .fail_times(Mode::ErrCode(60_111, "userid not found".to_owned()), 1);
    assert_eq!(code("5", "a stranger").await, 4004);
    sim.wecom_app().fail_times(Mode::ExpiredToken, 1);
    sim.wecom_token()
        .fail_with(Mode::ErrCode(40_001, "invalid credential".to_owned()));
    assert_eq!(code("5", "a wrong secret").await, 4003);
    sim.wecom_token().heal();

    mail.refuse_recipient("chenmin@example.com", 550, "5.1.1 no such user");
    assert_eq!(code("6", "no such user").await, 4005);
    let log = ask::get(&node, "/api/v1/alarms?code=4005").await;
    assert_eq!(log["alarms"][0]["email"]["status"], "false");
    let log = ask::get(&node, "/api/v1/alarms?code=4001").await;
    assert_eq!(
        log["alarms"][0]["dingtalk"]["status"], "success",
        "as a work notice"
    );

    // Where the log cannot be written, nobody is told and the caller hears it.
    let database = folder.path().join("data/balefire.db");
    let rename = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('ALTER TABLE alarm RENAME TO elsewhere')";
    let renamed = Command::new(PYTHON)
        .args(["-c", rename])
        .arg(&database)
        .status();
    assert!(
        renamed.await.expect("python").success(),
        "{}",
        database.display()
    );
    assert_eq!(code("5", "no log").await, 3000);
    assert!(
        !sim.requests()
            .iter()
            .any(|request| request.json().to_string().contains("no log"))
    );
    node.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_between_taking_an_alarm_and_telling_it_loses_nothing() {
    let (sim, mail) = (simulator().await, mail_server().await);
    let app = sim.dingtalk_app();
    let folder = tempfile::tempdir().expect("folder");
    let document = with_groups(&sim, &mail);
    let node = Node::start(folder.path(), &document).await;
    // One hangs while its group is made, before any way has begun; one while its message is on the way.
    app.org.fail_with(Mode::Hang);
    sim.wecom_app().fail_with(Mode::Hang);
    let alarms = [alarm("4", "no way has begun"), alarm("5", "on the way")];
    let asking = client(&node, Some(&alarms));
    let crash = async {
        eventually("both are under way", async || {
            let (org, wecom) = (app.org.requests(), sim.wecom_app().requests());
            (!org.is_empty() && !wecom.is_empty()).then_some(())
        })
        .await;
        let log = ask::get(&node, "/api/v1/alarms").await;
        let log = log["alarms"].as_array().expect("a list").clone();
        assert!(log.iter().all(|alarm| alarm["code"].is_null()), "{log:?}");
        let told: Vec<&Value> = log.iter().map(|alarm| &alarm["wecom"]["status"]).collect();
        assert!(told.contains(&&"sending".into()), "{told:?}");
    };
    // The client hears nothing any more, and does not matter.
    tokio::select! {
        _ = asking => panic!("nobody was to be answered"),
        () = crash => {}
    }
    node.kill().await;
    app.org.heal();
    sim.wecom_app().heal();
    let before = sim.wecom_app().counts().requests;
    let node = Node::start(folder.path(), &document).await;
    // Whoever made the group has a minute's leave, crashed or not: the first alarm goes out as a work notice.
    let says = |requests: Vec<Received>, words: &str| {
        let mut taken = taken(requests).into_iter();
        taken.any(|told| told.to_string().contains(words))
    };
    eventually("both arrive", async || {
        let notice = says(app.notice.requests(), "no way has begun");
        let card = says(sim.wecom_app().requests(), "on the way");
        (notice && card).then_some(())
    })
    .await;
    let log = eventually("both are answered", async || {
        let log = ask::get(&node, "/api/v1/alarms").await;
        let log = log["alarms"].as_array().expect("a list").clone();
        let done = log.iter().all(|alarm| alarm["code"] == 0);
        done.then_some(log)
    })
    .await;
    assert_eq!(log.len(), 2);
    // What had begun before the crash is told once more at most, not stored twice.
    assert_eq!(sim.wecom_app().counts().requests, before + 1);
    node.kill().await;
}
