//! A schedule's shifts as an iCalendar text, for subscribing to.
//!
//! RFC 5545 <https://www.rfc-editor.org/rfc/rfc5545>: lines of at most 75 octets, folded between
//! characters (section 3.1), text escaped (3.3.11), times in UTC (3.3.5). An event's UID comes from the
//! schedule, the true beginning of the shift and its people, so that it stays the same from one fetch
//! to the next and a changed end is an update of the same event. All words are the operator's own: names
//! of people, schedule and layer.

use super::shift::Shift;
use super::{RangeError, Schedule};
use crate::fingerprint::Fingerprint;
use crate::time::Time;

/// Octets of a line without its end.
const LINE: usize = 75;

impl Schedule {
    /// The shifts within a part of time of at most [`super::MAX_RANGE`] as an iCalendar text. Shifts
    /// that began before it are told with their true beginning; `name` gives a person's name for
    /// their key, and `now` is when the text is made.
    pub fn ical(
        &self,
        from: Time,
        to: Time,
        now: Time,
        name: &dyn Fn(&str) -> String,
    ) -> Result<String, RangeError> {
        let mut shifts = self.shifts(from, to)?;
        if let Some(first) = shifts.first_mut()
            && first.stretch.from == from
        {
            first.stretch.from = self.began(first);
        }
        let mut text = Lines::default();
        text.line("BEGIN:VCALENDAR");
        text.line("VERSION:2.0");
        text.line("PRODID:-//Balefire//On-call//EN");
        text.line("CALSCALE:GREGORIAN");
        text.line("METHOD:PUBLISH");
        text.line(&format!("X-WR-CALNAME:{}", escaped(&self.name)));
        text.line(&format!("X-WR-TIMEZONE:{}", escaped(self.zone.name())));
        text.line("REFRESH-INTERVAL;VALUE=DURATION:PT1H");
        for shift in &shifts {
            self.event(&mut text, shift, now, name);
        }
        text.line("END:VCALENDAR");
        Ok(text.0)
    }

    fn event(&self, text: &mut Lines, shift: &Shift, now: Time, name: &dyn Fn(&str) -> String) {
        let (begins, ends) = (stamp(shift.stretch.from), stamp(shift.stretch.to));
        if begins == ends {
            // Under a second: an event of no length would be shown as a whole day by some readers.
            return;
        }
        let names: Vec<String> = shift.people.iter().map(|person| name(person)).collect();
        let who = names.join(", ");
        text.line("BEGIN:VEVENT");
        text.line(&format!("UID:{}", self.uid(shift)));
        text.line(&format!("DTSTAMP:{}", stamp(now)));
        text.line(&format!("DTSTART:{begins}"));
        text.line(&format!("DTEND:{ends}"));
        text.line(&format!(
            "SUMMARY:{}",
            escaped(&format!("{who} · {}", self.name))
        ));
        let layer = shift.layer.and_then(|layer| self.layer_name(layer).name);
        if let Some(layer) = layer {
            text.line(&format!("DESCRIPTION:{}", escaped(&layer)));
        }
        text.line("TRANSP:TRANSPARENT");
        text.line("END:VEVENT");
    }

    fn uid(&self, shift: &Shift) -> String {
        // A line end is in no key, so that the parts cannot run into each other.
        let identity = format!(
            "{}\n{}\n{:?}\n{}\n\n{}",
            self.name,
            shift.stretch.from.micros(),
            shift.layer,
            shift.people.join("\n"),
            shift.overrides.join("\n"),
        );
        format!("{}@balefire", Fingerprint::of_text(&identity))
    }
}

/// `20260105T010000Z`; parts of a second are dropped.
fn stamp(at: Time) -> String {
    Time::from_secs(at.secs())
        .timestamp()
        .strftime("%Y%m%dT%H%M%SZ")
        .to_string()
}

/// A text value: backslash, semicolon, comma and line ends are escaped, other control characters
/// are not allowed and left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.replace("\r\n", "\n").chars() {
        match c {
            '\\' | ';' | ',' => {
                out.push('\\');
                out.push(c);
            }
            '\n' | '\r' => out.push_str("\\n"),
            c if c.is_control() && c != '\t' => {}
            c => out.push(c),
        }
    }
    out
}

/// Content lines, folded and ended.
#[derive(Default)]
struct Lines(String);

impl Lines {
    fn line(&mut self, line: &str) {
        let mut used = 0;
        for c in line.chars() {
            if used + c.len_utf8() > LINE {
                // The blank that begins a continued line counts.
                self.0.push_str("\r\n ");
                used = 1;
            }
            self.0.push(c);
            used += c.len_utf8();
        }
        self.0.push_str("\r\n");
    }
}
