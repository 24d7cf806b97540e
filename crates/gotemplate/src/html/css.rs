//! Style sheets, as far as one must follow them to know whether a value is a value.

/// Where in a style sheet its writing stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Css {
    #[default]
    Plain,
    Quote(char),
    Comment,
    LineComment,
    Url,
    /// Written with entities, which are not followed.
    Unknown,
}

impl Css {
    pub(super) fn takes_values(self) -> bool {
        self == Self::Plain
    }

    /// More of a `style` attribute.
    pub(super) fn attribute(&mut self, text: &str) {
        if text.contains('&') {
            *self = Self::Unknown;
        }
        if *self != Self::Unknown {
            self.body(text);
        }
    }

    /// More of a `style` element, and that text without its comments.
    pub(super) fn body(&mut self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let length = self.next(rest, c);
            let (piece, left) = rest.split_at(length);
            match self {
                Self::Comment | Self::LineComment => {}
                _ if piece == "*/" => out.push(' '),
                _ => out.push_str(piece),
            }
            rest = left;
        }
        out
    }

    /// Takes the next sign or two; how many bytes they are.
    fn next(&mut self, rest: &str, c: char) -> usize {
        let begins = |text: &str| rest.starts_with(text);
        let mut length = c.len_utf8();
        *self = match *self {
            Self::Plain if begins("/*") => {
                length = 2;
                Self::Comment
            }
            Self::Plain if begins("//") => Self::LineComment,
            Self::Plain if c == '"' || c == '\'' => Self::Quote(c),
            Self::Plain
                if rest
                    .get(..4)
                    .is_some_and(|head| head.eq_ignore_ascii_case("url(")) =>
            {
                length = 4;
                Self::Url
            }
            Self::Comment if begins("*/") => {
                length = 2;
                Self::Plain
            }
            Self::LineComment if matches!(c, '\n' | '\r' | '\u{c}') => Self::Plain,
            Self::Quote(quote) if c == quote => Self::Plain,
            Self::Quote(_) | Self::Url if c == '\\' => {
                length += rest[1..].chars().next().map_or(0, char::len_utf8);
                *self
            }
            Self::Url if c == ')' => Self::Plain,
            same => same,
        };
        length
    }
}

/// A value as a style sheet may hold it, else Go's word for one that it may not.
pub(super) fn value(text: &str) -> String {
    let bad = |c: char| "\0\"'()/;@[\\]`{}<>&".contains(c);
    let letters: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
    let letters = letters.to_ascii_lowercase();
    let is_bad = text.contains(bad)
        || text.contains("--")
        || letters.contains("expression")
        || letters.contains("mozbinding");
    if is_bad {
        "ZgotmplZ".to_owned()
    } else {
        text.to_owned()
    }
}
