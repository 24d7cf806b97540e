//! ElastAlert 2's HTTP POST alerters (`post`, `post2`): a matched document, told once.
//!
//! Source: jertel/elastalert2. A document says nothing of the rule that found it: let the rule add it, as
//! `setup/elastalert.md` does. Its `alertmanager` alerter speaks to `/api/v1/alerts` instead, and needs no source.

use balefire_core::alert::Lifecycle;
use serde_json::{Map, Value};

use crate::generic::{self, Mapping};
use crate::json;
use crate::json::fields::{first, kind, scalar, text};
use crate::manners::Manners;
use crate::parsed::{Complaint, ComplaintKind, Parsed, Refusal, Signal};
use crate::spec::{Inbound, SourceSpec};

/// The static description of this source.
pub static SPEC: SourceSpec = SourceSpec {
    kind: "elastalert",
    title: ("ElastAlert 2", "ElastAlert 2"),
    lifecycle: Lifecycle::Event,
    body_limit: 1_048_576,
    fields: &[],
    setup: include_str!("../setup/elastalert.md"),
    manners: Manners::USUAL,
    parse,
};

/// How deep a document's objects are looked into.
const DEPTH: usize = 4;
/// How many values of one document are kept.
const MAX_VALUES: usize = 200;

fn parse(inbound: &Inbound<'_>) -> Result<Parsed, Refusal> {
    let body = json::read(inbound.body)?;
    let mut parsed = Parsed::default();
    match &body {
        Value::Array(matches) => {
            for (index, found) in matches.iter().enumerate() {
                one(inbound, found, format!("[{index}]"), &mut parsed);
            }
        }
        found => one(inbound, found, String::new(), &mut parsed),
    }
    Ok(parsed)
}

fn one(inbound: &Inbound<'_>, found: &Value, path: String, parsed: &mut Parsed) {
    if !found.is_object() {
        let problem = format!("a match is an object, not {}", kind(found));
        return parsed.complain(Complaint::of(ComplaintKind::Type, path, problem));
    }
    let item = flat(found);
    match generic::draft(&item, path, &Mapping::default(), inbound.timezone) {
        Ok(Some(mut draft)) => {
            // Whatever a document's `status` says, nobody will say that it is over.
            draft.signal = Signal::Event;
            draft.url(text(&item, "kibana_discover_url"));
            draft.finish(parsed);
        }
        Ok(None) => parsed.note("a document that says it was acknowledged; noted only"),
        Err(complaint) => parsed.complain(complaint),
    }
}

/// The document with its inner objects' values at its top, as `host.name`; what the rule is called names the
/// alert.
fn flat(found: &Value) -> Value {
    let mut item = Map::new();
    if let Some(rule) = first(found, &["rule", "rule_name", "alert_rule"]) {
        item.insert("title".to_owned(), Value::String(rule.into_owned()));
    }
    spread(found, "", DEPTH, &mut item);
    if let Some(host) = item.get("host.name").cloned() {
        item.entry("host").or_insert(host);
    }
    Value::Object(item)
}

fn spread(value: &Value, prefix: &str, depth: usize, item: &mut Map<String, Value>) {
    for (name, value) in value.as_object().into_iter().flatten() {
        if item.len() >= MAX_VALUES {
            return;
        }
        let name = if prefix.is_empty() {
            name.clone()
        } else {
            format!("{prefix}.{name}")
        };
        if scalar(value).is_some() {
            item.entry(name).or_insert_with(|| value.clone());
        } else if depth > 0 && value.is_object() {
            spread(value, &name, depth - 1, item);
        }
    }
}
