//! The form that makes a silence, and what it would keep quiet.

use balefire_core::alert::Lifecycle;
use balefire_core::matcher::Matchers;
use serde::Serialize;
use url::form_urlencoded;

use crate::api::v1::silence::matchers;
use crate::console::card::cut;
use crate::console::form::Sent;
use crate::console::shell::links;
use crate::console::words::Viewer;
use crate::state::WebState;

/// Longest field that is taken from an address, in bytes.
const FIELD: usize = 4096;
/// Alerts that are named.
const NAMED: usize = 10;
/// How long a silence is when nothing is said.
const USUAL: &str = "2h";

/// What is in the fields. People edit addresses by hand, so what is not known is passed over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Draft {
    pub(super) lang: Option<String>,
    /// One matcher a line.
    pub(super) matchers: String,
    pub(super) comment: String,
    pub(super) by: String,
    /// How long, such as `2h`.
    pub(super) duration: String,
    pub(super) days: String,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) timezone: String,
    /// A rule of repetition, whose first time `from` is.
    pub(super) rule: String,
}

impl Draft {
    /// Of a page's address.
    pub(super) fn of(query: Option<&str>) -> Self {
        let mut draft = Self::default();
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()).take(16) {
            if value.is_empty() || value.len() > FIELD {
                continue;
            }
            let value = value.into_owned();
            match &*name {
                "lang" => draft.lang = Some(value),
                "matchers" => draft.matchers = value,
                "comment" => draft.comment = value,
                "by" => draft.by = value,
                "duration" => draft.duration = value,
                "days" => draft.days = value,
                "from" => draft.from = value,
                "to" => draft.to = value,
                "timezone" => draft.timezone = value,
                "rule" => draft.rule = value,
                _ => {}
            }
        }
        draft
    }

    /// Of a form that was sent.
    pub(super) fn sent(sent: &Sent) -> Self {
        let text = |field: &str| sent.text(field).trim().to_owned();
        Self {
            lang: None,
            matchers: text("matchers"),
            comment: text("comment"),
            by: text("by"),
            duration: text("duration"),
            days: text("days"),
            from: text("from"),
            to: text("to"),
            timezone: text("timezone"),
            rule: text("rule"),
        }
    }

    /// The matchers, one or several a line.
    pub(super) fn lines(&self) -> Vec<String> {
        let lines = self.matchers.lines().map(str::trim);
        lines
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect()
    }
}

/// The form as the page shows it.
#[derive(Debug, Serialize)]
pub(super) struct Form {
    look: String,
    make: String,
    repeat: String,
    matchers: String,
    comment: String,
    by: String,
    duration: String,
    days: String,
    from: String,
    to: String,
    timezone: String,
    rule: String,
    /// What it would keep quiet now; absent while no matchers are there.
    effect: Option<Effect>,
    /// What is wrong with it.
    pub(super) error: Option<String>,
    /// The word to type, since so much would be quiet or for so long; absent when none is wanted.
    pub(super) confirm: Option<Confirm>,
}

/// A word that has to be typed before it is done.
#[derive(Debug, Serialize)]
pub(super) struct Confirm {
    /// Why.
    pub(super) why: String,
    /// The word.
    pub(super) word: String,
}

/// What matchers would keep quiet now.
#[derive(Debug, Serialize)]
pub(super) struct Effect {
    words: String,
    named: Vec<String>,
    more: usize,
}

impl Form {
    pub(super) fn of(state: &WebState, viewer: &Viewer, draft: Draft) -> Self {
        let links = links(state, viewer);
        let (effect, error) = match draft.lines() {
            none if none.is_empty() => (None, None),
            texts => match matchers(&texts) {
                Ok(set) => (Some(effect(state, viewer, &set)), None),
                Err(problem) => (None, Some(problem.detail)),
            },
        };
        let or = |text: String, usual: &str| {
            if text.is_empty() {
                usual.to_owned()
            } else {
                text
            }
        };
        let zone = viewer.reader.zone.as_str();
        Self {
            look: links.silences(),
            make: links.silences_deed("make"),
            repeat: links.silences_deed("repeat"),
            matchers: draft.matchers,
            comment: draft.comment,
            by: draft.by,
            duration: or(draft.duration, USUAL),
            days: draft.days,
            from: draft.from,
            to: draft.to,
            timezone: or(draft.timezone, zone),
            rule: draft.rule,
            effect,
            error,
            confirm: None,
        }
    }
}

/// How many alerts fire now, and how many of them some matchers pass.
pub(super) fn counted(state: &WebState, viewer: &Viewer, set: &Matchers) -> (usize, usize) {
    let memory = state.engine.state();
    let firing = memory
        .alerts()
        .filter(|alert| alert.lifecycle != Lifecycle::Event && !alert.resolved_at(viewer.now));
    firing.fold((0, 0), |(all, quiet), alert| {
        (all + 1, quiet + usize::from(set.matches(&alert.labels)))
    })
}

fn effect(state: &WebState, viewer: &Viewer, set: &Matchers) -> Effect {
    let (all, quiet) = counted(state, viewer, set);
    let named: Vec<String> = {
        let memory = state.engine.state();
        let firing = memory.alerts().filter(|alert| {
            alert.lifecycle != Lifecycle::Event
                && !alert.resolved_at(viewer.now)
                && set.matches(&alert.labels)
        });
        let labels = firing.map(|alert| cut(&alert.labels.to_string(), 200));
        labels.take(NAMED).collect()
    };
    let arguments = [("quiet", quiet.into()), ("all", all.into())];
    Effect {
        words: viewer.text("console-silence-effect", &arguments),
        more: quiet.saturating_sub(named.len()),
        named,
    }
}
