//! All tests, with the one command that README, CI and developers use.

use anyhow::Result;

use crate::needs;
use crate::process::{self, answers};

/// Runs every test of the workspace; nothing is left out in silence.
pub(crate) fn run(install: bool, filter: Option<&str>) -> Result<()> {
    let mut env = needs::meet(install)?;
    env.push(("INSTA_UPDATE", "no"));
    // First, so that the last lines are those of the tests that matter.
    if filter.is_none() {
        process::run(
            "examples in docs",
            "cargo",
            &["test", "--workspace", "--locked", "--doc", "-q"],
            &env,
        )?;
    }
    let mut arguments = if answers("cargo", &["nextest", "--version"]) {
        vec![
            "nextest",
            "run",
            "--workspace",
            "--locked",
            "--no-fail-fast",
        ]
    } else {
        vec![
            "test",
            "--workspace",
            "--locked",
            "--no-fail-fast",
            "--lib",
            "--bins",
            "--tests",
        ]
    };
    arguments.extend(filter);
    process::run("tests", "cargo", &arguments, &env)
}
