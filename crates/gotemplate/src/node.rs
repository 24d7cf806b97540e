//! Parsed templates. Each part prints as Go prints it, since errors quote it.

use std::fmt;

/// A sequence of text and actions.
#[derive(Clone, Debug, Default)]
pub(crate) struct List(pub(crate) Vec<Node>);

#[derive(Clone, Debug)]
pub(crate) enum Node {
    Text(usize, String),
    Action(Pipe),
    If(Branch),
    Range(Branch),
    With(Branch),
    Template(Call),
    Break,
    Continue,
}

/// What `if`, `range` and `with` have in common.
#[derive(Clone, Debug)]
pub(crate) struct Branch {
    pub(crate) pos: usize,
    pub(crate) pipe: Pipe,
    pub(crate) list: List,
    pub(crate) otherwise: Option<List>,
}

/// `{{template "name" pipeline}}`.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) pos: usize,
    pub(crate) name: String,
    pub(crate) pipe: Option<Pipe>,
}

/// Commands, each given the last one's value; perhaps variables that take the result.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pipe {
    pub(crate) pos: usize,
    /// Whether the variables are there already.
    pub(crate) assigns: bool,
    /// Names with their `$`.
    pub(crate) variables: Vec<String>,
    pub(crate) commands: Vec<Command>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Command {
    pub(crate) args: Vec<Operand>,
}

/// A value in a command and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Operand {
    pub(crate) pos: usize,
    pub(crate) is: Is,
}

#[derive(Clone, Debug)]
pub(crate) enum Is {
    Dot,
    Nil,
    Bool(bool),
    /// As written, and its text.
    Text(String, String),
    Number(Number),
    /// Names after the dot.
    Field(Vec<String>),
    /// The variable with its `$`, then names.
    Variable(Vec<String>),
    Function(String),
    Chain(Box<Operand>, Vec<String>),
    Pipe(Pipe),
}

/// A number as written, and what it can be taken for.
#[derive(Clone, Debug)]
pub(crate) struct Number {
    pub(crate) text: String,
    pub(crate) int: Option<i64>,
    pub(crate) float: Option<f64>,
    /// Whether it is a character.
    pub(crate) is_char: bool,
}

impl List {
    /// Whether it prints nothing but blanks.
    pub(crate) fn is_empty(&self) -> bool {
        let blank = |node: &Node| matches!(node, Node::Text(_, text) if text.trim().is_empty());
        self.0.iter().all(blank)
    }
}

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|node| node.fmt(f))
    }
}

impl Branch {
    fn print(&self, word: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{{{word} {}}}}}{}", self.pipe, self.list)?;
        if let Some(otherwise) = &self.otherwise {
            write!(f, "{{{{else}}}}{otherwise}")?;
        }
        f.write_str("{{end}}")
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(_, text) => f.write_str(text),
            Self::Action(pipe) => write!(f, "{{{{{pipe}}}}}"),
            Self::If(branch) => branch.print("if", f),
            Self::Range(branch) => branch.print("range", f),
            Self::With(branch) => branch.print("with", f),
            Self::Template(call) => call.fmt(f),
            Self::Break => f.write_str("{{break}}"),
            Self::Continue => f.write_str("{{continue}}"),
        }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{{template {}", crate::quote::quoted(&self.name))?;
        if let Some(pipe) = &self.pipe {
            write!(f, " {pipe}")?;
        }
        f.write_str("}}")
    }
}

impl fmt::Display for Pipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.variables.is_empty() {
            let sign = if self.assigns { "=" } else { ":=" };
            write!(f, "{} {sign} ", self.variables.join(", "))?;
        }
        for (at, command) in self.commands.iter().enumerate() {
            if at > 0 {
                f.write_str(" | ")?;
            }
            command.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, arg) in self.args.iter().enumerate() {
            if at > 0 {
                f.write_str(" ")?;
            }
            match &arg.is {
                Is::Pipe(pipe) => write!(f, "({pipe})")?,
                _ => arg.fmt(f)?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.is {
            Is::Dot => f.write_str("."),
            Is::Nil => f.write_str("nil"),
            Is::Bool(value) => value.fmt(f),
            Is::Text(written, _) => f.write_str(written),
            Is::Number(number) => f.write_str(&number.text),
            Is::Field(names) => names.iter().try_for_each(|name| write!(f, ".{name}")),
            Is::Variable(names) => f.write_str(&names.join(".")),
            Is::Function(name) => f.write_str(name),
            Is::Chain(of, names) => {
                match &of.is {
                    Is::Pipe(pipe) => write!(f, "({pipe})")?,
                    _ => of.fmt(f)?,
                }
                names.iter().try_for_each(|name| write!(f, ".{name}"))
            }
            Is::Pipe(pipe) => pipe.fmt(f),
        }
    }
}

/// Visits every call of a template.
pub(crate) fn calls<'t>(list: &'t List, visit: &mut impl FnMut(&'t Call)) {
    let mut lists = vec![list];
    while let Some(list) = lists.pop() {
        for node in &list.0 {
            match node {
                Node::Template(call) => visit(call),
                Node::If(branch) | Node::Range(branch) | Node::With(branch) => {
                    lists.push(&branch.list);
                    lists.extend(&branch.otherwise);
                }
                _ => {}
            }
        }
    }
}
