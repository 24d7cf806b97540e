//! What went wrong on the way, and whether the request may have arrived.

use crate::error::{ErrorKind, SendError};

use super::guard::GuardError;

/// A request without an answer. Texts name the URL redacted and never a header or a body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// The guard did not let it out; nothing was sent.
    #[error("{0}")]
    Guarded(#[from] GuardError),
    /// A header's name or value cannot be sent (line break, NUL, one of the connection's own names).
    #[error("header {0:?} cannot be sent")]
    Header(String),
    /// No connection: DNS, refused, unreachable, TLS. Nothing was sent.
    #[error("cannot connect to {url}: {why}")]
    Connect {
        /// Redacted.
        url: String,
        /// The innermost cause.
        why: String,
        /// Whether it was the TLS handshake that failed.
        tls: bool,
    },
    /// The time of the whole try was over.
    #[error("no answer from {url} within {seconds} s")]
    Timeout {
        /// Redacted.
        url: String,
        /// The limit.
        seconds: u64,
        /// Whether the body had been handed to the connection.
        body_left: bool,
    },
    /// The connection broke after it stood.
    #[error("connection to {url} broke: {why}")]
    Broken {
        /// Redacted.
        url: String,
        /// The innermost cause.
        why: String,
        /// Whether the body had been handed to the connection.
        body_left: bool,
    },
}

impl HttpError {
    /// Whether the provider may have the request: its body had been handed to a standing connection.
    /// Always false for GET and HEAD, which do nothing there.
    pub fn body_left(&self) -> bool {
        match self {
            Self::Guarded(_) | Self::Header(_) | Self::Connect { .. } => false,
            Self::Timeout { body_left, .. } | Self::Broken { body_left, .. } => *body_left,
        }
    }
}

/// What a failed request means for the delivery: unknown outcome once the body had left, misconfigured
/// when the guard refused it, else transient.
pub fn transport_error(error: &HttpError) -> SendError {
    let detail = error.to_string();
    match error {
        HttpError::Guarded(guard) => {
            SendError::new(ErrorKind::Misconfigured, detail).fix(guard.fix())
        }
        HttpError::Header(_) => SendError::new(ErrorKind::Misconfigured, detail)
            .fix("remove line breaks from the header's value, and headers the connection sets itself"),
        HttpError::Connect { tls: true, .. } => SendError::new(ErrorKind::Transient, detail).fix(
            "if the server's certificate comes from a private CA, name it in http_config.tls_config.ca_file",
        ),
        HttpError::Connect { .. } => SendError::new(ErrorKind::Transient, detail)
            .fix("check the host name, the firewall, and whether a proxy is needed (http_config.proxy_url)"),
        HttpError::Timeout { .. } | HttpError::Broken { .. } if error.body_left() => {
            SendError::new(ErrorKind::UnknownOutcome, detail)
        }
        HttpError::Timeout { .. } | HttpError::Broken { .. } => {
            SendError::new(ErrorKind::Transient, detail)
        }
    }
}
