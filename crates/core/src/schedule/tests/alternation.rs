//! Calendars that are nothing but rotations.

use proptest::prelude::*;

use super::*;

/// Events by their lines, as the layer of a schedule in a zone.
fn calendar(zone: &str, events: &[&str]) -> Schedule {
    let events = events
        .iter()
        .map(|lines| format!("BEGIN:VEVENT\n{lines}\nEND:VEVENT\n"));
    let text = format!(
        "BEGIN:VCALENDAR\n{}END:VCALENDAR\n",
        events.collect::<String>()
    );
    let names = serde_json::json!({"ada": "ada", "bob": "bob", "cai": "cai"});
    let layer = serde_json::json!({"events": {"text": text, "names": names}});
    schedule(zone, &layer.to_string())
}

fn said(ops: &Schedule) -> String {
    let layer = ops.as_rotation(at("2026-02-03T00:00:00Z"));
    layer.map_or_else(String::new, |layer| {
        serde_json::to_string(&layer).expect("JSON")
    })
}

#[test]
fn weeks_that_alternate_are_a_weekly_rotation_whatever_clocks_do() {
    let ops = calendar(
        "Europe/London",
        &[
            "DTSTART;TZID=Europe/London:20260105T090000\nDTEND;TZID=Europe/London:20260112T090000\nRRULE:FREQ=WEEKLY;INTERVAL=2\nSUMMARY:ada",
            "DTSTART;TZID=Europe/London:20260112T090000\nDTEND;TZID=Europe/London:20260119T090000\nRRULE:FREQ=WEEKLY;INTERVAL=2\nSUMMARY:bob",
        ],
    );
    assert_eq!(
        said(&ops),
        r#"{"rotation":"weekly","starts":"2026-02-02T09:00","people":["ada","bob"]}"#
    );
}

#[test]
fn working_hours_by_the_week_are_a_rotation_with_windows() {
    let rule = "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU,WE,TH,FR;WKST=MO";
    let ops = calendar(
        "Asia/Shanghai",
        &[
            &format!("DTSTART:20260105T090000\nDURATION:PT9H\n{rule}\nSUMMARY:ada"),
            &format!("DTSTART:20260112T090000\nDURATION:PT9H\n{rule}\nSUMMARY:bob"),
        ],
    );
    let said = said(&ops);
    assert!(said.contains(r#""rotation":"weekly""#), "{said}");
    assert!(said.contains(r#""from":"09:00","to":"18:00","days":["monday","tuesday","wednesday","thursday","friday"]"#), "{said}");
}

#[test]
fn what_is_nearly_a_rotation_stays_a_calendar() {
    let week = "DTSTART:20260105T090000\nDURATION:P7D\nRRULE:FREQ=WEEKLY;INTERVAL=2";
    let other = "DTSTART:20260112T090000\nDURATION:P7D\nRRULE:FREQ=WEEKLY;INTERVAL=2\nSUMMARY:bob";
    let once = format!("{week}\nEXDATE:20261012T090000\nSUMMARY:ada");
    assert_eq!(
        said(&calendar("UTC", &[&once, other])),
        "",
        "a week given away"
    );
    assert_eq!(
        said(&calendar(
            "UTC",
            &["DTSTART:20260105T090000\nDURATION:P7D\nSUMMARY:ada"]
        )),
        ""
    );
    assert_eq!(said(&calendar("UTC", &[])), "");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever rotation of days, weeks or half days is written as events is found again.
    #[test]
    fn a_rotation_that_was_written_as_events_is_found(
        hours in prop::sample::select(vec![12_i64, 24, 48, 72, 168, 336]),
        turns in prop::collection::vec(0..3_usize, 2..6),
        minute in 0..1440_i64,
    ) {
        prop_assume!(turns.iter().any(|who| *who != turns[0]));
        let cycle = hours * turns.len() as i64;
        prop_assume!(cycle % 24 == 0);
        let start = jiff::civil::date(2026, 1, 1).at(0, 0, 0, 0);
        let events: Vec<String> = turns.iter().enumerate().map(|(number, who)| {
            let minutes = minute + hours * 60 * number as i64;
            let at = start.checked_add(jiff::Span::new().minutes(minutes)).expect("a time");
            let who = ["ada", "bob", "cai"][*who];
            format!("DTSTART:{}\nDURATION:PT{hours}H\nRRULE:FREQ=DAILY;INTERVAL={}\nSUMMARY:{who}", at.strftime("%Y%m%dT%H%M%S"), cycle / 24)
        }).collect();
        let events: Vec<&str> = events.iter().map(String::as_str).collect();
        let ops = calendar("Asia/Shanghai", &events);
        let said = said(&ops);
        prop_assert!(said.contains("rotation"), "{events:?}");
    }
}
