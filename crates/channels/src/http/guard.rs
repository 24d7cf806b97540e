//! Where requests may go. Two rings: the operator's own document may name private hosts (the usual
//! case for an alert gateway), everybody else reaches public addresses only; the metadata services
//! of the clouds, which hand out credentials to whoever asks, are out of reach for both.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use super::allowed::{Allowed, plain_name};

/// Who named the URL, and so how far it may reach.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Egress {
    /// The operator's own document: everything but metadata services.
    #[default]
    Operator,
    /// The operator's own document, held to public addresses and what is opened (`access.egress.strict`).
    Strict(Allowed),
    /// A payload, or a user below admin: public addresses on [`PUBLIC_PORTS`], and what is opened on any port.
    Public(Allowed),
}

/// Ports that URLs of [`Egress::Public`] may name.
pub const PUBLIC_PORTS: [u16; 4] = [80, 443, 8080, 8443];

/// Why an address is out of reach.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GuardError {
    /// It cannot be read as an absolute URL with a host.
    #[error("not a URL: {0}")]
    NotAUrl(String),
    /// Neither http nor https.
    #[error("the scheme {0:?} is not supported, only http and https are")]
    Scheme(String),
    /// A cloud's metadata service.
    #[error("{0} is a cloud metadata address, which is never called")]
    Metadata(String),
    /// Not public, and not in a network opened for this.
    #[error("{} is neither a public address nor in access.egress.allow", named(host, *address))]
    Private {
        /// The name it was reached by, or the address as text.
        host: String,
        /// Its address.
        address: IpAddr,
    },
    /// A port outside [`PUBLIC_PORTS`].
    #[error("port {0} is not open for this, only 80, 443, 8080 and 8443 are")]
    Port(u16),
    /// `user:password@` in a URL that is not the operator's.
    #[error("a user name in the URL is not allowed here")]
    UserInfo,
}

/// `db.corp (10.0.0.7)`, or the address alone where no other name was used.
fn named(host: &str, address: IpAddr) -> String {
    if host.parse() == Ok(address) {
        host.to_owned()
    } else {
        format!("{host} ({address})")
    }
}

impl GuardError {
    /// What the operator can do about it.
    pub const fn fix(&self) -> &'static str {
        match self {
            Self::NotAUrl(_) | Self::Scheme(_) => "write a full http:// or https:// URL",
            Self::Metadata(_) => "metadata services of clouds are out of reach; use another host",
            Self::Private { .. } => {
                "add its network or its name to access.egress.allow, or use a public address"
            }
            Self::Port(_) => "use port 80, 443, 8080 or 8443",
            Self::UserInfo => "put the credential in http_config.basic_auth",
        }
    }

    /// [`Self::fix`] where the reach is the matter, `malformed` where the URL cannot be read.
    pub const fn fix_or(&self, malformed: &'static str) -> &'static str {
        match self {
            Self::NotAUrl(_) | Self::Scheme(_) => malformed,
            _ => self.fix(),
        }
    }
}

/// Host names under which the clouds serve metadata.
const METADATA_NAMES: [&str; 6] = [
    "metadata.google.internal",
    "metadata.goog",
    "metadata",
    "instance-data",
    "instance-data.ec2.internal",
    "metadata.tencentyun.com",
];

/// Addresses of metadata services: AWS, Azure, GCP, Oracle and most others; Aliyun; Azure's wire
/// server; Oracle's other one; Tencent's.
const METADATA_V4: [Ipv4Addr; 5] = [
    Ipv4Addr::new(169, 254, 169, 254),
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(168, 63, 129, 16),
    Ipv4Addr::new(192, 0, 0, 192),
    Ipv4Addr::new(169, 254, 0, 23),
];

/// AWS's and GCP's metadata services over IPv6.
const METADATA_V6: [Ipv6Addr; 2] = [
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254),
];

impl Egress {
    /// What is opened besides public addresses; `None` where all but metadata services is.
    const fn allowed(&self) -> Option<&Allowed> {
        match self {
            Self::Operator => None,
            Self::Strict(allowed) | Self::Public(allowed) => Some(allowed),
        }
    }

    /// Whether a host was opened by its name, whatever its addresses are.
    pub fn opens_host(&self, name: &str) -> bool {
        self.allowed().is_none_or(|allowed| allowed.has_host(name))
    }

    /// Whether the document opens a URL's host, on whatever port it is.
    fn is_opened(&self, url: &Url) -> bool {
        let Some(allowed) = self.allowed() else {
            return false;
        };
        match url.host() {
            Some(Host::Domain(name)) => allowed.has_host(name),
            Some(Host::Ipv4(ip)) => allowed.has_address(IpAddr::V4(ip)),
            Some(Host::Ipv6(ip)) => allowed.has_address(IpAddr::V6(ip)),
            None => false,
        }
    }

    /// Reads a URL as browsers do (so `http://0x7f.1` is `127.0.0.1`) and judges all that can be judged
    /// without asking DNS: scheme, user name, port, literal addresses, metadata names.
    pub fn check_url(&self, text: &str) -> Result<Url, GuardError> {
        let url = Url::parse(text).map_err(|e| GuardError::NotAUrl(e.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(GuardError::Scheme(url.scheme().to_owned()));
        }
        match url.host() {
            None => return Err(GuardError::NotAUrl("there is no host".to_owned())),
            Some(Host::Domain(name)) => self.check_name(name)?,
            Some(Host::Ipv4(ip)) => self.check_address(&ip.to_string(), IpAddr::V4(ip))?,
            Some(Host::Ipv6(ip)) => self.check_address(&ip.to_string(), IpAddr::V6(ip))?,
        }
        if matches!(self, Self::Public(_)) {
            if !url.username().is_empty() || url.password().is_some() {
                return Err(GuardError::UserInfo);
            }
            let port = url.port_or_known_default().unwrap_or(0);
            if !PUBLIC_PORTS.contains(&port) && !self.is_opened(&url) {
                return Err(GuardError::Port(port));
            }
        }
        Ok(url)
    }

    /// Judges a mail server or another host outside a URL, as far as that is possible without asking DNS.
    pub fn check_host(&self, host: &str) -> Result<(), GuardError> {
        match host.parse() {
            Ok(address) => self.check_address(host, address),
            Err(_) => self.check_name(host),
        }
    }

    /// Judges a host name before it is looked up.
    pub fn check_name(&self, name: &str) -> Result<(), GuardError> {
        let name = plain_name(name);
        if METADATA_NAMES.contains(&name.as_str()) {
            return Err(GuardError::Metadata(name));
        }
        let local = name == "localhost" || name.ends_with(".localhost");
        if local {
            return self.check_address(&name, IpAddr::V4(Ipv4Addr::LOCALHOST));
        }
        Ok(())
    }

    /// Judges one address that `host` has, as written in a URL or as DNS gave it. An IPv4 address inside
    /// an IPv6 one (mapped, NAT64, 6to4) is judged as well.
    pub fn check_address(&self, host: &str, ip: IpAddr) -> Result<(), GuardError> {
        let inner = match ip {
            IpAddr::V4(_) => None,
            IpAddr::V6(v6) => embedded_v4(v6).map(IpAddr::V4),
        };
        if is_metadata(ip) || inner.is_some_and(is_metadata) {
            return Err(GuardError::Metadata(ip.to_string()));
        }
        let Some(allowed) = self.allowed() else {
            return Ok(());
        };
        let opened = allowed.has_host(host)
            || allowed.has_address(ip)
            || inner.is_some_and(|inner| allowed.has_address(inner));
        if opened || is_public(ip) {
            Ok(())
        } else {
            Err(GuardError::Private {
                host: host.to_owned(),
                address: ip,
            })
        }
    }
}

fn is_metadata(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => METADATA_V4.contains(&v4),
        IpAddr::V6(v6) => METADATA_V6.contains(&v6),
    }
}

/// Whether an address is one of the public internet (IANA's special-purpose registries, 2026).
/// An IPv6 address that wraps an IPv4 one is public only when both are.
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => is_public_v4(v4),
        // Mapped (::ffff:0:0/96) is never seen on the wire, so it is judged by what it stands for; the
        // translation prefixes are refused outright, as they reach whatever the translator reaches.
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    !(a == 0
        || a == 10
        || a == 127
        || a >= 224
        || (a == 100 && (64..128).contains(&b))
        || (a == 169 && b == 254)
        || (a == 172 && (16..32).contains(&b))
        || (a == 192 && b == 0 && (c == 0 || c == 2))
        || (a == 192 && b == 88 && c == 99)
        || (a == 192 && b == 168)
        || (a == 198 && (b == 18 || b == 19))
        || (a == 198 && b == 51 && c == 100)
        || (a == 203 && b == 0 && c == 113))
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    if let Some(v4) = ip.to_ipv4_mapped() {
        return is_public_v4(v4);
    }
    let s = ip.segments();
    // Only 2000::/3 is handed out; inside it: Teredo and the other protocol assignments
    // (2001::/23), documentation (2001:db8::/32, 3fff::/20) and 6to4 (2002::/16).
    s[0] & 0xe000 == 0x2000
        && !(s[0] == 0x2001 && s[1] < 0x200)
        && !(s[0] == 0x2001 && s[1] == 0xdb8)
        && !(s[0] == 0x3fff && s[1] < 0x1000)
        && s[0] != 0x2002
}

/// The IPv4 address inside an IPv6 one: compatible and mapped, NAT64 (well-known and local prefix), 6to4.
fn embedded_v4(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let parts = ip.segments();
    let join = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    let tail = join(parts[6], parts[7]);
    match parts {
        [0, 0, 0, 0, 0, 0 | 0xffff, _, _] if !ip.is_loopback() && !ip.is_unspecified() => {
            Some(tail)
        }
        [0x64, 0xff9b, 0 | 1, ..] => Some(tail),
        [0x2002, high, low, ..] => Some(join(high, low)),
        _ => None,
    }
}
