//! What CI runs, in order; the same on every machine.

use anyhow::Result;

use crate::process::{answers, root, run};
use crate::{reference, test, tidy};

/// What is cheap and what fails most often goes first; the binary a user would build goes last.
pub(crate) fn run_all() -> Result<()> {
    run("format", "cargo", &["fmt", "--all", "--check"], &[])?;
    tidy::run()?;
    let clippy = [
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "-D",
        "warnings",
    ];
    run("lints", "cargo", &clippy, &[])?;
    run(
        "documentation",
        "cargo",
        &["doc", "--workspace", "--no-deps", "--locked", "-q"],
        &[("RUSTDOCFLAGS", "-D warnings")],
    )?;
    dependencies()?;
    test::run(true, None)?;
    reference::run(true)?;
    run(
        "release build",
        "cargo",
        &["build", "--release", "--locked"],
        &[],
    )
}

/// Licences, banned crates and registries, by `deny.toml`. The tool is made once when it is not here:
/// a minute or two, in the folder of build products.
fn dependencies() -> Result<()> {
    let check = ["--locked", "check", "bans", "licenses", "sources"];
    if answers("cargo", &["deny", "--version"]) {
        return run(
            "dependencies",
            "cargo",
            &[&["deny"], &check[..]].concat(),
            &[],
        );
    }
    let tools = root().join("target/tools");
    let (tools, tool) = (tools.display().to_string(), tools.join("bin/cargo-deny"));
    let tool = tool.display().to_string();
    if !answers(&tool, &["--version"]) {
        let install = [
            "install",
            "cargo-deny@0.20.2",
            "--locked",
            "--debug",
            "--root",
            &tools,
        ];
        run("cargo-deny", "cargo", &install, &[])?;
    }
    run("dependencies", &tool, &check, &[])
}
