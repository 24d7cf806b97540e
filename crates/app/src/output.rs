//! Data on standard output, words on standard error.

use std::io::Write;

/// Prints a line of data. A reader that went away (`| head`) is no error.
pub(crate) fn data(line: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// Says a line to the person.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
