//! Structure as a test: what reviewers would otherwise have to notice.

mod direction;
mod links;
mod manifests;
mod modules;
mod sizes;
mod snapshots;
mod source;
mod texts;

use anyhow::{Result, bail};

use crate::process::{root, say};
use source::Tree;

/// What a check found: problems fail, figures are printed.
#[derive(Default)]
pub(crate) struct Findings {
    pub(crate) problems: Vec<String>,
    pub(crate) warnings: Vec<String>,
    pub(crate) figures: Vec<String>,
}

/// Runs all checks; prints the figures, fails with all problems at once.
pub(crate) fn run() -> Result<()> {
    let tree = Tree::read(&root())?;
    let mut findings = Findings::default();
    direction::check(&tree, &mut findings)?;
    manifests::check(&tree, &mut findings)?;
    modules::check(&tree, &mut findings);
    sizes::check(&tree, &mut findings);
    texts::check(&tree, &mut findings);
    links::check(&tree, &mut findings)?;
    snapshots::check(&tree, &mut findings)?;
    say("== tidy");
    for figure in &findings.figures {
        say(&format!("   {figure}"));
    }
    for warning in &findings.warnings {
        say(&format!("   warning: {warning}"));
    }
    if findings.problems.is_empty() {
        return Ok(());
    }
    for problem in &findings.problems {
        say(&format!("   error: {problem}"));
    }
    bail!("tidy found {} problem(s)", findings.problems.len())
}
