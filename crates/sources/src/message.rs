//! A message for people, from a sender that knows no alerts.
//!
//! It is told once, unless its title says that something is on or over, or its sender does and the source is set
//! to believe it: what never began cannot be over, so a "success" taken for an end would be told to nobody.

use std::borrow::Cow;

use balefire_core::severity::Severity;

use crate::draft::Draft;
use crate::generic::State;
use crate::mark;
use crate::parsed::Signal;
use crate::text;

/// A message, as far as its sender says.
#[derive(Debug)]
pub(crate) struct Message<'a> {
    /// Its heading; the first line of its words where it has none.
    pub(crate) title: Cow<'a, str>,
    /// What it says besides.
    pub(crate) words: Option<Cow<'a, str>>,
    /// How bad it is, where it says so.
    pub(crate) severity: Option<Severity>,
    /// On or over, where the sender says so by other means than its title.
    pub(crate) state: Option<State>,
}

impl<'a> Message<'a> {
    /// A message of words that may have a title; `None` when it says nothing.
    pub(crate) fn of(title: Option<Cow<'a, str>>, words: Option<Cow<'a, str>>) -> Option<Self> {
        let first = |words: &Cow<'a, str>| {
            let mut lines = words.lines().map(str::trim);
            lines.find(|line| !line.is_empty()).map(str::to_owned)
        };
        let same = words.is_some() && words == title;
        let title = match title {
            Some(title) => title,
            None => Cow::Owned(words.as_ref().and_then(first)?),
        };
        Some(Self {
            title,
            words: words.filter(|_| !same),
            severity: None,
            state: None,
        })
    }

    /// The draft of its alert. `place` is where it was said: the same title elsewhere is another alert.
    pub(crate) fn draft(self, place: &str) -> Draft<'a> {
        let marked = mark::read(&self.title);
        let signal = match marked.state.or(self.state) {
            Some(State::Firing) => Signal::Firing,
            Some(State::Resolved) => Signal::Resolved,
            Some(State::Acknowledged) | None => Signal::Event,
        };
        let name = text::title(marked.title).into_owned();
        let mut draft = Draft::new("", signal);
        if signal != Signal::Event {
            draft.dedup(format!("{place}/{name}"));
        }
        if let Some(severity) = self.severity {
            draft.severity(severity);
        }
        draft.annotation("summary", marked.title.to_owned());
        if let Some(words) = self.words {
            let words = words.trim();
            if words != marked.title && !words.is_empty() {
                draft.annotation("description", words.to_owned());
            }
        }
        draft.label("alertname", name);
        draft
    }
}
