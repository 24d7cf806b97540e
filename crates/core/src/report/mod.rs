//! Reports: how long incidents waited for somebody and lasted, who was paged how often and when, and what made
//! the most noise. Pure reckoning over what was read.

mod noise;
mod paged;
mod spans;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Span;
use jiff::civil::Date;

use crate::schedule::Stretch;
use crate::severity::Severity;
use crate::time::Time;
use crate::wall::Zone;

pub use self::noise::{Noise, noisiest};
pub use self::paged::{Page, Paged, is_night, paged};
pub use self::spans::Spans;

/// An incident, as far as reports go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handled {
    /// Its number.
    pub id: u64,
    /// What is wrong, in a line.
    pub title: String,
    /// How bad it is.
    pub severity: Severity,
    /// When it began.
    pub started_at: Time,
    /// When it was opened.
    pub opened_at: Time,
    /// When somebody said first that they have it, since it was opened or opened again.
    pub acknowledged_at: Option<Time>,
    /// When it was over; `None` for one that is not resolved, whatever end is expected.
    pub ended_at: Option<Time>,
}

impl Handled {
    /// From when it was opened until somebody had it; none when it was acknowledged before, as one that is entered
    /// later may be.
    pub fn until_acknowledged(&self) -> Option<Duration> {
        Some(self.acknowledged_at?.since(self.opened_at))
    }

    /// From its beginning to its end.
    pub fn until_resolved(&self) -> Option<Duration> {
        Some(self.ended_at?.since(self.started_at))
    }
}

/// What became of a set of incidents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// How many were opened.
    pub opened: usize,
    /// How many of them somebody has or had.
    pub acknowledged: usize,
    /// How many of them are over.
    pub resolved: usize,
    /// From opening to acknowledgement; its mean is the MTTA.
    pub to_acknowledge: Spans,
    /// From beginning to end; its mean is the MTTR.
    pub to_resolve: Spans,
}

impl Figures {
    /// The figures of these incidents.
    pub fn of<'h>(handled: impl Iterator<Item = &'h Handled>) -> Self {
        let mut figures = Self::default();
        let (mut acknowledged, mut resolved) = (Vec::new(), Vec::new());
        for one in handled {
            figures.opened += 1;
            acknowledged.extend(one.until_acknowledged());
            resolved.extend(one.until_resolved());
        }
        figures.acknowledged = acknowledged.len();
        figures.resolved = resolved.len();
        figures.to_acknowledge = Spans::of(acknowledged);
        figures.to_resolve = Spans::of(resolved);
        figures
    }

    /// The figures by severity, the worst first, without severities of which there is none.
    pub fn by_severity(handled: &[Handled]) -> Vec<(Severity, Self)> {
        let mut severities = Severity::ALL;
        severities.sort_by_key(|severity| severity.grade());
        let figures = severities.into_iter().map(|severity| {
            let of_it = handled.iter().filter(|one| one.severity == severity);
            (severity, Self::of(of_it))
        });
        figures.filter(|(_, figures)| figures.opened > 0).collect()
    }
}

/// How often something happened on each day that a part of time touches, by a zone's clock; days without are there
/// with 0.
pub fn per_day(
    zone: &Zone,
    within: Stretch,
    times: impl Iterator<Item = Time>,
) -> Vec<(Date, usize)> {
    let day = |at: Time| zone.clock(at).date();
    let mut counts = BTreeMap::new();
    for at in times.filter(|at| within.contains(*at)) {
        *counts.entry(day(at)).or_insert(0) += 1;
    }
    let last = day(Time::from_micros(within.to.micros().saturating_sub(1)));
    let days = day(within.from).series(Span::new().days(1));
    days.take_while(|day| *day <= last)
        .map(|day| (day, counts.get(&day).copied().unwrap_or(0)))
        .collect()
}
