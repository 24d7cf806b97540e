//! Regular expressions in Go's RE2 syntax, as Prometheus and Alertmanager take them.

use regex::Regex;

/// Why a pattern is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Re2Error {
    /// Not a regular expression in Go's syntax; the text says what is wrong with it.
    #[error("error parsing regexp: {0}")]
    Syntax(String),
    /// The pattern is longer than we take, in bytes.
    #[error("error parsing regexp: expression is longer than {0} bytes")]
    TooLong(usize),
    /// The compiled program would be larger than we allow.
    #[error("error parsing regexp: expression too large")]
    TooLarge,
}

/// Longest pattern taken, in bytes.
pub const MAX_PATTERN: usize = 64 * 1024;

/// Compiles a pattern, anchored at both ends (`^(?:pattern)$`) as Alertmanager anchors matchers.
pub fn compile(pattern: &str) -> Result<Regex, Re2Error> {
    if pattern.len() > MAX_PATTERN {
        return Err(Re2Error::TooLong(MAX_PATTERN));
    }
    Regex::new(&format!("^(?:{pattern})$")).map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => Re2Error::TooLarge,
        other => Re2Error::Syntax(other.to_string()),
    })
}
