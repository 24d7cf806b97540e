//! Stored snapshots that no test reads any more, and new ones that nobody looked at.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::Findings;
use super::source::Tree;

pub(super) fn check(tree: &Tree, findings: &mut Findings) -> Result<()> {
    let mut snapshots = Vec::new();
    collect(&tree.root.join("crates"), &mut snapshots)?;
    for path in &snapshots {
        let name = path.strip_prefix(&tree.root)?.display().to_string();
        if path.extension().is_some_and(|extension| extension == "new") {
            let problem = format!("{name}: a snapshot that nobody has accepted");
            findings.problems.push(problem);
        } else if !beside_its_fixture(path) && !is_asserted(tree, &name) {
            let problem = format!("{name}: no test reads this snapshot");
            findings.problems.push(problem);
        }
    }
    let figure = format!("snapshots: {}", snapshots.len());
    findings.figures.push(figure);
    Ok(())
}

/// `fixtures/zabbix/problem.json.snap` belongs to `problem.json`; a suite walks the folder.
fn beside_its_fixture(path: &Path) -> bool {
    path.with_extension("").is_file()
}

/// Whether the crate's code has a test, or a snapshot's own name, of this name.
fn is_asserted(tree: &Tree, snapshot: &str) -> bool {
    let home: Vec<&str> = snapshot.splitn(3, '/').take(2).collect();
    let home = format!("{}/", home.join("/"));
    let mut files = tree.files.iter();
    let name = test(snapshot);
    files.any(|file| file.path.starts_with(&home) && file.text.contains(name))
}

fn collect(folder: &Path, snapshots: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        let name = path.to_string_lossy();
        if path.is_dir() {
            collect(&path, snapshots)?;
        } else if name.ends_with(".snap") || name.ends_with(".snap.new") {
            snapshots.push(path);
        }
    }
    Ok(())
}

/// The test's name, or the one it gave: `crate__module__tests__NAME-2.snap`.
fn test(snapshot: &str) -> &str {
    let file = snapshot.rsplit('/').next().unwrap_or(snapshot);
    let stem = file.strip_suffix(".snap").unwrap_or(file);
    let name = stem.rsplit_once("__").map_or(stem, |(_, name)| name);
    // A second snapshot in the same test has a number.
    let numbered = name
        .rsplit_once('-')
        .filter(|(_, number)| number.bytes().all(|byte| byte.is_ascii_digit()));
    let name = numbered.map_or(name, |(name, _)| name);
    // What follows is the input that the test was looking at.
    name.split_once('@').map_or(name, |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshots_file_names_its_test() {
        for (file, name) in [
            ("x__a__tests__a_page_of_mail-2.snap", "a_page_of_mail"),
            ("crates/x/fixtures/y/request@firing.snap", "request"),
        ] {
            assert_eq!(test(file), name);
        }
    }
}
