//! Name lookups that are judged before they are used.
//!
//! The addresses handed on are the ones that were judged, so a name that changes its answer between
//! the check and the connection (DNS rebinding) gains nothing. A lookup that fails falls back to the
//! last good answer for ten minutes: an alert gateway must survive its own DNS outage.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

use super::guard::{Egress, GuardError};

/// How long a good answer may stand in for failing lookups.
pub const LAST_GOOD: Duration = Duration::from_mins(10);
/// How long a lookup may take when there is a last good answer.
const IMPATIENT: Duration = Duration::from_secs(2);
/// Names remembered at most.
const MAX_NAMES: usize = 1024;

/// Why a name has no usable address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// One of its addresses is out of reach.
    #[error(transparent)]
    Guarded(#[from] GuardError),
    /// The lookup failed.
    #[error("cannot resolve {name}: {why}")]
    Lookup {
        /// The host name.
        name: String,
        /// What the system said.
        why: String,
    },
}

/// Good answers by name, and when they came.
type Answers = HashMap<String, (Instant, Vec<IpAddr>)>;

/// Looks names up through the system and judges every answer.
#[derive(Debug, Clone)]
pub struct Resolver {
    egress: Arc<Egress>,
    /// The proxy's own name, which the operator chose.
    trusted: Option<Arc<str>>,
    last_good: Arc<Mutex<Answers>>,
}

impl Resolver {
    /// A resolver for this ring; `trusted` is a host judged as the operator's (the proxy).
    pub fn new(egress: Egress, trusted: Option<&str>) -> Self {
        Self {
            egress: Arc::new(egress),
            trusted: trusted.map(Arc::from),
            last_good: Arc::default(),
        }
    }

    /// All addresses of a name, every one of them judged; none is handed out when any is out of reach.
    pub async fn resolve(&self, name: &str) -> Result<Vec<IpAddr>, ResolveError> {
        let egress = match &self.trusted {
            Some(trusted) if **trusted == *name => &Egress::Operator,
            _ => &*self.egress,
        };
        egress.check_name(name)?;
        let (addresses, fresh) = self.look_up(name).await?;
        for address in &addresses {
            egress.check_address(name, *address)?;
        }
        if fresh {
            self.remember(name, &addresses);
        }
        Ok(addresses)
    }

    /// The addresses, and whether the system gave them just now.
    async fn look_up(&self, name: &str) -> Result<(Vec<IpAddr>, bool), ResolveError> {
        let known = self.remembered(name);
        let answer = match &known {
            Some(_) => tokio::time::timeout(IMPATIENT, system_lookup(name))
                .await
                .unwrap_or_else(|_| Err(io::Error::from(io::ErrorKind::TimedOut))),
            None => system_lookup(name).await,
        };
        match (answer, known) {
            (Ok(addresses), _) if !addresses.is_empty() => Ok((addresses, true)),
            (_, Some(addresses)) => Ok((addresses, false)),
            (Ok(_), None) => Err(ResolveError::Lookup {
                name: name.to_owned(),
                why: "no address".to_owned(),
            }),
            (Err(e), None) => Err(ResolveError::Lookup {
                name: name.to_owned(),
                why: e.to_string(),
            }),
        }
    }

    fn remembered(&self, name: &str) -> Option<Vec<IpAddr>> {
        let last_good = self.last_good.lock();
        let (at, addresses) = last_good.get(name)?;
        (at.elapsed() < LAST_GOOD).then(|| addresses.clone())
    }

    fn remember(&self, name: &str, addresses: &[IpAddr]) {
        let mut last_good = self.last_good.lock();
        if last_good.len() >= MAX_NAMES && !last_good.contains_key(name) {
            last_good.retain(|_, (at, _)| at.elapsed() < LAST_GOOD);
            if last_good.len() >= MAX_NAMES {
                return;
            }
        }
        last_good.insert(name.to_owned(), (Instant::now(), addresses.to_vec()));
    }
}

async fn system_lookup(name: &str) -> io::Result<Vec<IpAddr>> {
    let mut addresses: Vec<IpAddr> = tokio::net::lookup_host((name, 0))
        .await?
        .map(|address| address.ip())
        .collect();
    addresses.dedup();
    Ok(addresses)
}

impl reqwest::dns::Resolve for Resolver {
    fn resolve(&self, name: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let resolver = self.clone();
        Box::pin(async move {
            let addresses = Self::resolve(&resolver, name.as_str()).await?;
            let sockets = addresses.into_iter().map(|ip| SocketAddr::new(ip, 0));
            Ok(Box::new(sockets) as reqwest::dns::Addrs)
        })
    }
}
