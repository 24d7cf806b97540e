//! Wall time: what the clocks of a place show, and which instant is meant by it.
//!
//! Clocks are put forward and back, so that some wall times never come and some come twice. Where
//! a rule makes a wall time (a daily handover, the beginning of office hours), these hold:
//!
//! - [`Zone::first`], for beginnings and handovers: the first instant at which the clock shows that
//!   time or a later one. A time that never comes is the first instant after the gap; one that
//!   comes twice is its first occurrence.
//! - [`Zone::last`], for ends: a time that comes twice is its last occurrence; one that never comes
//!   is the first instant after the gap.
//!
//! Both keep order: of two wall times the later one never gives the earlier instant. So beginnings
//! and ends that touch on the wall never leave a hole; when an hour comes twice they overlap.
//!
//! Where a person types a wall time, [`Zone::exact`] refuses what is not one instant.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::time::Time;

/// A time zone by its IANA name.
#[derive(Clone, PartialEq, Eq)]
pub struct Zone {
    name: Arc<str>,
    zone: TimeZone,
}

/// No zone has that name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no time zone is called {0:?}; write an IANA name such as Asia/Shanghai or UTC")]
pub struct UnknownZone(pub String);

/// Why a wall time that a person wrote is not one instant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WallError {
    /// The clock is put forward over it.
    #[error(
        "{wall} never comes in {zone}: the clock is put forward to {next}; write that or later"
    )]
    NeverComes {
        /// What was written.
        wall: DateTime,
        /// Where.
        zone: Arc<str>,
        /// What the clock shows instead.
        next: DateTime,
    },
    /// The clock is put back over it.
    #[error("{wall} comes twice in {zone}: write {first} or {last}")]
    ComesTwice {
        /// What was written.
        wall: DateTime,
        /// Where.
        zone: Arc<str>,
        /// Its first occurrence.
        first: Time,
        /// Its last occurrence.
        last: Time,
    },
}

/// Why a moment that a person wrote is not one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MomentError {
    /// It is not a time at all.
    #[error(
        "{0:?} is not a time; write 2026-10-01T09:00 by the schedule's clock, or 2026-10-01T09:00:00+08:00"
    )]
    NotATime(String),
    /// It is not one instant of the clock.
    #[error(transparent)]
    Wall(#[from] WallError),
}

impl Zone {
    /// The zone of that IANA name.
    pub fn named(name: &str) -> Result<Self, UnknownZone> {
        let zone = TimeZone::get(name).map_err(|_| UnknownZone(name.chars().take(64).collect()))?;
        Ok(Self {
            name: name.into(),
            zone,
        })
    }

    /// Coordinated universal time.
    pub fn utc() -> Self {
        Self {
            name: "UTC".into(),
            zone: TimeZone::UTC,
        }
    }

    /// The name as written.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the clock shows at an instant.
    pub fn clock(&self, at: Time) -> DateTime {
        self.zone.to_datetime(at.timestamp())
    }

    /// The first instant at which the clock shows this time or a later one.
    pub fn first(&self, wall: DateTime) -> Time {
        match self.zone.to_ambiguous_timestamp(wall).offset() {
            AmbiguousOffset::Unambiguous { offset } => instant(wall, offset),
            AmbiguousOffset::Fold { before, .. } => instant(wall, before),
            AmbiguousOffset::Gap { before, after } => self.gap_end(wall, before, after),
        }
    }

    /// The last instant at which the clock comes to show this time; for a time that never comes,
    /// the first instant after the gap.
    pub fn last(&self, wall: DateTime) -> Time {
        match self.zone.to_ambiguous_timestamp(wall).offset() {
            AmbiguousOffset::Unambiguous { offset } => instant(wall, offset),
            AmbiguousOffset::Fold { after, .. } => instant(wall, after),
            AmbiguousOffset::Gap { before, after } => self.gap_end(wall, before, after),
        }
    }

    /// The one instant at which the clock shows what a person wrote.
    pub fn exact(&self, wall: DateTime) -> Result<Time, WallError> {
        match self.zone.to_ambiguous_timestamp(wall).offset() {
            AmbiguousOffset::Unambiguous { offset } => Ok(instant(wall, offset)),
            AmbiguousOffset::Fold { before, after } => Err(WallError::ComesTwice {
                wall,
                zone: Arc::clone(&self.name),
                first: instant(wall, before),
                last: instant(wall, after),
            }),
            AmbiguousOffset::Gap { before, after } => Err(WallError::NeverComes {
                wall,
                zone: Arc::clone(&self.name),
                next: self.clock(self.gap_end(wall, before, after)),
            }),
        }
    }

    /// The moment that a person wrote: an instant with its zone, else a time of this clock that comes once.
    pub fn moment(&self, text: &str) -> Result<Time, MomentError> {
        if let Ok(instant) = text.parse::<Timestamp>() {
            return Ok(instant.into());
        }
        let not_a_time = |_| MomentError::NotATime(text.chars().take(64).collect());
        let wall: DateTime = text.parse().map_err(not_a_time)?;
        Ok(self.exact(wall)?)
    }

    /// The first instant after the gap that holds a wall time. Read with the offset that comes
    /// after the gap the time lies before the gap's end, with the other one at or behind it; in
    /// between the clock passes the wall time once.
    fn gap_end(&self, wall: DateTime, before: Offset, after: Offset) -> Time {
        let mut early = instant(wall, after).secs();
        let mut late = instant(wall, before).secs();
        while late - early > 1 {
            let middle = early + (late - early) / 2;
            if self.clock(Time::from_secs(middle)) < wall {
                early = middle;
            } else {
                late = middle;
            }
        }
        Time::from_secs(late)
    }
}

/// The instant of a wall time under an offset, clamped to the years that jiff knows.
fn instant(wall: DateTime, offset: Offset) -> Time {
    let edge = if wall.year() < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    };
    offset.to_timestamp(wall).unwrap_or(edge).into()
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name)
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::named(&name).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wall(text: &str) -> DateTime {
        text.parse().expect(text)
    }

    fn ends(zone: &str, text: &str) -> (String, String) {
        let zone = Zone::named(zone).expect(zone);
        let text = wall(text);
        (zone.first(text).to_string(), zone.last(text).to_string())
    }

    #[test]
    fn a_time_that_never_comes_is_the_end_of_its_gap() {
        for (zone, text, instant) in [
            (
                "Europe/London",
                "2026-03-29T01:00",
                "2026-03-29T01:00:00.000Z",
            ),
            (
                "Europe/London",
                "2026-03-29T01:59",
                "2026-03-29T01:00:00.000Z",
            ),
            (
                "Europe/London",
                "2026-03-29T02:00",
                "2026-03-29T01:00:00.000Z",
            ),
            (
                "Australia/Lord_Howe",
                "2026-10-04T02:10",
                "2026-10-03T15:30:00.000Z",
            ),
            (
                "Pacific/Apia",
                "2011-12-30T00:00",
                "2011-12-30T10:00:00.000Z",
            ),
            (
                "Pacific/Apia",
                "2011-12-30T09:00",
                "2011-12-30T10:00:00.000Z",
            ),
            (
                "Pacific/Apia",
                "2011-12-31T00:00",
                "2011-12-30T10:00:00.000Z",
            ),
            (
                "America/Sao_Paulo",
                "2018-11-04T00:30",
                "2018-11-04T03:00:00.000Z",
            ),
        ] {
            let found = ends(zone, text);
            assert_eq!(
                found,
                (instant.to_owned(), instant.to_owned()),
                "{zone} {text}"
            );
        }
    }

    #[test]
    fn a_time_that_comes_twice_begins_first_and_ends_last() {
        for (zone, text, first, last) in [
            (
                "Europe/London",
                "2026-10-25T01:00",
                "2026-10-25T00:00:00.000Z",
                "2026-10-25T01:00:00.000Z",
            ),
            (
                "Europe/London",
                "2026-10-25T01:30",
                "2026-10-25T00:30:00.000Z",
                "2026-10-25T01:30:00.000Z",
            ),
            (
                "Europe/London",
                "2026-10-25T02:00",
                "2026-10-25T02:00:00.000Z",
                "2026-10-25T02:00:00.000Z",
            ),
            (
                "Australia/Lord_Howe",
                "2026-04-05T01:45",
                "2026-04-04T14:45:00.000Z",
                "2026-04-04T15:15:00.000Z",
            ),
            (
                "America/Sao_Paulo",
                "2018-02-17T23:30",
                "2018-02-18T01:30:00.000Z",
                "2018-02-18T02:30:00.000Z",
            ),
        ] {
            assert_eq!(
                ends(zone, text),
                (first.to_owned(), last.to_owned()),
                "{zone} {text}"
            );
        }
    }

    #[test]
    fn what_a_person_writes_must_be_one_instant() {
        let london = Zone::named("Europe/London").expect("zone");
        assert_eq!(
            london
                .exact(wall("2026-03-29T01:30"))
                .expect_err("gap")
                .to_string(),
            "2026-03-29T01:30:00 never comes in Europe/London: the clock is put forward to 2026-03-29T02:00:00; write that or later"
        );
        assert_eq!(
            london
                .exact(wall("2026-10-25T01:30"))
                .expect_err("fold")
                .to_string(),
            "2026-10-25T01:30:00 comes twice in Europe/London: write 2026-10-25T00:30:00.000Z or 2026-10-25T01:30:00.000Z"
        );
        assert_eq!(
            london.exact(wall("2026-10-25T02:30")),
            Ok(Time::from_secs(1_792_895_400))
        );
        assert_eq!(
            Zone::named("Asia/Peking").expect_err("none").to_string(),
            "no time zone is called \"Asia/Peking\"; write an IANA name such as Asia/Shanghai or UTC"
        );
    }

    #[test]
    fn the_far_ends_of_time_are_answered() {
        let zone = Zone::named("America/New_York").expect("zone");
        assert!(zone.first(DateTime::MAX) >= zone.first(wall("9999-12-30T00:00")));
        assert!(zone.last(DateTime::MIN) <= zone.last(wall("-009998-01-02T00:00")));
        assert!(zone.clock(Time::NEVER) <= DateTime::MAX);
    }
}
