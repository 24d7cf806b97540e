//! An operator's own patterns of subjects.

use regex::{Regex, RegexBuilder};
use serde_json::Value;

use crate::generic::State;

/// Largest compiled pattern, in bytes.
const LARGEST: usize = 1 << 20;
/// Most patterns of one kind.
const MOST: usize = 64;

/// The patterns of one source.
pub(super) struct Patterns {
    resolved: Vec<Regex>,
    firing: Vec<Regex>,
}

impl Patterns {
    /// Reads a source's options; what is wrong with them in words.
    pub(super) fn of(options: &Value) -> Result<Self, String> {
        Ok(Self {
            resolved: list(options, "resolved")?,
            firing: list(options, "firing")?,
        })
    }

    /// What a pattern says of a subject, and where it was found.
    pub(super) fn find(&self, subject: &str) -> Option<(State, std::ops::Range<usize>)> {
        let found = |list: &[Regex]| {
            let mut found = list.iter().filter_map(|pattern| pattern.find(subject));
            found.next().map(|found| found.range())
        };
        let over = found(&self.resolved).map(|range| (State::Resolved, range));
        over.or_else(|| found(&self.firing).map(|range| (State::Firing, range)))
    }
}

/// Whether the patterns in a source's options can be used; what is wrong in words.
pub fn check(options: &Value) -> Result<(), String> {
    Patterns::of(options).map(drop)
}

fn list(options: &Value, key: &str) -> Result<Vec<Regex>, String> {
    let given = options.get(key).and_then(Value::as_array);
    let given: Vec<&str> = given
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    if given.len() > MOST {
        return Err(format!("{key}: {} patterns, more than {MOST}", given.len()));
    }
    let compile = |text: &&str| {
        let mut builder = RegexBuilder::new(text);
        let pattern = builder.case_insensitive(true).size_limit(LARGEST).build();
        pattern.map_err(|_| format!("{key}: {text:?} is no regular expression"))
    };
    given.iter().map(compile).collect()
}
