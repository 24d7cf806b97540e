//! Data on standard output, words on standard error.

use std::borrow::Cow;
use std::io::{IsTerminal, Write};

use anyhow::Result;
use serde::Serialize;

/// Prints a line of data. A reader that went away (`| head`) is no error.
pub(crate) fn data(line: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// Prints JSON for programs: indented, keys in the order of the interface.
pub(crate) fn json(value: &impl Serialize) -> Result<()> {
    data(&serde_json::to_string_pretty(value)?);
    Ok(())
}

/// Prints one JSON value on one line, as streams are written.
pub(crate) fn json_line(value: &impl Serialize) -> Result<()> {
    data(&serde_json::to_string(value)?);
    Ok(())
}

/// Says a line to the person.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Whether data may be coloured: on a terminal, unless `NO_COLOR` is set.
pub(crate) fn colours() -> bool {
    std::io::stdout().is_terminal() && no_color_is_unset()
}

/// Whether a person watches the words.
pub(crate) fn is_watched() -> bool {
    std::io::stderr().is_terminal()
}

/// <https://no-color.org>: present and not empty means no colour.
fn no_color_is_unset() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// A text from outside as a terminal may be given it: control characters are spelled out.
pub(crate) fn harmless(text: &str) -> Cow<'_, str> {
    let dangerous = |character: char| character.is_control() && character != '\n';
    if !text.contains(dangerous) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if dangerous(character) {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_alert_brings_cannot_steer_the_terminal() {
        assert_eq!(harmless("磁盘 full\nnow"), "磁盘 full\nnow");
        assert_eq!(
            harmless("a\u{1b}[2Jb\r\t\u{9b}"),
            "a\\u{1b}[2Jb\\r\\t\\u{9b}"
        );
    }
}
