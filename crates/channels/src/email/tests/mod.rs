//! Dialogues with a small scripted server: what leaves, what never leaves, and what replies mean.

mod mail;
mod oauth;
mod options;
mod reach;
mod reuse;

use std::sync::Mutex;

use balefire_core::message::{
    Answering, Attachment, Block, Enclosed, Link, Locale, Mentions, Message, Occasion,
};
use balefire_core::severity::Severity;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::http::{Http, HttpSettings};
use crate::tests::loopback::peer;
use crate::token::Tokens;

const NOW: Time = Time::from_secs(1_772_590_500);

/// What a server says to each command; the longest prefix that fits wins, else 250.
#[derive(Clone, Default)]
struct Script {
    rules: Vec<(&'static str, &'static str)>,
    tls: Option<TlsAcceptor>,
    log: Arc<Mutex<Vec<String>>>,
}

impl Script {
    fn new(rules: &[(&'static str, &'static str)]) -> Self {
        Self {
            rules: rules.to_vec(),
            ..Self::default()
        }
    }

    fn reply(&self, line: &str) -> &'static str {
        let own = self
            .rules
            .iter()
            .filter(|(prefix, _)| line.starts_with(prefix));
        if let Some((_, reply)) = own.max_by_key(|(prefix, _)| prefix.len()) {
            return reply;
        }
        match line.split(' ').next().unwrap_or_default() {
            "EHLO" => "250-test\r\n250-STARTTLS\r\n250 AUTH LOGIN PLAIN",
            "STARTTLS" => "220 go ahead",
            "DATA" => "354 go on",
            "." => "250 2.0.0 queued as 4Zabc",
            "AUTH" => "235 2.7.0 ok",
            "QUIT" => "221 bye",
            _ => "250 ok",
        }
    }

    fn note(&self, line: &str) {
        self.log
            .lock()
            .expect("no panic while held")
            .push(line.to_owned());
    }

    fn seen(&self) -> Vec<String> {
        self.log.lock().expect("no panic while held").clone()
    }

    /// Talks SMTP; true when STARTTLS was accepted.
    async fn talk<S: AsyncRead + AsyncWrite + Unpin>(&self, stream: &mut S, greet: bool) -> bool {
        let mut stream = BufReader::new(stream);
        if greet {
            let greeting = self.rules.iter().find(|(prefix, _)| *prefix == "greeting");
            let greeting = greeting.map_or("220 test ESMTP", |(_, reply)| reply);
            let _ = stream.write_all(format!("{greeting}\r\n").as_bytes()).await;
        }
        let mut in_data = false;
        loop {
            let mut line = String::new();
            if !matches!(stream.read_line(&mut line).await, Ok(read) if read > 0) {
                return false;
            }
            let line = line.trim_end_matches("\r\n");
            self.note(line);
            if in_data && line != "." {
                continue;
            }
            let reply = self.reply(line);
            match reply {
                "hang" => std::future::pending().await,
                "close" => return false,
                _ => {}
            }
            in_data = line == "DATA" && reply.starts_with("354");
            let _ = stream.write_all(format!("{reply}\r\n").as_bytes()).await;
            if line == "STARTTLS" && reply.starts_with("220") {
                return true;
            }
        }
    }

    async fn listen(&self) -> u16 {
        let script = self.clone();
        let address = peer(move |mut stream| {
            let script = script.clone();
            async move {
                if script.talk(&mut stream, true).await
                    && let Some(tls) = script.tls.clone()
                    && let Ok(mut stream) = tls.accept(stream).await
                {
                    script.note("-- TLS --");
                    script.talk(&mut stream, false).await;
                }
            }
        })
        .await;
        address.port()
    }
}

fn message() -> Message {
    Message {
        occasion: Occasion::Firing,
        severity: Severity::Critical,
        title: "[告警] CPU 使用率过高 db-01 and a rather long rest of the subject, which must be folded".to_owned(),
        body: vec![
            Block::Text("disk is 95 % <full>\n.\n..a".to_owned()),
            Block::Facts(vec![("instance".to_owned(), "db-01:9100".to_owned())]),
        ],
        group: None,
        mentions: Mentions::default(),
        custom: None,
        locale: Locale::ZhCn,
        zone: "Asia/Shanghai".to_owned(),
        link: Some(Link { text: "查看".to_owned(), url: "https://alerts.example.com/g/42".to_owned() }),
        thread: "{}:{alertname=\"Disk\"}".to_owned(),
        attachments: Vec::new(),
        answering: Answering::default(),
    }
}

fn options(port: u16) -> Value {
    json!({
        "to": "a@example.com, b@example.com",
        "from": "Balefire <alerts@example.com>",
        "smarthost": format!("localhost:{port}"),
        "require_tls": false,
        "hello": "gw.example.com",
    })
}

fn built(account: &Value, receiver: &Value) -> Result<Email, Vec<BuildError>> {
    let build = Build {
        account_name: "mail",
        account,
        receiver,
        http: Http::new(HttpSettings::default()).expect("a client"),
        tokens: Arc::new(Tokens::new()),
    };
    let quick = Duration::from_millis(500);
    email(
        &build,
        Timeouts {
            dialogue: Duration::from_secs(5),
            final_dot: quick,
            idle: IDLE,
        },
    )
}

async fn sent(email: &Email, message: &Message) -> Vec<Outcome> {
    let targets = email.targets();
    let delivery = Delivery {
        message,
        targets: &targets,
        id: "n_0123456789abcdef",
        attempt: 1,
        now: NOW,
    };
    email.send(&delivery).await
}

async fn with_script(rules: &[(&'static str, &'static str)]) -> (Vec<Outcome>, Vec<String>) {
    let script = Script::new(rules);
    let email = built(&json!({}), &options(script.listen().await)).expect("a channel");
    let outcomes = sent(&email, &message()).await;
    (outcomes, script.seen())
}

fn kinds(outcomes: &[Outcome]) -> Vec<Option<ErrorKind>> {
    outcomes
        .iter()
        .map(|outcome| outcome.as_ref().err().map(|e| e.kind))
        .collect()
}

#[tokio::test]
async fn one_mail_reaches_all_recipients() {
    let (outcomes, seen) = with_script(&[]).await;
    for outcome in &outcomes {
        let receipt = outcome.as_ref().expect("accepted");
        assert_eq!(receipt.provider_id, "4Zabc");
        assert_eq!(receipt.answer, "250 2.0.0 queued as 4Zabc");
    }
    assert_eq!(
        seen[..5],
        [
            "EHLO gw.example.com",
            "MAIL FROM:<alerts@example.com>",
            "RCPT TO:<a@example.com>",
            "RCPT TO:<b@example.com>",
            "DATA"
        ]
    );
    assert_eq!(seen.last().map(String::as_str), Some("."));
    assert!(seen.iter().all(|line| line.is_ascii() && line.len() <= 998));
}

#[tokio::test]
async fn each_recipient_has_its_own_outcome() {
    let (outcomes, seen) = with_script(&[("RCPT TO:<a@", "550 5.1.1 no such user")]).await;
    assert_eq!(kinds(&outcomes), [Some(ErrorKind::Rejected), None]);
    assert!(
        outcomes[0]
            .as_ref()
            .is_err_and(|e| e.detail.contains("550 5.1.1 no such user"))
    );
    assert!(seen.contains(&"DATA".to_owned()));

    let (outcomes, _) = with_script(&[("RCPT TO:<b@", "450 4.2.0 greylisted")]).await;
    assert_eq!(kinds(&outcomes), [None, Some(ErrorKind::Transient)]);
    assert_eq!(
        outcomes[1].as_ref().err().and_then(|e| e.retry_after),
        Some(Duration::from_mins(1))
    );
}

#[tokio::test]
async fn without_an_accepted_recipient_there_is_no_data() {
    let (outcomes, seen) = with_script(&[("RCPT", "550 5.1.1 no such user")]).await;
    assert_eq!(
        kinds(&outcomes),
        [Some(ErrorKind::Rejected), Some(ErrorKind::Rejected)]
    );
    assert!(
        !seen.contains(&"DATA".to_owned()) && seen.contains(&"RSET".to_owned()),
        "{seen:?}"
    );
}

#[tokio::test]
async fn replies_to_the_whole_mail_are_everybodys() {
    use ErrorKind::{Misconfigured, RateLimited, Rejected, Transient, UnknownOutcome};
    for (rule, kind) in [
        (("greeting", "554 no service"), Misconfigured),
        (("greeting", "421 busy"), Transient),
        (("EHLO", "close"), Transient),
        (
            ("MAIL", "553 sender must be the authorized user"),
            Misconfigured,
        ),
        (("RCPT TO:<b", "421 closing"), Transient),
        (("RCPT TO:<b", "close"), Transient),
        (("DATA", "451 4.3.0 later"), Transient),
        (("DATA", "554 no valid recipients"), Rejected),
        (("DATA", "close"), Transient),
        (
            (".", "550 5.4.5 Daily user sending limit exceeded"),
            RateLimited,
        ),
        ((".", "554 5.7.1 spam"), Rejected),
        ((".", "452 4.3.1 full"), Transient),
        ((".", "close"), UnknownOutcome),
        ((".", "hang"), UnknownOutcome),
    ] {
        let (outcomes, _) = with_script(&[rule]).await;
        assert_eq!(
            kinds(&outcomes),
            [Some(kind), Some(kind)],
            "{rule:?}: {outcomes:?}"
        );
    }
}

#[tokio::test]
async fn replies_mean_what_their_fixtures_say() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/smtp");
    let mut cases = 0;
    for entry in std::fs::read_dir(folder).expect("fixtures") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let reply: Value =
            serde_json::from_slice(&std::fs::read(&path).expect("readable")).expect("JSON");
        let text = |key: &str| reply[key].as_str().expect("a text").to_owned().leak();
        let script = Script::new(&[(text("at"), text("reply"))]);
        let mut receiver = options(script.listen().await);
        receiver["auth_username"] = json!("alerts@example.com");
        receiver["auth_password"] = json!("s3cret");
        let email = built(&json!({}), &receiver).expect("a channel");
        for outcome in sent(&email, &message()).await {
            let said = outcome.as_ref().map_or_else(|e| e.kind.as_str(), |_| "ok");
            assert_eq!(reply["expect"], said, "{}", path.display());
            let wish = outcome
                .err()
                .and_then(|e| e.retry_after)
                .map(|wait| wait.as_secs());
            assert_eq!(reply["retry_after"].as_u64(), wish, "{}", path.display());
        }
        cases += 1;
    }
    assert!(cases >= 10, "only {cases} fixtures");
}

#[tokio::test]
async fn dots_at_line_starts_and_line_ends_arrive_as_written() {
    let script = Script::new(&[]);
    let mut options = options(script.listen().await);
    options["html"] = json!("");
    let email = built(&json!({}), &options).expect("a channel");
    let message = Message {
        body: vec![Block::Text(".\n..a\rb".to_owned())],
        title: "t".to_owned(),
        ..message()
    };
    assert!(
        sent(
            &email,
            &Message {
                link: None,
                ..message
            }
        )
        .await[0]
            .is_ok()
    );
    let seen = script.seen();
    let at = seen
        .iter()
        .position(|line| line == "..")
        .expect("a stuffed dot");
    assert_eq!(seen[at..at + 3], ["..", "...a", "b"]);
}

fn certificate() -> (String, TlsAcceptor) {
    let issued =
        rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
    let key = rustls_pki_types::PrivateKeyDer::try_from(issued.signing_key.serialize_der())
        .expect("a key");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![issued.cert.der().clone()], key)
        .expect("a server");
    (issued.cert.pem(), TlsAcceptor::from(Arc::new(config)))
}

async fn over_start_tls(
    rules: &[(&'static str, &'static str)],
    trusted: bool,
) -> (Outcome, Vec<String>) {
    let (pem, tls) = certificate();
    let script = Script {
        tls: Some(tls),
        ..Script::new(rules)
    };
    let account = json!({
        "host": "localhost", "port": script.listen().await, "tls": "starttls",
        "user": "alerts@example.com", "password": "s3cret", "hello": "gw.example.com",
    });
    let mut receiver = json!({"to": "a@example.com"});
    if trusted {
        receiver["tls_config"] = json!({"ca": pem});
    }
    let email = built(&account, &receiver).expect("a channel");
    let outcome = sent(&email, &message()).await.remove(0);
    (outcome, script.seen())
}

#[tokio::test]
async fn the_password_goes_only_after_starttls() {
    let (outcome, seen) = over_start_tls(&[], true).await;
    assert!(outcome.is_ok(), "{outcome:?}");
    assert_eq!(
        seen[..5],
        [
            "EHLO gw.example.com",
            "STARTTLS",
            "-- TLS --",
            "EHLO gw.example.com",
            "AUTH PLAIN AGFsZXJ0c0BleGFtcGxlLmNvbQBzM2NyZXQ="
        ]
    );
}

#[tokio::test]
async fn login_is_answered_by_order_whatever_the_prompts_say() {
    let (outcome, seen) = over_start_tls(
        &[
            ("EHLO", "250-test\r\n250-STARTTLS\r\n250 AUTH LOGIN"),
            ("AUTH LOGIN", "334 eW91ciBuYW1lPw=="),
            ("YWxlcnRzQGV4YW1wbGUuY29t", "334 Pz8/"),
            ("czNjcmV0", "235 ok"),
        ],
        true,
    )
    .await;
    assert!(outcome.is_ok(), "{outcome:?}");
    assert!(seen.contains(&"czNjcmV0".to_owned()));
}

#[tokio::test]
async fn nothing_is_sent_when_tls_is_stripped_tampered_with_or_not_trusted() {
    let stripped = over_start_tls(&[("EHLO", "250-test\r\n250 AUTH PLAIN")], true).await;
    let injected = over_start_tls(&[("STARTTLS", "220 go\r\n250-x\r\n250 AUTH PLAIN")], true).await;
    let refused = over_start_tls(&[("STARTTLS", "454 not now")], true).await;
    let untrusted = over_start_tls(&[], false).await;
    let kinds = [&stripped, &injected, &refused, &untrusted]
        .map(|(outcome, _)| outcome.as_ref().map_err(|e| e.kind).expect_err("not sent"));
    let later = ErrorKind::Transient;
    assert_eq!(kinds, [ErrorKind::Misconfigured, later, later, later]);
    for (_, seen) in [stripped, injected, refused, untrusted] {
        assert!(
            !seen
                .iter()
                .any(|line| line.starts_with("AUTH") || line.starts_with("MAIL")),
            "{seen:?}"
        );
    }
}

#[tokio::test]
async fn implicit_tls_speaks_tls_at_once() {
    let (pem, tls) = certificate();
    let script = Script::new(&[]);
    let talker = script.clone();
    let address = peer(move |stream| {
        let (tls, talker) = (tls.clone(), talker.clone());
        async move {
            if let Ok(mut stream) = tls.accept(stream).await {
                talker.talk(&mut stream, true).await;
            }
        }
    })
    .await;
    let account = json!({"host": "localhost", "port": address.port(), "tls": "implicit", "user": "u@example.com", "password": "p"});
    let receiver = json!({"to": "a@example.com", "tls_config": {"ca": pem}});
    let email = built(&account, &receiver).expect("a channel");
    assert!(email.check(NOW).await.is_ok());
    assert!(sent(&email, &message()).await[0].is_ok());
    assert_eq!(
        script
            .seen()
            .iter()
            .filter(|line| line.starts_with("AUTH PLAIN"))
            .count(),
        2
    );
}

#[tokio::test]
async fn a_refused_login_says_what_this_provider_wants() {
    let (outcome, _) = over_start_tls(&[("AUTH", "535 5.7.8 no")], true).await;
    assert_eq!(outcome.map_err(|e| e.kind), Err(ErrorKind::Misconfigured));
    for (preset, word) in [
        ("qq", "授权码"),
        ("163", "授权码"),
        ("exmail", "客户端专用密码"),
        ("gmail", "app password"),
        ("outlook", "authenticated SMTP"),
    ] {
        let account = json!({"preset": preset, "user": "u@example.com", "password": "p"});
        let email = built(&account, &json!({"to": "a@example.com"})).expect("a channel");
        assert!(email.server.login_advice().contains(word), "{preset}");
        assert!(!email.server.login_advice().contains("  "));
    }
}

#[tokio::test]
async fn clear_text_stays_on_this_machine_or_in_private_networks() {
    let public = json!({"to": "a@example.com", "from": "b@example.com", "smarthost": "192.0.43.8:25", "require_tls": false});
    let email = built(&json!({}), &public).expect("a channel");
    let error = sent(&email, &message())
        .await
        .remove(0)
        .expect_err("refused");
    assert_eq!(error.kind, ErrorKind::Misconfigured);
    let mut metadata =
        json!({"to": "a@example.com", "from": "b@example.com", "smarthost": "169.254.169.254:25"});
    let problems = built(&json!({}), &metadata).expect_err("out of reach");
    assert!(problems[0].problem.contains("metadata"), "{problems:?}");
    // The same address as only a look-up reads it.
    metadata["smarthost"] = json!("169.16689662:25");
    let email = built(&json!({}), &metadata).expect("a channel");
    let error = sent(&email, &message())
        .await
        .remove(0)
        .expect_err("refused");
    assert!(error.detail.contains("metadata"), "{error}");
}

#[tokio::test]
async fn a_mail_that_is_too_large_goes_once_more_without_its_files() {
    let script = Script::new(&[(".", "552 5.3.4 too big")]);
    let email = built(&json!({}), &options(script.listen().await)).expect("a channel");
    let file = Attachment {
        name: "a.txt".to_owned(),
        media_type: "text/plain".to_owned(),
        enclosed: Enclosed::Content(vec![b'a'; 5000]),
    };
    let outcomes = sent(
        &email,
        &Message {
            attachments: vec![file],
            ..message()
        },
    )
    .await;
    assert_eq!(
        kinds(&outcomes),
        [Some(ErrorKind::Rejected), Some(ErrorKind::Rejected)]
    );
    let seen = script.seen();
    assert_eq!(seen.iter().filter(|line| *line == "DATA").count(), 2);
    assert_eq!(
        seen.iter()
            .filter(|line| line.starts_with("Content-Disposition"))
            .count(),
        1
    );
}

#[tokio::test]
async fn somebody_else_than_configured_sees_only_himself() {
    let script = Script::new(&[]);
    let email = built(&json!({}), &options(script.listen().await)).expect("a channel");
    let target = |address: &str| Target {
        address: address.into(),
        label: address.into(),
    };
    let targets = [
        target("chenmin@example.com"),
        target("x\r\nRCPT TO:<evil@example.com>"),
    ];
    let message = message();
    let delivery = Delivery {
        message: &message,
        targets: &targets,
        id: "n_0123456789abcdef",
        attempt: 1,
        now: NOW,
    };
    let outcomes = email.send(&delivery).await;
    assert_eq!(kinds(&outcomes), [None, Some(ErrorKind::Rejected)]);
    let seen = script.seen();
    assert!(
        seen.contains(&"To: chenmin@example.com".to_owned()),
        "{seen:?}"
    );
    assert!(!seen.iter().any(|line| line.contains("evil")));
}
