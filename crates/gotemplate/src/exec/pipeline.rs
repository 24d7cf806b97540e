//! Pipelines, commands and variables.

use super::{At, Ran, State};
use crate::html::Predefined;
use crate::node::{Command, Is, Number, Operand, Pipe};
use crate::value::Value;

/// The value a command gets from the one before it; `None` for the first.
pub(super) type Final<'v> = Option<&'v Value>;

impl<'t> State<'t, '_> {
    pub(super) fn pipeline(&mut self, dot: &Value, pipe: &'t Pipe) -> Ran<Value> {
        self.commands(dot, pipe, &pipe.commands)
    }

    /// An action's value; on a page without a closing `html` or `urlquery`, which goes with the escaping there.
    pub(super) fn printable(
        &mut self,
        dot: &Value,
        pipe: &'t Pipe,
    ) -> Ran<(Value, Option<Predefined>)> {
        if self.sink.page.is_none() || !pipe.variables.is_empty() {
            return Ok((self.pipeline(dot, pipe)?, None));
        }
        let name = |command: &'t Command| match &command.args.first()?.is {
            Is::Function(name) => Predefined::of(name),
            _ => None,
        };
        let Some((last, others)) = pipe.commands.split_last() else {
            return Ok((Value::Nil, None));
        };
        if others.iter().any(|command| name(command).is_some()) {
            let message = "predefined escaper disallowed in template before the end of a pipeline";
            return self.fail(crate::error::Kind::Unsafe, message.to_owned());
        }
        match name(last) {
            Some(predefined) if last.args.len() == 1 && !others.is_empty() => {
                let value = self.commands(dot, pipe, others)?;
                Ok((value, Some(predefined)))
            }
            Some(predefined) if others.is_empty() && last.args.len() == 2 => {
                let value =
                    self.argument(dot, crate::value::function::Takes::Any, &last.args[1])?;
                Ok((value, Some(predefined)))
            }
            _ => Ok((self.pipeline(dot, pipe)?, None)),
        }
    }

    fn commands(&mut self, dot: &Value, pipe: &'t Pipe, commands: &'t [Command]) -> Ran<Value> {
        self.at(pipe.pos, pipe)?;
        self.deeper(|state| {
            let mut value: Option<Value> = None;
            for command in commands {
                value = Some(state.command(dot, command, value.as_ref())?);
            }
            let value = value.unwrap_or_default();
            for variable in &pipe.variables {
                if pipe.assigns {
                    state.assign(variable, value.clone())?;
                } else {
                    state.variables.push((variable, value.clone()));
                }
            }
            Ok(value)
        })
    }

    pub(super) fn assign(&mut self, name: &'t str, value: Value) -> Ran {
        let slot = self
            .variables
            .iter_mut()
            .rev()
            .find(|(known, _)| *known == name);
        match slot {
            Some((_, slot)) => {
                *slot = value;
                Ok(())
            }
            None => self.error(format!("undefined variable: {name}")),
        }
    }

    pub(super) fn variable(&self, name: &str) -> Ran<Value> {
        let found = self
            .variables
            .iter()
            .rev()
            .find(|(known, _)| *known == name);
        match found {
            Some((_, value)) => Ok(value.clone()),
            None => self.error(format!("undefined variable: {name}")),
        }
    }

    fn command(&mut self, dot: &Value, command: &'t Command, last: Final<'_>) -> Ran<Value> {
        let Some(first) = command.args.first() else {
            return Ok(Value::Nil);
        };
        match &first.is {
            Is::Field(names) => {
                self.at_operand(first)?;
                return self.fields(dot, dot.clone(), first, names, &command.args, last);
            }
            Is::Chain(of, names) => return self.chain(dot, first, of, names, &command.args, last),
            Is::Function(name) => {
                self.at_operand(first)?;
                let at = At {
                    pos: first.pos,
                    shown: command,
                };
                return self.function(dot, at, name, &command.args, last);
            }
            Is::Variable(names) => {
                self.at_operand(first)?;
                return self.variable_fields(dot, first, names, &command.args, last);
            }
            _ => {}
        }
        self.at_operand(first)?;
        if command.args.len() > 1 || last.is_some() {
            return self.error(format!("can't give argument to non-function {first}"));
        }
        match &first.is {
            Is::Pipe(pipe) => self.pipeline(dot, pipe),
            Is::Bool(value) => Ok(Value::Bool(*value)),
            Is::Dot => Ok(dot.clone()),
            Is::Nil => self.error("nil is not a command".to_owned()),
            Is::Number(number) => self.constant(number),
            Is::Text(_, text) => Ok(Value::text(text)),
            _ => self.error(format!("can't evaluate command {first}")),
        }
    }

    /// A number that has no other type from where it stands.
    pub(super) fn constant(&self, number: &Number) -> Ran<Value> {
        if number.is_char
            && let Some(c) = number.int.and_then(|int| char::from_u32(int as u32))
        {
            return Ok(Value::Char(c));
        }
        let hex = number.text.contains("0x") || number.text.contains("0X");
        let is_float = !hex && number.text.contains(['.', 'e', 'E', 'p', 'P']);
        match (number.float, number.int) {
            (Some(float), _) if is_float => Ok(Value::Float(float)),
            (_, Some(int)) => Ok(Value::Int(int)),
            _ => self.error(format!("{} overflows int", number.text)),
        }
    }

    pub(super) fn variable_fields(
        &mut self,
        dot: &Value,
        operand: &'t Operand,
        names: &'t [String],
        args: &'t [Operand],
        last: Final<'_>,
    ) -> Ran<Value> {
        let value = self.variable(&names[0])?;
        if names.len() > 1 {
            return self.fields(dot, value, operand, &names[1..], args, last);
        }
        if args.len() > 1 || last.is_some() {
            return self.error(format!("can't give argument to non-function {operand}"));
        }
        Ok(value)
    }
}
