//! Who is let in, as tables: a document, a request, a verdict.

use std::net::SocketAddr;

use balefire_config::Env;
use balefire_config::plan::Plan;
use futures_util::FutureExt as _;
use http::request::Parts;

use super::caller::Caller;
use super::credentials::Credentials;
use super::guard::verdict;
use super::log_in::LogIns;

struct NoVariables;

impl Env for NoVariables {
    fn variable(&self, _: &str) -> Option<String> {
        None
    }
}

/// The plan of a document that has these lines besides what every document has.
fn plan(lines: &str) -> Plan {
    let text = format!("route: {{receiver: a}}\nreceivers: [{{name: a}}]\n{lines}\n");
    match balefire_config::load(&text, "test.yml", &NoVariables) {
        Ok(loaded) => loaded.plan,
        Err(problems) => panic!("{lines}: {problems:?}"),
    }
}

/// The status a request is turned away with; 0 when it is let in.
fn status(plan: &Plan, peer: &str, request: &str, headers: &[(&'static str, &str)]) -> u16 {
    let (method, path) = request.split_once(' ').expect("a method and a path");
    let mut builder = http::Request::builder().method(method).uri(path);
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    let head: Parts = builder.body(()).expect("a request").into_parts().0;
    let peer = SocketAddr::new(peer.parse().expect("an address"), 40_000);
    let caller = Caller::of(&plan.access, peer, &head.headers);
    let credentials = Credentials::of(&head.headers);
    let verdict = match verdict(plan, caller, &head) {
        Ok(Some(scope)) => {
            let log_ins = LogIns::new();
            let allowed = log_ins.allow(&plan.access, &credentials, scope);
            // Nothing in these documents is a hash, so nothing is waited for.
            allowed.now_or_never().expect("an answer at once")
        }
        Ok(None) => Ok(()),
        Err(problem) => Err(problem),
    };
    verdict.map_or_else(|problem| problem.status, |()| 0)
}

const TOKENS: &str = "access:
  tokens:
    sender: {token: aaaaaaaaaaaaaaaa, scopes: [ingest]}
    reader: {token: bbbbbbbbbbbbbbbb, scopes: [read]}
    writer: {token: cccccccccccccccc, scopes: [write]}
    keeper: {token: dddddddddddddddd, scopes: [admin]}
  users:
    chen: {password: correct-horse, scopes: [read]}";

#[test]
fn each_path_asks_for_its_scope() {
    let plan = plan(TOKENS);
    let requests = [
        ("GET /hb/x", "sender reader writer keeper nobody"),
        ("POST /hb/x/fail", "sender reader writer keeper nobody"),
        (
            "GET /badge/x/backup.svg",
            "sender reader writer keeper nobody",
        ),
        ("POST /badge/x/backup.svg", "writer keeper"),
        ("POST /api/v1/heartbeats/x/pause", "writer keeper"),
        ("POST /api/v1/heartbeats", "writer keeper"),
        ("DELETE /api/v1/heartbeats/x", "writer keeper"),
        ("GET /api/v1/badges/x", "reader writer keeper"),
        ("POST /api/v1/badges/x/renew", "writer keeper"),
        ("GET /api/v1/heartbeats", "reader writer keeper"),
        ("GET /-/healthy", "sender reader writer keeper nobody"),
        ("HEAD /-/ready", "sender reader writer keeper nobody"),
        ("POST /in/inbox", "sender keeper"),
        ("GET /in/inbox", "sender keeper"),
        ("POST /api/v2/alerts", "sender keeper"),
        ("POST /api/v1/alerts", "sender keeper"),
        ("GET /api/v2/alerts", "reader writer keeper"),
        ("HEAD /api/v2/alerts", "reader writer keeper"),
        ("POST /fault", "sender keeper"),
        ("DELETE /fault", "sender keeper"),
        ("GET /fault", "reader writer keeper"),
        ("POST /sendmail", "sender keeper"),
        ("POST /api/v1/incidents", "writer keeper"),
        ("PATCH /api/v1/incidents/1", "writer keeper"),
        ("GET /api/v1/incidents", "reader writer keeper"),
        ("GET /api/v2/status", "reader writer keeper"),
        ("GET /metrics", "reader writer keeper"),
        ("GET /", "reader writer keeper"),
        ("POST /api/v2/silences", "writer keeper"),
        ("DELETE /api/v2/silence/x", "writer keeper"),
        ("POST /api/v1/messages", "writer keeper"),
        ("GET /api/v1/reminders", "reader writer keeper"),
        ("PATCH /api/v1/reminders/1", "writer keeper"),
        ("POST /api/v1/reminders/1/test", "writer keeper"),
        ("GET /api/v1/schedules/ops.ics", "reader writer keeper"),
        ("GET /api/v1/on-call", "reader writer keeper"),
        ("DELETE /event_reminder", "sender keeper"),
        ("GET /event_reminder", "reader writer keeper"),
        ("POST /upload_file", "sender keeper"),
        ("GET /static/files/a.txt", "reader writer keeper"),
        ("GET /api/v1/files", "reader writer keeper"),
        ("POST /api/v1/files", "writer keeper"),
        ("DELETE /api/v1/files/x", "writer keeper"),
        ("POST /-/reload", "keeper"),
        ("GET /nothing", "reader writer keeper"),
    ];
    let people = [
        ("sender", "Bearer aaaaaaaaaaaaaaaa"),
        ("reader", "Bearer bbbbbbbbbbbbbbbb"),
        ("writer", "bearer cccccccccccccccc"),
        ("keeper", "Bearer dddddddddddddddd"),
        ("nobody", "Bearer aaaaaaaaaaaaaaa"),
    ];
    for (request, allowed) in requests {
        for (who, authorization) in people {
            let expected = match (allowed.split(' ').any(|name| name == who), who) {
                (true, _) => 0,
                (false, "nobody") => 401,
                (false, _) => 403,
            };
            let headers = [("authorization", authorization)];
            let found = status(&plan, "192.0.2.1", request, &headers);
            assert_eq!(found, expected, "{request} by {who}");
        }
    }
}

#[test]
fn uploaded_files_are_public_only_where_the_document_says_so_and_only_to_fetch() {
    let public = "legacy: {apptools: {public_files: true}}";
    for (lines, expected) in [("legacy: {apptools: {}}", 401), ("", 401), (public, 0)] {
        let plan = plan(&format!("{TOKENS}\n{lines}"));
        let found = |request| status(&plan, "192.0.2.1", request, &[]);
        assert_eq!(found("GET /static/files/a.txt"), expected, "{lines}");
        assert_eq!(found("HEAD /static/files/a.txt"), expected, "{lines}");
        for closed in [
            "POST /static/files/a.txt",
            "POST /upload_file",
            "GET /static/files",
            "GET /static/other",
            "GET /api/v1/files/x",
        ] {
            assert_eq!(found(closed), 401, "{lines}: {closed}");
        }
    }
}

#[test]
fn credentials_are_read_in_their_usual_forms_and_no_others() {
    let plan = plan(TOKENS);
    for (authorization, expected) in [
        ("Bearer bbbbbbbbbbbbbbbb", 0),
        ("BEARER  bbbbbbbbbbbbbbbb ", 0),
        ("Basic Y2hlbjpjb3JyZWN0LWhvcnNl", 0),
        ("Basic Y2hlbjpjb3JyZWN0LWhvcnNlIQ==", 401),
        ("Basic Q2hlbjpjb3JyZWN0LWhvcnNl", 401),
        ("Basic Y2hlbjo=", 401),
        ("Basic %%%", 401),
        ("Basic", 401),
        ("Bearer", 401),
        ("Bearer ", 401),
        ("Digest bbbbbbbbbbbbbbbb", 401),
        ("bbbbbbbbbbbbbbbb", 401),
    ] {
        let headers = [("authorization", authorization)];
        let found = status(&plan, "192.0.2.1", "GET /", &headers);
        assert_eq!(found, expected, "{authorization}");
    }
    let query = "GET /?token=bbbbbbbbbbbbbbbb&access_token=bbbbbbbbbbbbbbbb";
    assert_eq!(status(&plan, "192.0.2.1", query, &[]), 401);
}

#[test]
fn this_machine_needs_no_token_only_while_nobody_else_can_reach_us() {
    let trial = plan("");
    let local = ("host", "localhost:9119");
    for (peer, headers, expected) in [
        ("127.0.0.1", vec![], 0),
        ("127.0.0.1", vec![local], 0),
        ("::1", vec![("host", "[::1]:9119")], 0),
        ("127.0.0.1", vec![("host", "127.9.9.9")], 0),
        ("192.0.2.1", vec![local], 401),
        ("127.0.0.1", vec![("host", "evil.example:9119")], 401),
        ("127.0.0.1", vec![("host", "localhost.evil.example")], 401),
        ("127.0.0.1", vec![("host", "127.0.0.1.evil.example")], 401),
        (
            "127.0.0.1",
            vec![local, ("x-forwarded-for", "127.0.0.1")],
            401,
        ),
        (
            "127.0.0.1",
            vec![local, ("x-forwarded-host", "localhost")],
            401,
        ),
        (
            "127.0.0.1",
            vec![local, ("forwarded", "for=127.0.0.1")],
            401,
        ),
        ("127.0.0.1", vec![local, ("host", "evil.example")], 400),
    ] {
        for request in [
            "GET /api/v2/alerts",
            "POST /api/v2/alerts",
            "POST /in/inbox",
        ] {
            let found = status(&trial, peer, request, &headers);
            assert_eq!(found, expected, "{request} from {peer} with {headers:?}");
        }
    }
    for narrowed in [
        TOKENS,
        "server: {external_url: \"https://alerts.example.com\"}",
    ] {
        let found = status(&plan(narrowed), "127.0.0.1", "POST /in/inbox", &[local]);
        assert_eq!(found, 401, "{narrowed}");
    }
}

#[test]
fn http2_s_authority_counts_as_the_host() {
    let trial = plan("");
    let request = |uri| status(&trial, "127.0.0.1", uri, &[]);
    assert_eq!(request("GET http://localhost:9119/"), 0);
    assert_eq!(request("GET http://evil.example/"), 401);
}

#[test]
fn another_site_s_page_changes_nothing_here() {
    let trial = plan("");
    let host = ("host", "localhost:9119");
    for (headers, expected) in [
        (vec![host], 0),
        (vec![host, ("origin", "http://localhost:9119")], 0),
        (
            vec![
                host,
                ("origin", "http://localhost:9119"),
                ("sec-fetch-site", "same-origin"),
            ],
            0,
        ),
        (vec![host, ("sec-fetch-site", "none")], 0),
        (vec![host, ("origin", "http://localhost:8080")], 403),
        (vec![host, ("origin", "https://evil.example")], 403),
        (vec![host, ("origin", "null")], 403),
        (vec![host, ("sec-fetch-site", "cross-site")], 403),
        (vec![host, ("sec-fetch-site", "same-site")], 403),
        (
            vec![
                host,
                ("origin", "http://localhost:9119"),
                ("sec-fetch-site", "cross-site"),
            ],
            403,
        ),
    ] {
        // A GET to a source changes something too.
        for request in [
            "POST /api/v2/silences",
            "DELETE /x",
            "POST /-/reload",
            "GET /in/inbox?a=b",
        ] {
            let found = status(&trial, "127.0.0.1", request, &headers);
            assert_eq!(found, expected, "{request} with {headers:?}");
        }
        let overridden = [&headers[..], &[("x-http-method-override", "GET")]].concat();
        assert_eq!(
            status(&trial, "127.0.0.1", "POST /x", &overridden),
            expected
        );
        assert_eq!(
            status(&trial, "127.0.0.1", "GET /api/v2/alerts", &headers),
            0,
            "{headers:?}"
        );
    }
    let outside = plan(
        "server: {external_url: \"https://alerts.example.com/x\"}\naccess: {rules: [{path: /, token: false}]}",
    );
    let through_proxy = |origin: &str| {
        let headers = [("host", "10.0.0.5:9119"), ("origin", origin)];
        status(&outside, "10.0.0.1", "POST /x", &headers)
    };
    assert_eq!(through_proxy("https://alerts.example.com"), 0);
    assert_eq!(through_proxy("http://alerts.example.com"), 403);
}

#[test]
fn rules_by_path_and_network_decide_first_and_escapes_do_not_slip_past() {
    let plan = plan(
        "sources: {db: {kind: generic}, own: {kind: generic, token: eeeeeeeeeeeeeeee}}
access:
  trusted_proxies: [10.9.0.0/16]
  tokens: {sender: {token: aaaaaaaaaaaaaaaa, scopes: [ingest]}}
  rules:
  - {path: /in/db, networks: [10.0.0.0/8], token: false}
  - {path: /in/own, networks: [10.0.0.0/8]}
  - {path: /api/v2/status, token: false}
  - {path: /api/, networks: [127.0.0.0/8]}",
    );
    for (peer, request, forwarded, expected) in [
        ("10.1.1.1", "POST /in/db", "", 0),
        ("10.1.1.1", "POST /in/db/x", "", 0),
        ("10.1.1.1", "POST /in/dbx", "", 401),
        ("192.0.2.1", "POST /in/db", "", 403),
        ("192.0.2.1", "POST /in/%64b", "", 403),
        ("192.0.2.1", "POST /in/db%2Fx", "", 403),
        ("10.1.1.1", "POST /in/own", "", 0),
        ("192.0.2.1", "POST /in/own", "", 403),
        ("192.0.2.1", "POST /in/%6Fwn", "", 403),
        ("192.0.2.1", "GET /api/v2/status", "", 0),
        ("192.0.2.1", "GET /api/v2/alerts", "", 403),
        ("192.0.2.1", "POST /in/inbox", "", 401),
        ("10.9.0.1", "POST /in/db", "192.0.2.1", 403),
        ("10.9.0.1", "POST /in/db", "10.1.1.1", 0),
        ("10.1.1.1", "POST /in/db", "192.0.2.1", 0),
        ("192.0.2.1", "POST /in/db", "10.1.1.1", 403),
    ] {
        let headers = [("x-forwarded-for", forwarded)];
        let headers = if forwarded.is_empty() {
            &headers[..0]
        } else {
            &headers[..]
        };
        let found = status(&plan, peer, request, headers);
        assert_eq!(found, expected, "{request} from {peer} ({forwarded})");
    }
}
