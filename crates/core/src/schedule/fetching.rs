//! Fetching a calendar: when it is tried, and what became of it.

use std::time::Duration;

use crate::time::Time;

/// A calendar that could not be fetched is tried again after this long, or as soon as it would be anyway.
const AGAIN: Duration = Duration::from_mins(5);
/// No server may ask to be left alone for longer.
const MAX_WAIT: Duration = Duration::from_hours(1);

/// What became of fetching a calendar.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fetching {
    /// When it was tried last.
    pub tried_at: Option<Time>,
    /// When it was last heard what the calendar says, be it new or as before.
    pub fetched_at: Option<Time>,
    /// Since when every try has failed.
    pub failing_since: Option<Time>,
    /// Why; empty when the last try was good.
    pub error: String,
    /// The server's word that it wants to be left alone until then.
    pub wait_until: Option<Time>,
    /// What the server calls the version that was fetched last: its `ETag`; may be empty.
    pub etag: String,
    /// Its `Last-Modified`; may be empty.
    pub modified: String,
}

impl Fetching {
    /// Notes that it was fetched.
    pub fn fetched(&mut self, at: Time) {
        self.fetched_at = Some(at);
        self.failing_since = None;
        self.wait_until = None;
        self.error.clear();
    }

    /// Notes that it could not be fetched; `wait` is the server's wish.
    pub fn failed(&mut self, at: Time, error: String, wait: Option<Duration>) {
        self.failing_since.get_or_insert(at);
        self.wait_until = wait.map(|wait| at.after(wait.min(MAX_WAIT)));
        self.error = error;
    }

    /// When it is tried next by itself.
    pub fn next_try(&self, refresh: Duration, now: Time) -> Time {
        // A time in the future is one from before the clock was set back.
        let Some(tried) = self.tried_at.filter(|tried| *tried <= now) else {
            return now;
        };
        if self.failing_since.is_none() {
            return tried.after(refresh);
        }
        let wished = self.wait_until.unwrap_or(tried);
        tried
            .after(refresh.min(AGAIN))
            .max(wished.min(tried.after(MAX_WAIT)))
    }

    /// Whether what it says may be out of date: it was not fetched for `stale_after`.
    pub fn is_stale(&self, stale_after: Duration, now: Time) -> bool {
        self.fetched_at
            .is_some_and(|fetched| fetched.after(stale_after) <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFRESH: Duration = Duration::from_mins(15);

    fn minute(minute: i64) -> Time {
        Time::from_secs(minute * 60)
    }

    fn tried(at: i64) -> Fetching {
        Fetching {
            tried_at: Some(minute(at)),
            ..Fetching::default()
        }
    }

    #[test]
    fn a_good_one_is_fetched_anew_after_its_time_and_a_failing_one_sooner() {
        let now = minute(100);
        assert_eq!(Fetching::default().next_try(REFRESH, now), now, "at once");
        let mut one = tried(100);
        one.fetched(now);
        assert_eq!(one.next_try(REFRESH, now), minute(115));
        one.failed(now, "status 500".to_owned(), None);
        assert_eq!(one.next_try(REFRESH, now), minute(105));
        let often = Duration::from_mins(2);
        assert_eq!(one.next_try(often, now), minute(102));
        one.failed(now, "status 429".to_owned(), Some(Duration::from_mins(30)));
        assert_eq!(one.next_try(REFRESH, now), minute(130));
        one.failed(now, "status 429".to_owned(), Some(Duration::from_hours(9)));
        assert_eq!(one.next_try(REFRESH, now), minute(160), "an hour at most");
        one.failed(now, "status 429".to_owned(), Some(Duration::ZERO));
        assert_eq!(one.next_try(REFRESH, now), minute(105), "no sooner");
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_stop_it() {
        let now = minute(100);
        assert_eq!(tried(5_000).next_try(REFRESH, now), now);
    }

    #[test]
    fn it_is_stale_when_it_was_not_fetched_for_long_whatever_is_tried() {
        let day = Duration::from_hours(24);
        let mut one = tried(100);
        assert!(!one.is_stale(day, minute(9_000)), "it is not there at all");
        one.fetched(minute(100));
        one.failed(minute(200), "status 500".to_owned(), None);
        one.failed(minute(300), "status 502".to_owned(), None);
        assert_eq!(one.failing_since, Some(minute(200)));
        assert!(!one.is_stale(day, minute(100 + 24 * 60 - 1)));
        assert!(one.is_stale(day, minute(100 + 24 * 60)));
        one.fetched(minute(2_000));
        assert_eq!((one.failing_since, one.error.as_str()), (None, ""));
        assert!(!one.is_stale(day, minute(2_001)));
    }
}
