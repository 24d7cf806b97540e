//! How a message sounds: its colour and sign, the same meaning on every platform.

use balefire_core::message::{Message, Occasion};
use balefire_core::severity::Severity;

/// The tone of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// People are affected.
    Critical,
    /// Something does not work.
    Error,
    /// Will become a problem.
    Warning,
    /// Worth knowing.
    Info,
    /// It is over.
    Good,
}

impl Tone {
    /// Good when all is over, else by severity.
    pub(crate) fn of(message: &Message) -> Self {
        match (message.occasion, message.severity) {
            (Occasion::Resolved, _) => Self::Good,
            (_, Severity::Critical) => Self::Critical,
            (_, Severity::Error) => Self::Error,
            (_, Severity::Warning) => Self::Warning,
            (_, Severity::Info) => Self::Info,
        }
    }

    /// A sign that shows the tone where there are no colours, and to people who do not see them.
    pub(crate) const fn sign(self) -> &'static str {
        match self {
            Self::Critical => "🔴",
            Self::Error => "🟠",
            Self::Warning => "🟡",
            Self::Info => "🔵",
            Self::Good => "✅",
        }
    }
}
