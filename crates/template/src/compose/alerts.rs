//! The single alerts of a group of several: what differs between them, and since when.

use balefire_core::message::{AlertView, Block, GroupView};

use super::body::WORDS;
use super::{Reader, Telling, labels};
use crate::clean::one_line;

/// How many alerts are named; the others are counted.
const LISTED: usize = 10;
/// Longest point of the list, and longest value in it.
const POINT: usize = 400;
const VALUE: usize = 120;
/// Most differing labels told of one alert.
const DIFFERENCES: usize = 6;

/// The list, by kind when there are several kinds; nothing for a single alert.
pub(super) fn list(group: &GroupView, reader: &Reader) -> Vec<Block> {
    if group.alerts.len() + group.truncated_alerts < 2 {
        return Vec::new();
    }
    let kinds: Vec<(Telling, usize)> = Telling::ALL
        .into_iter()
        .map(|telling| (telling, telling.count(group)))
        .filter(|(_, count)| *count > 0)
        .collect();
    let mut blocks = Vec::new();
    let mut room = LISTED;
    for (telling, count) in &kinds {
        if room == 0 {
            break;
        }
        if kinds.len() > 1 {
            let key = heading(*telling);
            blocks.push(Block::Heading(
                reader.text(key, &[("count", (*count).into())]),
            ));
        }
        let points: Vec<String> = group
            .alerts
            .iter()
            .filter(|alert| Telling::of(alert) == *telling)
            .take(room)
            .map(|alert| point(alert, group, reader))
            .collect();
        room -= points.len();
        blocks.push(Block::List(points));
    }
    let untold = group.alerts.len().saturating_sub(LISTED) + group.truncated_alerts;
    if untold > 0 {
        blocks.push(Block::Text(
            reader.text("list-more", &[("count", untold.into())]),
        ));
    }
    blocks
}

const fn heading(telling: Telling) -> &'static str {
    match telling {
        Telling::Firing => "heading-firing",
        Telling::Resolved => "heading-resolved",
        Telling::Missed => "heading-missed",
        Telling::Event => "heading-events",
    }
}

/// `eu-1, /checkout — 5xx over 3 % — since 2026-11-22 10:04:05 UTC`.
fn point(alert: &AlertView, group: &GroupView, reader: &Reader) -> String {
    let parts = [
        differences(alert, group, reader),
        words(alert, group),
        when(alert, reader),
    ];
    let told: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    one_line(&told.join(" — "), POINT)
}

/// The labels the other alerts do not share, the alert's name first. Key labels stand without their
/// name, since a host is known as one.
fn differences(alert: &AlertView, group: &GroupView, reader: &Reader) -> String {
    let differs = |name: &str| group.common_labels.get(name).is_none();
    let name = alert
        .labels
        .get("alertname")
        .filter(|_| differs("alertname"));
    let key: Vec<&str> = labels::places(&alert.labels)
        .filter(|(name, _)| differs(name))
        .map(|(name, _)| name)
        .collect();
    let pairs = labels::shown(&alert.labels)
        .into_iter()
        .filter(|(name, _)| differs(name))
        .map(|(name, value)| {
            let value = one_line(value, VALUE);
            if key.contains(&name) {
                value
            } else {
                format!("{}={value}", one_line(name, 60))
            }
        });
    let parts: Vec<String> = name
        .map(|name| one_line(name, VALUE))
        .into_iter()
        .chain(pairs)
        .take(DIFFERENCES)
        .collect();
    parts.join(&reader.word("item-separator"))
}

/// What this alert says of itself and the group as a whole does not.
fn words(alert: &AlertView, group: &GroupView) -> String {
    WORDS
        .iter()
        .filter(|name| group.common_annotations.get(name).is_none())
        .filter_map(|name| alert.annotations.get(name))
        .map(|words| one_line(words, POINT / 2))
        .find(|words| !words.is_empty())
        .unwrap_or_default()
}

fn when(alert: &AlertView, reader: &Reader) -> String {
    match (Telling::of(alert), alert.ends_at) {
        (Telling::Event, _) => reader.time(alert.starts_at),
        (_, Some(ended)) => {
            let time = reader.time(ended);
            let duration = reader.duration(ended.since(alert.starts_at));
            reader.text(
                "item-resolved",
                &[("time", time.into()), ("duration", duration.into())],
            )
        }
        (_, None) => reader.text(
            "item-since",
            &[("time", reader.time(alert.starts_at).into())],
        ),
    }
}
