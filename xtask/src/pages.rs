//! Pages of the documentation that the binary writes of itself, so that they cannot say anything else than it.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::process::{root, say};

/// A page.
pub(crate) struct Page {
    /// Below the root of the checkout.
    pub(crate) path: String,
    /// The whole of it.
    pub(crate) text: String,
}

impl Page {
    /// Writes it; with `check`, only says whether it is what would be written.
    pub(crate) fn settle(self, check: bool) -> Result<()> {
        let path = root().join(&self.path);
        let found = fs::read_to_string(&path).unwrap_or_default();
        if found == self.text {
            return Ok(());
        }
        if check {
            bail!("{} is stale: run `cargo xtask reference`", self.path);
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        }
        say(&format!("== {} is written", self.path));
        fs::write(&path, self.text).with_context(|| path.display().to_string())
    }
}

/// What a command of the binary prints as JSON.
pub(crate) fn balefire(arguments: &[&str]) -> Result<Value> {
    printed(&[&["-p", "balefire", "--"], arguments].concat())
}

/// What `cargo run` with these arguments prints as JSON.
pub(crate) fn printed(arguments: &[&str]) -> Result<Value> {
    let output = Command::new("cargo")
        .args(["run", "-q", "--locked"])
        .args(arguments)
        .current_dir(root())
        .output()
        .context("cargo run")?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let what = arguments.join(" ");
    serde_json::from_slice(&output.stdout).with_context(|| format!("what `{what}` prints"))
}
