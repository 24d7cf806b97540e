//! A simulated mail server: submission with STARTTLS or implicit TLS, AUTH, a reply for each
//! recipient, strict framing, and every way in which a mail server fails.
//!
//! It follows RFC 5321 (SMTP), 3207 (STARTTLS), 4954 (AUTH), 1870 (SIZE), 2920 (PIPELINING) and
//! 6531 (SMTPUTF8), and is stricter than most servers: a bare CR or LF, a line over 998 octets or
//! an undeclared 8-bit text is refused, where others repair it in silence.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use balefire_core::clock::Clock;
use parking_lot::Mutex;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::clock::{self, ManualClock};
use crate::mode::Script;

mod auth;
mod certificate;
mod mail;
mod path;
mod session;
mod wire;

pub use mail::{Mail, SessionLog};

/// The user that is there from the start.
pub const DEFAULT_USER: &str = "alerts@example.com";
/// The user's password.
pub const DEFAULT_PASSWORD: &str = "s3cret";
/// The user's bearer token for XOAUTH2.
pub const DEFAULT_OAUTH_TOKEN: &str = "ya29.TOKEN";
/// Largest message, as SIZE announces it.
pub const DEFAULT_MAX_BYTES: usize = 1 << 20;
/// Recipients of one transaction; one more gets 452 4.5.3.
pub const MAX_RECIPIENTS: usize = 100;
/// Mails and sessions that are kept for looking at.
const KEPT: usize = 10_000;

/// How the connection is secured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// Not at all: a relay inside the house. AUTH is not offered.
    Plain,
    /// STARTTLS is offered and required before AUTH and MAIL.
    StartTls,
    /// TLS from the first byte, as on port 465.
    Implicit,
}

/// Where in the dialogue something goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Instead of the banner.
    Greeting,
    /// At EHLO or HELO.
    Hello,
    /// At STARTTLS.
    StartTls,
    /// At AUTH.
    Auth,
    /// At MAIL FROM.
    Mail,
    /// At RCPT TO.
    Rcpt,
    /// At DATA.
    Data,
    /// After the first line of the message.
    Content,
    /// After the final dot. Hanging or dropping here, the server has taken the message.
    Dot,
}

/// What the server does instead of going on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailMode {
    /// Answers with this code and text; 421, and anything at the greeting, ends the connection.
    Refuse(Stage, u16, String),
    /// Says nothing more.
    Hang(Stage),
    /// Ends the connection with a reset.
    Drop(Stage),
}

impl MailMode {
    fn stage(&self) -> Stage {
        match self {
            Self::Refuse(stage, ..) | Self::Hang(stage) | Self::Drop(stage) => *stage,
        }
    }
}

/// A reply to one recipient.
#[derive(Clone, Debug)]
struct Rule {
    code: u16,
    text: String,
    /// `None`: always.
    left: Option<u32>,
}

/// The running mail server. Clones are handles to the same one; it stops with the last of them.
#[derive(Clone, Debug)]
pub struct SmtpSim {
    server: Arc<Server>,
    manual: Option<ManualClock>,
    _stop: Arc<DropGuard>,
}

/// How a [`SmtpSim`] is to be started.
#[must_use]
pub struct SmtpBuilder {
    security: Security,
    clock: Option<Arc<dyn Clock>>,
    names: Vec<String>,
    mechanisms: Vec<String>,
    max_bytes: usize,
    own_sender_only: bool,
    without: Vec<&'static str>,
}

/// What the sessions share.
struct Server {
    address: SocketAddr,
    security: Security,
    acceptor: TlsAcceptor,
    ca_pem: String,
    clock: Arc<dyn Clock>,
    stop: CancellationToken,
    mechanisms: Vec<String>,
    max_bytes: usize,
    own_sender_only: bool,
    without: Vec<&'static str>,
    script: Mutex<Script<MailMode>>,
    rules: Mutex<BTreeMap<String, Rule>>,
    taken: Mutex<Taken>,
    counts: watch::Sender<(u64, u64)>,
}

#[derive(Debug, Default)]
struct Taken {
    mails: VecDeque<Mail>,
    sessions: VecDeque<SessionLog>,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server")
            .field("address", &self.address)
            .field("security", &self.security)
            .finish_non_exhaustive()
    }
}

impl SmtpBuilder {
    /// Takes the time from here instead of from a [`ManualClock`] of its own.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Shows a certificate for these names instead of `localhost` and `127.0.0.1`.
    pub fn certificate_names(mut self, names: &[&str]) -> Self {
        self.names = names.iter().map(|&name| name.to_owned()).collect();
        self
    }

    /// Offers these AUTH mechanisms instead of `PLAIN LOGIN XOAUTH2`.
    pub fn mechanisms(mut self, mechanisms: &[&str]) -> Self {
        self.mechanisms = mechanisms.iter().map(|&name| name.to_owned()).collect();
        self
    }

    /// Takes messages up to this size, as SIZE says.
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// Refuses a MAIL FROM that is not the authenticated user, as QQ, 163 and Aliyun do.
    pub fn own_sender_only(mut self) -> Self {
        self.own_sender_only = true;
        self
    }

    /// Does not offer this extension: `8BITMIME`, `PIPELINING`, `SIZE`, `SMTPUTF8`, `STARTTLS`.
    pub fn without(mut self, extension: &'static str) -> Self {
        self.without.push(extension);
        self
    }

    /// Binds a free port of 127.0.0.1 and starts to answer.
    pub async fn start(self) -> io::Result<SmtpSim> {
        let issued = certificate::issue(&self.names).map_err(io::Error::other)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let (clock, manual) = clock::or_manual(self.clock);
        let stop = CancellationToken::new();
        let server = Arc::new(Server {
            address: listener.local_addr()?,
            security: self.security,
            acceptor: TlsAcceptor::from(issued.config),
            ca_pem: issued.ca_pem,
            clock,
            stop: stop.clone(),
            mechanisms: self.mechanisms,
            max_bytes: self.max_bytes,
            own_sender_only: self.own_sender_only,
            without: self.without,
            script: Mutex::default(),
            rules: Mutex::default(),
            taken: Mutex::default(),
            counts: watch::Sender::default(),
        });
        tokio::spawn(session::accept(listener, Arc::clone(&server)));
        Ok(SmtpSim {
            server,
            manual,
            _stop: Arc::new(stop.drop_guard()),
        })
    }
}

impl SmtpSim {
    /// Starts on a free port of 127.0.0.1.
    pub async fn start(security: Security) -> io::Result<Self> {
        Self::builder(security).start().await
    }

    /// How to start otherwise.
    pub fn builder(security: Security) -> SmtpBuilder {
        SmtpBuilder {
            security,
            clock: None,
            names: vec!["localhost".into(), "127.0.0.1".into()],
            mechanisms: ["PLAIN", "LOGIN", "XOAUTH2"].map(str::to_owned).to_vec(),
            max_bytes: DEFAULT_MAX_BYTES,
            own_sender_only: false,
            without: Vec::new(),
        }
    }

    /// The name to connect to; the certificate is for it.
    pub fn host(&self) -> &'static str {
        "localhost"
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.server.address.port()
    }

    /// Address and port.
    pub fn address(&self) -> SocketAddr {
        self.server.address
    }

    /// The certificate of the authority that signed the server's, in PEM.
    pub fn ca_pem(&self) -> &str {
        &self.server.ca_pem
    }

    /// The server's own clock, if it was not given one.
    pub fn clock(&self) -> Option<&ManualClock> {
        self.manual.as_ref()
    }

    /// The mails that were taken, oldest first, as far as they are kept.
    pub fn received(&self) -> Vec<Mail> {
        self.server.taken.lock().mails.iter().cloned().collect()
    }

    /// The connections that have ended, oldest first, as far as they are kept.
    pub fn sessions(&self) -> Vec<SessionLog> {
        self.server.taken.lock().sessions.iter().cloned().collect()
    }

    /// Waits until `n` mails have been taken. Put a time limit around it.
    pub async fn wait_for(&self, n: u64) -> Vec<Mail> {
        let mut counts = self.server.counts.subscribe();
        // The sender lives in `self`, so that the wait can only end well.
        let _ = counts.wait_for(|(mails, _)| *mails >= n).await;
        self.received()
    }

    /// Waits until `n` connections have ended. Put a time limit around it.
    pub async fn wait_for_sessions(&self, n: u64) -> Vec<SessionLog> {
        let mut counts = self.server.counts.subscribe();
        let _ = counts.wait_for(|(_, sessions)| *sessions >= n).await;
        self.sessions()
    }

    /// Answers this recipient with a code and a text from now on.
    pub fn refuse_recipient(&self, address: &str, code: u16, text: &str) {
        self.set_rule(address, code, text, None);
    }

    /// Turns this recipient away so many times with `450 4.2.0`, as greylisting does.
    pub fn greylist(&self, address: &str, times: u32) {
        self.set_rule(
            address,
            450,
            "4.2.0 greylisted, try again later",
            Some(times),
        );
    }

    fn set_rule(&self, address: &str, code: u16, text: &str, left: Option<u32>) {
        let rule = Rule {
            code,
            text: text.to_owned(),
            left,
        };
        self.server
            .rules
            .lock()
            .insert(address.to_ascii_lowercase(), rule);
    }

    /// Misbehaves this way every time its stage is reached; what was planned is forgotten.
    pub fn fail_with(&self, mode: MailMode) {
        let mut script = self.server.script.lock();
        script.clear();
        script.add(mode, None);
    }

    /// Misbehaves this way the next `times` times its stage is reached, after what is planned.
    pub fn fail_times(&self, mode: MailMode, times: u32) {
        self.server.script.lock().add(mode, Some(times));
    }

    /// Behaves well again, to every recipient.
    pub fn heal(&self) {
        self.server.script.lock().clear();
        self.server.rules.lock().clear();
    }

    /// Forgets mails and connections.
    pub fn clear(&self) {
        *self.server.taken.lock() = Taken::default();
        self.server.counts.send_replace((0, 0));
    }
}

impl Server {
    /// What is planned for this stage.
    fn planned(&self, stage: Stage) -> Option<MailMode> {
        self.script.lock().next_if(|mode| mode.stage() == stage)
    }

    /// The reply that a recipient gets instead of 250.
    fn rule(&self, address: &str) -> Option<(u16, String)> {
        let mut rules = self.rules.lock();
        let key = address.to_ascii_lowercase();
        let rule = rules.get_mut(&key)?;
        let reply = (rule.code, rule.text.clone());
        if let Some(left) = &mut rule.left {
            if *left == 0 {
                return None;
            }
            *left -= 1;
        }
        Some(reply)
    }

    fn take(&self, mail: Mail) {
        let mut taken = self.taken.lock();
        if taken.mails.len() == KEPT {
            taken.mails.pop_front();
        }
        taken.mails.push_back(mail);
        drop(taken);
        self.counts.send_modify(|(mails, _)| *mails += 1);
    }

    fn log(&self, session: SessionLog) {
        let mut taken = self.taken.lock();
        if taken.sessions.len() == KEPT {
            taken.sessions.pop_front();
        }
        taken.sessions.push_back(session);
        drop(taken);
        self.counts.send_modify(|(_, sessions)| *sessions += 1);
    }
}

#[cfg(test)]
mod tests;
