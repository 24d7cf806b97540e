//! A session over a connection: reads with time limits, answers, upgrades to TLS.

use std::net::IpAddr;
use std::time::Duration;

use balefire_sources::mail;
use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsAcceptor;

use super::content::{Content, Ended};
use super::dialogue::{Dialogue, Next, Step, Tls};
use super::door::{Door, Terms};
use super::keep::keep;
use super::recipient::{For, Nobody};
use super::reply::Reply;
use super::{answers, line, recipient};
use crate::ingest::room::Room;

/// A command must be whole this long after the one before; RFC 5321 has minutes, for links of another age.
const COMMAND_WITHIN: Duration = Duration::from_mins(1);
/// A content has this long, and a second more for each of so many bytes, as a body over HTTP has.
const CONTENT_WITHIN: Duration = Duration::from_secs(30);
const BYTES_A_SECOND: usize = 64 * 1024;
/// The handshake of TLS.
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(10);
/// The whole of a session, which slow senders could spin out otherwise.
const SESSION_WITHIN: Duration = Duration::from_mins(30);
/// How long, and how often, a session that has ended is read on.
const FAREWELL_WITHIN: Duration = Duration::from_secs(2);
const FAREWELL_READS: usize = 2_048;
/// Read at once.
const CHUNK: usize = 16 * 1024;
/// What is too large is read on to its end up to so many times its limit, so that the refusal is heard.
const READ_ON: usize = 4;

pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// The connection is of no more use.
struct Gone;

impl<E: std::error::Error> From<E> for Gone {
    fn from(_: E) -> Self {
        Self
    }
}

struct Session<'a> {
    door: &'a Door,
    peer: IpAddr,
    stream: Box<dyn Stream>,
    /// Came and was not used yet.
    buffer: BytesMut,
    dialogue: Dialogue,
}

/// Holds a session until one side has enough.
pub(super) async fn hold(door: &Door, peer: IpAddr, stream: Box<dyn Stream>) {
    let terms = door.terms(peer);
    let limit = mail::SPEC.body_limit;
    let tls = match (&door.tls, terms.tls_required) {
        (None, _) => Tls::Impossible,
        (Some(_), false) => Tls::Offered,
        (Some(_), true) => Tls::Required,
    };
    let mut session = Session {
        door,
        peer,
        stream,
        buffer: BytesMut::new(),
        dialogue: Dialogue::new(terms.host.clone(), tls, limit),
    };
    let held = timeout(SESSION_WITHIN, session.run(&terms)).await;
    if held.is_err() {
        let _ = session
            .say(&Reply::new(421, "4.4.2 this took too long"))
            .await;
    }
    let _ = timeout(FAREWELL_WITHIN, session.farewell()).await;
}

impl Session<'_> {
    async fn run(&mut self, terms: &Terms) -> Result<(), Gone> {
        if !terms.is_let_in {
            let reason = "server.smtp.networks lets nobody from the sender's network in";
            self.door.note(reason).await;
            return self
                .say(&Reply::new(554, "5.7.1 your network is not let in here"))
                .await;
        }
        if self.door.is_shut(self.peer) {
            return self
                .say(&Reply::new(
                    421,
                    "4.7.0 too many wrong recipients, come back later",
                ))
                .await;
        }
        let greeting = self.dialogue.greeting();
        self.say(&greeting).await?;
        loop {
            let Some(line) = self.line().await? else {
                return Ok(());
            };
            let step = self.dialogue.command(&line);
            match step.next {
                Next::Command => self.say(&step.reply).await?,
                Next::Close => return self.say(&step.reply).await,
                Next::Handshake => self.handshake(&step.reply).await?,
                Next::Recipient => self.recipient(step).await?,
                Next::Content => {
                    self.say(&step.reply).await?;
                    let reply = self.content().await?;
                    self.say(&reply).await?;
                }
            }
        }
    }

    /// Reads on for a moment: a connection that is closed with bytes unread takes the last reply with it.
    async fn farewell(&mut self) {
        if self.stream.shutdown().await.is_err() {
            return;
        }
        let mut rest = [0; 1_024];
        for _ in 0..FAREWELL_READS {
            if !matches!(self.stream.read(&mut rest).await, Ok(1..)) {
                return;
            }
        }
    }

    async fn say(&mut self, reply: &Reply) -> Result<(), Gone> {
        let words = reply.to_string();
        let saying = async {
            self.stream.write_all(words.as_bytes()).await?;
            self.stream.flush().await
        };
        timeout(COMMAND_WITHIN, saying).await??;
        Ok(())
    }

    /// The next command; `None` when the session was ended, with a word.
    async fn line(&mut self) -> Result<Option<BytesMut>, Gone> {
        let until = Instant::now() + COMMAND_WITHIN;
        loop {
            match line::take(&mut self.buffer) {
                Ok(Some(line)) => return Ok(Some(line)),
                Ok(None) => {}
                Err(bad) => {
                    // Nobody knows what the rest of it would be.
                    self.door.note(&bad.to_string()).await;
                    self.say(&Reply::new(500, format!("5.5.2 {bad}"))).await?;
                    return Ok(None);
                }
            }
            let read = tokio::select! {
                () = self.door.stop.cancelled() => {
                    self.say(&Reply::new(421, "4.3.2 this node is going down")).await?;
                    return Ok(None);
                }
                read = timeout_at(until, self.stream.read_buf(&mut self.buffer)) => read,
            };
            match read {
                Ok(Ok(0)) => return Ok(None),
                Ok(Ok(_)) => {}
                Ok(Err(_)) => return Err(Gone),
                Err(_) => {
                    self.say(&Reply::new(421, "4.4.2 no command came")).await?;
                    return Ok(None);
                }
            }
        }
    }

    async fn handshake(&mut self, reply: &Reply) -> Result<(), Gone> {
        // What was sent along in the clear would be taken for secured (CVE-2011-0411).
        if !self.buffer.is_empty() {
            self.door
                .note("commands were sent along with STARTTLS")
                .await;
            self.say(&Reply::new(
                501,
                "5.5.1 nothing may follow STARTTLS before the handshake",
            ))
            .await?;
            return Err(Gone);
        }
        let Some(certificate) = &self.door.tls else {
            return Err(Gone);
        };
        self.say(reply).await?;
        let acceptor = TlsAcceptor::from(certificate.shown_to_mail());
        let plain = std::mem::replace(&mut self.stream, Box::new(tokio::io::empty()));
        let secured = timeout(HANDSHAKE_WITHIN, acceptor.accept(plain)).await??;
        self.stream = Box::new(secured);
        self.dialogue.secured();
        Ok(())
    }

    async fn recipient(&mut self, step: Step) -> Result<(), Gone> {
        let engine = &self.door.engine;
        let plan = engine.plan();
        let found = match recipient::answer(&plan, &step.recipient) {
            Some(token) => {
                let answered = engine.mailbox(token).await;
                answered.map(For::Answer).map_err(|_| Nobody::Answer)
            }
            None => recipient::source(&plan, &step.recipient, self.peer)
                .map(|source| For::Source(recipient::name(source))),
        };
        drop(plan);
        let reply = match found {
            Ok(whom) => {
                self.dialogue.accept(whom);
                step.reply
            }
            Err(why) => {
                let may_go_on = self.door.refused(self.peer, why).await;
                if !may_go_on {
                    self.say(&Reply::new(
                        421,
                        "4.7.0 too many wrong recipients, come back later",
                    ))
                    .await?;
                    return Err(Gone);
                }
                // The same word for all reasons: names and tokens are not to be found out by trying.
                Reply::new(
                    550,
                    "5.1.1 there is no such source, or its token is another",
                )
            }
        };
        let counted = self.dialogue.counted(Step {
            reply,
            next: Next::Command,
            recipient: String::new(),
        });
        self.say(&counted.reply).await?;
        match counted.next {
            Next::Close => Err(Gone),
            _ => Ok(()),
        }
    }

    /// Reads a content to its end and stores it.
    async fn content(&mut self) -> Result<Reply, Gone> {
        let limit = mail::SPEC.body_limit;
        let mut content = Content::new(limit);
        let mut room = Room::new(&self.door.engine);
        let mut busy = false;
        let began = Instant::now();
        let ended = loop {
            let ended = content.take(&mut self.buffer);
            if !busy && !room.grow_to(content.held()) {
                busy = true;
                content.overflow();
            }
            if ended != Ended::NotYet {
                break ended;
            }
            if content.came() > limit.saturating_mul(READ_ON) {
                self.say(&Reply::new(552, "5.3.4 the mail is far too large"))
                    .await?;
                return Err(Gone);
            }
            let more = Duration::from_secs((content.came() / BYTES_A_SECOND) as u64);
            let until = began + CONTENT_WITHIN + more;
            self.buffer.reserve(CHUNK);
            let reading = self.stream.read_buf(&mut self.buffer);
            let Ok(read) = timeout_at(until, reading).await else {
                self.say(&Reply::new(421, "4.4.2 the content came too slowly"))
                    .await?;
                return Err(Gone);
            };
            if read? == 0 {
                return Err(Gone);
            }
        };
        let (whom, is_bounce) = self.dialogue.recipients();
        if busy {
            return Ok(Reply::new(
                452,
                "4.3.1 too much is under way, come back in a while",
            ));
        }
        if ended == Ended::TooLarge {
            let reason = format!("a mail is larger than {limit} bytes");
            for one in &whom {
                let record = match one {
                    For::Source(source) => source,
                    For::Answer(_) => answers::RECORD,
                };
                self.door.engine.reject(record, &reason, &[]).await;
            }
            return Ok(Reply::new(552, format!("5.3.4 {reason}")));
        }
        Ok(keep(self.door, (&whom, is_bounce), &content.unstuffed()).await)
    }
}
