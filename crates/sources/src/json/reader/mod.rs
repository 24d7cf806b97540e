//! The pull reader: the caller asks for what it expects, and strings are borrowed where they hold
//! no escapes.

mod keys;
mod number;
mod text;

use std::borrow::Cow;

use self::keys::Keys;
use super::{JsonError, MAX_DEPTH, MAX_MEMBERS, PASSED_DEPTH, Step};

/// What sort of value comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `{`
    Object,
    /// `[`
    Array,
    /// `"`
    String,
    /// A digit or a minus sign.
    Number,
    /// `true` or `false`.
    Bool,
    /// `null`.
    Null,
}

impl Kind {
    /// The word for it in Go's JSON errors, which Alertmanager's users know.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Object => "object",
            Self::Array => "array",
            Self::String => "string",
            Self::Number => "number",
            Self::Bool => "bool",
            Self::Null => "null",
        }
    }
}

/// A JSON text and how far it has been read.
#[derive(Debug)]
pub struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    pub(super) values: usize,
    /// Whether only JSON's grammar counts and not our own rules.
    lax: bool,
}

/// A place in the text to come back to.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    /// Starts at the beginning of a body, which must be UTF-8 without a byte order mark.
    pub fn new(body: &'a [u8]) -> Result<Self, JsonError> {
        let (text, broken) = match std::str::from_utf8(body) {
            Ok(text) => (text, false),
            Err(error) => (
                body.get(..error.valid_up_to())
                    .and_then(|b| str::from_utf8(b).ok())
                    .unwrap_or(""),
                true,
            ),
        };
        let reader = Self {
            text,
            at: if broken { text.len() } else { 0 },
            depth: 0,
            values: 0,
            lax: false,
        };
        if broken {
            return Err(reader.error("the body is not UTF-8"));
        }
        if text.starts_with('\u{feff}') {
            return Err(reader.error("the body starts with a byte order mark; JSON has none"));
        }
        Ok(reader)
    }

    /// An error at the place reached.
    pub fn error(&self, problem: impl Into<String>) -> JsonError {
        let before = self.text.get(..self.at).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        JsonError {
            line: before.bytes().filter(|b| *b == b'\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            path: String::new(),
            problem: problem.into(),
            is_json: false,
        }
    }

    /// An error about something that is JSON and that we do not take.
    pub(super) fn refusal(&self, problem: impl Into<String>) -> JsonError {
        JsonError {
            is_json: true,
            ..self.error(problem)
        }
    }

    /// The place reached.
    pub fn mark(&self) -> Mark {
        let Self { at, depth, .. } = *self;
        Mark { at, depth }
    }

    /// Goes back to `mark` and reads over the value there by JSON's grammar alone, so that one item of a list
    /// that breaks our own rules does not cost its neighbours.
    pub fn pass_over(&mut self, mark: Mark) -> Result<(), JsonError> {
        (self.at, self.depth) = (mark.at, mark.depth);
        self.lax = true;
        let passed = self.skip();
        self.lax = false;
        passed
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.byte(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn unexpected(&self, expected: &str) -> JsonError {
        match self
            .text
            .get(self.at..)
            .and_then(|rest| rest.chars().next())
        {
            None => self.error(format!("unexpected end of JSON, expected {expected}")),
            Some(found) => self.error(format!("expected {expected}, found {found:?}")),
        }
    }

    /// What comes next, without reading it.
    pub fn peek(&mut self) -> Result<Kind, JsonError> {
        self.skip_space();
        match self.byte() {
            Some(b'{') => Ok(Kind::Object),
            Some(b'[') => Ok(Kind::Array),
            Some(b'"') => Ok(Kind::String),
            Some(b'-' | b'0'..=b'9') => Ok(Kind::Number),
            Some(b't' | b'f') => Ok(Kind::Bool),
            Some(b'n') => Ok(Kind::Null),
            _ => Err(self.unexpected("a value")),
        }
    }

    fn expect(&mut self, byte: u8, name: &str) -> Result<(), JsonError> {
        self.skip_space();
        if self.byte() != Some(byte) {
            return Err(self.unexpected(name));
        }
        self.at += 1;
        Ok(())
    }

    fn enter(&mut self) -> Result<(), JsonError> {
        self.at += 1;
        self.depth += 1;
        let most = if self.lax { PASSED_DEPTH } else { MAX_DEPTH };
        if self.depth > most {
            return Err(self.refusal(format!("nested deeper than {most} levels")));
        }
        Ok(())
    }

    /// After a member: whether another follows, or the container ends.
    fn another(&mut self, close: u8, first: bool) -> Result<bool, JsonError> {
        self.skip_space();
        match self.byte() {
            Some(b) if b == close => {
                self.at += 1;
                self.depth -= 1;
                Ok(false)
            }
            _ if first => Ok(true),
            Some(b',') => {
                self.at += 1;
                Ok(true)
            }
            _ => Err(self.unexpected(if close == b'}' {
                "\",\" or \"}\""
            } else {
                "\",\" or \"]\""
            })),
        }
    }

    /// Reads an object; `each` gets every key and must read its value.
    pub fn object(
        &mut self,
        mut each: impl FnMut(&mut Self, &Cow<'a, str>) -> Result<(), JsonError>,
    ) -> Result<(), JsonError> {
        if self.peek()? != Kind::Object {
            return Err(self.unexpected("an object"));
        }
        self.enter()?;
        let mut keys = Keys::default();
        let mut first = true;
        while self.another(b'}', first)? {
            first = false;
            self.skip_space();
            let start = self.at;
            let key = self.string()?;
            if !self.lax && !keys.insert(key.clone()) {
                self.at = start;
                return Err(self
                    .refusal("this key is given twice")
                    .below(Step::Key(&key)));
            }
            if keys.len() > MAX_MEMBERS {
                return Err(self.refusal(format!("more than {MAX_MEMBERS} members in one object")));
            }
            self.expect(b':', "\":\"")?;
            each(self, &key).map_err(|error| error.below(Step::Key(&key)))?;
        }
        Ok(())
    }

    /// Reads an array; `each` gets every index and must read its value.
    pub fn array(
        &mut self,
        mut each: impl FnMut(&mut Self, usize) -> Result<(), JsonError>,
    ) -> Result<(), JsonError> {
        if self.peek()? != Kind::Array {
            return Err(self.unexpected("an array"));
        }
        self.enter()?;
        let mut index = 0;
        while self.another(b']', index == 0)? {
            each(self, index).map_err(|error| error.below(Step::Index(index)))?;
            index += 1;
        }
        Ok(())
    }

    /// Reads `true` or `false`.
    pub fn bool(&mut self) -> Result<bool, JsonError> {
        self.skip_space();
        if self.byte() == Some(b't') {
            self.word("true").map(|()| true)
        } else {
            self.word("false").map(|()| false)
        }
    }

    /// Reads `null`.
    pub fn null(&mut self) -> Result<(), JsonError> {
        self.skip_space();
        self.word("null")
    }

    fn word(&mut self, word: &str) -> Result<(), JsonError> {
        if !self.text[self.at..].starts_with(word) {
            return Err(self.unexpected(&format!("{word:?}")));
        }
        self.at += word.len();
        Ok(())
    }

    /// Reads over a value of any kind, holding it to the same rules.
    pub fn skip(&mut self) -> Result<(), JsonError> {
        match self.peek()? {
            Kind::Object => self.object(|reader, _| reader.skip()),
            Kind::Array => self.array(|reader, _| reader.skip()),
            Kind::String => self.string().map(drop),
            Kind::Number => self.number().map(drop),
            Kind::Bool => self.bool().map(drop),
            Kind::Null => self.null(),
        }
    }

    /// Checks that nothing but white space follows.
    pub fn finish(mut self) -> Result<(), JsonError> {
        self.skip_space();
        if self.at < self.text.len() {
            Err(self.unexpected("the end of the body"))
        } else {
            Ok(())
        }
    }
}
