//! Failed log-ins and other refusals, kept from becoming many: a sender that guesses is slowed down, and
//! what is written down about refused requests has a limit.

use std::collections::HashMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::InMemoryState;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use parking_lot::Mutex;

use crate::listener::neighbourhood;

/// Wrong tokens or passwords that one sender may show before it must wait.
const BURST: NonZeroU32 = NonZeroU32::new(20).expect("not zero");
/// Then one in so long.
const ONE_IN: Duration = Duration::from_secs(3);
/// Refusals of strangers that are written down at once; then one a second.
const NOTED: NonZeroU32 = NonZeroU32::new(60).expect("not zero");
/// After so many failures, senders that have been quiet for a while are forgotten.
const FORGET_EVERY: u64 = 1_024;

type Keyed<C> =
    RateLimiter<IpAddr, DashMapStateStore<IpAddr>, C, NoOpMiddleware<<C as Clock>::Instant>>;
type Direct<C> =
    RateLimiter<governor::state::NotKeyed, InMemoryState, C, NoOpMiddleware<<C as Clock>::Instant>>;

/// The refusals so far.
pub(crate) struct Guesses<C: Clock = DefaultClock> {
    clock: C,
    failures: Keyed<C>,
    /// Senders whose passwords are not even looked at, and until when.
    shut: Mutex<HashMap<IpAddr, C::Instant>>,
    noted: Direct<C>,
    count: AtomicU64,
}

impl Guesses {
    /// None so far, by the system's monotonic clock.
    pub(crate) fn new() -> Self {
        Self::with_clock(DefaultClock::default())
    }
}

impl<C: Clock + Clone> Guesses<C> {
    fn with_clock(clock: C) -> Self {
        let failures = Quota::with_period(ONE_IN).unwrap_or(Quota::per_second(NonZeroU32::MIN));
        Self {
            failures: RateLimiter::new(
                failures.allow_burst(BURST),
                DashMapStateStore::default(),
                clock.clone(),
            ),
            noted: RateLimiter::direct_with_clock(
                Quota::per_second(NonZeroU32::MIN).allow_burst(NOTED),
                clock.clone(),
            ),
            shut: Mutex::default(),
            count: AtomicU64::new(0),
            clock,
        }
    }

    /// Counts a wrong token or password; when it is one too many, the time to wait.
    pub(crate) fn failed(&self, sender: IpAddr) -> Result<(), Duration> {
        let sender = neighbourhood(sender);
        if self.count.fetch_add(1, Ordering::Relaxed) % FORGET_EVERY == FORGET_EVERY - 1 {
            self.forget();
        }
        self.failures.check_key(&sender).map_err(|not_until| {
            let now = self.clock.now();
            let until = not_until.earliest_possible();
            self.shut.lock().insert(sender, until);
            not_until.wait_time_from(now)
        })
    }

    /// Whether a sender has guessed so often that its passwords are not looked at. People choose
    /// passwords, so a right guess must be as slow as a wrong one; tokens are too long to guess.
    pub(crate) fn is_shut(&self, sender: IpAddr) -> bool {
        let until = self.shut.lock().get(&neighbourhood(sender)).copied();
        until.is_some_and(|until| until > self.clock.now())
    }

    fn forget(&self) {
        let now = self.clock.now();
        self.failures.retain_recent();
        self.shut.lock().retain(|_, until| *until > now);
    }

    /// Whether another refusal of a stranger is to be written down.
    pub(crate) fn may_note(&self) -> bool {
        self.noted.check().is_ok()
    }
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn a_sender_may_guess_twenty_times_and_then_once_in_three_seconds() {
        let clock = FakeRelativeClock::default();
        let guesses = Guesses::with_clock(clock.clone());
        let sender = address("192.0.2.1");
        for _ in 0..20 {
            assert_eq!(guesses.failed(sender), Ok(()));
        }
        assert!(!guesses.is_shut(sender));
        let wait = guesses.failed(sender).expect_err("too many");
        assert_eq!(wait.as_secs_f64().ceil() as u64, 3);
        assert!(guesses.is_shut(sender) && !guesses.is_shut(address("192.0.2.2")));
        assert_eq!(guesses.failed(address("192.0.2.2")), Ok(()));
        clock.advance(Duration::from_secs(3));
        assert!(!guesses.is_shut(sender));
        assert_eq!(guesses.failed(sender), Ok(()));
        assert!(guesses.failed(sender).is_err() && guesses.is_shut(sender));
    }

    #[test]
    fn strangers_cannot_fill_the_record() {
        let clock = FakeRelativeClock::default();
        let guesses = Guesses::with_clock(clock.clone());
        let noted = (0..1_000).filter(|_| guesses.may_note()).count();
        assert_eq!(noted, 60);
        clock.advance(Duration::from_secs(5));
        assert_eq!((0..1_000).filter(|_| guesses.may_note()).count(), 5);
    }

    #[test]
    fn senders_that_have_been_quiet_are_forgotten() {
        let clock = FakeRelativeClock::default();
        let guesses = Guesses::with_clock(clock.clone());
        for number in 0..20_000_u32 {
            let _ = guesses.failed(std::net::Ipv4Addr::from_bits(number).into());
            clock.advance(Duration::from_millis(10));
        }
        let remembered = guesses.failures.len() as u64;
        assert!(remembered <= 2 * FORGET_EVERY, "{remembered}");
    }
}
