//! `/in/…`: tokens, statuses, bodies that mean harm.

use std::convert::Infallible;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Body;
use axum::extract::ConnectInfo;
use balefire_engine::clock::SystemClock;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use futures_util::stream;
use http::Request;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::site::Site;

const DOCUMENT: &str = "
server: {ingest_bytes: 12582912}
route: {receiver: inbox}
receivers: [{name: inbox, inbox_configs: [{}]}]
sources:
  own: {kind: generic, token: eeeeeeeeeeeeeeee}
  open: {kind: generic}
  events: {kind: cloudevents}
  words: {kind: text}
  prom: {kind: prometheus}
  genie: {kind: opsgenie, token: ffffffffffffffff}
  gotify: {kind: gotify, token: gggggggggggggggg}
";

const MIB: usize = 1 << 20;

async fn site() -> Site {
    Site::with(DOCUMENT, Arc::new(SystemClock)).await
}

/// The status and the body of the answer to a request with any body.
async fn send(site: &Site, request: http::request::Builder, body: Body) -> (u16, String) {
    let peer = SocketAddr::from(([127, 0, 0, 1], 40_000));
    let request = request.extension(ConnectInfo(peer)).body(body);
    let answer = site
        .router
        .clone()
        .oneshot(request.expect("a request"))
        .await;
    let (head, body) = answer.expect("an answer").into_parts();
    let bytes = body.collect().await.expect("a body").to_bytes();
    (
        head.status.as_u16(),
        String::from_utf8_lossy(&bytes).into_owned(),
    )
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain).expect("packed");
    encoder.finish().expect("packed")
}

#[tokio::test]
async fn a_source_s_token_may_come_in_the_path_as_bearer_or_as_password() {
    let site = site().await;
    let alert = json!({"title": "down", "status": "firing"}).to_string();
    for (path, authorization, expected) in [
        ("/in/own/eeeeeeeeeeeeeeee", "", 200),
        ("/in/own/eeeeeeeeeeeeeeee/more", "", 200),
        ("/in/own", "Bearer eeeeeeeeeeeeeeee", 200),
        ("/in/own", "Basic eDplZWVlZWVlZWVlZWVlZWVl", 200),
        ("/in/own", "", 401),
        ("/in/own/", "", 401),
        ("/in/own/eeeeeeeeeeeeeeef", "", 401),
        ("/in/own?token=eeeeeeeeeeeeeeee", "", 401),
        ("/in/own", "Bearer eeeeeeeeeeeeeeefff", 401),
        ("/in/own/", "Bearer eeeeeeeeeeeeeeee", 200),
        ("/in/open", "", 200),
        ("/in/open/", "", 200),
        ("/in/open/anything", "Bearer whatever", 200),
    ] {
        let mut request = Request::post(path).header("content-type", "application/json");
        if !authorization.is_empty() {
            request = request.header("authorization", authorization);
        }
        let (status, text) = send(&site, request, Body::from(alert.clone())).await;
        assert_eq!(status, expected, "{path} {authorization}: {text}");
    }
}

#[tokio::test]
async fn an_unknown_source_is_named_with_those_there_are_and_counted_as_one() {
    let site = site().await;
    for name in ["nope", "zabbix-2", &"x".repeat(500)] {
        let (status, text) =
            send(&site, Request::post(format!("/in/{name}")), Body::from("x")).await;
        assert_eq!(status, 404, "{text}");
        let problem: Value = serde_json::from_str(&text).expect("a problem");
        let detail = problem["detail"].as_str().expect("words");
        assert!(
            detail.ends_with("there are: events, genie, gotify, open, own, prom, words, inbox"),
            "{detail}"
        );
        assert!(detail.len() < 250, "{detail}");
    }
    let metrics = site.engine.metrics().encode();
    assert!(
        metrics.contains("balefire_requests_rejected_total{source=\"unknown\"} 3"),
        "{metrics}"
    );
}

#[tokio::test]
async fn what_curl_sends_is_a_text() {
    let site = site().await;
    site.tell("disk full on db-1\n92 % of /var").await;
    let alert = site
        .until("/api/v1/events", |answer| {
            answer.text.contains("disk full on db-1")
        })
        .await;
    assert!(alert.text.contains("92 % of /var"), "{}", alert.text);
}

#[tokio::test]
async fn mistakes_are_listed_with_their_places() {
    let site = site().await;
    let post = async |body: Value| {
        let answer = site.post_json("/in/prom", &body).await;
        (answer.status.as_u16(), answer.json())
    };
    let (status, answer) =
        post(json!([{"labels": {"a": "x"}}, {"labels": {}}, {"labels": {"b": 1}}])).await;
    assert_eq!((status, &answer["status"]), (200, &json!("ok")));
    assert_eq!(
        (&answer["accepted"], &answer["rejected"]),
        (&json!(1), &json!(2))
    );
    let places: Vec<&Value> = answer["complaints"]
        .as_array()
        .expect("complaints")
        .iter()
        .map(|complaint| &complaint["path"])
        .collect();
    assert_eq!(places, ["[1].labels", "[2].labels.b"]);
    let (status, answer) = post(json!([{"labels": {}}])).await;
    assert_eq!((status, &answer["status"]), (400, &json!("error")));
    let (status, answer) = post(json!([])).await;
    assert_eq!((status, &answer["accepted"]), (200, &json!(0)));
    let (status, answer) = post(json!({})).await;
    assert_eq!((status, &answer["code"]), (400, &json!("bad_request")));
    let rejected = site.engine.store().rejected(None, 10).await.expect("rows");
    assert!(rejected.iter().all(|row| &*row.source == "prom") && rejected.len() == 3);
}

#[tokio::test]
async fn other_methods_are_told_which_ones_there_are() {
    let site = site().await;
    for method in ["DELETE", "PATCH", "HEAD", "TRACE"] {
        let answer = site
            .ask(Request::builder().method(method).uri("/in/open"), "")
            .await;
        assert_eq!(answer.status, 405, "{method}");
        assert_eq!(answer.headers["allow"], "GET, POST, PUT, OPTIONS");
    }
}

#[tokio::test]
async fn a_cloudevents_sender_is_welcomed_and_answered_in_its_way() {
    let site = site().await;
    let ask = Request::options("/in/events").header("webhook-request-origin", "events.example");
    let answer = site.ask(ask, "").await;
    assert_eq!(answer.status, 204);
    assert_eq!(answer.headers["webhook-allowed-origin"], "events.example");
    assert_eq!(answer.headers["webhook-allowed-rate"], "*");
    let stranger = Request::options("/in/own").header("webhook-request-origin", "events.example");
    let answer = site.ask(stranger, "").await;
    assert_eq!(answer.status, 401);
    assert!(!answer.headers.contains_key("webhook-allowed-origin"));

    let event = json!({"specversion": "1.0", "type": "com.example.disk.firing", "source": "/db", "id": "1",
        "data": {"title": "disk full"}});
    let request = |media| Request::post("/in/events").header("content-type", media);
    let answer = site
        .ask(request("application/cloudevents+json"), &event.to_string())
        .await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (202, ""));
    let answer = site.ask(request("application/xml"), "<event/>").await;
    assert_eq!(answer.status, 415, "{}", answer.text);
}

#[tokio::test]
async fn packed_bodies_are_unpacked_and_bombs_are_not() {
    let site = site().await;
    let alert = br#"[{"labels": {"alertname": "Packed"}}]"#;
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
    zlib.write_all(alert).expect("packed");
    let zlib = zlib.finish().expect("packed");
    let two_members = [gzip(&alert[..10]), gzip(&alert[10..])].concat();
    let bomb = gzip(&vec![b' '; 64 * MIB]);
    assert!(bomb.len() < 100_000);
    let mut damaged = gzip(alert);
    damaged.truncate(20);
    for (name, encoding, body, expected) in [
        ("gzip", "gzip", gzip(alert), 200),
        ("gzip in capitals", "GZIP", gzip(alert), 200),
        ("members", "x-gzip", two_members, 200),
        ("deflate", "deflate", zlib, 200),
        ("identity", "identity", alert.to_vec(), 200),
        ("bomb", "gzip", bomb.clone(), 413),
        ("nested", "gzip, gzip", gzip(&gzip(alert)), 415),
        ("zstd", "zstd", alert.to_vec(), 415),
        ("brotli", "br", alert.to_vec(), 415),
        (
            "snappy",
            "snappy",
            vec![0xff, 0xff, 0xff, 0xff, 0x0f, 0],
            415,
        ),
        ("damaged", "gzip", damaged, 400),
        ("not packed", "gzip", alert.to_vec(), 400),
    ] {
        let request = Request::post("/in/prom").header("content-encoding", encoding);
        let (status, text) = send(&site, request, Body::from(body)).await;
        assert_eq!(status, expected, "{name}: {text}");
    }
    let twice = Request::post("/in/prom")
        .header("content-encoding", "gzip")
        .header("content-encoding", "gzip");
    assert_eq!(send(&site, twice, Body::from(gzip(&bomb))).await.0, 415);
}

#[tokio::test]
async fn an_endless_body_is_read_no_further_than_its_limit() {
    let site = site().await;
    let (piece, pulled) = (64 * 1024, Arc::new(AtomicUsize::new(0)));
    let counting = Arc::clone(&pulled);
    let endless = stream::repeat_with(move || {
        counting.fetch_add(piece, Ordering::Relaxed);
        Ok::<_, Infallible>(Bytes::from(vec![b'x'; piece]))
    });
    let (status, _) = send(
        &site,
        Request::post("/in/words"),
        Body::from_stream(endless),
    )
    .await;
    assert_eq!(status, 413);
    let pulled = pulled.load(Ordering::Relaxed);
    assert!(pulled <= MIB + piece, "{pulled}");

    let unread = Body::from_stream(stream::pending::<Result<Bytes, Infallible>>());
    let request = Request::post("/in/words").header("content-length", "99999999999");
    assert_eq!(send(&site, request, unread).await.0, 413);
    let just = "x".repeat(MIB);
    assert_eq!(
        send(&site, Request::post("/in/words"), Body::from(just))
            .await
            .0,
        200
    );
    let over = "x".repeat(MIB + 1);
    assert_eq!(
        send(&site, Request::post("/in/words"), Body::from(over))
            .await
            .0,
        413
    );
}

#[tokio::test]
async fn what_does_not_fit_into_the_budget_is_asked_to_come_back() {
    let site = Arc::new(site().await);
    let held = {
        let site = Arc::clone(&site);
        // Announces eight of the twelve MiB there are and then sends nothing.
        tokio::spawn(async move {
            let silent = Body::from_stream(stream::pending::<Result<Bytes, Infallible>>());
            let length = (8 * MIB).to_string();
            send(
                &site,
                Request::post("/in/prom").header("content-length", length),
                silent,
            )
            .await
        })
    };
    let busy = async || {
        let length = (6 * MIB).to_string();
        let request = Request::post("/in/prom").header("content-length", length);
        site.ask(request, "[]").await
    };
    // Until the first request has its room, the second finds some.
    let refused = loop {
        let answer = busy().await;
        if answer.status != 200 {
            break answer;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(
        (refused.status.as_u16(), refused.json()["code"].clone()),
        (503, json!("busy"))
    );
    assert_eq!(refused.headers["retry-after"], "1");
    let small = site.post_json("/api/v2/alerts", &json!([])).await;
    assert_eq!(small.status, 200, "there is still room for others");
    held.abort();
    assert!(held.await.expect_err("aborted").is_cancelled());
    assert_eq!(busy().await.status, 200, "the room was given back");
}

#[tokio::test]
async fn json_that_two_readers_would_read_differently_is_refused() {
    let site = site().await;
    let deep = "[".repeat(100_000);
    let deep_object = format!("{}1{}", "{\"a\":".repeat(50_000), "}".repeat(50_000));
    let many: Vec<String> = (0..300_000).map(|n| format!("\"k{n}\":0")).collect();
    let many = format!("[{{{}}}]", many.join(","));
    let labels = |inner: &str| format!("[{{\"labels\":{{{inner}}}}}]");
    for (name, body) in [
        ("deep", deep.into_bytes()),
        ("deep objects", deep_object.into_bytes()),
        ("many keys", many.into_bytes()),
        ("a repeated key", labels(r#""a":"1","a":"2""#).into_bytes()),
        (
            "a huge number",
            br#"[{"labels":{"a":"x"},"value":1e999}]"#.to_vec(),
        ),
        ("NaN", br#"[{"labels":{"a":"x"},"value":NaN}]"#.to_vec()),
        ("a lone surrogate", labels(r#""a":"\ud800""#).into_bytes()),
        ("a NUL", labels(r#""a":"\u0000""#).into_bytes()),
        (
            "a byte order mark",
            [b"\xef\xbb\xbf", labels(r#""a":"x""#).as_bytes()].concat(),
        ),
        (
            "UTF-16",
            labels(r#""a":"x""#)
                .encode_utf16()
                .flat_map(u16::to_le_bytes)
                .collect(),
        ),
        (
            "something behind it",
            (labels(r#""a":"x""#) + "}").into_bytes(),
        ),
        ("a Python literal", b"[{'labels': {'a': 'x'}}]".to_vec()),
    ] {
        for path in ["/in/prom", "/api/v2/alerts"] {
            let request = Request::post(path).header("content-type", "application/json");
            let (status, text) = send(&site, request, Body::from(body.clone())).await;
            assert_eq!(status, 400, "{name} at {path}: {text}");
        }
    }
    assert_eq!(site.engine.state().alerts().len(), 0);
}

#[tokio::test]
async fn links_that_run_something_are_not_shown_as_links() {
    let site = site().await;
    for url in [
        "javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "&#x6a;avascript:alert(1)",
    ] {
        let alert =
            json!([{"labels": {"alertname": "<img src=x onerror=alert(1)>"}, "generatorURL": url}]);
        site.post_json("/api/v2/alerts", &alert).await;
    }
    let shown = site
        .until("/api/v2/alerts", |answer| answer.text.contains("onerror"))
        .await;
    assert!(!shown.text.contains("generatorURL"), "{}", shown.text);
    assert_eq!(shown.headers["content-type"], "application/json");
    assert_eq!(shown.headers["x-content-type-options"], "nosniff");
}

/// What a service's own client sends, and the status and body it gets.
async fn client(
    site: &Site,
    method: &str,
    path: &str,
    header: (&str, &str),
    body: &str,
) -> (u16, Value) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header.0, header.1);
    let (status, said) = send(site, request, Body::from(body.to_owned())).await;
    (status, serde_json::from_str(&said).unwrap_or_default())
}

#[tokio::test]
async fn a_client_of_another_service_shows_its_key_and_hears_the_answer_as_it_does_there() {
    let site = site().await;
    let message = r#"{"message": "disk full", "alias": "d/1"}"#;
    let key = ("authorization", "GenieKey ffffffffffffffff");
    let (status, said) = client(&site, "POST", "/in/genie/v2/alerts", key, message).await;
    assert_eq!(
        (status, &said["result"]),
        (202, &json!("Request will be processed"))
    );
    let id = said["requestId"].as_str().expect("an id");
    let asked = format!("/in/genie/v2/alerts/requests/{id}");
    let (status, said) = client(&site, "GET", &asked, key, "").await;
    assert_eq!((status, &said["data"]["isSuccess"]), (200, &json!(true)));
    let alert = "/in/genie/v2/alerts/d%2F1?identifierType=alias";
    assert_eq!(client(&site, "DELETE", alert, key, "").await.0, 202);

    // In the path as well, for those that have no other place.
    let in_path = "/in/genie/ffffffffffffffff/v2/alerts";
    let nothing = ("accept", "*/*");
    assert_eq!(
        client(&site, "POST", in_path, nothing, message).await.0,
        202
    );
    assert_eq!(
        client(&site, "POST", in_path, key, message).await.0,
        202,
        "shown twice"
    );

    let wrong = ("authorization", "GenieKey wrong");
    let (status, said) = client(&site, "POST", "/in/genie/v2/alerts", wrong, message).await;
    assert_eq!((status, &said["took"]), (401, &json!(0.0)));
    let (status, said) = client(&site, "GET", "/in/genie/v2/teams", key, "").await;
    assert_eq!((status, said.get("message").is_some()), (404, true));

    let app = ("x-gotify-key", "gggggggggggggggg");
    let (status, said) = client(&site, "POST", "/in/gotify/message", app, message).await;
    assert_eq!((status, &said["appid"]), (200, &json!(1)));
    let (status, said) = client(&site, "POST", "/in/gotify/message", app, "{}").await;
    assert_eq!((status, &said["errorCode"]), (400, &json!(400)));
    // Only senders that use it may.
    let (status, said) = client(&site, "DELETE", "/in/gotify/message", app, "").await;
    assert_eq!((status, &said["errorCode"]), (405, &json!(405)));
}

#[tokio::test]
async fn words_in_utf_8_may_stand_in_a_header() {
    let site = Site::with(
        "{route: {receiver: a}, receivers: [{name: a, inbox_configs: [{}]}], sources: {n: {kind: ntfy}}}",
        Arc::new(SystemClock),
    )
    .await;
    let title = http::HeaderValue::from_bytes("磁盘已满".as_bytes()).expect("a value");
    let request = Request::builder()
        .method("PUT")
        .uri("/in/n/ops")
        .header("title", title);
    let (status, said) = send(&site, request, Body::from("97 %")).await;
    let said: Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!((status, &said["title"]), (200, &json!("磁盘已满")));
}
