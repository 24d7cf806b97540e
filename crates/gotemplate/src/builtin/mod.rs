//! Go's own functions. `and`, `or` and `call` are the evaluator's.

mod collection;
mod compare;
mod escape;

pub(crate) use escape::{html, urlquery};

use crate::value::Value;
use crate::value::format;
use crate::value::function::{Call, Failure, Function, Takes};

type Given<'a> = Result<Value, Failure>;

const fn any(
    name: &'static str,
    takes: &'static [Takes],
    rest: Option<Takes>,
    call: fn(&Call<'_>, &[Value]) -> Given<'static>,
) -> Function {
    Function {
        name,
        takes,
        rest,
        call,
    }
}

const ONE: &[Takes] = &[Takes::Any];
const TWO: &[Takes] = &[Takes::Any, Takes::Any];
const REST: Option<Takes> = Some(Takes::Any);

/// All of them, by name.
pub(crate) static ALL: &[Function] = &[
    any("and", ONE, REST, |_, values| Ok(last(values))),
    any("or", ONE, REST, |_, values| Ok(last(values))),
    any("not", ONE, None, |_, values| {
        Ok(Value::Bool(!values[0].is_true()))
    }),
    any("call", ONE, REST, |_, values| {
        let name = values[0].type_name();
        Err(match &values[0] {
            Value::Nil => "call of nil".to_owned().into(),
            _ => format!("non-function of type {name}").into(),
        })
    }),
    any("eq", ONE, REST, |_, values| compare::eq(values)),
    any("ne", TWO, None, |_, values| compare::ne(values)),
    any("lt", TWO, None, |_, values| compare::lt(values)),
    any("le", TWO, None, |_, values| compare::le(values)),
    any("gt", TWO, None, |_, values| compare::gt(values)),
    any("ge", TWO, None, |_, values| compare::ge(values)),
    any("len", ONE, None, |_, values| collection::len(&values[0])),
    any("index", ONE, REST, |_, values| collection::index(values)),
    any("slice", ONE, REST, collection::slice),
    any("print", &[], REST, |call, values| {
        Ok(Value::text(format::sprint(values, call.budget)?))
    }),
    any("println", &[], REST, |call, values| {
        Ok(Value::text(format::sprintln(values, call.budget)?))
    }),
    any("printf", &[Takes::Text], REST, |call, values| {
        let format = values[0].as_text().unwrap_or_default();
        Ok(Value::text(format::sprintf(
            format,
            &values[1..],
            call.budget,
        )?))
    }),
    any("html", &[], REST, |call, values| {
        escape::escaped(call, values, html)
    }),
    any("js", &[], REST, |call, values| {
        escape::escaped(call, values, escape::js)
    }),
    any("urlquery", &[], REST, |call, values| {
        escape::escaped(call, values, urlquery)
    }),
];

fn last(values: &[Value]) -> Value {
    values.last().cloned().unwrap_or_default()
}
