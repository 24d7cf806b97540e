//! `balefire config`: the schema for editors, the document as it is read, and those that were in force.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use balefire_config::Loaded;
use clap::{Args, Subcommand};

use super::history::History;
use crate::environment::ProcessEnvironment;
use crate::exit::{Ended, Exit};
use crate::output::data;
use crate::server::lines;

const EXAMPLES: &str = "Examples:
  balefire config schema > balefire.schema.json
  balefire config show balefire.yml
  balefire config history";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Config {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Print the JSON Schema of the document, for editors.
    #[command(after_help = "Example:\n  balefire config schema > balefire.schema.json")]
    Schema,
    /// Print the document with secrets as `<secret>`.
    #[command(after_help = "Example:\n  balefire config show balefire.yml")]
    Show {
        /// The YAML document.
        file: PathBuf,
        /// As `/api/v2/status` shows it: only what Alertmanager knows.
        #[arg(long)]
        alertmanager: bool,
    },
    /// The configurations that a node had in force.
    History(History),
}

impl Config {
    pub(crate) async fn run(self) -> Result<Exit> {
        match self.what {
            What::History(history) => return history.run().await,
            What::Schema => {
                data(&serde_json::to_string_pretty(
                    &balefire_config::json_schema(),
                )?);
            }
            What::Show { file, alertmanager } => {
                let plan = load(&file)?.plan;
                data(if alertmanager {
                    &plan.alertmanager_yaml
                } else {
                    &plan.redacted_yaml
                });
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
        .map_err(|problems| Ended::invalid(lines(&problems)).into())
}
