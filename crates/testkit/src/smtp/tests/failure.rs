//! Refusals for each recipient and each stage, silence, and cut connections.

use super::*;

#[tokio::test]
async fn each_recipient_has_an_answer_of_its_own() {
    let (server, mut client) = logged_in().await;
    server.refuse_recipient("full@example.com", 452, "4.2.2 mailbox full");
    server.greylist("grey@example.com", 1);
    client
        .dialogue(&[
            ("MAIL FROM:<alerts@example.com>", "250"),
            ("RCPT TO:<Full@example.com>", "452 4.2.2"),
            ("RCPT TO:<grey@example.com>", "450 4.2.0"),
            ("RCPT TO:<grey@example.com>", "250"),
            ("RCPT TO:<full@example.com>", "452"),
        ])
        .await;
    server.heal();
    client
        .dialogue(&[("RCPT TO:<full@example.com>", "250")])
        .await;
}

#[tokio::test]
async fn a_transaction_takes_a_hundred_recipients() {
    let (_server, mut client) = logged_in().await;
    client
        .dialogue(&[("MAIL FROM:<alerts@example.com>", "250")])
        .await;
    for index in 0..MAX_RECIPIENTS {
        assert!(
            client
                .ask(&format!("RCPT TO:<u{index}@example.com>"))
                .await
                .starts_with("250")
        );
    }
    client
        .dialogue(&[("RCPT TO:<more@example.com>", "452 4.5.3")])
        .await;
}

#[tokio::test]
async fn refusals_happen_at_their_stage_and_then_all_is_well() {
    let (server, mut client) = logged_in().await;
    let refuse =
        |stage, code, text: &str| server.fail_times(MailMode::Refuse(stage, code, text.into()), 1);
    refuse(Stage::Mail, 451, "4.3.0 try later");
    refuse(Stage::Rcpt, 450, "4.2.1 too fast");
    refuse(Stage::Data, 451, "4.3.0 not now");
    refuse(Stage::Dot, 554, "5.7.1 spam");
    client
        .dialogue(&[
            ("RCPT TO:<a@example.com>", "503"),
            ("MAIL FROM:<alerts@example.com>", "451"),
            ("MAIL FROM:<alerts@example.com>", "250"),
            ("RCPT TO:<a@example.com>", "450"),
            ("RCPT TO:<a@example.com>", "250"),
            ("DATA", "451"),
            ("DATA", "354"),
        ])
        .await;
    client.send(MESSAGE.as_bytes()).await;
    assert!(client.reply().await.starts_with("554 5.7.1"));
    assert!(server.received().is_empty());
    assert!(client.mail(MESSAGE).await.starts_with("250"));
}

#[tokio::test]
async fn a_421_ends_the_connection_and_so_does_any_word_instead_of_the_banner() {
    let (server, mut client) = logged_in().await;
    server.fail_times(
        MailMode::Refuse(Stage::Mail, 421, "4.3.2 closing".into()),
        1,
    );
    client
        .dialogue(&[("MAIL FROM:<alerts@example.com>", "421 4.3.2")])
        .await;
    assert_eq!(client.reply().await, "");

    let relay = SmtpSim::start(Security::Plain).await.expect("a free port");
    relay.fail_times(
        MailMode::Refuse(Stage::Greeting, 554, "5.3.2 no service".into()),
        1,
    );
    let mut client = Client::new(tcp(&relay).await);
    assert!(client.reply().await.starts_with("554 5.3.2"));
    assert_eq!(client.reply().await, "");
}

#[tokio::test]
async fn a_connection_cut_in_the_message_takes_nothing_and_one_cut_after_the_dot_takes_it() {
    let (server, mut client) = logged_in().await;
    server.fail_times(MailMode::Drop(Stage::Content), 1);
    assert_eq!(client.mail(MESSAGE).await, "");
    server.wait_for_sessions(1).await;
    assert!(server.received().is_empty());

    server.fail_times(MailMode::Drop(Stage::Dot), 1);
    let mut client = connected(&server).await;
    assert_eq!(client.mail(MESSAGE).await, "");
    assert_eq!(server.wait_for(1).await.len(), 1);
}

#[tokio::test]
async fn a_server_that_hangs_after_the_dot_has_the_message() {
    let (server, mut client) = logged_in().await;
    server.fail_with(MailMode::Hang(Stage::Dot));
    let waiting = tokio::spawn(async move { client.mail(MESSAGE).await });
    server.wait_for(1).await;
    assert!(!waiting.is_finished(), "no answer comes");
    waiting.abort();
    assert_eq!(
        server.wait_for_sessions(1).await.len(),
        1,
        "the server notices that the client left"
    );
}

#[tokio::test]
async fn a_server_that_hangs_at_the_greeting_says_nothing() {
    let server = SmtpSim::start(Security::Plain).await.expect("a free port");
    server.fail_with(MailMode::Hang(Stage::Greeting));
    let mut client = Client::new(tcp(&server).await);
    tokio::time::timeout(Duration::from_millis(100), client.reply())
        .await
        .expect_err("silence");
}

#[tokio::test]
async fn the_server_stops_with_its_last_handle() {
    let (server, mut client) = logged_in().await;
    drop(server);
    assert_eq!(client.reply().await, "");
}
