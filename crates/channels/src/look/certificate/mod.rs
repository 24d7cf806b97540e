//! When the certificate expires that a server shows, and what else it says.
//!
//! The handshake takes any certificate: one that is expired already, or that nobody vouches for, expires all the
//! same. Nothing is sent over the connection but what it takes for TLS to begin (`starttls` beside this). Whether it
//! would be trusted is judged afterwards, by the roots that all other calls go by.

mod facts;

use std::sync::Arc;
use std::time::Duration;

use balefire_core::monitor::StartTls;
use balefire_core::time::Time;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio_rustls::TlsConnector;

use super::reach::reach;
use super::{LookError, Seen, shown, starttls};
use crate::http::{Http, TlsSettings, tls};

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Server<'a> {
    /// Host name or address.
    pub host: &'a str,
    /// Its port.
    pub port: u16,
    /// The name that is asked for (SNI).
    pub name: &'a str,
    /// How TLS is asked for; at once without it.
    pub starttls: Option<StartTls>,
}

/// Looks at the leaf that a server shows, all within `patience`.
pub async fn look(
    http: &Http,
    server: Server<'_>,
    now: Time,
    patience: Duration,
) -> Result<Seen, LookError> {
    let name = ServerName::try_from(server.name.to_owned()).map_err(|_| {
        let why = format!("{:?} is not a server name", server.name);
        LookError::Unreachable(format!("{}:{}: {why}", server.host, server.port))
    })?;
    let looking = handshake(http, server, name.clone());
    let chain = tokio::time::timeout(patience, looking).await;
    let chain = chain.map_err(|_| LookError::Slow(patience.as_secs()))??;
    // Reading the machine's roots takes files.
    let settings = http.settings().tls.clone();
    let read = tokio::task::spawn_blocking(move || facts::read(&chain, &name, &settings, now));
    let broken = |_| LookError::Unreadable("the certificate cannot be read".to_owned());
    read.await.map_err(broken)?
}

/// What is shown, DER, the leaf first.
async fn handshake(
    http: &Http,
    server: Server<'_>,
    name: ServerName<'static>,
) -> Result<Vec<CertificateDer<'static>>, LookError> {
    let (host, port) = (server.host, server.port);
    let unreachable =
        |why: String| LookError::Unreachable(format!("{host}:{port}: {}", shown(&why)));
    let settings = TlsSettings {
        insecure_skip_verify: true,
        ..TlsSettings::default()
    };
    let config = tls::client_config(&settings, &[]).map_err(|e| unreachable(e.to_string()))?;
    let mut stream = reach(http, host, port).await.map_err(unreachable)?;
    if let Some(protocol) = server.starttls {
        let begun = starttls::begin(stream, protocol, server.name).await;
        stream = begun.map_err(|why| unreachable(format!("{}: {why}", protocol.as_str())))?;
    }
    let connector = TlsConnector::from(Arc::new(config));
    let connected = connector.connect(name, stream).await;
    let stream = connected.map_err(|e| unreachable(format!("no TLS: {e}")))?;
    let (_, session) = stream.get_ref();
    let chain = session.peer_certificates().unwrap_or_default();
    if chain.is_empty() {
        return Err(LookError::Unreadable(format!(
            "{host}:{port} showed no certificate"
        )));
    }
    Ok(chain.iter().map(|one| one.clone().into_owned()).collect())
}
