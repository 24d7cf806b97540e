//! Coverage: where a schedule leaves holes, and how it shares the burden.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;

use super::holiday::On;
use super::layer::Layer;
use super::restriction::{self, Restriction};
use super::shift::Shift;
use super::stretch::{self, Stretch};
use super::turns::People;
use super::{RangeError, Schedule};
use crate::time::Time;

/// A night for the figures is from 22:00 to 06:00 on the schedule's wall.
const NIGHT: (i64, i64) = (22 * 60, 8 * 60);
const DAY: (i64, i64) = (0, 24 * 60);
/// Saturday and Sunday; Sunday first.
const WEEKEND: [bool; 7] = [true, false, false, false, false, false, true];

/// What a look at a part of a schedule found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// The part that was looked at.
    pub within: Stretch,
    /// Where nobody is on call, each as long as it is.
    pub gaps: Vec<Gap>,
    /// Where a layer's people are not called because a later layer is on.
    pub hidden: Vec<Hidden>,
    /// Shifts with people who cannot be reached.
    pub unreachable: Vec<Unreachable>,
    /// What falls to each person; those who are in a layer and never on call have zeros.
    pub load: BTreeMap<Arc<str>, Load>,
    /// The last day that the calendar knows of, when it ends within the part: later holidays are not
    /// counted as such.
    pub calendar_ends: Option<Date>,
}

/// A part of time in which nobody is on call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// When.
    pub stretch: Stretch,
    /// The overrides that made it; none when no layer is on.
    pub overrides: Vec<Arc<str>>,
}

/// A part of time in which a lower layer is on for people who are not called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hidden {
    /// When.
    pub stretch: Stretch,
    /// The lower layer, from 0.
    pub layer: usize,
    /// Whose turn it is there.
    pub people: People,
    /// The layer that hides it.
    pub by: usize,
}

/// A shift of somebody who cannot be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreachable {
    /// The shift.
    pub shift: Shift,
    /// Who cannot be reached.
    pub people: Vec<Arc<str>>,
}

impl Unreachable {
    /// Whether nobody of the shift can be reached: as bad as a gap.
    pub fn is_gap(&self) -> bool {
        self.people.len() == self.shift.people.len()
    }
}

/// What falls to one person. Times overlap: a holiday's night counts in all its columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// How many shifts.
    pub shifts: usize,
    /// On call in all.
    pub total: Duration,
    /// Between 22:00 and 06:00.
    pub nights: Duration,
    /// On Saturdays and Sundays.
    pub weekends: Duration,
    /// On days that the calendar calls holidays.
    pub holidays: Duration,
}

/// How good a schedule is over a part of time, as parts of it from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quality {
    /// In which somebody is on call.
    pub covered: f64,
    /// In which somebody who can be reached is on call.
    pub reachable: f64,
    /// What falls to the person with least of it, of what falls to the one with most; `None` with fewer than two
    /// people, or when nobody is on call at all.
    pub evenness: Option<f64>,
}

impl Coverage {
    /// How good the schedule is.
    pub fn quality(&self) -> Quality {
        let whole = self.within.length().as_secs_f64();
        let part = |spans: f64| ((whole - spans) / whole).clamp(0.0, 1.0);
        let gaps = self.gaps.iter().map(|gap| gap.stretch.length());
        let gaps = gaps.sum::<Duration>().as_secs_f64();
        let silent = self.unreachable.iter().filter(|one| one.is_gap());
        let silent = silent.map(|one| one.shift.stretch.length());
        let silent = silent.sum::<Duration>().as_secs_f64();
        let totals = || self.load.values().map(|load| load.total.as_secs_f64());
        let most = totals().fold(0.0, f64::max);
        let least = totals().fold(f64::INFINITY, f64::min);
        Quality {
            covered: part(gaps),
            reachable: part(gaps + silent),
            evenness: (self.load.len() > 1 && most > 0.0).then(|| least / most),
        }
    }
}

impl Schedule {
    /// Looks at a part of time of at most [`super::MAX_RANGE`]. `is_reachable` says of a person
    /// whether any way of reaching them is set up.
    pub fn coverage(
        &self,
        from: Time,
        to: Time,
        is_reachable: &dyn Fn(&str) -> bool,
    ) -> Result<Coverage, RangeError> {
        let within = super::range(from, to)?;
        let shifts = self.shifts_within(within);
        let (gaps, hidden) = self.gaps_and_hidden(within);
        let unreachable = shifts.iter().filter_map(|shift| {
            let people: Vec<_> = shift
                .people
                .iter()
                .filter(|person| !is_reachable(person))
                .cloned()
                .collect();
            (!people.is_empty()).then(|| Unreachable {
                shift: shift.clone(),
                people,
            })
        });
        let last_day = self.zone.clock(to).date();
        Ok(Coverage {
            within,
            gaps,
            hidden,
            unreachable: unreachable.collect(),
            load: self.load(&shifts, within),
            calendar_ends: self.calendar.last_day().filter(|day| *day < last_day),
        })
    }

    fn gaps_and_hidden(&self, within: Stretch) -> (Vec<Gap>, Vec<Hidden>) {
        let (mut gaps, mut hidden) = (Vec::<Gap>::new(), Vec::<Hidden>::new());
        for answer in self.answers(within) {
            let stretch = answer.stretch;
            if answer.people.is_empty() {
                match gaps.last_mut() {
                    Some(last)
                        if last.stretch.to == stretch.from
                            && last.overrides == answer.overrides =>
                    {
                        last.stretch.to = stretch.to;
                    }
                    _ => gaps.push(Gap {
                        stretch,
                        overrides: answer.overrides,
                    }),
                }
            }
            let Some(by) = answer.layer else { continue };
            let called = |person: &Arc<str>| answer.people.contains(person);
            for (layer, people) in answer.hidden {
                if people.iter().all(called) {
                    continue;
                }
                let known = hidden
                    .iter_mut()
                    .rev()
                    .take(self.layers.len())
                    .find(|last| {
                        last.stretch.to == stretch.from
                            && (last.layer, last.by, &last.people) == (layer, by, &people)
                    });
                match known {
                    Some(last) => last.stretch.to = stretch.to,
                    None => hidden.push(Hidden {
                        stretch,
                        layer,
                        people,
                        by,
                    }),
                }
            }
        }
        (gaps, hidden)
    }

    /// What falls to each person in these shifts.
    fn load(&self, shifts: &[Shift], within: Stretch) -> BTreeMap<Arc<str>, Load> {
        let when = |weekdays, on, (start, length)| {
            let days = [Restriction::on_days(weekdays, on, start, length)];
            restriction::open(&days, &self.zone, &self.calendar, within)
        };
        let nights = when([true; 7], On::AnyDay, NIGHT);
        let weekends = when(WEEKEND, On::AnyDay, DAY);
        let holidays = when([true; 7], On::Holidays, DAY);
        let everybody = self.layers.iter().flat_map(Layer::everybody);
        let mut load: BTreeMap<Arc<str>, Load> = everybody
            .map(|person| (Arc::clone(person), Load::default()))
            .collect();
        for shift in shifts {
            let part =
                |set: &[Stretch]| stretch::cut(shift.stretch, set).map(Stretch::length).sum();
            let (night, weekend, holiday): (Duration, Duration, Duration) =
                (part(&nights), part(&weekends), part(&holidays));
            for person in shift.people.iter() {
                let load = load.entry(Arc::clone(person)).or_default();
                load.shifts += 1;
                load.total += shift.stretch.length();
                load.nights += night;
                load.weekends += weekend;
                load.holidays += holiday;
            }
        }
        load
    }
}
