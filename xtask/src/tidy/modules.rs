//! No circles between the top modules of a crate: `use crate::a` from b and `use crate::b` from a.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::Findings;
use super::source::Tree;

type Graph = BTreeMap<String, BTreeSet<String>>;

pub(super) fn check(tree: &Tree, findings: &mut Findings) {
    let mut graphs: BTreeMap<String, Graph> = BTreeMap::new();
    for file in tree.files.iter().filter(|file| !file.is_test()) {
        let Some(name) = file.crate_name() else {
            continue;
        };
        let Some((module, is_top)) = place(&file.path) else {
            continue;
        };
        let edges = graphs
            .entry(name.to_owned())
            .or_default()
            .entry(module.to_owned())
            .or_default();
        let code = without_comments(file.code());
        edges.extend(named_after("crate::", &code));
        if is_top {
            edges.extend(named_after("super::", &code));
        }
        edges.remove(module);
    }
    let (mut modules, mut found) = (0, 0);
    for (name, graph) in &graphs {
        modules += graph.len();
        for circle in circles(graph) {
            found += 1;
            findings.problems.push(format!(
                "crates/{name}: modules in a circle: {}",
                circle.join(" → ")
            ));
        }
    }
    findings.figures.push(format!(
        "circles between modules: {found} among {modules} modules"
    ));
}

/// `crates/x/src/a/b.rs` → `a`, and whether the file is that module's own, so that its `super` is
/// the crate; `lib.rs` and `main.rs` belong to no module.
fn place(path: &str) -> Option<(&str, bool)> {
    let inside = path.split_once("/src/")?.1;
    let (first, rest) = inside.split_once('/').unwrap_or((inside, ""));
    let module = first.strip_suffix(".rs").unwrap_or(first);
    let is_module = !matches!(module, "lib" | "main" | "bin");
    is_module.then_some((module, matches!(rest, "" | "mod.rs")))
}

fn without_comments(text: &str) -> String {
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The first names behind `prefix`: `crate::a::B` names a, `crate::{a::B, c}` names a and c.
fn named_after(prefix: &str, code: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (at, _) in code.match_indices(prefix) {
        // `super::super::x` and `self::super::x` lead elsewhere.
        if code[..at].ends_with("::") {
            continue;
        }
        let rest = &code[at + prefix.len()..];
        match rest.strip_prefix('{') {
            None => names.extend(name(rest)),
            Some(list) => names.extend(items(list).into_iter().filter_map(name)),
        }
    }
    names
}

/// The parts of a list in braces, split at its own commas only.
fn items(list: &str) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
    for (at, letter) in list.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => {
                parts.push(&list[start..at]);
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&list[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts
}

fn name(text: &str) -> Option<String> {
    let text = text.trim_start();
    let end = text
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(text.len());
    (end > 0).then(|| text[..end].to_owned())
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
    let mut queue = VecDeque::from([start]);
    while let Some(module) = queue.pop_front() {
        for next in graph
            .get(module)
            .into_iter()
            .flatten()
            .filter(|next| graph.contains_key(*next))
        {
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
            if !from.contains_key(next.as_str()) {
                from.insert(next, module);
                queue.push_back(next);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_imports_names_each_of_its_modules() {
        let code = "use crate::{a::{B, c::D}, e};\nuse crate::f::G;\nuse super::super::h;";
        let names = |prefix| named_after(prefix, code).into_iter().collect::<Vec<_>>();
        assert_eq!(names("crate::"), ["a", "e", "f"]);
        assert_eq!(names("super::"), ["super"]);
    }

    #[test]
    fn a_circle_is_found_however_long_and_told_once() {
        let edges = [("a", "b"), ("b", "c"), ("c", "a"), ("d", "a")];
        let mut graph = Graph::new();
        for (from, to) in edges {
            graph.entry(from.into()).or_default().insert(to.into());
        }
        assert_eq!(circles(&graph).len(), 1);
        graph.remove("c");
        assert!(circles(&graph).is_empty());
    }
}
