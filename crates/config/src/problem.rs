//! What is wrong with a document, where, and what would be right.
//!
//! Everything that reads the document reports into one [`Findings`], so that a person sees all
//! problems at once. Values of secret keys never get into a message.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

/// Most problems that are kept; a document with more is broken as a whole.
const MOST_PROBLEMS: usize = 500;

/// A place in the document's text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// One thing that is wrong (or, among the warnings, questionable).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The document's name as it was given.
    pub file: Arc<str>,
    /// Where.
    pub place: Place,
    /// The key, as in `receivers[0].slack_configs[1].channel`; empty for the whole document.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// What would be right; empty when there is nothing sensible to say.
    pub hint: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}:{}: ",
            self.file, self.place.line, self.place.column
        )?;
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)?;
        if !self.hint.is_empty() {
            write!(f, "; {}", self.hint)?;
        }
        Ok(())
    }
}

/// All that has been found so far.
#[derive(Debug)]
pub struct Findings {
    file: Arc<str>,
    problems: Vec<Problem>,
    warnings: Vec<Problem>,
    settled: HashSet<Place>,
}

impl Findings {
    /// Nothing found yet in the document of this name.
    pub fn new(file: &str) -> Self {
        Self {
            file: file.into(),
            problems: Vec::new(),
            warnings: Vec::new(),
            settled: HashSet::new(),
        }
    }

    /// Notes something that makes the document unusable.
    pub fn problem(
        &mut self,
        place: Place,
        path: &Path<'_>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        if self.problems.len() < MOST_PROBLEMS && !self.settled.contains(&place) {
            let problem = self.found(place, path, message.into(), hint.into());
            self.problems.push(problem);
        }
    }

    /// Takes no more problems at this place: its value is missing, and all else follows from that.
    pub fn settle(&mut self, place: Place) {
        self.settled.insert(place);
    }

    /// Notes something that works, though perhaps not as meant.
    pub fn warning(
        &mut self,
        place: Place,
        path: &Path<'_>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        if self.warnings.len() < MOST_PROBLEMS {
            let warning = self.found(place, path, message.into(), hint.into());
            self.warnings.push(warning);
        }
    }

    /// [`nearest`], as long as anybody will read it: a document with too many problems is not worth
    /// the search.
    pub fn nearest<'c>(&self, word: &str, candidates: impl IntoIterator<Item = &'c str>) -> String {
        if self.problems.len() < MOST_PROBLEMS {
            nearest(word, candidates)
        } else {
            String::new()
        }
    }

    fn found(&self, place: Place, path: &Path<'_>, message: String, hint: String) -> Problem {
        Problem {
            file: Arc::clone(&self.file),
            place,
            path: path.to_string(),
            message,
            hint,
        }
    }

    /// How many problems there are; compared before and after, it tells whether a step found any.
    pub fn count(&self) -> usize {
        self.problems.len()
    }

    /// Whether a problem lies at this path or below it.
    pub fn any_below(&self, path: &Path<'_>) -> bool {
        let prefix = path.to_string();
        self.problems.iter().any(|problem| {
            problem
                .path
                .strip_prefix(prefix.as_str())
                .is_some_and(|rest| {
                    rest.is_empty() || prefix.is_empty() || rest.starts_with(['.', '['])
                })
        })
    }

    /// Problems and warnings, each in the order of the text.
    pub fn sorted(mut self) -> (Vec<Problem>, Vec<Problem>) {
        for list in [&mut self.problems, &mut self.warnings] {
            list.sort_by(|a, b| a.place.cmp(&b.place).then_with(|| a.path.cmp(&b.path)));
            list.dedup();
        }
        (self.problems, self.warnings)
    }
}

/// The way from the root to a node: cheap to extend, printed only when something is wrong.
#[derive(Clone, Copy, Debug)]
pub enum Path<'a> {
    /// The whole document.
    Root,
    /// Below a key.
    Key(&'a Path<'a>, &'a str),
    /// An element of a list, from 0.
    Index(&'a Path<'a>, usize),
    /// A path that was printed before.
    Printed(&'a str),
}

impl<'a> Path<'a> {
    /// The node at a key below this one.
    #[must_use]
    pub const fn key(&'a self, key: &'a str) -> Self {
        Self::Key(self, key)
    }

    /// An element of this list.
    #[must_use]
    pub const fn index(&'a self, index: usize) -> Self {
        Self::Index(self, index)
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Printed(text) => f.write_str(text),
            Self::Key(parent, key) => {
                parent.fmt(f)?;
                let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | '@');
                if key.is_empty() || !key.chars().all(plain) {
                    return write!(f, "[{key:?}]");
                }
                if matches!(parent, Path::Root) {
                    write!(f, "{key}")
                } else {
                    write!(f, ".{key}")
                }
            }
            Self::Index(parent, index) => {
                parent.fmt(f)?;
                write!(f, "[{index}]")
            }
        }
    }
}

/// `did you mean "pager"?` when one of the candidates is close to the word, else the list of them
/// when it is short, else nothing.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    let mut known: Vec<&str> = candidates.into_iter().collect();
    known.sort_unstable();
    known.dedup();
    // A word of a page's length has no near neighbour worth the quadratic search.
    let close = (word.len() <= 64)
        .then(|| {
            known
                .iter()
                .map(|candidate| (strsim::damerau_levenshtein(word, candidate), *candidate))
                .min()
        })
        .flatten()
        .filter(|(distance, candidate)| *distance <= 1 + candidate.chars().count() / 4);
    match close {
        Some((_, candidate)) => format!("did you mean {candidate:?}?"),
        None if known.is_empty() => String::new(),
        None if known.len() <= 12 => format!("known: {}", known.join(", ")),
        None => String::new(),
    }
}
