//! The built binary as a child process, on loopback, with its own folder.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// A running `balefire serve`.
pub(crate) struct Node {
    child: Child,
    pub(crate) address: SocketAddr,
    pub(crate) client: reqwest::Client,
}

/// A port of the loopback that was free a moment ago.
pub(crate) fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address").port()
}

/// A client of the test's own.
pub(crate) fn client() -> reqwest::Client {
    client_builder().build().expect("client")
}

/// The same, to be told more.
#[expect(clippy::disallowed_methods, reason = "a test's own client")]
pub(crate) fn client_builder() -> reqwest::ClientBuilder {
    // Installing it twice is refused and harmless.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    reqwest::Client::builder().no_proxy()
}

impl Node {
    /// Starts the binary on `document` with its data in `folder`; returns when it says that it is ready.
    pub(crate) async fn start(folder: &Path, document: &str) -> Self {
        Self::start_with(folder, document, &[]).await
    }

    /// The same with more arguments.
    pub(crate) async fn start_with(folder: &Path, document: &str, more: &[&str]) -> Self {
        let config = folder.join("balefire.yml");
        std::fs::write(&config, document).expect("write the document");
        let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
        let mut child = Command::new(env!("CARGO_BIN_EXE_balefire"))
            .args(["serve", "--listen", &address.to_string()])
            .arg("--config")
            .arg(&config)
            .arg("--data")
            .arg(folder.join("data"))
            .args(more)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("start balefire");
        let mut lines = BufReader::new(child.stderr.take().expect("stderr")).lines();
        let mut said = Vec::new();
        loop {
            let line = tokio::time::timeout(Duration::from_secs(30), lines.next_line());
            match line.await.expect("ready within 30 s").expect("read stderr") {
                Some(line) if line.starts_with("Balefire is ready") => break,
                Some(line) => said.push(line),
                None => panic!("balefire ended before it was ready:\n{}", said.join("\n")),
            }
        }
        // Whoever writes to a full pipe stops: keep reading.
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                say(&line);
            }
        });
        // Connections of a killed node must not be taken for those of the next.
        let client = client();
        Self {
            child,
            address,
            client,
        }
    }

    /// A path on this node.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Posts JSON; answers the status, or `None` when the connection broke.
    pub(crate) async fn post(&self, path: &str, body: String) -> Option<u16> {
        let request = self.client.post(self.url(path));
        let request = request
            .header("content-type", "application/json")
            .body(body);
        request
            .send()
            .await
            .ok()
            .map(|reply| reply.status().as_u16())
    }

    /// Kill -9: nothing is flushed, nothing is said.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.expect("kill -9");
    }

    /// The process, for signals.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id().expect("running")
    }

    /// Waits for the end; the exit code.
    pub(crate) async fn ended(&mut self) -> Option<i32> {
        self.child.wait().await.expect("wait").code()
    }
}

/// Shown when a test fails.
#[expect(
    clippy::print_stderr,
    reason = "the test runner keeps it for a failure"
)]
fn say(line: &str) {
    eprintln!("balefire: {line}");
}

/// Looks every 50 ms until there is something, for at most a minute.
pub(crate) async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let looking = async {
        let mut ticks = tokio::time::interval(Duration::from_millis(50));
        loop {
            ticks.tick().await;
            if let Some(found) = look().await {
                return found;
            }
        }
    };
    let found = tokio::time::timeout(Duration::from_mins(1), looking).await;
    found.unwrap_or_else(|_| panic!("{what}: not within a minute"))
}
