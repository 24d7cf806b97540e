//! Silences that recur by a rule of repetition.

use jiff::civil::Date;
use jiff::{ToSpan, tz::TimeZone};
use proptest::prelude::*;

use super::*;

fn by_rule(timezone: &str, rrule: &str, starts: &str, lasts: &str) -> Series {
    Series {
        rules: vec![RuleSpec {
            rrule: rrule.to_owned(),
            starts: starts.to_owned(),
            lasts: lasts.to_owned(),
        }],
        ..series(timezone, "[]")
    }
}

/// The dates of a year that are the `nth` of their weekday in their month, the last for 5; counted on the fingers.
fn by_hand(year: i16, nth: usize, weekday: i8) -> Vec<Date> {
    let mut found = Vec::new();
    for month in 1..=12 {
        let mut day = Date::new(year, month, 1).expect("a day");
        let mut alike = Vec::new();
        while day.month() == month {
            if day.weekday().to_monday_zero_offset() == weekday {
                alike.push(day);
            }
            day = day.saturating_add(1.day());
        }
        found.extend(if nth == 5 {
            alike.last()
        } else {
            alike.get(nth - 1)
        });
    }
    found
}

proptest! {
    #[test]
    fn the_second_tuesday_of_a_month_is_what_a_calendar_on_the_wall_says(
        zone in prop::sample::select(vec!["UTC", "Asia/Shanghai", "Europe/London", "America/Chicago"]),
        nth in 1_usize..=5,
        weekday in 0_i8..7,
        hour in 4_i8..24,
        year in 2026_i16..2040,
    ) {
        let days = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
        let place = if nth == 5 { -1 } else { nth as i64 };
        let rule = format!("FREQ=MONTHLY;BYDAY={place}{}", days[weekday as usize]);
        let one = by_rule(zone, &rule, &format!("2026-01-01T{hour:02}:00"), "90m");
        prop_assert_eq!(one.check(), Ok(()));
        let tz = TimeZone::get(zone).expect("a zone");
        let instant = |date: Date, hour| {
            let wall = date.at(hour, 0, 0, 0);
            Time::from(tz.to_zoned(wall).expect("a time").timestamp())
        };
        let january = Date::new(year, 1, 1).expect("a day");
        let next = Date::new(year + 1, 1, 1).expect("a day");
        let within = Stretch::new(instant(january, 0), instant(next, 0)).expect("a year");
        let expected: Vec<Time> = by_hand(year, nth, weekday)
            .into_iter()
            .map(|date| instant(date, hour))
            .collect();
        let windows = one.windows(within);
        // Of the last one of the year before there may be a rest.
        let begins = windows.iter().map(|window| window.from);
        let begins: Vec<Time> = begins.filter(|begins| *begins >= within.from).collect();
        prop_assert_eq!(begins, expected);
        prop_assert!(windows.iter().all(|window| window.length() == Duration::from_mins(90)));
    }

    #[test]
    fn each_repetition_is_made_once_and_before_it_begins(
        waits in prop::collection::vec(1_u64..40_000, 1..80),
    ) {
        let one = by_rule("Europe/London", "FREQ=MONTHLY;BYMONTHDAY=-1", "2026-01-01T22:00", "4h");
        let mut now = at("2026-01-02T00:00:00Z");
        let mut made: Vec<Silence> = Vec::new();
        for wait in waits {
            let known = |id: &str| made.iter().any(|silence| *silence.id == *id);
            let due = one.due(now, known);
            made.extend(due);
            let ahead: Vec<&Silence> = made.iter().filter(|silence| silence.starts_at > now).collect();
            prop_assert_eq!(ahead.len(), 1, "the next one, and no more, at {}", now);
            now = now.after(Duration::from_mins(wait));
        }
        let mut ids: Vec<&str> = made.iter().map(|silence| &*silence.id).collect();
        ids.sort_unstable();
        ids.dedup();
        prop_assert_eq!(ids.len(), made.len());
    }
}

#[test]
fn what_comes_once_in_years_is_there_years_before() {
    let one = by_rule(
        "Asia/Shanghai",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
        "2026-01-01T00:00",
        "1h",
    );
    assert_eq!(one.check(), Ok(()));
    let made = one.due(at("2026-12-01T00:00:00Z"), |_| false);
    let [silence] = made.as_slice() else {
        panic!("{made:?}")
    };
    assert_eq!(silence.starts_at, at("2028-02-28T16:00:00Z"));
    assert_eq!(
        silence.comment,
        "backups (recurring: FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29 from 2026-01-01T00:00 for 1h Asia/Shanghai)"
    );
}

#[test]
fn a_rule_ends_with_its_count_or_its_last_day() {
    let year =
        Stretch::new(at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z")).expect("a year");
    let count = |rule: &str| {
        by_rule("UTC", rule, "2026-03-01T01:00", "1h")
            .windows(year)
            .len()
    };
    assert_eq!(count("FREQ=DAILY;COUNT=3"), 3);
    assert_eq!(
        count("FREQ=WEEKLY;UNTIL=20260315"),
        3,
        "the last day counts"
    );
    assert_eq!(count("RRULE:FREQ=MONTHLY;UNTIL=20260501T010000Z"), 3);
    let over = by_rule("UTC", "FREQ=DAILY;COUNT=3", "2026-03-01T01:00", "1h");
    assert_eq!(over.due(at("2026-05-01T00:00:00Z"), |_| false), []);
}

#[test]
fn times_and_rules_that_meet_are_one_window() {
    let both = Series {
        times: serde_json::from_str(r#"[{"from": "22:00", "to": "23:00", "days": ["tuesday"]}]"#)
            .expect("times"),
        ..by_rule("UTC", "FREQ=MONTHLY;BYDAY=2TU", "2026-01-01T23:00", "2h")
    };
    let month = Stretch::new(at("2026-01-12T00:00:00Z"), at("2026-01-19T00:00:00Z"));
    let windows = both.windows(month.expect("a week"));
    let expected = Stretch::new(at("2026-01-13T22:00:00Z"), at("2026-01-14T01:00:00Z"));
    assert_eq!(windows, [expected.expect("a window")]);
}

#[test]
fn a_rule_that_cannot_be_meant_is_named_with_its_place() {
    let wrong = |rule: &str, starts: &str, lasts: &str| {
        let refused = by_rule("UTC", rule, starts, lasts).check();
        refused.expect_err("wrong").to_string()
    };
    let (start, rule) = ("2026-01-01T00:00", "FREQ=MONTHLY;BYDAY=2TU");
    assert!(wrong("every second tuesday", start, "1h").starts_with("rules: 1: rrule: \"EVERY"));
    assert!(wrong("FREQ=HOURLY", start, "1h").contains("by days, weeks, months or years"));
    assert!(wrong(rule, "02:00", "1h").starts_with("rules: 1: starts: \"02:00\""));
    assert!(wrong(rule, start, "8d").starts_with("rules: 1: lasts: 8d is not within"));
    assert!(wrong(rule, start, "soon").starts_with("rules: 1: lasts: "));
    assert!(wrong("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", start, "1h").contains("it never comes"));
    assert!(wrong("FREQ=DAILY", start, "24h").starts_with("times: it would be on all the time"));
}

#[test]
fn a_series_of_an_earlier_version_is_read() {
    let one = series("UTC", r#"[{"from": "22:00", "to": "02:00"}]"#);
    let body = serde_json::to_value(&one).expect("a body");
    assert!(body.get("rules").is_none(), "{body}");
    let read: Series = serde_json::from_value(body).expect("a series");
    assert_eq!(read, one);
}
