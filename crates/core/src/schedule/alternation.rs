//! Whether the events of a calendar are nothing but a rotation, and which.
//!
//! Guesses are tried, and one counts only when it says the same as the events at every instant of a year: what is
//! nearly a rotation stays a calendar.

use std::time::Duration;

use jiff::Span;
use jiff::civil::{DateTime, Weekday};

use super::layer::LayerSpec;
use super::restriction::RestrictionSpec;
use super::rotation::Pace;
use super::stretch::{self, Stretch};
use super::turns::{People, TurnSpec};
use super::{Schedule, ScheduleSpec, Shift};
use crate::time::Time;

/// How long both must say the same.
const YEAR: Duration = Duration::from_hours(366 * 24);
/// Most turns until all begins anew.
const MAX_CYCLE: usize = 60;
/// Shifts from which on something is an alternation.
const LEAST: usize = 4;

impl Schedule {
    /// A rotation that says what this schedule says in the year from an instant on; `None` when there is none that is
    /// written in weeks, days or hours.
    pub fn as_rotation(&self, from: Time) -> Option<LayerSpec> {
        let within = Stretch::new(from, from.after(YEAR))?;
        let shifts = self.shifts_within(within);
        let first = shifts.first().filter(|_| shifts.len() >= LEAST)?;
        let starts = self.zone.clock(self.began(first));
        let view = View {
            schedule: self,
            within,
            shifts: &shifts,
            starts,
        };
        let only = view.only()?;
        let weeks = (1..=8).map(|n| (Pace::Weekly, n));
        let days = (1..=31).map(|n| (Pace::Daily, n));
        let hours = [12, 8, 6, 4].map(|n| (Pace::Hourly, n));
        let paces = weeks.chain(days).chain(hours);
        let found = paces.flat_map(|(pace, every)| {
            // Where there are holes, a week may begin on a day before the first shift.
            let is_by_weekday = pace == Pace::Weekly && !only.is_empty();
            let back = if is_by_weekday { 0..7 } else { 0..1 };
            let views = back.filter_map(|days| view.begun_before(days));
            let layers = views.filter_map(|view| {
                let people = view.cycle(pace, every)?;
                Some((people.len(), view.layer((pace, every), &people, &only)))
            });
            layers.collect::<Vec<_>>()
        });
        let mut found: Vec<(usize, LayerSpec)> = found.collect();
        // The shortest list is what somebody would write; of equals the longer pace stands first.
        found.sort_by_key(|(turns, _)| *turns);
        let mut layers = found.into_iter().map(|(_, layer)| layer);
        layers.find(|layer| view.is_proven(layer))
    }
}

struct View<'s> {
    schedule: &'s Schedule,
    within: Stretch,
    shifts: &'s [Shift],
    /// When the first shift began.
    starts: DateTime,
}

impl View<'_> {
    /// The same from some days before on.
    fn begun_before(&self, days: i64) -> Option<Self> {
        let starts = self.starts.checked_sub(Span::new().days(days)).ok()?;
        Some(Self { starts, ..*self })
    }

    fn clock(&self, at: Time) -> DateTime {
        self.schedule.zone.clock(at)
    }

    /// The windows in which somebody is on call; empty when always, `None` when they are not the same each day.
    fn only(&self) -> Option<Vec<RestrictionSpec>> {
        let on = stretch::union(self.shifts.iter().map(|shift| shift.stretch).collect());
        if on.len() == 1 {
            return Some(vec![]);
        }
        // Those at the ends may be cut.
        let whole = on.get(1..on.len() - 1)?;
        let walls = whole
            .iter()
            .map(|one| (self.clock(one.from), self.clock(one.to)));
        let walls: Vec<(DateTime, DateTime)> = walls.collect();
        let (from, to) = walls.first().map(|(from, to)| (from.time(), to.time()))?;
        let week = [
            Weekday::Monday,
            Weekday::Tuesday,
            Weekday::Wednesday,
            Weekday::Thursday,
            Weekday::Friday,
            Weekday::Saturday,
            Weekday::Sunday,
        ];
        let begins = |day: &Weekday| walls.iter().any(|(from, _)| from.weekday() == *day);
        let days: Vec<String> = week
            .into_iter()
            .filter(begins)
            .map(|day| word(day).to_owned())
            .collect();
        let text = |clock: jiff::civil::Time| clock.strftime("%H:%M").to_string();
        let to = if to == jiff::civil::Time::midnight() {
            "24:00".to_owned()
        } else {
            text(to)
        };
        Some(vec![RestrictionSpec {
            from: Some(text(from)),
            to: Some(to),
            days: (days.len() < 7).then_some(days),
            ..RestrictionSpec::default()
        }])
    }

    /// Whose the turns of that length are, until they come again.
    fn cycle(&self, pace: Pace, every: i64) -> Option<Vec<People>> {
        let mut turns: Vec<Option<&People>> = Vec::new();
        let mut next = 0;
        for number in 0_i64.. {
            let wall = self.starts.checked_add(span(pace, every * number)?).ok()?;
            let end = self
                .starts
                .checked_add(span(pace, every * (number + 1))?)
                .ok()?;
            let (from, to) = (
                self.schedule.zone.first(wall),
                self.schedule.zone.first(end),
            );
            if to > self.within.to {
                break;
            }
            while self
                .shifts
                .get(next)
                .is_some_and(|shift| shift.stretch.to <= from)
            {
                next += 1;
            }
            let shift = self
                .shifts
                .get(next)
                .filter(|shift| shift.stretch.from < to);
            turns.push(shift.map(|shift| &shift.people));
        }
        let most = MAX_CYCLE.min(turns.len() / 2);
        (1..=most).find_map(|length| {
            let mut cycle: Vec<Option<&People>> = vec![None; length];
            for (number, people) in turns.iter().enumerate() {
                let known = &mut cycle[number % length];
                match (*known, *people) {
                    (Some(other), Some(people)) if other != people => return None,
                    (None, Some(people)) => *known = Some(people),
                    _ => {}
                }
            }
            let cycle: Option<Vec<&People>> = cycle.into_iter().collect();
            Some(cycle?.into_iter().map(People::clone).collect())
        })
    }

    fn layer(
        &self,
        (pace, every): (Pace, i64),
        people: &[People],
        only: &[RestrictionSpec],
    ) -> LayerSpec {
        let last = self.shifts.last().map(|shift| shift.stretch.to);
        let until = last.filter(|last| *last < self.within.to && only.is_empty());
        let wall = |wall: DateTime| wall.strftime("%Y-%m-%dT%H:%M").to_string();
        let turns = people.iter().map(|turn| match &**turn {
            [one] => TurnSpec::One(one.to_string()),
            several => TurnSpec::Together(several.iter().map(ToString::to_string).collect()),
        });
        LayerSpec {
            rotation: pace,
            every: u32::try_from(every).ok().filter(|every| *every > 1),
            starts: wall(self.starts),
            until: until.map(|until| wall(self.clock(until))),
            people: turns.collect(),
            only: only.to_vec(),
            ..LayerSpec::default()
        }
    }

    /// Whether a layer says the same at every instant.
    fn is_proven(&self, layer: &LayerSpec) -> bool {
        let spec = ScheduleSpec {
            timezone: self.schedule.zone.name().to_owned(),
            layers: vec![layer.clone()],
            calendar: self.schedule.calendar.clone(),
        };
        let Ok(other) = Schedule::new(&self.schedule.name, &spec, &|_| true) else {
            return false;
        };
        let others = other.shifts_within(self.within);
        let said = |shift: &Shift| (shift.stretch, People::clone(&shift.people));
        others.iter().map(said).eq(self.shifts.iter().map(said))
    }
}

fn span(pace: Pace, number: i64) -> Option<Span> {
    let span = Span::new();
    match pace {
        Pace::Weekly => span.try_weeks(number).ok(),
        Pace::Daily => span.try_days(number).ok(),
        _ => span.try_hours(number).ok(),
    }
}

const fn word(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "monday",
        Weekday::Tuesday => "tuesday",
        Weekday::Wednesday => "wednesday",
        Weekday::Thursday => "thursday",
        Weekday::Friday => "friday",
        Weekday::Saturday => "saturday",
        Weekday::Sunday => "sunday",
    }
}
