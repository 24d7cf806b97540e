use proptest::prelude::*;

use super::*;

fn dialogue(tls: Tls) -> Dialogue {
    Dialogue::new("balefire.example.com".to_owned(), tls, 1_000)
}

/// Talks as a session does, with one source that every recipient is for; the codes that were heard.
fn talk(dialogue: &mut Dialogue, commands: &[&str]) -> Vec<u16> {
    commands
        .iter()
        .map(|command| {
            let step = dialogue.command(format!("{command}\r\n").as_bytes());
            match step.next {
                Next::Recipient => dialogue.accept(For::Source("ops".into())),
                Next::Handshake => dialogue.secured(),
                _ => {}
            }
            step.reply.code
        })
        .collect()
}

#[test]
fn a_mail_needs_a_greeting_a_sender_and_a_recipient_in_this_order() {
    let mut one = dialogue(Tls::Impossible);
    let codes = talk(
        &mut one,
        &[
            "MAIL FROM:<a@b.c>",
            "EHLO x",
            "RCPT TO:<ops@x>",
            "DATA",
            "MAIL FROM:<>",
            "DATA",
            "MAIL FROM:<a@b.c>",
            "RCPT TO:<ops@x>",
            "RCPT TO:<ops@x>",
            "DATA",
        ],
    );
    assert_eq!(codes, [503, 250, 503, 503, 250, 554, 503, 250, 250, 354]);
    assert_eq!(one.recipients(), (vec![For::Source("ops".into())], true));
    assert_eq!(talk(&mut one, &["DATA", "QUIT"]), [503, 221]);
}

#[test]
fn what_was_said_before_the_handshake_does_not_count_after_it() {
    let mut one = dialogue(Tls::Required);
    let hello = one.command(b"EHLO x\r\n").reply.to_string();
    assert!(
        hello.contains("250 STARTTLS") && hello.contains("250-SIZE 1000"),
        "{hello}"
    );
    let codes = talk(
        &mut one,
        &[
            "MAIL FROM:<a@b.c>",
            "STARTTLS",
            "MAIL FROM:<a@b.c>",
            "EHLO x",
            "MAIL FROM:<a@b.c>",
            "STARTTLS",
        ],
    );
    assert_eq!(codes, [530, 220, 503, 250, 250, 503]);
    assert!(
        !one.command(b"EHLO x\r\n")
            .reply
            .to_string()
            .contains("STARTTLS")
    );
    assert_eq!(talk(&mut dialogue(Tls::Impossible), &["STARTTLS"]), [502]);
}

#[test]
fn size_recipients_and_commands_have_limits() {
    let mut one = dialogue(Tls::Offered);
    let codes = talk(
        &mut one,
        &[
            "EHLO x",
            "MAIL FROM:<a@b.c> SIZE=1001",
            "MAIL FROM:<a@b.c> SIZE=1000 BODY=8BITMIME",
        ],
    );
    assert_eq!(codes, [250, 552, 250]);
    let many = ["RCPT TO:<ops@x>"; MOST_RECIPIENTS + 1];
    let codes = talk(&mut one, &many);
    assert_eq!(
        (codes[MOST_RECIPIENTS - 1], codes[MOST_RECIPIENTS]),
        (250, 452)
    );
    let codes = talk(
        &mut dialogue(Tls::Offered),
        &["EXPN all"; MOST_REFUSALS + 1],
    );
    assert_eq!((codes[0], codes[MOST_REFUSALS]), (502, 421));
    let codes = talk(&mut dialogue(Tls::Offered), &["NOOP"; MOST_COMMANDS + 1]);
    assert_eq!((codes[MOST_COMMANDS - 1], codes[MOST_COMMANDS]), (250, 421));
}

#[test]
fn commands_that_are_none_are_told_what_is_wrong() {
    for (command, code) in [
        ("EHLO", 501),
        ("MAIL FROM:a@b.c", 501),
        ("GET / HTTP/1.1", 500),
        ("", 500),
        ("VRFY root", 252),
        ("AUTH PLAIN AAAA", 503),
        ("BDAT 10 LAST", 502),
        ("HELP", 214),
    ] {
        assert_eq!(
            talk(&mut dialogue(Tls::Offered), &[command]),
            [code],
            "{command}"
        );
    }
}

proptest! {
    #[test]
    fn any_line_is_answered(line in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut line = line;
        line.extend_from_slice(b"\r\n");
        let step = dialogue(Tls::Offered).command(&line);
        prop_assert!((200..600).contains(&step.reply.code));
    }

    /// Whatever the order of commands, content is asked for only when sender and recipient stand.
    #[test]
    fn content_is_never_asked_for_without_a_recipient(
        commands in prop::collection::vec(prop::sample::select(vec![
            "EHLO x", "RSET", "MAIL FROM:<a@b.c>", "RCPT TO:<ops@x>", "DATA", "STARTTLS", "NOOP",
        ]), 0..30)
    ) {
        let mut one = dialogue(Tls::Offered);
        let (mut greeted, mut sender, mut recipient) = (false, false, false);
        for command in commands {
            let code = talk(&mut one, &[command])[0];
            match command {
                "EHLO x" => (greeted, sender, recipient) = (true, false, false),
                "RSET" => (sender, recipient) = (false, false),
                "STARTTLS" if code == 220 => (greeted, sender, recipient) = (false, false, false),
                "MAIL FROM:<a@b.c>" => {
                    prop_assert_eq!(code == 250, greeted && !sender);
                    sender |= code == 250;
                }
                "RCPT TO:<ops@x>" => {
                    prop_assert_eq!(code == 250, sender);
                    recipient |= code == 250;
                }
                "DATA" => {
                    prop_assert_eq!(code == 354, sender && recipient);
                    if code == 354 {
                        one.recipients();
                        (sender, recipient) = (false, false);
                    }
                }
                _ => {}
            }
            if code == 421 { break; }
        }
    }
}
