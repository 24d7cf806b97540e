//! `legacy.apptools.reminders`: when reminders are told.

use std::time::Duration;

use balefire_core::reminder::Settings;

use super::super::{Compiler, span};
use super::{number, whole};
use crate::legacy::Reminders;
use crate::problem::Path;
use crate::tree::Node;

/// More often is a load without use, more seldom may miss the hours.
const INTERVALS: (Duration, Duration) = (Duration::from_secs(1), Duration::from_hours(1));

/// What a tool box says of reminders.
pub(super) fn compile(compiler: &mut Compiler<'_>, tools: &Node, path: &Path<'_>) -> Reminders {
    let usual = Reminders::default();
    let Some(node) = tools.at("reminders") else {
        return usual;
    };
    let path = path.key("reminders");
    let settings = Settings {
        from: number(node, "from").unwrap_or(usual.settings.from),
        to: number(node, "to").unwrap_or(usual.settings.to),
        stages: node.at("stages").map_or(usual.settings.stages, |list| {
            list.items().iter().filter_map(whole).collect()
        }),
        overdue: node.text_at("overdue") == Some("daily"),
    };
    if settings.from >= settings.to {
        let (from, to) = (settings.from, settings.to);
        let message = format!("from {from} to {to} o'clock there is no hour to tell reminders in");
        let place = node.at("from").or(node.at("to")).unwrap_or(node).place;
        let hint = "let from be before to, such as from: 9, to: 18";
        compiler
            .findings
            .problem(place, &path.key("from"), message, hint);
    }
    let interval = node.at("interval").and_then(|at| Some((at, span(at)?)));
    if let Some((at, every)) = interval
        && !(INTERVALS.0..=INTERVALS.1).contains(&every)
    {
        let message = "reminders are not looked at so often or so seldom".to_owned();
        let hint = "an interval is between 1s and 1h";
        compiler
            .findings
            .problem(at.place, &path.key("interval"), message, hint);
    }
    Reminders {
        settings,
        interval: interval.map_or(usual.interval, |(_, every)| every),
    }
}
