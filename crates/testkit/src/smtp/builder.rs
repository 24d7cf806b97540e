//! How a simulated mail server is to be started.

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;

use balefire_core::clock::Clock;
use parking_lot::Mutex;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::{
    DEFAULT_MAX_BYTES, DEFAULT_OAUTH_TOKEN, Security, Server, SmtpSim, certificate, session,
};
use crate::clock;

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
    mails_per_connection: u32,
}

impl SmtpBuilder {
    pub(super) fn new(security: Security) -> Self {
        Self {
            security,
            clock: None,
            names: vec!["localhost".into(), "127.0.0.1".into()],
            mechanisms: ["PLAIN", "LOGIN", "XOAUTH2"].map(str::to_owned).to_vec(),
            max_bytes: DEFAULT_MAX_BYTES,
            own_sender_only: false,
            without: Vec::new(),
            mails_per_connection: u32::MAX,
        }
    }

    /// Takes the time from here instead of from a [`ManualClock`](crate::clock::ManualClock) of its own.
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

    /// Takes so many mails over one connection; the next MAIL FROM gets 421 and the connection ends.
    pub fn mails_per_connection(mut self, mails: u32) -> Self {
        self.mails_per_connection = mails;
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
            mails_per_connection: self.mails_per_connection,
            oauth_token: Mutex::new(DEFAULT_OAUTH_TOKEN.to_owned()),
            hang_up: watch::Sender::default(),
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
