//! Servers of other makers that the tests speak with and that Debian does not have: packages of PyPI, in a folder of their own.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::process::{root, run};

/// What is wanted, in pip's own form.
const WANTED: &str = include_str!("../peers.txt");

/// Makes sure that the packages are there in the versions that are wanted; with `install`, by installing them.
pub(crate) fn meet(install: bool) -> Result<()> {
    let folder = root().join("target/tools/peers");
    // Written last: a folder without it was left unfinished.
    let mark = folder.join("peers.txt");
    if fs::read_to_string(&mark).is_ok_and(|there| there == WANTED) {
        return Ok(());
    }
    let place = folder.display().to_string();
    if !install {
        bail!(
            "the tests need {} in {place}: run `cargo xtask test --install`",
            WANTED.split_whitespace().collect::<Vec<_>>().join(", ")
        );
    }
    let make = ["-m", "venv", "--clear", &place];
    run("a folder for peers", "/usr/bin/python3", &make, &[])?;
    let pip = folder.join("bin/pip").display().to_string();
    let wanted = root().join("xtask/peers.txt").display().to_string();
    let options = ["install", "--quiet", "--disable-pip-version-check"];
    let arguments = [&options[..], &["-r", &wanted]].concat();
    run("peers", &pip, &arguments, &[])?;
    fs::write(&mark, WANTED).with_context(|| format!("{} cannot be written", mark.display()))
}
