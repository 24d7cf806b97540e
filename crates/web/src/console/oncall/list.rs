//! A calendar as a list: shifts and gaps in order, each with what says so and a way to take it over.

use balefire_config::plan::Plan;
use balefire_core::schedule::{Schedule, Stretch};
use balefire_core::time::Time;
use serde::Serialize;

use super::asked::View;
use super::{clock, names};
use crate::console::links::Links;
use crate::console::words::Viewer;

/// Shifts that are listed.
const SHOWN: usize = 200;

/// A shift or a gap.
#[derive(Debug, Serialize)]
pub(super) struct Item {
    from: String,
    to: String,
    who: String,
    /// What says so.
    by: String,
    is_gap: bool,
    is_now: bool,
    /// Where the form begins with this time; empty for what is over.
    take_over: String,
}

pub(super) fn list(
    schedule: &Schedule,
    plan: &Plan,
    viewer: &Viewer,
    (within, view, links): (Stretch, View, &Links),
) -> Vec<Item> {
    let shifts = schedule.shifts(within.from, within.to).unwrap_or_default();
    let mut items = Vec::new();
    let mut covered = within.from;
    let make = |from: Time, to: Time, people: Option<(String, String)>| {
        let when = Stretch::new(from, to)?;
        let is_gap = people.is_none();
        let (who, by) = people.unwrap_or_else(|| {
            let nobody = viewer.word("console-oncall-nobody");
            (nobody, viewer.word("console-oncall-gap"))
        });
        let begin = from.max(viewer.now).to_string();
        let pairs = [
            ("view", view.as_str()),
            ("from", &begin),
            ("to", &to.to_string()),
        ];
        Some(Item {
            from: clock(schedule.zone(), from),
            to: clock(schedule.zone(), to),
            who,
            by,
            is_gap,
            is_now: when.contains(viewer.now),
            take_over: if to > viewer.now {
                format!("{}#book", links.schedule(schedule.name(), &pairs))
            } else {
                String::new()
            },
        })
    };
    for shift in shifts.iter().take(SHOWN) {
        items.extend(make(covered, shift.stretch.from, None));
        let by = match (&shift.overrides[..], shift.layer) {
            ([], Some(layer)) => schedule.layer_name(layer).to_string(),
            ([], None) => String::new(),
            _ => viewer.word("console-oncall-override"),
        };
        let who = names(plan, &shift.people);
        items.extend(make(shift.stretch.from, shift.stretch.to, Some((who, by))));
        covered = shift.stretch.to;
    }
    if shifts.len() <= SHOWN {
        items.extend(make(covered, within.to, None));
    }
    items
}
