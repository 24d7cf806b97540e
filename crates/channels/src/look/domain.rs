//! When a domain expires: by RDAP, and by whois where the registry has none or says no date there.

use std::time::Duration;

use tokio::time::Instant;

use super::{LookError, Seen, rdap, whois};
use crate::http::Http;

/// Whom to ask in place of those that IANA names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ask<'a> {
    /// An RDAP service.
    pub rdap: Option<&'a str>,
    /// A whois service, host and port.
    pub whois: Option<(&'a str, u16)>,
}

/// Looks when a domain expires, all within `patience`. A service that is named is asked alone.
pub async fn look(
    http: &Http,
    domain: &str,
    ask: Ask<'_>,
    patience: Duration,
) -> Result<Seen, LookError> {
    let until = Instant::now() + patience;
    if ask.rdap.is_none() && ask.whois.is_some() {
        return whois::look(http, domain, ask.whois, whois::IANA, patience).await;
    }
    let first = rdap::look(http, domain, ask.rdap, patience).await;
    let Err(LookError::Unknown(why)) = first else {
        return first;
    };
    if ask.rdap.is_some() && ask.whois.is_none() {
        return Err(LookError::Unknown(why));
    }
    let left = until.saturating_duration_since(Instant::now());
    let second = whois::look(http, domain, ask.whois, whois::IANA, left).await;
    second.map_err(|error| match error {
        LookError::Slow(_) => LookError::Slow(patience.as_secs()),
        LookError::Unreachable(also) => LookError::Unreachable(format!("{why}; {also}")),
        LookError::Unreadable(also) | LookError::Unknown(also) => {
            LookError::Unreadable(format!("{why}; {also}"))
        }
    })
}
