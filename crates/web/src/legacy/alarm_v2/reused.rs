//! Signatures that came with other fields before: the values are signed without their names and borders, so that
//! whoever saw a signed alarm can make another of it.

use std::collections::{HashMap, VecDeque};

use aws_lc_rs::digest;
use parking_lot::Mutex;
use serde_json::{Map, Value};

/// Signatures that are remembered; beyond it the oldest is forgotten.
const REMEMBERED: usize = 10_000;

type Hash = [u8; 32];

#[derive(Debug, Default)]
struct Known {
    /// Whose fields came with a signature first; `None` once others came and that was told.
    fields: HashMap<Hash, Option<Hash>>,
    order: VecDeque<Hash>,
}

/// The signatures of late.
#[derive(Debug, Default)]
pub(super) struct Reused(Mutex<Known>);

impl Reused {
    /// Whether a good signature came with other fields before; said once of each.
    pub(super) fn is_news(&self, fields: &Map<String, Value>) -> bool {
        let sign = fields
            .get("sign")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let sign = hash([sign].into_iter());
        let mut pairs: Vec<(&String, &Value)> = fields.iter().collect();
        pairs.sort_unstable_by_key(|(name, _)| *name);
        let words = pairs
            .into_iter()
            .flat_map(|(name, value)| [name.as_str(), value.as_str().unwrap_or_default()]);
        let fields = hash(words);
        let mut known = self.0.lock();
        match known.fields.get_mut(&sign) {
            None => {
                if known.order.len() >= REMEMBERED
                    && let Some(oldest) = known.order.pop_front()
                {
                    known.fields.remove(&oldest);
                }
                known.order.push_back(sign);
                known.fields.insert(sign, Some(fields));
                false
            }
            Some(first) if first.is_some_and(|first| first != fields) => {
                *first = None;
                true
            }
            Some(_) => false,
        }
    }
}

/// What stands for the signature of an alarm, whatever its fields are called.
pub(super) fn mark(fields: &Map<String, Value>) -> String {
    let sign = fields.get("sign").and_then(Value::as_str);
    format!("sign {}", hex::encode(hash(sign.into_iter())))
}

/// A hash of texts that keeps their borders.
fn hash<'t>(texts: impl Iterator<Item = &'t str>) -> Hash {
    let mut hash = digest::Context::new(&digest::SHA256);
    for text in texts {
        hash.update(&text.len().to_be_bytes());
        hash.update(text.as_bytes());
    }
    let mut bytes = [0; 32];
    bytes.copy_from_slice(hash.finish().as_ref());
    bytes
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn is_news(reused: &Reused, fields: &Value) -> bool {
        reused.is_news(fields.as_object().expect("an object"))
    }

    #[test]
    fn a_signature_with_other_fields_is_told_once() {
        let reused = Reused::default();
        let first = json!({"id": "chenmin", "notes": "x", "sign": "s"});
        assert!(!is_news(&reused, &first));
        assert!(!is_news(&reused, &first), "a repeat is none");
        let renamed = json!({"id": "chenmin", "others": "x", "sign": "s"});
        assert!(is_news(&reused, &renamed));
        assert!(!is_news(&reused, &renamed));
        let shifted = json!({"id": "chenminx", "notes": "", "sign": "s"});
        assert!(!is_news(&reused, &shifted), "once of each signature");
        assert!(!is_news(&reused, &json!({"id": "chenmin", "sign": "t"})));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let reused = Reused::default();
        for n in 0..=REMEMBERED {
            is_news(&reused, &json!({"sign": n.to_string()}));
        }
        assert_eq!(reused.0.lock().fields.len(), REMEMBERED);
        assert!(
            !is_news(&reused, &json!({"sign": "0", "id": "a"})),
            "forgotten"
        );
        assert!(is_news(&reused, &json!({"sign": "9", "id": "a"})));
    }
}
