//! Dialogues with servers that say what is written here.

use proptest::prelude::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

use super::*;

/// What becomes of a dialogue with a server that says all this at once; and what we said.
fn with(protocol: StartTls, said: &[u8]) -> (Result<(), String>, Vec<u8>) {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("a runtime").block_on(async {
        let (ours, mut theirs) = duplex(1 << 20);
        theirs.write_all(said).await.expect("room");
        let (mut ear, mut mouth) = tokio::io::split(theirs);
        mouth.shutdown().await.expect("closed");
        let begun = begin(ours, protocol, "mail.example.com").await.map(drop);
        let mut heard = Vec::new();
        ear.read_to_end(&mut heard).await.expect("heard");
        (begun, heard)
    })
}

fn works(protocol: StartTls, said: &[u8]) -> Vec<u8> {
    let (begun, heard) = with(protocol, said);
    begun.expect("TLS may begin");
    heard
}

fn fails(protocol: StartTls, said: &[u8]) -> String {
    with(protocol, said).0.expect_err("TLS may not begin")
}

/// A greeting of MySQL's with these lower capabilities.
fn greeting(capabilities: u16) -> Vec<u8> {
    let mut body = b"\x0a8.4.3\0\x01\0\0\0abcdefgh\0".to_vec();
    body.extend(capabilities.to_le_bytes());
    body.extend([45, 2, 0, 0, 0, 21]);
    let mut packet = vec![u8::try_from(body.len()).expect("short"), 0, 0, 0];
    packet.extend(body);
    packet
}

#[test]
fn each_protocol_comes_to_where_tls_begins() {
    let smtp = b"220-mx.example.com\r\n220 ESMTP\r\n250-mx\r\n250-SIZE 1\r\n250 starttls\r\n220 go ahead\r\n";
    assert_eq!(
        works(StartTls::Smtp, smtp),
        b"EHLO localhost\r\nSTARTTLS\r\n"
    );
    let imap = b"* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n* NOTE\r\na OK begin\r\n";
    assert_eq!(works(StartTls::Imap, imap), b"a STARTTLS\r\n");
    assert_eq!(
        works(StartTls::Pop3, b"+OK POP3\r\n+OK begin\r\n"),
        b"STLS\r\n"
    );
    let ftp = b"220-Welcome\r\n all of you\r\n220 ready\r\n234 go\r\n";
    assert_eq!(works(StartTls::Ftp, ftp), b"AUTH TLS\r\n");
    let xmpp = b"<?xml version='1.0'?><stream:stream from='a'><stream:features><starttls \
        xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>\
        <proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
    let said = works(StartTls::Xmpp, xmpp);
    assert!(String::from_utf8_lossy(&said).contains("to='mail.example.com'"));
    assert_eq!(works(StartTls::Postgres, b"S"), SSL);
    let ldap = b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00";
    assert!(works(StartTls::Ldap, ldap).ends_with(b"1.3.6.1.4.1.1466.20037"));
    let said = works(StartTls::Mysql, &greeting(0xffff));
    assert_eq!((said.len(), &said[..4]), (36, [32, 0, 0, 1].as_slice()));
}

const SSL: &[u8] = &[0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

#[test]
fn what_the_server_said_instead_is_in_the_words() {
    for (protocol, said, words) in [
        (
            StartTls::Smtp,
            &b"554 5.7.1 no service for you\r\n"[..],
            "no service for you",
        ),
        (
            StartTls::Smtp,
            b"220 mx\r\n250 SIZE\r\n",
            "offers no STARTTLS",
        ),
        (
            StartTls::Smtp,
            b"220 mx\r\n250 STARTTLS\r\n454 TLS not available\r\n",
            "TLS not available",
        ),
        (StartTls::Smtp, b"SSH-2.0-OpenSSH_9.2\r\n", "SSH-2.0"),
        (StartTls::Imap, b"* BYE full\r\n", "BYE full"),
        (StartTls::Imap, b"* OK\r\na NO not here\r\n", "not here"),
        (
            StartTls::Pop3,
            b"+OK\r\n-ERR unknown command\r\n",
            "unknown command",
        ),
        (
            StartTls::Ftp,
            b"220 ready\r\n500 AUTH not understood\r\n",
            "not understood",
        ),
        (StartTls::Postgres, b"N", "ssl is off"),
        (StartTls::Postgres, b"E", "no PostgreSQL server"),
        (StartTls::Mysql, b"\x0a\0\0\0\xff\x69\x04Blocked", "Blocked"),
        (
            StartTls::Ldap,
            b"\x30\x14\x02\x01\x01\x78\x0f\x0a\x01\x02\x04\x00\x04\x08bad idea",
            "bad idea",
        ),
        (StartTls::Ldap, b"HTTP/1.1 400", "no LDAP server"),
        (
            StartTls::Xmpp,
            b"<stream:stream><stream:features></stream:features>",
            "offers no STARTTLS",
        ),
        (StartTls::Smtp, b"", "broke off"),
    ] {
        let why = fails(protocol, said);
        assert!(why.contains(words), "{why}");
        assert!(why.chars().count() < 400, "{why}");
    }
    let plain = fails(StartTls::Mysql, &greeting(0xf7ff));
    assert!(plain.contains("speaks no TLS"), "{plain}");
}

#[test]
fn whoever_says_much_is_not_listened_to_for_ever() {
    let long = fails(StartTls::Smtp, &b"x".repeat(100_000));
    assert!(long.contains("no end"), "{long}");
    let many = fails(StartTls::Smtp, &b"220-more\r\n".repeat(5_000));
    assert!(many.contains("more than"), "{many}");
    let endless = fails(StartTls::Xmpp, &b"<a/>".repeat(50_000));
    assert!(endless.contains("16384 bytes"), "{endless}");
}

#[test]
fn what_follows_the_word_is_left_to_the_handshake() {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("a runtime").block_on(async {
        let (ours, mut theirs) = duplex(1_024);
        let said = b"+OK\r\n+OK begin\r\nslipped in";
        theirs.write_all(said).await.expect("room");
        let mut stream = begin(ours, StartTls::Pop3, "a")
            .await
            .expect("TLS may begin");
        let mut rest = [0; 10];
        stream.read_exact(&mut rest).await.expect("it is there");
        assert_eq!(&rest, b"slipped in");
    });
}

proptest! {
    #[test]
    fn no_server_makes_it_panic(
        which in prop::sample::select(StartTls::ALL.to_vec()),
        said in prop::collection::vec(any::<u8>(), 0..300),
        begins in prop::sample::select(vec![&b""[..], b"220 ", b"* OK\r\n", b"+OK\r\n", b"\x30", b"\x20\0\0\0\x0a"]),
    ) {
        let said: Vec<u8> = begins.iter().copied().chain(said).collect();
        let _ = with(which, &said);
    }
}
