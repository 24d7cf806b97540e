//! One connection's dialogue.

use std::io;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use self::transaction::Transaction;
use super::mail::SessionLog;
use super::wire::{Line, Wire};
use super::{MailMode, Security, Server, Stage};

mod login;
mod transaction;

/// Octets of a command line with the extensions' parameters (RFC 5321 4.5.3.1.4, RFC 6531).
const MAX_COMMAND: usize = 600;
/// Octets of an AUTH command and its answers (RFC 4954 4.5).
const MAX_AUTH: usize = 12_288;
/// Commands that a log keeps.
const LOGGED: usize = 1_000;

/// Accepts connections until the server stops.
pub(super) async fn accept(listener: TcpListener, server: Arc<Server>) {
    let stop = server.stop.clone();
    loop {
        let stream = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                // Out of file handles or a connection that is gone already: the next may do.
                Err(error) => {
                    tracing::debug!(%error, "accept failed");
                    tokio::task::yield_now().await;
                    continue;
                }
            },
        };
        tokio::spawn(serve(stream, Arc::clone(&server)));
    }
}

async fn serve(stream: TcpStream, server: Arc<Server>) {
    let stop = server.stop.clone();
    let mut session = Session::new(Arc::clone(&server));
    server.counts.send_modify(|counts| counts.connections += 1);
    tokio::select! {
        () = stop.cancelled() => {}
        ended = session.run(stream) => {
            if let Err(error) = ended {
                session.log.trouble = Some(error.to_string());
            }
        }
    }
    server.log(session.log);
}

/// How the dialogue goes on.
#[derive(Debug, PartialEq, Eq)]
enum Flow {
    Next,
    Secure,
    Close,
    Reset,
}

/// What is known about a connection.
struct Session {
    server: Arc<Server>,
    secured: bool,
    /// The name after EHLO or HELO.
    hello: Option<String>,
    extended: bool,
    user: Option<String>,
    failures: u32,
    transaction: Option<Transaction>,
    /// Mails that were taken over this connection.
    taken: u32,
    hang_up: watch::Receiver<u64>,
    log: SessionLog,
}

impl Session {
    fn new(server: Arc<Server>) -> Self {
        let hang_up = server.hang_up.subscribe();
        Self {
            server,
            secured: false,
            hello: None,
            extended: false,
            user: None,
            failures: 0,
            transaction: None,
            taken: 0,
            hang_up,
            log: SessionLog::default(),
        }
    }

    async fn run(&mut self, stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let mut wire = Wire::plain(stream);
        if self.server.security == Security::Implicit {
            wire = wire.secure(&self.server.acceptor).await?;
            self.secured = true;
        }
        let mut flow = match self.interfere(&mut wire, Stage::Greeting).await? {
            Some(Flow::Reset) => Flow::Reset,
            Some(_) => Flow::Close,
            None => {
                wire.say(220, &["localhost ESMTP simulated"]).await?;
                Flow::Next
            }
        };
        loop {
            self.log.secured = self.secured;
            match flow {
                Flow::Next => {}
                Flow::Secure => {
                    wire = wire.secure(&self.server.acceptor).await?;
                    // Nothing that was said before TLS counts (RFC 3207 4.2).
                    self.secured = true;
                    self.hello = None;
                    self.transaction = None;
                }
                Flow::Close => {
                    wire.close().await;
                    return Ok(());
                }
                Flow::Reset => {
                    wire.reset();
                    return Ok(());
                }
            }
            let line = tokio::select! {
                Ok(()) = self.hang_up.changed(), if self.transaction.is_none() => {
                    flow = Flow::Close;
                    continue;
                }
                line = wire.line(MAX_AUTH) => line?,
            };
            flow = match line {
                Line::End => return Ok(()),
                Line::TooLong => say(&mut wire, 500, "5.5.2 line too long").await?,
                Line::BadEnding => say(&mut wire, 500, "5.5.2 lines end with CRLF").await?,
                Line::Whole(line) => self.command(&mut wire, &line).await?,
            };
        }
    }

    async fn command(&mut self, wire: &mut Wire, line: &[u8]) -> io::Result<Flow> {
        let Ok(line) = std::str::from_utf8(line) else {
            return say(wire, 500, "5.5.2 not UTF-8").await;
        };
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        let verb = verb.to_ascii_uppercase();
        self.note(&verb, rest);
        if verb != "AUTH" && line.len() + 2 > MAX_COMMAND {
            return say(wire, 500, "5.5.2 line too long").await;
        }
        match verb.as_str() {
            "EHLO" | "HELO" => self.hello(wire, &verb, rest).await,
            "STARTTLS" => self.starttls(wire, rest).await,
            "AUTH" => self.auth(wire, rest).await,
            "MAIL" => self.mail(wire, rest).await,
            "RCPT" => self.rcpt(wire, rest).await,
            "DATA" => self.data(wire, rest).await,
            "RSET" => {
                self.transaction = None;
                say(wire, 250, "2.0.0 ok").await
            }
            "NOOP" => say(wire, 250, "2.0.0 ok").await,
            "VRFY" => say(wire, 252, "2.1.5 send some mail, I will try my best").await,
            "QUIT" => {
                wire.say(221, &["2.0.0 bye"]).await?;
                Ok(Flow::Close)
            }
            _ => say(wire, 500, "5.5.1 command not recognised").await,
        }
    }

    /// Writes a command down, without what comes after AUTH's mechanism.
    fn note(&mut self, verb: &str, rest: &str) {
        if self.log.commands.len() == LOGGED {
            return;
        }
        let rest = if verb == "AUTH" {
            rest.split(' ').next().unwrap_or("")
        } else {
            rest
        };
        self.log
            .commands
            .push(format!("{verb} {rest}").trim_end().to_owned());
    }

    /// What the script wants at this stage.
    async fn interfere(&self, wire: &mut Wire, stage: Stage) -> io::Result<Option<Flow>> {
        let Some(mode) = self.server.planned(stage) else {
            return Ok(None);
        };
        Ok(Some(match mode {
            MailMode::Refuse(_, code, text) => {
                wire.say(code, &[&text]).await?;
                if code == 421 { Flow::Close } else { Flow::Next }
            }
            MailMode::Hang(_) => {
                wire.drain().await;
                Flow::Close
            }
            MailMode::Drop(_) => Flow::Reset,
        }))
    }

    fn offers(&self, extension: &str) -> bool {
        !self.server.without.contains(&extension)
    }

    async fn hello(&mut self, wire: &mut Wire, verb: &str, name: &str) -> io::Result<Flow> {
        if let Some(flow) = self.interfere(wire, Stage::Hello).await? {
            return Ok(flow);
        }
        if name.is_empty() || name.contains(' ') {
            return say(wire, 501, "5.5.4 a name is required").await;
        }
        self.hello = Some(name.to_owned());
        self.extended = verb == "EHLO";
        self.transaction = None;
        if !self.extended {
            return say(wire, 250, "localhost").await;
        }
        let mut lines = vec!["localhost greets you".to_owned()];
        for extension in ["PIPELINING", "8BITMIME", "SMTPUTF8"] {
            if self.offers(extension) {
                lines.push(extension.to_owned());
            }
        }
        if self.offers("SIZE") {
            lines.push(format!("SIZE {}", self.server.max_bytes));
        }
        if self.server.security == Security::StartTls && !self.secured && self.offers("STARTTLS") {
            lines.push("STARTTLS".to_owned());
        }
        if self.secured && !self.server.mechanisms.is_empty() {
            lines.push(format!("AUTH {}", self.server.mechanisms.join(" ")));
        }
        lines.push("ENHANCEDSTATUSCODES".to_owned());
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        wire.say(250, &lines).await?;
        Ok(Flow::Next)
    }

    async fn starttls(&mut self, wire: &mut Wire, rest: &str) -> io::Result<Flow> {
        if let Some(flow) = self.interfere(wire, Stage::StartTls).await? {
            return Ok(flow);
        }
        if !rest.is_empty() {
            return say(wire, 501, "5.5.4 no parameters allowed").await;
        }
        let offered = self.server.security == Security::StartTls && self.offers("STARTTLS");
        if !offered || self.secured || !self.extended || self.hello.is_none() {
            return say(wire, 503, "5.5.1 STARTTLS is not possible now").await;
        }
        if wire.has_more() {
            wire.say(501, &["5.5.1 nothing may follow STARTTLS"])
                .await?;
            return Ok(Flow::Close);
        }
        wire.say(220, &["2.0.0 go ahead"]).await?;
        Ok(Flow::Secure)
    }
}

async fn say(wire: &mut Wire, code: u16, text: &str) -> io::Result<Flow> {
    wire.say(code, &[text]).await?;
    Ok(Flow::Next)
}
