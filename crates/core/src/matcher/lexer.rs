//! The tokens of the UTF-8 syntax.

use super::parse::{Columns, MatcherError, shown};
use super::utf8::OPERATORS;
use super::{MatchOp, is_reserved};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    OpenBrace,
    CloseBrace,
    Comma,
    Operator(MatchOp),
    Quoted,
    Unquoted,
}

#[derive(Clone, Debug)]
pub(super) struct Token<'a> {
    pub(super) kind: TokenKind,
    /// As written, quotes included.
    pub(super) text: &'a str,
    pub(super) at: Columns,
}

impl Token<'_> {
    pub(super) fn is_word(&self) -> bool {
        matches!(self.kind, TokenKind::Quoted | TokenKind::Unquoted)
    }
}

#[derive(Clone)]
pub(super) struct Lexer<'a> {
    rest: &'a str,
    /// Characters read so far.
    column: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            rest: text,
            column: 0,
        }
    }

    /// Where the text ends, once it has been read.
    pub(super) fn end(&self) -> Columns {
        Columns {
            start: self.column,
            end: self.column,
        }
    }

    /// The token that comes next, which stays; `None` at the end.
    pub(super) fn peek(&self) -> Result<Option<Token<'a>>, MatcherError> {
        self.clone().next()
    }

    /// Takes the next token; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Token<'a>>, MatcherError> {
        let spaces = self.rest.len() - self.rest.trim_start().len();
        self.advance(spaces);
        let Some(first) = self.rest.chars().next() else {
            return Ok(None);
        };
        let (kind, length) = match first {
            '{' => (TokenKind::OpenBrace, 1),
            '}' => (TokenKind::CloseBrace, 1),
            ',' => (TokenKind::Comma, 1),
            '"' => (TokenKind::Quoted, self.quoted()?),
            '=' | '!' => self.operator()?,
            c if is_reserved(c) => return Err(self.stray(c.len_utf8())),
            _ => {
                let length = self.rest.find(is_reserved).unwrap_or(self.rest.len());
                (TokenKind::Unquoted, length)
            }
        };
        let start = self.column;
        let text = self.advance(length);
        Ok(Some(Token {
            kind,
            text,
            at: Columns {
                start,
                end: self.column,
            },
        }))
    }

    fn advance(&mut self, length: usize) -> &'a str {
        let (text, rest) = self.rest.split_at(length);
        self.rest = rest;
        self.column += text.chars().count();
        text
    }

    fn operator(&self) -> Result<(TokenKind, usize), MatcherError> {
        OPERATORS
            .iter()
            .find(|(spelling, _)| self.rest.starts_with(spelling))
            .map(|(spelling, op)| (TokenKind::Operator(*op), spelling.len()))
            .ok_or_else(|| self.stray(1))
    }

    /// The length of the quoted text that comes next, quotes included.
    fn quoted(&self) -> Result<usize, MatcherError> {
        let mut escaped = false;
        for (at, c) in self.rest.char_indices().skip(1) {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => return Ok(at + 1),
                _ => {}
            }
        }
        let end = self.column + self.rest.chars().count();
        let at = Columns {
            start: self.column,
            end,
        };
        Err(MatcherError::Unterminated {
            at,
            found: shown(self.rest),
        })
    }

    /// A reserved character where no token begins with it.
    fn stray(&self, length: usize) -> MatcherError {
        MatcherError::Unexpected {
            at: Columns {
                start: self.column,
                end: self.column + 1,
            },
            found: self.rest[..length].to_owned(),
            expected: if self.rest.starts_with('!') {
                "'!=' or '!~'"
            } else {
                "quotes around it"
            },
        }
    }
}
