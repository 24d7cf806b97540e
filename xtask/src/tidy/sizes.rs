//! How long files and functions are, against STYLE's figures.

use super::Findings;
use super::source::{File, Tree};

const WARN_LINES: usize = 400;
const FAIL_LINES: usize = 600;
const FUNCTION_LINES: usize = 80;
const INLINE_TEST_LINES: usize = 150;

pub(super) fn check(tree: &Tree, findings: &mut Findings) {
    let mut functions: Vec<(usize, String)> = Vec::new();
    let mut lengths: Vec<usize> = Vec::new();
    for file in tree.files.iter().filter(|file| !file.is_test()) {
        let lines = file.code().lines().count();
        lengths.push(lines);
        if lines > FAIL_LINES {
            findings.problems.push(format!(
                "{}: {lines} lines, more than {FAIL_LINES}",
                file.path
            ));
        } else if lines > WARN_LINES {
            findings.warnings.push(format!(
                "{}: {lines} lines, more than {WARN_LINES}",
                file.path
            ));
        }
        let tests = file.text.lines().count() - lines;
        if tests > INLINE_TEST_LINES {
            findings.problems.push(format!(
                "{}: {tests} lines of tests inside, more than {INLINE_TEST_LINES}: move them to tests.rs",
                file.path
            ));
        }
        functions.extend(function_lengths(file));
    }
    for (lines, name) in functions
        .iter()
        .filter(|(lines, _)| *lines > FUNCTION_LINES)
    {
        findings
            .problems
            .push(format!("{name}: {lines} lines, more than {FUNCTION_LINES}"));
    }
    let of = |sorted: &[usize], share: usize| {
        sorted
            .get((sorted.len() * share / 100).min(sorted.len().saturating_sub(1)))
            .copied()
            .unwrap_or(0)
    };
    lengths.sort_unstable();
    let mut sizes: Vec<usize> = functions.iter().map(|(lines, _)| *lines).collect();
    sizes.sort_unstable();
    findings.figures.push(format!(
        "files: {} · median {} lines · p90 {} · longest {}",
        lengths.len(),
        of(&lengths, 50),
        of(&lengths, 90),
        lengths.last().unwrap_or(&0)
    ));
    findings.figures.push(format!(
        "functions: {} · median {} lines · p90 {} · p99 {} · longest {}",
        sizes.len(),
        of(&sizes, 50),
        of(&sizes, 90),
        of(&sizes, 99),
        sizes.last().unwrap_or(&0)
    ));
}

/// Functions by indentation, which rustfmt guarantees: from `fn` to the closing brace at its column.
fn function_lengths(file: &File) -> Vec<(usize, String)> {
    let lines: Vec<&str> = file.code().lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let text = line.trim_start();
        let indent = line.len() - text.len();
        let Some(name) = function_name(text) else {
            continue;
        };
        let end = lines[at..].iter().position(|l| {
            l.len() > indent && l[..indent].trim().is_empty() && l[indent..].starts_with('}')
        });
        let one_line = text.ends_with('}') || text.ends_with(';');
        if let (Some(length), false) = (end, one_line) {
            found.push((length + 1, format!("{}:{} fn {name}", file.path, at + 1)));
        }
    }
    found
}

fn function_name(text: &str) -> Option<&str> {
    let mut rest = text;
    for prefix in [
        "pub(crate) ",
        "pub(super) ",
        "pub ",
        "const ",
        "async ",
        "unsafe ",
    ] {
        rest = rest.strip_prefix(prefix).unwrap_or(rest);
    }
    let rest = rest.strip_prefix("fn ")?;
    rest.split(['(', '<']).next()
}
