//! The real clock. The only place that asks the operating system for the time.

use balefire_core::clock::Clock;
use balefire_core::time::Time;

/// The system's wall clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "everybody else is handed this clock"
    )]
    fn now(&self) -> Time {
        Time::from(jiff::Timestamp::now())
    }
}
