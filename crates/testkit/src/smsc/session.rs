//! A session as the SMSC has it: bound in a role, units answered one by one, receipts said to whoever hears.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::mpsc;

use super::unit::{Reader, Status, Submit};
use super::{Order, PASSWORD, SYSTEM_ID, Shared, SmscSim};

/// Longest unit that is read.
const MOST: usize = 64 * 1024;

/// What a session was bound as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Both,
    Sends,
    Hears,
}

impl Role {
    fn of(command: u32) -> Option<Self> {
        match command {
            0x01 => Some(Self::Hears),
            0x02 => Some(Self::Sends),
            0x09 => Some(Self::Both),
            _ => None,
        }
    }
}

/// A connection, once it speaks TLS where that is asked for.
pub(super) async fn greeted(stream: tokio::net::TcpStream, shared: &Shared) {
    match &shared.tls {
        None => session(stream, shared).await,
        Some(tls) => {
            if let Ok(stream) = tls.acceptor.accept(stream).await {
                session(stream, shared).await;
            }
        }
    }
}

/// What a session is bound as; whoever hears is counted for as long as it is there.
struct Place<'s> {
    shared: &'s Shared,
    role: Option<Role>,
}

impl Place<'_> {
    fn hears(&self) -> bool {
        matches!(self.role, Some(Role::Both | Role::Hears))
    }

    fn take(&mut self, role: Role) {
        self.role = Some(role);
        if self.hears() {
            self.shared.state.lock().hearers += 1;
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if self.hears() {
            self.shared.state.lock().hearers -= 1;
        }
    }
}

async fn session(stream: impl AsyncRead + AsyncWrite, shared: &Shared) {
    let mut orders = shared.orders.subscribe();
    let (mut reader, mut writer) = tokio::io::split(stream);
    let (units, mut incoming) = mpsc::channel::<Unit>(16);
    let read = async move {
        while let Ok(unit) = read_unit(&mut reader).await {
            if units.send(unit).await.is_err() {
                return;
            }
        }
    };
    let answer = async {
        let mut place = Place { shared, role: None };
        loop {
            let said = tokio::select! {
                unit = incoming.recv() => {
                    let Some(unit) = unit else { return };
                    shared.answer(&unit, &mut place)
                }
                order = orders.recv() => match order {
                    Ok(Order::Deliver(body)) if place.hears() => shared.receipt(&body),
                    Ok(Order::AskForLife) => unit(0x15, 0, 77, &[]),
                    Ok(Order::HangUp) => return,
                    _ => Vec::new(),
                },
            };
            let is_deaf = shared.state.lock().deaf;
            if !is_deaf && writer.write_all(&said).await.is_err() {
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

async fn read_unit(reader: &mut (impl AsyncRead + Unpin)) -> io::Result<Unit> {
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
    /// A receipt as it is said.
    fn receipt(&self, body: &[u8]) -> Vec<u8> {
        let mut state = self.state.lock();
        state.receipts += 1;
        unit(0x05, 0, 1_000 + state.receipts, body)
    }

    /// What is said to a unit; nothing at all where it needs no answer.
    fn answer(&self, asked: &Unit, place: &mut Place<'_>) -> Vec<u8> {
        let reply =
            |status, body: &[u8]| unit(asked.command | 0x8000_0000, status, asked.number, body);
        let unknown = || unit(0x8000_0000, 0x03, asked.number, &[]);
        if asked.status != 0 && asked.command < 0x8000_0000 {
            return reply(0x08, &[]);
        }
        if let Some(role) = Role::of(asked.command) {
            return self.bind(asked, role, place).unwrap_or_else(unknown);
        }
        let sends = matches!(place.role, Some(Role::Both | Role::Sends));
        match asked.command {
            0x15 => {
                self.state.lock().enquiries += 1;
                reply(0, &[])
            }
            0x06 => reply(0, &[]),
            0x04 if !sends => reply(0x04, &[]),
            0x04 => match self.submit(&asked.body) {
                None => Vec::new(),
                Some(Ok(id)) => reply(0, format!("{id}\0").as_bytes()),
                Some(Err(status)) => reply(status, &[]),
            },
            0x8000_0005 => {
                let status = asked.status;
                self.answers.send_modify(|answers| answers.push(status));
                Vec::new()
            }
            0x8000_0015 => {
                self.state.lock().lives += 1;
                Vec::new()
            }
            other if other >= 0x8000_0000 => Vec::new(),
            _ => unknown(),
        }
    }

    /// The answer to a bind, and what waited for somebody who hears; `None` where the command is not known.
    fn bind(&self, asked: &Unit, role: Role, place: &mut Place<'_>) -> Option<Vec<u8>> {
        let reply =
            |status, body: &[u8]| unit(asked.command | 0x8000_0000, status, asked.number, body);
        if role == Role::Both && self.state.lock().no_transceivers {
            return None;
        }
        if place.role.is_some() {
            return Some(reply(0x05, &[]));
        }
        if let Err(status) = bind(&asked.body) {
            self.state.lock().refused += 1;
            return Some(reply(status, &[]));
        }
        place.take(role);
        self.state.lock().binds += 1;
        self.counts.send_modify(|(binds, _)| *binds += 1);
        let mut said = reply(0, b"SMSC\0");
        if place.hears() {
            let stored = std::mem::take(&mut self.state.lock().stored);
            for body in stored {
                said.extend(self.receipt(&body));
            }
        }
        Some(said)
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
