//! A clock that moves only when it is told to, so that a signature, a quota or a token's life can
//! be tested to the second.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use balefire_core::clock::Clock;
use balefire_core::time::Time;

/// The instant at which a fresh [`ManualClock`] stands: 2026-11-21T08:30:00Z, the instant of the
/// wire contracts' test vectors.
pub const VECTOR_TIME: Time = Time::from_secs(1_795_249_800);

/// A clock moved by hand. Clones show the same time.
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// A clock that stands at `time`.
    pub fn at(time: Time) -> Self {
        Self(Arc::new(AtomicI64::new(time.micros())))
    }

    /// Moves the clock forward.
    pub fn advance(&self, span: Duration) {
        self.set(self.now().after(span));
    }

    /// Sets the clock, forward or back: operators' clocks do jump.
    pub fn set(&self, time: Time) {
        self.0.store(time.micros(), Ordering::SeqCst);
    }
}

/// The clock that was given, or a fresh one to be moved by hand.
pub(crate) fn or_manual(given: Option<Arc<dyn Clock>>) -> (Arc<dyn Clock>, Option<ManualClock>) {
    if let Some(clock) = given {
        return (clock, None);
    }
    let manual = ManualClock::default();
    (Arc::new(manual.clone()), Some(manual))
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::at(VECTOR_TIME)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Time {
        Time::from_micros(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_show_the_same_time_and_the_clock_moves_both_ways() {
        let clock = ManualClock::default();
        let other = clock.clone();
        clock.advance(Duration::from_millis(1_500));
        assert_eq!(other.now().millis(), VECTOR_TIME.millis() + 1_500);
        other.set(Time::from_secs(5));
        assert_eq!(clock.now(), Time::from_secs(5));
    }
}
