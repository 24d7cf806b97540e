//! The real clock, and a watch over any clock that notices when it is set back.

use std::time::Duration;

use balefire_core::clock::Clock;
use balefire_core::time::Time;
use tokio::time::Instant;

/// A clock that is behind by less is not one that was set back.
const JITTER: Duration = Duration::from_secs(5);

/// The system's wall clock. The only place that asks the operating system for the time.
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

/// Compares the wall clock with the time that really passed. Timers are kept in wall time, since they outlive
/// the process; whoever holds some moves them when the clock is set back, or they would wait for the old time to
/// come round again.
#[derive(Debug)]
pub(crate) struct ClockWatch {
    seen: Time,
    at: Instant,
}

/// The clock was set back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SetBack {
    /// What it would show.
    pub(crate) from: Time,
    pub(crate) by: Duration,
}

impl ClockWatch {
    pub(crate) fn new(now: Time) -> Self {
        Self {
            seen: now,
            at: Instant::now(),
        }
    }

    /// Looks at the clock, which shows `now`.
    pub(crate) fn look(&mut self, now: Time) -> Option<SetBack> {
        let from = self.seen.after(self.at.elapsed());
        *self = Self::new(now);
        (now.after(JITTER) < from).then(|| {
            tracing::warn!(%from, to = %now, "the clock was set back");
            SetBack {
                from,
                by: from.since(now),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_clock_that_stands_still_runs_slow_or_jumps_ahead_was_not_set_back() {
        let start = Time::from_secs(1_000_000);
        let mut watch = ClockWatch::new(start);
        for (passed, shown) in [(10, 10), (2, 10), (10, 18), (10, 1_000), (3, 1_003)] {
            tokio::time::advance(Duration::from_secs(passed)).await;
            assert_eq!(watch.look(start.after(Duration::from_secs(shown))), None);
        }
        tokio::time::advance(Duration::from_secs(20)).await;
        let back = SetBack {
            from: start.after(Duration::from_secs(1_023)),
            by: Duration::from_secs(1_000),
        };
        assert_eq!(watch.look(start.after(Duration::from_secs(23))), Some(back));
        assert_eq!(watch.look(start.after(Duration::from_secs(23))), None);
    }
}
