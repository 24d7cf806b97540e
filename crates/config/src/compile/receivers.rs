//! `receivers`: named lists of ways out.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use aws_lc_rs::digest;
use balefire_core::field::Kind;
use serde_json::Value;

use super::accounts::Accounts;
use super::entries::{self, Built, Spot};
use super::people::reader;
use super::{Compiler, section, span};
use crate::check::said;
use crate::plan::{Integration, MessageTemplate, Person, Reader, Receiver, Server};
use crate::problem::{Path, Place};
use crate::tree::{Entry, Node};

/// What entries may name.
pub(super) struct Known<'k> {
    pub(super) people: &'k BTreeMap<String, Person>,
    pub(super) messages: &'k BTreeMap<String, MessageTemplate>,
}

/// The receivers in document order.
pub(super) fn compile(
    compiler: &mut Compiler<'_>,
    accounts: &mut Accounts<'_>,
    known: &Known<'_>,
    server: Option<&Server>,
) -> Vec<Receiver> {
    let default = server
        .map(|server| server.reader.clone())
        .unwrap_or_default();
    let path = section("receivers");
    let mut places: HashMap<&str, Place> = HashMap::new();
    let mut receivers = Vec::new();
    let items = compiler
        .find(&["receivers"])
        .map(Node::items)
        .unwrap_or_default();
    for (index, node) in items.iter().enumerate() {
        let path = path.index(index);
        let Some(name) = node.at("name") else {
            continue;
        };
        let Some(text) = name.text() else { continue };
        if text.is_empty() {
            let path = path.key("name");
            compiler
                .findings
                .problem(name.place, &path, "a receiver needs a name", "");
        }
        if let Some(first) = places.insert(text, name.place) {
            let message = format!("a second receiver is named {}", said(name));
            let hint = format!("the first is at line {}", first.line);
            compiler
                .findings
                .problem(name.place, &path.key("name"), message, hint);
            continue;
        }
        let reader = reader(node, &default);
        let labels = super::sources::labels(compiler, node, "labels", &path);
        let integrations = integrations(compiler, accounts, known, node, &path, &reader);
        receivers.push(Receiver {
            name: Arc::from(text),
            labels,
            integrations,
            fallback: node.text_at("fallback").map(Arc::from),
            deliver_within: deliver_within(compiler, node, &path),
            escalation: super::escalation::named(compiler, node, &path),
            reader,
        });
    }
    receivers
}

fn deliver_within(
    compiler: &mut Compiler<'_>,
    node: &Node,
    path: &Path<'_>,
) -> Option<std::time::Duration> {
    let given = node.at("deliver_within")?;
    let within = span(given)?;
    if within.is_zero() {
        let message = "no time at all is left for delivery";
        compiler.findings.problem(
            given.place,
            &path.key("deliver_within"),
            message,
            "write 10m",
        );
    }
    Some(within)
}

fn integrations(
    compiler: &mut Compiler<'_>,
    accounts: &mut Accounts<'_>,
    known: &Known<'_>,
    node: &Node,
    path: &Path<'_>,
    reader: &Reader,
) -> Vec<Integration> {
    let receiver = node.text_at("name").unwrap_or_default();
    let mut integrations = Vec::new();
    let mut keys = HashSet::new();
    for list in node.entries().iter().filter(|entry| is_integration(entry)) {
        let path = path.key(&list.key);
        for (index, entry) in list.value.items().iter().enumerate() {
            let path = path.index(index);
            let spot = Spot {
                receiver,
                key: &list.key,
                index,
                path: &path,
            };
            let words = Words::of(compiler, known, entry, &spot);
            let Some(built) = entries::build(compiler, accounts, known.people, entry, &spot) else {
                continue;
            };
            let account = built
                .account
                .as_deref()
                .and_then(|name| accounts.find(name)?.node);
            let reader = account.map_or_else(
                || reader.clone(),
                |account| super::people::reader(account, reader),
            );
            let key = unique(&mut keys, &key(&built, entry, receiver));
            integrations.push(Integration {
                key: key.into(),
                account: built.account,
                spec: built.spec,
                send_resolved: built.send_resolved,
                channel: built.channel,
                words: built.words,
                message: words.message,
                mention: words.mention,
                mention_all: words.mention_all,
                mention_on_call: words.mention_on_call,
                reader: super::people::reader(entry, &reader),
            });
        }
    }
    integrations
}

fn is_integration(entry: &Entry) -> bool {
    balefire_channels::registry::for_receiver_key(&entry.key)
        .next()
        .is_some()
}

/// Who is mentioned, and in which words.
struct Words {
    message: Option<Arc<str>>,
    mention: Vec<Arc<str>>,
    mention_all: bool,
    mention_on_call: bool,
}

impl Words {
    fn of(compiler: &mut Compiler<'_>, known: &Known<'_>, entry: &Node, spot: &Spot<'_>) -> Self {
        let mut words = Self {
            message: message(compiler, known, entry, spot),
            mention: Vec::new(),
            mention_all: false,
            mention_on_call: false,
        };
        let Some(mention) = entry.at("mention") else {
            return words;
        };
        let path = spot.path.key("mention");
        for name in mention.texts() {
            match (name, known.people.get(name)) {
                ("all", _) => words.mention_all = true,
                ("oncall", _) if compiler.find(&["schedules"]).is_none() => {
                    let message = "nobody is on call: there are no schedules";
                    let hint = "add one under schedules, or name people";
                    compiler
                        .findings
                        .problem(mention.place, &path, message, hint);
                }
                ("oncall", _) => words.mention_on_call = true,
                (_, Some(person)) => words.mention.push(person.key.as_str().into()),
                (_, None) => {
                    let said = if mention.is_expanded() {
                        said(mention)
                    } else {
                        format!("{name:?}")
                    };
                    let message = format!("no person is named {said}");
                    let people = known.people.keys().map(String::as_str);
                    compiler.findings.problem(
                        mention.place,
                        &path,
                        message,
                        compiler
                            .findings
                            .nearest(name, people.chain(["all", "oncall"])),
                    );
                }
            }
        }
        words
    }
}

/// The template this entry names, else `default` where there is one.
///
/// WeCom's entries have a key `message` of Alertmanager's own, a text: there it names one of ours
/// only when one of ours is so named.
fn message(
    compiler: &mut Compiler<'_>,
    known: &Known<'_>,
    entry: &Node,
    spot: &Spot<'_>,
) -> Option<Arc<str>> {
    let default = || {
        known
            .messages
            .contains_key("default")
            .then(|| Arc::from("default"))
    };
    let Some(name) = entry.at("message") else {
        return default();
    };
    let Some(text) = name.text() else {
        return default();
    };
    if known.messages.contains_key(text) {
        return Some(Arc::from(text));
    }
    if !has_own_message(spot.key) {
        let message = format!("no message is named {}", said(name));
        let hint = compiler
            .findings
            .nearest(text, known.messages.keys().map(String::as_str));
        compiler
            .findings
            .problem(name.place, &spot.path.key("message"), message, hint);
    }
    default()
}

fn has_own_message(key: &'_ str) -> bool {
    balefire_channels::registry::for_receiver_key(key).any(|spec| {
        spec.receiver_fields
            .iter()
            .any(|field| field.name == "message")
    })
}

/// What stays the same across reloads: the entry's name, else a hash of where it leads to.
fn key(built: &Built, entry: &Node, receiver: &str) -> String {
    let kind = built.spec.kind;
    if let Some(name) = entry.text_at("name") {
        return format!("{receiver}/{kind}/{name}");
    }
    let mut hash = digest::Context::new(&digest::SHA256);
    let mut add = |text: &str| {
        hash.update(text.as_bytes());
        hash.update(&[0]);
    };
    add(built
        .account
        .as_deref()
        .filter(|name| !name.contains('/'))
        .unwrap_or_default());
    for target in built.channel.targets() {
        add(&target.address);
    }
    for field in built.spec.receiver_fields {
        if let (Kind::Url | Kind::SecretUrl, Some(Value::String(url))) =
            (field.kind, built.options.get(field.name))
        {
            add(url);
        }
    }
    let hash = hex::encode(&hash.finish().as_ref()[..6]);
    format!("{receiver}/{kind}/#{hash}")
}

/// Two entries of a receiver with the same target are told apart by their order.
fn unique(keys: &mut HashSet<String>, key: &str) -> String {
    let mut candidate = key.to_owned();
    let mut number = 2;
    while !keys.insert(candidate.clone()) {
        candidate = format!("{key}~{number}");
        number += 1;
    }
    candidate
}
