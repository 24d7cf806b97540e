//! `${env:NAME}` and `${file:PATH}` in scalars, after parsing, so that a value can never change the
//! document's structure. `$${env:` and `$${file:` stand for the text itself; every other `$` stays
//! as it is, because Alertmanager's documents may hold any.

pub mod files;

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path as FilePath, PathBuf};

use crate::problem::{Findings, Path, nearest};
use crate::tree::{Node, Scalar, Shape};

/// Bytes of the largest secret file that is read.
pub const LARGEST_SECRET: u64 = 64 * 1024;

/// The environment as the document sees it; handed in, so that tests and the binary decide.
pub trait Env {
    /// The value of a variable; `None` when it is not set.
    fn variable(&self, name: &str) -> Option<String>;

    /// The names that are set, for the hint at a typing error; may be empty.
    fn names(&self) -> Vec<String> {
        Vec::new()
    }
}

/// An environment of given variables.
impl Env for std::collections::BTreeMap<String, String> {
    fn variable(&self, name: &str) -> Option<String> {
        self.get(name).cloned()
    }

    fn names(&self) -> Vec<String> {
        self.keys().cloned().collect()
    }
}

/// Where the expansions' values come from.
pub struct Surroundings<'a> {
    /// The environment.
    pub env: &'a dyn Env,
    /// The folder that relative paths start from: the document's own, as in Alertmanager.
    pub folder: PathBuf,
}

/// Why a file could not be used as a value.
#[derive(Debug, thiserror::Error)]
pub enum FileProblem {
    /// It is not there or not readable.
    #[error("the file {path:?} cannot be read: {reason}")]
    Unreadable {
        /// The path as it was tried.
        path: String,
        /// What the system says.
        reason: String,
    },
    /// It is a folder, device or pipe.
    #[error("{0:?} is not a regular file")]
    NotAFile(String),
    /// It is larger than [`LARGEST_SECRET`].
    #[error("the file {0:?} is larger than {LARGEST_SECRET} bytes")]
    TooLarge(String),
    /// It is not UTF-8 text.
    #[error("the file {0:?} is not UTF-8 text")]
    NotText(String),
    /// There is nothing in it.
    #[error("the file {0:?} is empty")]
    Empty(String),
}

impl Surroundings<'_> {
    /// A path of the document, relative to its folder.
    pub fn resolve(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }

    /// The text of a file without the line break at its end.
    pub fn read(&self, path: &str) -> Result<String, FileProblem> {
        read(&self.resolve(path))
    }
}

fn read(path: &FilePath) -> Result<String, FileProblem> {
    let shown = || path.display().to_string();
    let unreadable = |error: std::io::Error| FileProblem::Unreadable {
        path: shown(),
        reason: match error.kind() {
            ErrorKind::NotFound => "it is not there".to_owned(),
            kind => kind.to_string(),
        },
    };
    // Asked before opening: opening a pipe would wait for its writer.
    if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(FileProblem::NotAFile(shown()));
    }
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(LARGEST_SECRET + 1).read_to_end(&mut bytes))
        .map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST_SECRET {
        return Err(FileProblem::TooLarge(shown()));
    }
    let text = String::from_utf8(bytes).map_err(|_| FileProblem::NotText(shown()))?;
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() {
        Err(FileProblem::Empty(shown()))
    } else {
        Ok(text.to_owned())
    }
}

/// Expands every scalar below `node`; what is missing is noted and stays as written.
pub fn expand(
    node: &mut Node,
    path: &Path<'_>,
    around: &Surroundings<'_>,
    findings: &mut Findings,
) {
    let place = node.place;
    match &mut node.shape {
        Shape::Null => {}
        Shape::List(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                expand(item, &path.index(index), around, findings);
            }
        }
        Shape::Map(entries) => {
            for entry in entries {
                expand(&mut entry.value, &path.key(&entry.key), around, findings);
            }
        }
        Shape::Scalar(scalar) => match expanded(&scalar.text, around) {
            Ok(None) => {}
            Ok(Some(text)) => {
                let written = std::mem::replace(
                    scalar,
                    Scalar {
                        text,
                        plain: false,
                        written: None,
                    },
                );
                scalar.plain = written.plain;
                scalar.written = Some(written.text.into());
            }
            Err(missing) => {
                for (message, hint) in missing {
                    findings.problem(place, path, message, hint);
                }
                findings.settle(place);
            }
        },
    }
}

type Missing = Vec<(String, String)>;

/// The text with its references replaced; `None` when there are none.
fn expanded(text: &str, around: &Surroundings<'_>) -> Result<Option<String>, Missing> {
    if !text.contains("${env:") && !text.contains("${file:") {
        return Ok(None);
    }
    let mut out = String::with_capacity(text.len());
    let mut missing = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let (before, reference) = rest.split_at(start);
        let ours = reference.starts_with("${env:") || reference.starts_with("${file:");
        if !ours {
            out.push_str(before);
            out.push_str("${");
            rest = &reference[2..];
            continue;
        }
        if let Some(kept) = before.strip_suffix('$') {
            out.push_str(kept);
            out.push_str("${");
            rest = &reference[2..];
            continue;
        }
        out.push_str(before);
        let Some(end) = reference.find('}') else {
            missing.push(("a \"${\" without its \"}\"".to_owned(), escape_hint()));
            break;
        };
        match value(&reference[2..end], around) {
            Ok(value) => out.push_str(&value),
            Err(problem) => missing.push(problem),
        }
        rest = &reference[end + 1..];
    }
    out.push_str(rest);
    if missing.is_empty() {
        Ok(Some(out))
    } else {
        Err(missing)
    }
}

fn escape_hint() -> String {
    "write $${ for the text itself".to_owned()
}

/// The value of `env:NAME` or `file:PATH`.
fn value(reference: &str, around: &Surroundings<'_>) -> Result<String, (String, String)> {
    if let Some(path) = reference.strip_prefix("file:") {
        return around
            .read(path)
            .map_err(|problem| (problem.to_string(), String::new()));
    }
    let name = reference.strip_prefix("env:").unwrap_or(reference);
    around.env.variable(name).ok_or_else(|| {
        let names = around.env.names();
        let hint = nearest(name, names.iter().map(String::as_str));
        // The list of all variables of an environment is nobody's business.
        let hint = if hint.starts_with("did") {
            hint
        } else {
            escape_hint()
        };
        (
            format!("the environment variable {name:?} is not set"),
            hint,
        )
    })
}

#[cfg(test)]
mod tests;
