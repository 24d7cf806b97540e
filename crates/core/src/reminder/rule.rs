//! Which stage of a reminder is to be told, and when the next one will be.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};

use super::{Reminder, hours};
use crate::time::Time;

/// When reminders are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Nobody is told before this hour of their day, 0 to 23.
    pub from: u8,
    /// Nor from this hour on, 1 to 24.
    pub to: u8,
    /// Days ahead at which every reminder is told, besides its own `advance_days`. Those that are further ahead
    /// than that do not count for it: whoever wants to know three days ahead does not want to know seven ahead.
    pub stages: Vec<u32>,
    /// Whether it is told once a day after its date until somebody has seen to it.
    pub overdue: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            from: 9,
            to: 18,
            stages: vec![7, 3, 1, 0],
            overdue: false,
        }
    }
}

/// A stage of a reminder, as it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stage {
    /// What is written down once it is told.
    pub mark: Mark,
    /// How many days are left; negative after the date.
    pub days_left: i64,
}

/// That a stage was told. Another date has marks of its own, so that a reminder whose date was moved is told again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mark {
    /// The date it is about, in days since 1970-01-01.
    pub day: i64,
    /// How many days ahead it was to be told; negative after the date, then so many days.
    pub stage: i64,
}

impl Settings {
    /// The stage that is to be told now; `None` when there is none, or it is told, or this is not the hour.
    ///
    /// Only the most urgent stage that has come is told: those that were missed, because the node was down or the
    /// reminder was made late, have passed with it.
    pub fn due(
        &self,
        reminder: &Reminder,
        told: &BTreeSet<Mark>,
        zone: &TimeZone,
        now: Time,
    ) -> Option<Stage> {
        let today = zone.to_datetime(now.timestamp()).date();
        let stage = self.untold(reminder, told, zone, today)?;
        let (begin, end) = hours::of(today, (self.from, self.to), zone)?;
        (begin <= now && now < end).then_some(stage)
    }

    /// The first instant from `now` on at which a stage is due, if nothing changes; `None` when no more is told.
    pub fn next_look(
        &self,
        reminder: &Reminder,
        told: &BTreeSet<Mark>,
        zone: &TimeZone,
        now: Time,
    ) -> Option<Time> {
        let today = zone.to_datetime(now.timestamp()).date();
        self.days(reminder, zone, today)
            .into_iter()
            .filter(|day| self.untold(reminder, told, zone, *day).is_some())
            .filter_map(|day| hours::of(day, (self.from, self.to), zone))
            .find(|(_, end)| now < *end)
            .map(|(begin, _)| begin.max(now))
    }

    /// The stage that stands on a day, whatever the hour, unless it is told.
    fn untold(
        &self,
        reminder: &Reminder,
        told: &BTreeSet<Mark>,
        zone: &TimeZone,
        today: Date,
    ) -> Option<Stage> {
        if reminder.handled.is_some() {
            return None;
        }
        let day = reminder.day(zone);
        let days_left = day - days_since_1970(today);
        let stage = if days_left < 0 {
            self.overdue.then_some(days_left)?
        } else {
            self.stages_of(reminder)
                .map(i64::from)
                .filter(|stage| *stage >= days_left)
                .min()?
        };
        let mark = Mark { day, stage };
        (!told.contains(&mark)).then_some(Stage { mark, days_left })
    }

    /// How many days ahead a reminder is told, in no order; some may come twice.
    fn stages_of(&self, reminder: &Reminder) -> impl Iterator<Item = u32> {
        let most = reminder.advance_days;
        let usual = self.stages.iter().copied();
        usual.filter(move |stage| *stage < most).chain([most])
    }

    /// The days on which the next stage can begin to be told, in order: for each stage, and for after the date, its
    /// own and the two days after, since hours can be over for today, or missing from a day.
    fn days(&self, reminder: &Reminder, zone: &TimeZone, today: Date) -> BTreeSet<Date> {
        let expires = zone.to_datetime(reminder.expires_at.timestamp()).date();
        let begins = self
            .stages_of(reminder)
            .map(|stage| -i64::from(stage))
            .chain([1])
            .filter_map(|days| later(expires, days))
            .filter(|day| *day >= today)
            .chain([today]);
        begins
            .flat_map(|day| (0..=2).filter_map(move |more| later(day, more)))
            .collect()
    }
}

impl Reminder {
    /// How many days are left by the calendar of a zone; negative after the date.
    pub fn days_left(&self, zone: &TimeZone, now: Time) -> i64 {
        let today = zone.to_datetime(now.timestamp()).date();
        self.day(zone) - days_since_1970(today)
    }

    /// Its date, in days since 1970-01-01.
    fn day(&self, zone: &TimeZone) -> i64 {
        days_since_1970(zone.to_datetime(self.expires_at.timestamp()).date())
    }
}

fn later(date: Date, days: i64) -> Option<Date> {
    let span: Span = days.days();
    date.checked_add(span).ok()
}

fn days_since_1970(date: Date) -> i64 {
    let since = date.since(Date::constant(1970, 1, 1));
    // Days are what a span between dates is in, and all dates have one.
    since.map_or(0, |span| i64::from(span.get_days()))
}
