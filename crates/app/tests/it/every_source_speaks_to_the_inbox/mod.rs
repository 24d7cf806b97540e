//! Every payload that we have of every sender, posted as the sender does: the alerts that appear, since when,
//! and that the sender's own word for "over" ends them, here and at a receiver.

mod stories;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use balefire_core::clock::Clock;
use balefire_core::time::Time;
use balefire_engine::clock::SystemClock;
use balefire_sources::registry;
use balefire_testkit::simulator::Simulator;
use serde_json::Value;

use self::stories::{DOCUMENT, STORIES, Story};
use super::ask::{self, answer, becomes};
use super::node::Node;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../sources/fixtures")
}

/// The bytes of a payload: of the file with this name, or the payload itself.
fn payload(fixture: &str) -> Vec<u8> {
    if fixture.starts_with('{') {
        return fixture.as_bytes().to_vec();
    }
    let file = fixtures().join(fixture);
    let text = std::fs::read_to_string(&file);
    let text = text.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    // Prometheus says that a firing alert ends some minutes from now, which here were long ago.
    let firing = fixture == "prometheus/post_alerts_firing.json";
    let text = if firing {
        text.replace("\"endsAt\": \"2026", "\"endsAt\": \"2099")
    } else {
        text
    };
    text.into_bytes()
}

/// A payload as its sender posts it.
struct Letter {
    method: String,
    /// Below the source's own.
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Letter {
    fn read(fixture: &str) -> Self {
        let body = payload(fixture);
        if extension(fixture) == Some("http") {
            return Self::of_http(&String::from_utf8(body).expect("UTF-8"));
        }
        let media_type = if fixture.ends_with(".form.txt") {
            "application/x-www-form-urlencoded"
        } else if extension(fixture) == Some("json") || fixture.starts_with('{') {
            "application/json"
        } else {
            "text/plain"
        };
        Self {
            method: "POST".to_owned(),
            path: String::new(),
            query: String::new(),
            headers: vec![("content-type".to_owned(), media_type.to_owned())],
            body,
        }
    }

    /// A request as it stands on the wire.
    fn of_http(text: &str) -> Self {
        let whole = text.split_once("\r\n\r\n");
        let whole = whole.or_else(|| text.split_once("\n\n"));
        let (head, body) = whole.expect("a head and a body");
        let head = head.replace("\r\n", "\n");
        let (first, rest) = head.split_once('\n').expect("a request line");
        let (method, target) = first.split_once(' ').expect("a method");
        let target = target.split(' ').next().expect("a target");
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let below = path.strip_prefix("/in/").and_then(|p| p.split_once('/'));
        let headers = rest.lines().filter_map(|line| line.split_once(": "));
        Self {
            method: method.to_owned(),
            path: below.map_or("", |(_, path)| path).to_owned(),
            query: query.to_owned(),
            headers: headers
                .filter(|(name, _)| !name.eq_ignore_ascii_case("host"))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            body: body.as_bytes().to_vec(),
        }
    }

    async fn post(&self, node: &Node, path: &str) -> (u16, Value) {
        let slash = if path.ends_with('/') { "" } else { "/" };
        let url = node.url(&format!("{path}{slash}{}?{}", self.path, self.query));
        let method = self.method.parse().expect("a method");
        let mut request = node.client.request(method, url).body(self.body.clone());
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        answer(request).await
    }
}

/// The source's active alerts in words; one that began as it came in began `now`.
async fn active(node: &Node, source: &str, began: Time) -> BTreeSet<String> {
    let filter = format!("/api/v2/alerts?filter=via%3D%22{source}%22");
    let alerts = ask::get(node, &filter).await;
    let alerts = alerts.as_array().expect("a list").iter();
    alerts
        .map(|alert| {
            let since = alert["startsAt"].as_str().expect("a start");
            let time = since.parse::<jiff::Timestamp>().expect("a time");
            let since = if Time::from(time) < began {
                since
            } else {
                "now"
            };
            format!("{} since {since}", named(&alert["labels"]))
        })
        .collect()
}

/// An alert's name, and its other labels but for the one this test adds.
fn named(labels: &Value) -> String {
    let labels = labels.as_object().expect("labels");
    let others: Vec<String> = labels
        .iter()
        .filter(|(name, _)| !["alertname", "via"].contains(&name.as_str()))
        .map(|(name, value)| format!("{name}={}", value.as_str().expect("a text")))
        .collect();
    let name = labels.get("alertname").and_then(Value::as_str);
    format!("{} [{}]", name.unwrap_or("?"), others.join(" "))
}

/// What the receiver was told of a source's alerts: their words and `firing` or `resolved`.
fn told(sim: &Simulator, source: &str) -> BTreeSet<(String, String)> {
    let mut told = BTreeSet::new();
    for request in sim.webhook().received() {
        for alert in request.json()["alerts"].as_array().into_iter().flatten() {
            if alert["labels"]["via"] == source {
                let status = alert["status"].as_str().expect("a status");
                told.insert((named(&alert["labels"]), status.to_owned()));
            }
        }
    }
    told
}

/// Plays one sender's part.
async fn play(node: &Node, sim: &Simulator, story: &Story, began: Time) {
    let source = story.source;
    let path = format!("/in/{source}/{}", story.token);
    let mut expected: BTreeSet<String> = BTreeSet::new();
    for step in story.steps {
        let (status, body) = Letter::read(step.fixture).post(node, &path).await;
        assert!(
            (200..300).contains(&status),
            "{}: {status} {body}",
            step.fixture
        );
        let mut hears = BTreeSet::new();
        for news in step.news {
            let (sign, words) = news.split_once(' ').expect("a sign");
            let (name, _) = words.rsplit_once(" since ").expect("a time");
            if sign == "+" {
                expected.insert(words.to_owned());
                hears.insert((name.to_owned(), "firing".to_owned()));
            } else {
                assert!(expected.remove(words), "{words} was never active");
                hears.insert((name.to_owned(), "resolved".to_owned()));
            }
        }
        let what = format!("{source} after {}", step.fixture);
        becomes(&what, &expected, async || active(node, source, began).await).await;
        becomes(&format!("{what}, at the receiver"), &hears, async || {
            told(sim, source).intersection(&hears).cloned().collect()
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_source_speaks_to_the_inbox() {
    let sim = Simulator::start().await.expect("simulator");
    let folder = tempfile::tempdir().expect("folder");
    let document = DOCUMENT.replace("HOOK", &sim.webhook().url("told"));
    let node = Node::start(folder.path(), &document).await;
    let began = SystemClock.now();
    let parts = STORIES.iter().map(|story| play(&node, &sim, story, began));
    futures_util::future::join_all(parts).await;
    node.kill().await;
}

/// A payload that nobody posts here, or a kind that is not configured, would go untried.
#[test]
fn no_payload_and_no_kind_of_source_is_left_out() {
    let posted: BTreeSet<&str> = STORIES
        .iter()
        .flat_map(|story| story.steps)
        .map(|step| step.fixture)
        .collect();
    let folders = std::fs::read_dir(fixtures()).expect("the fixtures");
    let files = folders.flat_map(|kind| {
        let kind = kind.expect("a folder").path();
        std::fs::read_dir(kind).expect("a folder of fixtures")
    });
    let paths = files.map(|file| file.expect("a file").path());
    let payloads = paths.filter(|path| path.extension().is_some_and(|e| e != "snap"));
    for path in payloads {
        let name = path
            .strip_prefix(fixtures())
            .expect("below")
            .display()
            .to_string();
        assert!(posted.contains(name.as_str()), "{name}");
    }
    let configured: BTreeSet<&str> = DOCUMENT.split([',', '{', '\n']).map(str::trim).collect();
    for kind in registry::SOURCES.iter().map(|spec| spec.kind) {
        assert!(
            configured.contains(format!("kind: {kind}").as_str()),
            "{kind}"
        );
    }
}

/// The ending of a fixture's name; none when it is the body itself.
fn extension(fixture: &str) -> Option<&str> {
    Path::new(fixture).extension()?.to_str()
}
