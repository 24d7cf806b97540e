//! Calendars against the libraries icalendar and recurring-ical-events, by `calendars.py`.
//!
//! `BALEFIRE_ORACLE_CALENDARS` says how many random calendars are compared, `BALEFIRE_ORACLE_SEED` from which
//! seed on; a failure prints its seed and the calendar.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use balefire_core::schedule::{CalendarCopy, Schedule, ScheduleSpec, calendar_essence};
use balefire_core::time::Time;
use serde::Deserialize;
use serde_json::{Value, json};

/// How many calendars every run of the tests compares: some ten seconds of work on one core.
const CALENDARS: u64 = 300;
/// Zones of schedules: where there are no zones of events, these count.
const ZONES: [&str; 4] = [
    "Europe/London",
    "America/New_York",
    "Asia/Shanghai",
    "Australia/Lord_Howe",
];

/// A part of time, in seconds, and who is on call.
type Part = (i64, i64, Vec<String>);

#[derive(Deserialize)]
struct Answer {
    text: String,
    from: i64,
    to: i64,
    shifts: Vec<Part>,
}

struct Oracle {
    child: Child,
    requests: Option<ChildStdin>,
    replies: BufReader<ChildStdout>,
}

impl Oracle {
    fn start() -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/calendars/calendars.py");
        let mut child = Command::new("/usr/bin/python3")
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the oracle needs /usr/bin/python3");
        let requests = child.stdin.take();
        let replies = BufReader::new(child.stdout.take().expect("piped"));
        Self {
            child,
            requests,
            replies,
        }
    }

    fn ask(&mut self, request: &Value) -> Value {
        let requests = self.requests.as_mut().expect("open until dropped");
        writeln!(requests, "{request}").expect("the oracle reads");
        let mut reply = String::new();
        self.replies
            .read_line(&mut reply)
            .expect("the oracle answers");
        serde_json::from_str(&reply).unwrap_or_else(|error| {
            panic!("{error}: {reply:?} to {request}; it needs python3-icalendar and python3-recurring-ical-events")
        })
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        // Its input ends, and so does it.
        self.requests = None;
        let _ = self.child.wait();
    }
}

fn number(name: &str, otherwise: u64) -> u64 {
    env::var(name).map_or(otherwise, |text| {
        text.parse()
            .unwrap_or_else(|_| panic!("{name}={text}: not a number"))
    })
}

fn schedule(zone: &str, text: &str, fetched: bool) -> Schedule {
    let names = json!({"ada": "ada", "bob": "bob", "cai": "cai", "dan": "dan"});
    let text = if fetched { "" } else { text };
    let spec: ScheduleSpec = serde_json::from_value(json!({
        "timezone": zone,
        "layers": [{"events": {"text": text, "fetched": fetched, "names": names}}],
    }))
    .expect("a schedule");
    Schedule::new("ops", &spec, &|_| true).unwrap_or_else(|error| panic!("{error:?}\n{text}"))
}

/// Our shifts, those of the same people that touch as one.
fn shifts(schedule: &Schedule, from: i64, to: i64) -> Vec<Part> {
    let (from, to) = (Time::from_secs(from), Time::from_secs(to));
    let mut parts: Vec<Part> = Vec::new();
    for shift in schedule.shifts(from, to).expect("a range") {
        let mut people: Vec<String> = shift.people.iter().map(ToString::to_string).collect();
        people.sort_unstable();
        let (from, to) = (shift.stretch.from.secs(), shift.stretch.to.secs());
        match parts.last_mut() {
            Some(last) if last.1 == from && last.2 == people => last.1 = to,
            _ => parts.push((from, to, people)),
        }
    }
    parts
}

#[test]
fn calendars_say_what_other_readers_find_in_them() {
    let count = number("BALEFIRE_ORACLE_CALENDARS", CALENDARS);
    let first = number("BALEFIRE_ORACLE_SEED", 0);
    let mut oracle = Oracle::start();
    let mut found = 0;
    for seed in first..first + count {
        let zone = ZONES[usize::try_from(seed).unwrap_or_default() % ZONES.len()];
        let answer = oracle.ask(&json!({"seed": seed, "zone": zone}));
        let answer: Answer = serde_json::from_value(answer).expect("an answer");
        let read = schedule(zone, &answer.text, false);
        let told: Vec<&str> = read.left_out().map(|(_, told)| told).collect();
        assert!(told.is_empty(), "seed {seed}: {told:?}\n{}", answer.text);
        let ours = shifts(&read, answer.from, answer.to);
        assert_eq!(ours, answer.shifts, "seed {seed}, {zone}\n{}", answer.text);
        // A calendar that is fetched is reduced to its essence, and says the same.
        let copy = CalendarCopy {
            text: calendar_essence(&answer.text).expect("a calendar"),
            since: Time::from_secs(answer.from),
            past: vec![],
        };
        let fetched = schedule(zone, "", true).with_copy(0, &copy);
        let fetched = shifts(&fetched.expect("a copy"), answer.from, answer.to);
        assert_eq!(
            fetched, answer.shifts,
            "seed {seed}, fetched\n{}",
            answer.text
        );
        found += ours.len();
    }
    assert!(found as u64 > count * 5, "calendars with shifts in them");
}
