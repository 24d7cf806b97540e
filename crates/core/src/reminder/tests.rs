use std::collections::BTreeSet;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use serde::Deserialize;

use super::*;

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).expect(name)
}

fn at(text: &str) -> Time {
    text.parse::<jiff::Timestamp>().expect(text).into()
}

fn reminder(advance_days: u32, expires_at: Time) -> Reminder {
    Reminder {
        id: 1,
        name: "SSL 证书".to_owned(),
        content: String::new(),
        email: "ops@example.com".to_owned(),
        ways: Vec::new(),
        owner: None,
        advance_days,
        expires_at,
        handled: None,
        created_at: Time::EPOCH,
        changed_at: Time::EPOCH,
    }
}

/// A case of `fixtures/reminders.py`.
#[derive(Debug, Deserialize)]
struct Case {
    zone: String,
    from: u8,
    to: u8,
    stages: Vec<u32>,
    advance: u32,
    overdue: bool,
    expires: i64,
    begin: i64,
    end: i64,
    told: Vec<(i64, i64, i64)>,
}

#[test]
fn stages_are_told_at_the_minutes_another_calendar_says() {
    let text = include_str!("../../fixtures/reminders.json");
    let cases: Vec<Case> = serde_json::from_str(text).expect("cases");
    for case in cases {
        let settings = Settings {
            from: case.from,
            to: case.to,
            stages: case.stages.clone(),
            overdue: case.overdue,
        };
        let reminder = reminder(case.advance, Time::from_secs(case.expires));
        let zone = zone(&case.zone);
        let mut marks = BTreeSet::new();
        let mut told = Vec::new();
        let mut minute = case.begin;
        // From one look to the next: what lies between is for the property below.
        while let Some(next) = settings.next_look(&reminder, &marks, &zone, Time::from_secs(minute))
        {
            minute = next.secs();
            if minute >= case.end {
                break;
            }
            let stage = settings.due(&reminder, &marks, &zone, next);
            let stage = stage.unwrap_or_else(|| panic!("{case:?} at {next}"));
            told.push((minute, stage.mark.stage, stage.days_left));
            marks.insert(stage.mark);
        }
        assert_eq!(told, case.told, "{case:?}");
    }
}

#[test]
fn nothing_is_told_of_what_somebody_has_seen_to() {
    let settings = Settings {
        overdue: true,
        ..Settings::default()
    };
    let now = at("2026-12-01T10:00:00Z");
    let mut seen = reminder(30, at("2026-12-04T00:00:00Z"));
    let none = BTreeSet::new();
    assert!(settings.due(&seen, &none, &TimeZone::UTC, now).is_some());
    seen.handled = Some(Handled {
        at: now,
        by: String::new(),
    });
    assert_eq!(settings.due(&seen, &none, &TimeZone::UTC, now), None);
    assert_eq!(settings.next_look(&seen, &none, &TimeZone::UTC, now), None);
}

#[test]
fn another_date_is_told_anew() {
    let settings = Settings::default();
    let now = at("2026-12-01T10:00:00Z");
    let first = reminder(30, at("2026-12-04T00:00:00Z"));
    let stage = settings.due(&first, &BTreeSet::new(), &TimeZone::UTC, now);
    let told = BTreeSet::from([stage.expect("due").mark]);
    assert_eq!(settings.due(&first, &told, &TimeZone::UTC, now), None);
    let moved = reminder(30, at("2026-12-05T00:00:00Z"));
    let stage = settings.due(&moved, &told, &TimeZone::UTC, now);
    assert_eq!(stage.map(|stage| stage.days_left), Some(4));
}

#[test]
fn what_an_edit_does_not_name_stays_and_another_date_counts_as_not_seen_to() {
    let before = reminder(30, at("2026-12-04T00:00:00Z"));
    let now = at("2026-12-01T10:00:00Z");
    let handle = |by: &str| Edit {
        handled: Some(Some(Handled {
            at: now,
            by: by.to_owned(),
        })),
        ..Edit::default()
    };
    let seen = handle("chen").apply(&before, now).expect("fine");
    let again = handle("li").apply(&seen, now).expect("fine");
    assert_eq!(again.handled.as_ref().map(|by| &*by.by), Some("chen"));
    let renamed = Edit {
        name: Some("域名".to_owned()),
        ..Edit::default()
    };
    let renamed = renamed.apply(&again, now).expect("fine");
    assert_eq!(
        (&*renamed.name, &renamed.email, renamed.advance_days),
        ("域名", &before.email, 30)
    );
    assert!(renamed.handled.is_some());
    let moved = Edit {
        expires_at: Some(at("2027-12-04T00:00:00Z")),
        ..Edit::default()
    };
    assert_eq!(moved.apply(&renamed, now).expect("fine").handled, None);
    let nobody = Edit {
        email: Some(String::new()),
        ..Edit::default()
    };
    assert_eq!(nobody.apply(&before, now).expect_err("no").field, "email");
}

#[test]
fn a_reminder_says_which_field_is_wrong() {
    let good = reminder(7, at("2026-12-04T00:00:00Z"));
    assert_eq!(good.check(), Ok(()));
    let field = |change: &dyn Fn(&mut Reminder)| {
        let mut changed = good.clone();
        change(&mut changed);
        changed.check().expect_err("refused").field
    };
    assert_eq!(field(&|r| r.name = "x".repeat(101)), "name");
    assert_eq!(field(&|r| r.name = " ".to_owned()), "name");
    assert_eq!(field(&|r| r.name = "a\nb".to_owned()), "name");
    assert_eq!(field(&|r| r.content = "长".repeat(2_001)), "content");
    assert_eq!(field(&|r| r.email = "nobody".to_owned()), "email");
    assert_eq!(field(&|r| r.email = " , ".to_owned()), "email");
    assert_eq!(field(&|r| r.email = "a@b,".repeat(51)), "email");
    assert_eq!(field(&|r| r.advance_days = 3_651), "advanceDays");
    assert_eq!(field(&|r| r.expires_at = Time::NEVER), "expiresAt");
    assert_eq!(field(&|r| r.owner = Some(String::new())), "owner");
    let way = || {
        Way::Receiver(ToReceiver {
            receiver: "ops".to_owned(),
        })
    };
    assert_eq!(field(&|r| r.ways = vec![way(), way()]), "ways");
    let only_ways = Reminder {
        email: String::new(),
        ways: vec![way()],
        ..good.clone()
    };
    assert_eq!(only_ways.check(), Ok(()));
}

#[test]
fn ways_are_read_as_they_are_written_and_told_apart() {
    let text =
        r#"[{"account":"ding","options":{"at_all":true}},{"account":"ding"},{"receiver":"ops"}]"#;
    let ways: Vec<Way> = serde_json::from_str(text).expect("ways");
    assert_eq!(serde_json::to_string(&ways).expect("text"), text);
    let keys: BTreeSet<String> = ways.iter().map(Way::key).collect();
    assert_eq!(keys.len(), 3);
    assert!(keys.iter().all(|key| key.len() == 20));
    for wrong in [
        r#"{"account":"a","receiver":"b"}"#,
        r#"{"receiver":"b","options":{}}"#,
        "{}",
    ] {
        assert!(serde_json::from_str::<Way>(wrong).is_err(), "{wrong}");
    }
}

/// Days a story of the property below runs.
const DAYS: i64 = 9;

/// What is told when somebody looks at every minute, in the plainest words: the latest time any clock of the zone
/// has shown so far says whether the hours of a day have begun or ended.
fn minute_by_minute(
    settings: &Settings,
    reminder: &Reminder,
    zone: &TimeZone,
    begin: i64,
) -> Vec<(i64, i64)> {
    let date = |secs: i64| zone.to_datetime(Time::from_secs(secs).timestamp());
    let expires = date(reminder.expires_at.secs()).date();
    let mut latest = DateTime::MIN;
    let (mut done, mut told) = (Vec::new(), Vec::new());
    for minute in -2 * 1_440..DAYS * 1_440 {
        let now = begin + minute * 60;
        let local = date(now);
        latest = latest.max(local);
        let midnight = local.date().to_datetime(jiff::civil::Time::midnight());
        let open = |hour: u8| latest >= midnight + jiff::Span::new().hours(i64::from(hour));
        if minute < 0 || !open(settings.from) || open(settings.to) {
            continue;
        }
        let mut left = 0;
        let mut day = local.date();
        while day < expires {
            day = day.tomorrow().expect("a day");
            left += 1;
        }
        while day > expires {
            day = day.yesterday().expect("a day");
            left -= 1;
        }
        let advance = i64::from(reminder.advance_days);
        let stage = if left < 0 {
            if !settings.overdue {
                continue;
            }
            left
        } else {
            // Up from the day itself: the first stage that has come.
            let stands = |days: &i64| {
                *days == advance
                    || (*days < advance && settings.stages.iter().any(|s| i64::from(*s) == *days))
            };
            match (left..=advance).find(stands) {
                Some(stage) => stage,
                None => continue,
            }
        };
        if !done.contains(&stage) {
            done.push(stage);
            told.push((now, stage));
        }
    }
    told
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn who_looks_when_told_to_tells_what_a_look_at_every_minute_tells(
        name in prop::sample::select(vec![
            "UTC", "Asia/Shanghai", "Europe/London", "America/Chicago", "America/Sao_Paulo",
            "Australia/Lord_Howe", "Africa/Casablanca", "Antarctica/Troll", "Asia/Kathmandu",
            "Pacific/Kiritimati", "Pacific/Apia",
        ]),
        // Near the changes of the clock as often as anywhere.
        base in prop_oneof![
            0..2_208_988_800_i64,
            prop::sample::select(vec![
                1_774_746_000_i64, 1_792_890_000, 1_772_956_800, 1_793_516_400, 1_325_203_200,
                1_541_300_400, 1_775_314_800, 1_791_043_200,
            ]).prop_flat_map(|change| change - 500_000..change),
        ],
        ahead in -3 * 86_400..12 * 86_400_i64,
        advance in 0..14_u32,
        stages in prop::collection::vec(0..10_u32, 0..5),
        hours in (0..24_u8, 1..=24_u8).prop_map(|(from, more)| (from, (from + more).min(24))),
        overdue in any::<bool>(),
    ) {
        let begin = base / 60 * 60;
        let settings = Settings { from: hours.0, to: hours.1, stages, overdue };
        let reminder = reminder(advance, Time::from_secs(begin + ahead));
        let zone = zone(name);
        let end = begin + DAYS * 86_400;
        let mut marks = BTreeSet::new();
        let mut told = Vec::new();
        let mut now = Time::from_secs(begin);
        while let Some(next) = settings.next_look(&reminder, &marks, &zone, now) {
            if next.secs() >= end {
                break;
            }
            // A minute earlier nothing is due, unless it has not begun yet.
            let before = next.before(std::time::Duration::from_mins(1));
            if before >= now {
                prop_assert_eq!(settings.due(&reminder, &marks, &zone, before), None);
            }
            let stage = settings.due(&reminder, &marks, &zone, next);
            prop_assert!(stage.is_some(), "nothing is due at {}", next);
            if let Some(stage) = stage {
                told.push((next.secs(), stage.mark.stage));
                marks.insert(stage.mark);
            }
            now = next;
        }
        prop_assert_eq!(told, minute_by_minute(&settings, &reminder, &zone, begin));
    }
}
