//! Calls of functions and methods.

use super::pipeline::Final;
use super::{At, Ran, State};
use crate::node::Operand;
use crate::value::Value;
use crate::value::function::Function;

impl<'t> State<'t, '_> {
    pub(super) fn function(
        &mut self,
        dot: &Value,
        at: At<'t>,
        name: &str,
        args: &'t [Operand],
        last: Final<'_>,
    ) -> Ran<Value> {
        let set = self.set;
        match set.function(name) {
            Some(function) if matches!(name, "and" | "or") => self.short(dot, function, args, last),
            Some(function) => self.apply(dot, (function, at), None, args, last),
            None => self.error(format!(
                "{} is not a defined function",
                crate::quote::quoted(name)
            )),
        }
    }

    fn count(&self, function: &Function, given: usize) -> Ran {
        let (name, fixed) = (function.name, function.takes.len());
        if function.rest.is_some() && given < fixed {
            return self.error(format!(
                "wrong number of args for {name}: want at least {fixed} got {given}"
            ));
        }
        if function.rest.is_none() && given != fixed {
            return self.error(format!(
                "wrong number of args for {name}: want {fixed} got {given}"
            ));
        }
        Ok(())
    }

    /// `and` and `or`, which stop at the argument that decides.
    fn short(
        &mut self,
        dot: &Value,
        function: &Function,
        args: &'t [Operand],
        last: Final<'_>,
    ) -> Ran<Value> {
        let args = args.get(1..).unwrap_or_default();
        self.count(function, args.len() + usize::from(last.is_some()))?;
        let stops_at = function.name == "or";
        let mut value = Value::Nil;
        for arg in args {
            value = self.argument(dot, crate::value::function::Takes::Any, arg)?;
            if value.is_true() == stops_at {
                return Ok(value);
            }
        }
        Ok(last.cloned().unwrap_or(value))
    }

    /// Calls with the arguments behind the first operand, and the last command's value at their end.
    pub(super) fn apply(
        &mut self,
        dot: &Value,
        (function, at): (&Function, At<'t>),
        receiver: Option<&Value>,
        args: &'t [Operand],
        last: Final<'_>,
    ) -> Ran<Value> {
        let args = args.get(1..).unwrap_or_default();
        let given = args.len() + usize::from(last.is_some());
        self.count(function, given)?;
        let mut values: Vec<Value> = receiver.cloned().into_iter().collect();
        let takes = |at: usize| {
            let fixed = function.takes.get(at).copied();
            fixed
                .or(function.rest)
                .unwrap_or(crate::value::function::Takes::Any)
        };
        for (at, arg) in args.iter().enumerate() {
            values.push(self.argument(dot, takes(at), arg)?);
        }
        if let Some(last) = last {
            values.push(self.fitting(takes(args.len()), last.clone())?);
        }
        let read: usize = values.iter().filter_map(Value::size).sum();
        let cost = 1 + read as u64 / 32;
        self.budget.step(cost).or_else(|spent| self.spent(spent))?;
        let called = (function.call)(&self.host(), &values);
        called.or_else(|failure| {
            self.at = Some(at);
            self.failed(function.name, &failure)
        })
    }
}
