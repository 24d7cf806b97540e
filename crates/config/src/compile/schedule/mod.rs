//! `schedules`: who is on call when.
//!
//! The rules are `balefire_core::schedule`'s; here the document becomes its words, and what it refuses is
//! told at the line where it stands.

pub(super) mod calendars;
pub(super) mod forward;
mod layers;
mod overrides;
mod refused;

use std::collections::BTreeMap;

use balefire_core::schedule::{Calendar, CalendarDay, CalendarError, Schedule, ScheduleSpec};

use super::{Compiler, section};
use crate::check::{check, said};
use crate::plan::Person;
use crate::problem::Path;
use crate::schema::form::Form;
use crate::schema::schedule::DAYS;
use crate::tree::{Entry, Node, Shape};

pub(super) use self::layers::{named, restriction};
pub(super) use self::refused::say;

/// Longest name of a schedule: it stands in paths and on calendars.
const LONGEST_NAME: usize = 64;

type People = BTreeMap<String, Person>;

/// The schedules by name.
pub(super) fn compile(compiler: &mut Compiler<'_>, people: &People) -> BTreeMap<String, Schedule> {
    let entries = compiler
        .find(&["schedules"])
        .map(Node::entries)
        .unwrap_or_default();
    let path = section("schedules");
    let schedules = entries.iter().filter_map(|entry| {
        let schedule = one(compiler, entry, people, &path.key(&entry.key))?;
        Some((entry.key.clone(), schedule))
    });
    schedules.collect()
}

fn one(
    compiler: &mut Compiler<'_>,
    entry: &Entry,
    people: &People,
    path: &Path<'_>,
) -> Option<Schedule> {
    // What has no form cannot be looked at; its tables have said so.
    let is_formed = !compiler.findings.any_below(path);
    name(compiler, entry, path);
    let node = &entry.value;
    if node.shape == Shape::Null {
        let hint = "give it a timezone and layers";
        compiler
            .findings
            .problem(entry.place, path, "this schedule is empty", hint);
        return None;
    }
    let calendar = calendar(compiler, node, path);
    let layers = layers::specs(compiler, node, people, path);
    let overrides = overrides::read(compiler, node, people, path);
    let spec = ScheduleSpec {
        timezone: node.text_at("timezone")?.to_owned(),
        layers: layers.filter(|_| is_formed)?,
        calendar: calendar?,
    };
    // Unknown names have all been told, with the nearest one.
    let known = |_: &str| true;
    let schedule = match Schedule::new(&entry.key, &spec, &known) {
        Ok(schedule) => schedule,
        Err(errors) => {
            for error in errors {
                refused::schedule(compiler, node, path, error);
            }
            return None;
        }
    };
    left_out(compiler, node, &schedule, path);
    let (schedule, errors) =
        schedule.with_those_that_hold(overrides.iter().map(|one| one.is.clone()).collect(), &known);
    for error in errors {
        overrides::refused(compiler, &overrides, path, &error);
    }
    let notice = node.at("gap_notice").and_then(super::span);
    Some(match notice {
        Some(notice) => schedule.with_gap_notice(notice),
        None => schedule,
    })
}

/// Warns of events of its layers that say nothing.
fn left_out(compiler: &mut Compiler<'_>, node: &Node, schedule: &Schedule, path: &Path<'_>) {
    let layers = node.at("layers").map(Node::items).unwrap_or_default();
    let path = path.key("layers");
    for (layer, told) in schedule.left_out() {
        let index = layer.number - 1;
        let written = layers.get(index).and_then(|layer| layer.at("events"));
        let place = written.map_or(node.place, |events| events.place);
        let path = path.index(index);
        let hint = "whoever it is meant for is not on call by it; names says who is meant";
        let (path, words) = (path.key("events"), told.to_owned());
        compiler.findings.warning(place, &path, words, hint);
    }
}

/// A name stands in paths (`/api/v1/schedules/ops.ics`) and on command lines.
fn name(compiler: &mut Compiler<'_>, entry: &Entry, path: &Path<'_>) {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    let letters = entry.key.chars().count();
    if letters == 0 || letters > LONGEST_NAME || !entry.key.chars().all(plain) {
        let message = format!(
            "a schedule's name is 1 to {LONGEST_NAME} letters, digits, '-' and '_'; it stands in URLs"
        );
        compiler
            .findings
            .problem(entry.place, path, message, "write a name such as ops");
    }
}

/// The days that are not what their weekday says; `None` when they cannot be read.
pub(super) fn calendar(
    compiler: &mut Compiler<'_>,
    node: &Node,
    path: &Path<'_>,
) -> Option<Calendar> {
    let Some(node) = node.at("calendar") else {
        return Some(Calendar::default());
    };
    let path = path.key("calendar");
    if node.text() == Some("china") {
        return Some(Calendar::china());
    }
    if node.text().is_some() {
        let message = format!("no calendar is called {}", said(node));
        let hint = "write china, or a list of days: [{date: 2026-10-01, kind: holiday}]";
        compiler.findings.problem(node.place, &path, message, hint);
        return None;
    }
    let before = compiler.findings.count();
    check(node, &Form::of(&DAYS), &path, compiler.findings);
    let mut days = Vec::new();
    for (index, item) in node.items().iter().enumerate() {
        let (Some(date), Some(kind)) = (item.at("date"), item.text_at("kind")) else {
            continue;
        };
        let kind = serde_json::from_value(kind.into());
        match (date.text().unwrap_or_default().parse(), kind) {
            (Ok(date), Ok(kind)) => days.push(CalendarDay { date, kind }),
            (Err(_), _) => {
                let message = format!("{} is not a day", said(date));
                let path = path.index(index);
                compiler.findings.problem(
                    date.place,
                    &path.key("date"),
                    message,
                    "write 2026-10-01",
                );
            }
            // The kind has been named already.
            (Ok(_), Err(_)) => {}
        }
    }
    match Calendar::new(&days) {
        Ok(calendar) => (compiler.findings.count() == before).then_some(calendar),
        Err(error) => {
            let place = match &error {
                CalendarError::Both(day) => last_of(node, &day.to_string()).place,
                _ => node.place,
            };
            say(compiler, place, &path, &error.to_string());
            None
        }
    }
}

/// The last line of a calendar that is about this day.
fn last_of<'n>(calendar: &'n Node, day: &str) -> &'n Node {
    let mut lines = calendar.items().iter().rev();
    lines
        .find(|line| line.text_at("date") == Some(day))
        .unwrap_or(calendar)
}
