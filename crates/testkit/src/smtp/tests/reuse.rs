//! One connection for several mails, the ends that servers put to it, and tokens that change.

use super::*;

#[tokio::test]
async fn connections_are_counted_and_each_takes_as_many_mails_as_allowed() {
    let server = SmtpSim::builder(Security::Implicit)
        .mails_per_connection(2)
        .start()
        .await
        .expect("a free port");
    let mut client = connected(&server).await;
    for _ in 0..2 {
        assert!(client.mail(MESSAGE).await.starts_with("250"));
    }
    let last = client.ask("MAIL FROM:<alerts@example.com>").await;
    assert!(last.starts_with("421 4.7.0"), "{last}");
    assert_eq!(client.reply().await, "", "the connection has ended");
    let _other = connected(&server).await;
    assert_eq!(server.connections(), 2);
    assert_eq!(server.received().len(), 2);
}

#[tokio::test]
async fn hanging_up_ends_connections_between_mails_and_no_other() {
    let server = SmtpSim::start(Security::Implicit)
        .await
        .expect("a free port");
    let (mut idle, mut busy) = (connected(&server).await, connected(&server).await);
    let turns = [
        ("MAIL FROM:<alerts@example.com>", "250"),
        ("RCPT TO:<a@example.com>", "250"),
    ];
    busy.dialogue(&turns).await;
    server.hang_up();
    assert_eq!(idle.reply().await, "");
    assert!(busy.ask("DATA").await.starts_with("354"));
    busy.send(MESSAGE.as_bytes()).await;
    assert!(busy.reply().await.starts_with("250"));
}

#[tokio::test]
async fn the_bearer_that_was_set_last_is_the_one_that_is_good() {
    let server = SmtpSim::builder(Security::Implicit)
        .mechanisms(&["OAUTHBEARER", "XOAUTH2"])
        .start()
        .await
        .expect("a free port");
    let words = |token: &str| {
        use base64::Engine as _;
        let text = format!("n,a=alerts@example.com,\u{1}auth=Bearer {token}\u{1}\u{1}");
        let word = base64::engine::general_purpose::STANDARD.encode(text);
        format!("AUTH OAUTHBEARER {word}")
    };
    server.set_oauth_token("second");
    let stream = secure(&server, tcp(&server).await).await.expect("TLS");
    let mut client = Client::new(stream);
    client.reply().await;
    client
        .dialogue(&[
            ("EHLO gw.example.com", "250"),
            (&words(DEFAULT_OAUTH_TOKEN), "334"),
            ("AQ==", "535 5.7.8"),
            (&words(DEFAULT_OAUTH_TOKEN), "334"),
            ("", "501"),
            (&words("second"), "235"),
        ])
        .await;
}
