//! Words in files: module docs, blanks, ignored tests, locales with the same keys.

use std::collections::BTreeSet;
use std::fs;

use super::Findings;
use super::source::Tree;

/// Module names that say nothing.
const NAMELESS: &[&str] = &[
    "utils", "util", "common", "manager", "misc", "helpers", "helper",
];
/// What no file may hold; in two parts so that this one does not.
const BANNED: &[(&str, &str)] = &[
    (concat!("#[", "ignore"), "an ignored test asserts nothing"),
    (concat!("todo", "!("), "not done"),
    (concat!("unimplemented", "!("), "not done"),
    (concat!("FIX", "ME"), "an issue belongs in the tracker"),
];

pub(super) fn check(tree: &Tree, findings: &mut Findings) {
    for file in &tree.files {
        let problems = &mut findings.problems;
        if !file.text.trim_start().starts_with("//!") && !file.is_test() {
            problems.push(format!("{}: no module documentation at the top", file.path));
        }
        for (number, line) in file.text.lines().enumerate() {
            if line.ends_with(' ') || line.ends_with('\t') {
                problems.push(format!(
                    "{}:{}: blank at the end of the line",
                    file.path,
                    number + 1
                ));
            }
            for (word, why) in BANNED {
                if line.contains(word) {
                    problems.push(format!("{}:{}: {word} ({why})", file.path, number + 1));
                }
            }
        }
        let stem = file
            .path
            .rsplit('/')
            .next()
            .and_then(|name| name.strip_suffix(".rs"));
        if stem.is_some_and(|stem| NAMELESS.contains(&stem)) {
            problems.push(format!("{}: a name that says nothing", file.path));
        }
    }
    locales(tree, findings);
}

fn locales(tree: &Tree, findings: &mut Findings) {
    let keys = |name: &str| -> BTreeSet<String> {
        fs::read_to_string(tree.root.join("locales").join(name))
            .unwrap_or_default()
            .lines()
            .filter(|line| line.starts_with(|c: char| c.is_ascii_alphabetic() || c == '-'))
            .filter_map(|line| line.split('=').next())
            .map(|key| key.trim().to_owned())
            .collect()
    };
    let (english, chinese) = (keys("en.ftl"), keys("zh-CN.ftl"));
    for key in english.symmetric_difference(&chinese) {
        findings
            .problems
            .push(format!("locales: {key} is in one language only"));
    }
    findings
        .figures
        .push(format!("locales: {} texts in 2 languages", english.len()));
}
