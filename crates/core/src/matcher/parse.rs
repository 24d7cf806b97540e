//! Matchers from text: the modes, and what can be wrong.

use std::fmt;

use super::{MatchOp, Matcher, Matchers, classic, utf8};
use crate::quote::Quoted;
use crate::re2::Re2Error;

/// Longest text taken, in bytes.
pub const MAX_TEXT: usize = 64 * 1024;

/// Which of Alertmanager's two syntaxes is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Both: the classic one wins where they disagree or where only it understands.
    #[default]
    Fallback,
    /// The UTF-8 syntax only (`utf8-strict-mode`).
    Utf8,
    /// The classic syntax only (`classic-mode`).
    Classic,
}

/// Matchers that were read, and a warning if the text should be rewritten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The matchers, in the order of the text.
    pub matchers: Vec<Matcher>,
    /// What will change when the classic syntax goes.
    pub warning: Option<MatcherWarning>,
}

/// Why a text that was understood should be rewritten.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MatcherWarning {
    /// Only the classic syntax allows it.
    #[error("only the classic matcher syntax understands this ({error}); write {suggestion}")]
    ClassicOnly {
        /// What the UTF-8 syntax says.
        error: MatcherError,
        /// The same matchers in a spelling both understand.
        suggestion: String,
    },
    /// The two syntaxes understand it differently; the classic one was taken.
    #[error("the classic matcher syntax understands {classic}, the UTF-8 one {utf8}")]
    Disagreement {
        /// What was taken.
        classic: String,
        /// What it will mean when the classic syntax goes.
        utf8: String,
    },
}

/// A part of the text, in characters from 0; the end is not part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Columns {
    /// The first character.
    pub start: usize,
    /// The character after the last.
    pub end: usize,
}

/// As Alertmanager prints positions: `3:5`.
impl fmt::Display for Columns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.start, self.end)
    }
}

/// Why a text is not a list of matchers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MatcherError {
    /// Longer than [`MAX_TEXT`].
    #[error("a list of matchers is longer than {MAX_TEXT} bytes")]
    TooLong,
    /// Not `name operator value`, in the classic syntax.
    #[error("bad matcher format: {0}")]
    Format(String),
    /// A quote inside a value, in the classic syntax.
    #[error("matcher value contains unescaped double quote: {0}")]
    StrayQuote(String),
    /// Something that does not belong there.
    #[error("{at}: unexpected {found}: expected {expected}")]
    Unexpected {
        /// Where.
        at: Columns,
        /// What.
        found: String,
        /// What belongs there.
        expected: &'static str,
    },
    /// The text ends too early.
    #[error("{at}: unexpected end of input: expected {expected}")]
    EndOfInput {
        /// Where.
        at: Columns,
        /// What belongs there.
        expected: &'static str,
    },
    /// A quote that is not closed.
    #[error("{at}: {found}: missing end \"")]
    Unterminated {
        /// Where.
        at: Columns,
        /// The text from the quote on.
        found: String,
    },
    /// A quoted text with a line feed or an escape that Go does not know.
    #[error("{at}: {found}: invalid input: a quoted text takes Go's escapes, such as \\\" and \\n")]
    BadEscape {
        /// Where.
        at: Columns,
        /// The quoted text.
        found: String,
    },
    /// The value is not a regular expression.
    #[error("failed to create matcher {matcher}: {error}")]
    Pattern {
        /// The matcher.
        matcher: String,
        /// What is wrong with its value.
        error: Re2Error,
    },
    /// Braces around a single matcher.
    #[error("unexpected open or close brace: {0}")]
    Braces(String),
    /// Not one matcher but another number.
    #[error("expected 1 matcher, found {0}")]
    NotOne(usize),
    /// Neither syntax understands it.
    #[error("{classic} ({utf8})")]
    Neither {
        /// What the classic syntax says, which is what Alertmanager says.
        classic: Box<MatcherError>,
        /// What the UTF-8 syntax says; it knows where.
        utf8: Box<MatcherError>,
    },
}

/// Reads a list of matchers such as `{a="x", b=~"y"}`; the braces may be left out.
pub fn parse(text: &str, mode: Mode) -> Result<Vec<Matcher>, MatcherError> {
    read(text, mode).map(|reading| reading.matchers)
}

/// Like [`parse`], with the warning.
pub fn read(text: &str, mode: Mode) -> Result<Reading, MatcherError> {
    in_mode(text, mode, utf8::matchers, classic::matchers)
}

/// Reads exactly one matcher, without braces, as the API's `filter` takes it.
pub fn parse_one(text: &str, mode: Mode) -> Result<Matcher, MatcherError> {
    let braces = text.starts_with('{') || text.ends_with('}');
    if braces && mode != Mode::Classic {
        return Err(MatcherError::Braces(shown(text)));
    }
    let one_of = |text: &str| {
        let matchers = utf8::matchers(text)?;
        if matchers.len() == 1 {
            Ok(matchers)
        } else {
            Err(MatcherError::NotOne(matchers.len()))
        }
    };
    let classic = |text: &str| classic::matcher(text).map(|matcher| vec![matcher]);
    let mut matchers = in_mode(text, mode, one_of, classic)?.matchers;
    matchers.pop().ok_or(MatcherError::NotOne(0))
}

fn in_mode(
    text: &str,
    mode: Mode,
    utf8: impl Fn(&str) -> Result<Vec<Matcher>, MatcherError>,
    classic: impl Fn(&str) -> Result<Vec<Matcher>, MatcherError>,
) -> Result<Reading, MatcherError> {
    if text.len() > MAX_TEXT {
        return Err(MatcherError::TooLong);
    }
    let sure = |matchers| Reading {
        matchers,
        warning: None,
    };
    match mode {
        Mode::Utf8 => utf8(text).map(sure),
        Mode::Classic => classic(text).map(sure),
        Mode::Fallback => match (utf8(text), classic(text)) {
            (Ok(matchers), Err(_)) => Ok(sure(matchers)),
            (Ok(utf8), Ok(classic)) if utf8 == classic => Ok(sure(utf8)),
            (Ok(utf8), Ok(classic)) => {
                let warning = Some(MatcherWarning::Disagreement {
                    classic: printed(&classic),
                    utf8: printed(&utf8),
                });
                Ok(Reading {
                    matchers: classic,
                    warning,
                })
            }
            (Err(error), Ok(classic)) => {
                let suggestion = printed(&classic);
                let warning = Some(MatcherWarning::ClassicOnly { error, suggestion });
                Ok(Reading {
                    matchers: classic,
                    warning,
                })
            }
            (Err(utf8), Err(classic)) if utf8 == classic => Err(utf8),
            (Err(utf8), Err(classic)) => Err(MatcherError::Neither {
                classic: Box::new(classic),
                utf8: Box::new(utf8),
            }),
        },
    }
}

fn printed(matchers: &[Matcher]) -> String {
    Matchers(matchers.to_vec()).to_string()
}

/// A matcher from its parts, with an error that names it.
pub(super) fn make(name: &str, op: MatchOp, value: &str) -> Result<Matcher, MatcherError> {
    Matcher::new(name, op, value).map_err(|error| MatcherError::Pattern {
        matcher: shown(&format!("{name}{}{}", op.as_str(), Quoted(value))),
        error,
    })
}

/// As much of a text as an error shows.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(200).collect()
}
