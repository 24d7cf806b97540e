//! The clients of calls that belong to no account: `global.http_config`, and what is made of it.

use balefire_channels::http::{Allowed, Egress, Http, HttpSettings};

use super::{Compiler, section};
use crate::problem::Path;

/// Clients that go the way of all others (proxy, authorities).
pub(super) struct Clients {
    usual: Usual,
}

/// The client of everything that has no `http_config` of its own.
enum Usual {
    /// Nothing has asked for it; loading the system's authorities takes a while.
    Unasked,
    /// It stands.
    Ready(Http),
    /// `global.http_config` is broken, or the system has no authorities; that has been noted.
    Broken,
}

impl Clients {
    /// As `global.http_config` says.
    pub(super) fn compile(compiler: &mut Compiler<'_>) -> Self {
        let usual = match compiler.find(&["global", "http_config"]) {
            Some(node) => {
                let global = section("global");
                super::http::client(compiler, node, &global.key("http_config"))
                    .map_or(Usual::Broken, Usual::Ready)
            }
            None => Usual::Unasked,
        };
        Self { usual }
    }

    /// The client for what has no settings of its own.
    pub(super) fn usual(&mut self, compiler: &mut Compiler<'_>) -> Option<Http> {
        if matches!(self.usual, Usual::Unasked) {
            self.usual = default_client(compiler).map_or(Usual::Broken, Usual::Ready);
        }
        if let Usual::Ready(http) = &self.usual {
            Some(http.clone())
        } else {
            None
        }
    }

    /// The client of `meta.heartbeat_url`: as all others by their way (proxy, authorities), but without the
    /// credentials and headers, which a stranger's monitor has no business with.
    pub(super) fn for_heartbeat(&mut self, compiler: &mut Compiler<'_>) -> Option<Http> {
        compiler.find(&["meta", "heartbeat_url"])?;
        self.without_credentials(compiler)
    }

    /// The client that monitors look with: by the way of all others, without credentials.
    pub(super) fn for_monitors(&mut self, compiler: &mut Compiler<'_>) -> Option<Http> {
        compiler.find(&["monitors"])?;
        self.without_credentials(compiler)
    }

    /// A client by the way of all others, without their credentials and headers.
    pub(super) fn without_credentials(&mut self, compiler: &mut Compiler<'_>) -> Option<Http> {
        let settings = HttpSettings {
            auth: None,
            headers: Vec::new(),
            ..self.usual(compiler)?.settings().clone()
        };
        Http::new(settings).ok()
    }

    /// The client for addresses that senders name: by the way of all others, but without credentials, and to public
    /// addresses only.
    pub(super) fn for_senders(&mut self, compiler: &mut Compiler<'_>) -> Option<Http> {
        let usual = self.usual(compiler)?.settings().clone();
        let allowed = match usual.egress {
            Egress::Operator => Allowed::NOTHING,
            Egress::Strict(allowed) | Egress::Public(allowed) => allowed,
        };
        let settings = HttpSettings {
            auth: None,
            headers: Vec::new(),
            egress: Egress::Public(allowed),
            ..usual
        };
        Http::new(settings).ok()
    }
}

fn default_client(compiler: &mut Compiler<'_>) -> Option<Http> {
    let settings = HttpSettings {
        egress: compiler.egress.clone(),
        ..HttpSettings::default()
    };
    match Http::new(settings) {
        Ok(http) => Some(http),
        Err(error) => {
            let hint = "name the authorities in global.http_config.tls_config.ca_file";
            compiler
                .findings
                .problem(compiler.root.place, &Path::Root, error.to_string(), hint);
            None
        }
    }
}
