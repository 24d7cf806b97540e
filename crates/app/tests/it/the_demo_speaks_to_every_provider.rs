//! `balefire demo`: the traffic reaches every simulated provider, none of them refuses a message, and an
//! interrupt ends it cleanly.

use std::process::Stdio;

use serde_json::Value;
use tokio::process::Command;

use super::node::{eventually, free_port};

const PROVIDERS: [&str; 10] = [
    "dingtalk_robot",
    "wecom_app",
    "wecom_robot",
    "feishu_robot",
    "slack_bot",
    "discord",
    "teams",
    "mattermost",
    "googlechat",
    "webhook",
];

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_speaks_to_every_provider() {
    let (listen, providers) = (free_port(), free_port());
    let mut demo = Command::new(env!("CARGO_BIN_EXE_balefire"))
        .args(["demo", "--speed", "60"])
        .args(["--listen", &format!("127.0.0.1:{listen}")])
        .args(["--providers", &format!("127.0.0.1:{providers}")])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("start balefire demo");
    let client = super::node::client();
    let url = format!("http://127.0.0.1:{providers}/_sim/requests");
    eventually("a message at every provider", async || {
        let answer = client.get(&url).send().await.ok()?.bytes().await.ok()?;
        let seen: Value = serde_json::from_slice(&answer).ok()?;
        let requests = seen["requests"].as_array()?;
        // A quota that is used up is part of a believable story; a message that is wrong is not.
        let wrong = requests
            .iter()
            .find(|r| r["verdict"] == "refused" && !is_quota(r));
        assert_eq!(wrong, None, "a provider refused a message");
        let reached = |name: &&str| {
            requests
                .iter()
                .any(|r| r["provider"] == **name && r["verdict"] == "accepted")
        };
        PROVIDERS.iter().all(reached).then_some(())
    })
    .await;
    let pid = demo.id().expect("running").cast_signed();
    let pid = rustix::process::Pid::from_raw(pid).expect("pid");
    rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("interrupt");
    let ended = demo.wait().await.expect("the end");
    assert!(ended.success(), "{ended}");
}

/// Whether a refusal speaks of too many messages.
fn is_quota(request: &Value) -> bool {
    let why = request["why"].as_str().unwrap_or_default();
    ["130101", "45009", "11232", "9499", "rate_limited", "429"]
        .iter()
        .any(|code| why.contains(code))
}
