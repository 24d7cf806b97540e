//! A template's source as tokens, all at once; a mistake is the last of them.

use crate::quote::quoted_rune;

/// Blanks as trim markers and Go's lexer know them.
const SPACES: [char; 4] = [' ', '\t', '\r', '\n'];

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Error,
    Eof,
    Text,
    Left,
    Right,
    Space,
    Pipe,
    Assign,
    Declare,
    /// Any other sign, such as a comma.
    Char,
    OpenParen,
    CloseParen,
    Bool,
    Number,
    CharConstant,
    String,
    RawString,
    Field,
    Variable,
    Identifier,
    Dot,
    Nil,
    Keyword(Keyword),
}

/// Words that start an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keyword {
    Block,
    Break,
    Continue,
    Define,
    Else,
    End,
    If,
    Range,
    Template,
    With,
}

/// One token; an error's text is its message.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) text: String,
    pub(crate) pos: usize,
    pub(crate) line: usize,
}

struct Lexer<'a> {
    source: &'a str,
    pos: usize,
    line: usize,
    depth: usize,
    tokens: Vec<Token>,
}

/// All tokens; the last is the end or an error.
pub(crate) fn tokens(source: &str) -> Vec<Token> {
    let mut lexer = Lexer {
        source,
        pos: 0,
        line: 1,
        depth: 0,
        tokens: Vec::new(),
    };
    if let Err(message) = lexer.run() {
        let (pos, line) = (lexer.pos, lexer.line);
        let (kind, text) = (Kind::Error, message);
        lexer.tokens.push(Token {
            kind,
            text,
            pos,
            line,
        });
    }
    lexer.tokens
}

type Lexed<T = ()> = Result<T, String>;

impl Lexer<'_> {
    fn run(&mut self) -> Lexed {
        while let Some(found) = self.rest().find("{{") {
            let end = self.pos + found;
            let trims = has_left_trim(&self.source[end + 2..]);
            let text = &self.source[self.pos..end];
            let kept = if trims {
                text.trim_end_matches(SPACES).len()
            } else {
                text.len()
            };
            if kept > 0 {
                self.emit(Kind::Text, self.pos + kept);
            }
            self.skip_to(end);
            self.delimiter(trims)?;
        }
        if self.pos < self.source.len() {
            self.emit(Kind::Text, self.source.len());
        }
        self.emit(Kind::Eof, self.pos);
        Ok(())
    }

    /// From the two brackets on: a comment, or an action.
    fn delimiter(&mut self, trims: bool) -> Lexed {
        let marker = if trims { 2 } else { 0 };
        if self.source[self.pos + 2 + marker..].starts_with("/*") {
            return self.comment(self.pos + 2 + marker);
        }
        self.emit(Kind::Left, self.pos + 2);
        self.skip_to(self.pos + marker);
        self.depth = 0;
        self.action()
    }

    fn comment(&mut self, from: usize) -> Lexed {
        self.skip_to(from);
        let Some(end) = self.rest().find("*/") else {
            return Err("unclosed comment".to_owned());
        };
        self.skip_to(self.pos + end + 2);
        let Some((length, trims)) = self.right_delimiter() else {
            return Err("comment ends before closing delimiter".to_owned());
        };
        self.skip_to(self.pos + length);
        self.trim(trims);
        Ok(())
    }

    fn trim(&mut self, trims: bool) {
        if trims {
            let rest = self.rest();
            let blanks = rest.len() - rest.trim_start_matches(SPACES).len();
            self.skip_to(self.pos + blanks);
        }
    }

    /// The closing brackets when they stand here: their length and whether they trim.
    fn right_delimiter(&self) -> Option<(usize, bool)> {
        let rest = self.rest();
        if rest.starts_with("}}") {
            return Some((2, false));
        }
        let after = rest.strip_prefix(SPACES)?.strip_prefix('-')?;
        after.starts_with("}}").then_some((4, true))
    }

    fn action(&mut self) -> Lexed {
        loop {
            if let Some((length, trims)) = self.right_delimiter() {
                if self.depth > 0 {
                    return Err("unclosed left paren".to_owned());
                }
                let end = self.pos + length;
                self.skip_to(end - 2);
                self.emit(Kind::Right, end);
                self.trim(trims);
                return Ok(());
            }
            let Some(next) = self.rest().chars().next() else {
                return Err("unclosed action".to_owned());
            };
            match next {
                ' ' | '\t' | '\r' | '\n' => self.space(),
                '=' => self.emit(Kind::Assign, self.pos + 1),
                ':' if self.rest().starts_with(":=") => self.emit(Kind::Declare, self.pos + 2),
                ':' => return Err("expected :=".to_owned()),
                '|' => self.emit(Kind::Pipe, self.pos + 1),
                '"' => self.quoted('"', Kind::String)?,
                '\'' => self.quoted('\'', Kind::CharConstant)?,
                '`' => self.raw()?,
                '$' => self.named(Kind::Variable)?,
                '.' if !self.rest()[1..].starts_with(|c: char| c.is_ascii_digit()) => {
                    self.named(Kind::Field)?;
                }
                '+' | '-' | '.' | '0'..='9' => self.number()?,
                c if c.is_alphanumeric() || c == '_' => self.word()?,
                '(' => {
                    self.emit(Kind::OpenParen, self.pos + 1);
                    self.depth += 1;
                }
                ')' if self.depth == 0 => return Err("unexpected right paren".to_owned()),
                ')' => {
                    self.emit(Kind::CloseParen, self.pos + 1);
                    self.depth -= 1;
                }
                '!'..='~' => self.emit(Kind::Char, self.pos + 1),
                c => {
                    return Err(format!(
                        "unrecognized character in action: {}",
                        quoted_rune(c)
                    ));
                }
            }
        }
    }

    /// A run of blanks; the last of them may belong to a trimming bracket.
    fn space(&mut self) {
        let rest = self.rest();
        let mut length = rest.len() - rest.trim_start_matches(SPACES).len();
        if rest[length..].starts_with("-}}") {
            length -= 1;
        }
        if length > 0 {
            self.emit(Kind::Space, self.pos + length);
        }
    }

    fn quoted(&mut self, quote: char, kind: Kind) -> Lexed {
        let what = if quote == '"' {
            "quoted string"
        } else {
            "character constant"
        };
        let mut escaped = false;
        for (at, c) in self.rest().char_indices().skip(1) {
            match c {
                '\n' => break,
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                c if c == quote => {
                    self.emit(kind, self.pos + at + 1);
                    return Ok(());
                }
                _ => {}
            }
        }
        Err(format!("unterminated {what}"))
    }

    fn raw(&mut self) -> Lexed {
        let Some(end) = self.rest()[1..].find('`') else {
            return Err("unterminated raw quoted string".to_owned());
        };
        self.emit(Kind::RawString, self.pos + end + 2);
        Ok(())
    }

    /// A field or variable: its sign and a name, or the sign alone.
    fn named(&mut self, kind: Kind) -> Lexed {
        let rest = &self.rest()[1..];
        let length = name_length(rest);
        self.ends_at(self.pos + 1 + length)?;
        let kind = if length == 0 && kind == Kind::Field {
            Kind::Dot
        } else {
            kind
        };
        self.emit(kind, self.pos + 1 + length);
        Ok(())
    }

    fn word(&mut self) -> Lexed {
        let end = self.pos + name_length(self.rest());
        self.ends_at(end)?;
        let kind = match &self.source[self.pos..end] {
            "true" | "false" => Kind::Bool,
            "nil" => Kind::Nil,
            "block" => Kind::Keyword(Keyword::Block),
            "break" => Kind::Keyword(Keyword::Break),
            "continue" => Kind::Keyword(Keyword::Continue),
            "define" => Kind::Keyword(Keyword::Define),
            "else" => Kind::Keyword(Keyword::Else),
            "end" => Kind::Keyword(Keyword::End),
            "if" => Kind::Keyword(Keyword::If),
            "range" => Kind::Keyword(Keyword::Range),
            "template" => Kind::Keyword(Keyword::Template),
            "with" => Kind::Keyword(Keyword::With),
            _ => Kind::Identifier,
        };
        self.emit(kind, end);
        Ok(())
    }

    /// Whether a name may end here.
    fn ends_at(&mut self, end: usize) -> Lexed {
        let Some(next) = self.source[end..].chars().next() else {
            return Ok(());
        };
        let terminates = SPACES.contains(&next)
            || ".,|:)(".contains(next)
            || self.source[end..].starts_with("}}");
        if terminates {
            return Ok(());
        }
        self.skip_to(end);
        Err(format!("bad character {}", quoted_rune(next)))
    }

    fn number(&mut self) -> Lexed {
        let rest = self.rest();
        let length = number_length(rest);
        let next = rest[length..].chars().next();
        if next.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            let wrong: String = rest[..length].chars().chain(next).collect();
            return Err(format!(
                "bad number syntax: {}",
                crate::quote::quoted(&wrong)
            ));
        }
        self.emit(Kind::Number, self.pos + length);
        Ok(())
    }

    fn rest(&self) -> &str {
        &self.source[self.pos..]
    }

    fn emit(&mut self, kind: Kind, end: usize) {
        let text = self.source[self.pos..end].to_owned();
        let (pos, line) = (self.pos, self.line);
        self.tokens.push(Token {
            kind,
            text,
            pos,
            line,
        });
        self.skip_to(end);
    }

    fn skip_to(&mut self, end: usize) {
        self.line += self.source[self.pos..end].matches('\n').count();
        self.pos = end;
    }
}

fn has_left_trim(after: &str) -> bool {
    after
        .strip_prefix('-')
        .is_some_and(|after| after.starts_with(SPACES))
}

fn name_length(text: &str) -> usize {
    text.find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(text.len())
}

/// Bytes of a number, as Go's lexer takes them; whether it is one is seen when it is read.
fn number_length(text: &str) -> usize {
    let mut at = usize::from(text.starts_with(['+', '-']));
    let bytes = text.as_bytes();
    let run = |at: &mut usize, digits: &[u8]| {
        while bytes.get(*at).is_some_and(|b| digits.contains(b)) {
            *at += 1;
        }
    };
    let mut digits: &[u8] = b"0123456789_";
    if bytes.get(at) == Some(&b'0') {
        at += 1;
        digits = match bytes.get(at).map(u8::to_ascii_lowercase) {
            Some(b'x') => b"0123456789abcdefABCDEF_",
            Some(b'o') => b"01234567_",
            Some(b'b') => b"01_",
            _ => digits,
        };
        at += usize::from(digits.len() != 11);
    }
    run(&mut at, digits);
    if bytes.get(at) == Some(&b'.') {
        at += 1;
        run(&mut at, digits);
    }
    let exponent: &[u8] = if digits.len() == 23 { b"pP" } else { b"eE" };
    if (digits.len() == 11 || digits.len() == 23)
        && bytes.get(at).is_some_and(|b| exponent.contains(b))
    {
        at += 1;
        at += usize::from(bytes.get(at).is_some_and(|b| b"+-".contains(b)));
        run(&mut at, b"0123456789_");
    }
    at
}
