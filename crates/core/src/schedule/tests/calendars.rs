use jiff::civil::{Date, date};

use super::*;

/// The person on call at noon of each day.
fn noons(schedule: &Schedule, first: Date, days: i64) -> String {
    let noon = |day: i64| {
        let day = first.saturating_add(jiff::Span::new().days(day));
        let at = schedule.zone().first(day.at(12, 0, 0, 0));
        names(&schedule.on_call_at(at).people)
    };
    (0..days)
        .map(|day| noon(day).chars().next().unwrap_or('-'))
        .collect()
}

#[test]
fn windows_go_over_midnight_and_over_the_end_of_the_week() {
    let ops = schedule(
        "UTC",
        r#"{"rotation": "weekly", "starts": "2026-01-01T00:00", "people": ["ada"],
            "only": [{"from": "18:00", "to": "09:00", "days": ["monday:thursday"]},
                     {"from": "friday 18:00", "to": "monday 09:00"}]}"#,
    );
    // 2026-01-05 is a Monday.
    assert_eq!(
        lengths(&ops, "2026-01-05T00:00", "2026-01-12T12:00"),
        [
            "ada 9:00",
            "- 9:00",
            "ada 15:00",
            "- 9:00",
            "ada 15:00",
            "- 9:00",
            "ada 15:00",
            "- 9:00",
            "ada 15:00",
            "- 9:00",
            "ada 63:00",
            "- 3:00"
        ]
    );
    let most = schedule(
        "UTC",
        r#"{"rotation": "weekly", "starts": "2026-01-01T00:00", "people": ["ada"],
            "only": [{"from": "monday 09:00", "to": "monday 08:00"}]}"#,
    );
    assert_eq!(
        lengths(&most, "2026-01-12T00:00", "2026-01-12T12:00"),
        ["ada 8:00", "- 1:00", "ada 3:00"]
    );
    let sunday = schedule(
        "UTC",
        r#"{"rotation": "weekly", "starts": "2026-01-01T00:00", "people": ["ada"],
            "only": [{"from": "saturday 00:00", "to": "sunday 24:00"}]}"#,
    );
    assert_eq!(noons(&sunday, date(2026, 1, 5), 7), "-----aa");
    let always = schedule(
        "UTC",
        r#"{"rotation": "weekly", "starts": "2026-01-01T00:00", "people": ["ada"],
            "only": [{"from": "sunday 00:00", "to": "saturday 24:00"}]}"#,
    );
    assert_eq!(noons(&always, date(2026, 1, 5), 7), "aaaaaaa");
}

#[test]
fn chinas_holidays_and_make_up_workdays_are_known() {
    let layers = r#"{"rotation": "weekly", "starts": "2025-01-01T00:00", "people": ["ada"], "only": [{"on": "workdays"}]},
         {"rotation": "weekly", "starts": "2025-01-01T00:00", "people": ["bob"], "only": [{"on": "days_off"}]},
         {"rotation": "weekly", "starts": "2025-01-01T00:00", "people": ["cai"], "only": [{"on": "holidays"}]}"#;
    let json =
        format!(r#"{{"timezone": "Asia/Shanghai", "calendar": "china", "layers": [{layers}]}}"#);
    let ops = checked(&json).expect("a schedule");
    // From Saturday, 26 September, to Sunday, 11 October 2026.
    assert_eq!(noons(&ops, date(2026, 9, 26), 16), "ccaaacccccccaaab");
    // From Saturday, 14 February, to Sunday, 1 March 2026.
    assert_eq!(noons(&ops, date(2026, 2, 14), 16), "acccccccccaaaaab");
    let china = Calendar::china();
    let count = |year: i16, kind: &dyn Fn(Date) -> bool| {
        let days = date(year, 1, 1).series(jiff::Span::new().days(1));
        days.take_while(|day| day.year() == year)
            .filter(|day| kind(*day))
            .count()
    };
    assert_eq!(count(2025, &|day| china.is_holiday(day)), 28);
    assert_eq!(count(2026, &|day| china.is_holiday(day)), 33);
    assert_eq!(count(2025, &|day| china.is_workday(day)), 248);
    assert_eq!(count(2026, &|day| china.is_workday(day)), 248);
    assert_eq!(china.last_day(), Some(date(2026, 10, 10)));
}

#[test]
fn a_night_belongs_to_the_day_on_which_it_begins() {
    let json = r#"{"timezone": "UTC", "calendar": [{"date": "2026-01-07", "kind": "holiday"}],
        "layers": [{"rotation": "weekly", "starts": "2026-01-01T00:00", "people": ["ada"],
                    "only": [{"from": "20:00", "to": "08:00", "on": "workdays"}]}]}"#;
    let ops = checked(json).expect("a schedule");
    assert_eq!(
        lengths(&ops, "2026-01-06T12:00", "2026-01-09T00:00"),
        ["- 8:00", "ada 12:00", "- 36:00", "ada 4:00"]
    );
}

#[test]
fn a_calendar_reads_and_prints_as_it_is_written() {
    let json = r#"[{"date":"2026-01-01","kind":"holiday"},{"date":"2026-01-04","kind":"workday"}]"#;
    let calendar: Calendar = serde_json::from_str(json).expect("a calendar");
    assert_eq!(serde_json::to_string(&calendar).expect("json"), json);
    let error = |json: &str| {
        serde_json::from_str::<Calendar>(json)
            .expect_err(json)
            .to_string()
    };
    assert_eq!(
        error(r#""mars""#),
        "no calendar is called \"mars\"; write china or a list of days"
    );
    assert_eq!(
        error(r#"[{"date":"2026-01-01","kind":"holiday"},{"date":"2026-01-01","kind":"workday"}]"#),
        "2026-01-01 is both a holiday and a workday in the calendar; keep one of the two lines"
    );
    let many: Vec<CalendarDay> = date(2000, 1, 1)
        .series(jiff::Span::new().days(1))
        .take(4_001)
        .map(|date| CalendarDay {
            date,
            kind: DayKind::Holiday,
        })
        .collect();
    assert_eq!(Calendar::new(&many), Err(CalendarError::TooMany(4_001)));
}
