//! What of a calendar says who is on call: the events, and of these the lines that are read.
//!
//! Servers write the time of the fetch, descriptions, alarms and more into a calendar, so that two copies that say the
//! same are seldom the same text. Of two that say the same, the essence is.

use super::draft::{Draft, drafts};
use super::line::{Line, lines};
use super::{EventsError, MAX_TEXT};

/// The lines that are read.
const LINES: [&str; 12] = [
    "ATTENDEE",
    "DTEND",
    "DTSTART",
    "DURATION",
    "EXDATE",
    "RDATE",
    "RECURRENCE-ID",
    "RRULE",
    "SEQUENCE",
    "STATUS",
    "SUMMARY",
    "UID",
];
/// The parameters that are read.
const PARAMETERS: [&str; 4] = ["CN", "PARTSTAT", "TZID", "VALUE"];

/// A calendar reduced to what is read of it, its events in an order of their own. What is no calendar, is too large or
/// breaks off is refused.
pub fn essence(text: &str) -> Result<String, EventsError> {
    if text.len() > MAX_TEXT {
        return Err(EventsError::Large(text.len()));
    }
    let drafts = drafts(text)?;
    let ends =
        |line: Line| line.name == "END" && line.value.trim().eq_ignore_ascii_case("VCALENDAR");
    if !lines(text).any(ends) {
        return Err(EventsError::BrokeOff);
    }
    let mut events: Vec<String> = drafts.iter().map(event).collect();
    events.sort_unstable();
    events.dedup();
    Ok(format!(
        "BEGIN:VCALENDAR\n{}END:VCALENDAR\n",
        events.concat()
    ))
}

fn event(draft: &Draft) -> String {
    let mut event = "BEGIN:VEVENT\n".to_owned();
    let known = |line: &&Line| LINES.contains(&line.name.as_str());
    for line in draft.lines().iter().filter(known) {
        event.push_str(&line.written(&PARAMETERS));
        event.push('\n');
    }
    event.push_str("END:VEVENT\n");
    event
}
