//! What the operator opens besides public addresses.

use std::net::IpAddr;

use ipnet::IpNet;
use url::Host;

/// Networks and hosts of `access.egress.allow`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allowed {
    networks: Vec<IpNet>,
    /// In small letters and without a dot at the end; `.example.com` stands for all names below it.
    hosts: Vec<String>,
}

impl Allowed {
    /// Nothing but public addresses.
    pub const NOTHING: Self = Self {
        networks: Vec::new(),
        hosts: Vec::new(),
    };

    /// Opens one more: a network (`10.0.0.0/8`), an address, a name (`hook.corp`), or all names below one
    /// (`*.corp`); `false` when the text is none of them.
    pub fn open(&mut self, text: &str) -> bool {
        let network = text.parse::<IpNet>().ok();
        if let Some(network) = network.or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from)) {
            self.networks.push(network);
            return true;
        }
        let (dot, name) = match text.strip_prefix("*.") {
            Some(name) => (".", name),
            None => ("", text),
        };
        if name.is_empty() || name.contains(['*', '[']) {
            return false;
        }
        // As a URL's host is read, so that the same name is written the same way.
        let Ok(Host::Domain(name)) = Host::parse(name) else {
            return false;
        };
        self.hosts.push(format!("{dot}{}", plain_name(&name)));
        true
    }

    /// Whether a host was opened by its name, whatever its addresses are.
    pub fn has_host(&self, host: &str) -> bool {
        let host = plain_name(host);
        self.hosts.iter().any(|opened| {
            *opened == host || (opened.starts_with('.') && host.ends_with(opened.as_str()))
        })
    }

    /// Whether an address lies in one of the networks.
    pub fn has_address(&self, address: IpAddr) -> bool {
        self.networks
            .iter()
            .any(|network| network.contains(&address))
    }
}

/// A name in small letters and without the dot at its end.
pub(super) fn plain_name(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_opened_alone_or_with_all_below_them() {
        let mut allowed = Allowed::default();
        for text in ["Hook.Corp.", "*.svc.cluster.local", "relay", "烽火.example"] {
            assert!(allowed.open(text), "{text}");
        }
        for host in ["hook.corp", "HOOK.corp.", "a.b.svc.cluster.local", "relay"] {
            assert!(allowed.has_host(host), "{host}");
        }
        assert!(allowed.has_host("xn--vbs012g.example") || allowed.hosts[3].starts_with("xn--"));
        for host in [
            "a.hook.corp",
            "svc.cluster.local",
            "xsvc.cluster.local",
            "relay.corp",
        ] {
            assert!(!allowed.has_host(host), "{host}");
        }
    }

    #[test]
    fn what_is_neither_a_network_nor_a_name_opens_nothing() {
        let mut allowed = Allowed::default();
        for text in [
            "",
            "*",
            "*.",
            "a.*",
            "10.0.0.0/33",
            "a b",
            "http://x",
            "1.2.3",
            "[::1]",
            "x:1",
        ] {
            assert!(!allowed.open(text), "{text}");
        }
        assert_eq!(allowed, Allowed::NOTHING);
    }
}
