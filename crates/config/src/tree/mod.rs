//! The document as a tree that remembers where everything stood.
//!
//! Scalars keep their text and whether they were quoted; what a plain `1` or `yes` means depends on
//! what its key asks for, as it does in Alertmanager. The parser is kept inside this module.

mod emit;
mod parse;

use std::fmt;

use crate::problem::Place;

pub use emit::emit;
pub use parse::{LARGEST_DOCUMENT, parse};

/// A piece of the document.
#[derive(Clone, PartialEq, Eq)]
pub struct Node {
    /// Where it begins.
    pub place: Place,
    /// What it is.
    pub shape: Shape,
}

/// What a node is.
#[derive(Clone, PartialEq, Eq)]
pub enum Shape {
    /// Nothing: an empty value, `~` or `null`.
    Null,
    /// A text, number or truth value.
    Scalar(Scalar),
    /// A list.
    List(Vec<Node>),
    /// A mapping, in the order of the text; keys are unique.
    Map(Vec<Entry>),
}

/// A scalar as written.
#[derive(Clone, PartialEq, Eq)]
pub struct Scalar {
    /// Its text after YAML's own escapes and, later, after `${env:…}` and `${file:…}`.
    pub text: String,
    /// Whether it stood without quotes, so that `5` is a number and `true` a truth value.
    pub plain: bool,
    /// The text as it was written, where an expansion changed it.
    pub written: Option<Box<str>>,
}

/// A key with its value.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub place: Place,
    /// Its value.
    pub value: Node,
}

/// Says what it is and where, never what it holds: that may be a secret.
impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} at {}:{}",
            self.what(),
            self.place.line,
            self.place.column
        )
    }
}

impl Node {
    /// The value at a key; `None` when this is no mapping, the key is missing or its value is null.
    pub fn at(&self, key: &str) -> Option<&Self> {
        self.entries()
            .iter()
            .find(|entry| entry.key == key)
            .map(|entry| &entry.value)
            .filter(|node| node.shape != Shape::Null)
    }

    /// The entries of a mapping; none for anything else.
    pub fn entries(&self) -> &[Entry] {
        if let Shape::Map(entries) = &self.shape {
            entries
        } else {
            &[]
        }
    }

    /// The elements of a list; none for anything else.
    pub fn items(&self) -> &[Self] {
        if let Shape::List(items) = &self.shape {
            items
        } else {
            &[]
        }
    }

    /// The text of a scalar.
    pub fn text(&self) -> Option<&str> {
        if let Shape::Scalar(scalar) = &self.shape {
            Some(&scalar.text)
        } else {
            None
        }
    }

    /// The text of the scalar at a key.
    pub fn text_at(&self, key: &str) -> Option<&str> {
        self.at(key).and_then(Self::text)
    }

    /// The truth value at a key.
    pub fn bool_at(&self, key: &str) -> Option<bool> {
        self.at(key).and_then(Self::truth)
    }

    /// What a scalar says as a truth value, with the words of YAML 1.1 that Alertmanager takes.
    pub fn truth(&self) -> Option<bool> {
        let Shape::Scalar(scalar) = &self.shape else {
            return None;
        };
        match scalar.text.as_str() {
            _ if !scalar.plain && scalar.written.is_none() => None,
            "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Some(true),
            "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Some(false),
            _ => None,
        }
    }

    /// A text, or the elements of a list of texts; a text may name several with commas.
    pub fn texts(&self) -> Vec<&str> {
        match &self.shape {
            Shape::Scalar(scalar) => scalar
                .text
                .split(',')
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .collect(),
            Shape::List(items) => items.iter().filter_map(Self::text).collect(),
            Shape::Null | Shape::Map(_) => Vec::new(),
        }
    }

    /// Whether it, or something below it, came from the environment or a file.
    pub fn is_expanded(&self) -> bool {
        match &self.shape {
            Shape::Null => false,
            Shape::Scalar(scalar) => scalar.written.is_some(),
            Shape::List(items) => items.iter().any(Self::is_expanded),
            Shape::Map(entries) => entries.iter().any(|entry| entry.value.is_expanded()),
        }
    }

    /// What it is, for a message: `a list`, `a mapping`, `nothing`.
    pub const fn what(&self) -> &'static str {
        match &self.shape {
            Shape::Null => "nothing",
            Shape::Scalar(_) => "a text",
            Shape::List(_) => "a list",
            Shape::Map(_) => "a mapping",
        }
    }
}

#[cfg(test)]
mod tests;
