//! Connections that serve several mails: how many there are, when they end, and that outcomes stay exact.

use balefire_testkit::smtp::{DEFAULT_PASSWORD, DEFAULT_USER, MailMode, Security, SmtpSim, Stage};

use super::*;

async fn server() -> SmtpSim {
    SmtpSim::start(Security::Implicit)
        .await
        .expect("a free port")
}

fn account(server: &SmtpSim) -> Value {
    json!({
        "host": "localhost", "port": server.port(), "tls": "implicit",
        "user": DEFAULT_USER, "password": DEFAULT_PASSWORD,
    })
}

fn client() -> Http {
    Http::new(HttpSettings::default()).expect("a client")
}

/// A channel of this account to these recipients; idle connections wait for so long.
fn through(http: &Http, server: &SmtpSim, to: &str, idle: Duration) -> Email {
    let build = Build {
        account_name: "mail",
        account: &account(server),
        receiver: &json!({"to": to, "tls_config": {"ca": server.ca_pem()}}),
        http: http.clone(),
        tokens: Arc::new(Tokens::new()),
    };
    let timeouts = Timeouts {
        dialogue: Duration::from_secs(5),
        final_dot: Duration::from_secs(5),
        idle,
    };
    email(&build, timeouts).expect("a channel")
}

fn to_a(server: &SmtpSim) -> Email {
    through(&client(), server, "a@example.com", IDLE)
}

/// Waits for the server's side of something that has been done already.
async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(10), what)
        .await
        .expect("soon")
}

#[tokio::test]
async fn a_hundred_mails_take_one_handshake() {
    let server = server().await;
    let email = to_a(&server);
    for _ in 0..100 {
        assert!(sent(&email, &message()).await[0].is_ok());
    }
    assert_eq!((server.connections(), server.received().len()), (1, 100));
    assert!(sent(&email, &message()).await[0].is_ok());
    let ended = soon(server.wait_for_sessions(1)).await;
    assert_eq!(
        server.connections(),
        2,
        "a hundred mails are enough for one"
    );
    assert_eq!(ended[0].commands.last().map(String::as_str), Some("QUIT"));
    let log_ins = ended[0].commands.iter().filter(|c| c.starts_with("AUTH"));
    assert_eq!(log_ins.count(), 1);
}

#[tokio::test]
async fn two_at_once_take_two_connections_and_entries_of_an_account_share_them() {
    let server = server().await;
    let http = client();
    let (one, other) = (
        through(&http, &server, "a@example.com", IDLE),
        through(&http, &server, "b@example.com", IDLE),
    );
    for _ in 0..20 {
        let message = message();
        let (mine, theirs) = tokio::join!(sent(&one, &message), sent(&other, &message));
        assert!(mine[0].is_ok() && theirs[0].is_ok());
    }
    for _ in 0..20 {
        assert!(sent(&one, &message()).await[0].is_ok());
        assert!(sent(&other, &message()).await[0].is_ok());
    }
    assert_eq!((server.connections(), server.received().len()), (2, 80));
}

#[tokio::test]
async fn an_idle_connection_says_goodbye_in_time() {
    let server = server().await;
    let brief = Duration::from_millis(20);
    let email = through(&client(), &server, "a@example.com", brief);
    assert!(sent(&email, &message()).await[0].is_ok());
    let ended = soon(server.wait_for_sessions(1)).await;
    assert_eq!(ended[0].commands.last().map(String::as_str), Some("QUIT"));
    assert_eq!(ended[0].trouble, None);
}

#[tokio::test]
async fn a_connection_that_the_server_closed_meanwhile_is_replaced_without_a_word() {
    let server = server().await;
    let email = to_a(&server);
    assert!(sent(&email, &message()).await[0].is_ok());
    server.hang_up();
    soon(server.wait_for_sessions(1)).await;
    assert!(sent(&email, &message()).await[0].is_ok());
    assert_eq!((server.connections(), server.received().len()), (2, 2));
}

#[tokio::test]
async fn a_server_that_takes_few_mails_at_a_time_gets_them_all_once() {
    let server = SmtpSim::builder(Security::Implicit)
        .mails_per_connection(3)
        .start()
        .await
        .expect("a free port");
    let email = to_a(&server);
    for _ in 0..10 {
        assert!(sent(&email, &message()).await[0].is_ok());
    }
    assert_eq!((server.connections(), server.received().len()), (4, 10));
}

#[tokio::test]
async fn a_connection_that_no_longer_answers_is_given_up_before_the_mail_is() {
    let server = server().await;
    let email = to_a(&server);
    assert!(sent(&email, &message()).await[0].is_ok());
    server.fail_times(MailMode::Drop(Stage::Mail), 1);
    assert!(sent(&email, &message()).await[0].is_ok());
    assert_eq!((server.connections(), server.received().len()), (2, 2));
    // A new connection that breaks is an outcome: there is no third.
    server.fail_times(MailMode::Drop(Stage::Mail), 2);
    let outcomes = sent(&email, &message()).await;
    assert_eq!(kinds(&outcomes), [Some(ErrorKind::Transient)]);
    assert_eq!((server.connections(), server.received().len()), (3, 2));
}

#[tokio::test]
async fn each_recipient_keeps_an_outcome_of_its_own_on_a_connection_that_is_used_again() {
    use ErrorKind::{Rejected, Transient, UnknownOutcome};
    let server = server().await;
    let email = through(&client(), &server, "a@example.com, b@example.com", IDLE);
    let message = message();
    let all = || sent(&email, &message);
    server.refuse_recipient("b@example.com", 550, "5.1.1 no such user");
    assert_eq!(kinds(&all().await), [None, Some(Rejected)]);
    server.refuse_recipient("a@example.com", 450, "4.2.0 later");
    assert_eq!(kinds(&all().await), [Some(Transient), Some(Rejected)]);
    server.heal();
    assert_eq!(kinds(&all().await), [None, None]);
    assert_eq!(server.connections(), 1, "a refused recipient ends nothing");
    server.fail_times(
        MailMode::Refuse(Stage::Dot, 554, "5.7.1 spam".to_owned()),
        1,
    );
    assert_eq!(kinds(&all().await), [Some(Rejected); 2]);
    assert_eq!(kinds(&all().await), [None, None]);
    assert_eq!(server.connections(), 2, "a refused mail does");
    // On a connection that has carried mails before, a loss after the dot is still what it is.
    server.fail_times(MailMode::Drop(Stage::Dot), 1);
    assert_eq!(kinds(&all().await), [Some(UnknownOutcome); 2]);
}

#[tokio::test]
async fn a_mail_says_its_size_and_is_refused_before_it_is_sent() {
    let server = SmtpSim::builder(Security::Implicit)
        .max_bytes(16 * 1024)
        .start()
        .await
        .expect("a free port");
    let email = to_a(&server);
    let file = Attachment {
        name: "报告.bin".to_owned(),
        media_type: "application/octet-stream".to_owned(),
        enclosed: Enclosed::Content(vec![7; 32 * 1024]),
    };
    let message = Message {
        attachments: vec![file],
        ..message()
    };
    assert!(sent(&email, &message).await[0].is_ok());
    let mails = server.received();
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].parts(), ["text/plain", "text/html"]);
    let size = mails[0].parameters.iter().find(|(key, _)| key == "SIZE");
    let size: usize = size.and_then(|(_, size)| size.parse().ok()).expect("SIZE");
    assert!((2_000..16 * 1024).contains(&size), "{size}");
}
