use balefire_core::field::Kind;
use regex::Regex;
use serde_json::{Value, json};

use super::json_schema;
use crate::json::value;
use crate::problem::Findings;
use crate::schema::form::Form;
use crate::tree::{Node, parse};

/// What of a JSON Schema our own uses, read independently of how it is made: the paths of values
/// that do not fit.
fn misfits(root: &Value, schema: &Value, value: &Value, path: &str, out: &mut Vec<String>) {
    let Some(schema) = schema.as_object() else {
        return;
    };
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        let target = root
            .pointer(reference.trim_start_matches('#'))
            .expect("a definition");
        misfits(root, target, value, path, out);
    }
    let fits = |schema: &Value| {
        let mut inner = Vec::new();
        misfits(root, schema, value, path, &mut inner);
        inner.is_empty()
    };
    scalar_misfits(schema, value, path, out);
    let mut require = |holds: bool, rule: &str| {
        if !holds {
            out.push(format!("{path}: {rule}"));
        }
    };
    if let Some(any) = schema.get("anyOf").and_then(Value::as_array) {
        require(any.iter().any(fits), "anyOf");
    }
    if let Some(one) = schema.get("oneOf").and_then(Value::as_array) {
        require(
            one.iter().filter(|schema| fits(schema)).count() == 1,
            "oneOf",
        );
    }
    for key in schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        require(
            value.is_null() || value.get(key.as_str().expect("a key")).is_some(),
            "required",
        );
    }
    if let (Some(items), Some(of)) = (value.as_array(), schema.get("items")) {
        for (index, item) in items.iter().enumerate() {
            misfits(root, of, item, &format!("{path}/{index}"), out);
        }
    }
    for (key, inner) in value.as_object().into_iter().flatten() {
        let path = format!("{path}/{key}");
        match (
            schema.get("properties").and_then(|known| known.get(key)),
            schema.get("additionalProperties"),
        ) {
            (Some(known), _) => misfits(root, known, inner, &path, out),
            (None, Some(Value::Bool(false))) => out.push(format!("{path}: unknown")),
            (None, Some(of)) => misfits(root, of, inner, &path, out),
            (None, None) => {}
        }
    }
}

fn scalar_misfits(
    schema: &serde_json::Map<String, Value>,
    value: &Value,
    path: &str,
    out: &mut Vec<String>,
) {
    let mut require = |holds: bool, rule: &str| {
        if !holds {
            out.push(format!("{path}: {rule}"));
        }
    };
    if let Some(types) = schema.get("type") {
        let types = types
            .as_array()
            .cloned()
            .unwrap_or_else(|| vec![types.clone()]);
        require(
            types
                .iter()
                .any(|name| is(value, name.as_str().expect("a name"))),
            "type",
        );
    }
    if let Some(words) = schema.get("enum").and_then(Value::as_array) {
        require(words.contains(value), "enum");
    }
    if let Some(constant) = schema.get("const") {
        require(constant == value, "const");
    }
    if let (Some(pattern), Some(text)) = (schema.get("pattern"), value.as_str()) {
        let pattern = Regex::new(pattern.as_str().expect("text")).expect("a pattern");
        require(pattern.is_match(text), "pattern");
    }
    if let Some(number) = value.as_f64() {
        require(
            schema
                .get("minimum")
                .and_then(Value::as_f64)
                .is_none_or(|least| number >= least),
            "minimum",
        );
        require(
            schema
                .get("maximum")
                .and_then(Value::as_f64)
                .is_none_or(|most| number <= most),
            "maximum",
        );
    }
}

fn is(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        _ => false,
    }
}

fn node(text: &str) -> Node {
    parse(text, &mut Findings::new("x")).expect("a tree")
}

fn check(document: &Value) -> Vec<String> {
    let schema = json_schema();
    let mut out = Vec::new();
    misfits(&schema, &schema, document, "", &mut out);
    out
}

#[test]
fn documents_that_load_fit_the_schema() {
    for text in [
        include_str!("../../fixtures/alertmanager/simple.yml"),
        include_str!("../../fixtures/alertmanager/cluster.yml"),
        include_str!("../../fixtures/alertmanager/hours.yml"),
        include_str!("../../fixtures/alertmanager/large.yml"),
        crate::default_document(),
    ] {
        // Once as an editor reads it, once with every value in the type of its key.
        for form in [Form::Value(&Kind::Any), Form::document()] {
            assert_eq!(
                check(&value(&node(text), &form)),
                Vec::<String>::new(),
                "{text}"
            );
        }
    }
}

#[test]
fn what_check_refuses_the_schema_refuses() {
    let base = json!({"route": {"receiver": "a"}, "receivers": [{"name": "a"}]});
    assert_eq!(check(&base), Vec::<String>::new());
    for (pointer, wrong) in [
        ("/routs", json!({})),
        ("/route/group_wait", json!("soon")),
        ("/route/routes", json!([{"recever": "x"}])),
        ("/accounts", json!({"x": {"kind": "nonsense"}})),
        ("/accounts", json!({"x": {"kind": "webhook", "uri": "x"}})),
        (
            "/accounts",
            json!({"x": {"kind": "webhook", "concurrency": 0}}),
        ),
        ("/sources", json!({"x": {}})),
        ("/server", json!({"locale": "fr"})),
        ("/server", json!({"ingest_bytes": 1})),
        ("/access", json!({"tokens": {"a": {"scopes": ["read"]}}})),
        ("/people", json!({"a": {"nme": "A"}})),
    ] {
        let mut document = base.clone();
        let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
        document.pointer_mut(parent).expect("a parent")[key] = wrong;
        assert!(!check(&document).is_empty(), "{document}");
    }
}

#[test]
fn every_kind_of_account_and_source_has_its_branch() {
    let schema = json_schema();
    let kinds = |name: &str| -> Vec<String> {
        let branches = schema["$defs"][name]["oneOf"].as_array().expect("branches");
        let constant = |branch: &Value| {
            branch["properties"]["kind"]["const"]
                .as_str()
                .map(ToOwned::to_owned)
        };
        branches.iter().filter_map(constant).collect()
    };
    let accounts = balefire_channels::registry::CHANNELS
        .iter()
        .filter(|spec| spec.has_account())
        .map(|spec| spec.kind);
    assert_eq!(kinds("account"), accounts.collect::<Vec<_>>());
    let sources = balefire_sources::registry::SOURCES
        .iter()
        .map(|spec| spec.kind);
    assert_eq!(kinds("source"), sources.collect::<Vec<_>>());
}

#[test]
fn a_route_and_the_top_level_look_so() {
    let schema = json_schema();
    let keys: Vec<&str> = schema["properties"]
        .as_object()
        .expect("keys")
        .keys()
        .map(String::as_str)
        .collect();
    insta::assert_snapshot!(keys.join(" "), @"server access accounts people ways teams schedules escalations contacts storm heartbeats monitors sources messages meta legacy retention files global route receivers inhibit_rules time_intervals mute_time_intervals templates tracing event_recorder");
    insta::assert_snapshot!(
        "route",
        serde_json::to_string_pretty(&schema["$defs"]["route"]).expect("JSON")
    );
}
