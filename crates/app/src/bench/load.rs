//! A load generator over raw HTTP/1.1: requests are made beforehand, answers read just far enough,
//! so that on two cores the server and not the client is what is measured.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::progress::Progress;

/// What a run of requests took.
#[derive(Clone, Debug, Default)]
pub(crate) struct Run {
    pub(crate) requests: usize,
    pub(crate) refused: usize,
    pub(crate) seconds: f64,
    /// Latencies in microseconds, sorted.
    pub(crate) latencies: Vec<u32>,
}

impl Run {
    pub(crate) fn rate(&self) -> f64 {
        self.requests as f64 / self.seconds.max(1e-9)
    }

    /// The latency that this share of requests stayed below, in milliseconds.
    pub(crate) fn percentile(&self, share: f64) -> f64 {
        percentile(&self.latencies, share)
    }
}

/// A percentile of sorted microseconds, in milliseconds.
pub(crate) fn percentile(sorted: &[u32], share: f64) -> f64 {
    let at = ((sorted.len() as f64 * share) as usize).min(sorted.len().saturating_sub(1));
    sorted
        .get(at)
        .map_or(0.0, |micros| f64::from(*micros) / 1_000.0)
}

/// Sends `count` bodies made by `body` over so many connections.
pub(crate) async fn post(
    address: SocketAddr,
    path: &str,
    connections: usize,
    count: usize,
    body: impl Fn(usize) -> String + Send + Sync + 'static,
) -> Result<Run> {
    let next = Arc::new(AtomicUsize::new(0));
    let _shown = Progress::of(count, Arc::clone(&next));
    let body = Arc::new(body);
    let path: Arc<str> = path.into();
    let began = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..connections {
        let (next, body, path) = (Arc::clone(&next), Arc::clone(&body), Arc::clone(&path));
        tasks.spawn(async move {
            let mut connection = Connection::open(address).await?;
            let mut run = Run::default();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= count {
                    return anyhow::Ok(run);
                }
                let began = Instant::now();
                let status = connection.post(&path, &body(number)).await?;
                let took = began.elapsed().as_micros();
                run.latencies.push(u32::try_from(took).unwrap_or(u32::MAX));
                run.requests += 1;
                run.refused += usize::from(!(200..300).contains(&status));
            }
        });
    }
    let mut whole = Run::default();
    while let Some(run) = tasks.join_next().await {
        let run = run??;
        whole.requests += run.requests;
        whole.refused += run.refused;
        whole.latencies.extend(run.latencies);
    }
    whole.seconds = began.elapsed().as_secs_f64();
    whole.latencies.sort_unstable();
    Ok(whole)
}

/// A kept-alive connection.
pub(crate) struct Connection {
    stream: TcpStream,
    address: SocketAddr,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await.context("connect")?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            address,
            buffer: Vec::with_capacity(16 * 1024),
        })
    }

    /// Posts JSON; answers the status.
    pub(crate) async fn post(&mut self, path: &str, body: &str) -> Result<u16> {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            self.address,
            body.len()
        );
        let mut request = Vec::with_capacity(head.len() + body.len());
        request.extend_from_slice(head.as_bytes());
        request.extend_from_slice(body.as_bytes());
        self.stream.write_all(&request).await?;
        Ok(self.answer().await?.0)
    }

    /// Gets a path; answers status and body.
    pub(crate) async fn get(&mut self, path: &str) -> Result<(u16, Vec<u8>)> {
        let head = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", self.address);
        self.stream.write_all(head.as_bytes()).await?;
        self.answer().await
    }

    async fn answer(&mut self) -> Result<(u16, Vec<u8>)> {
        self.buffer.clear();
        let head_end = loop {
            if let Some(end) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            self.more().await?;
        };
        let head = String::from_utf8_lossy(&self.buffer[..head_end]).to_ascii_lowercase();
        let status = head
            .get(9..12)
            .and_then(|text| text.parse().ok())
            .context("no status")?;
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"));
        if let Some(length) = length {
            let length: usize = length.trim().parse()?;
            while self.buffer.len() < head_end + length {
                self.more().await?;
            }
            return Ok((status, self.buffer[head_end..head_end + length].to_vec()));
        }
        if head.contains("transfer-encoding: chunked") {
            while !self.buffer.ends_with(b"0\r\n\r\n") {
                self.more().await?;
            }
            return Ok((status, unchunked(&self.buffer[head_end..])));
        }
        Ok((status, Vec::new()))
    }

    async fn more(&mut self) -> Result<()> {
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            bail!("the server closed the connection");
        }
        Ok(())
    }
}

fn unchunked(mut bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(bytes.len());
    while let Some(end) = bytes.windows(2).position(|two| two == b"\r\n") {
        let size = std::str::from_utf8(&bytes[..end]).ok();
        let Some(size) = size.and_then(|hex| usize::from_str_radix(hex.trim(), 16).ok()) else {
            break;
        };
        if size == 0 || bytes.len() < end + 2 + size {
            break;
        }
        plain.extend_from_slice(&bytes[end + 2..end + 2 + size]);
        bytes = bytes.get(end + 4 + size..).unwrap_or(&[]);
    }
    plain
}

/// Waits until `ready` says so, looking every 5 ms; an error when the time is over.
pub(crate) async fn until(
    what: &str,
    within: Duration,
    mut ready: impl AsyncFnMut() -> bool,
) -> Result<Duration> {
    let began = Instant::now();
    while !ready().await {
        if began.elapsed() > within {
            bail!("{what} did not happen within {} s", within.as_secs());
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(began.elapsed())
}
