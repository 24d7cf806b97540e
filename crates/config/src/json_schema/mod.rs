//! The document's JSON Schema (draft 2020-12) for editors, from the tables that check it.
//!
//! A plain Alertmanager document must pass, so texts may be numbers or truth values where YAML lets
//! them, and a value may be null where Alertmanager takes that for left out.

use std::collections::BTreeSet;

use balefire_channels::registry as channels;
use balefire_core::field::{Field, Kind};
use balefire_sources::registry as sources;
use serde_json::{Map, Value, json};

use crate::schema::form::entry_tables;
use crate::schema::{DOCUMENT, people};

/// The schema of the whole document.
pub fn json_schema() -> Value {
    let mut definitions = Map::new();
    definitions.insert(
        "route".to_owned(),
        record(&[&crate::schema::route::ROUTE], &[]),
    );
    definitions.insert(
        "http_config".to_owned(),
        record(&[&crate::schema::http::HTTP], &[]),
    );
    definitions.insert("receiver".to_owned(), receiver());
    definitions.insert("account".to_owned(), by_kind(accounts()));
    definitions.insert("source".to_owned(), by_kind(sources_by_kind()));
    let mut document = record(&[&DOCUMENT], &[]);
    if let Some(properties) = document
        .get_mut("properties")
        .and_then(Value::as_object_mut)
    {
        let list = json!({"type": "array", "items": reference("receiver")});
        properties.insert("receivers".to_owned(), described(list, "Who can be told."));
        let map =
            |of: &str| json!({"type": ["object", "null"], "additionalProperties": reference(of)});
        properties.insert(
            "accounts".to_owned(),
            described(map("account"), "Credentials by name."),
        );
        let source = described(map("source"), "Inbound keys by name: /in/{name}.");
        properties.insert("sources".to_owned(), source);
    }
    if let Some(object) = document.as_object_mut() {
        object.insert(
            "$schema".to_owned(),
            "https://json-schema.org/draft/2020-12/schema".into(),
        );
        object.insert("title".to_owned(), "Balefire configuration".into());
        object.insert("$defs".to_owned(), Value::Object(definitions));
    }
    document
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/$defs/{name}")})
}

fn described(mut schema: Value, doc: &str) -> Value {
    if let Some(object) = schema.as_object_mut() {
        object.insert("description".to_owned(), doc.into());
    }
    schema
}

/// A mapping with the keys of these tables; `more` has those that no table has.
fn record(tables: &[&[Field]], more: &[(&str, Value)]) -> Value {
    let mut properties = Map::new();
    let mut required = BTreeSet::new();
    let fields: Vec<&Field> = tables.iter().flat_map(|table| table.iter()).collect();
    for field in &fields {
        let known = properties.contains_key(field.name);
        if !known {
            properties.insert(field.name.to_owned(), property(field));
        }
        let from_file = format!("{}_file", field.name);
        if field.required && !known && !fields.iter().any(|other| other.name == from_file) {
            required.insert(field.name);
        }
    }
    for (key, schema) in more {
        properties.insert((*key).to_owned(), schema.clone());
    }
    let mut schema = json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    if !required.is_empty()
        && let Some(object) = schema.as_object_mut()
    {
        object.insert("required".to_owned(), required.into_iter().collect());
    }
    schema
}

fn property(field: &Field) -> Value {
    let schema = match field.name {
        "http_config" => reference("http_config"),
        "route" => reference("route"),
        "routes" => json!({"type": ["array", "null"], "items": reference("route")}),
        _ => kind(&field.kind),
    };
    let mut schema = described(schema, field.doc);
    if !field.default.is_empty()
        && let Some(object) = schema.as_object_mut()
    {
        object.insert("default".to_owned(), default(field));
    }
    schema
}

/// The default in its own type; a text where it is not a value but words.
fn default(field: &Field) -> Value {
    match field.kind {
        Kind::Bool => field
            .default
            .parse::<bool>()
            .map_or_else(|_| field.default.into(), Value::Bool),
        Kind::Integer(..) => field
            .default
            .parse::<i64>()
            .map_or_else(|_| field.default.into(), Value::from),
        _ => field.default.into(),
    }
}

fn kind(kind: &Kind) -> Value {
    match kind {
        Kind::Text | Kind::GoTemplate => json!({"type": ["string", "number", "boolean", "null"]}),
        Kind::Secret => json!({"type": ["string", "number", "null"], "writeOnly": true}),
        Kind::Url => json!({"type": ["string", "null"], "format": "uri"}),
        Kind::SecretUrl => json!({"type": ["string", "null"], "format": "uri", "writeOnly": true}),
        Kind::Duration => json!({
            "type": ["string", "integer", "null"],
            "pattern": "^(\\$\\{.*|0|([0-9]+y)?([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?)$",
        }),
        Kind::Integer(least, most) => json!({
            "anyOf": [
                {"type": ["integer", "null"], "minimum": least, "maximum": most},
                {"type": "string", "pattern": "^\\$\\{(env|file):"},
            ],
        }),
        Kind::Number => json!({"type": ["number", "null"]}),
        Kind::Bool => json!({"type": ["boolean", "null"]}),
        Kind::OneOf(words) => json!({"enum": words}),
        Kind::TimeZone => json!({"type": ["string", "null"], "examples": ["Asia/Shanghai", "UTC"]}),
        Kind::List(of) => json!({"type": ["array", "null"], "items": self::kind(of)}),
        Kind::TextOrList => json!({
            "anyOf": [
                {"type": ["string", "number", "null"]},
                {"type": "array", "items": {"type": ["string", "number"]}},
            ],
        }),
        Kind::Map(of) => {
            json!({"type": ["object", "null"], "additionalProperties": self::kind(of)})
        }
        Kind::Record(fields) => {
            let mut schema = record(&[fields], &[]);
            schema["type"] = json!(["object", "null"]);
            schema
        }
        Kind::TextOr(fields) => json!({
            "anyOf": [
                {"type": ["string", "null"]},
                record(&[fields], &[]),
            ],
        }),
        Kind::Any => json!({}),
    }
}

/// A receiver with every `…_configs` there is.
fn receiver() -> Value {
    let keys: BTreeSet<&str> = channels::CHANNELS
        .iter()
        .map(|spec| spec.receiver_key)
        .collect();
    let more: Vec<(&str, Value)> = keys
        .into_iter()
        .map(|key| {
            // Which keys are required depends on the account; that is `balefire check`'s to say.
            let mut entry = record(&entry_tables(key), &[]);
            if let Some(object) = entry.as_object_mut() {
                object.remove("required");
                object.insert("type".to_owned(), json!(["object", "null"]));
            }
            let titles: BTreeSet<&str> = channels::for_receiver_key(key)
                .map(|spec| spec.title.0)
                .collect();
            let titles: Vec<&str> = titles.into_iter().collect();
            let list = json!({"type": ["array", "null"], "items": entry});
            (key, described(list, &format!("{}.", titles.join(", "))))
        })
        .collect();
    record(&[&people::RECEIVER], &more)
}

/// One branch for each kind.
fn by_kind(kinds: Vec<(&'static str, &'static str, Value)>) -> Value {
    let branches: Vec<Value> = kinds
        .into_iter()
        .map(|(kind, title, mut schema)| {
            let described = &mut schema["properties"]["kind"];
            *described = json!({"const": kind, "description": described["description"]});
            schema["title"] = title.into();
            schema
        })
        .collect();
    json!({"type": "object", "required": ["kind"], "oneOf": branches})
}

fn accounts() -> Vec<(&'static str, &'static str, Value)> {
    channels::CHANNELS
        .iter()
        .filter(|spec| spec.has_account())
        .map(|spec| {
            (
                spec.kind,
                spec.title.0,
                record(&[spec.account_fields, &people::ACCOUNT], &[]),
            )
        })
        .collect()
}

fn sources_by_kind() -> Vec<(&'static str, &'static str, Value)> {
    sources::SOURCES
        .iter()
        .map(|spec| {
            (
                spec.kind,
                spec.title.0,
                record(&[spec.fields, &people::SOURCE], &[]),
            )
        })
        .collect()
}

#[cfg(test)]
mod tests;
