//! `escalations`: who is paged next when nobody answers.
//!
//! The rules are `balefire_core::escalation`'s; here the document becomes its words, and what it refuses is told at the line
//! where it stands.

mod refused;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use balefire_core::escalation::{Known, Notify, Page, Policies, PolicySpec, StepSpec, When};
use balefire_core::interval::Interval;

use super::ways::Ways;
use super::{Compiler, section};
use crate::check::said;
use crate::plan::{Person, Receiver};
use crate::problem::Path;
use crate::tree::Node;

/// What escalations may name.
pub(super) struct Named<'n> {
    pub(super) people: &'n BTreeMap<String, Person>,
    pub(super) teams: &'n BTreeMap<Arc<str>, Vec<Arc<str>>>,
    pub(super) ways: &'n Ways,
    pub(super) intervals: &'n BTreeMap<String, Vec<Interval>>,
    pub(super) receivers: &'n [Receiver],
}

/// What an entry of `notify` may name.
const WHOM: [&str; 4] = ["person", "team", "schedule", "receiver"];

/// The escalations; none when something is wrong with one of them, which is noted.
pub(super) fn compile(compiler: &mut Compiler<'_>, named: &Named<'_>) -> Policies {
    let entries = compiler
        .find(&["escalations"])
        .map(Node::entries)
        .unwrap_or_default();
    let path = section("escalations");
    let mut specs = BTreeMap::new();
    for entry in entries {
        let spec = policy(compiler, named, &entry.value, &path.key(&entry.key));
        specs.insert(Arc::from(entry.key.as_str()), spec);
    }
    match Policies::new(&specs, &known(compiler, named)) {
        Ok(policies) => {
            unreached(compiler, named, &specs);
            policies
        }
        Err(errors) => {
            for error in errors {
                refused::policy(compiler, named, &error);
            }
            Policies::default()
        }
    }
}

fn known(compiler: &Compiler<'_>, named: &Named<'_>) -> Known {
    let arcs = |names: Vec<&str>| names.into_iter().map(Arc::from).collect::<BTreeSet<_>>();
    let schedules = compiler.find(&["schedules"]).map(Node::entries);
    let of_people = named.people.values().flat_map(|person| person.ways.keys());
    Known {
        people: arcs(named.people.keys().map(String::as_str).collect()),
        teams: named.teams.clone(),
        schedules: arcs(
            schedules
                .unwrap_or_default()
                .iter()
                .map(|entry| entry.key.as_str())
                .collect(),
        ),
        receivers: named
            .receivers
            .iter()
            .map(|r| Arc::clone(&r.name))
            .collect(),
        channels: named.ways.routes.keys().chain(of_people).cloned().collect(),
    }
}

fn policy(
    compiler: &mut Compiler<'_>,
    named: &Named<'_>,
    node: &Node,
    path: &Path<'_>,
) -> PolicySpec {
    let path = path.key("steps");
    let steps = node.at("steps").map(Node::items).unwrap_or_default();
    let number = |key, otherwise| {
        let given = node.text_at(key).and_then(|text| text.parse().ok());
        given.unwrap_or(otherwise)
    };
    PolicySpec {
        steps: steps
            .iter()
            .enumerate()
            .map(|(index, step)| self::step(compiler, named, step, &path.index(index)))
            .collect(),
        repeat: number("repeat", 0),
        needs: number("needs", 1),
        then: node.text_at("then").map(Arc::from),
    }
}

fn step(compiler: &mut Compiler<'_>, named: &Named<'_>, node: &Node, path: &Path<'_>) -> StepSpec {
    let entries = node.at("notify").map(Node::items).unwrap_or_default();
    let notify_path = path.key("notify");
    let mut notify = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        notify.extend(whom(compiler, entry, &notify_path.index(index)));
    }
    let within = node.at("when").and_then(|when| when.at("within"));
    StepSpec {
        notify,
        by: node
            .at("by")
            .map(Node::texts)
            .unwrap_or_default()
            .into_iter()
            .map(Arc::from)
            .collect(),
        wait: node.text_at("wait").map(ToOwned::to_owned),
        when: When {
            severity: node
                .at("when")
                .and_then(|when| when.text_at("severity"))
                .and_then(|word| serde_json::from_value(word.into()).ok()),
            within: within.map(|within| {
                let path = path.key("when");
                intervals(compiler, named, within, &path.key("within"))
            }),
        },
        page: match node.text_at("page") {
            Some("round_robin") => Page::RoundRobin,
            _ => Page::Everybody,
        },
    }
}

/// Whom an entry names; more or less than one is noted.
fn whom(compiler: &mut Compiler<'_>, entry: &Node, path: &Path<'_>) -> Option<Notify> {
    let mut said = WHOM
        .into_iter()
        .filter_map(|key| Some((key, entry.text_at(key)?)));
    if let (Some((key, name)), None) = (said.next(), said.next()) {
        let name = Arc::from(name);
        return Some(match key {
            "person" => Notify::Person(name),
            "team" => Notify::Team(name),
            "schedule" => Notify::Schedule(name),
            _ => Notify::Receiver(name),
        });
    }
    let message = "an entry names one person, team, schedule or receiver";
    let hint = "write several entries for several: [{schedule: ops}, {person: cto}]";
    if !compiler.findings.any_below(path) {
        compiler.findings.problem(entry.place, path, message, hint);
    }
    None
}

fn intervals(
    compiler: &mut Compiler<'_>,
    named: &Named<'_>,
    node: &Node,
    path: &Path<'_>,
) -> Vec<Interval> {
    let mut intervals = Vec::new();
    for name in node.texts() {
        if let Some(found) = named.intervals.get(name) {
            intervals.extend(found.iter().cloned());
            continue;
        }
        let known = named.intervals.keys().map(String::as_str);
        let hint = compiler.findings.nearest(name, known);
        let message = format!("no time interval is named {name:?}");
        compiler.findings.problem(node.place, path, message, hint);
    }
    intervals
}

/// The escalation that a receiver or an older service names; whether there is one is looked at where it stands.
pub(super) fn named(compiler: &mut Compiler<'_>, node: &Node, path: &Path<'_>) -> Option<Arc<str>> {
    let given = node.at("escalation")?;
    let name = given.text()?;
    let entries = compiler
        .find(&["escalations"])
        .map(Node::entries)
        .unwrap_or_default();
    let known = entries.iter().map(|entry| entry.key.as_str());
    if known.clone().any(|known| known == name) {
        return Some(name.into());
    }
    let hint = compiler.findings.nearest(name, known);
    let message = format!("no escalation is named {}", said(given));
    let path = path.key("escalation");
    compiler.findings.problem(given.place, &path, message, hint);
    None
}

/// The receivers that steps tell.
pub(super) fn receivers<'a>(compiler: &Compiler<'a>) -> Vec<&'a str> {
    let policies = compiler
        .find(&["escalations"])
        .map(Node::entries)
        .unwrap_or_default();
    let steps = policies
        .iter()
        .filter_map(|entry| entry.value.at("steps"))
        .flat_map(Node::items);
    let entries = steps
        .filter_map(|step| step.at("notify"))
        .flat_map(Node::items);
    entries
        .filter_map(|entry| entry.text_at("receiver"))
        .collect()
}

/// Warns of people that a step names and that it cannot page.
fn unreached(
    compiler: &mut Compiler<'_>,
    named: &Named<'_>,
    specs: &BTreeMap<Arc<str>, PolicySpec>,
) {
    let root = section("escalations");
    for (name, spec) in specs {
        let node = compiler.find(&["escalations", name, "steps"]);
        let path = root.key(name);
        let path = path.key("steps");
        let steps = node.map(Node::items).unwrap_or_default();
        for ((index, step), node) in spec.steps.iter().enumerate().zip(steps) {
            let deaf = deaf(named, step);
            if !deaf.is_empty() {
                let message = format!("this step cannot page {}", deaf.join(", "));
                let hint =
                    "give them what its ways need, such as phone or wecom, or name other ways";
                compiler
                    .findings
                    .warning(node.place, &path.index(index), message, hint);
            }
        }
    }
}

/// The people whom a step names and cannot page.
fn deaf<'n>(named: &Named<'n>, step: &'n StepSpec) -> Vec<&'n str> {
    let mut people: BTreeSet<&str> = BTreeSet::new();
    for notify in &step.notify {
        match notify {
            Notify::Person(person) => _ = people.insert(person),
            Notify::Team(team) => {
                let members = named.teams.get(team).into_iter().flatten();
                people.extend(members.map(|key| &**key));
            }
            Notify::Schedule(_) | Notify::Receiver(_) => {}
        }
    }
    let is_deaf = |key: &&str| {
        named.people.get(*key).is_some_and(|person| {
            // What is still to be looked up may yet reach them.
            let rules = person.rules.without(|_| false);
            let unheard = !step.by.is_empty() && rules.contacts_by(&step.by).is_empty();
            unheard || !rules.is_reachable()
        })
    };
    people.into_iter().filter(is_deaf).collect()
}
