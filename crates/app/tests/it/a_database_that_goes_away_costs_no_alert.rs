//! The node's database goes away and comes back: meanwhile nothing is accepted, afterwards everything that was
//! is told, once, by the same process.

use std::time::Duration;

use balefire_testkit::simulator::Simulator;
use balefire_testkit::{Mode, Received, Verdict};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use super::ask::{get, names};
use super::database::Database;
use super::node::{Node, eventually};
use super::relay::{Line, Relay};

/// A sender has its answer in this time, whatever the database does.
const ANSWERED: Duration = Duration::from_secs(15);
/// And a stop ends in this.
const STOPPED: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread")]
async fn a_postgresql_that_is_down() {
    outage(&Database::postgres(), Line::Down).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postgresql_that_no_packet_reaches() {
    outage(&Database::postgres(), Line::Silent).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mariadb_that_is_down() {
    outage(&Database::mariadb(), Line::Down).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mariadb_that_no_packet_reaches() {
    outage(&Database::mariadb(), Line::Silent).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postgresql_that_commits_and_cannot_say_so() {
    lost_answer(&Database::postgres()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mariadb_that_commits_and_cannot_say_so() {
    lost_answer(&Database::mariadb()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_does_not_wait_for_a_database_that_says_nothing() {
    let database = Database::postgres();
    let mut story = Story::begin(&database).await;
    story.accepted("Before").await;
    story.relay.set(Line::Silent);
    let pid = Pid::from_raw(story.node.pid().cast_signed()).expect("a process");
    kill_process(pid, Signal::TERM).expect("SIGTERM");
    let ended = tokio::time::timeout(STOPPED, story.node.ended()).await;
    assert_eq!(ended.expect("an end within 10 s"), Some(0));

    story.relay.set(Line::Up);
    let more = ["--store", story.store.as_str()];
    let node = Node::start_with(story.folder.path(), &story.document, &more).await;
    let story = Story { node, ..story };
    story.sim.webhook().wait_for(1).await;
    story.settled(1).await;
    story.node.kill().await;
}

/// A node on this database behind a relay, and its one way out.
struct Story {
    sim: Simulator,
    relay: Relay,
    folder: tempfile::TempDir,
    node: Node,
    document: String,
    store: String,
}

impl Story {
    async fn begin(database: &Database) -> Self {
        let sim = Simulator::builder().unlimited().start().await;
        let sim = sim.expect("simulator");
        let relay = Relay::start(database.address()).await;
        let folder = tempfile::tempdir().expect("folder");
        let document = format!(
            "route: {{receiver: hook, group_by: [alertname], group_wait: 0s, group_interval: 1s}}\n\
             meta: {{receiver: operator}}\n\
             receivers:\n- name: hook\n  webhook_configs: [{{url: \"{}\"}}]\n\
             - name: operator\n  webhook_configs: [{{url: \"{}\"}}]\n",
            sim.webhook().url("story"),
            sim.webhook().url("operator")
        );
        let store = database.through(relay.port);
        let node = Node::start_with(folder.path(), &document, &["--store", &store]).await;
        Self {
            sim,
            relay,
            folder,
            node,
            document,
            store,
        }
    }

    async fn post(&self, name: &str) -> reqwest::Response {
        let body = json!([{"labels": {"alertname": name}}]).to_string();
        let url = self.node.url("/api/v2/alerts");
        let post = self.node.client.post(url).body(body);
        let post = post.header("content-type", "application/json").send();
        let answer = tokio::time::timeout(ANSWERED, post).await;
        answer.expect("an answer in time").expect("an answer")
    }

    async fn accepted(&self, name: &str) {
        assert_eq!(self.post(name).await.status(), 200, "{name}");
    }

    async fn ready(&self) -> (u16, String) {
        let asked = self.node.client.get(self.node.url("/-/ready")).send();
        let reply = asked.await.expect("an answer");
        (reply.status().as_u16(), reply.text().await.expect("text"))
    }

    /// What the receiver has been told, in order of names.
    fn told(&self) -> Vec<String> {
        let requests = self.sim.webhook().received();
        let shown = |request: &&Received| {
            request.verdict == Verdict::Accepted && request.target.contains("story")
        };
        let name = |json: Value| json["groupLabels"]["alertname"].to_string();
        let taken = requests.iter().filter(shown);
        let mut names: Vec<String> = taken.map(|request| name(request.json())).collect();
        names.sort_unstable();
        names
    }

    /// What the store says became of the notifications to the receiver.
    async fn states(&self) -> Vec<Value> {
        let all = get(&self.node, "/api/v1/notifications").await;
        let all = all["notifications"].as_array().expect("a list").iter();
        let ours = all.filter(|notification| notification["receiver"] == "hook");
        ours.map(|notification| notification["state"].clone())
            .collect()
    }

    /// Waits until the store knows that so many have been delivered, and of no others.
    async fn settled(&self, notifications: usize) {
        let wanted = vec![Value::from("delivered"); notifications];
        eventually("every delivery is on record", async || {
            (self.states().await == wanted).then_some(())
        })
        .await;
    }
}

async fn outage(database: &Database, line: Line) {
    let story = Story::begin(database).await;
    story.accepted("Before").await;
    story.sim.webhook().wait_for(1).await;
    story.settled(1).await;
    // This one is accepted, and its first try fails: it has to be told while or after the database is away.
    story
        .sim
        .webhook()
        .fail_times(Mode::Status(500, Vec::new(), String::new()), 1);
    story.accepted("Meanwhile").await;
    story.relay.set(line);

    let refused = story.post("Refused").await;
    assert_eq!(refused.status(), 503);
    assert!(refused.headers().contains_key("retry-after"), "{refused:?}");
    let text = refused.text().await.expect("text");
    assert!(text.contains("database is not available"), "{text}");
    let (status, why) = story.ready().await;
    assert_eq!(
        (status, why.trim_end()),
        (503, "not ready: the database is not available")
    );
    let plain = story
        .node
        .client
        .post(story.node.url("/in/inbox"))
        .body("x");
    assert_eq!(plain.send().await.expect("an answer").status(), 503);
    // What is known is in memory, and shown.
    assert!(names(&story.node).await.contains("Before"));

    story.relay.set(Line::Up);
    // Without anybody asking for something to be stored.
    eventually("ready again", async || {
        (story.ready().await.0 == 200).then_some(())
    })
    .await;
    story.accepted("Refused").await;
    story.settled(3).await;
    assert_eq!(story.told(), ["\"Before\"", "\"Meanwhile\"", "\"Refused\""]);
    // The operator hears of it as soon as it can be written down.
    eventually("the operator is told", async || {
        let requests = story.sim.webhook().received();
        let told = requests.iter().any(|r| r.target.contains("operator"));
        told.then_some(())
    })
    .await;
    story.node.kill().await;
}

async fn lost_answer(database: &Database) {
    let story = Story::begin(database).await;
    story.relay.swallow_next_answer_to_commit();
    // One statement, and so no COMMIT: the first is that of the decision.
    story.accepted("Once").await;
    eventually("the commit whose answer is lost", async || {
        (!story.relay.is_waiting_for_commit()).then_some(())
    })
    .await;
    story.sim.webhook().wait_for(1).await;
    story.settled(1).await;
    story.node.kill().await;

    // What the store holds twice would be told now.
    let more = ["--store", story.store.as_str()];
    let node = Node::start_with(story.folder.path(), &story.document, &more).await;
    let story = Story { node, ..story };
    story.accepted("Another").await;
    story.settled(2).await;
    assert_eq!(story.told(), ["\"Another\"", "\"Once\""]);
    story.node.kill().await;
}
