//! Schedules by example; against an independent oracle in `tests/oracle`.

mod alternation;
mod booked;
mod calendars;
mod clocks;
mod covered;
mod feed;
mod overridden;
mod refused;
mod rotations;

use super::*;

/// Everybody in these tests.
fn known(person: &str) -> bool {
    ["ada", "bob", "cai", "dan"].contains(&person)
}

/// The schedule, or all that is wrong with it.
fn checked(json: &str) -> Result<Schedule, String> {
    let spec: ScheduleSpec =
        serde_json::from_str(json).unwrap_or_else(|error| panic!("{json}: {error}"));
    Schedule::new("ops", &spec, &known).map_err(|errors| {
        let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
        errors.join("\n")
    })
}

/// A schedule of these layers in a zone.
fn schedule(zone: &str, layers: &str) -> Schedule {
    let json = format!(r#"{{"timezone": "{zone}", "layers": [{layers}]}}"#);
    checked(&json).unwrap_or_else(|error| panic!("{json}: {error}"))
}

fn at(text: &str) -> Time {
    text.parse::<jiff::Timestamp>().expect(text).into()
}

/// An instant from what a wall without ambiguity shows.
fn on_wall(schedule: &Schedule, text: &str) -> Time {
    schedule
        .zone()
        .exact(text.parse().expect(text))
        .unwrap_or_else(|error| panic!("{error}"))
}

fn names(people: &[Arc<str>]) -> String {
    people.join("+")
}

/// Shifts from and to a moment on the wall, as `who hours`, with gaps as `- hours`.
fn lengths(schedule: &Schedule, from: &str, to: &str) -> Vec<String> {
    let (from, to) = (on_wall(schedule, from), on_wall(schedule, to));
    let mut told = Vec::new();
    let mut covered = from;
    let mut tell = |who: &str, from: Time, to: Time| {
        let minutes = to.since(from).as_secs() / 60;
        if minutes > 0 {
            told.push(format!("{who} {}:{:02}", minutes / 60, minutes % 60));
        }
    };
    for shift in schedule.shifts(from, to).expect("a range") {
        tell("-", covered, shift.stretch.from);
        tell(&names(&shift.people), shift.stretch.from, shift.stretch.to);
        covered = shift.stretch.to;
    }
    tell("-", covered, to);
    told
}
