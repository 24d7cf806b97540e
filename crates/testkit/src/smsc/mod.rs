//! A simulated SMSC (SMPP 3.4): sessions of one account, strict reading, statuses on demand, and receipts.

use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{broadcast, mpsc, watch};
use tokio_util::sync::{CancellationToken, DropGuard};

use self::unit::{Reader, Status, Submit};

mod unit;

pub use self::unit::Submit as SmscSubmit;

/// Who may bind.
pub const SYSTEM_ID: &str = "esme01";
/// With which password.
pub const PASSWORD: &str = "pw123";
const MOST: usize = 64 * 1024;

/// The running SMSC. Clones are handles to the same one; it stops with the last of them.
#[derive(Clone, Debug)]
pub struct SmscSim {
    shared: Arc<Shared>,
    _stop: Arc<DropGuard>,
}

#[derive(Debug)]
struct Shared {
    address: SocketAddr,
    state: Mutex<State>,
    /// How many binds and texts there have been: whoever waits looks again.
    counts: watch::Sender<(usize, usize)>,
    /// What all sessions are told.
    orders: broadcast::Sender<Order>,
    /// Statuses with which receipts were answered.
    answers: watch::Sender<Vec<u32>>,
}

#[derive(Debug, Default)]
struct State {
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
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let shared = Arc::new(Shared {
            address: listener.local_addr()?,
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
                            () = session(stream, &shared) => {}
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

    /// Says what became of a text, as text alone: `DELIVRD`, `UNDELIV` and so on.
    pub fn say(&self, id: &str, state: &str) {
        let text = format!(
            "id:{id} sub:001 dlvrd:001 submit date:2603041015 done date:2603041016 stat:{state} err:000 text:"
        );
        let mut body = vec![0, 1, 1];
        body.extend(b"8613800000000\0\x05\x00ALERTS\0\x04\0\0\0\0\0\0\0\0");
        body.push(u8::try_from(text.len()).unwrap_or(u8::MAX));
        body.extend(text.bytes());
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

async fn session(stream: TcpStream, shared: &Shared) {
    let mut orders = shared.orders.subscribe();
    let (mut reader, mut writer) = stream.into_split();
    let (units, mut incoming) = mpsc::channel::<Unit>(16);
    let read = async move {
        while let Ok(unit) = read_unit(&mut reader).await {
            if units.send(unit).await.is_err() {
                return;
            }
        }
    };
    let answer = async {
        let mut is_bound = false;
        loop {
            let written = tokio::select! {
                unit = incoming.recv() => {
                    let Some(unit) = unit else { return };
                    match shared.answer(&unit, &mut is_bound) {
                        Some(reply) => writer.write_all(&reply).await,
                        None => Ok(()),
                    }
                }
                order = orders.recv() => match order {
                    Ok(Order::Deliver(body)) if is_bound => {
                        let number = shared.next_receipt();
                        writer.write_all(&unit(0x05, 0, number, &body)).await
                    }
                    Ok(Order::AskForLife) => writer.write_all(&unit(0x15, 0, 77, &[])).await,
                    Ok(Order::HangUp) => return,
                    _ => Ok(()),
                },
            };
            if written.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = read => {}
        () = answer => {}
    }
}

struct Unit {
    command: u32,
    status: u32,
    number: u32,
    body: Vec<u8>,
}

async fn read_unit(reader: &mut (impl tokio::io::AsyncRead + Unpin)) -> io::Result<Unit> {
    let length = usize::try_from(reader.read_u32().await?).unwrap_or(usize::MAX);
    if !(16..=MOST).contains(&length) {
        return Err(io::Error::other("an impossible length"));
    }
    let command = reader.read_u32().await?;
    let status = reader.read_u32().await?;
    let number = reader.read_u32().await?;
    let mut body = vec![0; length - 16];
    reader.read_exact(&mut body).await?;
    Ok(Unit {
        command,
        status,
        number,
        body,
    })
}

fn unit(command: u32, status: u32, number: u32, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(16 + body.len()).unwrap_or(u32::MAX);
    let mut bytes = Vec::new();
    for part in [length, command, status, number] {
        bytes.extend(part.to_be_bytes());
    }
    bytes.extend(body);
    bytes
}

impl Shared {
    fn next_receipt(&self) -> u32 {
        let mut state = self.state.lock();
        state.receipts += 1;
        1_000 + state.receipts
    }

    fn answer(&self, asked: &Unit, is_bound: &mut bool) -> Option<Vec<u8>> {
        let reply = |status, body: &[u8]| {
            Some(unit(
                asked.command | 0x8000_0000,
                status,
                asked.number,
                body,
            ))
        };
        if asked.status != 0 && asked.command < 0x8000_0000 {
            return reply(0x08, &[]);
        }
        match asked.command {
            0x09 if *is_bound => reply(0x05, &[]),
            0x09 => match bind(&asked.body) {
                Ok(()) => {
                    *is_bound = true;
                    self.state.lock().binds += 1;
                    self.counts.send_modify(|(binds, _)| *binds += 1);
                    reply(0, b"SMSC\0")
                }
                Err(status) => {
                    self.state.lock().refused += 1;
                    reply(status, &[])
                }
            },
            0x15 | 0x06 => reply(0, &[]),
            0x04 if !*is_bound => reply(0x04, &[]),
            0x04 => match self.submit(&asked.body)? {
                Ok(id) => reply(0, format!("{id}\0").as_bytes()),
                Err(status) => reply(status, &[]),
            },
            0x8000_0005 => {
                let status = asked.status;
                self.answers.send_modify(|answers| answers.push(status));
                None
            }
            0x8000_0015 => {
                self.state.lock().lives += 1;
                None
            }
            other if other >= 0x8000_0000 => None,
            _ => Some(unit(0x8000_0000, 0x03, asked.number, &[])),
        }
    }

    /// `None` where the script says nothing.
    fn submit(&self, body: &[u8]) -> Option<Result<String, Status>> {
        let mut state = self.state.lock();
        if let Some(status) = state.script.pop_front() {
            state.silent += usize::from(status.is_none());
            return status.map(Err);
        }
        Some(Submit::read(body).map(|submit| {
            let id = SmscSim::id(state.submits.len());
            state.submits.push(submit);
            self.counts.send_modify(|(_, texts)| *texts += 1);
            id
        }))
    }
}

fn bind(body: &[u8]) -> Result<(), Status> {
    let mut read = Reader(body);
    let (id, password) = (read.text(15, 0x0f)?, read.text(8, 0x0e)?);
    read.text(12, 0x0d)?;
    let version = read.byte()?;
    read.byte()?;
    read.byte()?;
    read.text(40, 0x0d)?;
    if !read.0.is_empty() || version != 0x34 {
        return Err(0x0d);
    }
    match (id.as_str(), password.as_str()) {
        (SYSTEM_ID, PASSWORD) => Ok(()),
        (SYSTEM_ID, _) => Err(0x0e),
        _ => Err(0x0f),
    }
}
