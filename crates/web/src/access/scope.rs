//! What a request needs to be allowed to do.

use http::Method;

use balefire_config::legacy::paths::{APPTOOLS_KEPT, is_legacy};

/// Where jobs say that they have run; what follows is a token.
pub(super) const HEARTBEATS: &str = "/hb/";

/// Where badges of heartbeats are; what follows is a token.
pub(super) const BADGES: &str = "/badge/";

/// What a request needs to be allowed to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// Nothing: health checks, links that are signed.
    Open,
    /// Bring alerts in.
    Ingest,
    /// See.
    Read,
    /// Silence, send, redrive.
    Write,
    /// Reload, check a document.
    Admin,
}

impl Scope {
    /// What a request to a path needs. The path has no prefix and no escapes.
    pub(super) fn of(method: &Method, path: &str) -> Self {
        let reads = is_safe(method);
        match path {
            "/-/healthy" | "/-/ready" => Self::Open,
            // The path holds a token, which is all that a job has.
            _ if path.starts_with(HEARTBEATS) => Self::Open,
            // So does a badge's, on a page that anybody may see.
            _ if reads && path.starts_with(BADGES) => Self::Open,
            // A link in a message is its own leave, and its page needs the style sheet.
            _ if is_link(path) || path.starts_with("/assets/") => Self::Open,
            // So is the token of an account in it.
            _ if is_callback(path) => Self::Open,
            // A checked document may name files and variables of this machine.
            "/-/reload"
            | "/api/v1/config/check"
            | "/api/v1/what-if"
            | "/what-if"
            | "/api/v1/links" => Self::Admin,
            _ if is_ingest(path) => Self::Ingest,
            "/api/v1/alerts" | "/api/v2/alerts" if !reads => Self::Ingest,
            _ if !reads && APPTOOLS_KEPT.contains(&path) => Self::Ingest,
            _ if reads => Self::Read,
            _ => Self::Write,
        }
    }

    /// The word for it in `access.tokens`.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "",
            Self::Ingest => "ingest",
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }

    /// Whether somebody with `scopes` may; admin may all, write may read.
    pub(super) fn within(self, scopes: &[String]) -> bool {
        scopes.iter().any(|scope| {
            scope == "admin" || scope == self.as_str() || (scope == "write" && self == Self::Read)
        })
    }
}

/// Whether a method changes nothing by itself.
pub(super) fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Whether a path is the page behind a link in a message, whose signature is the leave.
pub(super) fn is_link(path: &str) -> bool {
    path.starts_with("/a/")
}

/// Whether a path is where providers say something; an account's token in it is the leave.
pub(super) fn is_callback(path: &str) -> bool {
    path.starts_with("/callback/")
}

/// Whether a path takes alerts in whatever the method: some senders can only `GET`.
pub(super) fn is_ingest(path: &str) -> bool {
    path.starts_with("/in/") || is_legacy(path)
}
