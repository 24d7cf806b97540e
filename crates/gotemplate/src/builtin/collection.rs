//! `len`, `index`, `slice`.

use std::rc::Rc;

use super::Given;
use crate::value::function::{Call, Failure};
use crate::value::{List, Missing, Value};

fn said<T>(message: String) -> Result<T, Failure> {
    Err(Failure::Said(message))
}

pub(super) fn len(value: &Value) -> Given<'static> {
    match (value, value.size()) {
        (_, Some(length)) => Ok(Value::Int(length as i64)),
        (Value::Nil, None) => said("reflect: call of reflect.Value.Type on zero Value".to_owned()),
        (other, None) => said(format!("len of type {}", other.type_name())),
    }
}

/// An item of an item, as deep as there are keys.
pub(super) fn index(values: &[Value]) -> Given<'static> {
    let [value, keys @ ..] = values else {
        return said("index of untyped nil".to_owned());
    };
    if matches!(value, Value::Nil) {
        return said("index of untyped nil".to_owned());
    }
    keys.iter()
        .try_fold(value.clone(), |value, key| item(&value, key))
}

fn item(value: &Value, key: &Value) -> Given<'static> {
    match value {
        Value::List(list) => Ok(list.items[position(key, list.items.len(), false)?].clone()),
        Value::Text(text) | Value::Safe(_, text) => {
            let at = position(key, text.len(), false)?;
            Ok(Value::Int(i64::from(text.as_bytes()[at])))
        }
        Value::Map(map) => {
            let missing = match map.of.missing {
                Missing::Empty => Value::text(""),
                Missing::Nothing => Value::Nil,
            };
            match key {
                Value::Text(key) => Ok(map.entries.get(&**key).cloned().unwrap_or(missing)),
                Value::Nil => said("value is nil; should be of type string".to_owned()),
                other => said(format!(
                    "value has type {}; should be string",
                    other.type_name()
                )),
            }
        }
        Value::Nil => said("index of nil pointer".to_owned()),
        other => said(format!("can't index item of type {}", other.type_name())),
    }
}

/// A place in a list or text; a slice may also end behind the last.
fn position(key: &Value, length: usize, ends: bool) -> Result<usize, Failure> {
    let Some(at) = key.as_int() else {
        return match key {
            Value::Nil => said("cannot index slice/array with nil".to_owned()),
            other => said(format!(
                "cannot index slice/array with type {}",
                other.type_name()
            )),
        };
    };
    let most = if ends {
        length
    } else {
        length.saturating_sub(1)
    };
    match usize::try_from(at) {
        Ok(place) if place <= most && (ends || length > 0) => Ok(place),
        _ => said(format!("index out of range: {at}")),
    }
}

pub(super) fn slice(call: &Call<'_>, values: &[Value]) -> Given<'static> {
    let [value, keys @ ..] = values else {
        return said("slice of untyped nil".to_owned());
    };
    if matches!(value, Value::Nil) {
        return said("slice of untyped nil".to_owned());
    }
    if keys.len() > 3 {
        return said(format!("too many slice indexes: {}", keys.len()));
    }
    let length = match value {
        Value::Text(_) | Value::Safe(..) if keys.len() == 3 => {
            return said("cannot 3-index slice a string".to_owned());
        }
        Value::Text(text) | Value::Safe(_, text) => text.len(),
        Value::List(list) => list.items.len(),
        other => return said(format!("can't slice item of type {}", other.type_name())),
    };
    let mut places = [0, length];
    for (at, key) in keys.iter().enumerate().take(2) {
        places[at] = position(key, length, true)?;
    }
    let (from, to) = (places[0], places[1]);
    if from > to {
        return said(format!("invalid slice index: {from} > {to}"));
    }
    call.budget.make((to - from) * 8)?;
    match value {
        Value::List(list) => Ok(Value::List(Rc::new(List {
            of: list.of,
            items: list.items[from..to].to_vec(),
        }))),
        // Go cuts bytes; half a character becomes its replacement here.
        other => {
            let bytes = &other.as_text().unwrap_or_default().as_bytes()[from..to];
            Ok(Value::text(String::from_utf8_lossy(bytes)))
        }
    }
}
