//! Every written form of an address that must not be reached (security tests S20, S22, S25, S27, S28).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use proptest::prelude::*;

use super::super::allowed::Allowed;
use super::super::guard::{Egress, GuardError, PUBLIC_PORTS, is_public};

fn public() -> Egress {
    Egress::Public(Allowed::NOTHING)
}

fn opened(texts: &[&str]) -> Allowed {
    let mut allowed = Allowed::default();
    for text in texts {
        assert!(allowed.open(text), "{text}");
    }
    allowed
}

#[test]
fn strangers_reach_no_form_of_a_private_address() {
    for url in [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://LOCALHOST./",
        "http://db.localhost/",
        "http://[::1]/",
        "http://[::]/",
        "http://0/",
        "http://0.0.0.0/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0x7f.1/",
        "http://017700000001/",
        "http://①②⑦.0.0.1/",
        "http://10.1.2.3/",
        "http://172.31.255.255/",
        "http://192.168.1.1/",
        "http://100.64.0.1/",
        "http://198.18.0.1/",
        "http://224.0.0.1/",
        "http://255.255.255.255/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[::7f00:1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[64:ff9b:1::a00:1]/",
        "http://[2002:7f00:1::]/",
        "http://[2001:0:1::1]/",
        "http://[2001:db8::1]/",
        "http://[fe80::1]/",
        "http://[fec0::1]/",
        "http://[fc00::1]/",
        "http://[ff02::1]/",
        "http://[100::1]/",
    ] {
        let judged = public().check_url(url);
        assert!(
            matches!(judged, Err(GuardError::Private { .. })),
            "{url}: {judged:?}"
        );
    }
    assert!(matches!(
        public().check_url("http://[fe80::1%25lo]/"),
        Err(GuardError::NotAUrl(_))
    ));
}

#[test]
fn nobody_reaches_metadata() {
    for url in [
        "http://169.254.169.254/latest/meta-data/",
        "http://0xa9fea9fe/",
        "http://2852039166/",
        "http://[::ffff:169.254.169.254]/",
        "http://[64:ff9b::a9fe:a9fe]/",
        "http://[2002:a9fe:a9fe::]/",
        "http://100.100.100.200/",
        "http://168.63.129.16/",
        "http://[fd00:ec2::254]/",
        "http://metadata.google.internal/",
        "http://METADATA.google.internal./",
        "http://metadata.tencentyun.com/",
    ] {
        let all = opened(&[
            "0.0.0.0/0",
            "::/0",
            "*.google.internal",
            "metadata.tencentyun.com",
        ]);
        let rings = [
            Egress::Operator,
            public(),
            Egress::Public(all.clone()),
            Egress::Strict(all),
        ];
        for egress in rings {
            let judged = egress.check_url(url);
            assert!(
                matches!(judged, Err(GuardError::Metadata(_))),
                "{url}: {judged:?}"
            );
        }
    }
}

#[test]
fn the_operator_reaches_private_hosts_on_any_port() {
    for url in [
        "http://127.0.0.1:5432/",
        "http://localhost:9093/x",
        "http://10.0.0.7:25/",
        "http://[fd12::1]:8000/",
        "http://user:pass@alerts.corp/",
    ] {
        assert!(Egress::Operator.check_url(url).is_ok(), "{url}");
    }
}

#[test]
fn strangers_reach_public_addresses_on_web_ports_only() {
    for url in [
        "https://example.com/",
        "http://8.8.8.8:8080/",
        "https://[2606:4700::1111]:8443/a",
    ] {
        assert!(public().check_url(url).is_ok(), "{url}");
    }
    for port in [22, 25, 6379, 11211, 5432] {
        let judged = public().check_url(&format!("http://example.com:{port}/"));
        assert_eq!(judged, Err(GuardError::Port(port)));
    }
    assert_eq!(
        public().check_url("https://u:p@example.com/"),
        Err(GuardError::UserInfo)
    );
}

#[test]
fn a_network_the_operator_opened_is_reached() {
    let egress = Egress::Public(opened(&["10.9.0.0/16"]));
    assert!(egress.check_url("http://10.9.8.7/").is_ok());
    assert!(egress.check_url("http://[::ffff:10.9.8.7]/").is_ok());
    assert!(matches!(
        egress.check_url("http://10.8.8.7/"),
        Err(GuardError::Private { .. })
    ));
}

#[test]
fn a_strict_document_reaches_public_addresses_and_what_it_opened_on_any_port() {
    let egress = Egress::Strict(opened(&["10.9.0.0/16", "fd12::/16", "hook.localhost"]));
    for url in [
        "https://example.com:9093/",
        "http://user:pass@8.8.8.8:25/",
        "http://10.9.8.7:5001/",
        "http://[fd12::1]/",
        "http://hook.localhost/",
    ] {
        assert!(egress.check_url(url).is_ok(), "{url}");
    }
    for (url, shown) in [
        ("http://10.8.8.7/", "10.8.8.7 is neither"),
        ("http://[fd13::1]/", "fd13::1 is neither"),
        ("http://localhost:9093/", "localhost (127.0.0.1) is neither"),
    ] {
        let error = egress.check_url(url).expect_err("out of reach");
        assert!(error.to_string().starts_with(shown), "{error}");
        assert!(
            error.to_string().ends_with("access.egress.allow"),
            "{error}"
        );
        assert!(
            error.fix().contains("access.egress.allow"),
            "{}",
            error.fix()
        );
    }
    assert!(egress.check_host("10.8.8.7").is_err() && egress.check_host("10.9.8.7").is_ok());
}

#[test]
fn only_http_and_https() {
    for url in [
        "file:///etc/passwd",
        "gopher://x/",
        "ftp://x/",
        "unix:/run/x",
        "data:text/html,x",
    ] {
        for egress in [Egress::Operator, public()] {
            let judged = egress.check_url(url);
            assert!(
                matches!(judged, Err(GuardError::Scheme(_))),
                "{url}: {judged:?}"
            );
        }
    }
    for url in ["", "//x", "x", "http://", "http:///"] {
        assert!(
            matches!(Egress::Operator.check_url(url), Err(GuardError::NotAUrl(_))),
            "{url}"
        );
    }
}

proptest! {
    /// Against the special-purpose registry written as networks, not as arithmetic.
    #[test]
    fn an_ipv4_address_is_public_exactly_outside_the_registry(bits in any::<u32>(), pick in 0_usize..30) {
        let reserved: Vec<ipnet::Ipv4Net> = [
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
            "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
            "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        ].iter().map(|net| net.parse().expect("a network")).collect();
        // Half of the cases near a border, where mistakes live.
        let ip = match reserved.get(pick) {
            Some(net) => Ipv4Addr::from(u32::from(net.network()).wrapping_add(bits % 512).wrapping_sub(256)),
            None => Ipv4Addr::from(bits),
        };
        let expected = !reserved.iter().any(|net| net.contains(&ip));
        prop_assert_eq!(is_public(IpAddr::V4(ip)), expected);
        prop_assert_eq!(is_public(IpAddr::V6(ip.to_ipv6_mapped())), expected);
    }

    #[test]
    fn an_ipv6_address_is_public_only_in_global_unicast(bits in any::<u128>(), in_global in any::<bool>()) {
        let bits = if in_global { (bits & (u128::MAX >> 3)) | (1 << 125) } else { bits };
        let ip = Ipv6Addr::from(bits);
        let reserved = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"];
        let within = |net: &&str| net.parse::<ipnet::Ipv6Net>().expect("a network").contains(&ip);
        let global = "2000::/3".parse::<ipnet::Ipv6Net>().expect("a network").contains(&ip);
        if ip.to_ipv4_mapped().is_none() {
            prop_assert_eq!(is_public(IpAddr::V6(ip)), global && !reserved.iter().any(within));
        }
    }

    #[test]
    fn judging_never_panics(text in ".{0,60}", port in any::<u16>()) {
        for url in [text.clone(), format!("http://{text}"), format!("http://{text}:{port}/")] {
            if let Ok(url) = public().check_url(&url) {
                prop_assert!(PUBLIC_PORTS.contains(&url.port_or_known_default().unwrap_or(0)));
            }
        }
    }
}
