//! An operator's own template, and what can be wrong with one.

use std::fmt;

use balefire_core::message::Custom;
use serde::{Deserialize, Serialize};

/// Most bytes of one template's source.
pub const SOURCE_BYTES: usize = 64 * 1024;
/// Most bytes one template may print.
pub const OUTPUT_BYTES: usize = 64 * 1024;
/// Steps of the template engine one rendering may take.
pub const FUEL: u64 = 50_000;

/// minijinja sources, as they stand under `messages:` in the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Template {
    /// Source of the title; `None` keeps the default title.
    pub title: Option<String>,
    /// Source of everything below it; `None` keeps the default text.
    pub text: Option<String>,
}

impl Template {
    /// Whether there is nothing to render.
    pub const fn is_empty(&self) -> bool {
        self.title.is_none() && self.text.is_none()
    }

    /// The sources that are there.
    pub(crate) fn parts(&self) -> impl Iterator<Item = (Part, &str)> {
        let title = self.title.as_deref().map(|source| (Part::Title, source));
        title
            .into_iter()
            .chain(self.text.as_deref().map(|source| (Part::Text, source)))
    }
}

/// Which of a template's two sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// The title.
    Title,
    /// The text below it.
    Text,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Title => "title",
            Self::Text => "text",
        })
    }
}

/// A spot in a template's source, both numbers from 1; the column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Title or text.
    pub part: Part,
    /// Line.
    pub line: usize,
    /// Column.
    pub column: usize,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}, line {}, column {}",
            self.part, self.line, self.column
        )
    }
}

/// What a template took too much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Limit {
    /// Its source is longer than [`SOURCE_BYTES`].
    Source,
    /// It printed more than [`OUTPUT_BYTES`].
    Output,
    /// It took more than [`FUEL`] steps.
    Steps,
    /// It called itself too deeply.
    Depth,
    /// It asked for a text or list that is too large, or used up the worker's memory.
    Memory,
    /// It used up the worker's processor time.
    Processor,
    /// The alerts to render are too large for one request to a worker.
    Request,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Source => "source over 64 KiB",
            Self::Output => "output over 64 KiB",
            Self::Steps => "too many steps",
            Self::Depth => "nested too deeply",
            Self::Memory => "too much memory",
            Self::Processor => "too much processor time",
            Self::Request => "too much alert data",
        })
    }
}

/// Why a template gave no words. The default message goes out instead, whatever it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RenderError {
    /// It cannot be read.
    #[error("syntax error in the {at}: {message}")]
    Syntax {
        /// Where.
        at: Position,
        /// What is wrong.
        message: String,
    },
    /// It asks something of a value that is not there.
    #[error("undefined value in the {at}: {message}")]
    Undefined {
        /// Where.
        at: Position,
        /// What is wrong.
        message: String,
    },
    /// It went wrong otherwise: an unknown filter, a text where a number is needed.
    #[error("error in the {at}: {message}")]
    Failed {
        /// Where.
        at: Position,
        /// What is wrong.
        message: String,
    },
    /// It went over a limit.
    #[error("limit: {0}")]
    Limit(Limit),
    /// The worker died of it without saying why.
    #[error("the worker process died while rendering")]
    Died,
    /// It took too long and was stopped.
    #[error("limit: not done in time")]
    Timeout,
    /// Its last renderings all died or hung, so it is tried only now and then.
    #[error("limit: held back, because its last renderings all failed hard")]
    HeldBack,
    /// All workers are busy and enough others wait already.
    #[error("all template workers are busy")]
    Busy,
    /// No worker could be started.
    #[error("no template worker could be started: {0}")]
    Unavailable(String),
}

impl RenderError {
    /// Whether the template took more than it may have: the API answers 422 "limit".
    pub const fn is_limit(&self) -> bool {
        matches!(
            self,
            Self::Limit(_) | Self::Died | Self::Timeout | Self::HeldBack
        )
    }

    /// Where in the source, when it is at a place.
    pub const fn position(&self) -> Option<Position> {
        match self {
            Self::Syntax { at, .. } | Self::Undefined { at, .. } | Self::Failed { at, .. } => {
                Some(*at)
            }
            _ => None,
        }
    }
}

/// The outcome of a rendering.
pub type Rendered = Result<Custom, RenderError>;
