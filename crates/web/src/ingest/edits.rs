//! What an alert says once a sender has changed it. Labels stay, but for the severity: they are what the alert is.

use balefire_core::alert::Alert;
use balefire_core::label::{Annotations, Labels};
use balefire_sources::ask::{Edit, list_text, listed};

/// Longest value that is put to an alert so, in bytes.
const LONGEST: usize = 16_384;
/// Most annotations that an alert comes to have so.
const MOST: usize = 128;

/// Labels and annotations as they are then, and what changed, in words.
pub(super) fn edited(alert: &Alert, edit: &Edit) -> (Labels, Annotations, String) {
    let (labels, annotations) = (&alert.labels, &alert.annotations);
    let same = || labels.clone();
    match edit {
        Edit::Summary(text) => (
            same(),
            with(annotations, &[("summary", text)], &[]),
            format!("message: {text}"),
        ),
        Edit::Description(text) => (
            same(),
            with(annotations, &[("description", text)], &[]),
            format!("description: {text}"),
        ),
        Edit::Severity(severity) => {
            let word = severity.as_str();
            let rest = labels.iter().filter(|(name, _)| *name != "severity");
            let all = rest.chain([("severity", word)]);
            let changed = Labels::from_pairs(all).unwrap_or_else(|_| same());
            (changed, annotations.clone(), format!("severity: {word}"))
        }
        Edit::List { name, add, remove } => {
            let mut words = listed(labels, annotations, name);
            words.retain(|word| !remove.iter().any(|gone| gone == word));
            for word in add {
                if !words.contains(&word.as_str()) {
                    words.push(word);
                }
            }
            let said = format!("{name}: {}", words.join(", "));
            let text = list_text(&words);
            (same(), with(annotations, &[(name, &text)], &[]), said)
        }
        Edit::Details { put, remove } => {
            let pairs: Vec<(&str, &str)> = put
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect();
            let names = pairs.iter().map(|(name, value)| format!("{name}: {value}"));
            let gone = remove.iter().map(|name| format!("{name} was taken away"));
            let said: Vec<String> = names.chain(gone).collect();
            (same(), with(annotations, &pairs, remove), said.join(", "))
        }
    }
}

/// Annotations with some that come and some that go; as they were where a name or a value cannot be one, or there
/// would be too many.
fn with(annotations: &Annotations, put: &[(&str, &str)], remove: &[String]) -> Annotations {
    let stays = |name: &str| {
        !put.iter().any(|(new, _)| *new == name) && !remove.iter().any(|gone| gone == name)
    };
    let rest = annotations.iter().filter(|(name, _)| stays(name));
    let all: Vec<(&str, &str)> = rest
        .chain(
            put.iter()
                .map(|(name, value)| (*name, &value[..value.floor_char_boundary(LONGEST)])),
        )
        .collect();
    if all.len() > MOST {
        return annotations.clone();
    }
    Annotations::annotations(all).unwrap_or_else(|_| annotations.clone())
}
