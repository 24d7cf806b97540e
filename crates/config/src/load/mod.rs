//! From a text to a plan, or to everything that is wrong with it.

use std::fmt;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use aws_lc_rs::digest;
use balefire_channels::http::Egress;

use crate::check::check;
use crate::compile::{Compiler, Texts, compile};
use crate::expand::files::read_files;
use crate::expand::{Env, Surroundings, expand};
use crate::plan::Plan;
use crate::problem::{Findings, Path, Problem};
use crate::project;
use crate::schema::form::Form;
use crate::tree::{Node, Shape, parse};

/// A document that can be used.
pub struct Loaded {
    /// What it says.
    pub plan: Plan,
    /// What in it may not be as meant, in the order of the text.
    pub warnings: Vec<Problem>,
    /// How much there is of everything.
    pub summary: Summary,
}

/// Names the version and counts; the plan holds secrets.
impl fmt::Debug for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loaded")
            .field("version", &self.plan.version)
            .field("warnings", &self.warnings)
            .field("summary", &self.summary)
            .finish_non_exhaustive()
    }
}

/// How much there is of everything; printed by `balefire check`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Summary {
    /// Routes, the root included.
    pub routes: usize,
    /// Receivers.
    pub receivers: usize,
    /// Ways out of all receivers.
    pub integrations: usize,
    /// Configured accounts.
    pub accounts: usize,
    /// People.
    pub people: usize,
    /// Schedules of who is on call.
    pub schedules: usize,
    /// Escalations: who is told next when nobody answers.
    pub escalations: usize,
    /// Configured sources.
    pub sources: usize,
    /// Inhibition rules.
    pub inhibit_rules: usize,
    /// Named time intervals.
    pub time_intervals: usize,
    /// Messages of the operator's own.
    pub messages: usize,
    /// Alertmanager's template files.
    pub templates: usize,
}

/// A line for each kind of which there is something, the numbers below each other.
impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = [
            (self.routes, "routes"),
            (self.receivers, "receivers"),
            (self.integrations, "integrations"),
            (self.accounts, "accounts"),
            (self.people, "people"),
            (self.schedules, "schedules"),
            (self.escalations, "escalations"),
            (self.sources, "sources"),
            (self.inhibit_rules, "inhibit rules"),
            (self.time_intervals, "time intervals"),
            (self.messages, "messages"),
            (self.templates, "templates"),
        ];
        let width = counts.map(|(count, _)| count.to_string().len());
        let width = width.into_iter().max().unwrap_or(1);
        for (count, what) in counts.into_iter().filter(|(count, _)| *count > 0) {
            let what = match (count, what) {
                (1, "people") => "person",
                (1, what) => what.trim_end_matches('s'),
                (_, what) => what,
            };
            writeln!(f, "  {count:>width$} {what}")?;
        }
        Ok(())
    }
}

/// Reads a document, the environment and the files it names.
///
/// `file_name` is printed in problems; relative paths in the document start from its folder. On
/// failure every problem is given, in the order of the text. Never panics, whatever the text.
pub fn load(text: &str, file_name: &str, env: &dyn Env) -> Result<Loaded, Vec<Problem>> {
    let mut findings = Findings::new(file_name);
    let Some(mut root) = parse(text, &mut findings) else {
        return Err(findings.sorted().0);
    };
    let around = Surroundings {
        env,
        folder: folder(file_name),
    };
    let form = Form::document();
    if !matches!(root.shape, Shape::Map(_)) {
        let message = match root.shape {
            Shape::Null => "the document is empty".to_owned(),
            _ => format!("the document is a mapping of sections, not {}", root.what()),
        };
        findings.problem(
            root.place,
            &Path::Root,
            message,
            "begin with route: and receivers:",
        );
        return Err(findings.sorted().0);
    }
    expand(&mut root, &Path::Root, &around, &mut findings);
    read_files(&mut root, &form, &Path::Root, &around, &mut findings);
    check(&root, &form, &Path::Root, &mut findings);
    let texts = Texts {
        version: version(text, &root).into(),
        document: Arc::from(text),
        alertmanager_yaml: project::alertmanager(&root).into(),
        redacted_yaml: project::redacted(&root).into(),
    };
    let mut compiler = Compiler {
        root: &root,
        around: &around,
        findings: &mut findings,
        egress: Egress::default(),
    };
    let plan = compile(&mut compiler, texts);
    let (problems, warnings) = findings.sorted();
    match plan {
        Some(plan) if problems.is_empty() => {
            let summary = summary(&plan, &root);
            Ok(Loaded {
                plan,
                warnings,
                summary,
            })
        }
        _ => Err(problems),
    }
}

/// The folder that relative paths start from.
fn folder(file_name: &str) -> PathBuf {
    FilePath::new(file_name)
        .parent()
        .map(FilePath::to_owned)
        .unwrap_or_default()
}

/// What `serve` runs with when there is no document: everything goes to the inbox.
pub fn default_document() -> &'static str {
    "# Balefire's own document when there is none: everything goes to the inbox.\n\
     route:\n  receiver: inbox\n  group_by: [alertname]\n  group_wait: 0s\n\
     receivers:\n- name: inbox\n  inbox_configs: [{}]\n"
}

/// The first 16 hexadecimal digits of a SHA-256 over the text and over every value that came from
/// outside, so that a changed secret is another version.
fn version(text: &str, root: &Node) -> String {
    let mut outside = digest::Context::new(&digest::SHA256);
    add_outside(root, &mut outside);
    let mut hash = digest::Context::new(&digest::SHA256);
    hash.update(text.as_bytes());
    hash.update(outside.finish().as_ref());
    hex::encode(&hash.finish().as_ref()[..8])
}

fn add_outside(node: &Node, hash: &mut digest::Context) {
    match &node.shape {
        Shape::Null => {}
        Shape::Scalar(scalar) => {
            if scalar.written.is_some() {
                hash.update(&(scalar.text.len() as u64).to_be_bytes());
                hash.update(scalar.text.as_bytes());
            }
        }
        Shape::List(items) => items.iter().for_each(|item| add_outside(item, hash)),
        Shape::Map(entries) => entries
            .iter()
            .for_each(|entry| add_outside(&entry.value, hash)),
    }
}

fn summary(plan: &Plan, root: &Node) -> Summary {
    Summary {
        routes: plan.routes.routes().len(),
        receivers: plan.receivers.len(),
        integrations: plan
            .receivers
            .iter()
            .map(|receiver| receiver.integrations.len())
            .sum(),
        accounts: root
            .at("accounts")
            .map(Node::entries)
            .unwrap_or_default()
            .len(),
        people: plan.people.len(),
        schedules: plan.schedules.len(),
        escalations: plan.policies.names().count(),
        sources: plan.sources.len(),
        inhibit_rules: plan.inhibit_rules.len(),
        time_intervals: plan.intervals.len(),
        messages: plan.messages.len(),
        templates: root
            .at("templates")
            .map(Node::items)
            .unwrap_or_default()
            .len(),
    }
}

#[cfg(test)]
mod tests;
