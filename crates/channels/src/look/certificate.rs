//! When the certificate expires that a server shows.
//!
//! The handshake takes any certificate: one that is expired already, or that nobody vouches for, expires all the
//! same. Nothing is sent over the connection.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use balefire_core::time::Time;
use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::{LookError, Seen, shown};
use crate::http::{Http, TlsSettings, tls};

/// Addresses of a host that are tried.
const TRIED: usize = 4;
/// How long each may take to answer.
const CONNECT: Duration = Duration::from_secs(5);

/// Looks at the leaf that `host` shows on `port` when it is asked for `server_name`, all within `patience`.
pub async fn look(
    http: &Http,
    (host, port): (&str, u16),
    server_name: &str,
    patience: Duration,
) -> Result<Seen, LookError> {
    let looking = handshake(http, (host, port), server_name);
    let leaf = tokio::time::timeout(patience, looking).await;
    read(&leaf.map_err(|_| LookError::Slow(patience.as_secs()))??)
}

/// The leaf, DER.
async fn handshake(
    http: &Http,
    (host, port): (&str, u16),
    server_name: &str,
) -> Result<Vec<u8>, LookError> {
    let unreachable =
        |why: String| LookError::Unreachable(format!("{host}:{port}: {}", shown(&why)));
    let settings = TlsSettings {
        insecure_skip_verify: true,
        ..TlsSettings::default()
    };
    let config = tls::client_config(&settings, &[]).map_err(|e| unreachable(e.to_string()))?;
    let name = ServerName::try_from(server_name.to_owned())
        .map_err(|_| unreachable(format!("{server_name:?} is not a server name")))?;
    let stream = reach(http, host, port).await.map_err(unreachable)?;
    let connector = TlsConnector::from(Arc::new(config));
    let connected = connector.connect(name, stream).await;
    let stream = connected.map_err(|e| unreachable(format!("no TLS: {e}")))?;
    let (_, session) = stream.get_ref();
    let chain = session.peer_certificates().unwrap_or_default();
    let leaf = chain.first().map(|leaf| leaf.to_vec());
    leaf.ok_or_else(|| LookError::Unreadable(format!("{host}:{port} showed no certificate")))
}

/// A connection to one of the host's addresses, each of them judged.
async fn reach(http: &Http, host: &str, port: u16) -> Result<TcpStream, String> {
    http.settings()
        .egress
        .check_host(host)
        .map_err(|guard| format!("{guard}; {}", guard.fix()))?;
    let addresses = http.resolver().resolve(host).await;
    let addresses = addresses.map_err(|error| error.to_string())?;
    let mut why = "no address".to_owned();
    for ip in addresses.into_iter().take(TRIED) {
        let connecting = TcpStream::connect(SocketAddr::new(ip, port));
        match tokio::time::timeout(CONNECT, connecting).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => why = error.to_string(),
            Err(_) => why = format!("no answer within {} s", CONNECT.as_secs()),
        }
    }
    Err(why)
}

fn read(der: &[u8]) -> Result<Seen, LookError> {
    let (_, leaf) = X509Certificate::from_der(der)
        .map_err(|_| LookError::Unreadable("the certificate cannot be read".to_owned()))?;
    Ok(Seen {
        expires_at: Time::from_secs(leaf.validity().not_after.timestamp()),
        detail: shown(&leaf.issuer().to_string()),
    })
}
