//! A schedule's overrides as the document has them: covers, each with a beginning and an end.

use std::sync::Arc;

use balefire_core::schedule::{Instead, Override, OverrideError, Stretch};
use balefire_core::time::Time;
use balefire_core::wall::{WallError, Zone};
use jiff::Timestamp;
use jiff::civil::DateTime;

use super::layers::named;
use super::{Compiler, People, refused};
use crate::check::said;
use crate::problem::{Path, Place};
use crate::tree::Node;

/// An override, and where it stands.
pub(super) struct Written {
    pub(super) is: Override,
    index: usize,
    place: Place,
}

/// Those that can be read; the others are told.
pub(super) fn read(
    compiler: &mut Compiler<'_>,
    schedule: &Node,
    people: &People,
    path: &Path<'_>,
) -> Vec<Written> {
    let Some(zone) = schedule
        .text_at("timezone")
        .and_then(|name| Zone::named(name).ok())
    else {
        return Vec::new();
    };
    let path = path.key("overrides");
    let items = schedule
        .at("overrides")
        .map(Node::items)
        .unwrap_or_default();
    let mut read = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let path = path.index(index);
        let Some(who) = item.at("people") else {
            continue;
        };
        named(compiler, who, people, &path.key("people"));
        let from = moment(compiler, item, "from", &zone, &path);
        let to = moment(compiler, item, "to", &zone, &path);
        let (Some(from), Some(to)) = (from, to) else {
            continue;
        };
        read.push(Written {
            is: Override {
                // From what it is, so that calendars keep it when another is put before it.
                id: format!("{from}/{to}").into(),
                when: Stretch { from, to },
                instead: Instead::Cover(who.texts().into_iter().map(Arc::from).collect()),
                swap: None,
            },
            index,
            place: item.place,
        });
    }
    read
}

/// An end of an override: an instant, or a time of the schedule's clock that comes once.
fn moment(
    compiler: &mut Compiler<'_>,
    item: &Node,
    key: &str,
    zone: &Zone,
    path: &Path<'_>,
) -> Option<Time> {
    let node = item.at(key)?;
    let text = node.text()?;
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(instant.into());
    }
    let path = path.key(key);
    let Ok(wall) = text.parse::<DateTime>() else {
        let message = format!("{} is not a time", said(node));
        let hint = "write 2026-10-01T09:00 by the schedule's clock, or 2026-10-01T09:00:00+08:00";
        compiler.findings.problem(node.place, &path, message, hint);
        return None;
    };
    let told = |error: WallError| refused::say(compiler, node.place, &path, &error.to_string());
    zone.exact(wall).map_err(told).ok()
}

/// Tells why an override does not hold, where it stands.
pub(super) fn refused(
    compiler: &mut Compiler<'_>,
    written: &[Written],
    path: &Path<'_>,
    error: &OverrideError,
) {
    let path = path.key("overrides");
    let of = |id: &str| written.iter().find(|one| &*one.is.id == id);
    let (found, words) = match error {
        OverrideError::IdTwice(id) => (
            written.iter().rfind(|one| one.is.id == *id),
            "the same time stands here twice; keep one".to_owned(),
        ),
        OverrideError::NoLength { id, from, to } => (
            of(id),
            format!("it ends at {to}, which is not after its beginning at {from}"),
        ),
        OverrideError::People(id) => (
            of(id),
            "these are more than 20 people, or one of them twice; name each once".to_owned(),
        ),
        OverrideError::Overlap { first, second, at } => {
            let line = of(first).map_or(0, |one| one.place.line);
            let words = format!(
                "from {} to {} the one at line {line} says who is there, too; end one where the other begins",
                at.from, at.to
            );
            (of(second), words)
        }
        _ => (None, error.to_string()),
    };
    let Some(one) = found else {
        let place = written.first().map_or_else(Place::default, |one| one.place);
        return refused::say(compiler, place, &path, &words);
    };
    refused::say(compiler, one.place, &path.index(one.index), &words);
}
