//! Events of a calendar file, with their times on a wall.

use std::collections::BTreeSet;

use jiff::civil::{Date, DateTime, Time as Clock};
use jiff::{SignedDuration, ToSpan};

use super::line::Line;
use super::rule::Rule;
use super::windows;
use crate::schedule::stretch::Stretch;
use crate::schedule::turns::People;
use crate::time::Time;
use crate::wall::Zone;

/// The longest event that is read: a shift of more than a year is a mistake.
const LONGEST: SignedDuration = SignedDuration::from_hours(400 * 24);

/// A moment as a line says it.
#[derive(Clone, Debug)]
pub(super) struct Moment {
    pub(super) wall: DateTime,
    pub(super) zone: Zone,
    /// Whether it is a day, without a time.
    pub(super) is_day: bool,
}

impl Moment {
    /// Reads a value: `20260105`, `20260105T090000`, the same with `Z`.
    pub(super) fn read(text: &str, zone: &Zone) -> Option<Self> {
        let (text, zone) = match text.strip_suffix('Z') {
            Some(text) => (text, Zone::utc()),
            None => (text, zone.clone()),
        };
        let digits = |from: usize, to: usize| -> Option<i16> {
            let part = text.get(from..to)?;
            let plain = part.bytes().all(|byte| byte.is_ascii_digit());
            plain.then(|| part.parse().ok()).flatten()
        };
        let small = |from, to| i8::try_from(digits(from, to)?).ok();
        let date = Date::new(digits(0, 4)?, small(4, 6)?, small(6, 8)?).ok()?;
        if !(1900..9900).contains(&date.year()) {
            return None;
        }
        if text.len() == 8 {
            let wall = date.to_datetime(Clock::midnight());
            return Some(Self {
                wall,
                zone,
                is_day: true,
            });
        }
        if text.len() != 15 || text.as_bytes().get(8) != Some(&b'T') {
            return None;
        }
        // A leap second is the one before it.
        let clock = Clock::new(small(9, 11)?, small(11, 13)?, small(13, 15)?.min(59), 0).ok()?;
        Some(Self {
            wall: date.to_datetime(clock),
            zone,
            is_day: false,
        })
    }

    /// What the clock of another zone shows then.
    pub(super) fn on(&self, zone: &Zone) -> DateTime {
        if self.is_day || self.zone == *zone {
            return self.wall;
        }
        zone.clock(self.zone.first(self.wall))
    }
}

/// The last wall time that counts by a rule's UNTIL; a day counts as a whole.
pub(crate) fn rule_until(text: &str, zone: &Zone) -> Option<DateTime> {
    let moment = Moment::read(text, zone)?;
    let wall = moment.on(zone);
    Some(if moment.is_day {
        wall.date().to_datetime(Clock::MAX)
    } else {
        wall
    })
}

/// The moments of a line, by its zone or that of the schedule; what cannot be read is the error.
pub(super) fn moments(line: &Line, floating: &Zone) -> Result<Vec<Moment>, String> {
    let zone = match line.parameter("TZID") {
        Some(name) => zone(name).ok_or_else(|| format!("the time zone {:?}", cut(name)))?,
        None => floating.clone(),
    };
    // A period of an RDATE begins with its beginning.
    let values = line
        .value
        .split(',')
        .map(|value| value.split('/').next().unwrap_or(value));
    values
        .map(|value| {
            Moment::read(value.trim(), &zone).ok_or_else(|| format!("the time {:?}", cut(value)))
        })
        .collect()
}

pub(super) fn cut(text: &str) -> String {
    text.chars().take(64).collect()
}

/// A zone by its IANA name, also behind a prefix as `/freeassociation.sourceforge.net/`, or by its name in Windows.
pub(super) fn zone(name: &str) -> Option<Zone> {
    let name = name.trim();
    let found = Zone::named(name).ok();
    let found = found.or_else(|| Zone::named(windows::iana(name)?).ok());
    found.or_else(|| {
        let mut parts = name.match_indices('/').map(|(at, _)| &name[at + 1..]);
        parts.find_map(|rest| Zone::named(rest).ok())
    })
}

/// A length: `PT8H`, `P1D`, `P1W`.
pub(super) fn duration(text: &str) -> Option<SignedDuration> {
    let mut rest = text.strip_prefix('+').unwrap_or(text).strip_prefix('P')?;
    let (mut seconds, mut in_time) = (0_i64, false);
    while !rest.is_empty() {
        if let Some(time) = rest.strip_prefix('T') {
            (rest, in_time) = (time, true);
            continue;
        }
        let end = rest.find(|letter: char| !letter.is_ascii_digit())?;
        let number: i64 = rest.get(..end)?.parse().ok()?;
        let unit = match (rest.as_bytes().get(end)?, in_time) {
            (b'W', false) => 7 * 86_400,
            (b'D', false) => 86_400,
            (b'H', true) => 3_600,
            (b'M', true) => 60,
            (b'S', true) => 1,
            _ => return None,
        };
        seconds = seconds.checked_add(number.checked_mul(unit)?)?;
        rest = rest.get(end + 1..)?;
    }
    Some(SignedDuration::from_secs(seconds))
}

/// A checked event.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) zone: Zone,
    pub(super) start: DateTime,
    /// On the wall.
    pub(super) length: SignedDuration,
    pub(super) rule: Option<Rule>,
    /// Further beginnings.
    pub(super) dates: Vec<DateTime>,
    /// Beginnings that are not, and days on which it does not begin.
    pub(super) except: BTreeSet<DateTime>,
    pub(super) except_days: BTreeSet<Date>,
    pub(super) people: People,
}

impl Event {
    /// Whether the length is one that is read.
    pub(super) fn is_sound(length: SignedDuration) -> bool {
        length > SignedDuration::ZERO && length <= LONGEST
    }

    /// Says each of its times that touches a part of time, until `say` has heard enough.
    pub(super) fn each(&self, within: Stretch, say: &mut impl FnMut(Stretch) -> bool) {
        // Two days are more than any clock is put on or back.
        let around = self.length.saturating_add(SignedDuration::from_hours(48));
        let clock = |at: Time| self.zone.clock(at);
        let from = clock(within.from).saturating_sub(around);
        let to = clock(within.to).saturating_add(2.days());
        let mut at = |wall: DateTime| {
            if self.except.contains(&wall) || self.except_days.contains(&wall.date()) {
                return true;
            }
            let end = wall.saturating_add(self.length);
            let whole = Stretch::new(self.zone.first(wall), self.zone.last(end));
            let touched = whole.and_then(|whole| whole.within(within));
            touched.is_none_or(&mut *say)
        };
        match &self.rule {
            None => _ = at(self.start),
            Some(rule) => rule.each(self.start, (from, to), |wall| wall <= to && at(wall)),
        }
        for wall in &self.dates {
            at(*wall);
        }
    }
}
