//! `sources`: configured inbound keys.

use std::collections::BTreeMap;
use std::sync::Arc;

use balefire_core::label::Labels;
use balefire_core::secret::Secret;
use balefire_sources::{mail, registry};
use serde_json::Value;

use super::access::check_token;
use super::accounts::Accounts;
use super::{Compiler, section};
use crate::check::said;
use crate::json;
use crate::plan::Source;
use crate::problem::Path;
use crate::tree::Node;

/// Longest name of a source or account; it stands in paths and records.
pub(super) const LONGEST_NAME: usize = 64;

/// The sources by name.
pub(super) fn compile(compiler: &mut Compiler<'_>) -> BTreeMap<String, Source> {
    let entries = compiler
        .find(&["sources"])
        .map(Node::entries)
        .unwrap_or_default();
    let path = section("sources");
    let zone = compiler
        .find(&["server"])
        .and_then(|server| server.text_at("timezone"));
    let mut sources = BTreeMap::new();
    for entry in entries {
        let path = path.key(&entry.key);
        if entry.key == "inbox" {
            let message = "the inbox at /in/inbox is built in";
            compiler
                .findings
                .problem(entry.place, &path, message, "choose another name");
        } else if !plain_name(&entry.key) {
            let message = "a source's name stands in its URL";
            let hint = "use letters, digits, '-', '_' and '.', at most 64";
            compiler.findings.problem(entry.place, &path, message, hint);
        }
        let Some(kind) = entry.value.at("kind") else {
            continue;
        };
        let word = kind.text().unwrap_or_default();
        let Some(spec) = registry::find(word) else {
            let message = format!("{} is no kind of source", said(kind));
            let hint = compiler
                .findings
                .nearest(word, registry::SOURCES.iter().map(|spec| spec.kind));
            compiler
                .findings
                .problem(kind.place, &path.key("kind"), message, hint);
            continue;
        };
        let options = Value::Object(json::record(&entry.value, spec.fields));
        if spec.kind == mail::SPEC.kind
            && let Err(problem) = mail::check(&options)
        {
            let hint = "patterns are regular expressions; write a backslash before a character that is meant as it is";
            compiler.findings.problem(entry.place, &path, problem, hint);
        }
        let text = |key| entry.value.text_at(key);
        let source = Source {
            name: Arc::from(entry.key.as_str()),
            spec,
            options,
            token: token(compiler, &entry.value, &path),
            labels: labels(compiler, &entry.value, "labels", &path),
            timezone: text("timezone").or(zone).unwrap_or("UTC").to_owned(),
            http: None,
        };
        sources.insert(entry.key.clone(), source);
    }
    sources
}

/// Gives those sources a client that have something to fetch from where their senders say: certificates of signers,
/// confirmations of subscriptions.
pub(super) fn reach_senders(
    compiler: &mut Compiler<'_>,
    sources: &mut BTreeMap<String, Source>,
    accounts: &mut Accounts<'_>,
) {
    let signed = |source: &&mut Source| source.spec.manners.signing.is_some();
    for source in sources.values_mut().filter(signed) {
        source.http = accounts.clients().for_senders(compiler);
    }
}

fn token(compiler: &mut Compiler<'_>, node: &Node, path: &Path<'_>) -> Option<Secret> {
    let given = node.at("token")?;
    let text = given.text()?;
    check_token(compiler, given.place, &path.key("token"), text);
    Some(Secret::new(text))
}

/// Whether a name can stand in a path as it is.
pub(super) fn plain_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= LONGEST_NAME
        && !name.starts_with('.')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

/// The labels at a key.
pub(super) fn labels(
    compiler: &mut Compiler<'_>,
    node: &Node,
    key: &str,
    path: &Path<'_>,
) -> Labels {
    let Some(given) = node.at(key) else {
        return Labels::empty();
    };
    let pairs = given
        .entries()
        .iter()
        .filter_map(|entry| Some((&*entry.key, entry.value.text()?)));
    match Labels::from_pairs(pairs) {
        Ok(labels) => labels,
        Err(error) => {
            compiler
                .findings
                .problem(given.place, &path.key(key), error.to_string(), "");
            Labels::empty()
        }
    }
}
