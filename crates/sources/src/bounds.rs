//! How large one alert may be. Labels are identity, so too much of them is refused; annotations are
//! words for people, so they are cut with a note.

use std::borrow::Cow;

use balefire_core::label::{Annotations, LabelError, Labels};

/// How many labels, and how many annotations, one alert may have.
pub const MAX_PAIRS: usize = 512;
/// Longest name of a label or annotation, in bytes.
pub const MAX_NAME: usize = 1_024;
/// Longest label value, in bytes.
pub const MAX_LABEL_VALUE: usize = 16 * 1_024;
/// Longest annotation value that is kept whole, in bytes.
pub const MAX_ANNOTATION_VALUE: usize = 64 * 1_024;

/// A name with its value, borrowed from the body where possible.
pub(crate) type Pair<'a> = (Cow<'a, str>, Cow<'a, str>);

/// Packs labels, or says in Alertmanager's words why they are none.
pub(crate) fn labels(pairs: &[Pair<'_>]) -> Result<Labels, String> {
    check(pairs, "labels")?;
    if let Some((name, value)) = pairs
        .iter()
        .find(|(_, value)| value.len() > MAX_LABEL_VALUE)
    {
        let length = value.len();
        return Err(format!(
            "the value of label {name:?} has {length} bytes, more than {MAX_LABEL_VALUE}"
        ));
    }
    if pairs.iter().any(|(name, _)| name.is_empty()) {
        return Err("invalid label set: invalid name \"\"".to_owned());
    }
    let labels = Labels::from_pairs(pairs.iter().map(|(n, v)| (&**n, &**v)))
        .map_err(|error| format!("invalid label set: {error}"))?;
    if labels.is_empty() {
        return Err("at least one label pair required".to_owned());
    }
    Ok(labels)
}

/// Packs annotations; over-long values are cut at a character boundary and named in `cut`.
pub(crate) fn annotations(
    pairs: &[Pair<'_>],
    mut cut: impl FnMut(&str),
) -> Result<Annotations, String> {
    check(pairs, "annotations")?;
    let shortened = pairs.iter().map(|(name, value)| {
        if value.len() > MAX_ANNOTATION_VALUE {
            cut(name);
        }
        (&**name, up_to(value, MAX_ANNOTATION_VALUE))
    });
    Annotations::annotations(shortened).map_err(|error| match error {
        LabelError::EmptyName => "invalid annotation set: invalid name \"\"".to_owned(),
        other => format!("invalid annotation set: {other}"),
    })
}

fn check(pairs: &[Pair<'_>], what: &str) -> Result<(), String> {
    if pairs.len() > MAX_PAIRS {
        return Err(format!("{} {what}, more than {MAX_PAIRS}", pairs.len()));
    }
    match pairs.iter().find(|(name, _)| name.len() > MAX_NAME) {
        Some((name, _)) => Err(format!(
            "a name of {} bytes among the {what}, more than {MAX_NAME}: {:?}…",
            name.len(),
            up_to(name, 40)
        )),
        None => Ok(()),
    }
}

/// The longest beginning of `text` of at most `bytes` bytes that ends between characters.
pub(crate) fn up_to(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}
