//! Go's package `fmt`, as far as templates reach it: `print`, `println`, `printf`, and how actions print.

mod directive;
mod number;
mod verb;

pub(crate) use directive::sprintf;

use crate::budget::{Budget, Spent};
use crate::value::Value;
use verb::Style;

/// A text that grows within a budget.
pub(crate) struct Out<'b> {
    text: String,
    budget: &'b Budget,
}

impl<'b> Out<'b> {
    pub(crate) const fn new(budget: &'b Budget) -> Self {
        Self {
            text: String::new(),
            budget,
        }
    }

    pub(crate) fn push(&mut self, text: &str) -> Result<(), Spent> {
        self.budget.make(text.len())?;
        self.text.push_str(text);
        Ok(())
    }

    fn fill(&mut self, with: char, times: usize) -> Result<(), Spent> {
        self.budget.make(times * with.len_utf8())?;
        self.text.extend(std::iter::repeat_n(with, times));
        Ok(())
    }

    pub(crate) fn done(self) -> String {
        self.text
    }
}

/// One value as an action prints it.
pub(crate) fn printed(value: &Value, budget: &Budget) -> Result<String, Spent> {
    sprint(std::slice::from_ref(value), budget)
}

/// `fmt.Sprint`: blanks between operands of which neither is a text.
pub(crate) fn sprint(values: &[Value], budget: &Budget) -> Result<String, Spent> {
    let mut out = Out::new(budget);
    let mut after_text = true;
    for (at, value) in values.iter().enumerate() {
        let is_text = value.as_text().is_some();
        if at > 0 && !is_text && !after_text {
            out.push(" ")?;
        }
        verb::print(&mut out, 'v', Style::default(), value)?;
        after_text = is_text;
    }
    Ok(out.done())
}

/// `fmt.Sprintln`: blanks between all, and the end of the line.
pub(crate) fn sprintln(values: &[Value], budget: &Budget) -> Result<String, Spent> {
    let mut out = Out::new(budget);
    for (at, value) in values.iter().enumerate() {
        if at > 0 {
            out.push(" ")?;
        }
        verb::print(&mut out, 'v', Style::default(), value)?;
    }
    out.push("\n")?;
    Ok(out.done())
}
