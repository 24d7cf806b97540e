//! Why something was grouped, told and told now, from the decision's record.

use std::collections::BTreeSet;

use balefire_core::dispatch::{Dispatch, FlushRecord, Verdict};
use balefire_core::duration;
use balefire_core::route::Route;
use balefire_engine::history::{Story, Told, ToldGroup};
use balefire_store::Notification;
use serde::Serialize;

use super::card::{Bench, cut};

/// Alerts, silences and the like that are named.
const NAMED: usize = 4;

/// One line of the explanation.
#[derive(Debug, Default, Serialize)]
pub(super) struct Fact {
    name: String,
    value: String,
    href: Option<String>,
    /// Whether the value is a name of ours, shown in a fixed-width face.
    code: bool,
}

/// The lines that explain a notification.
pub(super) fn facts(bench: &Bench<'_>, row: &Notification, story: &Story) -> Vec<Fact> {
    let viewer = bench.viewer;
    let mut facts = Vec::new();
    let mut fact = |key: &str, value: String, href: Option<String>, code: bool| {
        let name = viewer.word(key);
        facts.push(Fact {
            name,
            value,
            href,
            code,
        });
    };
    match &story.told {
        Told::Group(group) => {
            fact(
                "console-reason",
                viewer.word(&reason_key(group.reason())),
                None,
                false,
            );
            let key = group.key();
            let href = bench.links.group(&key);
            fact("console-group", key, Some(href), true);
            let route = format!("{} → {}", group.route_key(), row.receiver);
            fact("console-route", route, None, true);
            if let Some(timing) = timing(bench, row.group, group) {
                fact("console-timing", timing, None, true);
            }
            if let Some(origin) = group.origin() {
                fact("console-fallback", origin.to_string(), None, true);
            }
            for (key, value) in quiet(bench, story.flush(row.group)) {
                fact(key, value, None, false);
            }
        }
        Told::Message(_) => fact(
            "console-reason",
            viewer.word("console-reason-direct"),
            None,
            false,
        ),
        Told::Unreadable => {}
    }
    if let Some(decided) = &story.decided {
        let value = viewer.text(
            "console-decision-value",
            &[
                ("seq", decided.seq.to_string().into()),
                ("at", viewer.reader.time(decided.at).into()),
                ("version", decided.config_version.to_string().into()),
            ],
        );
        fact("console-decision", value, None, false);
    }
    facts
}

/// The text's key of one of Alertmanager's reasons.
pub(super) fn reason_key(reason: &str) -> String {
    let word = match reason {
        "first notification" => "first",
        "new alerts added" => "new",
        "some alerts resolved" => "some-resolved",
        "all alerts resolved" => "all-resolved",
        _ => "repeat",
    };
    format!("console-reason-{word}")
}

/// The waits of the group's route, as configured now.
fn timing(bench: &Bench<'_>, id: u64, group: &ToldGroup) -> Option<String> {
    let memory = bench.state.engine.state();
    let in_memory = memory.group(balefire_core::dispatch::GroupId(id));
    let route: &Route = if let Some(group) = in_memory {
        group.route()
    } else {
        let routes = &memory.rules().routes;
        routes.route(routes.find(group.route_key(), 0)?)?
    };
    Some(format!(
        "group_wait {} · group_interval {} · repeat_interval {}",
        duration::format(route.group_wait),
        duration::format(route.group_interval),
        duration::format(route.repeat_interval),
    ))
}

/// What kept others of the same group quiet.
fn quiet(bench: &Bench<'_>, flush: Option<&FlushRecord>) -> Vec<(&'static str, String)> {
    let Some(flush) = flush else {
        return Vec::new();
    };
    let memory = bench.state.engine.state();
    let mut lines = Vec::new();
    if let Some(mute) = &flush.muted {
        lines.push(("console-muted", mute.names().join(", ")));
    }
    let mut silences = BTreeSet::new();
    let mut inhibitors = BTreeSet::new();
    for judged in &flush.alerts {
        match &judged.verdict {
            Verdict::Silenced(ids) => silences.extend(ids.iter().cloned()),
            Verdict::Inhibited(by) => {
                inhibitors.insert(*by);
            }
            Verdict::Passed | Verdict::Muted | Verdict::OverInQuiet | Verdict::Flapping { .. } => {}
        }
    }
    for id in silences.iter().take(NAMED) {
        lines.push(("console-silenced", silence_words(bench, &memory, id)));
    }
    for by in inhibitors.iter().take(NAMED) {
        let name = memory.alert(*by).map(|alert| alert.labels.to_string());
        lines.push((
            "console-inhibited",
            cut(&name.unwrap_or_else(|| by.to_string()), 200),
        ));
    }
    lines
}

/// A silence in one line: why, by whom, until when.
pub(super) fn silence_words(bench: &Bench<'_>, memory: &Dispatch, id: &str) -> String {
    let Some(silence) = memory.silences().get(id) else {
        return id.to_owned();
    };
    bench.viewer.text(
        "console-silence-words",
        &[
            ("comment", cut(&silence.comment, 120).into()),
            ("by", cut(&silence.created_by, 60).into()),
            ("until", bench.viewer.reader.time(silence.ends_at).into()),
        ],
    )
}
