//! The silences on the page.

use std::collections::HashMap;
use std::sync::Arc;

use balefire_core::alert::Lifecycle;
use balefire_core::silence::{SERIES, Series, Silence, SilenceState};
use balefire_core::time::Time;
use serde::Serialize;

use crate::console::card::cut;
use crate::console::links::Links;
use crate::console::words::{Viewer, When};
use crate::state::WebState;

/// Silences on the page that are not over; the interface and the command line have the rest.
const SHOWN: usize = 200;
/// Those that are over, to be made again.
const OVER: usize = 20;

/// The list.
#[derive(Debug, Serialize)]
pub(super) struct Listed {
    rows: Vec<Row>,
    over: Vec<Row>,
    /// How many are not shown, in words.
    more: Option<String>,
}

/// A silence.
#[derive(Debug, Serialize)]
struct Row {
    id: Arc<str>,
    matchers: Vec<String>,
    comment: String,
    by: String,
    state: SilenceState,
    state_word: String,
    starts: When,
    ends: When,
    /// How many alerts it keeps quiet now.
    quiet: usize,
    /// Whether it is one of a recurring silence's, which is ended there.
    recurs: bool,
    end: String,
    extend: String,
    again: String,
}

/// A recurring silence.
#[derive(Debug, Serialize)]
pub(super) struct Recurring {
    id: Arc<str>,
    matchers: Vec<String>,
    words: String,
    comment: String,
    by: String,
    /// When it is on next, or since when it is.
    next: Option<When>,
    end: String,
}

/// All silences that are not over, and the last that are.
pub(super) fn listed(state: &WebState, viewer: &Viewer, links: &Links) -> Listed {
    let memory = state.engine.state();
    let mut quiet: HashMap<Arc<str>, usize> = HashMap::new();
    let firing = memory
        .alerts()
        .filter(|alert| alert.lifecycle != Lifecycle::Event && !alert.resolved_at(viewer.now));
    for alert in firing {
        for id in memory.silences().mutes(&alert.labels, viewer.now) {
            *quiet.entry(id).or_default() += 1;
        }
    }
    let all = memory.silences().list(viewer.now);
    drop(memory);
    let (over, there): (Vec<_>, Vec<_>) = all
        .into_iter()
        .partition(|(state, _)| *state == SilenceState::Expired);
    let row = |(state, silence): &(SilenceState, Arc<Silence>)| {
        let count = quiet.get(&silence.id).copied().unwrap_or_default();
        row(*state, silence, count, viewer, links)
    };
    let left = there.len().saturating_sub(SHOWN);
    Listed {
        more: (left > 0).then(|| viewer.text("console-more", &[("count", left.into())])),
        rows: there.iter().take(SHOWN).map(row).collect(),
        over: over.iter().take(OVER).map(row).collect(),
    }
}

fn row(
    state: SilenceState,
    silence: &Silence,
    quiet: usize,
    viewer: &Viewer,
    links: &Links,
) -> Row {
    let matchers = matchers(&silence.matcher_sets);
    let again = links.silence_again(&matchers.join("\n"), &silence.comment);
    Row {
        id: Arc::clone(&silence.id),
        comment: cut(&silence.comment, 300),
        by: cut(&silence.created_by, 100),
        state,
        state_word: viewer.word(&format!("console-silence-{state}")),
        starts: viewer.when(silence.starts_at),
        ends: viewer.when(silence.ends_at),
        quiet,
        recurs: !silence.annotations.value(SERIES).is_empty(),
        end: links.silence_deed(&silence.id, "end"),
        extend: links.silence_deed(&silence.id, "extend"),
        again,
        matchers,
    }
}

fn matchers(sets: &[balefire_core::matcher::Matchers]) -> Vec<String> {
    let one = |matcher: &balefire_core::matcher::Matcher| cut(&matcher.to_string(), 300);
    sets.iter().flat_map(|set| set.iter().map(one)).collect()
}

/// The recurring ones that nobody has ended.
pub(super) fn recurring(series: &[Series], viewer: &Viewer, links: &Links) -> Vec<Recurring> {
    let going = series.iter().filter(|one| !one.ended);
    let row = |one: &Series| Recurring {
        id: Arc::clone(&one.id),
        matchers: matchers(&one.matcher_sets),
        words: one.words(),
        comment: cut(&one.comment, 300),
        by: cut(&one.created_by, 100),
        next: next(one, viewer.now).map(|at| viewer.when(at)),
        end: links.series_end(&one.id),
    };
    going.map(row).collect()
}

/// When it begins next, or has begun.
fn next(series: &Series, now: Time) -> Option<Time> {
    series.around(now).first().map(|window| window.from)
}
