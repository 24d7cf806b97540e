use std::collections::BTreeSet;

use jiff::civil::{Date, date};
use jiff::tz::AmbiguousOffset;
use proptest::prelude::*;

use super::*;

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).expect(name)
}

fn at(text: &str) -> Time {
    text.parse::<jiff::Timestamp>().expect(text).into()
}

fn interval(json: &str) -> Interval {
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{json}: {error}"))
}

#[test]
fn a_moment_is_inside_when_every_condition_holds() {
    let office = interval(
        r#"{"times": [{"start_time": "09:00", "end_time": "17:00"}],
            "weekdays": ["monday:friday"], "months": ["january:march", "12"],
            "days_of_month": ["1:5", "-3:-1"], "years": ["2025:2027"],
            "location": "Asia/Shanghai"}"#,
    );
    for (time, inside) in [
        ("2026-03-02T01:00:00Z", true),
        ("2026-03-02T08:59:59.999Z", true),
        ("2026-03-02T09:00:00Z", false),
        ("2026-03-02T00:59:59Z", false),
        ("2026-03-06T02:00:00Z", false),
        ("2026-03-30T02:00:00Z", true),
        ("2026-03-27T02:00:00Z", false),
        ("2026-03-01T02:00:00Z", false),
        ("2026-12-31T02:00:00Z", true),
        ("2026-04-01T02:00:00Z", false),
        ("2024-03-04T02:00:00Z", false),
        ("2028-03-01T02:00:00Z", false),
    ] {
        assert_eq!(office.contains(at(time)), inside, "{time}");
    }
}

#[test]
fn no_condition_holds_always_and_an_empty_one_never() {
    assert!(Interval::default().contains(Time::EPOCH));
    assert!(Interval::default().contains(Time::NEVER));
    for part in ["times", "weekdays", "days_of_month", "months", "years"] {
        assert!(
            !interval(&format!(r#"{{"{part}": []}}"#)).contains(Time::EPOCH),
            "{part}"
        );
    }
}

#[test]
fn the_last_minute_of_the_day_needs_twenty_four_oclock() {
    let until = |end: &str| {
        let times = Some(vec![TimeRange::new("00:00", end).expect("a range")]);
        Interval {
            times,
            ..Interval::default()
        }
    };
    let last = at("2026-01-01T23:59:59Z");
    assert!(until("24:00").contains(last) && !until("23:59").contains(last));
}

#[test]
fn local_is_the_systems_zone_once_that_is_told() {
    let night = interval(
        r#"{"times": [{"start_time": "00:00", "end_time": "06:00"}], "location": "Local"}"#,
    );
    let time = at("2026-01-01T18:00:00Z");
    assert!(!night.contains(time));
    assert!(
        night
            .clone()
            .localised(&zone("Asia/Shanghai"))
            .contains(time)
    );
    let utc = interval(r#"{"location": "UTC"}"#);
    assert_eq!(utc.clone().localised(&zone("Asia/Shanghai")), utc);
    assert_eq!(
        Location::new("Local", &zone("Asia/Tokyo")).map(|l| l.zone().clone()),
        Ok(zone("Asia/Tokyo"))
    );
}

#[test]
fn a_month_that_is_too_short_has_the_days_it_has() {
    let days = |text: &str| {
        let days_of_month = Some(vec![text.parse::<DayOfMonthRange>().expect(text)]);
        Interval {
            days_of_month,
            ..Interval::default()
        }
    };
    let february = |range: &str| -> Vec<i8> {
        let days = days(range);
        (1..=28)
            .filter(|day| days.contains(at(&format!("2026-02-{day:02}T12:00:00Z"))))
            .collect()
    };
    assert_eq!(february("27:31"), [27, 28]);
    assert_eq!(february("30:31"), [0_i8; 0]);
    assert_eq!(february("-31:-27"), [1, 2]);
    assert_eq!(february("-1"), [28]);
    assert_eq!(february("26:-1"), [26, 27, 28]);
    assert_eq!(february("-31:-30"), [0_i8; 0]);
}

#[test]
fn ranges_print_as_they_are_written() {
    let json = r#"{"times":[{"start_time":"09:05","end_time":"24:00"}],"weekdays":["monday:friday","sunday"],"days_of_month":["1:5","-3:-1","15"],"months":["1:3","12"],"years":["2025:2027","2030"],"location":"Europe/Berlin"}"#;
    assert_eq!(serde_json::to_string(&interval(json)).expect("json"), json);
    let loose = interval(
        r#"{"weekdays":["Monday:FRIDAY"],"months":["January:march","December"],"years":[2030],"days_of_month":[-1]}"#,
    );
    assert_eq!(
        serde_json::to_string(&loose).expect("json"),
        r#"{"weekdays":["monday:friday"],"days_of_month":["-1"],"months":["1:3","12"],"years":["2030"]}"#
    );
}

#[test]
fn what_is_wrong_with_a_part_is_said() {
    let time =
        |start: &str, end: &str| TimeRange::new(start, end).expect_err("refused").to_string();
    for (start, end, words) in [
        ("", "17:00", "both start and end times must be provided"),
        (
            "9:00",
            "17:00",
            "couldn't parse timestamp 9:00, invalid format: a time is HH:MM, up to 24:00",
        ),
        (
            "09:60",
            "17:00",
            "couldn't parse timestamp 09:60, invalid format: a time is HH:MM, up to 24:00",
        ),
        (
            "09:00",
            "24:01",
            "couldn't parse timestamp 24:01, invalid format: a time is HH:MM, up to 24:00",
        ),
        (
            "09:00:00",
            "24:00",
            "couldn't parse timestamp 09:00:00, invalid format: a time is HH:MM, up to 24:00",
        ),
        (
            "22:00",
            "06:00",
            "start time cannot be equal or greater than end time; over midnight, write two ranges",
        ),
    ] {
        assert_eq!(time(start, end), words);
    }
    let weekday = |text: &str| text.parse::<WeekdayRange>().expect_err(text).to_string();
    assert_eq!(weekday("mon:fri"), "mon is not a valid weekday");
    assert_eq!(
        weekday("monday:friday:sunday"),
        "couldn't parse range monday:friday:sunday, invalid format: a range is begin:end"
    );
    assert!(weekday("saturday:sunday").starts_with("start day cannot be before end day"));
    let day = |text: &str| text.parse::<DayOfMonthRange>().expect_err(text).to_string();
    assert_eq!(day("0"), "0 is not a valid day of the month: out of range");
    assert_eq!(
        day("1:32"),
        "32 is not a valid day of the month: out of range"
    );
    assert_eq!(
        day("-32:-1"),
        "-32 is not a valid day of the month: out of range"
    );
    assert_eq!(
        day("-1:1"),
        "end day must be negative if start day is negative"
    );
    assert_eq!(day("5:1"), "end day 1 is always before start day 5");
    assert_eq!(day("28:-1"), "end day -1 is always before start day 28");
    assert_eq!(day("first"), "first is not a number");
    let month = |text: &str| text.parse::<MonthRange>().expect_err(text).to_string();
    assert_eq!(month("janu"), "janu is not a valid month");
    assert_eq!(month("0"), "0 is not a valid month");
    assert_eq!(month("12:1"), "end month is before start month in 12:1");
    let year = "2027:2025"
        .parse::<YearRange>()
        .expect_err("refused")
        .to_string();
    assert_eq!(year, "end year 2025 is before start year 2027");
    assert_eq!(
        Location::new("Mars/Olympus", &TimeZone::UTC),
        Err(IntervalError::UnknownZone("Mars/Olympus".to_owned()))
    );
    let error = serde_json::from_str::<Interval>(r#"{"weekday": []}"#).expect_err("unknown key");
    assert!(
        error.to_string().contains("unknown field `weekday`"),
        "{error}"
    );
}

/// The minutes inside an interval, found from the other side: every local minute of every local
/// day that the interval names is turned into the instants at which the clock shows it.
fn minutes_shown(
    zone: &TimeZone,
    days: &[Date],
    minutes: &[std::ops::Range<i16>],
) -> BTreeSet<i64> {
    let mut shown = BTreeSet::new();
    for day in days {
        for minute in minutes.iter().cloned().flatten() {
            let clock = day.at((minute / 60) as i8, (minute % 60) as i8, 0, 0);
            let offsets = match zone.to_ambiguous_timestamp(clock).offset() {
                AmbiguousOffset::Unambiguous { offset } => vec![offset],
                AmbiguousOffset::Fold { before, after } => vec![before, after],
                AmbiguousOffset::Gap { .. } => vec![],
            };
            shown.extend(
                offsets
                    .iter()
                    .map(|offset| offset.to_timestamp(clock).expect("in range").as_second() / 60),
            );
        }
    }
    shown
}

/// The zone, and the first of the days around a change of its clock.
const CLOCK_CHANGES: [(&str, Date); 9] = [
    ("Europe/Berlin", date(2026, 3, 27)),
    ("Europe/Berlin", date(2026, 10, 23)),
    ("America/New_York", date(2026, 3, 6)),
    ("America/New_York", date(2026, 10, 30)),
    ("Australia/Lord_Howe", date(2026, 4, 3)),
    ("Australia/Lord_Howe", date(2026, 10, 2)),
    ("America/Santiago", date(2026, 9, 4)),
    ("Asia/Kathmandu", date(2026, 2, 27)),
    ("Asia/Shanghai", date(2027, 12, 30)),
];

#[test]
fn every_minute_around_a_clock_change_is_where_the_clock_shows_it() {
    for (name, first) in CLOCK_CHANGES {
        let days: Vec<Date> = (0..5)
            .map(|i| first.saturating_add(jiff::Span::new().days(i)))
            .collect();
        let zone = zone(name);
        let interval = interval(&format!(
            r#"{{"times": [{{"start_time": "01:30", "end_time": "03:15"}},
                           {{"start_time": "23:00", "end_time": "24:00"}}],
                "weekdays": ["sunday", "friday:saturday"], "location": "{name}"}}"#
        ));
        let named: Vec<Date> = days
            .iter()
            .copied()
            .filter(|day| matches!(day.weekday().to_sunday_zero_offset(), 0 | 5 | 6))
            .collect();
        let expected = minutes_shown(&zone, &named, &[90..195, 1380..1440]);
        let bound = |day: Date| {
            zone.to_timestamp(day.at(0, 0, 0, 0))
                .expect("a day")
                .as_second()
                / 60
        };
        let period = bound(days[0])..bound(days[4]);
        assert!(expected.range(period.clone()).count() > 200, "{name}");
        for minute in period {
            let inside = interval.contains(Time::from_secs(minute * 60 + 59));
            assert_eq!(
                inside,
                expected.contains(&minute),
                "{name} at minute {minute}"
            );
        }
    }
}

prop_compose! {
    fn any_days()(
        begin in prop::sample::select((-31..=31_i8).filter(|d| *d != 0).collect::<Vec<_>>()),
        length in 0..31_i8,
    ) -> Option<DayOfMonthRange> {
        format!("{begin}:{}", begin + length).parse().ok()
    }
}

proptest! {
    #[test]
    fn days_are_those_of_the_calendar(
        range in any_days(),
        months in (1..=12_i64, 0..12_i64),
        weekdays in (0..7_usize, 0..7_usize),
        years in (2023..2028_i64, 0..3_i64),
        offset in 0..1_500_i64,
        zone_name in prop::sample::select(vec!["UTC", "Asia/Kathmandu", "Pacific/Kiritimati"]),
    ) {
        prop_assume!(range.is_some());
        let range = range.expect("assumed");
        let month = (months.0, (months.0 + months.1).min(12));
        let weekday = (weekdays.0.min(weekdays.1), weekdays.0.max(weekdays.1));
        let interval = Interval {
            days_of_month: Some(vec![range]),
            months: Some(vec![format!("{}:{}", month.0, month.1).parse().expect("months")]),
            weekdays: Some(vec![
                format!("{}:{}", parse::WEEKDAYS[weekday.0], parse::WEEKDAYS[weekday.1])
                    .parse()
                    .expect("weekdays"),
            ]),
            years: Some(vec![format!("{}:{}", years.0, years.0 + years.1).parse().expect("years")]),
            location: Some(Location::new(zone_name, &TimeZone::UTC).expect("zone")),
            times: None,
        };
        // A day is inside when it stands in the written-out list of its month's days.
        let day = date(2023, 6, 1).saturating_add(jiff::Span::new().days(offset));
        let of_month: Vec<i8> = (1..=day.days_in_month()).collect();
        let counted = |n: i8| if n > 0 { n } else { of_month.len() as i8 + 1 + n };
        let listed = of_month
            .iter()
            .any(|d| *d == day.day() && *d >= counted(range.begin) && *d <= counted(range.end));
        let expected = listed
            && (month.0..=month.1).contains(&i64::from(day.month()))
            && (weekday.0..=weekday.1).contains(&(day.weekday().to_sunday_zero_offset() as usize))
            && (years.0..=years.0 + years.1).contains(&i64::from(day.year()));
        for (hour, minute) in [(0, 0), (12, 0), (23, 59)] {
            let instant = zone(zone_name).to_timestamp(day.at(hour, minute, 0, 0)).expect("instant");
            prop_assert_eq!(interval.contains(instant.into()), expected);
        }
    }

    #[test]
    fn no_text_panics(text in r"[a-z0-9:-]{0,12}|(-?[0-9]{1,30}:?){1,2}") {
        if let Ok(range) = text.parse::<DayOfMonthRange>() {
            prop_assert_eq!(range.to_string().parse(), Ok(range));
        }
        if let Ok(range) = text.parse::<MonthRange>() {
            prop_assert_eq!(range.to_string().parse(), Ok(range));
        }
        if let Ok(range) = text.parse::<YearRange>() {
            prop_assert_eq!(range.to_string().parse(), Ok(range));
        }
        prop_assert!(text.parse::<WeekdayRange>().is_err() || text.contains("day"));
        prop_assert!(TimeRange::new(&text, "24:00").is_err() || text.len() == 5);
    }
}
