//! Line endings, dots, sizes, and the reading of MIME.

use super::*;

/// A message with this body, ended by the final dot.
fn with_body(body: &str) -> String {
    let (head, _) = MESSAGE.split_once("\r\n\r\n").expect("a header");
    format!("{head}\r\n\r\n{body}\r\n.\r\n")
}

#[tokio::test]
async fn bare_line_endings_are_refused_and_end_no_message() {
    let (server, mut client) = logged_in().await;
    for body in [
        "a\nb",
        "a\rb",
        "a\r\n.\nMAIL FROM:<evil@example.com>",
        "a\n.\r\nb",
        "a\n.\nb",
    ] {
        let reply = client.mail(&with_body(body)).await;
        assert!(reply.starts_with("550 5.5.2"), "{body:?}: {reply}");
    }
    assert!(server.received().is_empty());
    client.send(b"NOOP\n").await;
    assert!(
        client.reply().await.starts_with("500 5.5.2"),
        "commands end with CRLF too"
    );
    assert!(client.mail(&with_body("fine")).await.starts_with("250"));
}

#[tokio::test]
async fn long_lines_nul_and_undeclared_eight_bit_text_are_refused() {
    let (server, mut client) = logged_in().await;
    let long = "x".repeat(998);
    assert!(client.mail(&with_body(&long)).await.starts_with("250"));
    assert!(
        client
            .mail(&with_body(&format!("{long}x")))
            .await
            .starts_with("550 5.6.0")
    );
    assert!(
        client
            .mail(&with_body("a\0b"))
            .await
            .starts_with("550 5.6.0")
    );
    assert!(
        client
            .mail(&with_body("告警"))
            .await
            .starts_with("554 5.6.1")
    );
    client
        .dialogue(&[
            ("MAIL FROM:<alerts@example.com> BODY=8BITMIME", "250"),
            ("RCPT TO:<a@example.com>", "250"),
            ("DATA", "354"),
        ])
        .await;
    client.send(with_body("告警").as_bytes()).await;
    assert!(client.reply().await.starts_with("250"));
    assert_eq!(server.received().len(), 2);
}

#[tokio::test]
async fn sizes_are_refused_when_they_are_announced_and_when_they_arrive() {
    let server = SmtpSim::builder(Security::Implicit)
        .max_bytes(2_000)
        .start()
        .await
        .expect("a port");
    let mut client = connected(&server).await;
    client
        .dialogue(&[
            ("MAIL FROM:<alerts@example.com> SIZE=2001", "552 5.3.4"),
            ("MAIL FROM:<alerts@example.com> SIZE=2000", "250"),
            ("RSET", "250"),
        ])
        .await;
    let empty = with_body("").len() - ".\r\n".len();
    let filler = |octets: usize| "x\r\n".repeat(octets / 3) + &"y".repeat(octets % 3);
    assert!(
        client
            .mail(&with_body(&filler(2_000 - empty)))
            .await
            .starts_with("250")
    );
    assert!(
        client
            .mail(&with_body(&filler(2_001 - empty)))
            .await
            .starts_with("552 5.3.4")
    );
    assert_eq!(server.received()[0].raw.len(), 2_000);
}

#[tokio::test]
async fn an_extension_that_is_not_offered_is_not_understood() {
    let server = SmtpSim::builder(Security::Implicit)
        .without("8BITMIME")
        .mechanisms(&["LOGIN"])
        .start()
        .await
        .expect("a free port");
    let mut client = Client::new(secure(&server, tcp(&server).await).await.expect("TLS"));
    client.reply().await;
    let offers = client.ask("EHLO gw.example.com").await;
    assert!(
        !offers.contains("8BITMIME") && offers.contains("AUTH LOGIN\r\n"),
        "{offers}"
    );
    client
        .dialogue(&[
            (PLAIN, "504"),
            ("AUTH LOGIN YWxlcnRzQGV4YW1wbGUuY29t", "334"),
            ("czNjcmV0", "235"),
            ("MAIL FROM:<alerts@example.com> BODY=8BITMIME", "555"),
        ])
        .await;
}

#[tokio::test]
async fn an_overlong_command_is_refused_and_the_next_one_is_read() {
    let (_server, mut client) = logged_in().await;
    client
        .dialogue(&[
            (&format!("NOOP {}", "x".repeat(700)), "500 5.5.2"),
            ("NOOP", "250"),
        ])
        .await;
    client
        .dialogue(&[
            (&format!("NOOP {}", "x".repeat(13_000)), "500 5.5.2"),
            ("NOOP", "250"),
        ])
        .await;
}

#[tokio::test]
async fn parts_are_found_and_decoded() {
    let message = "Date: x\r\nFrom: a@example.com\r\nTo: b@example.com\r\nMessage-ID: <1@x>\r\n\
        Subject: =?utf-8?q?=E5=91=8A?=\r\n =?UTF-8?B?6K2m?= db_01\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/mixed; boundary=\"out\"\r\n\r\npreamble\r\n--out\r\n\
        Content-Type: multipart/alternative;\r\n boundary=in\r\n\r\n--in\r\nContent-Type: text/plain; charset=utf-8\r\n\
        Content-Transfer-Encoding: base64\r\n\r\n56OB55uY\r\n5ruh\r\n--in\r\nContent-Type: text/html; charset=utf-8\r\n\
        Content-Transfer-Encoding: quoted-printable\r\n\r\n<b>=E7=A3=\r\n=81=E7=9B=98</b>\r\n--in--\r\n\
        --out\r\nContent-Type: application/json\r\n\r\n{}\r\n--out--\r\n.\r\n";
    let (server, mut client) = logged_in().await;
    assert!(client.mail(message).await.starts_with("250"));
    let mail = &server.received()[0];
    assert_eq!(mail.subject(), "告警 db_01");
    assert_eq!(
        mail.parts(),
        ["text/plain", "text/html", "application/json"]
    );
    assert_eq!(mail.text("text/plain").as_deref(), Some("磁盘满"));
    assert_eq!(mail.text("text/html").as_deref(), Some("<b>磁盘</b>"));
    assert_eq!(mail.text("application/json").as_deref(), Some("{}"));
    assert_eq!(mail.text("image/png"), None);
}

#[tokio::test]
async fn missing_and_doubled_headers_are_noted() {
    let (server, mut client) = logged_in().await;
    let message = MESSAGE.replace("Date:", "From:");
    assert!(client.mail(&message).await.starts_with("250"));
    assert_eq!(
        server.received()[0].notes,
        ["Date is missing", "From is there more than once"]
    );
}
