//! Everything below the title, in reading order.

use balefire_core::message::{Block, GroupView};
use balefire_core::time::Time;

use super::links::Leads;
use super::{Reader, Telling, alerts, labels, links};
use crate::clean::{one_line, running_text};

/// Longest summary, description and fact, in characters.
const SUMMARY: usize = 1_000;
const DESCRIPTION: usize = 4_000;
const FACT: usize = 500;
/// Most facts.
const FACTS: usize = 24;

/// Annotations told as running text, in this order.
pub(super) const WORDS: [&str; 3] = ["summary", "message", "description"];

pub(crate) fn body(group: &GroupView, reader: &Reader, title: &str, leads: &Leads) -> Vec<Block> {
    let mut blocks = Vec::new();
    blocks.extend(missed(group, reader).map(Block::Text));
    blocks.extend(words(group, title).into_iter().map(Block::Text));
    let facts = facts(group, reader, leads);
    if !facts.is_empty() {
        blocks.push(Block::Facts(facts));
    }
    blocks.extend(alerts::list(group, reader));
    blocks.extend(links::images(group));
    blocks.extend(leads.blocks(reader));
    blocks
}

/// The sentence that says what an outage on the way hid.
fn missed(group: &GroupView, reader: &Reader) -> Option<String> {
    let count = Telling::Missed.count(group);
    let key = if count == group.alerts.len() {
        "missed-all"
    } else {
        "missed-some"
    };
    (count > 0).then(|| reader.text(key, &[("count", count.into())]))
}

/// The running texts that all alerts share; one that the title or an earlier one holds is not repeated.
fn words(group: &GroupView, title: &str) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    for name in WORDS {
        let Some(words) = group.common_annotations.get(name) else {
            continue;
        };
        let max = if name == "summary" {
            SUMMARY
        } else {
            DESCRIPTION
        };
        let words = running_text(words, max);
        if !words.is_empty() && !told.contains(&words) {
            told.push(words);
        }
    }
    if told.len() > 1 {
        told.retain(|words| !title.contains(words.as_str()));
    }
    told
}

/// Severity, the shared labels, the other shared annotations, then times.
fn facts(group: &GroupView, reader: &Reader, leads: &Leads) -> Vec<(String, String)> {
    let severity = severity(group, reader).map(|word| (reader.word("fact-severity"), word));
    let mut facts: Vec<(String, String)> = severity.into_iter().collect();
    for (name, value) in labels::shown(&group.common_labels) {
        facts.push((labels::name(reader, name), one_line(value, FACT)));
    }
    for (name, value) in &group.common_annotations {
        let machinery = name.starts_with("__") || WORDS.contains(&name);
        if !machinery && !value.is_empty() && !leads.tell(name, value) {
            facts.push((one_line(name, 60), one_line(value, FACT)));
        }
    }
    facts.truncate(FACTS);
    facts.extend(times(group, reader));
    facts
}

/// The worst severity in the reader's word, the sender's own word beside it when it says more; nothing
/// when no alert says how bad it is.
fn severity(group: &GroupView, reader: &Reader) -> Option<String> {
    const NAMES: [&str; 3] = ["severity", "priority", "level"];
    group
        .alerts
        .iter()
        .find(|alert| NAMES.iter().any(|name| alert.labels.get(name).is_some()))?;
    let severity = group.severity();
    let word = reader.severity(severity);
    Some(match group.common_labels.get("severity") {
        Some(sent) if !sent.eq_ignore_ascii_case(severity.as_str()) && sent != word => {
            format!("{word} ({})", one_line(sent, 60))
        }
        _ => word,
    })
}

fn times(group: &GroupView, reader: &Reader) -> Vec<(String, String)> {
    match group.alerts.as_slice() {
        [] => Vec::new(),
        [alert] => {
            let event = Telling::of(alert) == Telling::Event;
            let began = if event {
                "fact-reported"
            } else {
                "fact-started"
            };
            let mut facts = vec![(reader.word(began), reader.time(alert.starts_at))];
            if let Some(ended) = alert.ends_at.filter(|_| !event) {
                facts.push((reader.word("fact-ended"), reader.time(ended)));
                let span = reader.duration(ended.since(alert.starts_at));
                facts.push((reader.word("fact-duration"), span));
            }
            facts
        }
        several => {
            let first = several.iter().map(|alert| alert.starts_at).min();
            let ends: Option<Vec<Time>> = several.iter().map(|alert| alert.ends_at).collect();
            let last = ends.and_then(|ends| ends.into_iter().max());
            let fact = |key: &str, time: Time| (reader.word(key), reader.time(time));
            first
                .map(|time| fact("fact-first-started", time))
                .into_iter()
                .chain(last.map(|time| fact("fact-last-ended", time)))
                .collect()
        }
    }
}
