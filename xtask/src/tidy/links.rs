//! Links in documents that lead nowhere: files that are not there, headings that are not in them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::Findings;
use super::source::Tree;

/// Folders that hold documents; those of the workspace's own folder are read too.
const FOLDERS: &[&str] = &["docs", "changelog.d", "packaging", "crates"];

pub(super) fn check(tree: &Tree, findings: &mut Findings) -> Result<()> {
    let mut documents = Vec::new();
    for entry in fs::read_dir(&tree.root)? {
        documents.extend(Some(entry?.path()).filter(|path| is_markdown(path)));
    }
    for folder in FOLDERS {
        collect(&tree.root.join(folder), &mut documents)?;
    }
    documents.sort();
    let mut links = 0;
    for document in &documents {
        let text = fs::read_to_string(document).with_context(|| document.display().to_string())?;
        for (line, target) in targets(&text) {
            links += 1;
            if let Some(problem) = problem(document, &target, &tree.root) {
                let name = document.strip_prefix(&tree.root)?.display().to_string();
                findings.problems.push(format!("{name}:{line}: {problem}"));
            }
        }
    }
    findings.figures.push(format!(
        "documents: {} · links inside: {links}",
        documents.len()
    ));
    Ok(())
}

fn is_markdown(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "md")
}

fn collect(folder: &Path, documents: &mut Vec<PathBuf>) -> Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, documents)?;
        } else if is_markdown(&path) {
            documents.push(path);
        }
    }
    Ok(())
}

/// What the links of a document point at within this project, with their lines.
fn targets(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in prose(text) {
        for (at, _) in line.match_indices("](") {
            let rest = &line[at + 2..];
            let Some(end) = rest.find([')', ' ']) else {
                continue;
            };
            let target = &rest[..end];
            let outside = target.contains("://") || target.starts_with("mailto:");
            if !target.is_empty() && !outside {
                found.push((number, target.to_owned()));
            }
        }
    }
    found
}

/// The lines outside of code, without what stands in backticks, numbered from 1.
fn prose(text: &str) -> Vec<(usize, String)> {
    let (mut in_code, mut lines) = (false, Vec::new());
    for (number, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        } else if !in_code {
            let outside = line.split('`').step_by(2).collect::<Vec<_>>().join("`");
            lines.push((number + 1, outside));
        }
    }
    lines
}

fn problem(document: &Path, target: &str, root: &Path) -> Option<String> {
    let (file, heading) = target.split_once('#').unwrap_or((target, ""));
    let path = match file {
        "" => document.to_owned(),
        _ if file.starts_with('/') => return Some(format!("{target} is no relative link")),
        _ => document.parent().unwrap_or(root).join(file),
    };
    if !path.exists() {
        return Some(format!("{target} is not there"));
    }
    if heading.is_empty() || !is_markdown(&path) {
        return None;
    }
    let text = fs::read_to_string(&path).unwrap_or_default();
    (!headings(&text).contains(heading)).then(|| format!("{target}: no such heading"))
}

/// The anchors that the usual renderers make of a document's headings.
fn headings(text: &str) -> BTreeSet<String> {
    let (mut in_code, mut anchors) = (false, BTreeSet::new());
    for line in text.lines() {
        in_code ^= line.trim_start().starts_with("```");
        if in_code || !line.starts_with('#') {
            continue;
        }
        let title = line.trim_start_matches('#').trim().to_lowercase();
        let kept = title
            .chars()
            .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        let anchor: String = kept.map(|c| if c == ' ' { '-' } else { c }).collect();
        let again = (1..).map(|number| format!("{anchor}-{number}"));
        let free = std::iter::once(anchor.clone())
            .chain(again)
            .find(|candidate| !anchors.contains(candidate));
        anchors.extend(free);
    }
    anchors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_links_of_prose_into_the_project_count() {
        let text =
            "[a](b.md#c) `[x](y)` [w](https://w.example)\n```\n[z](z.md)\n```\n![p](p.png \"t\")";
        let found = [(1, "b.md#c".to_owned()), (5, "p.png".to_owned())];
        assert_eq!(targets(text), found);
    }

    #[test]
    fn headings_become_anchors_as_the_renderers_make_them() {
        let text = "# One, two: `three`\n## A\n```\n# not one\n```\n## A\n";
        let found = headings(text).into_iter().collect::<Vec<_>>();
        assert_eq!(found, ["a", "a-1", "one-two-three"]);
    }
}
