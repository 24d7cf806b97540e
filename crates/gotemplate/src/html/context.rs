//! Where in a page its writing stands.

use super::attribute::Attribute;
use super::css::Css;

/// The kinds of places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Place {
    #[default]
    Text,
    /// In a tag, before an attribute.
    Tag,
    /// In an attribute's name.
    Name,
    AfterName,
    BeforeValue,
    /// In an attribute's value.
    Value,
    Comment,
    /// Text that holds no tags: a title, a text area.
    Rcdata,
    /// In a `style` element.
    Style,
    /// In a `script` element.
    Script,
}

/// What ends an attribute's value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Delimiter {
    #[default]
    None,
    Double,
    Single,
    Space,
}

/// Elements whose content is no ordinary text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Element {
    #[default]
    None,
    Script,
    Style,
    Textarea,
    Title,
}

/// How far an address is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Part {
    #[default]
    Start,
    Path,
    Query,
}

/// A place with what is known of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Context {
    pub(super) place: Place,
    pub(super) delimiter: Delimiter,
    element: Element,
    pub(super) attribute: Attribute,
    pub(super) part: Part,
    pub(super) css: Css,
}

const BLANKS: [char; 5] = [' ', '\t', '\n', '\u{c}', '\r'];

impl Element {
    fn of(name: &str) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "script" => Self::Script,
            "style" => Self::Style,
            "textarea" => Self::Textarea,
            "title" => Self::Title,
            _ => Self::None,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Script => "script",
            Self::Style => "style",
            Self::Textarea => "textarea",
            Self::Title => "title",
        }
    }

    const fn content(self) -> Place {
        match self {
            Self::None => Place::Text,
            Self::Script => Place::Script,
            Self::Style => Place::Style,
            Self::Textarea | Self::Title => Place::Rcdata,
        }
    }
}

impl Context {
    /// A value that comes now begins what can only follow.
    pub(super) fn nudge(&mut self) {
        match self.place {
            Place::Tag | Place::AfterName => self.place = Place::Name,
            Place::BeforeValue => {
                self.place = Place::Value;
                self.delimiter = Delimiter::Space;
            }
            _ => {}
        }
    }

    /// Whether what is written here is escaped for HTML last.
    pub(super) const fn prints_html(&self) -> bool {
        matches!(self.place, Place::Text | Place::Rcdata)
            || (matches!(self.place, Place::Value)
                && matches!(self.delimiter, Delimiter::Double | Delimiter::Single))
    }

    /// The place after the first part of a text, and how long that part is.
    pub(super) fn after(self, text: &str) -> Result<(Self, usize), String> {
        if self.delimiter != Delimiter::None {
            return self.in_value(text);
        }
        let text = match self.end_tag(text) {
            Some(0) => return Ok((Self::default(), 0)),
            Some(end) => &text[..end],
            None => text,
        };
        match self.place {
            Place::Text => Ok(self.in_text(text)),
            Place::Tag => self.in_tag(text),
            Place::Name => {
                let length = name_length(text)?;
                let place = if length == text.len() {
                    Place::Name
                } else {
                    Place::AfterName
                };
                Ok((Self { place, ..self }, length))
            }
            Place::AfterName => {
                let blanks = blanks(text);
                Ok(match text[blanks..].chars().next() {
                    None => (self, text.len()),
                    Some('=') => (self.at(Place::BeforeValue), blanks + 1),
                    Some(_) => (self.at(Place::Tag), blanks),
                })
            }
            Place::BeforeValue => Ok(self.before_value(text)),
            Place::Comment => Ok(match text.find("-->") {
                Some(end) => (Self::default(), end + 3),
                None => (self, text.len()),
            }),
            Place::Rcdata | Place::Style | Place::Script | Place::Value => Ok((self, text.len())),
        }
    }

    fn at(self, place: Place) -> Self {
        Self { place, ..self }
    }

    /// Where the end tag of a special element stands.
    fn end_tag(self, text: &str) -> Option<usize> {
        if self.element == Element::None {
            return None;
        }
        let name = self.element.name();
        let ends = |(at, _): &(usize, &str)| {
            let after = &text[at + 2..];
            let is_name = after
                .get(..name.len())
                .is_some_and(|head| head.eq_ignore_ascii_case(name));
            is_name && after[name.len()..].starts_with(['>', ' ', '\t', '\n', '\u{c}', '/'])
        };
        text.match_indices("</").find(ends).map(|(at, _)| at)
    }

    fn in_text(self, text: &str) -> (Self, usize) {
        let mut from = 0;
        loop {
            let Some(found) = text[from..].find('<') else {
                return (self, text.len());
            };
            let at = from + found;
            if text[at..].starts_with("<!--") {
                return (Self::default().at(Place::Comment), at + 4);
            }
            let closes = text[at + 1..].starts_with('/');
            let start = at + 1 + usize::from(closes);
            let name = tag_name(&text[start..]);
            if name.is_empty() {
                from = start.min(text.len());
                if from == text.len() {
                    return (self, text.len());
                }
                continue;
            }
            let element = if closes {
                Element::None
            } else {
                Element::of(name)
            };
            let context = Self {
                place: Place::Tag,
                element,
                ..Self::default()
            };
            return (context, start + name.len());
        }
    }

    fn in_tag(self, text: &str) -> Result<(Self, usize), String> {
        let start = blanks(text);
        let Some(next) = text[start..].chars().next() else {
            return Ok((self, text.len()));
        };
        if next == '>' {
            let context = Self {
                place: self.element.content(),
                element: self.element,
                ..Self::default()
            };
            return Ok((context, start + 1));
        }
        let length = name_length(&text[start..])?;
        if length == 0 {
            let rest: String = text[start..].chars().take(40).collect();
            return Err(format!(
                "expected space, attr name, or end of tag, but got {}",
                crate::quote::quoted(&rest)
            ));
        }
        let end = start + length;
        let attribute = Attribute::of(&text[start..end]);
        let place = if end == text.len() {
            Place::Name
        } else {
            Place::AfterName
        };
        let context = Self {
            place,
            element: self.element,
            attribute,
            ..Self::default()
        };
        Ok((context, end))
    }

    fn before_value(self, text: &str) -> (Self, usize) {
        let start = blanks(text);
        let (delimiter, start) = match text[start..].chars().next() {
            None => return (self, text.len()),
            Some('"') => (Delimiter::Double, start + 1),
            Some('\'') => (Delimiter::Single, start + 1),
            Some(_) => (Delimiter::Space, start),
        };
        let context = Self {
            place: Place::Value,
            delimiter,
            ..self
        };
        (context, start)
    }

    fn in_value(self, text: &str) -> Result<(Self, usize), String> {
        let end = match self.delimiter {
            Delimiter::Double => text.find('"'),
            Delimiter::Single => text.find('\''),
            _ => text.find(|c| BLANKS.contains(&c) || c == '>'),
        };
        let value = &text[..end.unwrap_or(text.len())];
        if self.delimiter == Delimiter::Space
            && let Some(wrong) = value.find(['"', '\'', '<', '=', '`'])
        {
            let (sign, value) = (&value[wrong..=wrong], crate::quote::quoted(value));
            return Err(format!(
                "{} in unquoted attr: {value}",
                crate::quote::quoted(sign)
            ));
        }
        let Some(end) = end else {
            return Ok((self.further(value), text.len()));
        };
        let quote = usize::from(self.delimiter != Delimiter::Space);
        let context = Self {
            place: Place::Tag,
            element: self.element,
            ..Self::default()
        };
        Ok((context, end + quote))
    }

    /// The place in a value after more of its text.
    fn further(mut self, text: &str) -> Self {
        match self.attribute {
            Attribute::Url if text.contains(['#', '?']) => self.part = Part::Query,
            Attribute::Url if self.part == Part::Start && blanks(text) != text.len() => {
                self.part = Part::Path;
            }
            Attribute::Style => self.css.attribute(text),
            _ => {}
        }
        self
    }
}

fn blanks(text: &str) -> usize {
    text.len() - text.trim_start_matches(BLANKS).len()
}

/// The name a tag begins with, as far as it is one.
fn tag_name(text: &str) -> &str {
    let mut end = 0;
    for (at, c) in text.char_indices() {
        let joins = matches!(c, ':' | '-') && end > 0;
        if c.is_ascii_alphabetic() || (at > 0 && c.is_ascii_digit()) {
            end = at + 1;
        } else if !(joins && text[at + 1..].starts_with(|c: char| c.is_ascii_alphanumeric())) {
            break;
        }
    }
    &text[..end]
}

/// Bytes of an attribute's name.
fn name_length(text: &str) -> Result<usize, String> {
    for (at, c) in text.char_indices() {
        match c {
            c if BLANKS.contains(&c) => return Ok(at),
            '=' | '>' => return Ok(at),
            '\'' | '"' | '<' => {
                let name: String = text.chars().take(40).collect();
                let (sign, name) = (c.to_string(), crate::quote::quoted(&name));
                let sign = crate::quote::quoted(&sign);
                return Err(format!("{sign} in attribute name: {name}"));
            }
            _ => {}
        }
    }
    Ok(text.len())
}
