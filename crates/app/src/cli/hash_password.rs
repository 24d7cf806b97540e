//! `balefire hash-password`: what goes into `access.users` instead of the password itself.

use std::io::{BufRead, IsTerminal};

use anyhow::{Context, Result};
use balefire_config::password::Password;
use clap::Args;

use crate::exit::{Ended, Exit};
use crate::output::{data, say};

#[derive(Args)]
#[command(after_help = "Example:\n  balefire hash-password < password.txt")]
pub(crate) struct HashPassword {}

impl HashPassword {
    /// Reads a line; prints its hash.
    pub(crate) fn run() -> Result<Exit> {
        let mut input = std::io::stdin().lock();
        if input.is_terminal() {
            say("The password, which is shown as you type it:");
        }
        let mut line = String::new();
        input.read_line(&mut line).context("standard input")?;
        let plain = line.trim_end_matches(['\r', '\n']);
        let hash = Password::hash(plain).map_err(|error| Ended::invalid(error.to_string()))?;
        data(&hash);
        Ok(Exit::Ok)
    }
}
