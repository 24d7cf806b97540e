//! Dependencies that nobody uses: named in a crate's manifest but not in its code, or only in the
//! workspace's list of versions.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use super::Findings;
use super::source::Tree;

pub(super) fn check(tree: &Tree, findings: &mut Findings) -> Result<()> {
    let metadata = metadata(tree)?;
    let mut named = BTreeSet::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let manifest = Path::new(package["manifest_path"].as_str().unwrap_or_default());
        let folder = manifest.parent().unwrap_or(&tree.root);
        let folder = folder.strip_prefix(&tree.root)?.display().to_string();
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let name = dependency["name"].as_str().unwrap_or_default();
            let in_tests = dependency["kind"] == "dev";
            named.insert(name.to_owned());
            if !is_used(tree, &folder, name, in_tests) {
                findings.problems.push(format!(
                    "{folder}/Cargo.toml names {name}, {folder} does not use it"
                ));
            }
        }
    }
    let manifest = fs::read_to_string(tree.root.join("Cargo.toml")).context("Cargo.toml")?;
    let versions = versions(&manifest);
    for name in versions.iter().filter(|name| !named.contains(**name)) {
        let problem = format!("Cargo.toml has a version of {name}, no crate names it");
        findings.problems.push(problem);
    }
    let figure = format!("dependencies: {} in the workspace's list", versions.len());
    findings.figures.push(figure);
    Ok(())
}

pub(super) fn metadata(tree: &Tree) -> Result<Value> {
    let output = Command::new("cargo")
        .args(["metadata", "--format-version", "1", "--no-deps"])
        .current_dir(&tree.root)
        .output()
        .context("cargo metadata")?;
    serde_json::from_slice(&output.stdout).context("cargo metadata")
}

/// A dependency of tests may be used anywhere in the crate; another one outside of whole test files.
fn is_used(tree: &Tree, folder: &str, name: &str, in_tests: bool) -> bool {
    // The one package whose library has another name.
    let word = if name == "md-5" {
        "md5".to_owned()
    } else {
        name.replace('-', "_")
    };
    let inside = format!("{folder}/");
    let mut files = tree
        .files
        .iter()
        .filter(|file| file.path.starts_with(&inside) && (in_tests || !file.is_test()));
    files.any(|file| has_word(&file.text, &word))
}

fn has_word(text: &str, word: &str) -> bool {
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    text.match_indices(word).any(|(at, _)| {
        let after = &text[at + word.len()..];
        !is_part(text[..at].chars().next_back()) && !is_part(after.chars().next())
    })
}

/// The names in the workspace's list of versions.
fn versions(manifest: &str) -> Vec<&str> {
    manifest
        .lines()
        .skip_while(|line| *line != "[workspace.dependencies]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| Some(line.split_once(" = ")?.0))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_is_named_by_the_whole_word_only() {
        assert!(has_word("use serde::Serialize;", "serde"));
        assert!(!has_word("use serde_json::Value;", "serde"));
    }

    #[test]
    fn only_the_list_of_versions_is_read() {
        let manifest =
            "[workspace]\na = 1\n[workspace.dependencies]\n# b = 2\nc = \"3\"\n\n[x]\nd = 4\n";
        assert_eq!(versions(manifest), ["c"]);
    }
}
