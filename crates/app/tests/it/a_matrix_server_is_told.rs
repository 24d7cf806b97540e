//! Synapse, Matrix's own server: the bot that was invited joins, what fires calls a person and starts a thread, what
//! is over goes on in it without a sound; a second way in finds that nothing was said twice.

use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};
use tokio::process::{Child, Command};

use super::ask::{JSON, answer, post};
use super::node::{Node, client, eventually, free_port};

const PYTHON: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../target/tools/peers/bin/python"
);

/// A homeserver of our own on the loopback.
struct Synapse {
    port: u16,
    client: reqwest::Client,
    _child: Child,
}

impl Synapse {
    async fn start(folder: &Path) -> Self {
        let port = free_port();
        let text = |name: &str| folder.join(name).display().to_string();
        let document = json!({
            "server_name": "localhost",
            "pid_file": text("pid"),
            "listeners": [{"port": port, "type": "http", "tls": false, "bind_addresses": ["127.0.0.1"],
                "resources": [{"names": ["client"], "compress": false}]}],
            "database": {"name": "sqlite3", "args": {"database": text("homeserver.db")}},
            "media_store_path": text("media"),
            "signing_key_path": text("signing.key"),
            "registration_shared_secret": "a secret of this test",
            "macaroon_secret_key": "another",
            "form_secret": "a third",
            "report_stats": false,
            "trusted_key_servers": [],
            "rc_message": {"per_second": 1000, "burst_count": 1000},
        });
        // Every JSON document is a YAML document.
        let config = folder.join("homeserver.yaml");
        std::fs::write(&config, document.to_string()).expect("a document");
        let server = ["-m", "synapse.app.homeserver", "--config-path"];
        let keys = Command::new(PYTHON)
            .args(server)
            .arg(&config)
            .arg("--generate-keys")
            .output();
        let keys = keys
            .await
            .unwrap_or_else(|error| panic!("{PYTHON}: {error}; run `cargo xtask test --install`"));
        assert!(
            keys.status.success(),
            "{}",
            String::from_utf8_lossy(&keys.stderr)
        );
        let child = Command::new(PYTHON)
            .args(server)
            .arg(&config)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("synapse");
        let it = Self {
            port,
            client: client(),
            _child: child,
        };
        eventually("Synapse answers", async || {
            let asked = it.client.get(it.url("/_matrix/client/versions")).send();
            asked.await.ok().filter(|reply| reply.status().is_success())
        })
        .await;
        it.register(&config, "bot").await;
        it.register(&config, "alice").await;
        it
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    async fn register(&self, config: &Path, name: &str) {
        let made = Command::new(PYTHON)
            .args([
                "-m",
                "synapse._scripts.register_new_matrix_user",
                "--no-admin",
                "-c",
            ])
            .arg(config)
            .args(["-u", name, "-p", name, &self.url("")])
            .output();
        let made = made.await.expect("a user");
        assert!(
            made.status.success(),
            "{}",
            String::from_utf8_lossy(&made.stderr)
        );
    }

    /// An access token, as a client gets one.
    async fn log_in(&self, name: &str) -> String {
        let body = json!({"type": "m.login.password", "password": name,
            "identifier": {"type": "m.id.user", "user": name}});
        let asked = self.client.post(self.url("/_matrix/client/v3/login"));
        let (status, said) = answer(asked.body(body.to_string())).await;
        assert_eq!(status, 200, "{said}");
        said["access_token"].as_str().expect("a token").to_owned()
    }

    /// A room of Alice's that the bot is invited to, and its id.
    async fn room(&self, token: &str) -> String {
        let body = json!({"room_alias_name": "alerts", "invite": ["@bot:localhost"], "preset": "private_chat"});
        let asked = self.client.post(self.url("/_matrix/client/v3/createRoom"));
        let (status, said) = answer(asked.bearer_auth(token).body(body.to_string())).await;
        assert_eq!(status, 200, "{said}");
        said["room_id"].as_str().expect("a room").to_owned()
    }

    /// What the bot has said in a room, oldest first.
    async fn said(&self, token: &str, room: &str) -> Vec<Value> {
        let path = format!("/_matrix/client/v3/rooms/{room}/messages?dir=f&limit=100");
        let (status, page) = answer(self.client.get(self.url(&path)).bearer_auth(token)).await;
        assert_eq!(status, 200, "{page}");
        let events = page["chunk"].as_array().expect("events").iter();
        let own = events.filter(|event| {
            event["type"] == "m.room.message" && event["sender"] == "@bot:localhost"
        });
        own.cloned().collect()
    }

    async fn said_in_all(&self, token: &str, room: &str, count: usize) -> Vec<Value> {
        eventually("the bot says it", async || {
            let said = self.said(token, room).await;
            (said.len() >= count).then_some(said)
        })
        .await
    }
}

fn document(synapse: &Synapse, token: &str) -> String {
    format!(
        "accounts:\n  mx: {{kind: matrix, base_url: \"{}\", access_token: \"{token}\"}}\n\
         people:\n  alice: {{name: Alice, matrix: \"@alice:localhost\"}}\n\
         receivers:\n- name: room\n  matrix_configs: [{{account: mx, room: \"#alerts:localhost\", mention: alice, send_resolved: true}}]\n\
         route: {{receiver: room, group_wait: 0s, group_interval: 1s}}\n",
        synapse.url("")
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_matrix_server_takes_what_fires_and_what_is_over_as_one_thread() {
    let folder = tempfile::tempdir().expect("folder");
    let home = folder.path().join("synapse");
    std::fs::create_dir(&home).expect("a folder");
    let synapse = Synapse::start(&home).await;
    let (bot, alice) = (synapse.log_in("bot").await, synapse.log_in("alice").await);
    let room = synapse.room(&alice).await;
    let node = Node::start(folder.path(), &document(&synapse, &bot)).await;

    let labels = json!({"alertname": "DiskFull", "severity": "critical"});
    let fires = json!([{"labels": labels, "annotations": {"summary": "disk <b>full</b> @room"}}]);
    post(&node, "/api/v2/alerts", JSON, fires.to_string()).await;
    let said = synapse.said_in_all(&alice, &room, 1).await;
    let first = &said[0]["content"];
    assert_eq!(first["msgtype"], "m.text");
    let words = first["body"].as_str().expect("words");
    assert!(
        words.contains("[FIRING:1] DiskFull") && !words.contains("@room"),
        "{words}"
    );
    let html = first["formatted_body"].as_str().expect("HTML");
    assert!(html.contains("disk &lt;b&gt;full&lt;/b&gt;"), "{html}");
    assert_eq!(first["m.mentions"]["user_ids"], json!(["@alice:localhost"]));

    let over = json!([{"labels": labels, "startsAt": "2026-01-01T00:00:00Z", "endsAt": "2026-01-01T00:01:00Z"}]);
    post(&node, "/api/v2/alerts", JSON, over.to_string()).await;
    let said = synapse.said_in_all(&alice, &room, 2).await;
    let second = &said[1]["content"];
    assert_eq!(second["msgtype"], "m.notice", "{second}");
    let relation = &second["m.relates_to"];
    assert_eq!(
        (&relation["rel_type"], &relation["event_id"]),
        (&"m.thread".into(), &said[0]["event_id"])
    );
    assert_eq!(said.len(), 2, "nothing is said twice");
}
