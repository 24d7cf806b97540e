//! When a domain expires, by its registry's whois service (RFC 3912): for registries without RDAP.
//!
//! IANA's own whois names the service of each top-level domain. What it says is for people and differs from registry to
//! registry; the words for the date are in `answer`, the forms of dates in `date`.

mod answer;
mod date;
#[cfg(test)]
mod tests;

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::reach::reach;
use super::{LookError, Seen, shown};
use crate::http::Http;

/// IANA's whois, which names those of the registries: <https://www.iana.org/whois>.
pub const IANA: (&str, u16) = ("whois.iana.org", 43);
/// The port of whois.
pub const PORT: u16 = 43;
/// Bytes of an answer that are read.
const LONGEST: u64 = 64 * 1024;

/// Asks `server`, or the service that `iana` names for the domain's registry, when a domain expires, all within
/// `patience`.
pub async fn look(
    http: &Http,
    domain: &str,
    server: Option<(&str, u16)>,
    iana: (&str, u16),
    patience: Duration,
) -> Result<Seen, LookError> {
    let looking = async {
        let top = domain.rsplit('.').next().unwrap_or_default();
        let named;
        let server = if let Some(server) = server {
            server
        } else {
            let said = ask(http, iana, top).await?;
            named = answer::referral(&said).ok_or_else(|| {
                let why = "IANA names no whois service for this top-level domain: set rdap or whois to one, or write its date (kind: date)";
                LookError::Unreadable(format!("{domain}: {why}"))
            })?;
            (named.as_str(), PORT)
        };
        let said = ask(http, server, &question(domain, top)).await?;
        answer::read(&said, domain, top).map_err(|why| {
            let (host, port) = server;
            LookError::Unreadable(format!("whois of {host}:{port}: {why}"))
        })
    };
    let looked = tokio::time::timeout(patience, looking).await;
    looked.map_err(|_| LookError::Slow(patience.as_secs()))?
}

/// What a registry is asked: some answer in English only when they are asked to.
fn question(domain: &str, top: &str) -> String {
    match top {
        // <https://jprs.jp/about/dom-search/jprs-whois/whois-guide.html>
        "jp" => format!("{domain}/e"),
        _ => domain.to_owned(),
    }
}

/// What a server says to one line; what is no UTF-8 is replaced.
async fn ask(http: &Http, (host, port): (&str, u16), line: &str) -> Result<String, LookError> {
    let unreachable =
        |why: String| LookError::Unreachable(format!("whois of {host}:{port}: {}", shown(&why)));
    let mut stream = reach(http, host, port).await.map_err(unreachable)?;
    let mut said = Vec::new();
    let talk = async {
        stream.write_all(format!("{line}\r\n").as_bytes()).await?;
        let mut bounded = (&mut stream).take(LONGEST);
        bounded.read_to_end(&mut said).await
    };
    let ended = talk.await;
    // Some close hard once they have said everything.
    if let Err(error) = ended
        && said.is_empty()
    {
        return Err(unreachable(error.to_string()));
    }
    Ok(String::from_utf8_lossy(&said).into_owned())
}
