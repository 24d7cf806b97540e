//! Escalations by example and in a simulation of what may happen to them.

mod examples;
mod left_alone;
mod refused;
mod simulation;
mod storm;
mod world;

use std::collections::BTreeMap;
use std::time::Duration;

use self::world::{Random, directory, policies};
use super::*;

fn secs(seconds: u64) -> Time {
    // 2026-01-05, a Monday, at noon in Shanghai.
    Time::from_secs(1_767_585_600).after(Duration::from_secs(seconds))
}

fn facts(incident: u64, severity: Severity, opened: Time) -> Facts {
    Facts {
        incident,
        severity,
        opened,
        ordinal: incident,
    }
}

/// An action in few words: `ada by sms+voice for 1`, `tell robot of 1`, `pass 0/2 of 1: ...`.
fn words(action: &Action) -> String {
    match action {
        Action::Page {
            person,
            by,
            incidents,
            ..
        } => format!("{person} by {} for {incidents:?}", by.join("+")),
        Action::Held {
            person, incident, ..
        } => format!("hold {incident} for {person}"),
        Action::Tell {
            receiver, incident, ..
        } => format!("tell {receiver} of {incident}"),
        Action::Taken { incident, at } => format!("take {}/{} of {incident}", at.round, at.step),
        Action::Passed { incident, at, why } => {
            format!("pass {}/{} of {incident}: {why:?}", at.round, at.step)
        }
        Action::Exhausted { incident, why } => format!("exhausted {incident}: {why:?}"),
    }
}
