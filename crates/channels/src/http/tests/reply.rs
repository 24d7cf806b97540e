//! What statuses and `Retry-After` mean.

use std::time::Duration;

use balefire_core::time::Time;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::super::reply::{HttpReply, MAX_RETRY_AFTER, classify_http, excerpt};
use crate::error::ErrorKind;

/// 2026-01-01T00:00:00Z, a Thursday.
const NOW: Time = Time::from_secs(1_767_225_600);

fn reply(
    status: u16,
    header: Option<(&'static str, &'static str)>,
    body: &'static str,
) -> HttpReply {
    let mut headers = HeaderMap::new();
    if let Some((name, value)) = header {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    HttpReply {
        status,
        headers,
        body: Bytes::from_static(body.as_bytes()),
        whole: true,
    }
}

#[test]
fn each_status_has_one_meaning() {
    use ErrorKind::{Misconfigured, RateLimited, Rejected, Transient};
    for (status, kind) in [
        (301, Misconfigured),
        (302, Transient),
        (307, Transient),
        (400, Rejected),
        (401, Misconfigured),
        (403, Misconfigured),
        (404, Misconfigured),
        (405, Rejected),
        (408, Transient),
        (410, Rejected),
        (413, Rejected),
        (422, Rejected),
        (429, RateLimited),
        (500, Transient),
        (501, Transient),
        (503, Transient),
        (599, Transient),
    ] {
        let error = classify_http(&reply(status, None, ""), NOW).expect_err("no success");
        assert_eq!(error.kind, kind, "{status}");
    }
    for status in [200, 201, 202, 204] {
        assert_eq!(classify_http(&reply(status, None, ""), NOW), Ok(()));
    }
}

#[test]
fn retry_after_is_read_as_seconds_and_as_a_date() {
    for (text, wait) in [
        ("30", Some(30)),
        (" 0 ", Some(0)),
        ("1.5", Some(2)),
        ("Thu, 01 Jan 2026 00:02:00 GMT", Some(120)),
        ("Thu, 01 Jan 2015 00:00:00 GMT", Some(0)),
        ("99999", Some(MAX_RETRY_AFTER.as_secs())),
        (
            "Fri, 01 Jan 2027 00:00:00 GMT",
            Some(MAX_RETRY_AFTER.as_secs()),
        ),
        ("-5", None),
        ("NaN", None),
        ("soon", None),
        ("", None),
    ] {
        let read = reply(429, Some(("retry-after", text)), "").retry_after(NOW);
        assert_eq!(read, wait.map(Duration::from_secs), "{text:?}");
    }
    let error = classify_http(&reply(503, Some(("retry-after", "7")), ""), NOW).expect_err("busy");
    assert_eq!(error.retry_after, Some(Duration::from_secs(7)));
}

#[test]
fn a_permanent_redirect_names_the_new_place_without_its_secrets() {
    let moved = reply(
        308,
        Some(("location", "https://new.example/hook?key=s3cret")),
        "",
    );
    let error = classify_http(&moved, NOW).expect_err("moved");
    assert_eq!(
        error.detail,
        "status 308: moved to https://new.example/hook"
    );
}

#[test]
fn an_excerpt_is_one_short_line() {
    assert_eq!(excerpt("a\r\n\tb\u{202e}c\u{1b}[31m  d "), "a bc[31m d");
    let long = excerpt(&"告".repeat(200));
    assert_eq!(long.len(), 255);
}
