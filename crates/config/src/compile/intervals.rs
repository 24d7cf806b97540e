//! `time_intervals` and `mute_time_intervals`, one name space.

use std::collections::BTreeMap;

use balefire_core::interval::{Interval, IntervalError, Location, TimeRange};
use jiff::tz::TimeZone;

use super::{Compiler, section};
use crate::check::{said, zone_hint};
use crate::problem::{Path, Place, nearest};
use crate::tree::Node;

const WEEKDAYS: [&str; 7] = [
    "sunday",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
];

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// The named intervals; `Local` is `server.timezone`, else the system's zone.
pub(super) fn compile(compiler: &mut Compiler<'_>) -> BTreeMap<String, Vec<Interval>> {
    let local = compiler
        .find(&["server", "timezone"])
        .and_then(Node::text)
        .and_then(|name| TimeZone::get(name).ok())
        .unwrap_or_else(TimeZone::system);
    let mut named: BTreeMap<String, Vec<Interval>> = BTreeMap::new();
    let mut places: BTreeMap<&str, Place> = BTreeMap::new();
    for key in ["time_intervals", "mute_time_intervals"] {
        let Some(list) = compiler.find(&[key]) else {
            continue;
        };
        let path = section(key);
        for (index, item) in list.items().iter().enumerate() {
            let path = path.index(index);
            let Some(name) = item.text_at("name") else {
                continue;
            };
            let place = item.at("name").map_or(item.place, |node| node.place);
            if let Some(first) = places.insert(name, place) {
                let message = format!(
                    "a second time interval is named {}",
                    item.at("name").map(said).unwrap_or_default()
                );
                let hint = format!("the first is at line {}", first.line);
                compiler
                    .findings
                    .problem(place, &path.key("name"), message, hint);
                continue;
            }
            let path = path.key("time_intervals");
            let specs = item
                .at("time_intervals")
                .map(Node::items)
                .unwrap_or_default();
            let intervals = specs
                .iter()
                .enumerate()
                .map(|(index, spec)| one(compiler, spec, &path.index(index), &local))
                .collect();
            named.insert(name.to_owned(), intervals);
        }
    }
    named
}

fn one(compiler: &mut Compiler<'_>, spec: &Node, path: &Path<'_>, local: &TimeZone) -> Interval {
    Interval {
        times: list(compiler, spec, "times", path, |node| {
            // A missing end has been named already.
            let (start, end) = (node.text_at("start_time")?, node.text_at("end_time")?);
            Some(TimeRange::new(start, end))
        }),
        weekdays: list(compiler, spec, "weekdays", path, parsed),
        days_of_month: list(compiler, spec, "days_of_month", path, parsed),
        months: list(compiler, spec, "months", path, parsed),
        years: list(compiler, spec, "years", path, parsed),
        location: spec
            .at("location")
            .and_then(|node| match Location::new(node.text()?, local) {
                Ok(location) => Some(location),
                Err(error) => {
                    let hint = zone_hint(node.text().unwrap_or_default());
                    let path = path.key("location");
                    compiler
                        .findings
                        .problem(node.place, &path, error.to_string(), hint);
                    None
                }
            }),
    }
}

fn parsed<T: std::str::FromStr<Err = IntervalError>>(
    node: &Node,
) -> Option<Result<T, IntervalError>> {
    node.text().map(str::parse)
}

/// The ranges of one condition; `None` when it is not given.
fn list<T>(
    compiler: &mut Compiler<'_>,
    spec: &Node,
    key: &str,
    path: &Path<'_>,
    read: impl Fn(&Node) -> Option<Result<T, IntervalError>>,
) -> Option<Vec<T>> {
    let items = spec.at(key)?.items();
    let path = path.key(key);
    let mut ranges = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        match read(item) {
            Some(Ok(range)) => ranges.push(range),
            Some(Err(error)) => {
                let hint = word_hint(key, item.text().unwrap_or_default());
                compiler
                    .findings
                    .problem(item.place, &path.index(index), error.to_string(), hint);
            }
            None => {}
        }
    }
    Some(ranges)
}

/// The day or month that was meant.
fn word_hint(key: &str, text: &str) -> String {
    let words: &[&str] = match key {
        "weekdays" => &WEEKDAYS,
        "months" => &MONTHS,
        _ => return String::new(),
    };
    let text = text.to_lowercase();
    let unknown = text
        .split(':')
        .find(|part| !words.contains(part))
        .unwrap_or_default();
    let near = nearest(unknown, words.iter().copied());
    if near.starts_with("did") {
        near
    } else {
        String::new()
    }
}
