//! Lengths of time, summed up.

use std::time::Duration;

/// What is known of a set of lengths; `None` when there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spans {
    /// Their sum, divided by how many there are; parts of a microsecond are dropped.
    pub mean: Option<Duration>,
    /// The shortest length that at least half of them do not exceed.
    pub median: Option<Duration>,
    /// The shortest length that at least 95 of 100 do not exceed (nearest rank).
    pub p95: Option<Duration>,
    /// The longest.
    pub longest: Option<Duration>,
}

impl Spans {
    /// Sums these up.
    pub fn of(mut spans: Vec<Duration>) -> Self {
        spans.sort_unstable();
        let sum: u128 = spans.iter().map(Duration::as_micros).sum();
        let mean = sum.checked_div(spans.len() as u128);
        let rank = |percent: usize| {
            let rank = (spans.len() * percent).div_ceil(100);
            spans.get(rank.saturating_sub(1)).copied()
        };
        Self {
            mean: mean.map(|mean| Duration::from_micros(u64::try_from(mean).unwrap_or(u64::MAX))),
            median: rank(50),
            p95: rank(95),
            longest: spans.last().copied(),
        }
    }
}
