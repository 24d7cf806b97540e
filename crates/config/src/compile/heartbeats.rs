//! `heartbeats`: jobs that say by themselves that they have run.

use std::sync::Arc;

use balefire_core::heartbeat::{Fault, Wanted};

use super::access::check_token;
use super::{Compiler, section, span};
use crate::heartbeat::{Heartbeat, Heartbeats, hash};
use crate::plan::Server;
use crate::problem::Path;
use crate::tree::{Entry, Node};

/// Most heartbeats of a document; each is held in memory with what it said last.
const MOST: usize = 2_000;

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
        let wanted = self.wanted();
        let agreed = wanted.agree(self.zone);
        let token = self.token(compiler, others);
        match agreed {
            Ok(agreed) => Some(Heartbeat {
                name: Arc::from(wanted.name),
                pace: agreed.pace,
                labels: agreed.labels,
                description: wanted.description,
                wanted: None,
                token: hash(&token?),
            }),
            Err(faults) => {
                for fault in &faults {
                    self.tell(compiler, fault);
                }
                None
            }
        }
    }

    /// What the document asks for; the types of its values were looked at before.
    fn wanted(&self) -> Wanted {
        let text = |key: &str| self.node().text_at(key).map(ToOwned::to_owned);
        let labels = self.node().at("labels").map(Node::entries);
        let pairs = labels.unwrap_or_default().iter();
        Wanted {
            name: self.entry.key.clone(),
            period: text("period"),
            cron: text("cron"),
            timezone: text("timezone"),
            grace: text("grace"),
            severity: text("severity"),
            labels: pairs
                .filter_map(|entry| Some((entry.key.clone(), entry.value.text()?.to_owned())))
                .collect(),
            description: text("description").unwrap_or_default(),
        }
    }

    /// Tells what is wrong where it stands.
    fn tell(&self, compiler: &mut Compiler<'_>, fault: &Fault) {
        // What is no zone, duration or severity was named by the table of keys.
        let named = match fault.field {
            "timezone" => true,
            "severity" => fault.label.is_none(),
            "period" | "grace" => {
                let node = self.node().at(fault.field);
                node.is_none_or(|node| span(node).is_none())
            }
            _ => false,
        };
        if named {
            return;
        }
        let findings = &mut *compiler.findings;
        let node = self.node().at(fault.field);
        let place = node.map_or(self.entry.place, |node| node.place);
        if fault.field.is_empty() || fault.field == "name" {
            findings.problem(self.entry.place, self.path, &fault.reason, &fault.fix);
            return;
        }
        let path = self.path.key(fault.field);
        match &fault.label {
            Some(label) => findings.problem(place, &path.key(label), &fault.reason, &fault.fix),
            None => findings.problem(place, &path, &fault.reason, &fault.fix),
        }
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
}
