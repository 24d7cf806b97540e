//! What CI runs, in order; the same on every machine.

use anyhow::Result;

use crate::process::run;
use crate::{test, tidy};

/// Format, lints, structure, tests, and the binary a user would build.
pub(crate) fn run_all() -> Result<()> {
    run("format", "cargo", &["fmt", "--all", "--check"], &[])?;
    tidy::run()?;
    let clippy = ["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"];
    run("lints", "cargo", &clippy, &[])?;
    run("documentation", "cargo", &["doc", "--workspace", "--no-deps", "--locked", "-q"], &[(
        "RUSTDOCFLAGS",
        "-D warnings",
    )])?;
    run("release build", "cargo", &["build", "--release", "--locked"], &[])?;
    test::run(true, None)
}
