//! `balefire shadow report`: where this node and the Alertmanager beside it differ.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};

use super::config::load;
use super::listing::{Listing, local};
use super::views::labels;
use crate::environment::ProcessEnvironment;
use crate::exit::{Ended, Exit};
use crate::output::{data, json, say};
use crate::server::lines;
use crate::shadow::Report;

const EXAMPLES: &str = "Examples:
  balefire serve --config alertmanager.yml --shadow --compare http://alertmanager:9093 --copy-silences
  balefire shadow report --config alertmanager.yml

Exit code 9 when something differs, or the last comparison failed.";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Shadow {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Print what differed in two rounds or longer, as of the last round.
    #[command(after_help = "Example:\n  balefire shadow report --data /var/lib/balefire --json")]
    Report {
        /// The node's data folder.
        #[arg(long, value_name = "DIR", env = "BALEFIRE_DATA")]
        data: Option<PathBuf>,
        /// The node's document, which names the data folder.
        #[arg(long, value_name = "FILE", env = "BALEFIRE_CONFIG")]
        config: Option<PathBuf>,
        /// Print JSON, whose shape stays the same between releases.
        #[arg(long)]
        json: bool,
    },
}

impl Shadow {
    pub(crate) fn run(self) -> Result<Exit> {
        let What::Report {
            data,
            config,
            json: as_json,
        } = self.what;
        let folder = match (data, config) {
            (Some(folder), _) => folder,
            (None, Some(file)) => load(&file)?.plan.server.data,
            (None, None) => default_folder()?,
        };
        let file = Report::file(&folder).display().to_string();
        let report = Report::read(&folder).with_context(|| file.clone())?;
        let report = report.ok_or_else(|| {
            Ended::new(
                Exit::NotFound,
                format!("there is no {file}: name the data folder of a node that runs with --shadow --compare"),
            )
        })?;
        if as_json {
            json(&report)?;
        } else {
            tell(&report);
        }
        let good = report.differ == 0 && report.failure.is_none();
        Ok(if good { Exit::Ok } else { Exit::Problems })
    }
}

/// The data folder of a node without a document.
fn default_folder() -> Result<PathBuf, Ended> {
    let document = balefire_config::default_document();
    let loaded = balefire_config::load(document, "built-in", &ProcessEnvironment);
    let loaded = loaded.map_err(|problems| Ended::invalid(lines(&problems)))?;
    Ok(loaded.plan.server.data)
}

fn tell(report: &Report) {
    data(&report.summary());
    let (with, at) = (&report.compared_with, local(report.at));
    say(&format!(
        "compared with {with} in {} round(s), the last at {at}",
        report.rounds
    ));
    if report.copied_silences > 0 {
        say(&format!(
            "{} silence(s) are copied from there",
            report.copied_silences
        ));
    }
    if let Some(failure) = &report.failure {
        say(&format!("the last round failed: {failure}"));
    }
    if report.differences.is_empty() {
        return;
    }
    let mut listing = Listing::new(&["since", "receiver", "group", "what differs"]);
    for lasting in &report.differences {
        let difference = &lasting.difference;
        let (since, group) = (local(lasting.since), labels(&difference.labels));
        listing.row([
            since,
            difference.receiver.clone(),
            group,
            lasting.words.clone(),
        ]);
    }
    listing.print("differences");
}
