//! The accounts and receivers that URLs become, as YAML.

use std::collections::{BTreeMap, HashSet};

use balefire_channels::registry;
use balefire_config::problem::Place;
use balefire_config::tree::{Entry, Node, Scalar, Shape, emit};
use serde_json::{Map, Value};

use super::services::Way;

/// A receiver's entries by their key.
type Lists = BTreeMap<&'static str, Vec<Map<String, Value>>>;

/// A document under construction.
#[derive(Debug, Default)]
pub(super) struct Document {
    accounts: Vec<(String, &'static str, Map<String, Value>)>,
    /// By receiver, then by key: its entries.
    receivers: BTreeMap<String, Lists>,
    names: HashSet<String>,
}

impl Document {
    /// Adds a way out for these receivers; answers its account's name. Two with the same credentials share one.
    pub(super) fn add(&mut self, way: Way, receivers: &[&str]) -> String {
        let same = |(_, kind, account): &&(String, &str, Map<String, Value>)| {
            *kind == way.kind && *account == way.account
        };
        let known = self
            .accounts
            .iter()
            .find(same)
            .map(|(name, ..)| name.clone());
        let name = known.unwrap_or_else(|| {
            let name = self.free_name(way.kind);
            self.accounts
                .push((name.clone(), way.kind, way.account.clone()));
            name
        });
        let key = registry::find(way.kind).map_or("webhook_configs", |spec| spec.receiver_key);
        let mut entry = Map::new();
        entry.insert("account".to_owned(), name.clone().into());
        entry.extend(way.entry);
        for receiver in receivers {
            let entries = self
                .receivers
                .entry((*receiver).to_owned())
                .or_default()
                .entry(key)
                .or_default();
            if !entries.contains(&entry) {
                entries.push(entry.clone());
            }
        }
        name
    }

    fn free_name(&mut self, kind: &str) -> String {
        let base = kind.replace('_', "-");
        let mut name = base.clone();
        let mut number = 2;
        while !self.names.insert(name.clone()) {
            name = format!("{base}-{number}");
            number += 1;
        }
        name
    }

    /// `accounts` and `receivers`, to be put beside a `route`.
    pub(super) fn yaml(&self) -> String {
        let account = |(name, kind, account): &(String, &str, Map<String, Value>)| {
            let mut map = Map::new();
            map.insert("kind".to_owned(), (*kind).into());
            map.extend(account.clone());
            entry(name, node(&Value::Object(map)))
        };
        let receiver = |(name, lists): (&String, &Lists)| {
            let lists = lists.iter().map(|(key, entries)| {
                let entries = entries.iter().map(|map| node(&Value::Object(map.clone())));
                entry(key, of(Shape::List(entries.collect())))
            });
            let named = std::iter::once(entry("name", text(name)));
            of(Shape::Map(named.chain(lists).collect()))
        };
        let accounts = self.accounts.iter().map(account).collect();
        let receivers = self.receivers.iter().map(receiver).collect();
        emit(&of(Shape::Map(vec![
            entry("accounts", of(Shape::Map(accounts))),
            entry("receivers", of(Shape::List(receivers))),
        ])))
    }
}

fn of(shape: Shape) -> Node {
    Node {
        place: Place { line: 1, column: 1 },
        shape,
    }
}

fn entry(key: &str, value: Node) -> Entry {
    Entry {
        key: key.to_owned(),
        place: value.place,
        value,
    }
}

fn scalar(text: String, plain: bool) -> Node {
    of(Shape::Scalar(Scalar {
        text,
        plain,
        written: None,
    }))
}

/// A text, in which `${` is no reference to a variable.
fn text(text: &str) -> Node {
    scalar(
        text.replace("${env:", "$${env:")
            .replace("${file:", "$${file:"),
        false,
    )
}

fn node(value: &Value) -> Node {
    match value {
        Value::Null => of(Shape::Null),
        Value::String(words) => text(words),
        Value::Bool(_) | Value::Number(_) => scalar(value.to_string(), true),
        Value::Array(items) => of(Shape::List(items.iter().map(node).collect())),
        Value::Object(map) => of(Shape::Map(
            map.iter()
                .map(|(key, value)| entry(key, node(value)))
                .collect(),
        )),
    }
}
