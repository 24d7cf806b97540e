//! Rules of repetition: RRULE of RFC 5545 (3.3.10) for days, weeks, months and years.
//!
//! Reckoned on the wall of the event. What calendars of shifts do not have is refused by name: rules by the hour or
//! shorter, by week number and by day of the year.

use jiff::civil::{Date, DateTime, Weekday};
use jiff::{Span, ToSpan};

/// Periods that are looked at in one go: more than five years of days with their 200 years before.
const MOST_PERIODS: i64 = 80_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Frequency {
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

/// A checked rule.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    frequency: Frequency,
    interval: i64,
    count: Option<u64>,
    /// The last wall time that counts.
    pub(super) until: Option<DateTime>,
    /// Weekdays, with which of the period when that is said: 1 the first, -1 the last.
    by_day: Vec<(i64, Weekday)>,
    by_month_day: Vec<i8>,
    by_month: Vec<i8>,
    by_set_pos: Vec<i64>,
    week_start: Weekday,
}

fn weekday(text: &str) -> Option<Weekday> {
    Some(match text {
        "MO" => Weekday::Monday,
        "TU" => Weekday::Tuesday,
        "WE" => Weekday::Wednesday,
        "TH" => Weekday::Thursday,
        "FR" => Weekday::Friday,
        "SA" => Weekday::Saturday,
        "SU" => Weekday::Sunday,
        _ => return None,
    })
}

fn list<T>(value: &str, read: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    value.split(',').map(|one| read(one.trim())).collect()
}

fn ordinal(text: &str) -> Option<(i64, Weekday)> {
    let split = text.len().checked_sub(2)?;
    let (number, day) = (text.get(..split)?, text.get(split..)?);
    let number = if number.is_empty() {
        0
    } else {
        number.parse().ok()?
    };
    Some((number, weekday(day)?)).filter(|(number, _)| (-53..=53).contains(number))
}

fn day_of_month(text: &str) -> Option<i8> {
    let day: i8 = text.parse().ok()?;
    (day != 0 && (-31..=31).contains(&day)).then_some(day)
}

impl Rule {
    /// Reads a rule; `until` makes a wall time of the event of its words. What cannot be read is the error.
    pub(crate) fn read(
        text: &str,
        until: impl Fn(&str) -> Option<DateTime>,
    ) -> Result<Self, String> {
        let mut rule = Self {
            frequency: Frequency::Daily,
            interval: 1,
            count: None,
            until: None,
            by_day: Vec::new(),
            by_month_day: Vec::new(),
            by_month: Vec::new(),
            by_set_pos: Vec::new(),
            week_start: Weekday::Monday,
        };
        let mut has_frequency = false;
        for part in text.split(';').filter(|part| !part.is_empty()) {
            let part = part.to_ascii_uppercase();
            let read = part.split_once('=').and_then(|(name, value)| {
                has_frequency |= name == "FREQ";
                rule.take(name.trim(), value.trim(), &until)
            });
            if read.is_none() {
                return Err(part.chars().take(64).collect());
            }
        }
        let by_ordinal = rule.by_day.iter().any(|(number, _)| *number != 0);
        let in_months = matches!(rule.frequency, Frequency::Monthly | Frequency::Yearly);
        if !has_frequency || (by_ordinal && !in_months) {
            return Err(text.chars().take(64).collect());
        }
        Ok(rule)
    }

    fn take(
        &mut self,
        name: &str,
        value: &str,
        until: &impl Fn(&str) -> Option<DateTime>,
    ) -> Option<()> {
        match name {
            "FREQ" => {
                self.frequency = match value {
                    "DAILY" => Frequency::Daily,
                    "WEEKLY" => Frequency::Weekly,
                    "MONTHLY" => Frequency::Monthly,
                    "YEARLY" => Frequency::Yearly,
                    _ => return None,
                }
            }
            "INTERVAL" => {
                self.interval = value.parse().ok().filter(|n| (1..=10_000).contains(n))?;
            }
            "COUNT" => self.count = Some(value.parse().ok().filter(|n| *n > 0)?),
            "UNTIL" => self.until = Some(until(value)?),
            "BYDAY" => self.by_day = list(value, ordinal)?,
            "BYMONTHDAY" => self.by_month_day = list(value, day_of_month)?,
            "BYMONTH" => {
                let month = |text: &str| text.parse().ok().filter(|n| (1..=12).contains(n));
                self.by_month = list(value, month)?;
            }
            "BYSETPOS" => {
                let place = |text: &str| text.parse().ok().filter(|n| *n != 0);
                self.by_set_pos = list(value, place)?;
            }
            "WKST" => self.week_start = weekday(value)?,
            _ => return None,
        }
        Some(())
    }

    /// Says each time up to the day of `to` at which the rule repeats what began at `start`, in order, until `say` has heard
    /// enough. Times before `from` may be left out.
    pub(crate) fn each(
        &self,
        start: DateTime,
        (from, to): (DateTime, DateTime),
        mut say: impl FnMut(DateTime) -> bool,
    ) {
        let mut left = self.count.unwrap_or(u64::MAX);
        // With a count every time since the start has to be found.
        let first = if self.count.is_none() {
            self.periods_before(start, from)
        } else {
            0
        };
        for period in first..first.saturating_add(MOST_PERIODS) {
            let Some(days) = self.days(start.date(), period, to.date()) else {
                return;
            };
            for day in days {
                let time = day.to_datetime(start.time());
                if time < start {
                    continue;
                }
                if left == 0 || self.until.is_some_and(|until| time > until) || !say(time) {
                    return;
                }
                left -= 1;
            }
        }
    }

    /// Periods that are over before `from`, less one.
    fn periods_before(&self, start: DateTime, from: DateTime) -> i64 {
        let days = (from.date() - start.date()).get_days();
        let length = match self.frequency {
            Frequency::Daily => 1,
            Frequency::Weekly => 7,
            // Longer than any, so that none is left out.
            Frequency::Monthly => 31,
            Frequency::Yearly => 366,
        };
        (i64::from(days) / (length * self.interval) - 2).max(0)
    }

    /// The days of a period on which it repeats; `None` when it begins after `last`, or behind the end of the calendar.
    fn days(&self, start: Date, period: i64, last: Date) -> Option<Vec<Date>> {
        let ahead = period.checked_mul(self.interval)?;
        let in_time = |first: Date| Some(first).filter(|first| *first <= last);
        let mut days = match self.frequency {
            Frequency::Daily => {
                let day = start.checked_add(span(ahead, 7_000_000, i64::days)?).ok()?;
                vec![in_time(day)?]
            }
            Frequency::Weekly => self.week(start, in_time(self.first_of_week(start, ahead)?)?),
            Frequency::Monthly => {
                let first = start.first_of_month();
                let first = first.checked_add(span(ahead, 200_000, i64::months)?).ok()?;
                self.month(start, in_time(first)?)
            }
            Frequency::Yearly => {
                let year = i64::from(start.year()).checked_add(ahead)?;
                let year = i16::try_from(year).ok().filter(|year| *year < 9_900)?;
                in_time(Date::new(year, 1, 1).ok()?)?;
                self.year(start, year)?
            }
        };
        if matches!(self.frequency, Frequency::Daily | Frequency::Weekly) {
            days.retain(|day| self.fits(*day));
        }
        days.retain(|day| self.by_month.is_empty() || self.by_month.contains(&day.month()));
        days.sort_unstable();
        days.dedup();
        if !self.by_set_pos.is_empty() {
            let places = self.by_set_pos.iter();
            let mut chosen: Vec<Date> = places.filter_map(|place| nth(&days, *place)).collect();
            chosen.sort_unstable();
            chosen.dedup();
            days = chosen;
        }
        Some(days)
    }

    /// Whether a day of a rule by days or weeks is meant.
    fn fits(&self, day: Date) -> bool {
        let weekday =
            self.by_day.is_empty() || self.by_day.iter().any(|(_, own)| *own == day.weekday());
        weekday && (self.by_month_day.is_empty() || self.is_month_day(day))
    }

    fn is_month_day(&self, day: Date) -> bool {
        let back = day.day() - day.days_in_month() - 1;
        self.by_month_day
            .iter()
            .any(|own| *own == day.day() || *own == back)
    }

    fn first_of_week(&self, start: Date, ahead: i64) -> Option<Date> {
        let since = start.weekday().since(self.week_start);
        let first = start.checked_sub(i64::from(since).days()).ok()?;
        first.checked_add(span(ahead, 1_000_000, i64::weeks)?).ok()
    }

    fn week(&self, start: Date, first: Date) -> Vec<Date> {
        let days = (0..7).filter_map(|n: i64| first.checked_add(n.days()).ok());
        let own = |day: &Date| !self.by_day.is_empty() || day.weekday() == start.weekday();
        days.filter(own).collect()
    }

    fn month(&self, start: Date, first: Date) -> Vec<Date> {
        let days =
            (0..i64::from(first.days_in_month())).filter_map(|n| first.checked_add(n.days()).ok());
        let days: Vec<Date> = days.collect();
        if self.by_day.is_empty() && self.by_month_day.is_empty() {
            return days
                .into_iter()
                .filter(|day| day.day() == start.day())
                .collect();
        }
        let by_day = |day: &Date| self.by_day.is_empty() || self.is_weekday_of(*day, &days);
        let by_number = |day: &Date| self.by_month_day.is_empty() || self.is_month_day(*day);
        days.iter()
            .copied()
            .filter(|day| by_day(day) && by_number(day))
            .collect()
    }

    fn year(&self, start: Date, year: i16) -> Option<Vec<Date>> {
        let of_month = |month: i8| Date::new(year, month, 1).ok();
        if self.by_month.is_empty() && !self.by_day.is_empty() && self.by_month_day.is_empty() {
            let first = of_month(1)?;
            let days = (0..i64::from(first.days_in_year()))
                .filter_map(|n| first.checked_add(n.days()).ok());
            let days: Vec<Date> = days.collect();
            return Some(
                days.iter()
                    .copied()
                    .filter(|day| self.is_weekday_of(*day, &days))
                    .collect(),
            );
        }
        let months: Vec<i8> = match (self.by_month.is_empty(), self.by_month_day.is_empty()) {
            (false, _) => self.by_month.clone(),
            (true, false) => (1..=12).collect(),
            (true, true) => vec![start.month()],
        };
        let days = months.into_iter().filter_map(of_month);
        Some(days.flat_map(|first| self.month(start, first)).collect())
    }

    /// Whether a day is one of the weekdays, or the one of that number among its like in a month or a year.
    fn is_weekday_of(&self, day: Date, all: &[Date]) -> bool {
        self.by_day.iter().any(|(number, weekday)| {
            if *weekday != day.weekday() {
                return false;
            }
            let alike = || all.iter().filter(|other| other.weekday() == *weekday);
            match number {
                0 => true,
                1.. => alike().nth(*number as usize - 1) == Some(&day),
                _ => alike().nth_back(number.unsigned_abs() as usize - 1) == Some(&day),
            }
        })
    }
}

/// So many of a unit, of which jiff's calendar has more than `most`.
fn span(ahead: i64, most: i64, make: impl Fn(i64) -> Span) -> Option<Span> {
    (0..=most).contains(&ahead).then(|| make(ahead))
}

fn nth(days: &[Date], place: i64) -> Option<Date> {
    let index = if place > 0 {
        usize::try_from(place - 1).ok()?
    } else {
        days.len()
            .checked_sub(usize::try_from(place.unsigned_abs()).ok()?)?
    };
    days.get(index).copied()
}
