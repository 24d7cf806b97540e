//! Label sets (and annotations, which have the same shape).
//!
//! A set is one shared allocation: `name NUL value NUL …` in name order. A hundred thousand active
//! alerts hold two of these each, so the packing is what keeps them small; comparing, hashing and
//! fingerprinting read the bytes as they lie.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::de::{self, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::quote::Quoted;

/// An immutable set of name/value pairs, sorted by name; cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Labels(Arc<str>);

/// Annotations have the shape of labels, but keep empty values and take no part in identity.
pub type Annotations = Labels;

/// Why pairs are not a label set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// A name of no characters.
    #[error("a label name is empty")]
    EmptyName,
    /// A NUL character in a name or value.
    #[error("label {0:?} holds a NUL character")]
    Nul(String),
    /// The same name twice.
    #[error("label {0:?} is given twice")]
    Twice(String),
}

impl Labels {
    /// The empty set.
    pub fn empty() -> Self {
        Self(Arc::from(""))
    }

    /// A label set: pairs with an empty value are dropped, as Alertmanager does before it
    /// validates. Names are compared by bytes.
    pub fn from_pairs<'a>(
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, LabelError> {
        Self::pack(
            pairs
                .into_iter()
                .filter(|(_, value)| !value.is_empty())
                .collect(),
        )
    }

    /// Annotations: like [`Labels::from_pairs`], but empty values stay.
    pub fn annotations<'a>(
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, LabelError> {
        Self::pack(pairs.into_iter().collect())
    }

    fn pack(mut pairs: Vec<(&str, &str)>) -> Result<Self, LabelError> {
        pairs.sort_unstable_by(|a, b| a.0.as_bytes().cmp(b.0.as_bytes()));
        let mut packed =
            String::with_capacity(pairs.iter().map(|(n, v)| n.len() + v.len() + 2).sum());
        let mut previous = None;
        for (name, value) in pairs {
            if name.is_empty() {
                return Err(LabelError::EmptyName);
            }
            if memchr::memchr(0, name.as_bytes()).is_some()
                || memchr::memchr(0, value.as_bytes()).is_some()
            {
                return Err(LabelError::Nul(name.to_owned()));
            }
            if previous == Some(name) {
                return Err(LabelError::Twice(name.to_owned()));
            }
            previous = Some(name);
            packed.push_str(name);
            packed.push('\0');
            packed.push_str(value);
            packed.push('\0');
        }
        Ok(Self(packed.into()))
    }

    /// The packed bytes, `name NUL value NUL …`.
    pub fn packed(&self) -> &str {
        &self.0
    }

    /// The set whose packed form this is; `None` when it is not one.
    pub fn from_packed(packed: &str) -> Option<Self> {
        let labels = Self(packed.into());
        let well_formed = packed.is_empty()
            || (packed.ends_with('\0') && packed.bytes().filter(|b| *b == 0).count() % 2 == 0);
        let sorted = || {
            let mut last = "";
            labels
                .iter()
                .all(|(name, _)| std::mem::replace(&mut last, name) < name)
        };
        (well_formed && sorted()).then_some(labels)
    }

    /// The pairs in name order.
    pub fn iter(&self) -> Iter<'_> {
        Iter(&self.0)
    }

    /// The value of a label, if it is there.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter()
            .find(|(n, _)| *n == name)
            .map(|(_, value)| value)
    }

    /// The value of a label; a missing one reads as the empty string, as in Alertmanager's rules.
    pub fn value(&self, name: &str) -> &str {
        self.get(name).unwrap_or("")
    }

    /// How many pairs there are.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether there is no pair.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Only the pairs whose name passes.
    #[must_use]
    pub fn filtered(&self, keep: impl Fn(&str) -> bool) -> Self {
        let mut packed = String::new();
        for (name, value) in self.iter().filter(|(name, _)| keep(name)) {
            packed.push_str(name);
            packed.push('\0');
            packed.push_str(value);
            packed.push('\0');
        }
        Self(packed.into())
    }

    /// The pairs that all of `sets` share; empty when there are no sets.
    pub fn common<'a>(mut sets: impl Iterator<Item = &'a Self>) -> Self {
        let Some(first) = sets.next() else {
            return Self::empty();
        };
        sets.fold(first.clone(), |common, next| {
            common.filtered(|name| common.get(name) == next.get(name))
        })
    }

    /// This set with `over`'s pairs added, replacing those of the same name.
    #[must_use]
    pub fn overlaid(&self, over: &Self) -> Self {
        let mut pairs: BTreeMap<&str, &str> = self.iter().collect();
        pairs.extend(over.iter());
        // Both sides are well formed, so packing their union cannot fail.
        Self::pack(pairs.into_iter().collect()).unwrap_or_else(|_| self.clone())
    }
}

/// The pairs of a set, in name order.
#[derive(Debug, Clone)]
pub struct Iter<'a>(&'a str);

impl<'a> Iterator for Iter<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let name_end = memchr::memchr(0, self.0.as_bytes())?;
        let (name, rest) = (&self.0[..name_end], &self.0[name_end + 1..]);
        let value_end = memchr::memchr(0, rest.as_bytes())?;
        self.0 = &rest[value_end + 1..];
        Some((name, &rest[..value_end]))
    }
}

impl<'a> IntoIterator for &'a Labels {
    type Item = (&'a str, &'a str);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl Default for Labels {
    fn default() -> Self {
        Self::empty()
    }
}

impl PartialOrd for Labels {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Pair by pair, name before value.
impl Ord for Labels {
    fn cmp(&self, other: &Self) -> Ordering {
        self.iter().cmp(other.iter())
    }
}

/// As Prometheus prints a label set: `{a="x", b="y"}`, with Go's escapes.
impl fmt::Display for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (i, (name, value)) in self.iter().enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            write!(f, "{comma}{name}={}", Quoted(value))?;
        }
        f.write_str("}")
    }
}

impl fmt::Debug for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A map in text formats, the packed string in the event log.
impl Serialize for Labels {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !serializer.is_human_readable() {
            return serializer.serialize_str(&self.0);
        }
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Labels {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            deserializer.deserialize_map(PairsVisitor)
        } else {
            let packed = <&str>::deserialize(deserializer)?;
            Self::from_packed(packed).ok_or_else(|| de::Error::custom("not a packed label set"))
        }
    }
}

struct PairsVisitor;

impl<'de> Visitor<'de> for PairsVisitor {
    type Value = Labels;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of strings")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Labels, A::Error> {
        let mut pairs = Vec::<(String, String)>::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Labels::annotations(pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())))
            .map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_sorted_and_drops_empty_values() {
        let set = Labels::from_pairs([("b", "2"), ("a", "1"), ("gone", "")]).expect("labels");
        assert_eq!(set.to_string(), r#"{a="1", b="2"}"#);
        assert_eq!(
            (set.get("b"), set.get("gone"), set.value("gone")),
            (Some("2"), None, "")
        );
    }

    #[test]
    fn names_must_be_there_and_be_unique_and_nul_is_refused() {
        assert_eq!(Labels::from_pairs([("", "x")]), Err(LabelError::EmptyName));
        assert_eq!(
            Labels::from_pairs([("a", "1"), ("a", "2")]),
            Err(LabelError::Twice("a".into()))
        );
        assert_eq!(
            Labels::from_pairs([("a", "\0")]),
            Err(LabelError::Nul("a".into()))
        );
    }

    #[test]
    fn common_pairs_are_those_every_set_has_with_the_same_value() {
        let set =
            |pairs: &[(&str, &str)]| Labels::from_pairs(pairs.iter().copied()).expect("labels");
        let sets = [
            set(&[("a", "1"), ("b", "2")]),
            set(&[("a", "1"), ("b", "3"), ("c", "4")]),
        ];
        assert_eq!(Labels::common(sets.iter()), set(&[("a", "1")]));
    }

    #[test]
    fn json_and_packed_forms_read_back() {
        let set = Labels::annotations([("a", "1"), ("e", "")]).expect("labels");
        let json = serde_json::to_string(&set).expect("json");
        assert_eq!(json, r#"{"a":"1","e":""}"#);
        assert_eq!(serde_json::from_str::<Labels>(&json).expect("json"), set);
        assert_eq!(Labels::from_packed(set.packed()), Some(set));
        assert_eq!(Labels::from_packed("b\x001\0a\x001\0"), None);
        assert_eq!(Labels::from_packed("a\0"), None);
    }
}
