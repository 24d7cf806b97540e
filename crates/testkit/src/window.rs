//! Rate limits as providers keep them: so many calls in a sliding span, and a bucket that refills.

use std::collections::VecDeque;
use std::time::Duration;

use balefire_core::time::Time;

/// At most `calls` in any span of `per`.
#[derive(Debug)]
pub(crate) struct Window {
    calls: usize,
    per: Duration,
    taken: VecDeque<Time>,
}

impl Window {
    pub(crate) fn new(calls: usize, per: Duration) -> Self {
        Self {
            calls,
            per,
            taken: VecDeque::new(),
        }
    }

    /// Whether one more call fits now; does not take it.
    pub(crate) fn has_room(&mut self, now: Time) -> bool {
        while self
            .taken
            .front()
            .is_some_and(|first| now.since(*first) >= self.per)
        {
            self.taken.pop_front();
        }
        self.taken.len() < self.calls
    }

    /// Takes one call; call only after [`Window::has_room`] said yes.
    pub(crate) fn take(&mut self, now: Time) {
        self.taken.push_back(now);
    }

    /// Takes one call if it fits.
    pub(crate) fn admit(&mut self, now: Time) -> bool {
        let room = self.has_room(now);
        if room {
            self.take(now);
        }
        room
    }
}

/// Room for a burst that comes back at one call per `every`.
#[derive(Debug)]
pub(crate) struct Bucket {
    burst: u32,
    every: Duration,
    /// When the bucket will be full again.
    full_at: Time,
}

impl Bucket {
    pub(crate) fn new(burst: u32, every: Duration) -> Self {
        Self {
            burst,
            every,
            full_at: Time::EPOCH,
        }
    }

    /// Takes one call, or says how long to wait for it.
    pub(crate) fn admit(&mut self, now: Time) -> Result<(), Duration> {
        let missing = self.full_at.since(now);
        let most = self.every * self.burst.saturating_sub(1);
        if let Some(wait) = missing.checked_sub(most).filter(|wait| !wait.is_zero()) {
            return Err(wait);
        }
        self.full_at = self.full_at.max(now).after(self.every);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_admits_so_many_in_any_span() {
        let mut window = Window::new(2, Duration::from_mins(1));
        assert!(window.admit(Time::from_secs(0)));
        assert!(window.admit(Time::from_secs(30)));
        assert!(!window.admit(Time::from_secs(59)));
        assert!(
            window.admit(Time::from_secs(60)),
            "the first has left the span"
        );
        assert!(!window.admit(Time::from_secs(89)));
        assert!(window.admit(Time::from_secs(90)));
    }

    #[test]
    fn a_bucket_allows_its_burst_and_then_one_per_interval() {
        let mut bucket = Bucket::new(3, Duration::from_secs(1));
        let start = Time::from_secs(100);
        assert!((0..3).all(|_| bucket.admit(start).is_ok()));
        assert_eq!(bucket.admit(start), Err(Duration::from_secs(1)));
        assert_eq!(bucket.admit(start.after(Duration::from_secs(1))), Ok(()));
        assert_eq!(
            bucket.admit(start.after(Duration::from_secs(1))),
            Err(Duration::from_secs(1))
        );
        let later = start.after(Duration::from_mins(1));
        assert!((0..3).all(|_| bucket.admit(later).is_ok()));
        assert!(
            bucket.admit(later).is_err(),
            "an idle bucket holds no more than its burst"
        );
    }
}
