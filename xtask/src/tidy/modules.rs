//! No circles between the top modules of a crate: `use crate::a` from b and `use crate::b` from a.

use std::collections::{BTreeMap, BTreeSet};

use super::Findings;
use super::source::Tree;

type Graph = BTreeMap<String, BTreeSet<String>>;

pub(super) fn check(tree: &Tree, findings: &mut Findings) {
    let mut graphs: BTreeMap<String, Graph> = BTreeMap::new();
    for file in tree.files.iter().filter(|file| !file.is_test()) {
        let Some(name) = file.crate_name() else { continue };
        let Some(module) = top_module(&file.path) else { continue };
        let edges = graphs.entry(name.to_owned()).or_default().entry(module.to_owned()).or_default();
        edges.extend(uses(file.code()).filter(|used| used != module));
    }
    let mut modules = 0;
    for (name, graph) in &graphs {
        modules += graph.len();
        for circle in circles(graph) {
            findings.problems.push(format!("crates/{name}: modules in a circle: {}", circle.join(" → ")));
        }
    }
    findings.figures.push(format!("circles between modules: none in {modules} modules checked"));
    if !findings.problems.is_empty() {
        findings.figures.pop();
    }
}

/// `crates/x/src/a/b.rs` → `a`; `lib.rs` and `main.rs` belong to no module.
fn top_module(path: &str) -> Option<&str> {
    let inside = path.split_once("/src/")?.1;
    let first = inside.split('/').next()?;
    let module = first.strip_suffix(".rs").unwrap_or(first);
    (!matches!(module, "lib" | "main" | "bin")).then_some(module)
}

/// The top modules that a file names as `crate::x`.
fn uses(text: &str) -> impl Iterator<Item = String> + '_ {
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| line.match_indices("crate::").map(move |(at, word)| &line[at + word.len()..]))
        .filter_map(|rest| {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            (end > 0).then(|| rest[..end].to_owned())
        })
}

/// One circle for each module that reaches itself, shortest names first, each circle once.
fn circles(graph: &Graph) -> Vec<Vec<String>> {
    let mut found: BTreeMap<BTreeSet<String>, Vec<String>> = BTreeMap::new();
    for start in graph.keys() {
        if let Some(path) = way_back(graph, start) {
            found.entry(path.iter().cloned().collect()).or_insert(path);
        }
    }
    found.into_values().collect()
}

fn way_back(graph: &Graph, start: &str) -> Option<Vec<String>> {
    let mut from: BTreeMap<&str, &str> = BTreeMap::new();
    let mut queue = std::collections::VecDeque::from([start]);
    while let Some(module) = queue.pop_front() {
        for next in graph.get(module).into_iter().flatten().filter(|next| graph.contains_key(*next)) {
            if next == start {
                let mut path = vec![start.to_owned(), module.to_owned()];
                let mut at = module;
                while let Some(previous) = from.get(at) {
                    path.push((*previous).to_owned());
                    at = previous;
                }
                path.reverse();
                path.dedup();
                return Some(path);
            }
            if next != start && !from.contains_key(next.as_str()) {
                from.insert(next, module);
                queue.push_back(next);
            }
        }
    }
    None
}
