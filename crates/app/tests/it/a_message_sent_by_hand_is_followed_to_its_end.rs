//! `send` and `deliveries`: delivered, refused, still tried, given up and sent again.

use balefire_testkit::mode::Mode;

use super::command::{command, finish};
use super::node::eventually;
use super::stage::{Stage, keys};

const NOTIFICATION: &str = "seq id state occasion severity title receiver integration account target targetLabel group groupKey reason decision createdAt nextTryAt deadlineAt attempts lastError fallbackOf";

/// An answer by which a provider refuses for good.
fn gone() -> Mode {
    Mode::Status(410, Vec::new(), "gone for good".to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_delivered_and_every_step_is_said() {
    let stage = Stage::new().await;
    let sent = stage
        .run(&["send", "hello", "--to", "ops", "--wait", "--json"])
        .await
        .exits(0)
        .json();
    assert_eq!(keys(&sent), "state notifications");
    assert_eq!(
        keys(&sent["notifications"][0]),
        "seq target state detail attempts"
    );
    assert_eq!(sent["state"], "delivered");
    // Without --json the steps are words and the outcome is data.
    let steps = stage
        .run(&["send", "hello", "--to", "ops", "--wait=5s"])
        .await
        .exits(0);
    assert!(
        steps.words.contains("accepted in") && steps.words.contains("taken in"),
        "{}",
        steps.words
    );
    assert!(steps.data.contains("delivered"), "{}", steps.data);
    // Without --wait it is enough that it is stored.
    let stored = stage
        .run(&["send", "hello", "--account", "hook", "--json"])
        .await
        .exits(0)
        .json();
    assert_eq!(
        keys(&stored["notifications"][0]),
        "seq target state detail attempts"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_comes_from_a_pipe_and_goes_out_once_for_one_key() {
    let stage = Stage::new().await;
    let arguments = [
        "send",
        "-",
        "--to",
        "ops",
        "--title",
        "T",
        "--idempotency-key",
        "k1",
        "--wait",
    ];
    for _ in 0..2 {
        let mut command = command(&arguments);
        command.env("BALEFIRE_URL", stage.node.url(""));
        finish(command, "from a pipe\n").await.exits(0);
    }
    let requests = stage.sim.webhook().requests();
    assert_eq!(requests.len(), 1);
    assert!(
        requests[0].text().contains("from a pipe"),
        "{}",
        requests[0].text()
    );
    // The key with other words is a mistake.
    let mut command = command(&arguments);
    command.env("BALEFIRE_URL", stage.node.url(""));
    finish(command, "other words").await.exits(5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_message_fails_and_one_that_waits_is_kept() {
    let stage = Stage::new().await;
    stage.sim.webhook().fail_with(gone());
    let refused = stage
        .run(&["send", "x", "--to", "ops", "--wait"])
        .await
        .exits(7);
    assert!(refused.words.contains("gone for good"), "{}", refused.words);
    stage.sim.webhook().heal();
    stage
        .sim
        .webhook()
        .fail_with(Mode::Status(503, Vec::new(), "busy".to_owned()));
    let waiting = stage
        .run(&["send", "x", "--to", "ops", "--wait=1s"])
        .await
        .exits(8);
    assert!(
        waiting.words.contains("stored and will be tried again"),
        "{}",
        waiting.words
    );
    let pending = ["deliveries", "list", "--state", "pending", "--json"];
    let pending = stage.run(&pending).await.exits(0).json();
    assert_eq!(pending.as_array().map(Vec::len), Some(1), "{pending}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_is_found_by_the_doctor_and_sent_again() {
    let stage = Stage::new().await;
    stage.sim.webhook().fail_with(gone());
    stage
        .run(&["send", "x", "--to", "ops", "--wait"])
        .await
        .exits(7);
    stage.sim.webhook().heal();
    let dead = ["deliveries", "list", "--state", "dead_lettered", "--json"];
    let dead = stage.run(&dead).await.exits(0).json();
    assert_eq!(keys(&dead[0]), NOTIFICATION);
    let seq = dead[0]["seq"].to_string();
    let doctor = stage.run(&["doctor", "--json"]).await.exits(9).json();
    let problem = doctor
        .as_array()
        .expect("a list")
        .iter()
        .find(|f| f["check"] == "dead letters");
    assert_eq!(problem.expect("a finding")["verdict"], "problem");

    let shown = stage
        .run(&["deliveries", "show", &seq, "--json"])
        .await
        .exits(0)
        .json();
    assert_eq!(
        keys(&shown["tries"][0]),
        "number at tookMicros kind answer fix providerId"
    );
    let redriven = stage
        .run(&["deliveries", "redrive", &seq, "--json"])
        .await
        .exits(0)
        .json();
    assert_eq!(redriven["redriven"], 1);
    eventually("the message that was sent again", async || {
        let again = stage
            .run(&["deliveries", "show", &seq, "--json"])
            .await
            .json();
        (again["state"] == "delivered").then_some(())
    })
    .await;
    // It is no dead letter any more. And the account has none left, which is no error.
    stage.run(&["deliveries", "redrive", &seq]).await.exits(5);
    let none = ["deliveries", "redrive", "--account", "hook", "--json"];
    assert_eq!(stage.run(&none).await.exits(0).json()["redriven"], 0);
}
