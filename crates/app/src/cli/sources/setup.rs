//! `balefire sources setup`: what to paste at the sender's side.

use std::path::PathBuf;

use anyhow::Result;
use balefire_sources::setup::{Address, page};
use clap::Args;
use serde_json::json;

use super::chosen::Chosen;
use crate::exit::Exit;
use crate::output::{data, json as print};

pub(super) const EXAMPLES: &str = "Examples:
  balefire sources setup zabbix                                    # for a node on this machine
  balefire sources setup grafana-main --config balefire.yml        # with the addresses of a source of yours";

#[derive(Args)]
pub(crate) struct SetUp {
    /// The kind of source; with --config, the name of a source in it.
    #[arg(value_name = "KIND")]
    kind: String,
    /// The document that says how the node is reached, and which sources there are.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl SetUp {
    pub(super) fn run(self) -> Result<Exit> {
        let chosen = Chosen::of(&self.kind, self.config.as_deref())?;
        let node = chosen.node().unwrap_or(Address::EXAMPLE.node);
        let at = match chosen.source() {
            Some(source) => Address {
                node,
                name: &source.name,
                has_token: source.token.is_some(),
            },
            None => Address {
                node,
                ..Address::EXAMPLE
            },
        };
        let page = page(chosen.spec, &at);
        if self.json {
            print(&json!({"kind": chosen.spec.kind, "address": at.url(), "setup": page}))?;
        } else {
            data(page.trim_end());
        }
        Ok(Exit::Ok)
    }
}
