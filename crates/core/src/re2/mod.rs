//! Regular expressions in Go's RE2 syntax, as Prometheus and Alertmanager take them.
//!
//! Rust's `regex` shares RE2's way of matching but not its spelling: here `\d`, `\w`, `\s` and `\b`
//! are ASCII, `\Q…\E` and octal escapes exist, a brace that counts nothing is a brace, and brackets
//! know no set operators. So a pattern is parsed by Go's grammar and written anew in Rust's, with
//! every literal escaped. Source: Go's `regexp/syntax`, whose words the errors use.

mod class;
mod escape;
mod parse;
#[cfg(test)]
mod tests;

use regex::{Regex, RegexBuilder};

/// Longest pattern taken, in bytes.
pub const MAX_PATTERN: usize = 64 * 1024;
/// Largest compiled pattern, in bytes.
const MAX_PROGRAM: usize = 8 * 1024 * 1024;
/// Most groups inside one another.
const MAX_NESTING: usize = 200;
/// What a lazily built matching table may take, in bytes; beyond it, matching is slower.
const MAX_TABLE: usize = 512 * 1024;

/// Why a pattern is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Re2Error {
    /// Not Go's syntax: what is wrong, in Go's words, and where.
    #[error("error parsing regexp: {problem}: `{near}`")]
    Syntax {
        /// What is wrong.
        problem: &'static str,
        /// The part that is wrong.
        near: String,
    },
    /// The pattern is longer than [`MAX_PATTERN`].
    #[error("error parsing regexp: expression is longer than {MAX_PATTERN} bytes")]
    TooLong,
    /// The compiled pattern would be larger than we allow.
    #[error("error parsing regexp: expression too large")]
    TooLarge,
}

/// Compiles a pattern that must match a whole value: `^(?:pattern)$`, as Alertmanager anchors
/// matchers. As in Alertmanager, `.` does not match a line feed unless `(?s)` is given.
///
/// Unlike there, the pattern must be whole by itself: `a)(?:b`, which only the added group would
/// complete, is refused.
pub fn compile(pattern: &str) -> Result<Regex, Re2Error> {
    let rust = translated(pattern, false)?;
    built(&format!(r"\A(?:{rust})\z"), MAX_PROGRAM)
}

/// Compiles a pattern that is looked for anywhere, as Go's `regexp.Compile` does; for templates, which may
/// compile many, so each is kept smaller.
pub fn search(pattern: &str) -> Result<Regex, Re2Error> {
    built(&translated(pattern, true)?, MAX_PROGRAM / 16)
}

fn translated(pattern: &str, captures: bool) -> Result<String, Re2Error> {
    if pattern.len() > MAX_PATTERN {
        return Err(Re2Error::TooLong);
    }
    parse::translate(pattern, captures)
}

fn built(rust: &str, most: usize) -> Result<Regex, Re2Error> {
    RegexBuilder::new(rust)
        .size_limit(most)
        .dfa_size_limit(MAX_TABLE)
        .nest_limit(3 * MAX_NESTING as u32)
        .build()
        // What Go's grammar lets through and we write, Rust's grammar takes; only size is left.
        .map_err(|_| Re2Error::TooLarge)
}

/// A syntax error near some part of the pattern.
fn wrong(problem: &'static str, near: &str) -> Re2Error {
    Re2Error::Syntax {
        problem,
        near: near.chars().take(80).collect(),
    }
}
