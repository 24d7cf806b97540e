//! What a sender hears (RFC 5321, section 4.2; enhanced codes of RFC 3463).

use std::fmt;

/// A reply: its code, and its lines of text, which begin with an enhanced code where there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) code: u16,
    lines: Vec<String>,
}

impl Reply {
    pub(super) fn new(code: u16, text: impl Into<String>) -> Self {
        Self {
            code,
            lines: vec![text.into()],
        }
    }

    pub(super) fn of_lines(code: u16, lines: Vec<String>) -> Self {
        Self { code, lines }
    }

    /// Whether it says that something was wrong.
    pub(super) fn is_refusal(&self) -> bool {
        self.code >= 400
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = self.lines.len().saturating_sub(1);
        for (number, line) in self.lines.iter().enumerate() {
            let between = if number == last { ' ' } else { '-' };
            // What is repeated of a sender's words must not become a line of its own.
            let line: String = line.chars().filter(|c| !c.is_control()).take(400).collect();
            write!(f, "{}{between}{line}\r\n", self.code)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_lines_but_the_last_say_that_there_is_more() {
        let lines = vec!["one".to_owned(), "two\r\n250 three".to_owned()];
        let reply = Reply::of_lines(250, lines);
        assert_eq!(reply.to_string(), "250-one\r\n250 two250 three\r\n");
        assert!(!reply.is_refusal() && Reply::new(451, "x").is_refusal());
    }
}
