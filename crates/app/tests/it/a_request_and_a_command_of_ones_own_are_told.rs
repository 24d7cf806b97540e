//! Two ways out that are the operator's own: a request by a template, and a command of the machine.

use balefire_testkit::Mode;
use balefire_testkit::simulator::Simulator;
use serde_json::{Value, json};

use super::command::{balefire, command, finish};
use super::node::Node;

fn document(simulator: &Simulator, folder: &std::path::Path) -> String {
    let told = folder.join("told.json");
    format!(
        "server: {{commands: [/bin/sh]}}\n\
         accounts:\n\
         \x20 gateway:\n    kind: http\n    url: \"{}\"\n\
         \x20   body: '{{\"text\": \"{{{{ title }}}} / {{{{ text }}}}\", \"to\": \"{{{{ params.to }}}}\", \"labels\": {{{{ common_labels|json }}}}}}'\n\
         \x20   success_pointer: /status\n    success_values: ok\n\
         \x20 broken: {{kind: http, url: \"{}\", body: '{{\"text\": {{{{ title }}}}}}'}}\n\
         \x20 page: {{kind: command, command: /bin/sh, arguments: [-c, 'cat > {}; echo queued 7']}}\n\
         receivers:\n\
         - name: ops\n  http_configs: [{{account: gateway, params: {{to: '13800138000'}}}}]\n  command_configs: [{{account: page}}]\n\
         route: {{receiver: ops, group_wait: 0s}}\n",
        simulator.webhook().url("gateway"),
        simulator.webhook().url("broken"),
        told.display(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn what_strangers_write_stays_a_value_of_the_request_and_of_the_command() {
    let simulator = Simulator::start().await.expect("a simulator");
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document(&simulator, folder.path())).await;
    let hostile = "disk \"full\"\", \"to\": \"1\" $(reboot)";
    let ran = balefire(
        &node.url(""),
        &["send", hostile, "--title", hostile, "--to", "ops", "--wait"],
    )
    .await;
    let ran = ran.exits(0);
    assert!(ran.words.contains("queued 7"), "{}", ran.words);
    let sent = simulator
        .webhook()
        .received()
        .pop()
        .expect("a request")
        .json();
    let text = sent["text"].as_str().expect("a text");
    assert!(text.contains(hostile) && text.contains(" / "), "{sent}");
    assert_eq!(
        (&sent["to"], &sent["labels"]),
        (&json!("13800138000"), &json!({}))
    );
    let told = std::fs::read_to_string(folder.path().join("told.json")).expect("it was told");
    let told: Value = serde_json::from_str(&told).expect("JSON");
    assert!(
        told["title"]
            .as_str()
            .is_some_and(|title| title.contains(hostile)),
        "{told}"
    );
    assert_eq!(
        (&told["occasion"], &told["group"]["version"]),
        (&json!("direct"), &json!("4"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_no_inside_of_a_yes_and_a_broken_body_are_failures_with_words() {
    let simulator = Simulator::start().await.expect("a simulator");
    let folder = tempfile::tempdir().expect("folder");
    let document = document(&simulator, folder.path());
    let node = Node::start(folder.path(), &document).await;
    let no = Mode::Status(
        200,
        Vec::new(),
        "{\"status\": \"error\", \"why\": \"no credit\"}".to_owned(),
    );
    simulator.webhook().fail_times(no, 1);
    let ran = balefire(&node.url(""), &["send", "--test", "gateway"])
        .await
        .exits(7);
    assert!(
        ran.words.contains("rejected") && ran.words.contains("no credit"),
        "{}",
        ran.words
    );
    let before = simulator.webhook().requests().len();
    let ran = balefire(&node.url(""), &["send", "--test", "broken"])
        .await
        .exits(7);
    assert!(
        ran.words.contains("misconfigured") && ran.words.contains("no JSON"),
        "{}",
        ran.words
    );
    assert_eq!(simulator.webhook().requests().len(), before, "nothing left");

    let file = folder.path().join("own.yml");
    std::fs::write(&file, &document).expect("write");
    let file = file.display().to_string();
    let ran = finish(
        command(&["send", "--config", &file, "--test", "gateway"]),
        "",
    )
    .await;
    assert!(ran.exits(0).data.contains("delivered"));
}
