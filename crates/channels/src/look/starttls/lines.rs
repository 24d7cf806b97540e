//! Protocols of lines: SMTP (RFC 3207), IMAP (RFC 9051, 6.2.1), POP3 (RFC 2595, 4), FTP (RFC 4217, 4), and XMPP's elements
//! (RFC 6120, 5.4).

use tokio::io::{AsyncRead, AsyncWrite};

use super::{Talk, other};

/// Longest line, in bytes; SMTP's have 512, IMAP's may have more.
const LONGEST: usize = 2_048;
/// Most lines of one reply.
const LINES: usize = 100;

impl<S: AsyncRead + AsyncWrite + Unpin> Talk<S> {
    /// A line without its end; what is no UTF-8 is replaced.
    async fn line(&mut self) -> Result<String, String> {
        let mut line = Vec::new();
        loop {
            match self.byte().await? {
                b'\n' => break,
                byte => line.push(byte),
            }
            if line.len() > LONGEST {
                let begin = String::from_utf8_lossy(&line[..80]);
                return Err(other(
                    "it speaks another protocol, a line has no end",
                    &begin,
                ));
            }
        }
        let text = String::from_utf8_lossy(&line);
        Ok(text.trim_end_matches('\r').to_owned())
    }

    /// A reply of SMTP and FTP: lines that begin with a code, the last of which has no `-` behind it.
    async fn reply(&mut self, code: &str, wanted: &str) -> Result<Vec<String>, String> {
        let mut lines = Vec::new();
        for _ in 0..LINES {
            let line = self.line().await?;
            let is_more = line.as_bytes().get(3) == Some(&b'-');
            // Within FTP's replies lines need no code (RFC 959, 4.2).
            let is_right = line.starts_with(code) || (!lines.is_empty() && !is_last(&line));
            if !is_right {
                return Err(other(wanted, &line));
            }
            let is_end = !is_more && line.starts_with(code);
            lines.push(line);
            if is_end {
                return Ok(lines);
            }
        }
        Err(format!("{wanted}: its reply has more than {LINES} lines"))
    }
}

/// Whether a line ends a reply, with whatever code.
fn is_last(line: &str) -> bool {
    let bytes = line.as_bytes();
    bytes.len() >= 3 && bytes[..3].iter().all(u8::is_ascii_digit) && bytes.get(3) != Some(&b'-')
}

pub(super) async fn smtp<S: AsyncRead + AsyncWrite + Unpin>(
    talk: &mut Talk<S>,
) -> Result<(), String> {
    talk.reply("220", "it is no mail server that takes us")
        .await?;
    talk.say(b"EHLO localhost\r\n").await?;
    let offers = talk.reply("250", "it does not take EHLO").await?;
    let offered = offers.iter().any(|line| {
        line.get(4..)
            .is_some_and(|word| word.trim().eq_ignore_ascii_case("STARTTLS"))
    });
    if !offered {
        return Err("the mail server offers no STARTTLS".to_owned());
    }
    talk.say(b"STARTTLS\r\n").await?;
    talk.reply("220", "it refuses STARTTLS").await.map(drop)
}

pub(super) async fn imap<S: AsyncRead + AsyncWrite + Unpin>(
    talk: &mut Talk<S>,
) -> Result<(), String> {
    let greeting = talk.line().await?;
    if !greeting.to_ascii_uppercase().starts_with("* OK") {
        return Err(other("it is no IMAP server that takes us", &greeting));
    }
    talk.say(b"a STARTTLS\r\n").await?;
    for _ in 0..LINES {
        let line = talk.line().await?;
        if line.to_ascii_uppercase().starts_with("A OK") {
            return Ok(());
        }
        if !line.starts_with('*') {
            return Err(other("it refuses STARTTLS", &line));
        }
    }
    Err(format!(
        "it refuses STARTTLS: its reply has more than {LINES} lines"
    ))
}

pub(super) async fn pop3<S: AsyncRead + AsyncWrite + Unpin>(
    talk: &mut Talk<S>,
) -> Result<(), String> {
    let greeting = talk.line().await?;
    if !greeting.starts_with("+OK") {
        return Err(other("it is no POP3 server that takes us", &greeting));
    }
    talk.say(b"STLS\r\n").await?;
    let line = talk.line().await?;
    if line.starts_with("+OK") {
        Ok(())
    } else {
        Err(other("it refuses STLS", &line))
    }
}

pub(super) async fn ftp<S: AsyncRead + AsyncWrite + Unpin>(
    talk: &mut Talk<S>,
) -> Result<(), String> {
    talk.reply("220", "it is no FTP server that takes us")
        .await?;
    talk.say(b"AUTH TLS\r\n").await?;
    talk.reply("234", "it refuses AUTH TLS").await.map(drop)
}

pub(super) async fn xmpp<S: AsyncRead + AsyncWrite + Unpin>(
    talk: &mut Talk<S>,
    name: &str,
) -> Result<(), String> {
    // A server name has no character of markup.
    let open = format!(
        "<?xml version='1.0'?><stream:stream to='{name}' xmlns='jabber:client' \
         xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
    );
    talk.say(open.as_bytes()).await?;
    let features = until(talk, "</stream:features>").await?;
    if !features.contains("urn:ietf:params:xml:ns:xmpp-tls") {
        return Err(other("the XMPP server offers no STARTTLS", &features));
    }
    talk.say(b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
        .await?;
    let answer = until(talk, ">").await?;
    if answer.trim_start().starts_with("<proceed") {
        Ok(())
    } else {
        Err(other("it refuses STARTTLS", &answer))
    }
}

/// What is said up to a text, which is part of it; an error of the stream ends it, too.
async fn until<S: AsyncRead + AsyncWrite + Unpin>(
    talk: &mut Talk<S>,
    end: &str,
) -> Result<String, String> {
    let mut said = Vec::new();
    while !said.ends_with(end.as_bytes()) && !said.ends_with(b"</stream:stream>") {
        said.push(talk.byte().await?);
    }
    Ok(String::from_utf8_lossy(&said).into_owned())
}
