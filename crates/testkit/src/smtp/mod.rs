//! A simulated mail server: submission with STARTTLS or implicit TLS, AUTH, a reply for each
//! recipient, strict framing, and every way in which a mail server fails.
//!
//! It follows RFC 5321 (SMTP), 3207 (STARTTLS), 4954 (AUTH), 1870 (SIZE), 2920 (PIPELINING) and
//! 6531 (SMTPUTF8), and is stricter than most servers: a bare CR or LF, a line over 998 octets or
//! an undeclared 8-bit text is refused, where others repair it in silence.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use balefire_core::clock::Clock;
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::clock::ManualClock;
use crate::mode::Script;

mod auth;
mod builder;
pub(crate) mod certificate;
mod mail;
mod path;
mod session;
mod wire;

pub use builder::SmtpBuilder;
pub use mail::{Mail, SessionLog};

/// The user that is there from the start.
pub const DEFAULT_USER: &str = "alerts@example.com";
/// The user's password.
pub const DEFAULT_PASSWORD: &str = "s3cret";
/// The user's bearer token for XOAUTH2 and OAUTHBEARER, until another is set.
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
    mails_per_connection: u32,
    /// The bearer token that is good now.
    oauth_token: Mutex<String>,
    /// Counts the times that idle connections were to be closed.
    hang_up: watch::Sender<u64>,
    script: Mutex<Script<MailMode>>,
    rules: Mutex<BTreeMap<String, Rule>>,
    taken: Mutex<Taken>,
    counts: watch::Sender<Counts>,
}

/// What has happened so far.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    /// Mails that were taken.
    mails: u64,
    /// Connections that were accepted.
    connections: u64,
    /// Connections that have ended.
    ended: u64,
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

impl SmtpSim {
    /// Starts on a free port of 127.0.0.1.
    pub async fn start(security: Security) -> io::Result<Self> {
        Self::builder(security).start().await
    }

    /// How to start otherwise.
    pub fn builder(security: Security) -> SmtpBuilder {
        SmtpBuilder::new(security)
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

    /// How many connections were accepted so far, those that stand among them.
    pub fn connections(&self) -> u64 {
        self.server.counts.borrow().connections
    }

    /// Closes every connection that waits between two mails, as servers do after a minute or more.
    pub fn hang_up(&self) {
        self.server.hang_up.send_modify(|times| *times += 1);
    }

    /// Takes this bearer token from now on and no other.
    pub fn set_oauth_token(&self, token: &str) {
        token.clone_into(&mut self.server.oauth_token.lock());
    }

    /// Waits until `n` mails have been taken. Put a time limit around it.
    pub async fn wait_for(&self, n: u64) -> Vec<Mail> {
        let mut counts = self.server.counts.subscribe();
        // The sender lives in `self`, so that the wait can only end well.
        let _ = counts.wait_for(|counts| counts.mails >= n).await;
        self.received()
    }

    /// Waits until `n` connections have ended. Put a time limit around it.
    pub async fn wait_for_sessions(&self, n: u64) -> Vec<SessionLog> {
        let mut counts = self.server.counts.subscribe();
        let _ = counts.wait_for(|counts| counts.ended >= n).await;
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
        self.server.counts.send_replace(Counts::default());
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
        self.counts.send_modify(|counts| counts.mails += 1);
    }

    fn log(&self, session: SessionLog) {
        let mut taken = self.taken.lock();
        if taken.sessions.len() == KEPT {
            taken.sessions.pop_front();
        }
        taken.sessions.push_back(session);
        drop(taken);
        self.counts.send_modify(|counts| counts.ended += 1);
    }
}

#[cfg(test)]
mod tests;
