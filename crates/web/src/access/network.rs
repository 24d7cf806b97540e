//! Networks in CIDR form.

use std::net::IpAddr;

/// Whether `address` lies in `network` (`10.0.0.0/8`, `::1`, `fd00::/8`); an unreadable network holds nothing.
pub(crate) fn contains(network: &str, address: IpAddr) -> bool {
    let (base, bits) = network.split_once('/').unwrap_or((network, ""));
    let Ok(base) = base.trim().parse::<IpAddr>() else {
        return false;
    };
    let (base, address) = (base.to_canonical(), address.to_canonical());
    let (base, address, width) = match (base, address) {
        (IpAddr::V4(base), IpAddr::V4(address)) => (
            u128::from(base.to_bits()) << 96,
            u128::from(address.to_bits()) << 96,
            32,
        ),
        (IpAddr::V6(base), IpAddr::V6(address)) => (base.to_bits(), address.to_bits(), 128),
        _ => return false,
    };
    let bits: u32 = if bits.is_empty() {
        width
    } else {
        bits.trim().parse().unwrap_or(u32::MAX)
    };
    if bits > width {
        return false;
    }
    bits == 0 || (base ^ address) >> (128 - bits) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_its_addresses_and_no_others() {
        let holds = |network, address: &str| contains(network, address.parse().expect("address"));
        assert!(holds("10.0.0.0/8", "10.255.1.2") && !holds("10.0.0.0/8", "11.0.0.1"));
        assert!(holds("127.0.0.1", "127.0.0.1") && holds("127.0.0.0/8", "::ffff:127.9.9.9"));
        assert!(holds("fd00::/8", "fd12::1") && !holds("fd00::/8", "fe80::1"));
        assert!(holds("0.0.0.0/0", "8.8.8.8") && !holds("0.0.0.0/0", "::1"));
        assert!(!holds("10.0.0.0/40", "10.0.0.0") && !holds("nonsense", "10.0.0.0"));
    }
}
