//! Which labels speak to people, and in which order.

use balefire_core::label::Labels;

use super::Reader;

/// Labels that say where something is, the most telling first; the rest follow by name.
const PLACES: [&str; 17] = [
    "service",
    "instance",
    "host",
    "hostname",
    "node",
    "device",
    "pod",
    "container",
    "job",
    "app",
    "namespace",
    "cluster",
    "region",
    "env",
    "environment",
    "team",
    "origin",
];

/// Labels that the title or the severity line already tells.
const TOLD_ELSEWHERE: [&str; 2] = ["alertname", "severity"];

/// The pairs worth showing, in reading order: key labels first, then the others by name. Names that
/// begin with `__` are machinery.
pub(super) fn shown(labels: &Labels) -> Vec<(&str, &str)> {
    let mut pairs: Vec<(&str, &str)> = labels
        .iter()
        .filter(|(name, _)| !name.starts_with("__") && !TOLD_ELSEWHERE.contains(name))
        .collect();
    // The sort is stable, so labels of no rank keep their order by name.
    pairs.sort_by_key(|(name, _)| rank(name));
    pairs
}

/// The pairs of key labels only, in reading order.
pub(super) fn places(labels: &Labels) -> impl Iterator<Item = (&str, &str)> {
    PLACES
        .iter()
        .filter_map(|name| labels.get(name).map(|value| (*name, value)))
}

fn rank(name: &str) -> usize {
    PLACES
        .iter()
        .position(|place| *place == name)
        .unwrap_or(PLACES.len())
}

/// What a label is called in front of people: a word for the usual ones, else its own name.
pub(super) fn name(reader: &Reader, label: &str) -> String {
    let usual = match label {
        "hostname" => "host",
        "environment" => "env",
        other => other,
    };
    crate::i18n::lookup(reader.locale, &format!("label-{usual}"), &[])
        .unwrap_or_else(|| crate::clean::one_line(label, 60))
}
