//! `access.egress`: checked with the document, and again when a name is looked up.

use balefire_testkit::simulator::Simulator;

use super::command::{balefire, command, finish};
use super::node::Node;

/// One account, to which everything goes, below this `access.egress`.
fn document(egress: &str, account: &str, entry: &str) -> String {
    format!(
        "access: {{egress: {{{egress}}}}}\naccounts:\n  out: {account}\n\
         receivers:\n- name: ops\n  {entry}\nroute: {{receiver: ops, group_wait: 0s}}\n"
    )
}

/// A webhook at the simulator.
fn hook(sim: &Simulator, egress: &str) -> String {
    let account = format!("{{kind: webhook, url: \"{}\"}}", sim.webhook().url("told"));
    document(egress, &account, "webhook_configs: [{account: out}]")
}

const SEND: [&str; 5] = ["send", "hello", "--to", "ops", "--wait"];

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_calls_what_it_does_not_open_is_refused_with_the_key_to_change() {
    let sim = Simulator::builder().start().await.expect("simulator");
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("balefire.yml");
    let text = hook(&sim, "strict: true, allow: [10.0.0.0/8]");
    std::fs::write(&file, text).expect("the document");
    let checked = command(&["check", &file.display().to_string()]);
    let words = finish(checked, "").await.exits(6).words;
    for part in [
        "accounts.out.url: 127.0.0.1 is neither a public address nor in access.egress.allow",
        "add its network or its name to access.egress.allow",
    ] {
        assert!(words.contains(part), "{part}: {words}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_strict_document_opens_is_called() {
    let builder = Simulator::builder().unlimited();
    let sim = builder.start().await.expect("simulator");
    let folder = tempfile::tempdir().expect("folder");
    let text = hook(&sim, "strict: true, allow: [loopback]");
    let node = Node::start(folder.path(), &text).await;
    balefire(&node.url(""), &SEND).await.exits(0);
    assert_eq!(sim.webhook().requests().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_is_judged_by_what_its_name_stands_for_when_it_is_called() {
    let folder = tempfile::tempdir().expect("folder");
    // Only the look-up shows that this name is this machine's.
    let account = "{kind: smtp, host: \"127.1\", from: a@example.com}";
    let entry = "email_configs: [{account: out, to: b@example.com}]";
    let text = document("strict: true, allow: [10.0.0.0/8]", account, entry);
    let node = Node::start(folder.path(), &text).await;
    let refused = balefire(&node.url(""), &SEND).await.exits(7);
    for part in ["127.1 (127.0.0.1) is neither", "access.egress.allow"] {
        assert!(refused.words.contains(part), "{part}: {}", refused.words);
    }
}
