//! A message that an older service's path took is on disk: the node dies before its provider has it, and the next
//! start tells it.

use balefire_testkit::mode::Mode;
use balefire_testkit::received::Verdict;
use balefire_testkit::simulator::Simulator;
use serde_json::json;

use super::ask;
use super::node::{Node, eventually};
use super::providers::{accounts, simulator};

const LEGACY: &str = "
receivers: [{name: inbox, inbox_configs: [{}]}]
route: {receiver: inbox}
legacy:
  push: {slack: {ops: slack}, dingtalk: ding, wecom: app}
  grafana_wecom: {account: app, people: [chenmin, liwei]}
  apptools: {dingtalk: ding, wechat: robot}
";

/// Lets every provider that is used answer so.
fn all(sim: &Simulator, mode: &Mode) {
    sim.dingtalk().fail_with(mode.clone());
    sim.wecom_app().fail_with(mode.clone());
    sim.wecom_robot().fail_with(mode.clone());
    sim.slack_hook().fail_with(mode.clone());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_every_older_path_took_is_told_by_the_next_start() {
    let sim = simulator().await;
    let document = format!("{}{LEGACY}", accounts(&sim));
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document).await;
    all(&sim, &Mode::Status(503, Vec::new(), "busy".to_owned()));
    let requests = [
        (
            "/slack/send/message",
            json!({"channel": "ops", "content": "k9-slack"}),
        ),
        (
            "/dingding/send/message",
            json!({"content": "k9-push-ding", "isAtAll": true}),
        ),
        (
            "/wx/apps/send",
            json!({"touser": "chenmin", "agentid": "1000002", "content": "k9-wx"}),
        ),
        (
            "/send_dingtalk",
            json!({"content": "k9-tools-ding", "phone": "None"}),
        ),
        ("/send_wechat", json!({"text": "k9-wechat", "desp": "x"})),
        (
            "/check_service",
            json!({"title": "k9-card", "ruleUrl": "http://g.example.com/"}),
        ),
    ];
    let posts = requests.iter().map(|(path, body)| {
        let node = &node;
        async move { ask::post(node, path, ask::JSON, body.to_string()).await }
    });
    let answers = futures_util::future::join_all(posts).await;
    for ((path, _), (status, said)) in requests.iter().zip(&answers) {
        assert_eq!(*status, 200, "{path}: {said}");
    }
    node.kill().await;
    all(&sim, &Mode::Ok);
    let node = Node::start(folder.path(), &document).await;
    for word in [
        "k9-slack",
        "k9-push-ding",
        "k9-wx",
        "k9-tools-ding",
        "k9-wechat",
        "k9-card",
    ] {
        eventually(word, async || {
            let requests = sim.requests();
            let told = requests.iter().any(|request| {
                request.verdict == Verdict::Accepted && request.json().to_string().contains(word)
            });
            told.then_some(())
        })
        .await;
    }
    node.kill().await;
}
