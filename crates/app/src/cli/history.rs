//! `balefire config history`: the configurations that a node had in force.

use anyhow::Result;
use balefire_core::time::Time;
use clap::Args;
use serde::Deserialize;
use serde_json::Value;

use super::listing::{Listing, local};
use super::node::Node;
use crate::exit::Exit;
use crate::output::{data, json};

#[derive(Args)]
#[command(
    after_help = "Examples:\n  balefire config history\n  balefire config history 9c0ffee1 | diff - balefire.yml"
)]
pub(crate) struct History {
    /// Print this version's document, secrets as `<secret>`.
    #[arg(id = "which", value_name = "VERSION", value_parser = version)]
    version: Option<String>,
    /// At most so many.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1000))]
    limit: u16,
    #[command(flatten)]
    node: Node,
}

/// A configuration that was in force.
#[derive(Debug, Deserialize)]
struct Version {
    #[serde(rename = "version")]
    name: String,
    at: Time,
    current: bool,
}

/// A version's name as it is printed: hexadecimal digits.
fn version(text: &str) -> Result<String, String> {
    if text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Ok(text.to_owned())
    } else {
        Err("a version is written in hexadecimal digits".to_owned())
    }
}

impl History {
    pub(crate) async fn run(self) -> Result<Exit> {
        let client = self.node.client()?;
        if let Some(version) = &self.version {
            let path = format!("/api/v1/config/versions/{version}");
            let found: Value = client.get(&path, &[]).await?;
            match found["document"].as_str() {
                Some(document) if !self.node.json => data(document.trim_end()),
                _ => json(&found)?,
            }
            return Ok(Exit::Ok);
        }
        let query = [("limit", self.limit.to_string())];
        let list: Value = client.get("/api/v1/config/versions", &query).await?;
        if self.node.json {
            json(&list["versions"])?;
            return Ok(Exit::Ok);
        }
        let versions: Vec<Version> = serde_json::from_value(list["versions"].clone())?;
        let mut listing = Listing::new(&["version", "since", ""]);
        for version in versions {
            let current = if version.current { "in force" } else { "" };
            listing.row([version.name, local(version.at), current.to_owned()]);
        }
        listing.print("versions");
        Ok(Exit::Ok)
    }
}
