//! Who is at the other end.

use std::net::{IpAddr, SocketAddr};

use balefire_config::plan::Access;
use http::HeaderMap;

use super::network::contains;

/// Headers by which a proxy shows itself.
const FORWARDING: [&str; 6] = [
    "forwarded",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
];
/// Addresses of `X-Forwarded-For` that are looked at, from the right.
const HOPS: usize = 32;

/// The other end of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Caller {
    /// The client's address: the peer's, unless that is a trusted proxy which names another.
    pub(super) address: IpAddr,
    /// Whether it is this machine, with no sign of a proxy in between.
    pub(super) is_local: bool,
}

impl Caller {
    pub(super) fn of(access: &Access, peer: SocketAddr, headers: &HeaderMap) -> Self {
        let peer = peer.ip().to_canonical();
        let forwarded = FORWARDING.iter().any(|name| headers.contains_key(*name));
        Self {
            address: client(access, peer, headers),
            is_local: peer.is_loopback() && !forwarded,
        }
    }
}

/// The address furthest to the left that only trusted proxies have vouched for. Anyone can write
/// the header, so from a peer that is not trusted it counts for nothing.
fn client(access: &Access, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let is_trusted = |address: IpAddr| {
        let mut networks = access.trusted_proxies.iter();
        networks.any(|network| contains(network, address))
    };
    let named = headers
        .get_all("x-forwarded-for")
        .iter()
        .rev()
        .flat_map(|line| {
            let line = line.to_str().unwrap_or_default();
            line.rsplit(',')
                .map(|hop| address_of(hop.trim()))
                .collect::<Vec<_>>()
        });
    let mut client = peer;
    for hop in named.take(HOPS) {
        let Some(address) = hop.filter(|_| is_trusted(client)) else {
            break;
        };
        client = address;
    }
    client
}

/// `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:4711`.
fn address_of(text: &str) -> Option<IpAddr> {
    let bare = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    bare.unwrap_or(text)
        .parse::<IpAddr>()
        .or_else(|_| text.parse::<SocketAddr>().map(|socket| socket.ip()))
        .ok()
        .map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(peer: &str, lines: &[(&'static str, &str)]) -> Caller {
        let access = Access {
            trusted_proxies: vec!["10.0.0.0/8".to_owned(), "::1/128".to_owned()],
            ..Access::default()
        };
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().expect("a header"));
        }
        let peer = SocketAddr::new(peer.parse().expect("an address"), 4711);
        Caller::of(&access, peer, &headers)
    }

    #[test]
    fn the_forwarding_header_counts_only_as_far_as_trusted_proxies_vouch_for_it() {
        let xff = "x-forwarded-for";
        for (peer, lines, address) in [
            ("192.0.2.9", vec![], "192.0.2.9"),
            ("192.0.2.9", vec![(xff, "127.0.0.1")], "192.0.2.9"),
            ("10.0.0.1", vec![], "10.0.0.1"),
            ("10.0.0.1", vec![(xff, "198.51.100.7")], "198.51.100.7"),
            (
                "10.0.0.1",
                vec![(xff, "127.0.0.1, 198.51.100.7")],
                "198.51.100.7",
            ),
            (
                "10.0.0.1",
                vec![(xff, "198.51.100.7, 10.2.2.2")],
                "198.51.100.7",
            ),
            (
                "10.0.0.1",
                vec![(xff, "198.51.100.7"), (xff, "10.2.2.2")],
                "198.51.100.7",
            ),
            ("10.0.0.1", vec![(xff, "nonsense, 10.2.2.2")], "10.2.2.2"),
            ("10.0.0.1", vec![(xff, "[2001:db8::5]:80")], "2001:db8::5"),
            ("10.0.0.1", vec![(xff, "198.51.100.7:80")], "198.51.100.7"),
            (
                "10.0.0.1",
                vec![("forwarded", "for=198.51.100.7")],
                "10.0.0.1",
            ),
            ("::1", vec![(xff, "::ffff:198.51.100.7")], "198.51.100.7"),
            ("::ffff:192.0.2.9", vec![], "192.0.2.9"),
        ] {
            let found = caller(peer, &lines).address;
            assert_eq!(found.to_string(), address, "{peer} {lines:?}");
        }
    }

    #[test]
    fn a_request_is_local_only_from_loopback_and_not_forwarded() {
        for (peer, lines, local) in [
            ("127.0.0.1", vec![], true),
            ("127.8.8.8", vec![], true),
            ("::1", vec![], true),
            ("::ffff:127.0.0.1", vec![], true),
            ("10.0.0.1", vec![], false),
            ("127.0.0.1", vec![("x-forwarded-for", "127.0.0.1")], false),
            ("127.0.0.1", vec![("forwarded", "for=127.0.0.1")], false),
            ("127.0.0.1", vec![("x-real-ip", "127.0.0.1")], false),
            ("127.0.0.1", vec![("via", "1.1 proxy")], false),
            ("127.0.0.1", vec![("x-forwarded-proto", "https")], false),
        ] {
            assert_eq!(caller(peer, &lines).is_local, local, "{peer} {lines:?}");
        }
    }
}
