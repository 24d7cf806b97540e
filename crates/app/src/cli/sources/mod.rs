//! `balefire sources`: the kinds of sources, what to do at a sender's side, and what a source makes of a request; without a node.

mod chosen;
mod found;
mod setup;
mod trial;

use anyhow::Result;
use balefire_core::field::Field;
use balefire_sources::registry::SOURCES;
use balefire_sources::setup::{Address, page};
use clap::{Args, Subcommand};
use serde::Serialize;

use super::listing::Listing;
use crate::exit::Exit;
use crate::output::json;

const EXAMPLES: &str = "Examples:
  balefire sources
  balefire sources setup grafana
  balefire sources setup grafana-main --config balefire.yml
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
    /// Print what to do at the sender's side, with the address to send to.
    #[command(after_help = setup::EXAMPLES)]
    Setup(setup::SetUp),
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
    /// What to do at the sender's side, in Markdown.
    setup: String,
    /// Its own keys in the document.
    options: Vec<Key>,
}

/// A key of a source in the document.
#[derive(Serialize)]
struct Key {
    name: &'static str,
    required: bool,
    default: &'static str,
    doc: &'static str,
}

impl Key {
    fn of(field: &Field) -> Self {
        Self {
            name: field.name,
            required: field.required,
            default: field.default,
            doc: field.doc,
        }
    }
}

impl Sources {
    pub(crate) fn run(self) -> Result<Exit> {
        match self.what {
            Some(What::Setup(setup)) => return setup.run(),
            Some(What::Try(trial)) => return trial.run(),
            None => {}
        }
        let kinds: Vec<Entry> = SOURCES
            .iter()
            .map(|spec| Entry {
                kind: spec.kind,
                title: spec.title.0,
                lifecycle: spec.lifecycle.as_str(),
                body_limit: spec.body_limit,
                setup: page(spec, &Address::EXAMPLE),
                options: spec.fields.iter().map(Key::of).collect(),
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
