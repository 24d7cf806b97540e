//! Looks at servers on the loopback.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::time::Time;
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use rustls::server::ResolvesServerCertUsingSni;
use rustls::sign::CertifiedKey;
use rustls_pki_types::PrivateKeyDer;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;
use crate::http::{Allowed, Egress, Http, HttpSettings};

const PATIENCE: Duration = Duration::from_secs(20);

fn http(egress: Egress) -> Http {
    let settings = HttpSettings {
        egress,
        ..HttpSettings::default()
    };
    Http::new(settings).expect("a client")
}

/// A certificate that nobody vouches for, for one name and until a year.
fn certificate(name: &str, year: i32) -> CertifiedKey {
    let mut params = CertificateParams::new([name.to_owned()]).expect("a name");
    params.not_before = date_time_ymd(2019, 1, 1);
    params.not_after = date_time_ymd(year, 3, 4);
    let key = KeyPair::generate().expect("a key");
    let made = params.self_signed(&key).expect("a certificate");
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    CertifiedKey::from_der(vec![made.der().clone()], key, &provider).expect("they fit")
}

/// A server that shows a certificate by the name it is asked for, and says nothing; its port.
async fn server(certificates: &[(&str, i32)]) -> u16 {
    let mut known = ResolvesServerCertUsingSni::new();
    for (name, year) in certificates {
        known.add(name, certificate(name, *year)).expect("it fits");
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(known));
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                if let Ok(mut stream) = acceptor.accept(stream).await {
                    let _ = stream.read(&mut [0; 16]).await;
                }
            });
        }
    });
    port
}

#[tokio::test]
async fn the_certificate_of_the_name_that_is_asked_for_is_read_expired_or_not() {
    let port = server(&[("old.example", 2020), ("new.example", 2050)]).await;
    let http = http(Egress::Operator);
    let of = async |name: &str| certificate::look(&http, ("localhost", port), name, PATIENCE).await;
    let old = of("old.example").await.expect("seen");
    assert_eq!(old.expires_at.to_string(), "2020-03-04T00:00:00.000Z");
    assert!(old.detail.contains("rcgen"), "{}", old.detail);
    let new = of("new.example").await.expect("seen");
    assert_eq!(new.expires_at.to_string(), "2050-03-04T00:00:00.000Z");
    let other = of("other.example").await.expect_err("it has none");
    assert!(other.to_string().contains("no TLS"), "{other}");
    assert!(of("no name").await.is_err());
}

#[tokio::test]
async fn addresses_that_are_out_of_reach_are_not_looked_at() {
    let port = server(&[("localhost", 2050)]).await;
    let strict = http(Egress::Strict(Allowed::NOTHING));
    for host in ["localhost", "127.0.0.1", "::1"] {
        let refused = certificate::look(&strict, (host, port), "localhost", PATIENCE).await;
        let words = refused.expect_err("guarded").to_string();
        assert!(words.contains("access.egress.allow"), "{words}");
    }
    let operator = http(Egress::Operator);
    for host in ["169.254.169.254", "metadata.google.internal"] {
        let refused = certificate::look(&operator, (host, 443), "x.example", PATIENCE).await;
        let words = refused.expect_err("guarded").to_string();
        assert!(words.contains("metadata"), "{words}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_says_nothing_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let http = http(Egress::Operator);
    let looked = certificate::look(&http, ("127.0.0.1", port), "a.example", PATIENCE).await;
    assert_eq!(looked, Err(LookError::Slow(20)));
}

/// An RDAP service that answers each path as told, and its address.
async fn registry(answers: Vec<(&'static str, u16, String)>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut buffer = vec![0; 4_096];
            let length = stream.read(&mut buffer).await.unwrap_or(0);
            let head = String::from_utf8_lossy(&buffer[..length]).into_owned();
            let path = head.split(' ').nth(1).unwrap_or_default();
            let found = answers.iter().find(|(known, ..)| *known == path);
            let (status, body) = found.map_or((404, ""), |(_, status, body)| (*status, body));
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 {status} X\r\ncontent-type: application/rdap+json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
            );
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    format!("http://{address}/rdap/")
}

#[tokio::test]
async fn a_domains_date_is_what_its_registry_says() {
    let whole = json!({
        "objectClassName": "domain",
        "ldhName": "example.com",
        "events": [
            {"eventAction": "registration", "eventDate": "1995-08-14T04:00:00Z"},
            {"eventAction": "expiration", "eventDate": "2027-08-13T04:00:00Z"},
        ],
        "entities": [
            {"roles": ["abuse"]},
            {"roles": ["registrar"], "vcardArray": ["vcard", [["version", {}, "text", "4.0"], ["fn", {}, "text", "A\nRegistrar"]]]},
        ],
        "padding": "x".repeat(100_000),
    });
    let base = registry(vec![
        ("/rdap/domain/example.com", 200, whole.to_string()),
        ("/rdap/domain/none.com", 200, "{\"events\": []}".to_owned()),
        ("/rdap/domain/busy.com", 429, String::new()),
        ("/rdap/domain/page.com", 200, "<html>".to_owned()),
    ])
    .await;
    let http = http(Egress::Operator);
    let of = async |name: &str| rdap::look(&http, name, Some(&base), PATIENCE).await;
    let seen = of("example.com").await.expect("seen");
    let expires_at: jiff::Timestamp = "2027-08-13T04:00:00Z".parse().expect("a time");
    assert_eq!(seen.expires_at, Time::from(expires_at));
    assert_eq!(seen.detail, "A Registrar");
    for (name, why) in [
        ("none.com", "says no date"),
        ("busy.com", "answered 429"),
        ("page.com", "no JSON"),
        ("gone.com", "nobody has registered it"),
    ] {
        let words = of(name).await.expect_err(name).to_string();
        assert!(words.contains(why), "{words}");
    }
    let strict = self::http(Egress::Strict(Allowed::NOTHING));
    let refused = rdap::look(&strict, "example.com", Some(&base), PATIENCE).await;
    assert!(
        matches!(refused, Err(LookError::Unreachable(_))),
        "{refused:?}"
    );
}
