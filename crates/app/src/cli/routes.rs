//! `balefire routes`: the routing tree, and which way an alert would take.

use std::path::PathBuf;

use anyhow::{Result, anyhow};
use balefire_core::label::Labels;
use clap::{Args, Subcommand};

use super::config::load;
use crate::exit::Exit;
use crate::output::{data, say};

const EXAMPLES: &str = "Examples:
  balefire routes show --config balefire.yml
  balefire routes test --config balefire.yml --verify.receivers=ops alertname=DiskFull severity=critical";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Routes {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Print the routing tree.
    #[command(after_help = "Example:\n  balefire routes show --config balefire.yml")]
    Show {
        /// The YAML document.
        #[arg(long, value_name = "FILE", env = "BALEFIRE_CONFIG")]
        config: PathBuf,
    },
    /// Print the receivers of an alert with these labels, and every route that was tried.
    #[command(
        after_help = "Example:\n  balefire routes test --config balefire.yml severity=critical"
    )]
    Test {
        /// The YAML document.
        #[arg(long, value_name = "FILE", env = "BALEFIRE_CONFIG")]
        config: PathBuf,
        /// Fail unless the receivers are these, comma-separated and in order.
        #[arg(long = "verify.receivers", value_name = "NAMES")]
        verify: Option<String>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// Labels of the alert.
        #[arg(value_name = "NAME=VALUE")]
        labels: Vec<String>,
    },
}

impl Routes {
    pub(crate) fn run(self) -> Result<Exit> {
        match self.what {
            What::Show { config } => {
                data(balefire_config::routes_show(&load(&config)?.plan).trim_end());
                Ok(Exit::Ok)
            }
            What::Test {
                config,
                verify,
                json,
                labels,
            } => {
                let pairs = labels
                    .iter()
                    .map(|pair| {
                        pair.split_once('=')
                            .ok_or_else(|| anyhow!("{pair:?} is not name=value"))
                    })
                    .collect::<Result<Vec<_>>>()?;
                let labels = Labels::from_pairs(pairs)?;
                let report = balefire_config::routes_test(&load(&config)?.plan, &labels);
                let receivers = report.receivers.join(",");
                if json {
                    data(&serde_json::to_string_pretty(&report)?);
                } else {
                    say(report.to_string().trim_end());
                    data(&receivers);
                }
                if verify.as_ref().is_some_and(|wanted| *wanted != receivers) {
                    say(&format!(
                        "WARNING: expected the receivers {:?}, but they are {receivers:?}",
                        verify.unwrap_or_default()
                    ));
                    return Ok(Exit::Failure);
                }
                Ok(Exit::Ok)
            }
        }
    }
}
