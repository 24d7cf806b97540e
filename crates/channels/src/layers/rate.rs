//! Whether a provider's quota has room: a sliding window for each quota, exact to the call.

use std::collections::VecDeque;
use std::time::Duration;

use balefire_core::time::Time;

use crate::spec::Quota;

/// The answer to "may one more call leave now?".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permit {
    /// Yes; it is counted.
    Granted,
    /// Not before then; nothing is counted.
    Wait(Time),
}

/// The calls of one account against all its quotas.
#[derive(Debug, Clone)]
pub struct Bucket {
    windows: Vec<Window>,
    blocked_until: Time,
    latest: Time,
}

#[derive(Debug, Clone)]
struct Window {
    quota: Quota,
    /// The last `quota.calls` calls, oldest first.
    calls: VecDeque<Time>,
}

impl Bucket {
    /// An empty bucket; without quotas it grants everything. A quota of no calls counts as one call, since
    /// nothing could ever leave otherwise.
    pub fn new(quotas: &[Quota]) -> Self {
        let windows = quotas
            .iter()
            .map(|quota| Window {
                quota: Quota {
                    calls: quota.calls.max(1),
                    ..*quota
                },
                calls: VecDeque::new(),
            })
            .collect();
        Self {
            windows,
            blocked_until: Time::EPOCH,
            latest: Time::EPOCH,
        }
    }

    /// Asks for one call. In any half-open span as long as a quota's, no more than its calls are granted.
    /// A clock that goes back is read as standing still.
    pub fn permit(&mut self, now: Time) -> Permit {
        let now = now.max(self.latest);
        let free = self.free_at();
        if free > now {
            return Permit::Wait(free);
        }
        self.record(now);
        Permit::Granted
    }

    /// When the next call may leave; in the past when at once.
    pub fn free_at(&self) -> Time {
        self.windows
            .iter()
            .filter_map(Window::free_at)
            .fold(self.blocked_until, Time::max)
    }

    /// Counts a call that left without asking (before a restart, from another node).
    pub fn record(&mut self, at: Time) {
        self.latest = self.latest.max(at);
        for window in &mut self.windows {
            window.record(at);
        }
    }

    /// The provider said that a quota was exceeded: nothing leaves for as long as it wishes, or as long as
    /// the longest penalty among the quotas when it does not say.
    pub fn penalty(&mut self, now: Time, wish: Option<Duration>) {
        let longest = self.windows.iter().map(|window| window.quota.penalty).max();
        let wait = wish.or(longest).unwrap_or(Duration::ZERO);
        self.blocked_until = self.blocked_until.max(now.after(wait));
    }

    /// How many more calls would be granted at this moment; `u32::MAX` without quotas.
    pub fn room(&self, now: Time) -> u32 {
        if self.blocked_until > now {
            return 0;
        }
        let rooms = self.windows.iter().map(|window| window.room(now));
        rooms.min().unwrap_or(u32::MAX)
    }

    /// How many more calls each quota by itself would grant at this moment.
    pub fn rooms(&self, now: Time) -> impl Iterator<Item = (Quota, u32)> + '_ {
        let room = move |window: &Window| (window.quota, window.room(now));
        self.windows.iter().map(room)
    }

    /// Until when the provider's penalty lasts, while it does.
    pub fn held_until(&self, now: Time) -> Option<Time> {
        (self.blocked_until > now).then_some(self.blocked_until)
    }
}

impl Window {
    fn free_at(&self) -> Option<Time> {
        if self.calls.len() < self.quota.calls as usize {
            return None;
        }
        self.calls
            .front()
            .map(|oldest| oldest.after(self.quota.per))
    }

    fn record(&mut self, at: Time) {
        // Calls recorded from elsewhere may come out of order; the order is what `free_at` lives on.
        let place = self.calls.partition_point(|call| *call <= at);
        self.calls.insert(place, at);
        if self.calls.len() > self.quota.calls as usize {
            self.calls.pop_front();
        }
    }

    fn room(&self, now: Time) -> u32 {
        let used = self
            .calls
            .iter()
            .filter(|call| call.after(self.quota.per) > now)
            .count();
        self.quota
            .calls
            .saturating_sub(u32::try_from(used).unwrap_or(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const START: Time = Time::from_secs(1_800_000_000);

    fn quota(calls: u32, secs: u64, penalty: u64) -> Quota {
        Quota {
            calls,
            per: Duration::from_secs(secs),
            penalty: Duration::from_secs(penalty),
        }
    }

    #[test]
    fn a_robots_twenty_a_minute() {
        let mut bucket = Bucket::new(&[quota(20, 60, 600)]);
        for _ in 0..20 {
            assert_eq!(bucket.permit(START), Permit::Granted);
        }
        let next = START.after(Duration::from_mins(1));
        assert_eq!(bucket.permit(START), Permit::Wait(next));
        assert_eq!(bucket.room(START), 0);
        assert_eq!(bucket.permit(next), Permit::Granted);
        assert_eq!(bucket.room(next), 19);
    }

    #[test]
    fn a_penalty_stops_everything_for_its_time() {
        let mut bucket = Bucket::new(&[quota(20, 60, 600)]);
        bucket.penalty(START, None);
        assert_eq!(
            bucket.permit(START),
            Permit::Wait(START.after(Duration::from_mins(10)))
        );
        bucket.penalty(START, Some(Duration::from_secs(3)));
        assert_eq!(
            bucket.free_at(),
            START.after(Duration::from_mins(10)),
            "never shortened"
        );
    }

    #[test]
    fn a_clock_that_goes_back_grants_nothing_extra() {
        let mut bucket = Bucket::new(&[quota(1, 60, 0)]);
        assert_eq!(bucket.permit(START), Permit::Granted);
        let back = START.before(Duration::from_hours(1));
        assert_eq!(
            bucket.permit(back),
            Permit::Wait(START.after(Duration::from_mins(1)))
        );
    }

    #[test]
    fn without_quotas_everything_leaves() {
        let mut bucket = Bucket::new(&[]);
        assert!((0..1000).all(|_| bucket.permit(START) == Permit::Granted));
        assert_eq!(bucket.room(START), u32::MAX);
    }

    proptest! {
        #[test]
        fn no_window_ever_holds_more_than_its_quota(
            quotas in proptest::collection::vec((1_u32..6, 1_u64..20), 1..4),
            steps in proptest::collection::vec(0_i64..4_000, 1..200),
        ) {
            let quotas: Vec<Quota> = quotas.into_iter().map(|(c, s)| quota(c, s, 0)).collect();
            let mut bucket = Bucket::new(&quotas);
            let mut now = START.millis();
            let mut granted = Vec::new();
            for step in steps {
                now += step;
                if bucket.permit(Time::from_millis(now)) == Permit::Granted {
                    granted.push(now);
                }
            }
            // Independent of how the bucket counts: look at the window that begins at each call.
            for q in &quotas {
                let span = i64::try_from(q.per.as_millis()).expect("seconds");
                for from in &granted {
                    let inside = granted.iter().filter(|t| (*from..from + span).contains(t)).count();
                    prop_assert!(inside <= q.calls as usize);
                }
            }
        }

        #[test]
        fn the_time_to_wait_for_is_the_earliest_that_is_granted(
            quotas in proptest::collection::vec((1_u32..4, 1_u64..10), 1..3),
            steps in proptest::collection::vec(0_i64..3_000, 1..60),
        ) {
            let quotas: Vec<Quota> = quotas.into_iter().map(|(c, s)| quota(c, s, 0)).collect();
            let mut bucket = Bucket::new(&quotas);
            let mut now = START.millis();
            for step in steps {
                now += step;
                if let Permit::Wait(until) = bucket.permit(Time::from_millis(now)) {
                    let early = until.before(Duration::from_micros(1));
                    prop_assert_eq!(bucket.clone().permit(early), Permit::Wait(until));
                    prop_assert_eq!(bucket.clone().permit(until), Permit::Granted);
                }
            }
        }
    }
}
