//! When a recurring silence holds, minute by minute.

mod rules;

use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;
use crate::silence::Silences;

fn series(timezone: &str, times: &str) -> Series {
    Series {
        id: "0b6a5c1d-2e3f-4a51-9f0e-7a1f6c1e2f64".into(),
        matcher_sets: Vec::new(),
        timezone: timezone.to_owned(),
        times: serde_json::from_str(times).expect(times),
        rules: Vec::new(),
        created_by: "chen".to_owned(),
        comment: "backups".to_owned(),
        created_at: Time::EPOCH,
        ended: false,
    }
}

fn at(text: &str) -> Time {
    text.parse::<jiff::Timestamp>().expect(text).into()
}

/// Whether a clock on the wall shows a time of the window, asked minute by minute of an hour that comes once.
fn shows(zone: &TimeZone, now: Time, weekday: i8, from: i64, to: i64) -> bool {
    let clock = zone.to_datetime(now.timestamp());
    let minute = i64::from(clock.hour()) * 60 + i64::from(clock.minute());
    let day = clock.date().weekday().to_sunday_zero_offset();
    if from < to {
        return day == weekday && (from..to).contains(&minute);
    }
    let next = (weekday + 1).rem_euclid(7);
    (day == weekday && minute >= from) || (day == next && minute < to)
}

proptest! {
    #[test]
    fn it_is_on_when_the_clock_on_the_wall_says_so(
        zone in prop::sample::select(vec!["UTC", "Asia/Shanghai", "Europe/London", "America/Chicago", "Australia/Lord_Howe"]),
        weekday in 0_i8..7,
        from in 0_i64..96,
        to in 0_i64..96,
        week in 0_i64..520,
    ) {
        prop_assume!(from != to);
        let (from, to) = (from * 15, to * 15);
        let names = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
        let text = |minute: i64| format!("{:02}:{:02}", minute / 60, minute % 60);
        let day = names[weekday as usize];
        let times = format!(r#"[{{"from": "{}", "to": "{}", "days": ["{day}"]}}]"#, text(from), text(to));
        let one = series(zone, &times);
        let begin = Time::from_secs(1_767_225_600 + week * 7 * 86_400);
        let within = Stretch::new(begin, begin.after(Duration::from_hours(8 * 24))).expect("a stretch");
        let windows = one.windows(within);
        let tz = TimeZone::get(zone).expect("a zone");
        for minute in 0..8 * 24 * 60 {
            let now = begin.after(Duration::from_mins(minute));
            let on = windows.iter().any(|window| window.from <= now && now < window.to);
            let shown = shows(&tz, now, weekday, from, to);
            // An hour that comes twice is quiet throughout: what the clock shows in between may lie outside.
            let twice = [-60, -30, 30, 60].iter().any(|other| {
                let near = Time::from_secs(now.secs() + other * 60);
                tz.to_offset(near.timestamp()) != tz.to_offset(now.timestamp())
            });
            prop_assert!(on == shown || twice, "{zone} {times} at {now}");
        }
    }

    #[test]
    fn each_occurrence_is_made_once_whenever_it_is_looked_at(
        waits in prop::collection::vec(1_u64..3_000, 1..60),
    ) {
        let one = series("Europe/London", r#"[{"from": "22:00", "to": "02:00"}]"#);
        let mut now = at("2026-03-20T00:00:00Z");
        let mut all: BTreeSet<Arc<str>> = BTreeSet::new();
        let mut made: Vec<Silence> = Vec::new();
        for wait in waits {
            for silence in one.due(now, |id| all.contains(id)) {
                prop_assert!(all.insert(Arc::clone(&silence.id)), "made twice");
                made.push(silence);
            }
            // What is on now is there, and so is the next.
            let span = Stretch::new(now, now.after(Duration::from_hours(48))).expect("a stretch");
            for window in one.windows(span).iter().take(1) {
                let there = made.iter().any(|silence| silence.starts_at <= window.from && window.from < silence.ends_at);
                prop_assert!(there, "{window:?} at {now}");
            }
            now = now.after(Duration::from_mins(wait));
        }
    }
}

#[test]
fn an_hour_that_comes_twice_is_quiet_both_times_and_one_that_is_skipped_never() {
    let one = series(
        "Europe/London",
        r#"[{"from": "01:00", "to": "02:00", "days": ["sunday"]}]"#,
    );
    let windows =
        |from: &str, to: &str| one.windows(Stretch::new(at(from), at(to)).expect("a stretch"));
    // Put back at 02:00 summer time: 01:00 to 02:00 comes twice.
    let autumn = windows("2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z");
    assert_eq!(
        autumn,
        [Stretch {
            from: at("2026-10-25T00:00:00Z"),
            to: at("2026-10-25T02:00:00Z")
        }]
    );
    // Put forward at 01:00: it is 02:00 at once.
    assert_eq!(windows("2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z"), []);
}

#[test]
fn an_occurrence_is_an_ordinary_silence_that_names_its_series() {
    let one = series(
        "Asia/Shanghai",
        r#"[{"from": "02:00", "to": "04:00", "days": ["sunday"]}]"#,
    );
    let made = one.due(at("2026-01-06T00:00:00Z"), |_| false);
    let [silence] = made.as_slice() else {
        panic!("{made:?}")
    };
    assert_eq!(silence.starts_at, at("2026-01-10T18:00:00Z"));
    assert_eq!(silence.ends_at, at("2026-01-10T20:00:00Z"));
    assert_eq!(
        silence.comment,
        "backups (recurring: sunday 02:00-04:00 Asia/Shanghai)"
    );
    assert_eq!(silence.annotations.value(SERIES), &*one.id);
    assert_eq!(silence.id.len(), 36);
    assert_eq!(&silence.id[14..15], "8");
    // Looked at within it, the next one is made as well; one that was ended is not made again.
    let within = one.due(at("2026-01-10T19:00:00Z"), |id| *id == *silence.id);
    assert_eq!(within.len(), 1);
    assert_eq!(within[0].starts_at, at("2026-01-17T18:00:00Z"));
    let mut set = Silences::default();
    assert!(set.apply(silence.clone()));
    let over = Series { ended: true, ..one };
    assert_eq!(over.due(at("2026-01-06T00:00:00Z"), |_| false), []);
}

#[test]
fn what_cannot_be_meant_is_named() {
    let wrong =
        |zone: &str, times: &str| series(zone, times).check().expect_err("wrong").to_string();
    assert!(wrong("Mars/Olympus", "[{}]").starts_with("timezone: "));
    assert!(wrong("UTC", "[{}]").starts_with("times: it would be on all the time"));
    assert_eq!(
        wrong("UTC", "[]"),
        "times and rules: 0 of them; write 1 to 32"
    );
    assert!(wrong("UTC", r#"[{}, {"from": "25:00", "to": "26:00"}]"#).starts_with("times: 2: "));
}
