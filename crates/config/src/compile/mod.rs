//! From the checked tree to the plan: names are resolved, matchers and intervals read, channels built.
//!
//! It runs even when the tables found problems, so that all of them are told at once; a piece that
//! is missing or of the wrong type has been reported already and is passed over in silence here.

mod access;
mod accounts;
mod body;
mod called;
mod clients;
mod command;
mod contacts;
mod egress;
mod ends;
mod entries;
mod escalation;
mod heartbeats;
mod http;
mod inherits;
mod intervals;
mod legacy;
mod limits;
mod matchers;
mod monitors;
mod names;
mod noise;
mod pages;
mod people;
mod quiet;
mod receivers;
mod routes;
mod schedule;
mod server;
mod sources;
mod storm;
mod teams;
mod templates;
mod ways;

use std::sync::Arc;
use std::time::Duration;

use balefire_channels::http::{Egress, Http};
use balefire_core::duration;

use crate::expand::Surroundings;
use crate::plan::{Files, Plan, Receiver, Retention};
use crate::problem::{Findings, Path};
use crate::tree::Node;

/// What the sections are compiled with.
pub(crate) struct Compiler<'a> {
    pub(crate) root: &'a Node,
    pub(crate) around: &'a Surroundings<'a>,
    pub(crate) findings: &'a mut Findings,
    /// How far clients reach; known once `access` has been compiled.
    pub(crate) egress: Egress,
}

/// The texts that describe the plan; made by the caller.
pub(crate) struct Texts {
    pub(crate) version: Arc<str>,
    pub(crate) document: Arc<str>,
    pub(crate) alertmanager_yaml: Arc<str>,
    pub(crate) redacted_yaml: Arc<str>,
}

/// Compiles all sections. `None` when a section could not be made; then there are problems.
pub(crate) fn compile(compiler: &mut Compiler<'_>, texts: Texts) -> Option<Plan> {
    let server = server::compile(compiler);
    command::check_list(compiler);
    let mut access = access::compile(compiler);
    compiler.egress = access.egress.clone();
    let mut people = people::people(compiler, server.as_ref());
    let schedules = schedule::compile(compiler, &people);
    let heartbeats = heartbeats::compile(compiler, server.as_ref());
    let messages = people::messages(compiler);
    let intervals = intervals::compile(compiler);
    let mut sources = sources::compile(compiler);
    let mut accounts = accounts::compile(compiler);
    let go = templates::compile(compiler);
    let known = receivers::Known {
        people: &people,
        messages: &messages,
    };
    let receivers = receivers::compile(compiler, &mut accounts, &known, server.as_ref());
    let ways = ways::compile(compiler, &accounts);
    pages::fill(compiler, &accounts, &ways, &mut people);
    let teams = teams::compile(compiler, &people);
    let named = escalation::Named {
        people: &people,
        teams: &teams,
        ways: &ways,
        intervals: &intervals,
        receivers: &receivers,
    };
    let policies = escalation::compile(compiler, &named);
    let calendars = schedule::calendars::compile(compiler, &mut accounts);
    let forwards = schedule::forward::compile(compiler, &people, &accounts);
    let (legacy, rules) = legacy::compile(compiler, &accounts);
    access.rules.extend(rules);
    sources::reach_senders(compiler, &mut sources, &mut accounts);
    let routes = routes::compile(compiler, &receivers, &intervals);
    let inhibit_rules = routes::inhibit_rules(compiler);
    let meta = people::meta(compiler, &mut accounts, &receivers);
    let http = accounts.clients().for_monitors(compiler);
    let known = monitors::Known::of(&people, &receivers, server.as_ref());
    let monitors = monitors::compile(compiler, &known, http);
    let pictures = pictures(compiler, &receivers, &mut accounts);
    names::check(compiler, &receivers);
    templates::check(compiler, &go);
    Some(Plan {
        version: go.version(texts.version),
        document: texts.document,
        alertmanager_yaml: texts.alertmanager_yaml,
        redacted_yaml: texts.redacted_yaml,
        routes: routes?,
        receivers,
        inhibit_rules,
        intervals,
        accounts: accounts.into_plan(),
        people,
        contacts: contacts::compile(compiler),
        schedules,
        teams,
        policies,
        storm: storm::compile(compiler),
        heartbeats,
        forwards,
        calendars,
        monitors,
        sources,
        resolve_timeout: compiler.duration(&["global", "resolve_timeout"], 5 * 60),
        server: server?,
        access,
        meta,
        messages,
        go,
        legacy,
        files: files(compiler),
        pictures,
        retention: retention(compiler),
    })
}

/// The client that fetches what senders name, where an entry shows pictures.
fn pictures(
    compiler: &mut Compiler<'_>,
    receivers: &[Receiver],
    accounts: &mut accounts::Accounts<'_>,
) -> Option<Http> {
    let mut entries = receivers.iter().flat_map(|r| &r.integrations);
    let shows = entries.any(|entry| entry.channel.shows_pictures());
    shows
        .then(|| accounts.clients().for_senders(compiler))
        .flatten()
}

fn files(compiler: &mut Compiler<'_>) -> Files {
    Files {
        upload_bytes: compiler.whole(&["files", "upload_bytes"], 100 << 20),
        count: compiler.whole(&["files", "count"], 10_000),
        bytes: compiler.whole(&["files", "bytes"], 10 << 30),
    }
}

fn retention(compiler: &mut Compiler<'_>) -> Retention {
    Retention {
        age: compiler.duration(&["retention", "age"], 30 * 24 * 3600),
        bytes: compiler.whole(&["retention", "bytes"], 10 << 30),
        silences: compiler.duration(&["retention", "silences"], 120 * 3600),
    }
}

impl<'a> Compiler<'a> {
    /// The node at these keys.
    pub(crate) fn find(&self, keys: &[&str]) -> Option<&'a Node> {
        keys.iter().try_fold(self.root, |node, key| node.at(key))
    }

    /// An older service that is on.
    pub(crate) fn older(&self, name: &str) -> Option<&'a Node> {
        let service = self.find(&["legacy", name])?;
        let on = service.bool_at("enabled").unwrap_or(true);
        on.then_some(service)
    }

    /// The duration at these keys, or so many seconds.
    pub(crate) fn duration(&self, keys: &[&str], seconds: u64) -> Duration {
        self.find(keys)
            .and_then(span)
            .unwrap_or(Duration::from_secs(seconds))
    }

    /// The whole number at these keys.
    pub(crate) fn whole(&self, keys: &[&str], default: u64) -> u64 {
        self.find(keys)
            .and_then(Node::text)
            .and_then(|text| text.parse().ok())
            .unwrap_or(default)
    }
}

/// What a scalar says as a duration.
pub(crate) fn span(node: &Node) -> Option<Duration> {
    node.text().and_then(|text| duration::parse(text).ok())
}

/// The paths of the sections, for messages.
pub(crate) const fn section(name: &str) -> Path<'_> {
    Path::Key(&Path::Root, name)
}
