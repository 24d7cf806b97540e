//! Working hours as instants of a day.

use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Span, Timestamp, ToSpan};

use crate::time::Time;

/// The part of a day in which people are told: from the first instant at which the clock shows `from` o'clock or
/// later to the first at which it shows `to` or later, so that an hour that comes twice does not count twice and
/// one that is left out costs nothing else. `None` when nothing is left of it.
pub(super) fn of(date: Date, (from, to): (u8, u8), zone: &TimeZone) -> Option<(Time, Time)> {
    let at = |hour: u8| {
        let span: Span = i64::from(hour).hours();
        let local = date.to_datetime(jiff::civil::Time::midnight());
        first_at(local.checked_add(span).ok()?, zone)
    };
    let (begin, end) = (at(from)?, at(to)?);
    (begin < end).then_some((begin, end))
}

/// The first instant at which the clock shows `local` or later.
fn first_at(local: DateTime, zone: &TimeZone) -> Option<Time> {
    let ambiguous = zone.to_ambiguous_timestamp(local);
    let gap = matches!(ambiguous.offset(), AmbiguousOffset::Gap { .. });
    let earlier: Timestamp = ambiguous.earlier().ok()?;
    if !gap {
        return Some(earlier.into());
    }
    // The clock jumps over it: the jump itself is the first instant after.
    let jump = zone.following(earlier).next()?;
    Some(jump.timestamp().into())
}
