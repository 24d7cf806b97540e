//! Running other programs, with their output where the reader sees it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};

/// The workspace's folder.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// Prints one line for people.
pub(crate) fn say(line: &str) {
    #[expect(clippy::print_stderr, reason = "this is a command-line tool")]
    {
        eprintln!("{line}");
    }
}

/// Runs a program in the workspace and fails when it fails; says how long it took.
pub(crate) fn run(
    title: &str,
    program: &str,
    arguments: &[&str],
    env: &[(&str, &str)],
) -> Result<()> {
    say(&format!("\n== {title}: {program} {}", arguments.join(" ")));
    #[expect(clippy::disallowed_methods, reason = "only printed")]
    let began = Instant::now();
    let status = Command::new(program)
        .args(arguments)
        .envs(env.iter().copied())
        .current_dir(root())
        .status()
        .with_context(|| format!("{program} could not be started"))?;
    if !status.success() {
        bail!(
            "{title} failed: {program} {} ({status})",
            arguments.join(" ")
        );
    }
    say(&format!(
        "== {title}: done in {:.0} s",
        began.elapsed().as_secs_f64()
    ));
    Ok(())
}

/// Whether a program answers at all.
pub(crate) fn answers(program: &str, arguments: &[&str]) -> bool {
    Command::new(program)
        .args(arguments)
        .output()
        .is_ok_and(|output| output.status.success())
}
