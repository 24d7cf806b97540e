//! How many connections there may be, in all and from one address.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use parking_lot::Mutex;

/// Connections in all.
const IN_ALL: usize = 8192;
/// Connections from one address that is not this machine; a page of the console needs a few.
const PER_ADDRESS: usize = 512;

/// The connections there are.
pub(crate) struct Seats {
    in_all: usize,
    per_address: usize,
    taken: Mutex<Taken>,
}

impl Default for Seats {
    fn default() -> Self {
        Self::of(IN_ALL, PER_ADDRESS)
    }
}

#[derive(Default)]
struct Taken {
    in_all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// A taken seat; given back when it goes.
pub(crate) struct Seat {
    seats: Arc<Seats>,
    address: IpAddr,
}

impl Seats {
    /// So many in all, and so many from one address that is not this machine.
    pub(crate) fn of(in_all: usize, per_address: usize) -> Self {
        Self {
            in_all,
            per_address,
            taken: Mutex::default(),
        }
    }

    /// A seat for a connection from `address`; `None` when it has enough of them, or all are taken.
    pub(crate) fn take(self: &Arc<Self>, address: IpAddr) -> Option<Seat> {
        let address = neighbourhood(address);
        let mut taken = self.taken.lock();
        let here = taken.by_address.get(&address).copied().unwrap_or(0);
        if taken.in_all >= self.in_all || (here >= self.per_address && !address.is_loopback()) {
            return None;
        }
        taken.in_all += 1;
        *taken.by_address.entry(address).or_default() += 1;
        drop(taken);
        Some(Seat {
            seats: Arc::clone(self),
            address,
        })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken.lock();
        taken.in_all = taken.in_all.saturating_sub(1);
        if let Some(here) = taken.by_address.get_mut(&self.address) {
            *here -= 1;
            if *here == 0 {
                taken.by_address.remove(&self.address);
            }
        }
    }
}

/// What counts as one sender: an IPv4 address, or the /64 network that one IPv6 host usually owns.
pub(crate) fn neighbourhood(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) if !v6.is_loopback() => {
            IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64)))
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn an_address_has_only_so_many_connections_and_others_keep_theirs() {
        let seats = Arc::new(Seats::default());
        let mut held: Vec<Seat> = (0..PER_ADDRESS)
            .map(|_| seats.take(address("192.0.2.1")).expect("a seat"))
            .collect();
        assert!(seats.take(address("192.0.2.1")).is_none());
        assert!(
            seats.take(address("::ffff:192.0.2.1")).is_none(),
            "the same host"
        );
        assert!(seats.take(address("192.0.2.2")).is_some());
        held.pop();
        assert!(seats.take(address("192.0.2.1")).is_some());
        drop(held);
        let taken = seats.taken.lock();
        assert_eq!((taken.in_all, taken.by_address.len()), (0, 0));
    }

    #[test]
    fn all_together_have_only_so_many_but_this_machine_may_have_most() {
        let seats = Arc::new(Seats::default());
        let held: Vec<Seat> = std::iter::from_fn(|| seats.take(address("127.0.0.1"))).collect();
        assert_eq!(held.len(), IN_ALL);
        assert!(seats.take(address("192.0.2.2")).is_none());
    }

    #[test]
    fn a_whole_ipv6_network_counts_as_one_sender() {
        assert_eq!(
            neighbourhood(address("2001:db8::1:2")),
            neighbourhood(address("2001:db8::9"))
        );
        assert_ne!(
            neighbourhood(address("2001:db8::1")),
            neighbourhood(address("2001:db8:0:1::1"))
        );
        assert_eq!(neighbourhood(address("::1")), address("::1"));
    }
}
