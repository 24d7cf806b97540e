//! From tokens to trees, with the words Go's parser has for what is wrong.

mod control;
mod number;
mod operand;

use std::sync::Arc;

use crate::error::{Error, Kind as ErrorKind, place};
use crate::lex::{Keyword, Kind, Token, tokens};
use crate::node::{Command, List, Node, Operand, Pipe};
use crate::quote::{quoted, unquoted};

/// How deep blocks and brackets may lie in each other.
const DEPTH: usize = 60;

/// A template that was read.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    /// The name of the source it stands in.
    pub(crate) source_name: Arc<str>,
    /// That source.
    pub(crate) source: Arc<str>,
    pub(crate) list: List,
}

/// What a source defines, its own text first, under the name it was given.
pub(crate) type Trees = Vec<(String, Tree)>;

/// Reads a source. `knows` says which functions there are.
pub(crate) fn parse(name: &str, source: &str, knows: &dyn Fn(&str) -> bool) -> Parsed<Trees> {
    let mut parser = Parser {
        name: Arc::from(name),
        source: Arc::from(source),
        tokens: tokens(source),
        at: 0,
        variables: vec!["$".to_owned()],
        ranges: 0,
        depth: 0,
        action_line: 0,
        trees: Vec::new(),
        knows,
    };
    let list = parser.top()?;
    parser.add(name, list)?;
    Ok(parser.trees)
}

pub(crate) type Parsed<T = ()> = Result<T, Error>;

struct Parser<'a> {
    name: Arc<str>,
    source: Arc<str>,
    tokens: Vec<Token>,
    at: usize,
    variables: Vec<String>,
    ranges: usize,
    depth: usize,
    action_line: usize,
    trees: Trees,
    knows: &'a dyn Fn(&str) -> bool,
}

/// What an action is: a node, or the end of something.
enum Action {
    Node(Node),
    End,
    Else,
}

impl Action {
    const fn text(&self) -> &'static str {
        match self {
            Self::End => "{{end}}",
            _ => "{{else}}",
        }
    }
}

impl Parser<'_> {
    fn peek(&self) -> &Token {
        &self.tokens[self.at.min(self.tokens.len() - 1)]
    }

    fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.at = (self.at + 1).min(self.tokens.len());
        token
    }

    fn skip_space(&mut self) {
        while self.peek().kind == Kind::Space {
            self.at += 1;
        }
    }

    fn peek_word(&mut self) -> &Token {
        self.skip_space();
        self.peek()
    }

    fn next_word(&mut self) -> Token {
        self.skip_space();
        self.next()
    }

    fn back(&mut self) {
        self.at -= 1;
    }

    fn is(&mut self, kind: Kind) -> bool {
        self.peek_word().kind == kind
    }

    fn expect(&mut self, kind: Kind, context: &str) -> Parsed<Token> {
        let token = self.next_word();
        if token.kind == kind {
            Ok(token)
        } else {
            Err(self.unexpected(&token, context))
        }
    }

    fn error(&self, token: &Token, message: String) -> Error {
        let (line, column) = place(&self.source, token.pos);
        Error {
            kind: ErrorKind::Syntax,
            name: self.name.as_ref().to_owned(),
            line,
            column,
            text: format!("template: {}:{}: {message}", self.name, token.line),
            message,
        }
    }

    fn error_here<T>(&self, message: impl Into<String>) -> Parsed<T> {
        let last = self.at.saturating_sub(1).min(self.tokens.len() - 1);
        Err(self.error(&self.tokens[last], message.into()))
    }

    fn unexpected(&self, token: &Token, context: &str) -> Error {
        if token.kind != Kind::Error {
            return self.error(token, format!("unexpected {} in {context}", shown(token)));
        }
        let mut message = token.text.clone();
        if self.action_line != 0 && self.action_line != token.line {
            let started = format!(" in action started at {}:{}", self.name, self.action_line);
            let skip = if message.ends_with(" action") {
                " in action".len()
            } else {
                0
            };
            message.push_str(&started[skip..]);
        }
        self.error(token, message)
    }

    /// The whole source; definitions stand only here.
    fn top(&mut self) -> Parsed<List> {
        let mut list = List::default();
        while self.peek_word().kind != Kind::Eof {
            if self.is_definition() {
                self.next();
                self.next_word();
                self.definition()?;
                continue;
            }
            match self.text_or_action()? {
                Action::Node(node) => list.0.push(node),
                end => return self.error_here(format!("unexpected {}", end.text())),
            }
        }
        Ok(list)
    }

    fn is_definition(&self) -> bool {
        if self.peek().kind != Kind::Left {
            return false;
        }
        let mut after = self.tokens[self.at + 1..].iter();
        after
            .find(|token| token.kind != Kind::Space)
            .is_some_and(|token| token.kind == Kind::Keyword(Keyword::Define))
    }

    fn definition(&mut self) -> Parsed {
        let context = "define clause";
        let token = self.next_word();
        let name = self.template_name(&token, context)?;
        self.expect(Kind::Right, context)?;
        let (variables, ranges) = (std::mem::take(&mut self.variables), self.ranges);
        self.variables.push("$".to_owned());
        self.ranges = 0;
        let (list, end) = self.list()?;
        if !matches!(end, Action::End) {
            return self.error_here(format!("unexpected {} in {context}", end.text()));
        }
        self.variables = variables;
        self.ranges = ranges;
        self.add(&name, list)
    }

    fn add(&mut self, name: &str, list: List) -> Parsed {
        let tree = Tree {
            source_name: Arc::clone(&self.name),
            source: Arc::clone(&self.source),
            list,
        };
        match self.trees.iter_mut().find(|(known, _)| known == name) {
            None => self.trees.push((name.to_owned(), tree)),
            Some((_, known)) if known.list.is_empty() => *known = tree,
            Some(_) if tree.list.is_empty() => {}
            Some(_) => {
                let name = quoted(name);
                return self
                    .error_here(format!("template: multiple definition of template {name}"));
            }
        }
        Ok(())
    }

    /// Nodes up to an end or else.
    fn list(&mut self) -> Parsed<(List, Action)> {
        let mut list = List::default();
        while self.peek_word().kind != Kind::Eof {
            match self.text_or_action()? {
                Action::Node(node) => list.0.push(node),
                end => return Ok((list, end)),
            }
        }
        self.at += 1;
        self.error_here("unexpected EOF")
    }

    fn text_or_action(&mut self) -> Parsed<Action> {
        let token = self.next_word();
        match token.kind {
            Kind::Text => Ok(Action::Node(Node::Text(token.pos, token.text))),
            Kind::Left => {
                self.action_line = token.line;
                let action = self.action()?;
                self.action_line = 0;
                Ok(action)
            }
            _ => Err(self.unexpected(&token, "input")),
        }
    }

    /// One level deeper, unless that is too deep.
    fn deeper<T>(&mut self, inner: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth == DEPTH {
            return self.error_here("nested too deeply");
        }
        self.depth += 1;
        let parsed = inner(self);
        self.depth -= 1;
        parsed
    }

    fn template_name(&mut self, token: &Token, context: &str) -> Parsed<String> {
        if !matches!(token.kind, Kind::String | Kind::RawString) {
            return Err(self.unexpected(token, context));
        }
        let name = unquoted(&token.text);
        name.ok_or_else(|| self.error(token, "invalid syntax".to_owned()))
    }

    fn pipeline(&mut self, context: &str, end: Kind) -> Parsed<Pipe> {
        self.deeper(|parser| parser.pipe(context, end))
    }

    fn pipe(&mut self, context: &str, end: Kind) -> Parsed<Pipe> {
        let mut pipe = Pipe {
            pos: self.peek_word().pos,
            ..Pipe::default()
        };
        self.declarations(&mut pipe, context)?;
        loop {
            let token = self.next_word();
            match token.kind {
                kind if kind == end => {
                    self.check(&pipe, context)?;
                    return Ok(pipe);
                }
                Kind::Bool
                | Kind::CharConstant
                | Kind::Dot
                | Kind::Field
                | Kind::Identifier
                | Kind::Number
                | Kind::Nil
                | Kind::RawString
                | Kind::String
                | Kind::Variable
                | Kind::OpenParen => {
                    self.back();
                    let command = self.command()?;
                    pipe.commands.push(command);
                }
                _ => return Err(self.unexpected(&token, context)),
            }
        }
    }

    /// `$x :=`, `$x =`, and in a range also `$i, $x :=`.
    fn declarations(&mut self, pipe: &mut Pipe, context: &str) -> Parsed {
        while self.is(Kind::Variable) {
            let start = self.at;
            let variable = self.next();
            let next = self.peek_word().clone();
            match next.kind {
                Kind::Assign | Kind::Declare => {
                    self.next();
                    pipe.assigns = next.kind == Kind::Assign;
                    pipe.variables.push(variable.text.clone());
                    self.variables.push(variable.text);
                    return Ok(());
                }
                Kind::Char if next.text == "," => {
                    self.next();
                    pipe.variables.push(variable.text.clone());
                    self.variables.push(variable.text);
                    if context != "range" || pipe.variables.len() > 1 {
                        return self.error_here(format!("too many declarations in {context}"));
                    }
                    let follows = self.peek_word().kind;
                    if !matches!(follows, Kind::Variable | Kind::Right | Kind::CloseParen) {
                        return self.error_here("range can only initialize variables");
                    }
                }
                _ => {
                    self.at = start;
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn check(&self, pipe: &Pipe, context: &str) -> Parsed {
        use crate::node::Is;
        if pipe.commands.is_empty() {
            return self.error_here(format!("missing value for {context}"));
        }
        let is_constant = |command: &Command| {
            let first = command.args.first().map(|arg: &Operand| &arg.is);
            matches!(
                first,
                Some(Is::Bool(_) | Is::Dot | Is::Nil | Is::Number(_) | Is::Text(..))
            )
        };
        let mut others = pipe.commands.iter().skip(1);
        match others.position(is_constant) {
            Some(at) => {
                let stage = at + 2;
                self.error_here(format!("non executable command in pipeline stage {stage}"))
            }
            None => Ok(()),
        }
    }
}

/// A token as errors show it.
fn shown(token: &Token) -> String {
    match token.kind {
        Kind::Eof => "EOF".to_owned(),
        Kind::Keyword(_) | Kind::Dot | Kind::Nil if token.text != "." => {
            format!("<{}>", token.text)
        }
        Kind::Dot => "<.>".to_owned(),
        _ if token.text.len() > 10 => {
            let start: String = token.text.chars().take(10).collect();
            format!("{}...", quoted(&start))
        }
        _ => quoted(&token.text),
    }
}
