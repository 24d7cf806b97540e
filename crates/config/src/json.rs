//! A checked piece of the tree as JSON, each value in the type its key asks for.

use balefire_core::field::{Field, Kind};
use serde_json::{Map, Number, Value};

use crate::schema::form::{Form, Of};
use crate::tree::{Node, Scalar, Shape};

/// A value as its form wants it; a text stays a text even where it looks like a number.
pub(crate) fn value(node: &Node, form: &Form) -> Value {
    if let Some(form) = form.of_mapping(node) {
        return value(node, &form);
    }
    match (&node.shape, form) {
        (Shape::Null, _) => Value::Null,
        (Shape::Scalar(scalar), Form::Value(Kind::Any)) => guessed(scalar),
        (Shape::Scalar(scalar), Form::Value(Kind::Bool)) => node
            .truth()
            .map_or_else(|| Value::from(scalar.text.as_str()), Value::Bool),
        (Shape::Scalar(scalar), Form::Value(Kind::Integer(..) | Kind::Number)) => {
            number(&scalar.text)
        }
        (Shape::Scalar(scalar), _) => Value::from(scalar.text.as_str()),
        (Shape::List(items), form) => {
            let of = match form {
                Form::List(of) => *of,
                Form::Value(Kind::TextOrList) => Of::Kind(&Kind::Text),
                _ => Of::Kind(&Kind::Any),
            };
            items
                .iter()
                .map(|item| value(item, &of.element(item)))
                .collect()
        }
        (Shape::Map(entries), form) => {
            let pairs = entries
                .iter()
                .filter(|entry| entry.value.shape != Shape::Null);
            let pairs = pairs.filter_map(|entry| {
                let form = match form {
                    Form::Record(known) => known.at(&entry.key)?,
                    Form::Map(of) => of.element(&entry.value),
                    _ => Form::Value(&Kind::Any),
                };
                Some((entry.key.clone(), value(&entry.value, &form)))
            });
            Value::Object(pairs.collect())
        }
    }
}

/// The keys of a mapping that this table knows; the others are somebody else's.
pub(crate) fn record(node: &Node, table: &'static [Field]) -> Map<String, Value> {
    match value(node, &Form::tables(vec![table])) {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn number(text: &str) -> Value {
    text.parse::<i64>()
        .map(Number::from)
        .ok()
        .or_else(|| text.parse::<f64>().ok().and_then(Number::from_f64))
        .map_or_else(|| Value::from(text), Value::Number)
}

/// What a plain scalar is by YAML's core schema.
fn guessed(scalar: &Scalar) -> Value {
    if !scalar.plain {
        return Value::from(scalar.text.as_str());
    }
    match scalar.text.as_str() {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        text => number(text),
    }
}
