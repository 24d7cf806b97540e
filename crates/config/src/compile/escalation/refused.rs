//! What core refuses of an escalation, told at the key it is about.

use balefire_core::escalation::{PolicyError, StepError, What};

use super::{Compiler, Named, WHOM};
use crate::compile::schedule::say;
use crate::compile::section;
use crate::problem::Path;
use crate::tree::Node;

pub(super) fn policy(compiler: &mut Compiler<'_>, named: &Named<'_>, error: &PolicyError) {
    let words = error.to_string();
    let root = section("escalations");
    let (name, key) = match error {
        PolicyError::StepCount { policy, .. } => (policy, "steps"),
        PolicyError::Repeat { policy, .. } => (policy, "repeat"),
        PolicyError::Needs { policy, .. } => (policy, "needs"),
        PolicyError::UnknownPolicy { policy, .. } => (policy, "then"),
        PolicyError::Step {
            policy,
            step,
            problem,
        } => {
            let path = root.key(policy);
            let node = compiler.find(&["escalations", policy, "steps"]);
            let index = step - 1;
            if let Some(node) = node.and_then(|steps| steps.items().get(index)) {
                let path = path.key("steps");
                self::step(compiler, named, node, &path.index(index), problem);
            }
            return;
        }
        PolicyError::Circle { circle } => {
            let Some(first) = circle.first() else { return };
            (first, "then")
        }
    };
    let node = compiler.find(&["escalations", name]);
    let value = node.and_then(|node| node.at(key)).or(node);
    let Some(value) = value else { return };
    let path = root.key(name);
    // What has no form was told already.
    if compiler.findings.any_below(&path.key(key)) {
        return;
    }
    let without = words.split_once(&format!("{key}: "));
    let words = without.map_or(&*words, |(_, rest)| rest);
    say(compiler, value.place, &path.key(key), words);
}

fn step(
    compiler: &mut Compiler<'_>,
    named: &Named<'_>,
    node: &Node,
    path: &Path<'_>,
    problem: &StepError,
) {
    let words = problem.to_string();
    let plain = |key: &str| {
        let rest = words
            .strip_prefix(key)
            .and_then(|rest| rest.strip_prefix(": "));
        rest.unwrap_or(&words).to_owned()
    };
    let place = |key: &str| node.at(key).map_or(node.place, |node| node.place);
    let key = match problem {
        StepError::NotifyCount(_) => "notify",
        StepError::Wait(_) => "wait",
        StepError::NeverTaken => "when",
        StepError::NoPeople | StepError::Unknown { .. } => "",
    };
    if !key.is_empty() && compiler.findings.any_below(&path.key(key)) {
        return;
    }
    match problem {
        StepError::NotifyCount(_) => {
            say(
                compiler,
                place("notify"),
                &path.key("notify"),
                &plain("notify"),
            );
        }
        StepError::Wait(_) => say(compiler, place("wait"), &path.key("wait"), &plain("wait")),
        StepError::NeverTaken => say(compiler, place("when"), &path.key("when"), &plain("when")),
        StepError::NoPeople => say(compiler, node.place, path, &words),
        StepError::Unknown {
            what: What::Channel,
            name,
        } => {
            let message = format!("{name:?} is no way to page anybody");
            let hint = if let Some(several) = named.ways.unclear.get(&**name) {
                let several = several.join(", ");
                format!("more than one account could be it ({several}): name one under ways")
            } else {
                let known = named.ways.routes.keys().map(|name| &**name);
                match compiler.findings.nearest(name, known) {
                    hint if hint.is_empty() => "name its account under ways".to_owned(),
                    hint => hint,
                }
            };
            let (place, path) = (place("by"), path.key("by"));
            compiler.findings.problem(place, &path, message, hint);
        }
        StepError::Unknown { what, name } => unknown(compiler, named, node, path, (*what, name)),
    }
}

/// Names an entry of `notify` that nobody is, with the nearest right one.
fn unknown(
    compiler: &mut Compiler<'_>,
    named: &Named<'_>,
    node: &Node,
    path: &Path<'_>,
    (what, name): (What, &str),
) {
    let key = match what {
        What::Person => WHOM[0],
        What::Team => WHOM[1],
        What::Schedule => WHOM[2],
        _ => WHOM[3],
    };
    let schedules = compiler.find(&["schedules"]).map(Node::entries);
    let known: Vec<&str> = match what {
        What::Person => named.people.keys().map(String::as_str).collect(),
        What::Team => named.teams.keys().map(|name| &**name).collect(),
        What::Schedule => {
            let entries = schedules.unwrap_or_default().iter();
            entries.map(|entry| entry.key.as_str()).collect()
        }
        _ => named.receivers.iter().map(|r| &*r.name).collect(),
    };
    let items = node.at("notify").map(Node::items).unwrap_or_default();
    let index = items
        .iter()
        .position(|item| item.text_at(key) == Some(name));
    let index = index.unwrap_or_default();
    let place = items.get(index).and_then(|item| item.at(key));
    let place = place.map_or(node.place, |node| node.place);
    let path = path.key("notify");
    let path = path.index(index);
    let hint = match compiler.findings.nearest(name, known) {
        hint if hint.is_empty() => "add it, or mend the name".to_owned(),
        hint => hint,
    };
    let message = format!("no {what} is named {name:?}");
    compiler
        .findings
        .problem(place, &path.key(key), message, hint);
}
