//! Schedules against an oracle that reads the clock at every minute: `oncall.py`, with Python's zoneinfo.
//!
//! `BALEFIRE_ORACLE_SCHEDULES` says how many random schedules are compared, `BALEFIRE_ORACLE_SEED` from
//! which seed on; a failure prints the seed of its schedule.

mod oracle;
mod random;

use std::env;
use std::sync::Arc;

use balefire_core::schedule::{Override, Schedule, ScheduleSpec};
use balefire_core::time::Time;
use serde_json::Value;

use self::oracle::Oracle;
use self::random::{Case, Random};

/// How many schedules every run of the tests compares: twenty seconds of work on one core.
const SCHEDULES: u64 = 2_000;

fn number(name: &str, otherwise: u64) -> u64 {
    env::var(name).map_or(otherwise, |text| {
        text.parse()
            .unwrap_or_else(|_| panic!("{name}={text}: not a number"))
    })
}

fn minute(minute: i64) -> Time {
    Time::from_secs(minute * 60)
}

fn overrides(list: &[Value]) -> Vec<Override> {
    let mut overrides = Vec::new();
    for (id, one) in list.iter().enumerate() {
        let when = |key: &str| minute(one[key].as_i64().expect(key)).to_string();
        let instead = match one.get("cover") {
            Some(people) => serde_json::json!({"cover": people}),
            None => serde_json::json!({"stand_in": {"absent": one["absent"], "by": one["by"]}}),
        };
        let one = serde_json::json!({
            "id": id.to_string(),
            "when": {"from": when("from"), "to": when("to")},
            "instead": instead,
        });
        overrides.push(serde_json::from_value(one).expect("an override"));
    }
    overrides
}

/// Who is on call from which minute on.
type Changes = Vec<(i64, Vec<String>)>;

fn names(people: &[Arc<str>]) -> Vec<String> {
    people.iter().map(ToString::to_string).collect()
}

/// The same list from our shifts; nobody where there is none.
fn changes(schedule: &Schedule, from: i64, to: i64) -> Changes {
    let mut changes: Changes = vec![];
    let mut say = |at: i64, people: Vec<String>| {
        if changes.last().is_none_or(|last| last.1 != people) {
            changes.push((at, people));
        }
    };
    let mut covered = from;
    for shift in schedule
        .shifts(minute(from), minute(to))
        .expect("a short range")
    {
        let (begins, ends) = (shift.stretch.from, shift.stretch.to);
        assert_eq!(begins.micros() % 60_000_000, 0, "whole minutes");
        let (begins, ends) = (begins.secs() / 60, ends.secs() / 60);
        assert!(covered <= begins && begins < ends, "in order, never empty");
        if covered < begins {
            say(covered, vec![]);
        }
        say(begins, names(&shift.people));
        covered = ends;
    }
    if covered < to {
        say(covered, vec![]);
    }
    changes
}

/// At the edges and at random instants, a single look says what the list says.
fn looks_agree(schedule: &Schedule, changes: &Changes, case: &mut Case) {
    let edges = changes.iter().flat_map(|change| [change.0, change.0 - 1]);
    let mut minutes: Vec<i64> = edges.filter(|at| *at >= case.from).take(60).collect();
    for _ in 0..20 {
        minutes.push(case.random.between(case.from, case.to - 1));
    }
    for at in minutes {
        let known = changes.partition_point(|change| change.0 <= at);
        let expected = &changes[known - 1].1;
        for micros in [0, 59_999_999] {
            let at = Time::from_micros(minute(at).micros() + micros);
            let found = names(&schedule.on_call_at(at).people);
            assert_eq!(&found, expected, "{at}\n{}", case.request());
        }
    }
}

#[test]
fn every_minute_is_the_oracles() {
    let count = number("BALEFIRE_ORACLE_SCHEDULES", SCHEDULES);
    let first = number("BALEFIRE_ORACLE_SEED", 0);
    let mut oracle = Oracle::start();
    oracle.reads_the_same_clocks();
    let (mut compared, mut refused, mut minutes, mut found) = (0_u64, 0_u64, 0_i64, 0_usize);
    for seed in first.. {
        if compared == count {
            break;
        }
        let mut case = Case::new(Random::new(seed));
        let spec: ScheduleSpec = serde_json::from_value(case.schedule.clone())
            .unwrap_or_else(|error| panic!("seed {seed}: {error}\n{}", case.request()));
        let schedule = match Schedule::new("ops", &spec, &|_| true) {
            Ok(schedule) => schedule,
            // A restriction that no day of a random calendar fits.
            Err(errors)
                if errors
                    .iter()
                    .all(|error| error.to_string().contains("never be on")) =>
            {
                refused += 1;
                continue;
            }
            Err(errors) => panic!("seed {seed}: {errors:?}\n{}", case.request()),
        };
        let schedule = schedule
            .with_overrides(overrides(&case.overrides), &|_| true)
            .unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        let ours = changes(&schedule, case.from, case.to);
        let theirs: Changes = oracle.ask(&case.request());
        assert_eq!(ours, theirs, "seed {seed}\n{}", case.request());
        looks_agree(&schedule, &ours, &mut case);
        compared += 1;
        minutes += case.to - case.from;
        found += ours.len();
    }
    assert!(refused < compared, "most random schedules are good ones");
    assert!(
        found as u64 > compared * 4,
        "parts of time with changes in them"
    );
    assert!(minutes > 0);
}
