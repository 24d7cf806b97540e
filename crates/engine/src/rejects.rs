//! How many refused requests are recorded: enough to explain, too few to fill the disk or to hold up the writer.

use std::time::Duration;

use balefire_core::time::Time;
use parking_lot::Mutex;
use rustc_hash::FxHashMap;

/// Counting begins anew after this time.
const SPAN: Duration = Duration::from_mins(1);
/// Recorded of one source in that time.
const OF_ONE: u32 = 100;
/// Recorded of all sources together in that time; it bounds the sources that are counted, too.
const OF_ALL: u32 = 300;

/// Counts what is recorded.
#[derive(Debug, Default)]
pub(crate) struct Rejects {
    counted: Mutex<Counted>,
}

#[derive(Debug, Default)]
struct Counted {
    since: Option<Time>,
    all: u32,
    by_source: FxHashMap<String, u32>,
}

impl Rejects {
    /// Whether one more of this source is recorded; then it counts.
    pub(crate) fn may_record(&self, source: &str, now: Time) -> bool {
        let mut counted = self.counted.lock();
        let current = |since: Time| since <= now && now < since.after(SPAN);
        if !counted.since.is_some_and(current) {
            *counted = Counted {
                since: Some(now),
                ..Counted::default()
            };
        }
        if counted.all >= OF_ALL {
            return false;
        }
        let of_one = counted.by_source.entry(source.to_owned()).or_default();
        if *of_one >= OF_ONE {
            return false;
        }
        *of_one += 1;
        counted.all += 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_source_and_all_together_are_recorded_so_often_in_a_minute() {
        let rejects = Rejects::default();
        let start = Time::from_secs(1_000);
        let recorded = |source: &str, now| {
            (0..1000)
                .filter(|_| rejects.may_record(source, now))
                .count()
        };
        assert_eq!(recorded("a", start), 100);
        assert_eq!(recorded("a", start.after(Duration::from_secs(59))), 0);
        assert_eq!(recorded("b", start), 100);
        let others: usize = (0..100).map(|n| recorded(&format!("s{n}"), start)).sum();
        assert_eq!(others, 100);
        assert_eq!(recorded("a", start.after(SPAN)), 100);
        assert_eq!(recorded("a", start), 100, "the clock was set back");
    }
}
