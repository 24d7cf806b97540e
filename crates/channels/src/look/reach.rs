//! A connection to a host that is to be looked at, each of its addresses judged.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpStream;

use crate::http::Http;

/// Addresses of a host that are tried.
const TRIED: usize = 4;
/// How long each may take to answer.
const CONNECT: Duration = Duration::from_secs(5);

/// A connection to one of the host's addresses, or why there is none.
pub(super) async fn reach(http: &Http, host: &str, port: u16) -> Result<TcpStream, String> {
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
