//! Who an `autocall_configs` entry calls: its people's numbers before its own, and what `legacy.autocall` says where the
//! entry says nothing.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::Compiler;
use crate::plan::Person;
use crate::problem::Path;
use crate::tree::Node;

/// Completes the options; what is wrong with them is noted.
pub(super) fn fill(
    compiler: &mut Compiler<'_>,
    people: &BTreeMap<String, Person>,
    node: &Node,
    options: &mut Map<String, Value>,
    path: &Path<'_>,
) {
    let Some(service) = compiler.older("autocall") else {
        let message = "no telephone can ask for calls: legacy.autocall is off";
        let hint = "write legacy: {autocall: {}}";
        compiler.findings.problem(node.place, path, message, hint);
        return;
    };
    for key in ["rounds", "max_age"] {
        let text = service.text_at(key);
        if let (false, Some(text)) = (options.contains_key(key), text) {
            let value = text
                .parse::<i64>()
                .map_or_else(|_| text.into(), Value::from);
            options.insert(key.to_owned(), value);
        }
    }
    let Some(named) = node.at("people") else {
        return;
    };
    let mut phones = numbers(compiler, people, named, &path.key("people"));
    let own = node.at("phones").map(Node::texts).unwrap_or_default();
    phones.extend(own.into_iter().map(Value::from));
    options.remove("people");
    options.insert("phones".to_owned(), phones.into());
}

fn numbers(
    compiler: &mut Compiler<'_>,
    people: &BTreeMap<String, Person>,
    named: &Node,
    path: &Path<'_>,
) -> Vec<Value> {
    let mut numbers = Vec::new();
    for name in named.texts() {
        let said = if named.is_expanded() {
            "one of these".to_owned()
        } else {
            format!("{name:?}")
        };
        let (message, hint) = match people.get(name) {
            Some(person) if !person.contact.phone.is_empty() => {
                numbers.push(person.contact.phone.as_str().into());
                continue;
            }
            Some(_) => (
                format!("{said} has no number to be called at"),
                "give them a phone under people".to_owned(),
            ),
            None => (
                format!("no person is named {said}"),
                compiler
                    .findings
                    .nearest(name, people.keys().map(String::as_str)),
            ),
        };
        compiler.findings.problem(named.place, path, message, hint);
    }
    numbers
}
