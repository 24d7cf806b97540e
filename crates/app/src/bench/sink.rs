//! A webhook receiver that answers at once and counts the alerts it was told.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use anyhow::Result;
use std::sync::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

/// One alert as it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) firing: bool,
    pub(crate) at: Instant,
}

/// The receiver; cheap to clone.
#[derive(Clone)]
pub(crate) struct Sink {
    pub(crate) address: SocketAddr,
    inner: Arc<Inner>,
}

struct Inner {
    requests: AtomicUsize,
    /// While down, connections are closed at once.
    down: AtomicBool,
    /// Whether bodies are read into `told`; counting alone is cheaper.
    detailed: bool,
    told: Mutex<HashMap<String, Vec<Told>>>,
}

impl Sink {
    /// Listens on a free port of the loopback.
    pub(crate) async fn start(detailed: bool) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let inner = Arc::new(Inner {
            requests: AtomicUsize::new(0),
            down: AtomicBool::new(false),
            detailed,
            told: Mutex::default(),
        });
        let shared = Arc::clone(&inner);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let inner = Arc::clone(&shared);
                tokio::spawn(async move {
                    // A client that goes away in the middle is the client's business.
                    let _ = serve(stream, &inner).await;
                });
            }
        });
        Ok(Self { address, inner })
    }

    /// Requests taken so far.
    pub(crate) fn requests(&self) -> usize {
        self.inner.requests.load(Ordering::Relaxed)
    }

    /// Stops or resumes answering.
    pub(crate) fn set_down(&self, down: bool) {
        self.inner.down.store(down, Ordering::Relaxed);
    }

    /// What was told of the alert with this `alertname`.
    pub(crate) fn told(&self, name: &str) -> Vec<Told> {
        let told = self
            .inner
            .told
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        told.get(name).cloned().unwrap_or_default()
    }
}

async fn serve(mut stream: TcpStream, inner: &Inner) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(16 * 1024);
    loop {
        let Some(body) = request(&mut stream, &mut buffer).await? else {
            return Ok(());
        };
        if inner.down.load(Ordering::Relaxed) {
            return Ok(());
        }
        if inner.detailed {
            inner.record(&body);
        }
        inner.requests.fetch_add(1, Ordering::Relaxed);
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            .await?;
    }
}

/// The body of the next request; `None` at the end of the connection.
async fn request(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<Option<Vec<u8>>> {
    let head_end = loop {
        if let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    };
    let head = String::from_utf8_lossy(&buffer[..head_end]).to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"));
    let length: usize = length
        .and_then(|text| text.trim().parse().ok())
        .unwrap_or(0);
    while buffer.len() < head_end + length {
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    }
    let body = buffer[head_end..head_end + length].to_vec();
    buffer.drain(..head_end + length);
    Ok(Some(body))
}

impl Inner {
    fn record(&self, body: &[u8]) {
        let at = Instant::now();
        let Ok(body) = serde_json::from_slice::<serde_json::Value>(body) else {
            return;
        };
        let mut told = self
            .told
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        for alert in body["alerts"].as_array().into_iter().flatten() {
            let name = alert["labels"]["alertname"].as_str().unwrap_or_default();
            let firing = alert["status"] == "firing";
            told.entry(name.to_owned())
                .or_default()
                .push(Told { firing, at });
        }
    }
}
