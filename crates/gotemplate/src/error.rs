//! What can be wrong with a template, in Go's words.

/// Which kind of mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It cannot be read.
    Syntax,
    /// It went wrong while it ran.
    Failed,
    /// It took more than it may: steps, output, memory or depth.
    Limit,
    /// It prints a value where none can be made safe.
    Unsafe,
}

/// A mistake in a template and where it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct Error {
    /// Which kind.
    pub kind: Kind,
    /// The name of the source it stands in, as given to [`crate::set::Set::parse`].
    pub name: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong, without the place.
    pub message: String,
    /// All of it as Go prints it.
    pub text: String,
}

/// Line and column, both from 1, of a byte of a source; the column counts characters.
pub(crate) fn place(source: &str, at: usize) -> (usize, usize) {
    let mut end = at.min(source.len());
    while !source.is_char_boundary(end) {
        end -= 1;
    }
    let before = &source[..end];
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.matches('\n').count() + 1;
    (line, before[start..].chars().count() + 1)
}
