//! Who is let in, through the whole site: guesses, proxies, prefixes, paths that are none.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::Response;
use balefire_engine::clock::SystemClock;
use http::Request;
use tower::ServiceExt;

use crate::site::Site;

const DOCUMENT: &str = "
route: {receiver: inbox}
receivers: [{name: inbox, inbox_configs: [{}]}]
sources: {own: {kind: generic, token: eeeeeeeeeeeeeeee}}
access:
  tokens: {keeper: {token: dddddddddddddddd, scopes: [admin]}}
  users: {chen: {password: correct-horse, scopes: [read]}}
";

async fn site(document: &str) -> Site {
    Site::with(document, Arc::new(SystemClock)).await
}

/// Sends a request from an address.
async fn ask(site: &Site, peer: &str, request: http::request::Builder) -> Response {
    let peer = SocketAddr::new(peer.parse().expect("an address"), 40_000);
    let request = request.extension(ConnectInfo(peer)).body(Body::empty());
    let answer = site
        .router
        .clone()
        .oneshot(request.expect("a request"))
        .await;
    answer.expect("an answer")
}

async fn status(site: &Site, peer: &str, path: &str, authorization: &str) -> u16 {
    let request = Request::get(path).header("authorization", authorization);
    ask(site, peer, request).await.status().as_u16()
}

#[tokio::test]
async fn who_guesses_too_often_must_wait_and_nobody_else() {
    let site = site(DOCUMENT).await;
    let (here, there) = ("192.0.2.1", "192.0.2.2");
    for guess in 0..20 {
        let wrong = format!("Bearer guess-{guess}");
        assert_eq!(status(&site, here, "/api/v2/status", &wrong).await, 401);
    }
    let request = Request::get("/").header("authorization", "Bearer one-more");
    let answer = ask(&site, here, request).await;
    assert_eq!(answer.status(), 429);
    assert!(answer.headers().contains_key("retry-after"));
    // Long tokens cannot be guessed, so who has the right one is not kept out; passwords can be.
    let (token, password) = ("Bearer dddddddddddddddd", "Basic Y2hlbjpjb3JyZWN0LWhvcnNl");
    assert_eq!(status(&site, here, "/api/v2/status", token).await, 200);
    assert_eq!(status(&site, here, "/api/v2/status", password).await, 429);
    assert_eq!(status(&site, there, "/api/v2/status", password).await, 200);
    assert_eq!(
        status(&site, there, "/api/v2/status", "Bearer wrong").await,
        401
    );
}

#[tokio::test]
async fn a_source_s_token_cannot_be_guessed_faster() {
    let site = site(DOCUMENT).await;
    for guess in 0..20 {
        let path = format!("/in/own/guess-{guess}");
        assert_eq!(status(&site, "192.0.2.1", &path, "").await, 401);
    }
    assert_eq!(
        status(&site, "192.0.2.1", "/in/own/one-more", "").await,
        429
    );
}

#[tokio::test]
async fn strangers_without_a_token_are_told_so_however_often_and_fill_no_disk() {
    let site = site(DOCUMENT).await;
    for _ in 0..200 {
        let answer = ask(&site, "192.0.2.1", Request::get("/")).await;
        assert_eq!(answer.status(), 401);
        assert!(answer.headers().contains_key("www-authenticate"));
    }
    let kept = site
        .engine
        .store()
        .rejected(None, 1_000)
        .await
        .expect("rows");
    assert!((60..=70).contains(&kept.len()), "{}", kept.len());
    let metrics = site.engine.metrics().encode();
    let counted = "balefire_requests_rejected_total{source=\"access\"} 200";
    assert!(metrics.contains(counted), "{metrics}");
}

#[tokio::test]
async fn health_can_be_asked_by_anybody_with_get_and_head() {
    let site = site(DOCUMENT).await;
    for path in ["/-/healthy", "/-/ready"] {
        for method in ["GET", "HEAD"] {
            let request = Request::builder().method(method).uri(path);
            let answer = ask(&site, "192.0.2.1", request).await;
            assert_eq!(answer.status(), 200, "{method} {path}");
        }
    }
    assert_eq!(
        ask(&site, "192.0.2.1", Request::get("/-/reload"))
            .await
            .status(),
        401
    );
}

#[tokio::test]
async fn below_a_prefix_everything_works_and_nothing_beside_it() {
    let document = "
server: {route_prefix: /alerts/, external_url: 'http://localhost:9119/alerts'}
route: {receiver: inbox}
receivers: [{name: inbox, inbox_configs: [{}]}]
access: {rules: [{path: /api/v2, networks: [10.0.0.0/8], token: false}]}
";
    let site = site(document).await;
    for (peer, path, expected) in [
        ("127.0.0.1", "/alerts/-/healthy", 200),
        ("127.0.0.1", "/alerts/", 200),
        ("127.0.0.1", "/alerts", 200),
        ("127.0.0.1", "/", 303),
        ("127.0.0.1", "/-/healthy", 404),
        ("127.0.0.1", "/alerts/alerts/-/healthy", 404),
        ("10.1.1.1", "/alerts/api/v2/status", 200),
        ("127.0.0.1", "/alerts/api/v2/status", 403),
        ("10.1.1.1", "/alerts/metrics", 401),
        ("10.1.1.1", "/alerts/api/v2/nope", 404),
        ("10.1.1.1", "/api/v2/status", 404),
    ] {
        let answer = ask(&site, peer, Request::get(path)).await;
        assert_eq!(answer.status(), expected, "{path} from {peer}");
        assert!(
            answer.headers().contains_key("content-security-policy"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn no_path_leads_out_of_the_site() {
    let site = site("route: {receiver: a}\nreceivers: [{name: a}]\n").await;
    for path in [
        "/console..",
        "/assets/../Cargo.toml",
        "/assets/%2e%2e/Cargo.toml",
        "/assets/..%2f..%2fetc/passwd",
        "/assets/console.css/..;/",
        "/assets/%00",
        "/assets/",
        "/-/../metrics",
        "//metrics",
        "/%2Fmetrics",
        "/api/v2/../v1/status",
        "/api/v2/%61lerts",
    ] {
        let answer = ask(&site, "127.0.0.1", Request::get(path)).await;
        assert_eq!(answer.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn reading_changes_nothing() {
    let site = site("route: {receiver: a}\nreceivers: [{name: a}]\n").await;
    let before = site.engine.store().last_event();
    for path in [
        "/",
        "/-/reload",
        "/metrics",
        "/api/v2/alerts",
        "/api/v2/alerts/groups",
        "/api/v2/silences",
        "/api/v2/silence/00000000-0000-4000-8000-000000000000",
        "/api/v2/status",
        "/api/v1/alerts",
        "/api/v1/messages",
        "/api/v1/config/check",
        "/api/v1/notifications/1/redrive",
        "/api/v1/status",
        "/console/test-alert",
    ] {
        for query in ["", "?_method=POST&labels=x"] {
            let request = Request::get(format!("{path}{query}"));
            ask(
                &site,
                "127.0.0.1",
                request.header("x-http-method-override", "POST"),
            )
            .await;
        }
    }
    assert_eq!(site.engine.store().last_event(), before);
}
