//! From a server's name to a connection: guarded look-up, TCP, TLS.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use balefire_core::secret::Secret;
use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::session::Line;
use crate::error::{ErrorKind, SendError};
use crate::http::guard::is_public;
use crate::http::resolver::{ResolveError, Resolver};
use crate::http::{TlsSettings, excerpt, tls};

/// Time for one address to answer.
const CONNECT: Duration = Duration::from_secs(10);

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

/// A connection to the SMSC, protected as the account says.
pub(super) async fn connect(
    server: &Server,
    resolver: &Resolver,
) -> Result<Box<dyn Line>, SendError> {
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
