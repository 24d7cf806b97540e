//! Texts that come again and again are told a few times only.

use std::collections::HashMap;

use balefire_config::legacy::Department;
use balefire_core::time::Time;
use md5::{Digest, Md5};
use parking_lot::Mutex;

/// Most texts that are remembered; beyond it all are forgotten, and told once more.
const REMEMBERED: usize = 100_000;

/// How often a text came, and until when that counts.
#[derive(Clone, Copy, Debug)]
struct Seen {
    times: u32,
    until: Time,
}

/// The texts of late, by their digest.
#[derive(Debug, Default)]
pub(super) struct Filter(Mutex<HashMap<[u8; 16], Seen>>);

impl Filter {
    /// Counts a text and says whether it is told. Every time it comes the window begins anew, so that a steady
    /// stream stays quiet until it has been silent for as long.
    pub(super) fn lets_through(&self, text: &str, department: &Department, now: Time) -> bool {
        if department.threshold == 0 {
            return true;
        }
        let key: [u8; 16] = Md5::digest(text.as_bytes()).into();
        let mut seen = self.0.lock();
        if seen.len() >= REMEMBERED {
            seen.retain(|_, seen| seen.until > now);
        }
        if seen.len() >= REMEMBERED {
            seen.clear();
        }
        let entry = seen.entry(key).or_insert(Seen {
            times: 0,
            until: now,
        });
        if entry.until <= now {
            entry.times = 0;
        }
        entry.times = entry.times.saturating_add(1);
        entry.until = now.after(department.window);
        entry.times <= department.threshold + 1
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn department(threshold: u32) -> Department {
        Department {
            label: String::new(),
            salt: None,
            threshold,
            window: Duration::from_mins(1),
            ignore_time: false,
        }
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
            assert_eq!(
                filter.lets_through("x", &department(3), now),
                told,
                "{after}"
            );
        }
        assert!(filter.lets_through("y", &department(3), start));
    }

    #[test]
    fn without_a_threshold_all_are_told() {
        let filter = Filter::default();
        assert!((0..10).all(|_| filter.lets_through("x", &department(0), Time::from_secs(1))));
    }
}
