//! The project's own chores: `cargo xtask test`, `tidy`, `reference`, `ci`. No shell scripts, no make.

mod channel_pages;
mod ci;
mod databases;
mod needs;
mod pages;
mod peers;
mod process;
mod reference;
mod source_pages;
mod test;
mod tidy;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Chores of the Balefire workspace.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Chore {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Runs all tests; says or installs what they need beyond Rust.
    Test {
        /// Install missing Debian packages and peers of PyPI instead of naming them (needs root).
        #[arg(long)]
        install: bool,
        /// Only tests whose name holds this.
        filter: Option<String>,
    },
    /// Checks structure: dependency direction, circles, sizes, texts.
    Tidy,
    /// Writes docs/reference.md, docs/sources and docs/channels from what the binary says of itself.
    Reference {
        /// Only say whether it is stale.
        #[arg(long)]
        check: bool,
    },
    /// All that the one CI script runs.
    Ci,
}

fn main() -> ExitCode {
    match work() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            process::say(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn work() -> Result<()> {
    match Chore::parse().task {
        Task::Test { install, filter } => test::run(install, filter.as_deref()),
        Task::Tidy => tidy::run(),
        Task::Reference { check } => reference::run(check),
        Task::Ci => ci::run_all(),
    }
}
