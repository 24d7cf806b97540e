//! `balefire config`: the schema for editors, and the document as it is read.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use balefire_config::Loaded;
use clap::{Args, Subcommand};

use crate::environment::ProcessEnvironment;
use crate::exit::Exit;
use crate::output::data;
use crate::server::lines;

#[derive(Args)]
pub(crate) struct Config {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Print the JSON Schema of the document, for editors.
    Schema,
    /// Print the document with secrets as `<secret>`.
    Show {
        /// The YAML document.
        file: PathBuf,
        /// As `/api/v2/status` shows it: only what Alertmanager knows.
        #[arg(long)]
        alertmanager: bool,
    },
}

impl Config {
    pub(crate) fn run(self) -> Result<Exit> {
        match self.what {
            What::Schema => {
                data(&serde_json::to_string_pretty(&balefire_config::json_schema())?);
            }
            What::Show { file, alertmanager } => {
                let plan = load(&file)?.plan;
                data(if alertmanager { &plan.alertmanager_yaml } else { &plan.redacted_yaml });
            }
        }
        Ok(Exit::Ok)
    }
}

/// Reads a document; all its problems are the error.
pub(crate) fn load(file: &Path) -> Result<Loaded> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).with_context(|| name.clone())?;
    balefire_config::load(&text, &name, &ProcessEnvironment)
        .map_err(|problems| anyhow!("{}", lines(&problems)))
}
