//! A layer's calendar is fetched: what it says counts at once, only what changed is fetched anew, and a server that
//! answers with something else changes nothing.

use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::ask;
use super::command::{Ran, balefire};
use super::node::{Node, eventually};

/// What the server has, and what it was asked.
#[derive(Default)]
struct Shelf {
    kind: &'static str,
    etag: &'static str,
    body: String,
    asked: Vec<String>,
}

/// A server with one calendar.
#[derive(Clone, Default)]
struct Server(Arc<Mutex<Shelf>>);

impl Server {
    async fn start() -> (Self, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let server = Self::default();
        let serving = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = serving.clone();
                tokio::spawn(async move { server.answer(stream).await });
            }
        });
        // Letters and digits in a path may be a key.
        let url = format!("http://{address}/private-5f0canary9c/basic.ics");
        (server, url)
    }

    fn has(&self, kind: &'static str, etag: &'static str, body: &str) {
        let mut kept = self.0.lock().expect("the calendar");
        (kept.kind, kept.etag) = (kind, etag);
        body.clone_into(&mut kept.body);
    }

    /// What it was asked last.
    fn asked(&self) -> String {
        let kept = self.0.lock().expect("the calendar");
        kept.asked.last().cloned().unwrap_or_default()
    }

    async fn answer(&self, mut stream: TcpStream) {
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            if !matches!(stream.read(&mut byte).await, Ok(1)) {
                return;
            }
            request.push(byte[0]);
        }
        let request = String::from_utf8_lossy(&request).to_lowercase();
        let reply = {
            let mut kept = self.0.lock().expect("the calendar");
            kept.asked.push(request.clone());
            let (kind, etag) = (kept.kind, kept.etag);
            if !etag.is_empty() && request.contains(&format!("if-none-match: {etag}")) {
                "HTTP/1.1 304 Not Modified\r\nconnection: close\r\n\r\n".to_owned()
            } else {
                format!(
                    "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: {kind}\r\netag: {etag}\r\ncontent-length: {}\r\n\r\n{}",
                    kept.body.len(),
                    kept.body
                )
            }
        };
        let _ = stream.write_all(reply.as_bytes()).await;
        let _ = stream.shutdown().await;
    }
}

/// A calendar in which these are on call, always.
fn always(who: &[&str]) -> String {
    let events = who.iter().map(|who| {
        format!("BEGIN:VEVENT\r\nUID:{who}\r\nDTSTART;TZID=Asia/Shanghai:20200101T000000\r\nDURATION:P1D\r\nRRULE:FREQ=DAILY\r\nSUMMARY:On call: {who}\r\nEND:VEVENT\r\n")
    });
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{}END:VCALENDAR\r\n",
        events.collect::<String>()
    )
}

fn document(url: &str) -> String {
    format!(
        "people: {{ada: {{email: ada@example.com}}, bob: {{name: Bob, phone: \"+8613800138000\"}}}}
schedules:
  ops:
    timezone: Asia/Shanghai
    layers: [{{name: shared, events: {{url: \"{url}\", http_config: {{bearer_token: canary-token}}}}}}]
receivers: [{{name: inbox, inbox_configs: [{{}}]}}]
route: {{receiver: inbox}}
"
    )
}

async fn run(node: &Node, arguments: &[&str]) -> Ran {
    balefire(&node.url(""), arguments).await
}

fn keys(on_call: &Value) -> String {
    let people = on_call["people"].as_array().expect("people").iter();
    let keys: Vec<&str> = people.filter_map(|one| one["key"].as_str()).collect();
    keys.join(" ")
}

async fn there(node: &Node) -> String {
    let one = run(node, &["oncall", "ops", "--json"]).await.exits(0);
    keys(&one.json()["onCall"])
}

const CALENDAR: &str = "text/calendar; charset=utf-8";

#[tokio::test(flavor = "multi_thread")]
async fn it_is_fetched_changed_broken_and_survives_a_restart() {
    let (server, url) = Server::start().await;
    server.has(CALENDAR, "\"one\"", &always(&["ada"]));
    let folder = tempfile::tempdir().expect("folder");
    let node = Node::start(folder.path(), &document(&url)).await;
    eventually("ada is on call", async || {
        (there(&node).await == "ada").then_some(())
    })
    .await;
    let asked = server.asked();
    assert!(
        asked.contains("authorization: bearer canary-token"),
        "{asked}"
    );
    assert!(!asked.contains("if-none-match"), "{asked}");
    let moment = ask::get(&node, "/api/v1/schedules").await;
    let moment = moment["at"].as_str().expect("a time").to_owned();

    // Nothing new: that is asked, and not sent again.
    let same = run(&node, &["oncall", "refresh", "ops"]).await.exits(0);
    assert!(
        same.data.contains("ada (1)") && same.data.contains("fetched"),
        "{}",
        same.data
    );
    assert!(
        server.asked().contains("if-none-match: \"one\""),
        "{}",
        server.asked()
    );

    // Another copy counts at once, and the past stays.
    server.has(CALENDAR, "\"two\"", &always(&["bob", "eve"]));
    let changed = run(&node, &["oncall", "refresh", "ops"]).await.exits(0);
    assert!(changed.data.contains("Bob (1)"), "{}", changed.data);
    assert!(
        changed.words.contains("nobody is known by: On call: eve"),
        "{}",
        changed.words
    );
    assert_eq!(there(&node).await, "bob");
    let past = run(&node, &["oncall", "ops", "--at", &moment, "--json"]).await;
    assert_eq!(keys(&past.exits(0).json()), "ada", "{moment}");

    // A page for people is no calendar.
    server.has("text/html", "", "<!DOCTYPE html><p>Please log in</p>");
    let broken = run(&node, &["oncall", "refresh", "ops"]).await.exits(9);
    assert!(broken.data.contains("failing"), "{}", broken.data);
    assert!(broken.words.contains("page for people"), "{}", broken.words);
    assert_eq!(there(&node).await, "bob");
    let doctor = run(&node, &["doctor"]).await;
    assert!(
        doctor.data.contains("cannot be fetched since"),
        "{}",
        doctor.data
    );

    node.kill().await;
    let node = Node::start(folder.path(), &document(&url)).await;
    assert_eq!(there(&node).await, "bob", "after a restart, at once");
    let listed = run(&node, &["oncall", "calendars", "ops", "--json"])
        .await
        .exits(9);
    assert_eq!(listed.json()["calendars"][0]["status"], "failing");
    nothing_tells_the_address(&node).await;

    // A server that sends half of it changes nothing, one that is well again does.
    let half = always(&["ada"]).replace("END:VCALENDAR\r\n", "");
    server.has(CALENDAR, "\"three\"", &half);
    let half = run(&node, &["oncall", "refresh", "ops"]).await.exits(9);
    assert!(half.words.contains("breaks off"), "{}", half.words);
    server.has(CALENDAR, "\"four\"", &always(&["ada"]));
    run(&node, &["oncall", "refresh", "ops"]).await.exits(0);
    assert_eq!(there(&node).await, "ada");
    run(&node, &["oncall", "refresh", "nobody"]).await.exits(3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calendar_file_becomes_a_piece_of_a_document() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("oncall.ics");
    let weeks = |who: &str, day: &str| {
        format!(
            "BEGIN:VEVENT\r\nDTSTART;TZID=Europe/Berlin:202601{day}T090000\r\nDURATION:P7D\r\nRRULE:FREQ=WEEKLY;INTERVAL=2\r\nSUMMARY:On call - {who}\r\n"
        )
    };
    let end = "END:VEVENT\r\n";
    let (ada, bob) = (weeks("Ada Li", "05"), weeks("陈敏", "12"));
    let regular = format!("BEGIN:VCALENDAR\r\n{ada}{end}{bob}{end}END:VCALENDAR\r\n");
    let except = format!(
        "BEGIN:VCALENDAR\r\n{ada}EXDATE;TZID=Europe/Berlin:20270104T090000\r\n{end}{bob}{end}END:VCALENDAR\r\n"
    );
    for (text, words, written) in [
        (&regular, "nothing but a rotation", "rotation: \"weekly\""),
        (&except, "no regular rotation", "events: \"${file:"),
    ] {
        std::fs::write(&file, text).expect("written");
        let path = file.to_str().expect("a path");
        let arguments = [
            "import",
            "ics",
            path,
            "--schedule",
            "duty",
            "--layer",
            "weeks",
        ];
        let ran = balefire("http://127.0.0.1:1", &arguments).await.exits(0);
        assert!(ran.words.contains(words), "{}", ran.words);
        assert!(ran.data.contains(written), "{}", ran.data);
        assert!(
            ran.data.contains("\"Europe/Berlin\"") && ran.data.contains("ada-li"),
            "{}",
            ran.data
        );
        // What is printed is a piece of a good document.
        let whole = format!(
            "{}receivers: [{{name: inbox, inbox_configs: [{{}}]}}]\nroute: {{receiver: inbox}}\n",
            ran.data
        );
        let document = folder.path().join("balefire.yml");
        std::fs::write(&document, whole).expect("written");
        let document = document.to_str().expect("a path");
        balefire("http://127.0.0.1:1", &["check", document])
            .await
            .exits(0);
    }
    std::fs::write(&file, "<html>").expect("written");
    let refused = balefire(
        "http://127.0.0.1:1",
        &["import", "ics", file.to_str().expect("a path")],
    )
    .await;
    let refused = refused.exits(6);
    assert!(
        refused.words.contains("no BEGIN:VCALENDAR"),
        "{}",
        refused.words
    );
}

/// The address of a private calendar is a secret.
async fn nothing_tells_the_address(node: &Node) {
    let shown = ask::get(node, "/api/v1/config").await.to_string();
    assert!(shown.contains("url:"), "{shown}");
    let page = node.client.get(node.url("/on-call/ops")).send().await;
    let page = page.expect("a page").text().await.expect("a text");
    assert!(page.contains("Fetch now"), "{page}");
    let api = ask::get(node, "/api/v1/schedules/ops/calendars").await;
    let api = api.to_string();
    for text in [shown, page, api] {
        assert!(!text.contains("canary"), "{text}");
    }
}
