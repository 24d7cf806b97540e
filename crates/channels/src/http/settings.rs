//! What can be set of the client.

use std::time::Duration;

use balefire_core::secret::Secret;

use super::guard::Egress;
use super::tls::{TlsError, TlsSettings};

/// How an account reaches its provider.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// Through which proxy, if any. The environment's proxy variables are never read.
    pub proxy: Option<ProxySettings>,
    /// Trust and our own certificate.
    pub tls: TlsSettings,
    /// Time for name lookup, connection and handshake; part of the total.
    pub connect_timeout: Duration,
    /// The `Authorization` header of every request.
    pub auth: Option<Authorization>,
    /// Headers of every request; a request's own of the same name wins.
    pub headers: Vec<(String, Secret)>,
    /// How far URLs may reach.
    pub egress: Egress,
    /// Speak HTTP/1.1 even to servers that offer HTTP/2.
    pub http1_only: bool,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            proxy: None,
            tls: TlsSettings::default(),
            connect_timeout: Duration::from_secs(5),
            auth: None,
            headers: Vec::new(),
            egress: Egress::Operator,
            http1_only: false,
        }
    }
}

/// A proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxySettings {
    /// `http://`, `https://`, `socks5://` or `socks5h://`, with `user:password@` where needed.
    pub url: Secret,
    /// Hosts, domains and networks reached without it, comma-separated as in `NO_PROXY`.
    pub no_proxy: String,
    /// Headers for the proxy itself.
    pub headers: Vec<(String, Secret)>,
}

/// What goes into the `Authorization` header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authorization {
    /// User and password.
    Basic {
        /// The user.
        user: String,
        /// The password.
        password: Secret,
    },
    /// A bearer token.
    Bearer(Secret),
    /// Another scheme with its credentials.
    Scheme {
        /// The first word.
        scheme: String,
        /// The rest.
        credentials: Secret,
    },
}

/// Why a client cannot be built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpSetupError {
    /// TLS settings.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The proxy's URL.
    #[error("the proxy URL cannot be used: {0}")]
    Proxy(String),
    /// A header's name or value.
    #[error("header {0:?} cannot be sent")]
    Header(String),
    /// Anything the library refused.
    #[error("the HTTP client cannot be built: {0}")]
    Client(String),
}
