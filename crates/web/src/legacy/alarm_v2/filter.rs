//! Texts that come again and again are told a few times only.

use std::collections::{BTreeSet, HashMap};

use balefire_config::legacy::Department;
use balefire_core::time::Time;
use md5::{Digest, Md5};
use parking_lot::Mutex;

/// Most texts that are remembered; beyond it the one that would be forgotten first goes.
const REMEMBERED: usize = 100_000;

/// A text's digest.
type Key = [u8; 16];

/// How often a text came, when it came last, and until when that counts.
#[derive(Clone, Copy, Debug)]
struct Seen {
    times: u32,
    last: Time,
    until: Time,
}

/// The texts of late, by their digest and by when they are forgotten.
#[derive(Debug, Default)]
struct Texts {
    by_key: HashMap<Key, Seen>,
    by_end: BTreeSet<(Time, Key)>,
}

/// The texts of late.
#[derive(Debug, Default)]
pub(super) struct Filter(Mutex<Texts>);

impl Filter {
    /// Counts a text and says whether it is told. Every time it comes the window begins anew, so that a steady
    /// stream stays quiet until it has been silent for as long.
    pub(super) fn lets_through(&self, text: &str, department: &Department, now: Time) -> bool {
        if department.threshold == 0 {
            return true;
        }
        let key: Key = Md5::digest(text.as_bytes()).into();
        let mut texts = self.0.lock();
        texts.forget(now);
        let times = texts.times(&key, now).saturating_add(1);
        let until = now.after(department.window);
        texts.put(
            key,
            Seen {
                times,
                last: now,
                until,
            },
        );
        times <= department.threshold.saturating_add(1)
    }
}

impl Texts {
    /// How often a text came within its window. A last time in the future is one from before the clock was set back.
    fn times(&self, key: &Key, now: Time) -> u32 {
        let seen = self.by_key.get(key);
        let counts = |seen: &&Seen| seen.last <= now && now < seen.until;
        seen.filter(counts).map_or(0, |seen| seen.times)
    }

    fn put(&mut self, key: Key, seen: Seen) {
        if let Some(before) = self.by_key.insert(key, seen) {
            self.by_end.remove(&(before.until, key));
        }
        self.by_end.insert((seen.until, key));
        if self.by_key.len() > REMEMBERED
            && let Some((_, first)) = self.by_end.pop_first()
        {
            self.by_key.remove(&first);
        }
    }

    /// Forgets what no longer counts.
    fn forget(&mut self, now: Time) {
        while let Some((until, key)) = self.by_end.first().copied()
            && until <= now
        {
            self.by_end.pop_first();
            self.by_key.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    fn department(threshold: u32, window: u64) -> Department {
        Department {
            threshold,
            window: Duration::from_micros(window),
            ..Department::default()
        }
    }

    fn minute(threshold: u32) -> Department {
        department(threshold, 60_000_000)
    }

    #[test]
    fn a_text_is_told_once_more_than_its_threshold_and_again_after_a_silence() {
        let (filter, start) = (Filter::default(), Time::from_secs(1_000));
        for (after, told) in [
            (0, true),
            (1, true),
            (2, true),
            (3, true),
            (4, false),
            // Each one makes the silence begin anew.
            (63, false),
            (122, false),
            (182, true),
        ] {
            let now = start.after(Duration::from_secs(after));
            let found = filter.lets_through("x", &minute(3), now);
            assert_eq!(found, told, "{after}");
        }
        assert!(filter.lets_through("y", &minute(3), start));
    }

    #[test]
    fn without_a_threshold_all_are_told() {
        let filter = Filter::default();
        assert!((0..10).all(|_| filter.lets_through("x", &minute(0), Time::from_secs(1))));
    }

    #[test]
    fn what_is_remembered_is_bounded_and_ends() {
        let (filter, start) = (Filter::default(), Time::from_secs(1_000));
        for n in 0..=REMEMBERED {
            let now = start.after(Duration::from_micros(n as u64));
            filter.lets_through(&n.to_string(), &minute(1), now);
        }
        assert_eq!(filter.0.lock().by_key.len(), REMEMBERED);
        assert_eq!(filter.0.lock().by_end.len(), REMEMBERED);
        let later = start.after(Duration::from_hours(1));
        filter.lets_through("x", &minute(1), later);
        assert_eq!(filter.0.lock().by_key.len(), 1);
    }

    /// The rule in other words: look back over all that came, and count the run of this text without a silence.
    fn told(history: &[(u8, i64)], threshold: u32, window: i64) -> bool {
        let (text, mut last) = history[history.len() - 1];
        let mut run = 0;
        for (_, at) in history.iter().rev().filter(|(other, _)| *other == text) {
            if last - at >= window {
                break;
            }
            (run, last) = (run + 1, *at);
        }
        threshold == 0 || run <= threshold + 1
    }

    proptest! {
        #[test]
        fn a_text_is_told_as_a_look_back_says_to_the_microsecond(
            steps in prop::collection::vec((0_u8..3, 0_i64..8), 1..60),
            threshold in 0_u32..4,
            window in 1_i64..8,
        ) {
            let (filter, mut history, mut at) = (Filter::default(), Vec::new(), 0);
            for (text, step) in steps {
                at += step;
                history.push((text, at));
                let department = department(threshold, window.unsigned_abs());
                let found = filter.lets_through(&text.to_string(), &department, Time::from_micros(at));
                prop_assert_eq!(found, told(&history, threshold, window), "{:?}", history);
            }
        }
    }
}
