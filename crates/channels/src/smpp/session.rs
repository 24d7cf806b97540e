//! One bound session: requests out and answers back by their numbers, receipts in, and a sign of life when it is quiet.

use std::collections::HashMap;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, interval_at, timeout};

use super::codes::failure;
use super::known::Known;
use super::pdu::{Body, Pdu, Read, command};
use super::receipt;
use crate::error::{ErrorKind, SendError};
use crate::reports::Reports;

/// Requests without an answer at once.
const WINDOW: usize = 10;
/// When it has been quiet for so long, a sign of life is asked for; the second that is missed ends the session.
const QUIET: Duration = Duration::from_secs(30);
/// Time for a bind to be answered, and for bytes to be taken.
const PATIENCE: Duration = Duration::from_secs(10);
/// What a receipt is answered with when it cannot be kept now: the SMSC says it again.
const LATER: u32 = 0x64;

/// A connection, with TLS or without.
pub(super) trait Line: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Line for T {}

/// What a `submit_sm` brought: the SMSC's id.
pub(super) type Submitted = Result<String, SendError>;

/// A request that waits to be sent.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) body: Vec<u8>,
    pub(super) answer: oneshot::Sender<Submitted>,
}

/// What a session is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Texts out and receipts in.
    Transceiver,
    /// Texts out alone.
    Transmitter,
    /// Receipts in alone.
    Receiver,
}

impl Role {
    fn command(self) -> u32 {
        match self {
            Self::Transceiver => command::BIND_TRANSCEIVER,
            Self::Transmitter => command::BIND_TRANSMITTER,
            Self::Receiver => command::BIND_RECEIVER,
        }
    }
}

/// Why there is no session.
#[derive(Debug)]
pub(super) enum Unbound {
    /// The SMSC said no, with this status.
    Refused(u32),
    /// It said nothing that can be used.
    Broken(SendError),
}

impl From<Unbound> for SendError {
    fn from(unbound: Unbound) -> Self {
        match unbound {
            Unbound::Refused(status) => failure(status),
            Unbound::Broken(error) => error,
        }
    }
}

/// Who we are to the SMSC.
#[derive(Debug)]
pub(super) struct Login<'a> {
    pub(super) system_id: &'a str,
    pub(super) password: &'a str,
    pub(super) system_type: &'a str,
}

/// A session that is bound.
pub(super) struct Session {
    line: Box<dyn Line>,
    buffer: Vec<u8>,
    number: u32,
    pending: HashMap<u32, oneshot::Sender<Submitted>>,
    reports: Arc<Reports>,
    /// Receipts that are being kept; each becomes its answer.
    kept: FuturesUnordered<BoxFuture<'static, Pdu>>,
    known: Arc<Mutex<Known>>,
    missed: u8,
}

impl Session {
    /// Binds in this role.
    pub(super) async fn bind(
        line: Box<dyn Line>,
        role: Role,
        login: &Login<'_>,
        reports: Arc<Reports>,
        known: Arc<Mutex<Known>>,
    ) -> Result<Self, Unbound> {
        let mut session = Self {
            line,
            buffer: Vec::new(),
            number: 0,
            pending: HashMap::new(),
            reports,
            kept: FuturesUnordered::new(),
            known,
            missed: 0,
        };
        let body = Body::default()
            .text(login.system_id, 15)
            .text(login.password, 8)
            .text(login.system_type, 12)
            // Version 3.4, and no address range.
            .byte(0x34)
            .byte(0)
            .byte(0)
            .text("", 40);
        let number = session.next_number();
        let bound = async {
            session.request(role.command(), number, body.0).await?;
            loop {
                let Some(pdu) = Pdu::take(&mut session.buffer)? else {
                    session.read().await?;
                    continue;
                };
                // Whoever does not know a command may not know its number either.
                if pdu.command == command::NOT_KNOWN
                    || (pdu.number == number && pdu.command & command::ANSWER != 0)
                {
                    return Ok(pdu.status);
                }
            }
        };
        let broken = |why: &str| {
            let error = SendError::new(ErrorKind::Transient, format!("SMPP bind: {why}"));
            Unbound::Broken(error)
        };
        let bound: Result<u32, &'static str> = match timeout(PATIENCE, bound).await {
            Ok(bound) => bound,
            Err(_) => Err("no answer within 10 s"),
        };
        match bound.map_err(broken)? {
            0 => Ok(session),
            status => Err(Unbound::Refused(status)),
        }
    }

    /// Runs until the SMSC ends it, it breaks, or nobody has orders any more; what has no answer then is unknown.
    pub(super) async fn run(mut self, mut orders: mpsc::Receiver<Order>) {
        let mut life = interval_at(Instant::now() + QUIET, QUIET);
        loop {
            let room = self.has_room();
            let turn = tokio::select! {
                Some(answer) = self.kept.next() => self.write(&answer).await,
                read = read(&mut self.line, &mut self.buffer) => match read {
                    Ok(()) => {
                        self.missed = 0;
                        life.reset();
                        self.take_in().await
                    }
                    Err(why) => Err(why),
                },
                order = orders.recv(), if room => match order {
                    Some(order) => self.submit(order).await,
                    None => break,
                },
                () = one_given_up(&mut self.pending), if !room => Ok(()),
                _ = life.tick() => self.ask_for_life().await,
            };
            if turn.is_err() {
                return;
            }
        }
        let number = self.next_number();
        // A goodbye that nobody waits for.
        let _ = self.request(command::UNBIND, number, Vec::new()).await;
    }

    /// Whether another request may wait for its answer. One whose sender has lost patience holds no place: an SMSC that
    /// never answers some would else be asked nothing more.
    fn has_room(&mut self) -> bool {
        if self.pending.len() >= WINDOW {
            self.pending.retain(|_, answer| !answer.is_closed());
        }
        self.pending.len() < WINDOW
    }

    fn next_number(&mut self) -> u32 {
        self.number = if self.number >= 0x7fff_ffff {
            1
        } else {
            self.number + 1
        };
        self.number
    }

    async fn submit(&mut self, order: Order) -> Result<(), &'static str> {
        let number = self.next_number();
        // From here on it may be there.
        self.pending.insert(number, order.answer);
        self.request(command::SUBMIT, number, order.body).await
    }

    async fn ask_for_life(&mut self) -> Result<(), &'static str> {
        if self.missed >= 2 {
            return Err("no sign of life");
        }
        self.missed += 1;
        let number = self.next_number();
        self.request(command::ENQUIRE_LINK, number, Vec::new())
            .await
    }

    /// All whole units that have been read.
    async fn take_in(&mut self) -> Result<(), &'static str> {
        while let Some(pdu) = Pdu::take(&mut self.buffer)? {
            match pdu.command {
                command::DELIVER => self.deliver(&pdu),
                command::ENQUIRE_LINK => self.write(&pdu.answer(0, Vec::new())).await?,
                command::UNBIND => {
                    self.write(&pdu.answer(0, Vec::new())).await?;
                    return Err("the SMSC ended it");
                }
                answer if answer & command::ANSWER != 0 => self.answered(&pdu),
                _ => self.write(&pdu.not_known()).await?,
            }
        }
        Ok(())
    }

    fn answered(&mut self, pdu: &Pdu) {
        let Some(answer) = self.pending.remove(&pdu.number) else {
            return;
        };
        let submitted = if pdu.status == 0 {
            let id = Read(&pdu.body).text().unwrap_or_default();
            self.known.lock().remember(&id);
            Ok(id)
        } else {
            Err(failure(pdu.status))
        };
        // Who asked may have lost patience.
        let _ = answer.send(submitted);
    }

    /// A receipt is answered when it is on disk; everything else at once.
    fn deliver(&mut self, pdu: &Pdu) {
        // The answer's id is empty.
        let yes = pdu.answer(0, vec![0]);
        let later = pdu.answer(LATER, vec![0]);
        let Some(mut report) = receipt::read(&pdu.body) else {
            self.kept.push(Box::pin(std::future::ready(yes)));
            return;
        };
        report.provider_id = self.known.lock().as_given(report.provider_id);
        let taken = self.reports.put(report);
        self.kept.push(Box::pin(async move {
            let Some(taken) = taken else {
                return later;
            };
            match timeout(PATIENCE, taken).await {
                Ok(Ok(())) => yes,
                Ok(Err(_)) | Err(_) => later,
            }
        }));
    }

    async fn request(
        &mut self,
        command: u32,
        number: u32,
        body: Vec<u8>,
    ) -> Result<(), &'static str> {
        let pdu = Pdu {
            command,
            status: 0,
            number,
            body,
        };
        self.write(&pdu).await
    }

    async fn write(&mut self, pdu: &Pdu) -> Result<(), &'static str> {
        let bytes = pdu.bytes();
        match timeout(PATIENCE, self.line.write_all(&bytes)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err("the connection broke"),
            Err(_) => Err("the SMSC takes nothing"),
        }
    }

    async fn read(&mut self) -> Result<(), &'static str> {
        read(&mut self.line, &mut self.buffer).await
    }
}

/// Waits until somebody has lost patience with an answer.
async fn one_given_up(pending: &mut HashMap<u32, oneshot::Sender<Submitted>>) {
    let any = |context: &mut Context<'_>| {
        let closed = |answer: &mut oneshot::Sender<Submitted>| answer.poll_closed(context);
        let mut closed = pending.values_mut().map(closed);
        if closed.any(|closed| closed.is_ready()) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    };
    poll_fn(any).await;
}

/// Reads what is there. May be dropped at any time; then nothing is lost.
async fn read(line: &mut Box<dyn Line>, buffer: &mut Vec<u8>) -> Result<(), &'static str> {
    match line.read_buf(buffer).await {
        Ok(0) => Err("the SMSC closed the connection"),
        Ok(_) => Ok(()),
        Err(_) => Err("the connection broke"),
    }
}
