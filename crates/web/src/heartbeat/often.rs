//! How often one heartbeat may be sent: enough for a job that runs each second, too seldom to keep the disk busy.

use std::num::NonZeroU32;
use std::sync::Arc;

use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

/// Signals a second.
const EACH_SECOND: NonZeroU32 = NonZeroU32::new(5).expect("not zero");
/// Signals at once, after a while without any.
const AT_ONCE: NonZeroU32 = NonZeroU32::new(60).expect("not zero");

type Limiter<C> =
    RateLimiter<Arc<str>, DashMapStateStore<Arc<str>>, C, NoOpMiddleware<<C as Clock>::Instant>>;

/// The signals so far, by name; as many names as documents have had.
pub(super) struct Often<C: Clock = DefaultClock> {
    clock: C,
    limiter: Limiter<C>,
}

impl Often {
    /// None so far, by the system's monotonic clock.
    pub(super) fn new() -> Self {
        Self::with_clock(DefaultClock::default())
    }
}

impl<C: Clock + Clone> Often<C> {
    fn with_clock(clock: C) -> Self {
        let quota = Quota::per_second(EACH_SECOND).allow_burst(AT_ONCE);
        Self {
            limiter: RateLimiter::new(quota, DashMapStateStore::default(), clock.clone()),
            clock,
        }
    }

    /// Counts a signal; when it is one too many, the seconds to wait.
    pub(super) fn check(&self, name: &Arc<str>) -> Result<(), u32> {
        self.limiter.check_key(name).map_err(|not_until| {
            let wait = not_until.wait_time_from(self.clock.now());
            wait.as_secs() as u32 + 1
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use governor::clock::FakeRelativeClock;

    use super::*;

    #[test]
    fn one_heartbeat_comes_five_times_a_second_and_holds_up_no_other() {
        let clock = FakeRelativeClock::default();
        let often = Often::with_clock(clock.clone());
        let taken = |name: &str| {
            let name = name.into();
            (0..1_000).filter(|_| often.check(&name).is_ok()).count()
        };
        assert_eq!((taken("a"), taken("b")), (60, 60));
        assert_eq!(often.check(&"a".into()), Err(1));
        clock.advance(Duration::from_secs(10));
        assert_eq!((taken("a"), taken("a")), (50, 0));
    }
}
