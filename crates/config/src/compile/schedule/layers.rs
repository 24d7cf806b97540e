//! A schedule's layers in core's words, and the people they name.

use std::collections::BTreeMap;
use std::sync::Arc;

use balefire_core::field::Field;
use balefire_core::schedule::{EventsSpec, Handover, LayerSpec, RestrictionSpec, TurnSpec};
use serde::de::DeserializeOwned;

use super::calendars::is_address;
use super::{Compiler, People};
use crate::check::meaning;
use crate::problem::Path;
use crate::schema::schedule::LAYER;
use crate::tree::Node;

/// The layers as written; `None` when one of them lacks what has been named already.
pub(super) fn specs(
    compiler: &mut Compiler<'_>,
    schedule: &Node,
    people: &People,
    path: &Path<'_>,
) -> Option<Vec<LayerSpec>> {
    let path = path.key("layers");
    let mut specs = Some(Vec::new());
    for (index, layer) in schedule.at("layers")?.items().iter().enumerate() {
        let path = path.index(index);
        let spec = if layer.at("events").is_some() {
            events(compiler, layer, people, &path)
        } else {
            let turns = turns(compiler, layer, people, &path);
            lacking(compiler, layer, &path);
            spec(layer, turns)
        };
        match (&mut specs, spec) {
            (Some(specs), Some(spec)) => specs.push(spec),
            _ => specs = None,
        }
    }
    specs
}

/// Names what a rotation lacks.
fn lacking(compiler: &mut Compiler<'_>, layer: &Node, path: &Path<'_>) {
    let needed = |field: &&Field| matches!(field.name, "rotation" | "starts" | "people");
    for field in LAYER.iter().filter(needed) {
        if layer.at(field.name).is_none() {
            let message = format!("the key {:?} is missing", field.name);
            let hint = meaning(field);
            compiler.findings.problem(layer.place, path, message, hint);
        }
    }
}

/// A layer of events, with everybody's names and addresses.
fn events(
    compiler: &mut Compiler<'_>,
    layer: &Node,
    people: &People,
    path: &Path<'_>,
) -> Option<LayerSpec> {
    for key in [
        "rotation", "every", "lengths", "starts", "until", "handover", "people",
    ] {
        if let Some(node) = layer.at(key) {
            let words = "a layer has either events or a rotation";
            let hint = "make two layers of it";
            compiler
                .findings
                .problem(node.place, &path.key(key), words, hint);
        }
    }
    let mut names = BTreeMap::new();
    for person in people.values() {
        let contact = &person.contact;
        for name in [&person.key, &contact.name, &contact.email] {
            if !name.is_empty() {
                names.insert(name.to_lowercase(), Arc::from(person.key.as_str()));
            }
        }
    }
    let path = path.key("names");
    for entry in layer.at("names").map(Node::entries).unwrap_or_default() {
        named(compiler, &entry.value, people, &path.key(&entry.key));
        names.insert(entry.key.to_lowercase(), entry.value.text()?.into());
    }
    let only = layer.at("only").map(Node::items).unwrap_or_default();
    let events = layer.at("events")?;
    let fetched = is_address(events);
    let text = if fetched { Some("") } else { events.text() };
    Some(LayerSpec {
        name: layer.text_at("name").map(ToOwned::to_owned),
        events: Some(EventsSpec {
            text: text?.to_owned(),
            names,
            timezone: events.text_at("timezone").map(ToOwned::to_owned),
            fetched,
        }),
        only: only.iter().map(restriction).collect(),
        ..LayerSpec::default()
    })
}

fn spec(layer: &Node, people: Vec<TurnSpec>) -> Option<LayerSpec> {
    let text = |key| layer.text_at(key).map(ToOwned::to_owned);
    let only = layer.at("only").map(Node::items).unwrap_or_default();
    Some(LayerSpec {
        name: text("name"),
        events: None,
        rotation: word(layer.text_at("rotation")?)?,
        every: layer.text_at("every").and_then(|text| text.parse().ok()),
        lengths: owned(layer.at("lengths").map(Node::texts).unwrap_or_default()),
        starts: text("starts")?,
        until: text("until"),
        handover: layer.at("handover").map(|handover| Handover {
            time: handover.text_at("time").map(ToOwned::to_owned),
            weekday: handover.text_at("weekday").map(ToOwned::to_owned),
        }),
        people,
        only: only.iter().map(restriction).collect(),
    })
}

pub(in crate::compile) fn restriction(node: &Node) -> RestrictionSpec {
    let text = |key| node.text_at(key).map(ToOwned::to_owned);
    RestrictionSpec {
        from: text("from"),
        to: text("to"),
        days: node.at("days").map(|days| owned(days.texts())),
        on: node.text_at("on").and_then(word).unwrap_or_default(),
    }
}

/// What one of core's words stands for; the tables name the wrong ones.
fn word<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_value(text.into()).ok()
}

fn owned(texts: Vec<&str>) -> Vec<String> {
    texts.into_iter().map(ToOwned::to_owned).collect()
}

fn turns(
    compiler: &mut Compiler<'_>,
    layer: &Node,
    people: &People,
    path: &Path<'_>,
) -> Vec<TurnSpec> {
    let path = path.key("people");
    let items = layer.at("people").map(Node::items).unwrap_or_default();
    let mut turns = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        named(compiler, item, people, &path.index(index));
        turns.push(TurnSpec::Together(owned(item.texts())));
    }
    turns
}

/// Names those who are not among the people.
pub(in crate::compile) fn named(
    compiler: &mut Compiler<'_>,
    node: &Node,
    people: &People,
    path: &Path<'_>,
) {
    let unknown = |name: &&str| !people.contains_key(*name);
    for name in node.texts().into_iter().filter(unknown) {
        let place = node
            .items()
            .iter()
            .find(|item| item.text() == Some(name))
            .map_or(node.place, |item| item.place);
        let shown = if node.is_expanded() {
            crate::check::said(node)
        } else {
            let short: String = name.chars().take(60).collect();
            format!("{short:?}")
        };
        let known = people.keys().map(String::as_str);
        let hint = match compiler.findings.nearest(name, known) {
            hint if hint.is_empty() => "add them under people".to_owned(),
            hint => hint,
        };
        let message = format!("no person is named {shown}");
        compiler.findings.problem(place, path, message, hint);
    }
}
