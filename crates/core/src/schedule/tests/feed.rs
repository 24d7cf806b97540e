use super::*;

fn feed(schedule: &Schedule, from: &str, to: &str, now: &str) -> String {
    let name = |person: &str| match person {
        "ada" => "陈敏, \"Ops\"; on call\nfor everything that can break, wherever it is".to_owned(),
        other => other.to_owned(),
    };
    schedule
        .ical(at(from), at(to), at(now), &name)
        .expect("a feed")
}

fn ops() -> Schedule {
    schedule(
        "Asia/Shanghai",
        r#"{"name": "days", "rotation": "weekly", "starts": "2026-01-05T09:00", "people": ["ada", "bob"]}"#,
    )
}

/// Lines as they were before folding.
fn unfolded(text: &str) -> Vec<String> {
    text.replace("\r\n ", "")
        .split_terminator("\r\n")
        .map(str::to_owned)
        .collect()
}

#[test]
fn shifts_are_events_in_utc() {
    let text = feed(
        &ops(),
        "2026-01-10T00:00:00Z",
        "2026-01-14T00:00:00Z",
        "2026-01-10T00:00:00.5Z",
    );
    let lines = unfolded(&text);
    assert_eq!(
        lines[..8],
        [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//Balefire//On-call//EN",
            "CALSCALE:GREGORIAN",
            "METHOD:PUBLISH",
            "X-WR-CALNAME:ops",
            "X-WR-TIMEZONE:Asia/Shanghai",
            "REFRESH-INTERVAL;VALUE=DURATION:PT1H"
        ]
    );
    assert!(lines[9].starts_with("UID:") && lines[9].ends_with("@balefire"));
    assert_eq!(
        [
            &lines[8], &lines[10], &lines[11], &lines[12], &lines[13], &lines[14], &lines[15],
            &lines[16]
        ],
        [
            "BEGIN:VEVENT",
            "DTSTAMP:20260110T000000Z",
            "DTSTART:20260105T010000Z",
            "DTEND:20260112T010000Z",
            r#"SUMMARY:陈敏\, "Ops"\; on call\nfor everything that can break\, wherever it is · ops"#,
            "DESCRIPTION:days",
            "TRANSP:TRANSPARENT",
            "END:VEVENT"
        ]
    );
    assert_eq!(lines[22], "SUMMARY:bob · ops");
    assert_eq!(lines.last().map(String::as_str), Some("END:VCALENDAR"));
}

#[test]
fn lines_are_folded_at_75_octets_between_characters() {
    let text = feed(
        &ops(),
        "2026-01-05T01:00:00Z",
        "2026-03-01T00:00:00Z",
        "2026-01-10T00:00:00Z",
    );
    assert!(text.ends_with("\r\n") && !text.replace("\r\n", "").contains(['\r', '\n']));
    assert!(text.split("\r\n").all(|line| line.len() <= 75));
    assert!(text.contains("\r\n "));
}

#[test]
fn an_event_keeps_its_id_from_fetch_to_fetch() {
    let ids = |from: &str| -> Vec<String> {
        let text = feed(&ops(), from, "2026-02-14T00:00:00Z", from);
        unfolded(&text)
            .into_iter()
            .filter(|line| line.starts_with("UID"))
            .collect()
    };
    let (early, late) = (ids("2026-01-20T00:00:00Z"), ids("2026-01-29T00:00:00Z"));
    assert_eq!(early.len(), 4);
    assert_eq!(early[1..], late);
    // One person for years is one event, from its true beginning.
    let alone = schedule(
        "UTC",
        r#"{"rotation": "daily", "starts": "2001-01-05T09:00", "people": ["bob"]}"#,
    );
    let text = feed(
        &alone,
        "2026-01-20T00:00:00Z",
        "2026-02-14T00:00:00Z",
        "2026-01-20T00:00:00Z",
    );
    assert!(
        text.contains("DTSTART:20010105T090000Z\r\nDTEND:20260214T000000Z"),
        "{text}"
    );
}
