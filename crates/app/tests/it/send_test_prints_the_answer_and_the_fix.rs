//! `send --test` with and without a node: what the provider says, and on an error what to do about it.

use std::sync::Arc;

use balefire_engine::clock::SystemClock;
use balefire_testkit::simulator::Simulator;

use serde_json::json;

use super::ask::answer;
use super::command::{balefire, command, finish};
use super::node::Node;

/// Providers whose clock is this machine's.
async fn providers() -> Simulator {
    let clock = Arc::new(SystemClock);
    Simulator::builder()
        .clock(clock)
        .start()
        .await
        .expect("simulator")
}

fn document(sim: &Simulator, secret: &str) -> String {
    format!(
        "accounts:\n  robot: {{kind: dingtalk_robot, url: \"{}\", secret: \"{secret}\"}}\n\
         \x20 hook: {{kind: webhook, url: \"{}\"}}\n\
         receivers:\n- name: ops\n  dingtalk_configs: [{{account: robot}}]\n\
         route: {{receiver: ops}}\n",
        sim.dingtalk().url(),
        sim.webhook().url("cli"),
    )
}

/// Runs `send --test` on a document, with no node anywhere.
async fn test(document: &str, more: &[&str]) -> super::command::Ran {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("balefire.yml");
    std::fs::write(&file, document).expect("write");
    let file = file.display().to_string();
    let mut arguments = vec!["send", "--config", &file];
    arguments.extend(more);
    finish(command(&arguments), "").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_account_is_tested_without_a_node() {
    let sim = providers().await;
    let ran = test(
        &document(&sim, sim.dingtalk().secret()),
        &["--test", "robot"],
    )
    .await
    .exits(0);
    assert!(ran.data.contains("delivered in"), "{}", ran.data);
    assert_eq!(sim.dingtalk().received().len(), 1);

    // An account that no receiver uses is opened as it stands.
    let ran = test(&document(&sim, "SECx"), &["--test", "hook", "--json"])
        .await
        .exits(0)
        .json();
    assert_eq!(ran["kind"], "webhook");
    assert_eq!(ran["outcomes"][0]["ok"], true, "{ran}");
    assert_eq!(sim.webhook().received().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_is_named_with_what_to_do() {
    let sim = providers().await;
    let wrong = "SEC0000000000000000000000000000000000000000000000000000000000000000";
    let ran = test(&document(&sim, wrong), &["--test", "robot"])
        .await
        .exits(7);
    assert!(ran.data.contains("misconfigured"), "{}", ran.data);
    let fix = ran
        .data
        .lines()
        .find(|line| line.starts_with("fix: "))
        .expect("a fix");
    assert!(fix.contains("secret"), "{fix}");
    assert!(
        !ran.data.contains(wrong) && !ran.words.contains(wrong),
        "the secret is shown"
    );

    let report = test(&document(&sim, wrong), &["--test", "robot", "--json"])
        .await
        .exits(7)
        .json();
    let outcome = &report["outcomes"][0];
    assert_eq!(outcome["kind"], "misconfigured");
    assert!(
        outcome["fix"]
            .as_str()
            .is_some_and(|fix| fix.contains("secret")),
        "{report}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_not_there_and_options_that_do_not_fit_are_said_at_once() {
    let sim = providers().await;
    let document = document(&sim, sim.dingtalk().secret());
    let ran = test(&document, &["--test", "robbot"]).await.exits(3);
    assert!(
        ran.words.contains("there are: hook, robot"),
        "{}",
        ran.words
    );
    let ran = test(&document, &["--test", "robot", "--option", "msgtype=shout"])
        .await
        .exits(6);
    assert!(ran.words.contains("markdown"), "{}", ran.words);
    let ran = test("route: {receiver: nobody}\n", &["--test", "robot"])
        .await
        .exits(6);
    assert!(ran.words.contains("nobody"), "{}", ran.words);
    assert_eq!(sim.dingtalk().requests().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_node_tests_its_accounts_too() {
    let sim = providers().await;
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document(&sim, sim.dingtalk().secret())).await;
    let ran = balefire(&node.url(""), &["send", "--test", "robot"])
        .await
        .exits(0);
    assert!(ran.words.contains("taken in"), "{}", ran.words);
    assert_eq!(sim.dingtalk().received().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_node_says_of_a_wrong_account_at_once_what_to_do() {
    let sim = providers().await;
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document(&sim, "SECwrong")).await;
    let ran = balefire(&node.url(""), &["send", "--test", "robot"])
        .await
        .exits(7);
    let step = ran.words.lines().find(|line| line.contains("try 1 failed"));
    let step = step.unwrap_or_else(|| panic!("{}", ran.words));
    assert!(step.contains("misconfigured"), "{step}");
    let (_, fix) = step.split_once("; fix: ").expect("what to do");
    assert!(fix.contains("secret"), "{fix}");
    assert!(ran.data.contains("dead_lettered"), "{}", ran.data);
    // It is in the record too, and in each try's.
    let seq = ran.data.split(' ').next().expect("its number");
    let shown = balefire(&node.url(""), &["deliveries", "show", seq])
        .await
        .exits(0);
    assert_eq!(shown.data.matches(fix).count(), 2, "{}", shown.data);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_a_message_by_hand_is_told_what_to_do() {
    let sim = providers().await;
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document(&sim, "SECwrong")).await;
    for more in [json!({"text": "hello"}), json!({"test": true})] {
        let mut body = json!({"account": "robot", "wait": "10s"});
        let fields = body.as_object_mut().expect("an object");
        fields.extend(more.as_object().expect("an object").clone());
        let request = node.client.post(node.url("/api/v1/messages"));
        let (status, said) = answer(request.json(&body)).await;
        assert_eq!((status, &said["state"]), (200, &json!("failed")), "{said}");
        let sent = &said["notifications"][0];
        assert_eq!(sent["state"], "dead_lettered", "{said}");
        let detail = sent["detail"].as_str().expect("words");
        assert!(detail.starts_with("misconfigured: "), "{detail}");
        let (_, fix) = detail.split_once("; fix: ").expect("what to do");
        assert!(fix.contains("secret"), "{fix}");
    }
    assert_eq!(sim.dingtalk().requests().len(), 2, "each was tried once");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_of_accounts_says_which_needs_a_change_and_which() {
    let sim = providers().await;
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document(&sim, "SECwrong")).await;
    for (account, exit) in [("robot", 7), ("hook", 0)] {
        let ran = balefire(&node.url(""), &["send", "--test", account]).await;
        ran.exits(exit);
    }
    let ran = balefire(&node.url(""), &["channels"]).await.exits(0);
    let line = |name: &str| ran.data.lines().find(|line| line.starts_with(name));
    assert!(line("hook ").is_some_and(|line| line.contains("good")));
    assert!(line("robot ").is_some_and(|line| line.contains("misconfigured")));
    let fix = line("  fix: ").expect("what to do");
    assert!(fix.contains("secret"), "{}", ran.data);
    let url = node.url("");
    let ran = balefire(&url, &["channels", "--kinds", "--json"]).await;
    let kinds = ran.exits(0).json();
    let robot = |kind: &serde_json::Value| kind["kind"] == "dingtalk_robot";
    let robot = kinds
        .as_array()
        .and_then(|kinds| kinds.iter().find(|kind| robot(kind)));
    assert_eq!(robot.expect("a kind")["accounts"], 1, "{kinds}");
}
