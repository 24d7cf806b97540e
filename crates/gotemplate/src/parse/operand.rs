//! Commands and what they are made of.

use super::number::number;
use super::{Parsed, Parser, shown};
use crate::lex::Kind;
use crate::node::{Command, Is, Operand};
use crate::quote::{quoted, unquoted};

impl Parser<'_> {
    pub(super) fn command(&mut self) -> Parsed<Command> {
        let mut command = Command::default();
        loop {
            self.skip_space();
            command.args.extend(self.operand()?);
            let token = self.next();
            match token.kind {
                Kind::Space => continue,
                Kind::Right | Kind::CloseParen => self.back(),
                Kind::Pipe => {}
                _ => return Err(self.unexpected(&token, "operand")),
            }
            break;
        }
        if command.args.is_empty() {
            return self.error_here("empty command");
        }
        Ok(command)
    }

    /// A term, perhaps with fields behind it.
    fn operand(&mut self) -> Parsed<Option<Operand>> {
        let Some(term) = self.term()? else {
            return Ok(None);
        };
        if self.peek().kind != Kind::Field {
            return Ok(Some(term));
        }
        let pos = self.peek().pos;
        let mut names = Vec::new();
        while self.peek().kind == Kind::Field {
            names.push(self.next().text[1..].to_owned());
        }
        let is = match term.is {
            Is::Field(mut first) => {
                first.append(&mut names);
                Is::Field(first)
            }
            Is::Variable(mut first) => {
                first.append(&mut names);
                Is::Variable(first)
            }
            Is::Bool(_) | Is::Text(..) | Is::Number(_) | Is::Nil | Is::Dot => {
                let term = quoted(&term.to_string());
                return self.error_here(format!("unexpected . after term {term}"));
            }
            _ => Is::Chain(Box::new(term), names),
        };
        Ok(Some(Operand { pos, is }))
    }

    fn term(&mut self) -> Parsed<Option<Operand>> {
        let token = self.next_word();
        let pos = token.pos;
        let is = match token.kind {
            Kind::Identifier => {
                if !(self.knows)(&token.text) {
                    let name = quoted(&token.text);
                    return self.error_here(format!("function {name} not defined"));
                }
                Is::Function(token.text)
            }
            Kind::Dot => Is::Dot,
            Kind::Nil => Is::Nil,
            Kind::Variable => {
                if !self.variables.contains(&token.text) {
                    let name = quoted(&token.text);
                    return self.error_here(format!("undefined variable {name}"));
                }
                Is::Variable(vec![token.text])
            }
            Kind::Field => Is::Field(vec![token.text[1..].to_owned()]),
            Kind::Bool => Is::Bool(token.text == "true"),
            Kind::CharConstant | Kind::Number => match number(&token.text) {
                Ok(number) => Is::Number(number),
                Err(message) => return self.error_here(message),
            },
            Kind::OpenParen => Is::Pipe(self.pipeline("parenthesized pipeline", Kind::CloseParen)?),
            Kind::String | Kind::RawString => match unquoted(&token.text) {
                Some(text) => Is::Text(token.text, text),
                None => return self.error_here("invalid syntax"),
            },
            Kind::Error => return Err(self.unexpected(&token, &shown(&token))),
            _ => {
                self.back();
                return Ok(None);
            }
        };
        Ok(Some(Operand { pos, is }))
    }
}
