//! The server's dialogue, spoken by hand over plain TCP and TLS.

use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::*;

mod failure;
mod framing;
mod reuse;

const PLAIN: &str = "AUTH PLAIN AGFsZXJ0c0BleGFtcGxlLmNvbQBzM2NyZXQ=";

/// A well-formed message; its body has lines that begin with dots, stuffed for the way.
pub(super) const MESSAGE: &str = "Date: Sat, 21 Nov 2026 16:30:00 +0800\r\n\
    From: Balefire <alerts@example.com>\r\nTo: a@example.com\r\n\
    Message-ID: <ag.1@gw.example.com>\r\n\
    Subject: =?utf-8?b?W+WRiuitpl0gQ1BVIOS9v+eUqOeOh+i/h+mrmCBkYi0wMQ==?=\r\n\
    MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\
    ..\r\n...a\r\nb\r\n.\r\n";

/// A client that says what it is told.
pub(super) struct Client<S> {
    stream: BufReader<S>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    fn new(stream: S) -> Self {
        Self {
            stream: BufReader::new(stream),
        }
    }

    /// The next reply, its lines joined; empty if the server is gone.
    pub(super) async fn reply(&mut self) -> String {
        let mut reply = String::new();
        loop {
            let mut line = String::new();
            // A reset reads as an error, a farewell as nothing: the server is gone either way.
            if self.stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                return reply;
            }
            assert!(line.ends_with("\r\n"), "{line:?}");
            reply.push_str(&line);
            if line.as_bytes()[3] == b' ' {
                return reply;
            }
        }
    }

    pub(super) async fn send(&mut self, bytes: &[u8]) {
        self.stream
            .write_all(bytes)
            .await
            .expect("the server listens");
        self.stream.flush().await.expect("the server listens");
    }

    pub(super) async fn ask(&mut self, line: &str) -> String {
        self.send(format!("{line}\r\n").as_bytes()).await;
        self.reply().await
    }

    /// Sends commands and checks the start of each answer.
    pub(super) async fn dialogue(&mut self, turns: &[(&str, &str)]) {
        for (command, expected) in turns {
            let reply = self.ask(command).await;
            assert!(reply.starts_with(expected), "{command}: {reply}");
        }
    }

    /// A transaction up to and with the final dot; the last reply.
    pub(super) async fn mail(&mut self, message: &str) -> String {
        let turns = [
            ("MAIL FROM:<alerts@example.com>", "250"),
            ("RCPT TO:<a@example.com>", "250"),
            ("DATA", "354"),
        ];
        self.dialogue(&turns).await;
        self.send(message.as_bytes()).await;
        self.reply().await
    }
}

fn connector(server: &SmtpSim) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    let authority = CertificateDer::from_pem_slice(server.ca_pem().as_bytes()).expect("a PEM");
    roots.add(authority).expect("an authority");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

async fn secure(server: &SmtpSim, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
    let name = ServerName::try_from("localhost").expect("a name");
    connector(server).connect(name, stream).await
}

async fn tcp(server: &SmtpSim) -> TcpStream {
    TcpStream::connect(server.address())
        .await
        .expect("a connection")
}

/// A server with TLS from the start and a client that has logged in.
pub(super) async fn logged_in() -> (SmtpSim, Client<TlsStream<TcpStream>>) {
    let server = SmtpSim::start(Security::Implicit)
        .await
        .expect("a free port");
    let client = connected(&server).await;
    (server, client)
}

pub(super) async fn connected(server: &SmtpSim) -> Client<TlsStream<TcpStream>> {
    let mut client = Client::new(secure(server, tcp(server).await).await.expect("TLS"));
    assert!(client.reply().await.starts_with("220 "));
    client
        .dialogue(&[("EHLO gw.example.com", "250-"), (PLAIN, "235")])
        .await;
    client
}

#[tokio::test]
async fn a_mail_is_taken_with_envelope_and_text_to_the_byte() {
    let (server, mut client) = logged_in().await;
    let turns = [
        (
            "MAIL FROM:<alerts@example.com> SIZE=400 BODY=8BITMIME",
            "250",
        ),
        ("RCPT TO:<a@example.com>", "250"),
        ("RCPT TO:<b@example.com>", "250"),
        ("DATA", "354"),
    ];
    client.dialogue(&turns).await;
    client.send(MESSAGE.as_bytes()).await;
    assert_eq!(client.reply().await, "250 2.0.0 queued as SIM1\r\n");
    client.dialogue(&[("QUIT", "221")]).await;

    let mails = server.wait_for(1).await;
    let mail = &mails[0];
    assert_eq!(mail.from, "alerts@example.com");
    assert_eq!(mail.to, ["a@example.com", "b@example.com"]);
    assert_eq!(mail.user.as_deref(), Some(DEFAULT_USER));
    assert_eq!(
        (mail.secured, mail.hello.as_str()),
        (true, "gw.example.com")
    );
    assert_eq!(
        mail.parameters,
        [("BODY", "8BITMIME"), ("SIZE", "400")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
    );
    assert!(
        mail.raw.ends_with(b"\r\n\r\n.\r\n..a\r\nb\r\n"),
        "{:?}",
        mail.raw
    );
    assert_eq!(mail.subject(), "[告警] CPU 使用率过高 db-01");
    assert_eq!(
        mail.text("text/plain").as_deref(),
        Some(".\r\n..a\r\nb\r\n")
    );
    assert_eq!(mail.notes, Vec::<String>::new());
    let sessions = server.wait_for_sessions(1).await;
    assert_eq!(sessions[0].commands[1], "AUTH PLAIN", "no secret is kept");
}

#[tokio::test]
async fn starttls_is_required_and_forgets_what_was_said_before() {
    let server = SmtpSim::start(Security::StartTls)
        .await
        .expect("a free port");
    let mut client = Client::new(tcp(&server).await);
    client.reply().await;
    let offers = client.ask("EHLO gw.example.com").await;
    assert!(
        offers.contains("STARTTLS\r\n") && !offers.contains("AUTH"),
        "{offers}"
    );
    client
        .dialogue(&[
            ("MAIL FROM:<a@example.com>", "530 5.7.0"),
            (PLAIN, "538 5.7.11"),
            ("STARTTLS", "220"),
        ])
        .await;
    let stream = secure(&server, client.stream.into_inner())
        .await
        .expect("TLS");
    let mut client = Client::new(stream);
    client
        .dialogue(&[("MAIL FROM:<a@example.com>", "503"), (PLAIN, "503")])
        .await;
    let offers = client.ask("EHLO gw.example.com").await;
    assert!(
        !offers.contains("STARTTLS") && offers.contains("AUTH PLAIN LOGIN XOAUTH2\r\n"),
        "{offers}"
    );
    client
        .dialogue(&[
            ("STARTTLS", "503"),
            ("MAIL FROM:<a@example.com>", "530 5.7.0"),
            (PLAIN, "235"),
        ])
        .await;
    assert!(client.mail(MESSAGE).await.starts_with("250"));
}

#[tokio::test]
async fn bytes_behind_starttls_end_the_connection() {
    let server = SmtpSim::start(Security::StartTls)
        .await
        .expect("a free port");
    let mut client = Client::new(tcp(&server).await);
    client.reply().await;
    client.ask("EHLO gw.example.com").await;
    client
        .send(b"STARTTLS\r\nMAIL FROM:<evil@example.com>\r\n")
        .await;
    assert!(client.reply().await.starts_with("501"));
    assert_eq!(client.reply().await, "");
}

#[tokio::test]
async fn every_mechanism_logs_in_and_wrong_words_do_not() {
    let server = SmtpSim::start(Security::Implicit)
        .await
        .expect("a free port");
    let open = async || {
        let mut client = Client::new(secure(&server, tcp(&server).await).await.expect("TLS"));
        client.reply().await;
        client.ask("EHLO gw.example.com").await;
        client
    };
    let bearer = "dXNlcj1hbGVydHNAZXhhbXBsZS5jb20BYXV0aD1CZWFyZXIgeWEyOS5UT0tFTgEB";
    open()
        .await
        .dialogue(&[
            ("AUTH PLAIN", "334 \r\n"),
            ("AGFsZXJ0c0BleGFtcGxlLmNvbQBzM2NyZXQ=", "235"),
        ])
        .await;
    let mut client = open().await;
    client
        .dialogue(&[
            ("AUTH LOGIN", "334 VXNlcm5hbWU6"),
            ("YWxlcnRzQGV4YW1wbGUuY29t", "334 UGFzc3dvcmQ6"),
            ("czNjcmV0", "235"),
            (PLAIN, "503"),
        ])
        .await;
    open()
        .await
        .dialogue(&[(&format!("AUTH XOAUTH2 {bearer}"), "235")])
        .await;
    open()
        .await
        .dialogue(&[
            ("AUTH XOAUTH2 dXNlcj14AWF1dGg9QmVhcmVyIHkBAQ==", "334 "),
            ("", "535 5.7.8"),
        ])
        .await;
    let wrong = "AUTH PLAIN AGFsZXJ0c0BleGFtcGxlLmNvbQB3cm9uZw==";
    let mut client = open().await;
    client
        .dialogue(&[
            ("AUTH CRAM-MD5", "504"),
            ("AUTH PLAIN %%%", "501"),
            ("AUTH LOGIN", "334"),
            ("*", "501 5.7.0"),
        ])
        .await;
    client
        .dialogue(&[
            (wrong, "535 5.7.8"),
            (wrong, "535 5.7.8"),
            (wrong, "421 4.7.0"),
        ])
        .await;
    assert_eq!(
        client.reply().await,
        "",
        "the third failure ends the connection"
    );
}

#[tokio::test]
async fn commands_out_of_order_or_form_are_refused() {
    let server = SmtpSim::start(Security::Plain).await.expect("a free port");
    let mut client = Client::new(tcp(&server).await);
    client.reply().await;
    client
        .dialogue(&[
            ("MAIL FROM:<a@example.com>", "503"),
            ("DATA", "503"),
            ("EHLO", "501"),
            ("AUTH PLAIN x", "538"),
            ("HELO gw.example.com", "250 "),
            ("MAIL FROM:<a@example.com> SIZE=1", "555"),
            ("EHLO gw.example.com", "250-"),
            ("RCPT TO:<a@example.com>", "503"),
            ("MAIL FROM: <a@example.com>", "501"),
            ("MAIL FROM:<a b@c>", "501"),
            ("MAIL FROM:<a@example.com> X=1", "555"),
            ("MAIL FROM:<a@example.com> SIZE=x", "501"),
            ("MAIL FROM:<é@example.com>", "553 5.6.7"),
            ("MAIL FROM:<é@example.com> SMTPUTF8", "250"),
            ("RSET", "250"),
            ("MAIL FROM:<>", "250"),
            ("MAIL FROM:<>", "503"),
            ("DATA", "554 5.5.1"),
            ("RCPT TO:<>", "501"),
            ("RCPT TO:<a@example.com> NOTIFY=NEVER", "555"),
            ("RCPT TO:<é@example.com>", "553"),
            ("DANCE", "500"),
            ("NOOP", "250"),
            ("VRFY a", "252"),
            ("QUIT", "221"),
        ])
        .await;
    assert_eq!(client.reply().await, "");
}

#[tokio::test]
async fn pipelined_commands_are_answered_one_by_one() {
    let (server, mut client) = logged_in().await;
    server.refuse_recipient("gone@example.com", 550, "5.1.1 unknown user");
    client.send(b"MAIL FROM:<alerts@example.com>\r\nRCPT TO:<gone@example.com>\r\nRCPT TO:<a@example.com>\r\nDATA\r\n").await;
    for expected in ["250", "550 5.1.1", "250", "354"] {
        assert!(client.reply().await.starts_with(expected));
    }
    client.send(MESSAGE.as_bytes()).await;
    assert!(client.reply().await.starts_with("250"));
    let mail = &server.received()[0];
    assert_eq!(mail.to, ["a@example.com"]);
    assert_eq!(mail.refused, [("gone@example.com".to_owned(), 550)]);
}

#[tokio::test]
async fn a_sender_that_is_not_the_user_is_refused_where_that_is_asked_for() {
    let server = SmtpSim::builder(Security::Implicit)
        .own_sender_only()
        .start()
        .await
        .expect("a port");
    let mut client = connected(&server).await;
    client
        .dialogue(&[
            ("MAIL FROM:<other@example.com>", "553"),
            ("MAIL FROM:<Alerts@Example.com>", "250"),
        ])
        .await;
}

#[tokio::test]
async fn a_certificate_for_another_name_is_not_trusted() {
    let server = SmtpSim::builder(Security::Implicit)
        .certificate_names(&["mail.example.com"])
        .start()
        .await
        .expect("a free port");
    secure(&server, tcp(&server).await)
        .await
        .expect_err("the wrong name");
    let sessions = tokio::time::timeout(Duration::from_secs(10), server.wait_for_sessions(1)).await;
    assert!(sessions.expect("the session ends")[0].trouble.is_some());
}
