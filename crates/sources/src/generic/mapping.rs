//! Where an operator says that the parts of an alert stand.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::json::fields::scalar;

/// The options of a generic source, read.
#[derive(Debug, Default)]
pub(crate) struct Mapping {
    items: String,
    parts: BTreeMap<String, Place>,
    labels: BTreeMap<String, Place>,
    annotations: BTreeMap<String, Place>,
    firing: BTreeSet<String>,
    resolved: BTreeSet<String>,
}

/// How one value is found.
#[derive(Debug, PartialEq)]
enum Place {
    /// At a JSON pointer (RFC 6901).
    Pointer(String),
    /// A text with values in it.
    Template(Vec<Piece>),
}

#[derive(Debug, PartialEq)]
enum Piece {
    Words(String),
    Pointer(String),
}

impl Mapping {
    /// Reads `items`, `map`, `firing` and `resolved`.
    pub(crate) fn of(options: &Value) -> Result<Self, String> {
        let words = |name: &str| {
            let listed = options
                .get(name)
                .and_then(Value::as_array)
                .into_iter()
                .flatten();
            listed
                .filter_map(scalar)
                .map(|word| word.trim().to_lowercase())
                .collect()
        };
        let items = options.get("items").and_then(Value::as_str).unwrap_or("");
        if !items.is_empty() && !items.starts_with('/') {
            return Err(format!(
                "items: {items:?} is no JSON pointer; it must start with \"/\""
            ));
        }
        let mut mapping = Self {
            items: items.to_owned(),
            firing: words("firing"),
            resolved: words("resolved"),
            ..Self::default()
        };
        for (name, value) in options
            .get("map")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            match (name.as_str(), value) {
                ("labels", Value::Object(map)) => mapping.labels = places("map.labels", map)?,
                ("annotations", Value::Object(map)) => {
                    mapping.annotations = places("map.annotations", map)?;
                }
                (_, value) => {
                    mapping
                        .parts
                        .insert(name.clone(), place(&format!("map.{name}"), value)?);
                }
            }
        }
        Ok(mapping)
    }

    /// Pointer to the array of alerts; empty for the document itself.
    pub(crate) fn items(&self) -> &str {
        &self.items
    }

    /// The value of one part, by its mapping if there is one, else as `usual` finds it.
    pub(crate) fn part<'a>(
        &self,
        name: &str,
        item: &'a Value,
        usual: impl FnOnce() -> Option<Cow<'a, str>>,
    ) -> Option<Cow<'a, str>> {
        match self.parts.get(name) {
            Some(place) => place.find(item),
            None => usual(),
        }
    }

    /// The mapped labels with their values.
    pub(crate) fn labels<'a>(&self, item: &'a Value) -> Vec<(String, Cow<'a, str>)> {
        found(&self.labels, item)
    }

    /// The mapped annotations with their values.
    pub(crate) fn annotations<'a>(&self, item: &'a Value) -> Vec<(String, Cow<'a, str>)> {
        found(&self.annotations, item)
    }

    /// What the operator says of a word of `status`: `Some(true)` is firing.
    pub(crate) fn says(&self, word: &str) -> Option<bool> {
        let word = word.to_lowercase();
        if self.resolved.contains(&word) {
            Some(false)
        } else {
            self.firing.contains(&word).then_some(true)
        }
    }
}

fn places(
    at: &str,
    map: &serde_json::Map<String, Value>,
) -> Result<BTreeMap<String, Place>, String> {
    map.iter()
        .map(|(name, value)| Ok((name.clone(), place(&format!("{at}.{name}"), value)?)))
        .collect()
}

fn place(at: &str, value: &Value) -> Result<Place, String> {
    let text = scalar(value).ok_or_else(|| format!("{at} must be a pointer or a text"))?;
    Ok(if text.starts_with('/') {
        Place::Pointer(text.into_owned())
    } else {
        Place::Template(pieces(&text))
    })
}

/// `{/pointer}` is a value; every other brace is just a brace.
fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((words, after)) = rest.split_once("{/") {
        let Some((pointer, tail)) = after.split_once('}') else {
            break;
        };
        if !words.is_empty() {
            pieces.push(Piece::Words(words.to_owned()));
        }
        pieces.push(Piece::Pointer(format!("/{pointer}")));
        rest = tail;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Words(rest.to_owned()));
    }
    pieces
}

fn found<'a>(places: &BTreeMap<String, Place>, item: &'a Value) -> Vec<(String, Cow<'a, str>)> {
    places
        .iter()
        .filter_map(|(name, place)| place.find(item).map(|value| (name.clone(), value)))
        .collect()
}

impl Place {
    /// The value there; `None` when there is none, or when no pointer of a text finds anything.
    fn find<'a>(&self, item: &'a Value) -> Option<Cow<'a, str>> {
        match self {
            Self::Pointer(pointer) => value_at(item, pointer),
            Self::Template(pieces) => {
                let mut text = String::new();
                let (mut asked, mut answered) = (false, false);
                for piece in pieces {
                    match piece {
                        Piece::Words(words) => text.push_str(words),
                        Piece::Pointer(pointer) => {
                            asked = true;
                            if let Some(value) = value_at(item, pointer) {
                                answered = true;
                                text.push_str(&value);
                            }
                        }
                    }
                }
                (answered || !asked).then_some(Cow::Owned(text))
            }
        }
    }
}

/// A scalar as text, an object or array as compact JSON; nothing for null and empty texts.
fn value_at<'a>(item: &'a Value, pointer: &str) -> Option<Cow<'a, str>> {
    let value = item.pointer(pointer)?;
    match value {
        Value::Null => None,
        Value::Object(_) | Value::Array(_) => Some(Cow::Owned(value.to_string())),
        value => scalar(value).filter(|text| !text.trim().is_empty()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_text_with_pointers_is_filled_in_and_other_braces_stay() {
        let place = place("x", &json!("{{7*7}} {/host/0}: {/gone}{/n} {open")).expect("place");
        let item = json!({"host": ["db-1"], "n": 3});
        assert_eq!(place.find(&item).as_deref(), Some("{{7*7}} db-1: 3 {open"));
        assert_eq!(place.find(&json!({})), None);
        assert_eq!(pieces("fixed"), [Piece::Words("fixed".to_owned())]);
    }

    #[test]
    fn a_pointer_that_is_none_is_named() {
        let error = Mapping::of(&json!({"items": "alerts"})).expect_err("no pointer");
        assert!(error.contains("must start with"), "{error}");
        assert!(Mapping::of(&json!({"map": {"title": []}})).is_err());
    }
}
