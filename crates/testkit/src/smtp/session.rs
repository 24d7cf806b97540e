//! One connection's dialogue.

use std::io;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::net::{TcpListener, TcpStream};

use super::auth::{self, Answer};
use super::mail::{self, Mail, SessionLog};
use super::path::{self, Path};
use super::wire::{Content, Line, Wire};
use super::{MAX_RECIPIENTS, MailMode, Security, Server, Stage};

/// Octets of a command line with the extensions' parameters (RFC 5321 4.5.3.1.4, RFC 6531).
const MAX_COMMAND: usize = 600;
/// Octets of an AUTH command and its answers (RFC 4954 4.5).
const MAX_AUTH: usize = 12_288;
/// Failed log-ins on one connection.
const MAX_FAILURES: u32 = 3;
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

#[derive(Debug, Default)]
struct Transaction {
    from: String,
    parameters: Vec<(String, String)>,
    eight_bit: bool,
    utf8: bool,
    to: Vec<String>,
    refused: Vec<(String, u16)>,
}

struct Session {
    server: Arc<Server>,
    secured: bool,
    /// The name after EHLO or HELO.
    hello: Option<String>,
    extended: bool,
    user: Option<String>,
    failures: u32,
    transaction: Option<Transaction>,
    log: SessionLog,
}

impl Session {
    fn new(server: Arc<Server>) -> Self {
        Self {
            server,
            secured: false,
            hello: None,
            extended: false,
            user: None,
            failures: 0,
            transaction: None,
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
            flow = match wire.line(MAX_AUTH).await? {
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

    async fn auth(&mut self, wire: &mut Wire, rest: &str) -> io::Result<Flow> {
        if let Some(flow) = self.interfere(wire, Stage::Auth).await? {
            return Ok(flow);
        }
        if !self.secured {
            return say(wire, 538, "5.7.11 encryption required for authentication").await;
        }
        if self.hello.is_none()
            || !self.extended
            || self.user.is_some()
            || self.transaction.is_some()
        {
            return say(wire, 503, "5.5.1 AUTH is not possible now").await;
        }
        let (mechanism, initial) = match rest.split_once(' ') {
            Some((mechanism, word)) => (mechanism, Some(word.to_owned())),
            None => (rest, None),
        };
        let mechanism = mechanism.to_ascii_uppercase();
        if !self.server.mechanisms.contains(&mechanism) {
            return say(wire, 504, "5.5.4 mechanism not supported").await;
        }
        let Some(answer) = exchange(wire, &mechanism, initial).await? else {
            return say(wire, 501, "5.7.0 authentication cancelled").await;
        };
        match answer {
            Answer::User(user) => {
                self.user = Some(user);
                say(wire, 235, "2.7.0 ok").await
            }
            Answer::Malformed => say(wire, 501, "5.5.2 cannot decode").await,
            Answer::Wrong => {
                self.failures += 1;
                if self.failures == MAX_FAILURES {
                    wire.say(421, &["4.7.0 too many failed log-ins"]).await?;
                    return Ok(Flow::Close);
                }
                say(wire, 535, "5.7.8 authentication credentials invalid").await
            }
        }
    }

    async fn mail(&mut self, wire: &mut Wire, rest: &str) -> io::Result<Flow> {
        if let Some(flow) = self.interfere(wire, Stage::Mail).await? {
            return Ok(flow);
        }
        match self.begin(rest) {
            Ok(transaction) => {
                self.transaction = Some(transaction);
                say(wire, 250, "2.1.0 ok").await
            }
            Err((code, text)) => say(wire, code, text).await,
        }
    }

    fn begin(&self, rest: &str) -> Result<Transaction, (u16, &'static str)> {
        if self.hello.is_none() || self.transaction.is_some() {
            return Err((503, "5.5.1 MAIL is not possible now"));
        }
        if self.server.security == Security::StartTls && !self.secured {
            return Err((530, "5.7.0 must issue a STARTTLS command first"));
        }
        if self.server.security != Security::Plain && self.user.is_none() {
            return Err((530, "5.7.0 authentication required"));
        }
        let Some(Path {
            address,
            parameters,
        }) = path::read(rest, "FROM")
        else {
            return Err((501, "5.1.7 bad sender address syntax"));
        };
        let mut transaction = Transaction {
            from: address,
            ..Transaction::default()
        };
        for (key, value) in parameters {
            match (key.as_str(), value.as_str()) {
                ("SIZE", size) if self.extended && self.offers("SIZE") => {
                    let Ok(size) = size.parse::<usize>() else {
                        return Err((501, "5.5.4 bad SIZE"));
                    };
                    if size > self.server.max_bytes {
                        return Err((552, "5.3.4 message size exceeds fixed limit"));
                    }
                }
                ("BODY", "7BIT") if self.extended && self.offers("8BITMIME") => {}
                ("BODY", "8BITMIME") if self.extended && self.offers("8BITMIME") => {
                    transaction.eight_bit = true;
                }
                ("SMTPUTF8", "") if self.extended && self.offers("SMTPUTF8") => {
                    transaction.utf8 = true;
                    transaction.eight_bit = true;
                }
                _ => return Err((555, "5.5.4 parameter not recognised")),
            }
            transaction.parameters.push((key, value));
        }
        if !transaction.from.is_ascii() && !transaction.utf8 {
            return Err((553, "5.6.7 a non-ASCII address needs SMTPUTF8"));
        }
        let is_own = self
            .user
            .as_ref()
            .is_some_and(|user| user.eq_ignore_ascii_case(&transaction.from));
        if self.server.own_sender_only && !is_own {
            return Err((553, "5.7.1 mail from must equal authorized user"));
        }
        Ok(transaction)
    }

    async fn rcpt(&mut self, wire: &mut Wire, rest: &str) -> io::Result<Flow> {
        if let Some(flow) = self.interfere(wire, Stage::Rcpt).await? {
            return Ok(flow);
        }
        let Some(transaction) = &mut self.transaction else {
            return say(wire, 503, "5.5.1 MAIL first").await;
        };
        let Some(Path {
            address,
            parameters,
        }) = path::read(rest, "TO")
        else {
            return say(wire, 501, "5.1.3 bad recipient address syntax").await;
        };
        let refusal = if address.is_empty() {
            Some((501, "5.1.3 bad recipient address syntax".to_owned()))
        } else if !parameters.is_empty() {
            Some((555, "5.5.4 parameter not recognised".to_owned()))
        } else if !address.is_ascii() && !transaction.utf8 {
            Some((553, "5.6.7 a non-ASCII address needs SMTPUTF8".to_owned()))
        } else if transaction.to.len() == MAX_RECIPIENTS {
            Some((452, "4.5.3 too many recipients".to_owned()))
        } else {
            self.server.rule(&address)
        };
        match refusal {
            Some((code, text)) => {
                transaction.refused.push((address, code));
                say(wire, code, &text).await
            }
            None => {
                transaction.to.push(address);
                say(wire, 250, "2.1.5 ok").await
            }
        }
    }

    async fn data(&mut self, wire: &mut Wire, rest: &str) -> io::Result<Flow> {
        if let Some(flow) = self.interfere(wire, Stage::Data).await? {
            return Ok(flow);
        }
        if !rest.is_empty() {
            return say(wire, 501, "5.5.4 no parameters allowed").await;
        }
        let Some(transaction) = self.transaction.take() else {
            return say(wire, 503, "5.5.1 MAIL first").await;
        };
        if transaction.to.is_empty() {
            self.transaction = Some(transaction);
            return say(wire, 554, "5.5.1 no valid recipients").await;
        }
        wire.say(354, &["end data with <CR><LF>.<CR><LF>"]).await?;
        let mut content = Content::default();
        let mut is_first = true;
        loop {
            let Some(line) = wire.text_line().await? else {
                return Ok(Flow::Close);
            };
            if line == b"." {
                break;
            }
            content.add(&line, self.server.max_bytes);
            if std::mem::take(&mut is_first)
                && let Some(flow) = self.interfere(wire, Stage::Content).await?
            {
                // There is no way back to commands from the middle of a message.
                return Ok(if flow == Flow::Reset {
                    Flow::Reset
                } else {
                    Flow::Close
                });
            }
        }
        self.finish(wire, transaction, content).await
    }

    async fn finish(
        &mut self,
        wire: &mut Wire,
        transaction: Transaction,
        content: Content,
    ) -> io::Result<Flow> {
        if let Some((code, text)) = objection(&content, transaction.eight_bit) {
            return say(wire, code, text).await;
        }
        let notes = mail::notes(&content.bytes);
        let mail = Mail {
            at: self.server.clock.now(),
            secured: self.secured,
            hello: self.hello.clone().unwrap_or_default(),
            user: self.user.clone(),
            from: transaction.from,
            parameters: transaction.parameters,
            to: transaction.to,
            refused: transaction.refused,
            raw: content.bytes.into(),
            notes,
        };
        match self.server.planned(Stage::Dot) {
            Some(MailMode::Refuse(_, code, text)) => {
                wire.say(code, &[&text]).await?;
                return Ok(if code == 421 { Flow::Close } else { Flow::Next });
            }
            Some(MailMode::Hang(_)) => {
                self.server.take(mail);
                wire.drain().await;
                return Ok(Flow::Close);
            }
            Some(MailMode::Drop(_)) => {
                self.server.take(mail);
                return Ok(Flow::Reset);
            }
            None => self.server.take(mail),
        }
        let queued = self.server.counts.borrow().0;
        say(wire, 250, &format!("2.0.0 queued as SIM{queued}")).await
    }
}

/// Why a message's form is refused.
fn objection(content: &Content, eight_bit: bool) -> Option<(u16, &'static str)> {
    if content.too_large {
        Some((552, "5.3.4 message size exceeds fixed limit"))
    } else if content.bare_line_ending {
        Some((550, "5.5.2 bare CR or LF in the message"))
    } else if content.nul {
        Some((550, "5.6.0 NUL in the message"))
    } else if content.eight_bit && !eight_bit {
        Some((554, "5.6.1 8-bit text without BODY=8BITMIME"))
    } else if content.long_line {
        Some((550, "5.6.0 a line has more than 998 octets"))
    } else {
        None
    }
}

async fn say(wire: &mut Wire, code: u16, text: &str) -> io::Result<Flow> {
    wire.say(code, &[text]).await?;
    Ok(Flow::Next)
}

/// The words of a mechanism; `None` if the client gives up with `*`.
async fn exchange(
    wire: &mut Wire,
    mechanism: &str,
    initial: Option<String>,
) -> io::Result<Option<Answer>> {
    let prompt = if mechanism == "LOGIN" {
        "VXNlcm5hbWU6"
    } else {
        ""
    };
    let first = match initial {
        Some(word) => word,
        None => match ask(wire, prompt).await? {
            Some(word) => word,
            None => return Ok(None),
        },
    };
    Ok(Some(match mechanism {
        "PLAIN" => auth::plain(&first),
        "LOGIN" => match ask(wire, "UGFzc3dvcmQ6").await? {
            Some(password) => auth::login(&first, &password),
            None => return Ok(None),
        },
        _ => {
            let answer = auth::xoauth2(&first);
            if answer == Answer::Wrong {
                let why = STANDARD.encode(r#"{"status":"400","schemes":"Bearer","scope":"mail"}"#);
                // The client answers the reason with an empty line and is then refused.
                ask(wire, &why).await?;
            }
            answer
        }
    }))
}

async fn ask(wire: &mut Wire, prompt: &str) -> io::Result<Option<String>> {
    wire.say(334, &[prompt]).await?;
    match wire.line(MAX_AUTH).await? {
        Line::Whole(line) if line != b"*" => Ok(Some(String::from_utf8_lossy(&line).into_owned())),
        Line::Whole(_) | Line::BadEnding | Line::TooLong => Ok(None),
        Line::End => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}
