//! Fields, entries and methods of values.

use super::pipeline::Final;
use super::{At, Ran, State};
use crate::node::{Is, Operand};
use crate::value::function::Function;
use crate::value::{Missing, Value};

impl<'t> State<'t, '_> {
    #[expect(
        clippy::too_many_arguments,
        reason = "Go's evaluation hands all of these on"
    )]
    pub(super) fn fields(
        &mut self,
        dot: &Value,
        receiver: Value,
        operand: &'t Operand,
        names: &'t [String],
        args: &'t [Operand],
        last: Final<'_>,
    ) -> Ran<Value> {
        let Some((end, before)) = names.split_last() else {
            return Ok(receiver);
        };
        let mut receiver = receiver;
        for name in before {
            receiver = self.field((dot, operand), &receiver, name, &[], None)?;
        }
        self.field((dot, operand), &receiver, end, args, last)
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "Go's evaluation hands all of these on"
    )]
    pub(super) fn chain(
        &mut self,
        dot: &Value,
        operand: &'t Operand,
        of: &'t Operand,
        names: &'t [String],
        args: &'t [Operand],
        last: Final<'_>,
    ) -> Ran<Value> {
        self.at_operand(operand)?;
        let receiver = match &of.is {
            Is::Nil => return self.error(format!("indirection through explicit nil in {operand}")),
            _ => self.argument(dot, crate::value::function::Takes::Any, of)?,
        };
        self.fields(dot, receiver, operand, names, args, last)
    }

    fn field(
        &mut self,
        (dot, operand): (&Value, &'t Operand),
        receiver: &Value,
        name: &str,
        args: &'t [Operand],
        last: Final<'_>,
    ) -> Ran<Value> {
        if matches!(receiver, Value::Nil) {
            return Ok(Value::Nil);
        }
        if let Some(method) = method(receiver, name) {
            let at = At {
                pos: operand.pos,
                shown: operand,
            };
            return self.apply(dot, (method, at), Some(receiver), args, last);
        }
        let has_args = args.len() > 1 || last.is_some();
        match receiver {
            Value::Struct(fields) => {
                if let Some((_, value)) = fields.fields.iter().find(|(known, _)| *known == name) {
                    if has_args {
                        return self.error(format!(
                            "{name} has arguments but cannot be invoked as function"
                        ));
                    }
                    return Ok(value.clone());
                }
            }
            Value::Map(map) => {
                if has_args {
                    return self.error(format!("{name} is not a method but has arguments"));
                }
                return Ok(match (map.entries.get(name), map.of.missing) {
                    (Some(value), _) => value.clone(),
                    (None, Missing::Empty) => Value::text(""),
                    (None, Missing::Nothing) => Value::Nil,
                });
            }
            _ => {}
        }
        let of = receiver.type_name();
        self.error(format!("can't evaluate field {name} in type {of}"))
    }
}

/// The method of a value's type.
fn method(receiver: &Value, name: &str) -> Option<&'static Function> {
    let methods: &'static [Function] = match receiver {
        Value::Duration(_) => &crate::value::duration::METHODS,
        other => other.of()?.methods,
    };
    methods.iter().find(|method| method.name == name)
}
