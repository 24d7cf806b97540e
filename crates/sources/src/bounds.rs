//! How large one alert may be. Labels are identity, so too much of them is refused; annotations are
//! words for people, so they are cut with a note.

use std::borrow::Cow;

use balefire_core::label::{Annotations, LabelError, Labels};

use crate::parsed::{Complaint, ComplaintKind};

/// How many labels, and how many annotations, one alert may have.
pub const MAX_PAIRS: usize = 512;
/// Longest name of a label or annotation, in bytes.
pub const MAX_NAME: usize = 1_024;
/// Longest label value, in bytes.
pub const MAX_LABEL_VALUE: usize = 16 * 1_024;
/// Longest annotation value that is kept whole, in bytes.
pub const MAX_ANNOTATION_VALUE: usize = 64 * 1_024;

/// Why pairs are no labels or annotations.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unfit {
    kind: ComplaintKind,
    problem: String,
}

impl Unfit {
    /// Breaks one of Alertmanager's rules, and says so in its words.
    fn domain(problem: impl Into<String>) -> Self {
        let kind = ComplaintKind::Domain;
        let problem = problem.into();
        Self { kind, problem }
    }

    /// Is over one of the bounds of this module.
    fn bound(problem: String) -> Self {
        let kind = ComplaintKind::Bound;
        Self { kind, problem }
    }

    /// The complaint about what stands at `path`.
    pub(crate) fn at(self, path: String) -> Complaint {
        Complaint::of(self.kind, path, self.problem)
    }
}

/// A name with its value, borrowed from the body where possible.
pub(crate) type Pair<'a> = (Cow<'a, str>, Cow<'a, str>);

/// Packs labels, or says in Alertmanager's words why they are none.
pub(crate) fn labels(pairs: &[Pair<'_>]) -> Result<Labels, Unfit> {
    check(pairs, "labels")?;
    if let Some((name, value)) = pairs
        .iter()
        .find(|(_, value)| value.len() > MAX_LABEL_VALUE)
    {
        let length = value.len();
        return Err(Unfit::bound(format!(
            "the value of label {name:?} has {length} bytes, more than {MAX_LABEL_VALUE}"
        )));
    }
    if pairs.iter().any(|(name, _)| name.is_empty()) {
        return Err(Unfit::domain("invalid label set: invalid name \"\""));
    }
    let labels = Labels::from_pairs(pairs.iter().map(|(n, v)| (&**n, &**v)))
        .map_err(|error| Unfit::domain(format!("invalid label set: {error}")))?;
    if labels.is_empty() {
        return Err(Unfit::domain("at least one label pair required"));
    }
    Ok(labels)
}

/// Packs annotations; over-long values are cut at a character boundary and named in `cut`.
pub(crate) fn annotations(
    pairs: &[Pair<'_>],
    mut cut: impl FnMut(&str),
) -> Result<Annotations, Unfit> {
    check(pairs, "annotations")?;
    let shortened = pairs.iter().map(|(name, value)| {
        if value.len() > MAX_ANNOTATION_VALUE {
            cut(name);
        }
        (&**name, up_to(value, MAX_ANNOTATION_VALUE))
    });
    Annotations::annotations(shortened).map_err(|error| match error {
        LabelError::EmptyName => Unfit::domain("invalid annotation set: invalid name \"\""),
        other => Unfit::domain(format!("invalid annotation set: {other}")),
    })
}

fn check(pairs: &[Pair<'_>], what: &str) -> Result<(), Unfit> {
    if pairs.len() > MAX_PAIRS {
        let problem = format!("{} {what}, more than {MAX_PAIRS}", pairs.len());
        return Err(Unfit::bound(problem));
    }
    match pairs.iter().find(|(name, _)| name.len() > MAX_NAME) {
        Some((name, _)) => Err(Unfit::bound(format!(
            "a name of {} bytes among the {what}, more than {MAX_NAME}: {:?}…",
            name.len(),
            up_to(name, 40)
        ))),
        None => Ok(()),
    }
}

/// The longest beginning of `text` of at most `bytes` bytes that ends between characters.
pub(crate) fn up_to(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}
