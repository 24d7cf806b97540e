//! From a server's name to a connection: guarded look-up, TCP, TLS; and the session that all entries of an account share.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use balefire_core::secret::Secret;
use parking_lot::Mutex;
use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;

use super::session::{Line, Login, Order, Session};
use crate::error::{ErrorKind, SendError};
use crate::http::guard::is_public;
use crate::http::resolver::{ResolveError, Resolver};
use crate::http::{TlsSettings, excerpt, tls};
use crate::reports::Reports;

/// Time for one address to answer.
const CONNECT: Duration = Duration::from_secs(10);
/// How long a log-in that was refused is not tried again: SMSCs lock out who knocks too often.
const LOCKED: Duration = Duration::from_mins(1);

/// How the connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protection {
    /// TLS.
    Required,
    /// None, to private addresses alone.
    Private,
    /// None: the way there is protected by something else.
    None,
}

/// An SMSC as it is reached; what is equal shares a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Server {
    /// The account's name: receipts belong to it.
    pub(super) account: String,
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) protection: Protection,
    pub(super) tls: TlsSettings,
    pub(super) system_id: String,
    pub(super) password: Secret,
    pub(super) system_type: String,
}

/// The sessions of one client.
#[derive(Default)]
pub(super) struct Sessions(Mutex<Vec<(Server, Arc<Slot>)>>);

impl Sessions {
    /// The place of this server's session.
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

/// Where a server's session is, if there is one.
#[derive(Default)]
pub(super) struct Slot(tokio::sync::Mutex<Held>);

#[derive(Default)]
struct Held {
    orders: Option<mpsc::Sender<Order>>,
    /// The session's task; it ends with its place.
    task: JoinSet<()>,
    refused: Option<(Instant, SendError)>,
}

impl Slot {
    /// Where orders go: to the session that there is, or to a new one. Who comes while it is bound waits for it.
    pub(super) async fn orders(
        &self,
        server: &Server,
        resolver: &Resolver,
        reports: &Arc<Reports>,
    ) -> Result<mpsc::Sender<Order>, SendError> {
        let mut held = self.0.lock().await;
        if let Some(orders) = held.orders.as_ref().filter(|orders| !orders.is_closed()) {
            return Ok(orders.clone());
        }
        if let Some((at, error)) = &held.refused
            && at.elapsed() < LOCKED
        {
            return Err(error.clone());
        }
        let login = Login {
            system_id: &server.system_id,
            password: server.password.reveal(),
            system_type: &server.system_type,
        };
        let line = connect(server, resolver).await?;
        let session = match Session::bind(line, &login, Arc::clone(reports)).await {
            Ok(session) => session,
            Err(error) => {
                let is_refused = error.kind == ErrorKind::Misconfigured;
                held.refused = is_refused.then(|| (Instant::now(), error.clone()));
                return Err(error);
            }
        };
        let (orders, waiting) = mpsc::channel(1);
        held.task = JoinSet::new();
        held.task.spawn(session.run(waiting));
        held.orders = Some(orders.clone());
        held.refused = None;
        Ok(orders)
    }
}

async fn connect(server: &Server, resolver: &Resolver) -> Result<Box<dyn Line>, SendError> {
    let stream = reach(server, resolver).await?;
    if server.protection != Protection::Required {
        return Ok(Box::new(stream));
    }
    let broken = |detail: String| SendError::new(ErrorKind::Misconfigured, detail);
    let config = tls::client_config(&server.tls, &[]).map_err(|e| broken(e.to_string()))?;
    let name = ServerName::try_from(server.host.clone())
        .map_err(|_| broken(format!("{:?} is not a server name", server.host)))?;
    let connector = TlsConnector::from(Arc::new(config));
    let failed = |why: String| {
        let detail = excerpt(&format!("TLS with {}: {why}", server.host));
        let fix = "check that the port speaks TLS, and name a private CA in http_config.tls_config.ca_file";
        SendError::new(ErrorKind::Transient, detail).fix(fix)
    };
    match timeout(CONNECT, connector.connect(name, stream)).await {
        Ok(Ok(stream)) => Ok(Box::new(stream)),
        Ok(Err(error)) => Err(failed(error.to_string())),
        Err(_) => Err(failed("no answer within 10 s".to_owned())),
    }
}

/// A TCP connection to one of the server's addresses.
async fn reach(server: &Server, resolver: &Resolver) -> Result<TcpStream, SendError> {
    let addresses = resolver.resolve(&server.host).await.map_err(|e| match e {
        ResolveError::Guarded(guard) => {
            SendError::new(ErrorKind::Misconfigured, guard.to_string()).fix(guard.fix())
        }
        lookup @ ResolveError::Lookup { .. } => {
            SendError::new(ErrorKind::Transient, lookup.to_string()).fix("check host")
        }
    })?;
    if server.protection == Protection::Private && addresses.iter().any(|ip| is_public(*ip)) {
        let detail = format!("password and texts would go to {} in clear", server.host);
        let fix =
            "use tls: required; tls: none says that the way there is protected by something else";
        return Err(SendError::new(ErrorKind::Misconfigured, detail).fix(fix));
    }
    let mut why = "no address".to_owned();
    for ip in addresses.iter().take(4) {
        let address = SocketAddr::new(*ip, server.port);
        match timeout(CONNECT, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(e)) => why = e.to_string(),
            Err(_) => "no answer within 10 s".clone_into(&mut why),
        }
    }
    let detail = format!("cannot connect to {}:{}: {why}", server.host, server.port);
    Err(SendError::new(ErrorKind::Transient, detail).fix("check host, port and firewall"))
}
