//! `teams`: people who are paged together.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::schedule::named;
use super::{Compiler, section};
use crate::plan::Person;
use crate::tree::Node;

/// The keys of each team's people, each once.
pub(super) fn compile(
    compiler: &mut Compiler<'_>,
    people: &BTreeMap<String, Person>,
) -> BTreeMap<Arc<str>, Vec<Arc<str>>> {
    let entries = compiler
        .find(&["teams"])
        .map(Node::entries)
        .unwrap_or_default();
    let teams = section("teams");
    let mut all = BTreeMap::new();
    for entry in entries {
        let path = teams.key(&entry.key);
        let mut members: Vec<Arc<str>> = Vec::new();
        if let Some(node) = entry.value.at("people") {
            let path = path.key("people");
            named(compiler, node, people, &path);
            for key in node.texts() {
                if !members.iter().any(|known| **known == *key) {
                    members.push(key.into());
                }
            }
            if members.is_empty() {
                let hint = "name at least one of people, or take the team out";
                compiler
                    .findings
                    .problem(node.place, &path, "nobody is in this team", hint);
            }
        }
        all.insert(Arc::from(entry.key.as_str()), members);
    }
    all
}
