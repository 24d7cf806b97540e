//! The sessions that all entries of an account share: one that sends and hears, or, where the SMSC takes no transceivers, one for
//! each.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::dial::{Server, connect};
use super::known::Known;
use super::session::{Login, Order, Role, Session, Unbound};
use crate::error::{ErrorKind, SendError};
use crate::http::resolver::Resolver;
use crate::reports::Reports;

/// How long a log-in that was refused is not tried again: SMSCs lock out who knocks too often.
const LOCKED: Duration = Duration::from_mins(1);
/// Statuses with which SMSCs refuse a transceiver: they do not know the command (`ESME_RINVCMDID`), do not let this account be
/// one (`ESME_RINVBNDSTS`), or say no more than that it failed (`ESME_RBINDFAIL`).
const NO_TRANSCEIVER: [u32; 3] = [0x03, 0x04, 0x0d];

/// The sessions of one client.
#[derive(Default)]
pub(super) struct Sessions(Mutex<Vec<(Server, Arc<Slot>)>>);

impl Sessions {
    /// The place of this server's sessions.
    pub(super) fn of(&self, server: &Server) -> Arc<Slot> {
        let mut slots = self.0.lock();
        if let Some((_, slot)) = slots.iter().find(|(other, _)| other == server) {
            return Arc::clone(slot);
        }
        let slot = Arc::new(Slot::default());
        slots.push((server.clone(), Arc::clone(&slot)));
        slot
    }
}

/// What a session is bound with.
#[derive(Clone, Copy)]
pub(super) struct Way<'a> {
    pub(super) server: &'a Server,
    pub(super) resolver: &'a Resolver,
    pub(super) reports: &'a Arc<Reports>,
}

/// Where a server's sessions are, if there are some.
#[derive(Default)]
pub(super) struct Slot {
    held: tokio::sync::Mutex<Held>,
    known: Arc<Mutex<Known>>,
}

#[derive(Default)]
struct Held {
    /// The one that sends; it hears, too, unless they are apart.
    sender: Option<Bound>,
    /// The one that hears, where they are apart.
    hearer: Option<Bound>,
    /// The SMSC takes no transceivers.
    apart: bool,
    refused: Option<(Instant, SendError)>,
}

/// A session's task, which ends with its place.
struct Bound {
    orders: mpsc::Sender<Order>,
    _task: JoinSet<()>,
}

impl Bound {
    fn of(session: Session) -> Self {
        let (orders, waiting) = mpsc::channel(1);
        let mut task = JoinSet::new();
        task.spawn(session.run(waiting));
        Self {
            orders,
            _task: task,
        }
    }
}

/// Whether a session is there and not over.
fn is_open(bound: Option<&Bound>) -> bool {
    bound.is_some_and(|bound| !bound.orders.is_closed())
}

impl Slot {
    /// Where orders go: to the session that there is, or to a new one. Who comes while it is bound waits for it.
    pub(super) async fn orders(&self, way: Way<'_>) -> Result<mpsc::Sender<Order>, SendError> {
        let mut held = self.held.lock().await;
        if !is_open(held.sender.as_ref()) {
            self.open(&mut held, Role::Transmitter, way).await?;
        }
        let sender = held.sender.as_ref().map(|bound| bound.orders.clone());
        sender.ok_or_else(|| SendError::new(ErrorKind::Transient, "the SMPP session just ended"))
    }

    /// Sees to it that receipts can come.
    pub(super) async fn listen(&self, way: Way<'_>) -> Result<(), SendError> {
        let mut held = self.held.lock().await;
        let hearer = if held.apart {
            held.hearer.as_ref()
        } else {
            held.sender.as_ref()
        };
        if is_open(hearer) {
            return Ok(());
        }
        self.open(&mut held, Role::Receiver, way).await
    }

    /// Binds as a transceiver, or, where the SMSC takes none, in this role.
    async fn open(&self, held: &mut Held, role: Role, way: Way<'_>) -> Result<(), SendError> {
        if let Some((at, error)) = &held.refused
            && at.elapsed() < LOCKED
        {
            return Err(error.clone());
        }
        let bound = self.bind(held, role, way).await;
        let refused = bound.as_ref().err();
        let refused = refused.filter(|error| error.kind == ErrorKind::Misconfigured);
        held.refused = refused.map(|error| (Instant::now(), error.clone()));
        bound
    }

    async fn bind(&self, held: &mut Held, role: Role, way: Way<'_>) -> Result<(), SendError> {
        if !held.apart {
            match self.session(Role::Transceiver, way).await {
                Ok(session) => {
                    held.sender = Some(Bound::of(session));
                    return Ok(());
                }
                Err(Unbound::Refused(status)) if NO_TRANSCEIVER.contains(&status) => {}
                Err(unbound) => return Err(unbound.into()),
            }
        }
        let bound = Bound::of(self.session(role, way).await?);
        held.apart = true;
        match role {
            Role::Receiver => held.hearer = Some(bound),
            Role::Transceiver | Role::Transmitter => held.sender = Some(bound),
        }
        Ok(())
    }

    async fn session(&self, role: Role, way: Way<'_>) -> Result<Session, Unbound> {
        let server = way.server;
        let login = Login {
            system_id: &server.system_id,
            password: server.password.reveal(),
            system_type: &server.system_type,
        };
        let line = connect(server, way.resolver).await;
        let line = line.map_err(Unbound::Broken)?;
        let (reports, known) = (Arc::clone(way.reports), Arc::clone(&self.known));
        Session::bind(line, role, &login, reports, known).await
    }
}
