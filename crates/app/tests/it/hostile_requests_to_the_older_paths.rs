//! What attackers send to the older services' paths is answered, recorded and changes nothing (security tests S01,
//! S02, S03, S45), and nothing of it is run.

use std::io::Write as _;

use balefire_testkit::received::Verdict;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::ask;
use super::node::Node;
use super::providers::{accounts, simulator};

const LEGACY: &str = "
receivers: [{name: inbox, inbox_configs: [{}]}]
route: {receiver: inbox}
legacy:
  push: {slack: {ops: slack}, dingtalk: ding, wecom: app}
  grafana_wecom: {account: app, people: [chenmin]}
  apptools: {dingtalk: ding, wechat: robot}
";

/// Every path that takes a JSON object, with the family under which a refusal is recorded.
const PATHS: [(&str, &str); 9] = [
    ("/api/model/send_sms/", "grafana_wecom"),
    ("/check_service", "grafana_wecom"),
    ("/email/send/message", "push"),
    ("/slack/send/message", "push"),
    ("/dingding/send/message", "push"),
    ("/wx/apps/send", "push"),
    ("/sendmail", "apptools"),
    ("/send_dingtalk", "apptools"),
    ("/send_wechat", "apptools"),
];

/// Bodies that are no JSON object, or one that two readers would read differently.
fn bodies() -> Vec<(Vec<u8>, &'static str)> {
    let utf16: Vec<u8> = "{}".encode_utf16().flat_map(u16::to_be_bytes).collect();
    vec![
        (b"__import__('os').system('touch pwned')".to_vec(), "Python"),
        (b"{'state':'ok','title':'x'}".to_vec(), "a Python dict"),
        (b"{\"title\": true, \"title\": 1}".to_vec(), "a key twice"),
        ("[".repeat(100_000).into_bytes(), "depth"),
        (b"{\"a\": 1e999}".to_vec(), "a number no double holds"),
        (b"{\"a\": NaN}".to_vec(), "NaN"),
        (b"{\"a\": \"\\ud800\"}".to_vec(), "half a character"),
        (b"{\"a\": \"\\u0000\"}".to_vec(), "NUL"),
        ("\u{feff}{}".as_bytes().to_vec(), "a byte order mark"),
        (utf16, "UTF-16"),
        (b"{}}".to_vec(), "something behind it"),
        (b"[]".to_vec(), "a list"),
        (b"null".to_vec(), "null"),
    ]
}

/// A few kilobytes that unpack to more than a request may hold.
fn bomb() -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(&vec![b' '; 2 << 20]).expect("packed");
    packed.finish().expect("packed")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_json_object_is_refused_recorded_and_never_run() {
    let sim = simulator().await;
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &format!("{}{LEGACY}", accounts(&sim))).await;
    let bomb = bomb();
    for (path, family) in PATHS {
        for (body, what) in bodies() {
            let (status, said) = ask::post(&node, path, ask::JSON, body).await;
            assert_eq!(status, 400, "{path}: {what}: {said}");
            assert!(!said.to_string().contains("Traceback"), "{path}: {said}");
            let refusal = ask::last_refusal(&node).await;
            assert_eq!(refusal["source"], family, "{path}: {what}");
        }
        let packed = node
            .client
            .post(node.url(path))
            .header("content-encoding", "gzip")
            .body(bomb.clone());
        let (status, said) = ask::answer(packed).await;
        assert_eq!(status, 413, "{path}: {said}");
    }
    assert!(!folder.path().join("pwned").exists());
    let sent = sim.requests();
    assert!(sent.is_empty(), "nothing is told: {sent:?}");
    node.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_looks_like_a_statement_or_a_mention_is_told_as_it_is_written() {
    let sim = simulator().await;
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &format!("{}{LEGACY}", accounts(&sim))).await;
    let texts = [
        "' OR 1=1--",
        "\"; DROP TABLE fault;--",
        "1;SELECT pg_sleep(5)",
        "{{7*7}} ${jndi:ldap://x/a} %s%n",
    ];
    for text in texts {
        let body = json!({"content": text, "isAtAll": false, "atMobiles": []}).to_string();
        let (status, said) = ask::post(&node, "/dingding/send/message", ask::JSON, body).await;
        assert_eq!((status, &said["code"]), (200, &json!(0)), "{said}");
        let body = json!({"msgtype": "text", "content": text, "phone": "None"}).to_string();
        let (status, said) = ask::post(&node, "/send_dingtalk", ask::JSON, body).await;
        assert_eq!((status, &said["status"]), (200, &json!(0)), "{said}");
    }
    let told: Vec<Value> = sim
        .requests()
        .into_iter()
        .filter(|request| request.verdict == Verdict::Accepted)
        .map(|request| request.json()["text"]["content"].clone())
        .collect();
    let expected: Vec<&str> = texts.iter().flat_map(|text| [*text, *text]).collect();
    assert_eq!(told, expected);
    node.kill().await;
}
