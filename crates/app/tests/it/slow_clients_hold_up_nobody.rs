//! Clients that say nothing, or a byte a second of headers, of an alert or of a file, over real sockets: each is cut off in
//! its time, nothing of it is kept, and alerts of others are taken as fast as before.
//!
//! Files have seats of their own: thirty-two are taken in at once, and who brings one while all are taken is told so at once.
//! That one address has but 512 connections is not seen here, because this machine itself may have more.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::ask;
use super::node::Node;

const DOCUMENT: &str = "
receivers: [{name: inbox, inbox_configs: [{}]}]
route: {receiver: inbox, group_by: [alertname]}
legacy: {apptools: {}}
";
/// Sockets of each kind that say something, more than files are taken in at once.
const OF_EACH: usize = 150;
/// Sockets that say nothing.
const IDLE: usize = 5_000;
/// Descriptors that the test and the node each need.
const DESCRIPTORS: u64 = 8_192;
/// Files that are taken in at once, of all clients.
const FILES_AT_ONCE: usize = 32;
/// What a client is answered that brings a file while so many others do.
const BUSY: &str = "HTTP/1.1 503";
/// Alerts that are timed, before, meanwhile and after.
const TIMED: usize = 200;
/// What the machine's other work may take from one alert.
const NOISE: Duration = Duration::from_millis(100);

/// What a slow client says at once, and between which seconds it is cut off.
#[derive(Clone, Copy, Debug)]
struct Slow {
    name: &'static str,
    count: usize,
    begins: &'static str,
    cut: (u64, u64),
    answer: &'static str,
}

impl Slow {
    fn is_file(&self) -> bool {
        self.name.starts_with("a file")
    }
}

const KINDS: [Slow; 5] = [
    Slow {
        name: "idle",
        count: IDLE,
        begins: "",
        cut: (10, 20),
        answer: "",
    },
    Slow {
        name: "headers",
        count: OF_EACH,
        begins: "POST /api/v2/alerts HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ",
        cut: (10, 20),
        answer: "",
    },
    Slow {
        name: "an alert",
        count: OF_EACH,
        begins: "POST /api/v2/alerts HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 900000\r\n\r\n[",
        cut: (29, 50),
        answer: "HTTP/1.1 408",
    },
    Slow {
        name: "a file",
        count: OF_EACH,
        begins: "POST /api/v1/files?name=slow.bin HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 20000000\r\n\r\n",
        cut: (29, 50),
        answer: "HTTP/1.1 408",
    },
    Slow {
        name: "a file in a form",
        count: OF_EACH,
        begins: "POST /upload_file HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 20000000\r\n\r\n--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"slow.txt\"\r\n\r\n",
        cut: (29, 50),
        answer: "HTTP/1.1 408",
    },
];

/// As many descriptors as it takes; the node gets the same.
fn more_descriptors() {
    let limit = getrlimit(Resource::Nofile);
    let wanted = Rlimit {
        current: limit.current.map(|current| current.max(DESCRIPTORS)),
        maximum: limit.maximum,
    };
    setrlimit(Resource::Nofile, wanted).expect("8192 descriptors");
}

/// Says a byte a second until the other side ends it; after how many seconds, and what it said.
async fn trickle(
    node: std::net::SocketAddr,
    slow: Slow,
    connected: Arc<Semaphore>,
) -> (Slow, u64, String) {
    let stream = TcpStream::connect(node).await.expect("connect");
    let (mut from, mut to) = stream.into_split();
    let began = Instant::now();
    to.write_all(slow.begins.as_bytes())
        .await
        .expect("a beginning");
    connected.add_permits(1);
    let writing = async {
        let mut seconds = tokio::time::interval(Duration::from_secs(1));
        loop {
            seconds.tick().await;
            // Whoever is cut off reads so below.
            if slow.begins.is_empty() || to.write_all(b" ").await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    };
    let mut said = Vec::new();
    // A reset is an end, too.
    let reading = async {
        let _ = from.read_to_end(&mut said).await;
    };
    tokio::select! {
        () = reading => {}
        () = writing => {}
    }
    let said = String::from_utf8_lossy(&said).into_owned();
    (slow, began.elapsed().as_secs(), said)
}

/// How long alerts take to be taken: 99 of 100 of them.
async fn timed(node: &Node, name: &str) -> Duration {
    let mut took = Vec::with_capacity(TIMED);
    for n in 0..TIMED {
        let began = Instant::now();
        let alert = json!([{"labels": {"alertname": name, "n": n.to_string()}}]);
        let status = node.post("/api/v2/alerts", alert.to_string()).await;
        assert_eq!(status, Some(200));
        took.push(began.elapsed());
    }
    took.sort_unstable();
    took[TIMED * 99 / 100 - 1]
}

/// How many of each kind were cut off in their time; who brought a file and was told at once to come back, is not.
async fn ends(mut clients: JoinSet<(Slow, u64, String)>) -> BTreeMap<&'static str, usize> {
    let mut cut = BTreeMap::new();
    while let Some(ended) = clients.join_next().await {
        let (slow, seconds, said) = ended.expect("a client ends");
        let (least, most) = slow.cut;
        // Its connection may be reset before the answer is read.
        let is_busy = said.is_empty() || said.starts_with(BUSY);
        if slow.is_file() && seconds < least && is_busy {
            continue;
        }
        assert!(
            (least..=most).contains(&seconds) && said.starts_with(slow.answer),
            "{} after {seconds} s: {said}",
            slow.name
        );
        *cut.entry(slow.name).or_insert(0) += 1;
    }
    cut
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_clients_hold_up_nobody() {
    more_descriptors();
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), DOCUMENT).await;
    let before = timed(&node, "Before").await;
    let most = before.mul_f64(1.2) + NOISE;
    let mut clients = JoinSet::new();
    let connected = Arc::new(Semaphore::new(0));
    // Those who speak come first: they have longer.
    for slow in KINDS.iter().rev() {
        for _ in 0..slow.count {
            clients.spawn(trickle(node.address, *slow, Arc::clone(&connected)));
        }
    }
    let all = u32::try_from(clients.len()).expect("a few thousand");
    let _ = connected.acquire_many(all).await.expect("all of them");
    let meanwhile = timed(&node, "Meanwhile").await;
    assert!(
        meanwhile <= most,
        "{before:?} before, {meanwhile:?} meanwhile"
    );
    let cut = ends(clients).await;
    for slow in KINDS.iter().filter(|slow| !slow.is_file()) {
        assert_eq!(cut.get(slow.name), Some(&slow.count), "{}", slow.name);
    }
    let files = KINDS.iter().filter(|slow| slow.is_file());
    let files: usize = files.filter_map(|slow| cut.get(slow.name)).sum();
    assert_eq!(files, FILES_AT_ONCE, "{cut:?}");
    let files = ask::get(&node, "/api/v1/files").await;
    assert_eq!(files["files"], json!([]), "{files}");
    let after = timed(&node, "After").await;
    assert!(after <= most, "{before:?} before, {after:?} after");
    node.kill().await;
}
