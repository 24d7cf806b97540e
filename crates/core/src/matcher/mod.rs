//! Matchers: conditions on one label each, as routes, silences, inhibitions and filters use them.

mod classic;
mod lexer;
mod parse;
#[cfg(test)]
mod tests;
mod utf8;

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use regex::Regex;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::label::Labels;
use crate::quote::Quoted;
use crate::re2::{self, Re2Error};

pub use self::parse::{
    Columns, MAX_TEXT, MatcherError, MatcherWarning, Mode, Reading, parse, parse_one, read,
};

/// How a matcher compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MatchOp {
    /// `=`: the value is the text.
    Equal,
    /// `!=`: the value is not the text.
    NotEqual,
    /// `=~`: the whole value matches the pattern.
    Regex,
    /// `!~`: the whole value does not match the pattern.
    NotRegex,
}

impl MatchOp {
    /// The operator as written: `=`, `!=`, `=~` or `!~`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Regex => "=~",
            Self::NotRegex => "!~",
        }
    }

    /// From the two flags of Alertmanager's API.
    pub const fn from_flags(is_regex: bool, is_equal: bool) -> Self {
        match (is_regex, is_equal) {
            (false, true) => Self::Equal,
            (false, false) => Self::NotEqual,
            (true, true) => Self::Regex,
            (true, false) => Self::NotRegex,
        }
    }

    /// Whether the value is a pattern (`isRegex` in the API).
    pub const fn is_regex(self) -> bool {
        matches!(self, Self::Regex | Self::NotRegex)
    }

    /// Whether the comparison is positive (`isEqual` in the API).
    pub const fn is_equal(self) -> bool {
        matches!(self, Self::Equal | Self::Regex)
    }
}

/// A condition on one label; cheap to clone. A label that is missing reads as the empty string.
#[derive(Clone)]
pub struct Matcher {
    name: Arc<str>,
    op: MatchOp,
    value: Arc<str>,
    /// Present exactly for the two pattern operators; a function of `value`.
    regex: Option<Regex>,
}

impl Matcher {
    /// A matcher; only the pattern operators can fail.
    pub fn new(name: &str, op: MatchOp, value: &str) -> Result<Self, Re2Error> {
        let regex = op.is_regex().then(|| re2::compile(value)).transpose()?;
        Ok(Self {
            name: name.into(),
            op,
            value: value.into(),
            regex,
        })
    }

    /// The label it looks at.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How it compares.
    pub fn op(&self) -> MatchOp {
        self.op
    }

    /// The text or pattern it compares with.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Whether the label of that set passes.
    pub fn matches(&self, labels: &Labels) -> bool {
        self.matches_value(labels.value(&self.name))
    }

    /// Whether a value passes.
    pub fn matches_value(&self, value: &str) -> bool {
        let same = match &self.regex {
            Some(regex) => regex.is_match(value),
            None => *self.value == *value,
        };
        same == self.op.is_equal()
    }

    fn identity(&self) -> (&str, &str, MatchOp) {
        (&self.name, &self.value, self.op)
    }
}

impl PartialEq for Matcher {
    fn eq(&self, other: &Self) -> bool {
        self.identity() == other.identity()
    }
}

impl Eq for Matcher {}

impl Hash for Matcher {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.identity().hash(state);
    }
}

impl PartialOrd for Matcher {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// By name, then value, then operator: the order in which Alertmanager prints a route's matchers.
impl Ord for Matcher {
    fn cmp(&self, other: &Self) -> Ordering {
        self.identity().cmp(&other.identity())
    }
}

/// As Alertmanager prints it: `name="value"`; a name with reserved characters is quoted too.
impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name.chars().any(is_reserved) {
            return write!(
                f,
                "{}{}{}",
                Quoted(&self.name),
                self.op.as_str(),
                Quoted(&self.value)
            );
        }
        write!(f, "{}{}\"", self.name, self.op.as_str())?;
        for c in self.value.chars() {
            match c {
                '\\' => f.write_str("\\\\")?,
                '\n' => f.write_str("\\n")?,
                '"' => f.write_str("\\\"")?,
                c => write!(f, "{c}")?,
            }
        }
        f.write_str("\"")
    }
}

impl fmt::Debug for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Whether a character needs quotes in a matcher: white space and the characters of the syntax.
pub(crate) fn is_reserved(c: char) -> bool {
    c.is_whitespace() || "{}!=~,\\\"'`".contains(c)
}

/// The shape in Alertmanager's API.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct MatcherShape {
    name: String,
    value: String,
    is_regex: bool,
    #[serde(default = "equal_by_default")]
    is_equal: bool,
}

fn equal_by_default() -> bool {
    true
}

/// `{name, value, isRegex, isEqual}`, as in Alertmanager's API.
impl Serialize for Matcher {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        MatcherShape {
            name: (*self.name).into(),
            value: (*self.value).into(),
            is_regex: self.op.is_regex(),
            is_equal: self.op.is_equal(),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Matcher {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let shape = MatcherShape::deserialize(deserializer)?;
        let op = MatchOp::from_flags(shape.is_regex, shape.is_equal);
        Self::new(&shape.name, op, &shape.value).map_err(de::Error::custom)
    }
}

/// Matchers that must all pass; none at all pass everything.
#[derive(Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Matchers(pub Vec<Matcher>);

impl Matchers {
    /// Whether every matcher passes.
    pub fn matches(&self, labels: &Labels) -> bool {
        self.0.iter().all(|matcher| matcher.matches(labels))
    }

    /// The first matcher that does not pass, if any.
    pub fn first_failing(&self, labels: &Labels) -> Option<&Matcher> {
        self.0.iter().find(|matcher| !matcher.matches(labels))
    }

    /// Whether there is no matcher.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The matchers in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Matcher> {
        self.0.iter()
    }

    /// The same matchers in Alertmanager's order (name, value, operator).
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.0.sort_unstable();
        self
    }
}

impl From<Vec<Matcher>> for Matchers {
    fn from(matchers: Vec<Matcher>) -> Self {
        Self(matchers)
    }
}

impl FromIterator<Matcher> for Matchers {
    fn from_iter<I: IntoIterator<Item = Matcher>>(matchers: I) -> Self {
        Self(matchers.into_iter().collect())
    }
}

impl<'a> IntoIterator for &'a Matchers {
    type Item = &'a Matcher;
    type IntoIter = std::slice::Iter<'a, Matcher>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

/// As Alertmanager prints them: `{a="x",b=~"y"}`.
impl fmt::Display for Matchers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (i, matcher) in self.0.iter().enumerate() {
            let comma = if i == 0 { "" } else { "," };
            write!(f, "{comma}{matcher}")?;
        }
        f.write_str("}")
    }
}

impl fmt::Debug for Matchers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
