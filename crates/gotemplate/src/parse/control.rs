//! The actions with words of their own.

use super::{Action, Parsed, Parser};
use crate::lex::{Keyword, Kind};
use crate::node::{Branch, Call, List, Node, Pipe};

impl Parser<'_> {
    pub(super) fn action(&mut self) -> Parsed<Action> {
        let token = self.next_word();
        let Kind::Keyword(keyword) = token.kind else {
            self.back();
            let pipe = self.pipeline("command", Kind::Right)?;
            return Ok(Action::Node(Node::Action(pipe)));
        };
        match keyword {
            Keyword::Block => self.block(),
            Keyword::Break => self.leave("break", Node::Break),
            Keyword::Continue => self.leave("continue", Node::Continue),
            Keyword::Define => Err(self.unexpected(&token, "command")),
            Keyword::Else => self.otherwise(),
            Keyword::End => {
                self.expect(Kind::Right, "end")?;
                Ok(Action::End)
            }
            Keyword::If => Ok(Action::Node(Node::If(self.control(token.pos, "if")?))),
            Keyword::Range => Ok(Action::Node(Node::Range(self.control(token.pos, "range")?))),
            Keyword::With => Ok(Action::Node(Node::With(self.control(token.pos, "with")?))),
            Keyword::Template => self.call(),
        }
    }

    fn leave(&mut self, word: &str, node: Node) -> Parsed<Action> {
        let token = self.next_word();
        if token.kind != Kind::Right {
            return Err(self.unexpected(&token, &format!("{{{{{word}}}}}")));
        }
        if self.ranges == 0 {
            return self.error_here(format!("{{{{{word}}}}} outside {{{{range}}}}"));
        }
        Ok(Action::Node(node))
    }

    /// `else`, whose `if` or `with` is left for whoever reads on.
    fn otherwise(&mut self) -> Parsed<Action> {
        let next = self.peek_word().kind;
        if !matches!(next, Kind::Keyword(Keyword::If | Keyword::With)) {
            self.expect(Kind::Right, "else")?;
        }
        Ok(Action::Else)
    }

    fn control(&mut self, pos: usize, context: &'static str) -> Parsed<Branch> {
        self.deeper(|parser| {
            let known = parser.variables.len();
            let branch = parser.branch(pos, context);
            parser.variables.truncate(known);
            branch
        })
    }

    fn branch(&mut self, pos: usize, context: &'static str) -> Parsed<Branch> {
        let pipe = self.pipeline(context, Kind::Right)?;
        let is_range = context == "range";
        self.ranges += usize::from(is_range);
        let (list, next) = self.list()?;
        self.ranges -= usize::from(is_range);
        let otherwise = match next {
            Action::Else => Some(self.else_branch(context)?),
            _ => None,
        };
        Ok(Branch {
            pos,
            pipe,
            list,
            otherwise,
        })
    }

    /// What follows `else`: nodes, or one more `if` or `with` that shares the end.
    fn else_branch(&mut self, context: &str) -> Parsed<List> {
        let token = self.peek().clone();
        let chained = match token.kind {
            Kind::Keyword(Keyword::If) if context == "if" => {
                self.next();
                Some(Node::If(self.control(token.pos, "if")?))
            }
            Kind::Keyword(Keyword::With) if context == "with" => {
                self.next();
                Some(Node::With(self.control(token.pos, "with")?))
            }
            Kind::Keyword(_) => {
                self.next();
                return Err(self.unexpected(&token, "else"));
            }
            _ => None,
        };
        if let Some(node) = chained {
            return Ok(List(vec![node]));
        }
        let (list, next) = self.list()?;
        match next {
            Action::End => Ok(list),
            other => self.error_here(format!("expected end; found {}", other.text())),
        }
    }

    fn call(&mut self) -> Parsed<Action> {
        let context = "template clause";
        let token = self.next_word();
        let (pos, name) = (token.pos, self.template_name(&token, context)?);
        let pipe = if self.is(Kind::Right) {
            self.next();
            None
        } else {
            Some(self.pipeline(context, Kind::Right)?)
        };
        Ok(Action::Node(Node::Template(Call { pos, name, pipe })))
    }

    /// A definition and its call in one.
    fn block(&mut self) -> Parsed<Action> {
        let context = "block clause";
        let token = self.next_word();
        let (pos, name) = (token.pos, self.template_name(&token, context)?);
        let pipe: Pipe = self.pipeline(context, Kind::Right)?;
        let variables = std::mem::replace(&mut self.variables, vec!["$".to_owned()]);
        let ranges = std::mem::take(&mut self.ranges);
        let (list, end) = self.deeper(Self::list)?;
        if !matches!(end, Action::End) {
            return self.error_here(format!("unexpected {} in {context}", end.text()));
        }
        self.variables = variables;
        self.ranges = ranges;
        self.add(&name, list)?;
        let pipe = Some(pipe);
        Ok(Action::Node(Node::Template(Call { pos, name, pipe })))
    }
}
