//! A simulated SMSC (SMPP 3.4), with TLS or without: sessions of one account in each role, strict reading, statuses on demand, and
//! receipts, which are kept while nobody is there to hear them.

use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::net::TcpListener;
use tokio::sync::{broadcast, watch};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::{CancellationToken, DropGuard};

use self::session::greeted;
use self::unit::{Status, Submit};
use crate::smtp::certificate;

mod session;
mod unit;

pub use self::unit::Submit as SmscSubmit;

/// Who may bind.
pub const SYSTEM_ID: &str = "esme01";
/// With which password.
pub const PASSWORD: &str = "pw123";

/// The running SMSC. Clones are handles to the same one; it stops with the last of them.
#[derive(Clone, Debug)]
pub struct SmscSim {
    shared: Arc<Shared>,
    _stop: Arc<DropGuard>,
}

/// The certificate's names.
const NAMES: [&str; 2] = ["localhost", "127.0.0.1"];

struct Shared {
    address: SocketAddr,
    tls: Option<Tls>,
    state: Mutex<State>,
    /// How many binds and texts there have been: whoever waits looks again.
    counts: watch::Sender<(usize, usize)>,
    /// What all sessions are told.
    orders: broadcast::Sender<Order>,
    /// Statuses with which receipts were answered.
    answers: watch::Sender<Vec<u32>>,
}

/// What its certificate is shown with, and the authority that signed it.
struct Tls {
    acceptor: TlsAcceptor,
    authority: String,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Smsc")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

#[derive(Debug, Default)]
struct State {
    /// It does not know `bind_transceiver`, as version 3.3 does not.
    no_transceivers: bool,
    /// It takes everything and says nothing.
    deaf: bool,
    /// Signs of life that it was asked for.
    enquiries: usize,
    /// Sessions that hear receipts.
    hearers: usize,
    /// Receipts that nobody was there to hear.
    stored: VecDeque<Vec<u8>>,
    binds: usize,
    submits: Vec<Submit>,
    /// Statuses for the next submits; `None` says nothing at all.
    script: VecDeque<Option<Status>>,
    lives: usize,
    receipts: u32,
    /// Texts that were not answered, and binds that were refused.
    silent: usize,
    refused: usize,
}

#[derive(Clone, Debug)]
enum Order {
    Deliver(Vec<u8>),
    HangUp,
    AskForLife,
}

impl SmscSim {
    /// Binds a free port of 127.0.0.1 and starts to answer.
    pub async fn start() -> io::Result<Self> {
        Self::begin(None).await
    }

    /// The same with TLS, under a certificate for `localhost` and `127.0.0.1` by an authority of its own.
    pub async fn start_tls() -> io::Result<Self> {
        let names = NAMES.map(ToOwned::to_owned);
        let issued = certificate::issue(&names).map_err(io::Error::other)?;
        let tls = Tls {
            acceptor: TlsAcceptor::from(issued.config),
            authority: issued.ca_pem,
        };
        Self::begin(Some(tls)).await
    }

    async fn begin(tls: Option<Tls>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let shared = Arc::new(Shared {
            address: listener.local_addr()?,
            tls,
            state: Mutex::default(),
            counts: watch::Sender::default(),
            orders: broadcast::channel(64).0,
            answers: watch::Sender::default(),
        });
        let stop = CancellationToken::new();
        let (ours, token) = (Arc::clone(&shared), stop.clone());
        tokio::spawn(async move {
            loop {
                let accepted = tokio::select! {
                    () = token.cancelled() => return,
                    accepted = listener.accept() => accepted,
                };
                if let Ok((stream, _)) = accepted {
                    let (shared, token) = (Arc::clone(&ours), token.clone());
                    tokio::spawn(async move {
                        tokio::select! {
                            () = token.cancelled() => {}
                            () = greeted(stream, &shared) => {}
                        }
                    });
                }
            }
        });
        Ok(Self {
            shared,
            _stop: Arc::new(stop.drop_guard()),
        })
    }

    /// Its port on this machine.
    pub fn port(&self) -> u16 {
        self.shared.address.port()
    }

    /// The certificate of the authority that signed its own, in PEM; empty without TLS.
    pub fn authority(&self) -> &str {
        self.shared.tls.as_ref().map_or("", |tls| &tls.authority)
    }

    /// Knows no transceivers from now on, as version 3.3 of the protocol does not.
    pub fn refuse_transceivers(&self) {
        self.shared.state.lock().no_transceivers = true;
    }

    /// Takes everything and answers nothing, as a peer that is gone behind a firewall; or is well again.
    pub fn set_deaf(&self, deaf: bool) {
        self.shared.state.lock().deaf = deaf;
    }

    /// Signs of life that it was asked for.
    pub fn enquiries(&self) -> usize {
        self.shared.state.lock().enquiries
    }

    /// Sessions that hear receipts now.
    pub fn hearers(&self) -> usize {
        self.shared.state.lock().hearers
    }

    /// The texts that were taken, oldest first.
    pub fn submits(&self) -> Vec<Submit> {
        self.shared.state.lock().submits.clone()
    }

    /// How many sessions were bound.
    pub fn binds(&self) -> usize {
        self.shared.state.lock().binds
    }

    /// Texts that came and were not answered.
    pub fn pending(&self) -> usize {
        self.shared.state.lock().silent
    }

    /// Binds that were refused.
    pub fn refused(&self) -> usize {
        self.shared.state.lock().refused
    }

    /// The id of the text at this place, as the answer had it.
    pub fn id(at: usize) -> String {
        format!("{:x}", 0x6f_1c2a + at)
    }

    /// Answers the next text with this status; `None` says nothing.
    pub fn next_status(&self, status: Option<u32>) {
        self.shared.state.lock().script.push_back(status);
    }

    /// Ends all sessions.
    pub fn hang_up(&self) {
        // Nobody may be there.
        let _ = self.shared.orders.send(Order::HangUp);
    }

    /// Asks all sessions for a sign of life.
    pub fn ask_for_life(&self) {
        let _ = self.shared.orders.send(Order::AskForLife);
    }

    /// Signs of life that came back.
    pub fn lives(&self) -> usize {
        self.shared.state.lock().lives
    }

    /// Says what became of a text, as text alone: `DELIVRD`, `UNDELIV` and so on; to whoever binds next if nobody hears now.
    pub fn say(&self, id: &str, state: &str) {
        let text = format!(
            "id:{id} sub:001 dlvrd:001 submit date:2603041015 done date:2603041016 stat:{state} err:000 text:"
        );
        let mut body = vec![0, 1, 1];
        body.extend(b"8613800000000\0\x05\x00ALERTS\0\x04\0\0\0\0\0\0\0\0");
        body.push(u8::try_from(text.len()).unwrap_or(u8::MAX));
        body.extend(text.bytes());
        let mut state = self.shared.state.lock();
        if state.hearers == 0 {
            state.stored.push_back(body);
            return;
        }
        drop(state);
        let _ = self.shared.orders.send(Order::Deliver(body));
    }

    /// Waits until so many texts were taken. Put a time limit around it.
    pub async fn wait_for(&self, texts: usize) -> Vec<Submit> {
        let mut counts = self.shared.counts.subscribe();
        // The sender lives as long as we do.
        let _ = counts.wait_for(|(_, seen)| *seen >= texts).await;
        self.submits()
    }

    /// Waits until so many receipts were answered, and says with which statuses. Put a time limit around it.
    pub async fn answers(&self, receipts: usize) -> Vec<u32> {
        let mut answers = self.shared.answers.subscribe();
        match answers.wait_for(|seen| seen.len() >= receipts).await {
            Ok(seen) => seen.clone(),
            Err(_) => Vec::new(),
        }
    }
}
