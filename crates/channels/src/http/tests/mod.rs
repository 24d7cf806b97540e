//! The client against small peers on loopback, each of which misbehaves in one way.

mod authorities;
mod guard;
mod reply;

use std::net::SocketAddr;
use std::time::Duration;

use balefire_core::secret::Secret;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;
use crate::error::{ErrorKind, SendError};
use crate::tests::loopback::{answering, peer, read_request, recording};

const SECOND: Duration = Duration::from_secs(1);

fn client() -> Http {
    Http::new(HttpSettings::default()).expect("a client with defaults")
}

async fn post(address: SocketAddr, total: Duration) -> Result<HttpReply, HttpError> {
    let request = HttpRequest::post(
        format!("http://{address}/hook/k3y?token=s3cret"),
        "text/plain",
        "fire",
    );
    client().send(request, total).await
}

fn kind(error: &HttpError) -> ErrorKind {
    transport_error(error).kind
}

#[tokio::test]
async fn an_answer_comes_back_with_status_headers_and_body() {
    let address =
        answering(b"HTTP/1.1 201 Created\r\nx-id: 7\r\ncontent-length: 4\r\n\r\nfine").await;
    let reply = post(address, SECOND).await.expect("an answer");
    assert_eq!(
        (reply.status, reply.header("x-id"), &reply.body[..]),
        (201, Some("7"), &b"fine"[..])
    );
    assert!(reply.whole);
}

#[tokio::test]
async fn the_request_carries_length_agent_and_account_headers() {
    let (address, mut told) = recording(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let http = Http::new(HttpSettings {
        auth: Some(Authorization::Basic {
            user: "u".to_owned(),
            password: Secret::new("p"),
        }),
        headers: vec![
            ("x-team".to_owned(), Secret::new("运维")),
            ("x-team".to_owned(), Secret::new("on-call")),
        ],
        ..HttpSettings::default()
    })
    .expect("a client");
    let request = HttpRequest::post(format!("http://{address}/a"), "text/plain", "fire");
    http.send(request, SECOND).await.expect("an answer");
    let seen = told.recv().await.expect("a request");
    for part in [
        "POST /a HTTP/1.1",
        "content-length: 4",
        &format!("user-agent: {AGENT}"),
        "authorization: Basic dTpw",
        "x-team: 运维",
        "x-team: on-call",
        "\r\n\r\nfire",
    ] {
        assert!(seen.contains(part), "{part:?} is missing in {seen}");
    }
}

#[tokio::test]
async fn an_endpoint_keeps_its_headers_and_each_call_adds_its_own() {
    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
    let (address, mut told) = recording(answer).await;
    let url = format!("http://u:p@{address}/hook/k3y");
    let constant = [("content-type".into(), "text/plain".to_owned())];
    let endpoint = client().endpoint(&url, &constant).expect("an endpoint");
    assert!(!format!("{endpoint:?}").contains("k3y"));
    for own in ["1", "2"] {
        let headers = [("x-try".into(), own.to_owned())];
        let call = client();
        let call = call.call(Method::POST, &endpoint, &headers, "fire", SECOND);
        call.await.expect("an answer");
        let seen = told.recv().await.expect("a request");
        for part in [
            "POST /hook/k3y HTTP/1.1",
            "content-type: text/plain",
            "authorization: Basic dTpw",
            &format!("x-try: {own}"),
            "\r\n\r\nfire",
        ] {
            assert!(seen.contains(part), "{part:?} is missing in {seen}");
        }
    }
    let broken = [("x-try".into(), "a\r\nb".to_owned())];
    let refused = client().endpoint(&url, &broken).expect_err("a line break");
    assert!(matches!(refused, HttpError::Header(_)), "{refused:?}");
    let refused = client()
        .endpoint("ftp://h/", &[])
        .expect_err("no web address");
    assert!(matches!(refused, HttpError::Guarded(_)), "{refused:?}");
}

#[tokio::test]
async fn nobody_listening_is_transient() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    drop(listener);
    let error = post(address, SECOND).await.expect_err("nobody listens");
    assert!(
        matches!(error, HttpError::Connect { tls: false, .. }),
        "{error:?}"
    );
    assert_eq!(kind(&error), ErrorKind::Transient);
}

#[tokio::test]
async fn the_operators_time_goes_before_the_channels_be_it_longer_or_shorter() {
    let address = answering(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let ask = || HttpRequest::post(format!("http://{address}/"), "text/plain", "fire");
    let longer = client().within(SECOND * 30);
    let reply = longer.send(ask(), Duration::ZERO).await.expect("an answer");
    assert_eq!(reply.status, 200);
    // A quick answer may still come within no time at all, so this one never comes.
    let silent = peer(|mut stream| async move {
        read_request(&mut stream).await;
        std::future::pending::<()>().await;
    })
    .await;
    let shorter = client().within(Duration::ZERO);
    let ask = HttpRequest::post(format!("http://{silent}/"), "text/plain", "fire");
    let error = shorter.send(ask, SECOND * 30).await.expect_err("no time");
    let over = matches!(error, HttpError::Timeout { seconds: 0, .. });
    assert!(over, "{error:?}");
}

#[tokio::test]
async fn silence_after_the_request_is_an_unknown_outcome() {
    let address = peer(|mut stream| async move {
        read_request(&mut stream).await;
        std::future::pending::<()>().await;
    })
    .await;
    let error = post(address, Duration::from_millis(200))
        .await
        .expect_err("no answer");
    assert!(
        matches!(
            error,
            HttpError::Timeout {
                body_left: true,
                ..
            }
        ),
        "{error:?}"
    );
    assert_eq!(kind(&error), ErrorKind::UnknownOutcome);
}

#[tokio::test]
async fn silence_after_a_get_is_transient_as_it_does_nothing_there() {
    let address = peer(|mut stream| async move {
        read_request(&mut stream).await;
        std::future::pending::<()>().await;
    })
    .await;
    let request = HttpRequest::get(format!("http://{address}/token"));
    let error = client()
        .send(request, Duration::from_millis(200))
        .await
        .expect_err("no answer");
    assert_eq!(kind(&error), ErrorKind::Transient);
}

#[tokio::test]
async fn a_reset_after_the_body_is_an_unknown_outcome() {
    let address = peer(|mut stream| async move {
        read_request(&mut stream).await;
        let _ = stream.set_zero_linger();
    })
    .await;
    let error = post(address, SECOND).await.expect_err("reset");
    assert!(
        matches!(
            error,
            HttpError::Broken {
                body_left: true,
                ..
            }
        ),
        "{error:?}"
    );
    assert_eq!(kind(&error), ErrorKind::UnknownOutcome);
}

#[tokio::test]
async fn a_tls_handshake_that_breaks_is_transient_because_nothing_was_sent() {
    let address = answering(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    let request = HttpRequest::post(format!("https://{address}/"), "text/plain", "fire");
    let error = client()
        .send(request, SECOND)
        .await
        .expect_err("no TLS there");
    assert!(matches!(
        error,
        HttpError::Connect { .. }
            | HttpError::Timeout {
                body_left: false,
                ..
            }
    ));
    assert_eq!(kind(&error), ErrorKind::Transient);
}

#[tokio::test]
async fn a_dripping_answer_ends_with_the_deadline_and_keeps_its_status() {
    let address = peer(|mut stream| async move {
        read_request(&mut stream).await;
        let _ = stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{")
            .await;
        let mut tick = tokio::time::interval(Duration::from_millis(20));
        while stream.write_all(b" ").await.is_ok() {
            tick.tick().await;
        }
    })
    .await;
    let begun = Instant::now();
    let reply = post(address, Duration::from_millis(300))
        .await
        .expect("a status");
    assert!(begun.elapsed() < SECOND);
    assert_eq!((reply.status, reply.whole), (200, false));
    let error = reply
        .json::<serde_json::Value>()
        .expect_err("half a document");
    assert_eq!(error.kind, ErrorKind::UnknownOutcome);
}

#[tokio::test]
async fn a_dripping_head_is_an_unknown_outcome_at_the_deadline() {
    let address = peer(|mut stream| async move {
        read_request(&mut stream).await;
        let mut tick = tokio::time::interval(Duration::from_millis(20));
        while stream.write_all(b"H").await.is_ok() {
            tick.tick().await;
        }
    })
    .await;
    let error = post(address, Duration::from_millis(300))
        .await
        .expect_err("no status");
    assert!(error.body_left(), "{error:?}");
}

#[tokio::test]
async fn an_endless_body_is_read_up_to_the_bound_only() {
    let address = peer(|mut stream| async move {
        read_request(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        while stream.write_all(&[b'x'; 8192]).await.is_ok() {}
    })
    .await;
    let reply = post(address, Duration::from_secs(5))
        .await
        .expect("a status");
    assert_eq!((reply.body.len(), reply.whole), (MAX_BODY, false));
}

#[tokio::test]
async fn a_compressed_answer_is_not_unpacked() {
    let address = answering(
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\n\x1f\x8b\x08",
    )
    .await;
    let reply = post(address, SECOND).await.expect("an answer");
    assert_eq!(&reply.body[..], b"\x1f\x8b\x08");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    for status in [
        "302 Found",
        "307 Temporary Redirect",
        "308 Permanent Redirect",
    ] {
        let answer = format!(
            "HTTP/1.1 {status}\r\nlocation: http://169.254.169.254/latest/\r\ncontent-length: 0\r\n\r\n"
        );
        let address = answering(answer.leak().as_bytes()).await;
        let reply = post(address, SECOND).await.expect("an answer");
        assert!((300..400).contains(&reply.status));
    }
}

#[tokio::test]
async fn an_error_names_the_place_and_no_secret() {
    let address = peer(|mut stream| async move {
        read_request(&mut stream).await;
    })
    .await;
    let error = post(address, SECOND).await.expect_err("closed");
    let SendError { detail, .. } = transport_error(&error);
    assert!(
        detail.contains(&format!("http://{address}/hook/…")),
        "{detail}"
    );
    assert!(
        !detail.contains("s3cret") && !detail.contains("k3y"),
        "{detail}"
    );
    let request = HttpRequest::post_json(
        "http://h/?token=s3cret",
        &serde_json::json!({"p": "s3cret"}),
    )
    .header("x-key", "s3cret");
    assert!(!format!("{request:?}").contains("s3cret"));
}

#[tokio::test]
async fn line_breaks_and_the_connections_own_headers_are_refused() {
    for (name, value) in [
        ("x-a", "1\r\nx-b: 2"),
        ("x-a", "1\0"),
        ("x a", "1"),
        ("Host", "evil"),
        ("Content-Length", "1"),
    ] {
        let request = HttpRequest::get("http://127.0.0.1:9/").header(name, value);
        let error = client().send(request, SECOND).await.expect_err("refused");
        assert!(matches!(error, HttpError::Header(_)), "{name}: {error:?}");
        assert_eq!(kind(&error), ErrorKind::Misconfigured);
    }
}

#[tokio::test]
async fn a_name_that_resolves_to_loopback_is_refused_for_strangers() {
    let http = Http::new(HttpSettings {
        egress: Egress::Public(Allowed::NOTHING),
        ..HttpSettings::default()
    })
    .expect("a client");
    let error = http
        .send(HttpRequest::get("http://localhost./"), SECOND)
        .await
        .expect_err("loopback is not public");
    assert!(
        matches!(error, HttpError::Guarded(GuardError::Private { .. })),
        "{error:?}"
    );
    let refused = http.resolver().resolve("localhost").await;
    assert!(refused.is_err());
    let lenient = client()
        .resolver()
        .resolve("localhost")
        .await
        .expect("the operator may");
    assert!(lenient.iter().all(std::net::IpAddr::is_loopback));
}

#[tokio::test]
async fn a_strict_document_calls_what_it_has_opened_and_nothing_else_that_is_private() {
    let address = answering(b"HTTP/1.1 204 No Content\r\n\r\n").await;
    let strict = |text: &str, proxy: Option<ProxySettings>| {
        let mut allowed = Allowed::default();
        assert!(allowed.open(text), "{text}");
        Http::new(HttpSettings {
            proxy,
            egress: Egress::Strict(allowed),
            ..HttpSettings::default()
        })
        .expect("a client")
    };
    let request = || HttpRequest::get(format!("http://{address}/"));
    for opened in ["127.0.0.0/8", "127.0.0.1"] {
        let reply = strict(opened, None).send(request(), SECOND).await;
        assert_eq!(reply.expect("opened").status, 204, "{opened}");
    }
    let by_name = HttpRequest::get(format!("http://localhost:{}/", address.port()));
    let reply = strict("localhost", None).send(by_name, SECOND).await;
    assert_eq!(reply.expect("opened by its name").status, 204);
    // The proxy is the operator's choice, what lies behind it is not.
    let proxy = ProxySettings {
        url: Secret::new(format!("http://{address}")),
        no_proxy: String::new(),
        headers: Vec::new(),
    };
    for (proxy, behind) in [
        (None, "http://127.0.0.1:9/"),
        (Some(proxy.clone()), "http://10.0.0.7/"),
        (Some(proxy.clone()), "http://localhost/"),
    ] {
        let http = strict("192.168.0.0/16", proxy);
        let refused = http.send(HttpRequest::get(behind), SECOND).await;
        let error = refused.expect_err("private");
        assert!(
            matches!(error, HttpError::Guarded(GuardError::Private { .. })),
            "{behind}: {error:?}"
        );
        assert_eq!(kind(&error), ErrorKind::Misconfigured);
    }
    let hook = HttpRequest::get("http://hook.invalid/");
    let reply = strict("*.invalid", Some(proxy)).send(hook, SECOND).await;
    assert_eq!(reply.expect("a name the proxy knows").status, 204);
}

#[tokio::test]
async fn a_server_with_an_unknown_certificate_is_refused_and_with_its_ca_trusted() {
    let issued =
        rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
    let pem = issued.cert.pem();
    let key = rustls_pki_types::PrivateKeyDer::try_from(issued.signing_key.serialize_der())
        .expect("a key");
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(
        rustls::crypto::aws_lc_rs::default_provider(),
    ))
    .with_safe_default_protocol_versions()
    .expect("versions")
    .with_no_client_auth()
    .with_single_cert(vec![issued.cert.der().clone()], key)
    .expect("a server");
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let address = peer(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let mut buffer = [0; 4096];
                let _ = stream.read(&mut buffer).await;
                let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await;
                let _ = stream.shutdown().await;
            }
        }
    })
    .await;
    let url = format!("https://localhost:{}/", address.port());
    let error = client()
        .send(HttpRequest::get(&url), SECOND)
        .await
        .expect_err("not trusted");
    assert!(
        matches!(error, HttpError::Connect { tls: true, .. }),
        "{error:?}"
    );
    assert!(transport_error(&error).fix.contains("ca_file"));

    let trusting = |tls: TlsSettings| {
        Http::new(HttpSettings {
            tls,
            ..HttpSettings::default()
        })
    };
    let with_ca = trusting(TlsSettings {
        ca_pem: Some(pem.clone()),
        ..TlsSettings::default()
    });
    let reply = with_ca
        .expect("a client")
        .send(HttpRequest::get(&url), SECOND)
        .await;
    assert_eq!(reply.expect("trusted").status, 204);

    let by_address = format!("https://{address}/");
    let named = trusting(TlsSettings {
        ca_pem: Some(pem),
        server_name: Some("localhost".to_owned()),
        ..TlsSettings::default()
    });
    let reply = named
        .expect("a client")
        .send(HttpRequest::get(&by_address), SECOND)
        .await;
    assert_eq!(reply.expect("the other name counts").status, 204);

    let careless = trusting(TlsSettings {
        insecure_skip_verify: true,
        ..TlsSettings::default()
    });
    let reply = careless
        .expect("a client")
        .send(HttpRequest::get(&url), SECOND)
        .await;
    assert_eq!(reply.expect("anything goes").status, 204);
}

#[test]
fn settings_that_cannot_work_are_named() {
    let broken = |settings: HttpSettings| Http::new(settings).expect_err("refused").to_string();
    let tls = TlsSettings {
        ca_pem: Some("not pem".to_owned()),
        ..TlsSettings::default()
    };
    assert!(
        broken(HttpSettings {
            tls,
            ..HttpSettings::default()
        })
        .contains("CA")
    );
    let headers = vec![("x-a".to_owned(), Secret::new("s3cret\n"))];
    let text = broken(HttpSettings {
        headers,
        ..HttpSettings::default()
    });
    assert!(text.contains("x-a") && !text.contains("s3cret"));
    let proxy = Some(ProxySettings {
        url: Secret::new("ht!tp://u:s3cret@p"),
        no_proxy: String::new(),
        headers: Vec::new(),
    });
    let text = broken(HttpSettings {
        proxy,
        ..HttpSettings::default()
    });
    assert!(text.contains("proxy") && !text.contains("s3cret"), "{text}");
}

#[tokio::test]
async fn a_proxy_gets_the_request_and_its_credentials() {
    let (address, mut told) = recording(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let proxy = ProxySettings {
        url: Secret::new(format!("http://u:p@{address}")),
        no_proxy: "10.0.0.0/8".to_owned(),
        headers: vec![
            ("X-Site".to_owned(), Secret::new("north")),
            ("X-Site".to_owned(), Secret::new("east")),
        ],
    };
    let http = Http::new(HttpSettings {
        proxy: Some(proxy),
        ..HttpSettings::default()
    })
    .expect("a client");
    http.send(HttpRequest::get("http://provider.invalid/x"), SECOND)
        .await
        .expect("through the proxy");
    let seen = told.recv().await.expect("a request");
    assert!(
        seen.starts_with("GET http://provider.invalid/x HTTP/1.1"),
        "{seen}"
    );
    for header in ["proxy-authorization: Basic dTpw", "x-site: north, east"] {
        assert!(seen.contains(header), "{header}: {seen}");
    }
}
