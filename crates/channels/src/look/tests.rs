//! Looks at servers on the loopback.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::monitor::{StartTls, Trust};
use balefire_core::time::Time;
use balefire_testkit::whois::WhoisSim;
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
/// The end of 2026.
const NOW: Time = Time::from_secs(1_798_675_200);

fn shows<'a>(host: &'a str, port: u16, name: &'a str) -> certificate::Server<'a> {
    certificate::Server {
        host,
        port,
        name,
        starttls: None,
    }
}

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
    serve(Arc::new(known)).await
}

async fn serve(shows: Arc<dyn rustls::server::ResolvesServerCert>) -> u16 {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_cert_resolver(shows);
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
    let of = async |name: &str| {
        certificate::look(&http, shows("localhost", port, name), NOW, PATIENCE).await
    };
    let old = of("old.example").await.expect("seen");
    assert_eq!(old.expires_at.to_string(), "2020-03-04T00:00:00.000Z");
    assert!(old.detail.contains("rcgen"), "{}", old.detail);
    let says = old.certificate.expect("what it says");
    assert_eq!(says.names, ["old.example"]);
    assert_eq!((says.covers, says.shown), (true, 1));
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
        let refused =
            certificate::look(&strict, shows(host, port, "localhost"), NOW, PATIENCE).await;
        let words = refused.expect_err("guarded").to_string();
        assert!(words.contains("access.egress.allow"), "{words}");
    }
    let operator = http(Egress::Operator);
    for host in ["169.254.169.254", "metadata.google.internal"] {
        let refused =
            certificate::look(&operator, shows(host, 443, "x.example"), NOW, PATIENCE).await;
        let words = refused.expect_err("guarded").to_string();
        assert!(words.contains("metadata"), "{words}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_says_nothing_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let http = http(Egress::Operator);
    let looked =
        certificate::look(&http, shows("127.0.0.1", port, "a.example"), NOW, PATIENCE).await;
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

/// An authority, and a leaf of it for one name; what is shown of them is the server's choice.
fn issued(
    name: &str,
) -> (
    CertifiedKey,
    String,
    rustls_pki_types::CertificateDer<'static>,
) {
    let mut params = CertificateParams::default();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let mut whose = rcgen::DistinguishedName::new();
    whose.push(rcgen::DnType::CommonName, format!("Authority of {name}"));
    params.distinguished_name = whose;
    let key = KeyPair::generate().expect("a key");
    let authority = rcgen::CertifiedIssuer::self_signed(params, key).expect("an authority");
    let mut params = CertificateParams::new([name.to_owned()]).expect("a name");
    params.not_before = date_time_ymd(2019, 1, 1);
    params.not_after = date_time_ymd(2050, 3, 4);
    let key = KeyPair::generate().expect("a key");
    let leaf = params.signed_by(&key, &authority).expect("a leaf");
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let chain = vec![leaf.der().clone()];
    let key = CertifiedKey::from_der(chain, key, &provider).expect("they fit");
    (key, authority.pem(), authority.der().clone())
}

/// A server that shows this; its port.
async fn showing(key: CertifiedKey) -> u16 {
    #[derive(Debug)]
    struct One(Arc<CertifiedKey>);
    impl rustls::server::ResolvesServerCert for One {
        fn resolve(&self, _: rustls::server::ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
            Some(Arc::clone(&self.0))
        }
    }
    serve(Arc::new(One(Arc::new(key)))).await
}

/// A client that trusts one authority alone.
fn trusting(pem: String) -> Http {
    let tls = crate::http::TlsSettings {
        ca_pem: Some(pem),
        ..crate::http::TlsSettings::default()
    };
    let settings = HttpSettings {
        tls,
        ..HttpSettings::default()
    };
    Http::new(settings).expect("a client")
}

#[tokio::test]
async fn it_is_told_whether_a_certificate_would_be_trusted_and_covers_its_name() {
    let (leaf, pem, root) = issued("a.example");
    let mut whole = leaf.clone();
    whole.cert.push(root);
    let (alone, whole) = (showing(leaf).await, showing(whole).await);
    let (_, stranger, _) = issued("c.example");
    let (usual, trusting) = (trusting(stranger), trusting(pem));
    let of = async |http: &Http, port, name| {
        let server = shows("127.0.0.1", port, name);
        let seen = certificate::look(http, server, NOW, PATIENCE).await;
        let says = seen.expect("seen").certificate.expect("what it says");
        (says.trust, says.covers)
    };
    assert_eq!(
        of(&usual, alone, "a.example").await,
        (Trust::Incomplete, true)
    );
    assert_eq!(
        of(&usual, whole, "a.example").await,
        (Trust::UnknownAuthority, true)
    );
    assert_eq!(
        of(&trusting, alone, "a.example").await,
        (Trust::Trusted, true)
    );
    assert_eq!(
        of(&trusting, alone, "b.example").await,
        (Trust::Trusted, false)
    );
    assert_eq!(
        of(&trusting, alone, "127.0.0.1").await,
        (Trust::Trusted, false)
    );
    let alone_again = server(&[("a.example", 2050)]).await;
    let own = of(&usual, alone_again, "a.example").await;
    assert_eq!(own, (Trust::SelfSigned, true));
    let late = Time::from_secs(4_000_000_000);
    let server = shows("127.0.0.1", alone, "a.example");
    let seen = certificate::look(&trusting, server, late, PATIENCE).await;
    let says = seen.expect("seen").certificate.expect("what it says");
    assert_eq!(says.trust, Trust::NotNow);
}

#[tokio::test]
async fn a_mail_server_is_asked_for_tls_first() {
    use balefire_testkit::smtp::{Security, SmtpSim};
    let server = SmtpSim::start(Security::StartTls).await.expect("a server");
    let http = http(Egress::Operator);
    let asked = certificate::Server {
        starttls: Some(StartTls::Smtp),
        ..shows("127.0.0.1", server.port(), "mail.example.com")
    };
    let seen = certificate::look(&http, asked, NOW, PATIENCE).await;
    assert!(seen.expect("seen").detail.contains("simulated authority"));
    let wrong = certificate::Server {
        starttls: Some(StartTls::Imap),
        ..asked
    };
    let why = certificate::look(&http, wrong, NOW, PATIENCE).await;
    let why = why.expect_err("no IMAP").to_string();
    assert!(
        why.contains("imap: it is no IMAP server") && why.contains("220 "),
        "{why}"
    );
}

#[tokio::test]
async fn a_registry_without_rdap_is_asked_by_whois() {
    let cn = "Domain Name: example.cn\nExpiration Time: 2027-03-17 12:20:05\n";
    let long = format!(
        "Expiration Time: 2027-03-17 12:20:05\n{}",
        "x".repeat(200_000)
    );
    let registry_cn = WhoisSim::start([
        ("example.cn", cn),
        ("long.cn", &long),
        ("example.jp/e", "[Expires on]  2027/03/31\n"),
    ]);
    let registry_cn = registry_cn.await.expect("a service");
    let port = registry_cn.port();
    let http = http(Egress::Operator);
    let of = async |name: &str| {
        let ask = domain::Ask {
            whois: Some(("127.0.0.1", port)),
            ..domain::Ask::default()
        };
        domain::look(&http, name, ask, PATIENCE).await
    };
    let seen = of("example.cn").await.expect("seen");
    assert_eq!(seen.expires_at.to_string(), "2027-03-17T04:20:05.000Z");
    assert!(of("example.jp").await.is_ok());
    assert!(of("long.cn").await.is_ok(), "its beginning is enough");
    let none = of("none.cn").await.expect_err("nobody has it").to_string();
    assert!(none.contains("nobody has registered none.cn"), "{none}");
    // RDAP that says no date is followed by the whois that is named.
    let base = registry(vec![("/rdap/domain/example.cn", 200, "{}".to_owned())]).await;
    let both = domain::Ask {
        rdap: Some(&base),
        whois: Some(("127.0.0.1", port)),
    };
    assert!(
        domain::look(&http, "example.cn", both, PATIENCE)
            .await
            .is_ok()
    );
    let alone = domain::Ask {
        rdap: Some(&base),
        whois: None,
    };
    let why = domain::look(&http, "example.cn", alone, PATIENCE).await;
    assert!(matches!(why, Err(LookError::Unknown(_))), "{why:?}");
}

#[tokio::test]
async fn iana_names_the_whois_service_and_the_guard_holds_for_it() {
    let iana = WhoisSim::start([("cn", "whois:        169.254.169.254\n")]).await;
    let iana = iana.expect("a service");
    let operator = http(Egress::Operator);
    let of = async |http: &Http, name: &str| {
        let looked = whois::look(http, name, None, ("127.0.0.1", iana.port()), PATIENCE).await;
        looked.expect_err("out of reach").to_string()
    };
    let guarded = of(&operator, "example.cn").await;
    assert!(guarded.contains("metadata"), "{guarded}");
    let unknown = of(&operator, "example.zz").await;
    assert!(unknown.contains("names no whois service"), "{unknown}");
    let strict = http(Egress::Strict(Allowed::NOTHING));
    let refused = of(&strict, "example.cn").await;
    assert!(refused.contains("access.egress.allow"), "{refused}");
}
