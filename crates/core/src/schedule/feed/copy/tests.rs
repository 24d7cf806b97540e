use super::super::essence;
use super::*;
use crate::schedule::{Schedule, ScheduleSpec};

fn at(text: &str) -> Time {
    text.parse::<jiff::Timestamp>().expect(text).into()
}

fn spec() -> ScheduleSpec {
    serde_json::from_value(serde_json::json!({
        "timezone": "UTC",
        "layers": [{"events": {"fetched": true, "names": {"ada": "ada", "bob": "bob"}}}],
    }))
    .expect("a schedule")
}

fn ops() -> Schedule {
    Schedule::new("ops", &spec(), &|_| true).expect("a schedule")
}

/// A calendar of days: `05 ada` is that day of January.
fn days(days: &[&str]) -> String {
    let events = days.iter().map(|day| {
        let (day, who) = day.split_once(' ').expect("a day");
        format!("BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:202601{day}\r\nDESCRIPTION:x\r\nSUMMARY:{who}\r\nEND:VEVENT\r\n")
    });
    format!(
        "BEGIN:VCALENDAR\r\n{}END:VCALENDAR\r\n",
        events.collect::<String>()
    )
}

fn copy(text: &str, since: &str, past: Vec<LayerShift>) -> CalendarCopy {
    CalendarCopy {
        text: essence(text).expect("a calendar"),
        since: at(since),
        past,
    }
}

fn shifts(schedule: &Schedule) -> Vec<String> {
    let shifts = schedule.shifts(at("2026-01-01T00:00:00Z"), at("2026-02-01T00:00:00Z"));
    let shifts = shifts.expect("a range");
    let told = shifts.iter().map(|shift| {
        let clock = |at| schedule.zone().clock(at).strftime("%dT%H").to_string();
        let (from, to) = (clock(shift.stretch.from), clock(shift.stretch.to));
        format!("{} {from}/{to}", shift.people.join("+"))
    });
    told.collect()
}

#[test]
fn before_the_first_copy_the_layer_is_off() {
    let ops = ops();
    assert_eq!(shifts(&ops), [""; 0]);
    assert_eq!(ops.calendar(0), None);
    assert!(ops.on_call_at(at("2026-01-05T12:00:00Z")).people.is_empty());
}

#[test]
fn what_a_copy_says_counts_from_when_it_was_read() {
    let text = days(&["05 ada", "06 bob", "07 ada", "08 eve"]);
    let ops = ops()
        .with_copy(0, &copy(&text, "2026-01-06T12:00:00Z", vec![]))
        .expect("a copy");
    assert_eq!(shifts(&ops), ["bob 06T12/07T00", "ada 07T00/08T00"]);
    let read = ops.calendar(0).expect("it was read");
    assert_eq!((read.events, read.unknown), (4, vec!["eve".to_owned()]));
    let people = read
        .people
        .iter()
        .map(|(who, times)| format!("{who} {times}"));
    assert_eq!(people.collect::<Vec<_>>(), ["ada 2", "bob 1"]);
}

#[test]
fn another_copy_leaves_the_past_as_it_was() {
    let first = copy(
        &days(&["05 ada", "06 bob", "07 ada"]),
        "2026-01-01T00:00:00Z",
        vec![],
    );
    let before = ops().with_copy(0, &first).expect("a copy");
    let now = at("2026-01-06T12:00:00Z");
    let second = copy(
        &days(&["05 bob", "06 ada", "07 bob"]),
        "2026-01-06T12:00:00Z",
        before.calendar_past(0, now),
    );
    let after = ops().with_copy(0, &second).expect("a copy");
    let told = [
        "ada 05T00/06T00",
        "bob 06T00/06T12",
        "ada 06T12/07T00",
        "bob 07T00/08T00",
    ];
    assert_eq!(shifts(&after), told);
    // A third copy the next day, which takes everything back.
    let third = copy(
        &days(&[]),
        "2026-01-07T06:00:00Z",
        after.calendar_past(0, at("2026-01-07T06:00:00Z")),
    );
    let third = ops().with_copy(0, &third).expect("a copy");
    let told = [
        "ada 05T00/06T00",
        "bob 06T00/06T12",
        "ada 06T12/07T00",
        "bob 07T00/07T06",
    ];
    assert_eq!(shifts(&third), told);
    let looks = [
        ("2026-01-05T12:00:00Z", "ada"),
        ("2026-01-07T05:59:59Z", "bob"),
        ("2026-01-07T06:00:00Z", ""),
    ];
    for (when, who) in looks {
        assert_eq!(third.on_call_at(at(when)).people.join("+"), who, "{when}");
    }
}

#[test]
fn the_past_is_kept_for_as_long_as_reports_look_back() {
    let always = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20200101T000000Z\nDURATION:PT12H\nRRULE:FREQ=DAILY\nSUMMARY:ada\nEND:VEVENT\nEND:VCALENDAR";
    let ops = ops()
        .with_copy(0, &copy(always, "2020-01-01T00:00:00Z", vec![]))
        .expect("a copy");
    let past = ops.calendar_past(0, at("2026-01-06T12:00:00Z"));
    assert_eq!(past.len(), 400);
    assert_eq!(past[399].stretch.to, at("2026-01-06T12:00:00Z"));
}

#[test]
fn a_copy_reads_back_as_it_was_written() {
    let past = vec![LayerShift {
        stretch: Stretch::new(at("2026-01-05T00:00:00Z"), at("2026-01-06T00:00:00Z"))
            .expect("a stretch"),
        people: ["ada".into()].into(),
    }];
    let one = copy(&days(&["05 陈敏"]), "2026-01-06T12:00:00Z", past);
    assert_eq!(CalendarCopy::read(&one.written()), Some(one));
    assert_eq!(CalendarCopy::read("{}"), None);
}

#[test]
fn two_calendars_that_say_the_same_have_one_essence() {
    let one = "BEGIN:VCALENDAR\r\nPRODID:-//x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\nDTSTART;TZID=Asia/Shanghai:20260105T090000\r\nATTENDEE;CN=\"Li; Wei\";ROLE=CHAIR:mailto:li\r\n -wei@example.com\r\nSUMMARY:a\\, b\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:2\r\nDTSTART:20260105T090000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    let other = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:2\nDTSTAMP:20260202T000000Z\nDTSTART:20260105T090000Z\nDESCRIPTION:new words\nEND:VEVENT\nBEGIN:VEVENT\nUID:1\nDTSTART;TZID=Asia/Shanghai:20260105T090000\nATTENDEE;CN=\"Li; Wei\":mailto:li-wei@example.com\nSUMMARY:a\\, b\nBEGIN:VALARM\nSUMMARY:no\nEND:VALARM\nEND:VEVENT\nEND:VCALENDAR";
    let said = essence(one).expect("a calendar");
    assert_eq!(said, essence(other).expect("a calendar"));
    assert_eq!(said, essence(&said).expect("a calendar"), "once is enough");
    assert!(
        said.contains("li-wei@example.com") && !said.contains("DTSTAMP"),
        "{said}"
    );
}

#[test]
fn what_is_no_whole_calendar_has_no_essence() {
    let refused = |text: &str| essence(text).expect_err(text).to_string();
    assert_eq!(
        refused("<!DOCTYPE html><p>log in</p>"),
        "is no iCalendar file: it has no BEGIN:VCALENDAR"
    );
    assert_eq!(
        refused("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260105T090000Z\nEND:VEVENT\n"),
        "breaks off: it has no END:VCALENDAR"
    );
    assert_eq!(
        refused(&"x".repeat(1024 * 1024 + 1)),
        "1048577 bytes; 1048576 at most"
    );
}
