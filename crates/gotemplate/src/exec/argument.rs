//! Arguments of functions, each for the type it is taken as.

use super::{At, Ran, State};
use crate::node::{Is, Operand};
use crate::value::Value;
use crate::value::function::Takes;

impl<'t> State<'t, '_> {
    pub(super) fn argument(
        &mut self,
        dot: &Value,
        takes: Takes,
        operand: &'t Operand,
    ) -> Ran<Value> {
        self.at_operand(operand)?;
        let value = match &operand.is {
            Is::Dot => dot.clone(),
            Is::Nil => match takes {
                Takes::Any | Takes::Texts | Takes::List => return Ok(Value::Nil),
                other => return self.error(format!("cannot assign nil to {}", other.name())),
            },
            Is::Field(names) => {
                let args = std::slice::from_ref(operand);
                self.fields(dot, dot.clone(), operand, names, args, None)?
            }
            Is::Variable(names) => {
                let args = std::slice::from_ref(operand);
                self.variable_fields(dot, operand, names, args, None)?
            }
            Is::Pipe(pipe) => self.pipeline(dot, pipe)?,
            Is::Function(name) => {
                let args = std::slice::from_ref(operand);
                let at = At {
                    pos: operand.pos,
                    shown: operand,
                };
                self.function(dot, at, name, args, None)?
            }
            Is::Chain(of, names) => self.chain(dot, operand, of, names, &[], None)?,
            _ => return self.literal(takes, operand),
        };
        self.fitting(takes, value)
    }

    /// A value whose type must be the one that is taken.
    pub(super) fn fitting(&self, takes: Takes, value: Value) -> Ran<Value> {
        if takes.fits(&value) {
            return Ok(value);
        }
        match value {
            Value::Nil if matches!(takes, Takes::Texts | Takes::List) => Ok(Value::Nil),
            Value::Nil => self.error(format!("invalid value; expected {}", takes.name())),
            other => self.error(format!(
                "wrong type for value; expected {}; got {}",
                takes.name(),
                other.type_name()
            )),
        }
    }

    fn literal(&self, takes: Takes, operand: &Operand) -> Ran<Value> {
        match (takes, &operand.is) {
            (Takes::Any | Takes::Bool, Is::Bool(value)) => Ok(Value::Bool(*value)),
            (Takes::Any | Takes::Text, Is::Text(_, text)) => Ok(Value::text(text)),
            (Takes::Any, Is::Number(number)) => self.constant(number),
            (Takes::Int, Is::Number(number)) if number.int.is_some() => {
                Ok(Value::Int(number.int.unwrap_or_default()))
            }
            (Takes::Float, Is::Number(number)) if number.float.is_some() => {
                Ok(Value::Float(number.float.unwrap_or_default()))
            }
            (Takes::Text, _) => self.error(format!("expected string; found {operand}")),
            (Takes::Bool, _) => self.error(format!("expected bool; found {operand}")),
            (Takes::Int, _) => self.error(format!("expected integer; found {operand}")),
            (Takes::Float, _) => self.error(format!("expected float; found {operand}")),
            _ => {
                let of = takes.name();
                self.error(format!("can't handle {operand} for arg of type {of}"))
            }
        }
    }
}
