//! `heartbeats`: jobs that say by themselves that they have run.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::duration;
use balefire_core::heartbeat::{Cron, Pace, Rhythm};
use balefire_core::label::Labels;
use balefire_core::wall::Zone;

use super::access::check_token;
use super::sources::{LONGEST_NAME, labels, plain_name};
use super::{Compiler, section, span};
use crate::check::said;
use crate::heartbeat::{Heartbeat, Heartbeats, hash};
use crate::plan::Server;
use crate::problem::Path;
use crate::tree::{Entry, Node};

/// Most heartbeats of a document; each is held in memory with what it said last.
const MOST: usize = 2_000;
/// Periods and graces: shorter ones are a load, longer ones a mistake.
const SPANS: (Duration, Duration) = (Duration::from_secs(1), Duration::from_hours(24 * 366));
/// The usual grace.
const GRACE: Duration = Duration::from_mins(5);
/// Longest description, in characters.
const LONGEST_WORDS: usize = 2_000;

/// The heartbeats by name.
pub(super) fn compile(compiler: &mut Compiler<'_>, server: Option<&Server>) -> Heartbeats {
    let Some(node) = compiler.find(&["heartbeats"]) else {
        return Heartbeats::default();
    };
    let path = section("heartbeats");
    let entries = node.entries();
    if entries.len() > MOST {
        let message = format!("{} heartbeats are more than {MOST}", entries.len());
        compiler.findings.problem(node.place, &path, message, "");
    }
    let zone = server.map_or("UTC", |server| server.reader.zone.as_str());
    let mut found: Vec<Heartbeat> = Vec::new();
    for entry in entries.iter().take(MOST) {
        let path = path.key(&entry.key);
        let one = One {
            entry,
            path: &path,
            zone,
        };
        if let Some(heartbeat) = one.compile(compiler, &found) {
            found.push(heartbeat);
        }
    }
    Heartbeats::new(found)
}

/// One of them, where it stands, and the server's zone.
struct One<'a> {
    entry: &'a Entry,
    path: &'a Path<'a>,
    zone: &'a str,
}

impl One<'_> {
    fn node(&self) -> &Node {
        &self.entry.value
    }

    fn compile(&self, compiler: &mut Compiler<'_>, others: &[Heartbeat]) -> Option<Heartbeat> {
        if !plain_name(&self.entry.key) {
            let message = "a heartbeat's name stands in URLs";
            let hint = format!("use letters, digits, '-', '_' and '.', at most {LONGEST_NAME}");
            let place = self.entry.place;
            compiler.findings.problem(place, self.path, message, hint);
        }
        let description = self.description(compiler);
        let grace = self.span(compiler, "grace").unwrap_or(GRACE);
        let rhythm = self.rhythm(compiler);
        let labels = self.labels(compiler);
        let token = self.token(compiler, others)?;
        Some(Heartbeat {
            name: Arc::from(self.entry.key.as_str()),
            pace: Pace {
                rhythm: rhythm?,
                grace,
            },
            labels,
            description,
            token: hash(&token),
        })
    }

    /// The token; it stands in a path, and no two are the same.
    fn token(&self, compiler: &mut Compiler<'_>, others: &[Heartbeat]) -> Option<String> {
        let given = self.node().at("token")?;
        let text = given.text()?;
        let path = self.path.key("token");
        check_token(compiler, given.place, &path, text);
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.~".contains(c);
        let hint = "make one with: openssl rand -hex 24";
        if !text.chars().all(plain) {
            let message =
                "a token that stands in a path has letters, digits, '-', '_', '.' and '~'";
            compiler.findings.problem(given.place, &path, message, hint);
        }
        let hashed = hash(text);
        if let Some(other) = others.iter().find(|other| other.token == hashed) {
            let message = format!("the heartbeat {:?} has the same token", other.name);
            compiler.findings.problem(given.place, &path, message, hint);
        }
        Some(text.to_owned())
    }

    fn rhythm(&self, compiler: &mut Compiler<'_>) -> Option<Rhythm> {
        let (period, cron) = (self.node().at("period"), self.node().at("cron"));
        match (period, cron) {
            (Some(_), None) => self.span(compiler, "period").map(Rhythm::Every),
            (None, Some(cron)) => self.cron(compiler, cron),
            _ => {
                let message = match period {
                    Some(_) => "both a period and a cron expression",
                    None => "neither a period nor a cron expression",
                };
                let hint = "write one of period: 5m and cron: \"0 2 * * *\"";
                let place = self.entry.place;
                compiler.findings.problem(place, self.path, message, hint);
                None
            }
        }
    }

    fn cron(&self, compiler: &mut Compiler<'_>, given: &Node) -> Option<Rhythm> {
        let zone = self.node().text_at("timezone").unwrap_or(self.zone);
        // A zone that is not there was named by its table.
        let zone = Zone::named(zone).ok()?;
        match Cron::new(given.text()?, zone) {
            Ok(cron) => Some(Rhythm::Cron(Box::new(cron))),
            Err(error) => {
                let message = format!("{}: {error}", said(given));
                let hint = "write minute, hour, day, month and weekday, as in \"0 2 * * *\"";
                let path = self.path.key("cron");
                compiler.findings.problem(given.place, &path, message, hint);
                None
            }
        }
    }

    fn span(&self, compiler: &mut Compiler<'_>, key: &str) -> Option<Duration> {
        let node = self.node().at(key)?;
        let given = span(node)?;
        let (least, most) = SPANS;
        if !(least..=most).contains(&given) {
            let [least, most] = [least, most].map(duration::format);
            let given = duration::format(given);
            let message = format!("{given} is not within {least} to {most}");
            let path = self.path.key(key);
            compiler.findings.problem(node.place, &path, message, "");
        }
        Some(given)
    }

    fn description(&self, compiler: &mut Compiler<'_>) -> String {
        let Some(node) = self.node().at("description") else {
            return String::new();
        };
        let text = node.text().unwrap_or_default();
        if text.chars().count() > LONGEST_WORDS || text.contains('\0') {
            let message = format!("a description has at most {LONGEST_WORDS} characters");
            let path = self.path.key("description");
            compiler.findings.problem(node.place, &path, message, "");
        }
        text.to_owned()
    }

    /// The alert's labels: those that are ours stand over the document's.
    fn labels(&self, compiler: &mut Compiler<'_>) -> Labels {
        let own = labels(compiler, self.node(), "labels", self.path);
        for name in ["alertname", "heartbeat", "severity"] {
            if own.get(name).is_some() {
                let message = format!("{name} is a label that a heartbeat has by itself");
                let hint = match name {
                    "severity" => "write severity beside labels",
                    _ => "leave it out",
                };
                let place = self
                    .node()
                    .at("labels")
                    .map_or(self.entry.place, |at| at.place);
                let path = self.path.key("labels");
                compiler
                    .findings
                    .problem(place, &path.key(name), message, hint);
            }
        }
        let severity = self.node().text_at("severity").unwrap_or("critical");
        let ours = Labels::from_pairs([
            ("alertname", "HeartbeatMissed"),
            ("heartbeat", self.entry.key.as_str()),
            ("severity", severity),
        ]);
        ours.map_or_else(|_| own.clone(), |ours| own.overlaid(&ours))
    }
}
