//! One strict, bounded JSON reader for every format.
//!
//! What a lenient parser guesses at, two parsers guess differently, and alerts get lost in the
//! difference. So a repeated key, a number no double can hold, a lone surrogate, a NUL, a byte
//! order mark or anything behind the document is refused, with line, column and path. What is
//! lenient instead is reading *values* (see [`fields`]): a number may come as a text.

pub mod fields;
mod reader;
mod tree;

#[cfg(test)]
mod tests;

use std::fmt;

pub use reader::{Kind, Reader};

use crate::parsed::Refusal;

/// How deep objects and arrays may nest; the deepest known sender needs seven levels.
pub const MAX_DEPTH: usize = 64;
/// How deep a value may nest that is only passed over.
const PASSED_DEPTH: usize = 256;
/// How many members one object may have.
pub const MAX_MEMBERS: usize = 10_000;
/// How many values one document may hold when it is read as a tree: bounds its memory.
pub const MAX_VALUES: usize = 250_000;

/// Why a text is not the JSON we take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}{}: {problem}", At(.path))]
pub struct JsonError {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Where in the document, as `alerts[3].labels`; empty at the top.
    pub path: String,
    /// What is wrong.
    pub problem: String,
    /// Whether it is JSON all the same, only not the JSON that we take: then what follows can be read.
    pub is_json: bool,
}

struct At<'a>(&'a str);

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            Ok(())
        } else {
            write!(f, " at {}", self.0)
        }
    }
}

impl JsonError {
    /// The same error seen from one level further up.
    fn below(mut self, step: Step<'_>) -> Self {
        let step = step.to_string();
        let dot = if self.path.is_empty() || self.path.starts_with('[') {
            ""
        } else {
            "."
        };
        self.path = format!("{step}{dot}{}", self.path);
        self
    }
}

impl From<JsonError> for Refusal {
    fn from(error: JsonError) -> Self {
        let path = if error.path.is_empty() {
            "body".to_owned()
        } else {
            error.path.clone()
        };
        let problem = format!(
            "{} (line {}, column {})",
            error.problem, error.line, error.column
        );
        Self::Malformed { path, problem }
    }
}

/// One step of a path, printed as `key` or `[3]`.
#[derive(Clone, Copy)]
enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

impl fmt::Display for Step<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Index(index) => write!(f, "[{index}]"),
            Self::Key(key) => {
                let plain = |c: char| c.is_alphanumeric() || "_-/@$:".contains(c);
                let shown: String = key.chars().take(80).collect();
                if !key.is_empty() && key.chars().all(plain) {
                    f.write_str(&shown)
                } else {
                    write!(f, "[{shown:?}]")
                }
            }
        }
    }
}

/// Reads a whole document as a tree.
pub fn read(body: &[u8]) -> Result<serde_json::Value, JsonError> {
    let mut reader = Reader::new(body)?;
    let value = reader.value()?;
    reader.finish()?;
    Ok(value)
}
