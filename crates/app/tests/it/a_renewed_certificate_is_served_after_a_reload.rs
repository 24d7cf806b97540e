//! SIGHUP and `POST /-/reload` read the listener's certificate again, together with the document: at once, and all or nothing.

use std::path::Path;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::time::Instant;

use super::node::{Node, client_builder, eventually};

/// The node looks at the files by itself this often; what it takes over before is the reload's doing.
const LOOKS_EVERY: Duration = Duration::from_secs(30);

/// A certificate for the loopback, and its key, in PEM.
struct Pem {
    certificate: String,
    key: String,
}

impl Pem {
    fn new() -> Self {
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("made");
        Self {
            certificate: made.cert.pem(),
            key: made.signing_key.serialize_pem(),
        }
    }

    fn write(&self, folder: &Path) {
        std::fs::write(folder.join("cert.pem"), &self.certificate).expect("written");
        std::fs::write(folder.join("key.pem"), &self.key).expect("written");
    }

    /// A new client that trusts this certificate and no other.
    fn client(&self) -> reqwest::Client {
        let trusted = reqwest::Certificate::from_pem(self.certificate.as_bytes()).expect("a root");
        let builder = client_builder().tls_certs_only([trusted]);
        builder.build().expect("a client")
    }

    /// Whether the node shows this one.
    async fn is_shown_by(&self, node: &Node) -> bool {
        let asked = self.client().get(secure(node, "/-/healthy")).send().await;
        asked.is_ok_and(|reply| reply.status() == 200)
    }

    /// Reloads over a connection that trusts this one: status and words.
    async fn reload(&self, node: &Node) -> (u16, String) {
        let reload = self.client().post(secure(node, "/-/reload"));
        let reply = reload.send().await.expect("an answer");
        let status = reply.status().as_u16();
        (status, reply.text().await.expect("words"))
    }
}

fn secure(node: &Node, path: &str) -> String {
    format!("https://{}{path}", node.address)
}

fn document(folder: &Path) -> String {
    format!(
        "server: {{tls: {{cert_file: \"{0}/cert.pem\", key_file: \"{0}/key.pem\"}}}}\n\
         receivers: [{{name: ops, inbox_configs: [{{}}]}}]\nroute: {{receiver: ops}}\n",
        folder.display()
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_certificate_is_shown_at_once() {
    let folder = tempfile::tempdir().expect("folder");
    let [first, second, third] = [Pem::new(), Pem::new(), Pem::new()];
    first.write(folder.path());
    let began = Instant::now();
    let node = Node::start(folder.path(), &document(folder.path())).await;
    assert!(first.is_shown_by(&node).await);

    second.write(folder.path());
    assert!(first.is_shown_by(&node).await, "nobody has said so yet");
    assert_eq!(first.reload(&node).await, (200, String::new()));
    assert!(second.is_shown_by(&node).await && !first.is_shown_by(&node).await);

    third.write(folder.path());
    let pid = Pid::from_raw(node.pid().cast_signed()).expect("a process");
    kill_process(pid, Signal::HUP).expect("SIGHUP");
    eventually("the third certificate", async || {
        third.is_shown_by(&node).await.then_some(())
    })
    .await;
    assert!(
        began.elapsed() < LOOKS_EVERY,
        "it may have looked by itself"
    );
    node.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_renewal_changes_neither_document_nor_certificate() {
    let folder = tempfile::tempdir().expect("folder");
    let (old, new) = (Pem::new(), Pem::new());
    old.write(folder.path());
    let document = document(folder.path());
    let node = Node::start(folder.path(), &document).await;
    let version = async || {
        let asked = old.client().get(secure(&node, "/api/v1/status"));
        let reply = asked.send().await.expect("an answer");
        let status: serde_json::Value = reply.json().await.expect("JSON");
        status["configVersion"].clone()
    };
    let before = version().await;

    std::fs::write(folder.path().join("cert.pem"), &new.certificate).expect("written");
    let changed = document.replace("{receiver: ops}", "{receiver: ops, group_wait: 7s}");
    std::fs::write(folder.path().join("balefire.yml"), changed).expect("written");
    let (status, said) = old.reload(&node).await;
    assert_eq!(status, 500, "{said}");
    assert!(
        said.contains("server.tls: ") && said.contains("cert.pem"),
        "{said}"
    );
    assert_eq!(version().await, before);

    // When the key has come too, both take effect.
    new.write(folder.path());
    assert_eq!(old.reload(&node).await.0, 200);
    assert!(new.is_shown_by(&node).await);
    node.kill().await;
}
