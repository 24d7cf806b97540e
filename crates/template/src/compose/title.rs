//! The one line that must tell enough: `[FIRING:2] HighLatency · api-1, eu-1`.

use std::collections::BTreeSet;

use balefire_core::message::GroupView;

use super::{Reader, Telling, labels};
use crate::clean::one_line;

/// Longest title in characters; channels with less room cut it further.
const TITLE: usize = 200;
/// Longest single name or value in it.
const PART: usize = 80;
/// Most names of alerts in it, and most values that say where.
const NAMES: usize = 2;
const DETAILS: usize = 3;

pub(crate) fn title(group: &GroupView, reader: &Reader) -> String {
    let name = name(group, reader);
    let details = details(group, reader);
    let mut line = tag(group, reader).map_or_else(String::new, |tag| format!("{tag} "));
    line.push_str(&name);
    if !details.is_empty() {
        line.push_str(" · ");
        line.push_str(&details.join(&reader.word("title-separator")));
    }
    one_line(&line, TITLE)
}

/// `[FIRING:2]`, `[FIRING:1, RESOLVED:3]`; nothing for alerts that only happened.
fn tag(group: &GroupView, reader: &Reader) -> Option<String> {
    let words: Vec<String> = [
        (Telling::Firing, "title-firing"),
        (Telling::Resolved, "title-resolved"),
        (Telling::Missed, "title-missed"),
    ]
    .into_iter()
    .map(|(telling, key)| (telling.count(group), key))
    .filter(|(count, _)| *count > 0)
    .map(|(count, key)| reader.text(key, &[("count", count.into())]))
    .collect();
    (!words.is_empty()).then(|| {
        let words = words.join(&reader.word("title-separator"));
        reader.text("title-tag", &[("words", words.into())])
    })
}

/// The alert's name; of several names the first two; without any, what its annotations say.
fn name(group: &GroupView, reader: &Reader) -> String {
    let names: BTreeSet<&str> = group
        .alerts
        .iter()
        .filter_map(|alert| alert.labels.get("alertname"))
        .chain(group.group_labels.get("alertname"))
        .collect();
    if names.is_empty() {
        return ["summary", "title", "message", "description"]
            .iter()
            .filter_map(|key| {
                group
                    .alerts
                    .iter()
                    .find_map(|alert| alert.annotations.get(key))
            })
            .map(|words| one_line(words, PART))
            .find(|words| !words.is_empty())
            .unwrap_or_else(|| reader.word("title-nameless"));
    }
    few(&names, NAMES, reader)
}

/// Where it is: the most telling key label (with the values it has among the alerts), then the group's
/// own labels.
fn details(group: &GroupView, reader: &Reader) -> Vec<String> {
    let mut details: Vec<String> = Vec::new();
    let place = group
        .alerts
        .first()
        .and_then(|first| labels::places(&first.labels).next());
    if let Some((name, _)) = place {
        let values: BTreeSet<&str> = group
            .alerts
            .iter()
            .filter_map(|alert| alert.labels.get(name))
            .collect();
        details.push(few(&values, NAMES, reader));
    }
    for (_, value) in labels::shown(&group.group_labels) {
        let value = one_line(value, PART);
        if details.len() < DETAILS && !value.is_empty() && !details.contains(&value) {
            details.push(value);
        }
    }
    details
}

/// The first `most` of them, and how many more there are.
fn few(values: &BTreeSet<&str>, most: usize, reader: &Reader) -> String {
    let shown: Vec<String> = values
        .iter()
        .take(most)
        .map(|value| one_line(value, PART))
        .collect();
    let mut words = shown.join(&reader.word("title-separator"));
    if values.len() > most {
        words.push(' ');
        words.push_str(&reader.text("title-more", &[("count", (values.len() - most).into())]));
    }
    words
}
