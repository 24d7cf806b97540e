//! `eq`, `ne`, `lt`, `le`, `gt`, `ge`.

use std::cmp::Ordering;

use super::Given;
use crate::value::Value;
use crate::value::function::Failure;

/// What values can be compared as.
#[derive(PartialEq, Eq)]
enum Kind {
    Bool,
    Int,
    Float,
    Text,
    Other,
    Nothing,
}

fn kind(value: &Value) -> Kind {
    match value {
        Value::Nil => Kind::Nothing,
        Value::Bool(_) => Kind::Bool,
        Value::Int(_) | Value::Char(_) | Value::Duration(_) => Kind::Int,
        Value::Float(_) => Kind::Float,
        Value::Text(_) | Value::Safe(..) => Kind::Text,
        _ => Kind::Other,
    }
}

fn said<T>(message: &str) -> Result<T, Failure> {
    Err(message.to_owned().into())
}

/// Whether the first equals any of the others.
pub(super) fn eq(values: &[Value]) -> Given<'static> {
    let [first, others @ ..] = values else {
        return said("missing argument for comparison");
    };
    if matches!(first, Value::List(_) | Value::Map(_)) {
        let of = first.type_name();
        return said(&format!("non-comparable type {}: {of}", shown(first)));
    }
    if others.is_empty() {
        return said("missing argument for comparison");
    }
    for other in others {
        if equal(first, other)? {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

fn shown(value: &Value) -> String {
    let budget = crate::budget::Budget::of(&crate::budget::Limits {
        made: 16 * 1024,
        ..crate::budget::Limits::default()
    });
    value.printed(&budget).unwrap_or_else(|_| "...".to_owned())
}

fn equal(first: &Value, other: &Value) -> Result<bool, Failure> {
    let (left, right) = (kind(first), kind(other));
    if left != right {
        if left == Kind::Nothing || right == Kind::Nothing {
            return Ok(false);
        }
        return said("incompatible types for comparison");
    }
    match (first, other) {
        (Value::Bool(a), Value::Bool(b)) => Ok(a == b),
        (Value::Float(a), Value::Float(b)) => Ok(a.partial_cmp(b) == Some(Ordering::Equal)),
        _ => match left {
            Kind::Nothing => Ok(true),
            Kind::Int => Ok(first.as_int() == other.as_int()),
            Kind::Text => Ok(first.as_text() == other.as_text()),
            _ if matches!(other, Value::List(_) | Value::Map(_)) => said(&format!(
                "non-comparable type {}: {}",
                shown(other),
                other.type_name()
            )),
            _ if first.type_name() == other.type_name() => Ok(shown(first) == shown(other)),
            _ => said("incompatible types for comparison"),
        },
    }
}

/// Whether two differ.
pub(super) fn ne(values: &[Value]) -> Given<'static> {
    match eq(&values[..2])? {
        Value::Bool(equal) => Ok(Value::Bool(!equal)),
        other => Ok(other),
    }
}

fn order(values: &[Value]) -> Result<Option<Ordering>, Failure> {
    let (first, other) = (&values[0], &values[1]);
    let (left, right) = (kind(first), kind(other));
    if matches!(left, Kind::Bool | Kind::Other | Kind::Nothing)
        || matches!(right, Kind::Other | Kind::Nothing)
    {
        return said("invalid type for comparison");
    }
    if left != right {
        return said("incompatible types for comparison");
    }
    Ok(match (first, other) {
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b),
        _ if left == Kind::Int => Some(first.as_int().cmp(&other.as_int())),
        _ => Some(first.as_text().cmp(&other.as_text())),
    })
}

pub(super) fn lt(values: &[Value]) -> Given<'static> {
    Ok(Value::Bool(order(values)? == Some(Ordering::Less)))
}

pub(super) fn le(values: &[Value]) -> Given<'static> {
    Ok(Value::Bool(order(values)?.is_some_and(Ordering::is_le)))
}

/// As Go computes it: not less or equal.
pub(super) fn gt(values: &[Value]) -> Given<'static> {
    Ok(Value::Bool(!order(values)?.is_some_and(Ordering::is_le)))
}

/// As Go computes it: not less.
pub(super) fn ge(values: &[Value]) -> Given<'static> {
    Ok(Value::Bool(order(values)? != Some(Ordering::Less)))
}
