//! Recurring silences: the same silence on certain days, at certain times of a place's clock.
//!
//! A *series* says when; each of its *occurrences* is an ordinary silence with its times, made ahead of time, so that whoever
//! reads silences sees it, an explanation names it, and it can be ended by itself. The rules:
//!
//! 1. Times are those of the schedules' restrictions ([`crate::schedule::open`]): a window begins at the first and ends at the last
//!    occurrence of its wall times, so an hour that comes twice is quiet both times, and one that is skipped is not. Or they are
//!    repetitions of a rule ([`RuleSpec`]), each as long as it says from the first instant at which the clock shows its time.
//! 2. An occurrence's id follows from its series and the instant at which its window begins. It is made once: one that was
//!    ended by somebody is not made again.
//! 3. The window that is open and the next one are made. Of a window that was open already when the series was made, the rest.
//! 4. Where several of its times meet, they are one window.
//! 5. When a series ends, so do its occurrences; what was silenced stays so.

mod rule;

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use self::rule::Repeats;
pub use self::rule::{RuleError, RuleSpec};
use super::Silence;
use crate::label::Annotations;
use crate::matcher::Matchers;
use crate::schedule::{
    Calendar, Restriction, RestrictionError, RestrictionSpec, Stretch, open, union,
};
use crate::time::Time;
use crate::wall::{UnknownZone, Zone};

/// Most windows of one series.
pub const MAX_TIMES: usize = 32;
/// How far ahead the next occurrence is looked for: over a week, so that a weekly one is found, and a day that is skipped.
const AHEAD: Duration = Duration::from_hours(15 * 24);
/// How far ahead the next repetition of a rule is looked for: it may come on the 29th of February alone.
const RULE_AHEAD: Duration = Duration::from_hours(9 * 366 * 24);
/// An occurrence that began longer ago and is not there is not made: it may have been ended and forgotten.
const BEHIND: Duration = Duration::from_hours(24);
/// A window this long has no end.
const LONGEST: Duration = Duration::from_hours(7 * 24);
/// The annotation of an occurrence that names its series.
pub const SERIES: &str = "balefire_series";

/// A recurring silence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Series {
    /// Its id.
    pub id: Arc<str>,
    /// Sets of matchers, as a silence has them.
    pub matcher_sets: Vec<Matchers>,
    /// The IANA name of the zone by whose clock it goes.
    pub timezone: String,
    /// When it is on by days and hours: any of these, or of the rules.
    pub times: Vec<RestrictionSpec>,
    /// When it is on by rules of repetition.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<RuleSpec>,
    /// Who made it.
    pub created_by: String,
    /// Why.
    pub comment: String,
    /// When it was made.
    #[serde(with = "crate::time::micros")]
    pub created_at: Time,
    /// Whether somebody has ended it.
    pub ended: bool,
}

/// Why a recurring silence is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SeriesError {
    /// There is no such zone.
    #[error("timezone: {0}")]
    Zone(#[from] UnknownZone),
    /// No times, or too many.
    #[error("times and rules: {0} of them; write 1 to {MAX_TIMES}")]
    Count(usize),
    /// One of its rules cannot be meant.
    #[error("rules: {place}: {error}")]
    Rules {
        /// Which, from 1.
        place: usize,
        /// What is wrong with it.
        error: RuleError,
    },
    /// One of its times cannot be meant.
    #[error("times: {place}: {error}")]
    Times {
        /// Which, from 1.
        place: usize,
        /// What is wrong with it.
        error: RestrictionError,
    },
    /// It never ends.
    #[error("times: it would be on all the time; make a silence that does not recur")]
    Always,
}

/// When a series is on, checked.
struct Clockwork {
    zone: Zone,
    times: Vec<Restriction>,
    rules: Vec<Repeats>,
}

impl Clockwork {
    /// When it is on within a part of time.
    fn windows(&self, within: Stretch) -> Vec<Stretch> {
        let mut all = if self.times.is_empty() {
            Vec::new()
        } else {
            open(&self.times, &self.zone, &Calendar::default(), within)
        };
        for rule in &self.rules {
            all.extend(rule.windows(&self.zone, within));
        }
        union(all)
    }

    /// Whether it goes on for so long that it has no end.
    fn is_always(&self) -> bool {
        // Any weeks will do for times: no restriction here knows a calendar. A rule has its weeks since it counts.
        let since = self.rules.iter().map(|rule| self.zone.first(rule.starts));
        let mut weeks = since
            .chain([Time::EPOCH])
            .filter_map(|from| Stretch::new(from, from.after(AHEAD)));
        weeks.any(|weeks| {
            let mut windows = self.windows(weeks).into_iter();
            windows.any(|window| window.length() >= LONGEST)
        })
    }
}

impl Series {
    /// What is wrong with its times, if anything is.
    pub fn check(&self) -> Result<(), SeriesError> {
        let read = self.read()?;
        if read.is_always() {
            return Err(SeriesError::Always);
        }
        for (place, rule) in (1..).zip(&read.rules) {
            let from = read.zone.first(rule.starts).before(Duration::from_secs(1));
            if rule
                .next(&read.zone, from, from.after(RULE_AHEAD))
                .is_none()
            {
                let error = RuleError::Never;
                return Err(SeriesError::Rules { place, error });
            }
        }
        Ok(())
    }

    fn read(&self) -> Result<Clockwork, SeriesError> {
        let zone = Zone::named(&self.timezone)?;
        let count = self.times.len() + self.rules.len();
        if count == 0 || count > MAX_TIMES {
            return Err(SeriesError::Count(count));
        }
        let one = |(place, spec): (usize, &RestrictionSpec)| {
            Restriction::new(spec, &Calendar::default())
                .map_err(|error| SeriesError::Times { place, error })
        };
        let times = (1..).zip(&self.times).map(one).collect::<Result<_, _>>()?;
        let rule = |(place, spec): (usize, &RuleSpec)| {
            spec.read(&zone)
                .map_err(|error| SeriesError::Rules { place, error })
        };
        let rules = (1..).zip(&self.rules).map(rule).collect::<Result<_, _>>()?;
        Ok(Clockwork { zone, times, rules })
    }

    /// When it is on within a part of time; never, when its times cannot be read.
    pub fn windows(&self, within: Stretch) -> Vec<Stretch> {
        self.read()
            .map(|read| read.windows(within))
            .unwrap_or_default()
    }

    /// The window that is open, seen from its beginning, and the next one.
    pub fn around(&self, now: Time) -> Vec<Stretch> {
        let Ok(read) = self.read() else {
            return Vec::new();
        };
        // Long enough before, so that a window that is open is seen from its beginning.
        let (from, to) = (now.before(AHEAD), now.after(AHEAD));
        let windows = Stretch::new(from, to).map(|within| read.windows(within));
        let mut wanted: Vec<Stretch> = Vec::new();
        for window in windows.into_iter().flatten() {
            if window.to > now && window.from > from {
                wanted.push(window);
                if window.from > now {
                    return wanted;
                }
            }
        }
        let far = now.after(RULE_AHEAD);
        let rules = read.rules.iter();
        let next = rules.filter_map(|rule| rule.next(&read.zone, now, far));
        // Where several meet, they are one.
        if let Some(next) = next.min() {
            let around = Stretch::new(next.from.before(AHEAD), next.from.after(AHEAD));
            let windows = around
                .map(|around| read.windows(around))
                .into_iter()
                .flatten();
            wanted.extend(windows.filter(|window| window.from > now).min());
        }
        wanted
    }

    /// The occurrences that should be there now and are not: `known` says which ids are.
    pub fn due(&self, now: Time, known: impl Fn(&str) -> bool) -> Vec<Silence> {
        if self.ended {
            return Vec::new();
        }
        let made = self.around(now).into_iter().filter_map(|window| {
            let id = self.occurrence(window.from);
            let is_old = now.since(window.from) > BEHIND && self.created_at < window.from;
            (!is_old && !known(&id)).then(|| self.silence(id, window, now))
        });
        made.collect()
    }

    fn silence(&self, id: Arc<str>, window: Stretch, now: Time) -> Silence {
        let annotations = Annotations::from_pairs([(SERIES, &*self.id)]);
        Silence {
            id,
            matcher_sets: self.matcher_sets.clone(),
            // It does not say of the past what was not so.
            starts_at: window.from.max(self.created_at),
            ends_at: window.to,
            updated_at: now,
            created_by: self.created_by.clone(),
            comment: format!("{} ({})", self.comment, self.words()),
            annotations: annotations.unwrap_or_default(),
        }
    }

    /// When it is on, in words: `recurring: sunday 02:00-04:00 Asia/Shanghai`.
    pub fn words(&self) -> String {
        let one = |spec: &RestrictionSpec| {
            let days = spec.days.as_ref().map(|days| days.join(","));
            let (from, to) = (spec.from.as_deref(), spec.to.as_deref());
            let times = format!("{}-{}", from.unwrap_or("00:00"), to.unwrap_or("24:00"));
            match days {
                Some(days) => format!("{days} {times}"),
                None => times,
            }
        };
        let rules = self.rules.iter().map(RuleSpec::words);
        let times: Vec<String> = self.times.iter().map(one).chain(rules).collect();
        format!("recurring: {} {}", times.join("; "), self.timezone)
    }

    /// The id of the occurrence whose window begins then, in the shape of other silences' ids (RFC 9562, version 8).
    pub fn occurrence(&self, begins: Time) -> Arc<str> {
        let text = format!("{}/{}", self.id, begins.micros());
        let halves = [fnv(OFFSET, text.as_bytes()), fnv(!OFFSET, text.as_bytes())];
        let [high, low] = halves;
        let high = (high & !0xf000) | 0x8000;
        let low = (low & !(0b11 << 62)) | (0b10 << 62);
        let words = [high >> 32, (high >> 16) & 0xffff, high & 0xffff, low >> 48];
        let [a, b, c, d] = words;
        format!(
            "{a:08x}-{b:04x}-{c:04x}-{d:04x}-{:012x}",
            low & 0xffff_ffff_ffff
        )
        .into()
    }
}

const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a, 64 bits.
fn fnv(offset: u64, bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(offset, step)
}

#[cfg(test)]
mod tests;
