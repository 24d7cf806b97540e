//! `if`, `with` and `range`.

use std::rc::Rc;

use super::{Flow, Ran, State};
use crate::node::{Branch, Node, Pipe};
use crate::value::Value;

impl<'t> State<'t, '_> {
    pub(super) fn condition(
        &mut self,
        dot: &Value,
        node: &'t Node,
        branch: &'t Branch,
        takes_dot: bool,
    ) -> Ran<Flow> {
        let known = self.variables.len();
        self.at(branch.pos, node)?;
        let value = self.pipeline(dot, &branch.pipe)?;
        let flow = match (&branch.otherwise, value.is_true()) {
            (_, true) if takes_dot => self.walk(&value, &branch.list)?,
            (_, true) => self.walk(dot, &branch.list)?,
            (Some(otherwise), false) => self.walk(dot, otherwise)?,
            (None, false) => Flow::On,
        };
        self.variables.truncate(known);
        Ok(flow)
    }

    pub(super) fn range(&mut self, dot: &Value, node: &'t Node, branch: &'t Branch) -> Ran<Flow> {
        let known = self.variables.len();
        self.at(branch.pos, node)?;
        let value = self.pipeline(dot, &branch.pipe)?;
        let mark = self.variables.len();
        let any = match &value {
            Value::Nil => false,
            Value::List(list) => {
                for (at, item) in list.items.iter().enumerate() {
                    let key = Value::Int(at as i64);
                    if self.turn(branch, mark, key, item)? {
                        break;
                    }
                }
                !list.items.is_empty()
            }
            Value::Map(map) => {
                for (key, item) in &map.entries {
                    let key = Value::Text(Rc::clone(key));
                    if self.turn(branch, mark, key, item)? {
                        break;
                    }
                }
                !map.entries.is_empty()
            }
            Value::Int(count) => {
                for at in 0..*count {
                    if self.turn(branch, mark, Value::Int(at), &Value::Int(at))? {
                        break;
                    }
                }
                *count > 0
            }
            other => {
                let shown = other.printed(self.budget).unwrap_or_default();
                return self.error(format!("range can't iterate over {shown}"));
            }
        };
        let flow = match &branch.otherwise {
            Some(otherwise) if !any => self.walk(dot, otherwise)?,
            _ => Flow::On,
        };
        self.variables.truncate(known);
        Ok(flow)
    }

    /// One turn; whether it was the last because of a `break`.
    fn turn(&mut self, branch: &'t Branch, mark: usize, key: Value, item: &Value) -> Ran<bool> {
        self.step()?;
        self.take(&branch.pipe, key, item)?;
        let flow = self.walk(item, &branch.list)?;
        self.variables.truncate(mark);
        Ok(matches!(flow, Flow::Break))
    }

    /// Gives the range's variables their values.
    fn take(&mut self, pipe: &'t Pipe, key: Value, item: &Value) -> Ran {
        match pipe.variables.as_slice() {
            [] => Ok(()),
            [one] if pipe.assigns => self.assign(one, item.clone()),
            [first, second] if pipe.assigns => {
                self.assign(first, key)?;
                self.assign(second, item.clone())
            }
            [_] => {
                self.set_top(1, item.clone());
                Ok(())
            }
            _ => {
                self.set_top(1, item.clone());
                self.set_top(2, key);
                Ok(())
            }
        }
    }

    fn set_top(&mut self, from_end: usize, value: Value) {
        let at = self.variables.len().checked_sub(from_end);
        if let Some(slot) = at.and_then(|at| self.variables.get_mut(at)) {
            slot.1 = value;
        }
    }
}
