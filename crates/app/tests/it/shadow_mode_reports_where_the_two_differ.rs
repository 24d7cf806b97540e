//! A node in shadow mode beside Debian's Alertmanager, on the same alerts: nothing is sent, what differs is
//! found in words, and copied silences make the two agree.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use balefire_testkit::simulator::Simulator;
use serde_json::{Value, json};
use tokio::process::{Child, Command};

use super::command::{Ran, command, finish};
use super::node::{Node, eventually, free_port};

/// A running Alertmanager.
struct Alertmanager {
    _child: Child,
    url: String,
    client: reqwest::Client,
}

/// The Alertmanager on the search path.
fn program() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .flat_map(|folder| {
            ["prometheus-alertmanager", "alertmanager"].map(|name| folder.join(name))
        })
        .find(|file| file.is_file())
        .expect("no Alertmanager is installed: apt-get install prometheus-alertmanager")
}

impl Alertmanager {
    async fn start(folder: &Path, document: &str) -> Self {
        let config = folder.join("alertmanager.yml");
        std::fs::write(&config, document).expect("write");
        let address = format!("127.0.0.1:{}", free_port());
        let child = Command::new(program())
            .arg(format!("--config.file={}", config.display()))
            .arg(format!(
                "--storage.path={}",
                folder.join("alertmanager").display()
            ))
            .arg(format!("--web.listen-address={address}"))
            .arg("--cluster.listen-address=")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("start the Alertmanager");
        // Before any node is started, nobody else has done this.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        #[expect(
            clippy::disallowed_methods,
            reason = "the guarded client is for providers, and this calls an Alertmanager"
        )]
        let client = reqwest::Client::builder()
            .no_proxy()
            .build()
            .expect("client");
        let url = format!("http://{address}");
        eventually("the Alertmanager", async || {
            let ready = client.get(format!("{url}/-/ready")).send().await;
            ready
                .is_ok_and(|reply| reply.status().is_success())
                .then_some(())
        })
        .await;
        Self {
            _child: child,
            url,
            client,
        }
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let request = self.client.post(format!("{}{path}", self.url));
        let request = request
            .header("content-type", "application/json")
            .body(body.to_string());
        let reply = request.send().await.expect("an answer");
        assert!(reply.status().is_success(), "{path}: {}", reply.status());
        serde_json::from_slice(&reply.bytes().await.expect("a body")).unwrap_or_default()
    }
}

fn alerts(names: &[&str]) -> Value {
    names
        .iter()
        .map(|name| json!({"labels": {"alertname": name, "severity": "critical"}}))
        .collect()
}

fn document(sim: &Simulator, hook: &str, critical: &str) -> String {
    format!(
        "route:\n  receiver: ops\n  group_by: [alertname]\n  group_wait: 0s\n\
         \x20 routes: [{{matchers: ['alertname=\"Moved\"'], receiver: {critical}}}]\n\
         receivers:\n- name: ops\n  webhook_configs: [{{url: \"{url}\"}}]\n\
         - name: dba\n  webhook_configs: [{{url: \"{url}\"}}]\n",
        url = sim.webhook().url(hook),
    )
}

async fn report(folder: &Path) -> Ran {
    let data = folder.join("data").display().to_string();
    finish(
        command(&["shadow", "report", "--json", "--data", &data]),
        "",
    )
    .await
}

/// The words of what differs, by group; `None` until there have been enough rounds.
async fn differences(folder: &Path) -> Option<Vec<(String, String)>> {
    let ran = report(folder).await;
    if ran.exit == Some(3) || ran.json()["rounds"].as_u64()? < 3 {
        return None;
    }
    let report = ran.json();
    let words = report["differences"].as_array()?.iter().map(|difference| {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        (
            text(&difference["labels"]["alertname"]),
            text(&difference["words"]),
        )
    });
    Some(words.collect())
}

const ROUND: &[&str] = &["--compare-every", "300ms"];

#[tokio::test(flavor = "multi_thread")]
async fn shadow_mode_reports_where_the_two_differ() {
    let sim = Simulator::builder()
        .unlimited()
        .start()
        .await
        .expect("simulator");
    let folder = tempfile::tempdir().expect("folder");
    let there = Alertmanager::start(folder.path(), &document(&sim, "there", "ops")).await;
    let mut more = vec!["--shadow", "--compare", &there.url];
    more.extend(ROUND);
    let here = Node::start_with(folder.path(), &document(&sim, "here", "dba"), &more).await;

    let both = ["Same", "Moved", "Quiet"];
    there.post("/api/v2/alerts", &alerts(&both)).await;
    there.post("/api/v2/alerts", &alerts(&["Theirs"])).await;
    assert_eq!(
        here.post("/api/v2/alerts", alerts(&both).to_string()).await,
        Some(200)
    );
    assert_eq!(
        here.post("/api/v2/alerts", alerts(&["Ours"]).to_string())
            .await,
        Some(200)
    );
    let silence = there.post("/api/v2/silences", &silence("Quiet")).await;
    let id = silence["silenceID"].as_str().expect("an id");

    let quiet = format!("is suppressed there by silence {id}, and not here");
    let expected = [
        ("Moved", "the receiver differs: ops there, dba here"),
        (
            "Ours",
            "the group is only here: the Alertmanager sent no notice of it",
        ),
        ("Quiet", &quiet),
        (
            "Theirs",
            "the group is only there: Balefire would tell nobody",
        ),
    ];
    eventually("all four differences", async || {
        let found = differences(folder.path()).await?;
        let same = found.len() == expected.len()
            && found
                .iter()
                .zip(&expected)
                .all(|((group, words), (name, part))| group == name && words.contains(part));
        same.then_some(())
    })
    .await;
    let ran = report(folder.path()).await.exits(9).json();
    assert_eq!(
        (&ran["equal"], &ran["differ"]),
        (&json!(1), &json!(4)),
        "{ran}"
    );

    // The Alertmanager told people, and this node nobody.
    sim.webhook().wait_for_requests(1).await;
    let hooks: Vec<String> = sim
        .webhook()
        .requests()
        .iter()
        .map(|r| r.account.clone())
        .collect();
    assert!(hooks.iter().any(|name| name == "there"), "{hooks:?}");
    assert!(!hooks.iter().any(|name| name == "here"), "{hooks:?}");
    here.kill().await;
}

fn silence(name: &str) -> Value {
    let (from, to) = ("2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z");
    let matcher = json!({"name": "alertname", "value": name, "isRegex": false, "isEqual": true});
    json!({"matchers": [matcher], "startsAt": from, "endsAt": to, "createdBy": "chenmin", "comment": "upgrade"})
}

#[tokio::test(flavor = "multi_thread")]
async fn copied_silences_follow_their_originals() {
    let sim = Simulator::builder()
        .unlimited()
        .start()
        .await
        .expect("simulator");
    let folder = tempfile::tempdir().expect("folder");
    let same = document(&sim, "there", "dba");
    let there = Alertmanager::start(folder.path(), &same).await;
    let mut more = vec!["--shadow", "--compare", &there.url, "--copy-silences"];
    more.extend(ROUND);
    let mut here = Node::start_with(folder.path(), &same, &more).await;
    there.post("/api/v2/alerts", &alerts(&["Quiet"])).await;
    assert_eq!(
        here.post("/api/v2/alerts", alerts(&["Quiet"]).to_string())
            .await,
        Some(200)
    );

    let made = there.post("/api/v2/silences", &silence("Quiet")).await;
    let id = made["silenceID"].as_str().expect("an id").to_owned();
    let copy = eventually("the copy", async || copies(&here).await.pop()).await;
    assert_eq!(copy["annotations"]["copy_of"], id.as_str());
    assert_eq!(copy["comment"], "upgrade");
    eventually("both agree", async || {
        let ran = report(folder.path()).await;
        let good = ran.exit == Some(0) && ran.json()["copiedSilences"] == 1;
        (good && ran.json()["equal"] == 1).then_some(())
    })
    .await;

    // It ends there, so it ends here; it is not made twice meanwhile.
    assert_eq!(copies(&here).await.len(), 1);
    let ended = there
        .client
        .delete(format!("{}/api/v2/silence/{id}", there.url))
        .send()
        .await;
    assert!(ended.expect("an answer").status().is_success());
    eventually("the copy's end", async || {
        copies(&here).await.is_empty().then_some(())
    })
    .await;
    // It ends as it should, in the middle of its rounds.
    let pid = rustix::process::Pid::from_raw(here.pid().cast_signed()).expect("pid");
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("SIGTERM");
    assert_eq!(here.ended().await, Some(0));
}

/// The silences in force here.
async fn copies(here: &Node) -> Vec<Value> {
    let url = here.url("/api/v1/silences?state=active");
    let reply = here
        .client
        .get(url)
        .timeout(Duration::from_secs(10))
        .send()
        .await
        .expect("an answer");
    let page: Value = serde_json::from_slice(&reply.bytes().await.expect("a body")).expect("JSON");
    page["silences"].as_array().cloned().unwrap_or_default()
}
