//! `balefire sources`: the kinds of sources, and what one makes of a request, without a node.

mod found;
mod trial;

use anyhow::Result;
use balefire_core::alert::Lifecycle;
use balefire_sources::registry::SOURCES;
use clap::{Args, Subcommand};
use serde::Serialize;

use super::listing::Listing;
use crate::exit::Exit;
use crate::output::json;

const EXAMPLES: &str = "Examples:
  balefire sources
  balefire sources try grafana < payload.json
  balefire sources try opsgenie --path v2/alerts --json < payload.json
  balefire sources try backup --config balefire.yml < payload.json";

#[derive(Args)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub(crate) struct Sources {
    #[command(subcommand)]
    what: Option<What>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Subcommand)]
enum What {
    /// Read a request from standard input as a source would, and print what it makes of it.
    #[command(after_help = "Example:\n  balefire sources try zabbix < payload.json")]
    Try(trial::Try),
}

/// A kind of source, as it is listed.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    kind: &'static str,
    title: &'static str,
    lifecycle: &'static str,
    body_limit: usize,
}

impl Sources {
    pub(crate) fn run(self) -> Result<Exit> {
        if let Some(What::Try(trial)) = self.what {
            return trial.run();
        }
        let kinds: Vec<Entry> = SOURCES
            .iter()
            .map(|spec| Entry {
                kind: spec.kind,
                title: spec.title.0,
                lifecycle: word(spec.lifecycle),
                body_limit: spec.body_limit,
            })
            .collect();
        if self.json {
            json(&kinds)?;
            return Ok(Exit::Ok);
        }
        let mut listing = Listing::new(&["kind", "sender", "alerts end"]);
        for kind in kinds {
            let ends = match kind.lifecycle {
                "explicit" => "when it says so",
                "refreshing" => "when they are not sent again",
                _ => "at once: told once",
            };
            listing.row([kind.kind.to_owned(), kind.title.to_owned(), ends.to_owned()]);
        }
        listing.print("kinds of sources");
        Ok(Exit::Ok)
    }
}

/// A lifecycle as the interface names it.
fn word(lifecycle: Lifecycle) -> &'static str {
    match lifecycle {
        Lifecycle::Refreshing => "refreshing",
        Lifecycle::Explicit => "explicit",
        Lifecycle::Event => "event",
    }
}
