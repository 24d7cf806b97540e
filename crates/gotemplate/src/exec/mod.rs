//! Running a template: walking its nodes with a dot, variables and a budget.

mod argument;
mod branch;
mod call;
mod field;
mod pipeline;

use std::any::Any;
use std::fmt::Display;
use std::sync::Arc;

use crate::budget::{Budget, Limits, Spent};
use crate::error::{Error, Kind};
use crate::html::Page;
use crate::node::{Call, List, Node, Operand};
use crate::parse::Tree;
use crate::set::Set;
use crate::value::Value;
use crate::value::function::{Call as With, Failure};

/// How a template is rendered.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// Whether as `html/template` does: values are escaped for where they stand.
    pub html: bool,
    /// What it may take.
    pub limits: Limits,
    /// What the host's functions find in their [`crate::value::function::Call`].
    pub host: &'a dyn Any,
}

/// Renders the set's template of this name with a dot.
pub fn run(set: &Set, name: &str, dot: &Value, with: &Run<'_>) -> Result<String, Error> {
    let Some(tree) = set.template(name) else {
        let message = format!("{} is undefined", crate::quote::quoted(name));
        return Err(Error {
            kind: Kind::Failed,
            name: name.to_owned(),
            line: 1,
            column: 1,
            text: format!("template: {message}"),
            message,
        });
    };
    let budget = Budget::of(&with.limits);
    let mut sink = Sink {
        text: String::new(),
        most: with.limits.output,
        page: with.html.then(Page::default),
    };
    let mut state = State {
        set,
        tree,
        template: name,
        with,
        budget: &budget,
        sink: &mut sink,
        at: None,
        variables: vec![("$", dot.clone())],
        depth: 0,
    };
    state.walk(dot, &tree.list)?;
    if let Some(message) = state.sink.page.as_ref().and_then(Page::unfinished) {
        let end = tree.source.len();
        return Err(tree.error(Kind::Unsafe, end, message));
    }
    Ok(sink.text)
}

/// Where the output goes.
struct Sink {
    text: String,
    most: usize,
    page: Option<Page>,
}

impl Sink {
    fn push(&mut self, text: &str) -> Result<(), Spent> {
        if self.text.len() + text.len() > self.most {
            return Err(Spent::Output);
        }
        self.text.push_str(text);
        Ok(())
    }
}

/// A part of a template that an error can name.
#[derive(Clone, Copy)]
struct At<'t> {
    pos: usize,
    shown: &'t dyn Display,
}

/// An action prints what a pointer leads to.
fn dereferenced(value: &Value, text: String) -> String {
    match text.strip_prefix('&') {
        Some(inner) if matches!(value, Value::Struct(_)) => inner.to_owned(),
        _ => text,
    }
}

/// What ends a list early.
enum Flow {
    On,
    Break,
    Continue,
}

type Ran<T = ()> = Result<T, Box<Error>>;

struct State<'t, 'r> {
    set: &'t Set,
    tree: &'t Arc<Tree>,
    template: &'t str,
    with: &'r Run<'r>,
    budget: &'r Budget,
    sink: &'r mut Sink,
    at: Option<At<'t>>,
    variables: Vec<(&'t str, Value)>,
    depth: usize,
}

impl From<Box<Error>> for Error {
    fn from(error: Box<Self>) -> Self {
        *error
    }
}

impl<'t> State<'t, '_> {
    fn at(&mut self, pos: usize, shown: &'t dyn Display) -> Ran {
        self.at = Some(At { pos, shown });
        self.step()
    }

    fn at_operand(&mut self, operand: &'t Operand) -> Ran {
        self.at(operand.pos, operand)
    }

    fn step(&self) -> Ran {
        self.budget.step(1).or_else(|spent| self.spent(spent))
    }

    fn spent<T>(&self, spent: Spent) -> Ran<T> {
        self.fail(Kind::Limit, spent.to_string())
    }

    fn error<T>(&self, message: String) -> Ran<T> {
        self.fail(Kind::Failed, message)
    }

    /// Go's text: place, template, the part it ran, and what is wrong.
    fn fail<T>(&self, kind: Kind, message: String) -> Ran<T> {
        let Some(at) = self.at else {
            return Err(Box::new(self.tree.error(kind, 0, message)));
        };
        let mut error = self.tree.error(kind, at.pos, message);
        let source = &self.tree.source;
        let start = source[..at.pos]
            .rfind('\n')
            .map_or(0, |newline| newline + 1);
        error.text = format!(
            "template: {}:{}:{}: executing {} at <{}>: {}",
            error.name,
            error.line,
            at.pos - start,
            crate::quote::quoted(self.template),
            at.shown,
            error.message
        );
        Err(Box::new(error))
    }

    fn failed<T>(&self, name: &str, failure: &Failure) -> Ran<T> {
        match failure {
            Failure::Said(said) => self.error(format!("error calling {name}: {said}")),
            Failure::Spent(spent) => self.spent(*spent),
        }
    }

    /// What functions may use.
    fn host(&self) -> With<'_> {
        With {
            budget: self.budget,
            host: self.with.host,
        }
    }

    /// One level deeper, unless that is too deep.
    fn deeper<T>(&mut self, inner: impl FnOnce(&mut Self) -> Ran<T>) -> Ran<T> {
        if self.depth >= self.with.limits.depth {
            return self.spent(Spent::Depth);
        }
        self.depth += 1;
        let ran = inner(self);
        self.depth -= 1;
        ran
    }

    fn walk(&mut self, dot: &Value, list: &'t List) -> Ran<Flow> {
        for node in &list.0 {
            match self.node(dot, node)? {
                Flow::On => {}
                ended => return Ok(ended),
            }
        }
        Ok(Flow::On)
    }

    fn node(&mut self, dot: &Value, node: &'t Node) -> Ran<Flow> {
        match node {
            Node::Text(pos, text) => {
                self.at(*pos, node)?;
                self.text(text)?;
            }
            Node::Action(pipe) => {
                self.at(pipe.pos, node)?;
                let (value, escaped) = self.printable(dot, pipe)?;
                if pipe.variables.is_empty() {
                    self.at(pipe.pos, node)?;
                    self.print(&value, escaped)?;
                }
            }
            Node::If(branch) => {
                return self.deeper(|state| state.condition(dot, node, branch, false));
            }
            Node::With(branch) => {
                return self.deeper(|state| state.condition(dot, node, branch, true));
            }
            Node::Range(branch) => return self.deeper(|state| state.range(dot, node, branch)),
            Node::Template(call) => {
                self.at(call.pos, call)?;
                self.deeper(|state| state.call(dot, call))?;
            }
            Node::Break => return Ok(Flow::Break),
            Node::Continue => return Ok(Flow::Continue),
        }
        Ok(Flow::On)
    }

    /// The template's own text.
    fn text(&mut self, text: &str) -> Ran {
        let pushed = match &mut self.sink.page {
            None => self.sink.push(text),
            Some(page) => match page.text(text) {
                Ok(text) => self.sink.push(&text),
                Err(message) => return self.fail(Kind::Unsafe, message),
            },
        };
        pushed.or_else(|spent| self.spent(spent))
    }

    /// A value, escaped for its place when this is a page.
    fn print(&mut self, value: &Value, escaped: Option<crate::html::Predefined>) -> Ran {
        let text = match (&mut self.sink.page, value) {
            (Some(page), value) => match page.value(value, escaped, self.budget) {
                Ok(text) => Ok(text),
                Err(crate::html::Refused::Spent(spent)) => Err(spent),
                Err(crate::html::Refused::Unsafe(message)) => {
                    return self.fail(Kind::Unsafe, message);
                }
            },
            (None, Value::Nil) => Ok("<no value>".to_owned()),
            (None, value) => value
                .printed(self.budget)
                .map(|text| dereferenced(value, text)),
        };
        let pushed = text.and_then(|text| self.sink.push(&text));
        pushed.or_else(|spent| self.spent(spent))
    }

    fn call(&mut self, dot: &Value, call: &'t Call) -> Ran {
        let Some(tree) = self.set.template(&call.name) else {
            let name = crate::quote::quoted(&call.name);
            return self.error(format!("template {name} not defined"));
        };
        let dot = match &call.pipe {
            Some(pipe) => self.pipeline(dot, pipe)?,
            None => Value::Nil,
        };
        let variables = std::mem::replace(&mut self.variables, vec![("$", dot.clone())]);
        let (caller, template) = (self.tree, self.template);
        (self.tree, self.template) = (tree, &call.name);
        self.walk(&dot, &tree.list)?;
        (self.tree, self.template) = (caller, template);
        self.variables = variables;
        Ok(())
    }
}
