//! `balefire incident merge` and `report`.

use anyhow::Result;
use clap::Args;
use reqwest::Method;
use serde_json::Value;

use super::{body, text, views, who};
use crate::client::{Call, Client};
use crate::exit::Exit;
use crate::output::{data, json, say};

#[derive(Args)]
pub(super) struct Merge {
    /// The number of the one that is resolved by it.
    id: u64,
    /// The number of the one that people go on with.
    into: u64,
    /// What to say to it.
    #[arg(long, short)]
    text: Option<String>,
    /// Who; the user who runs this when it is left out.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

impl Merge {
    pub(super) async fn run(self, client: &Client, as_json: bool) -> Result<Exit> {
        let body = body([
            ("into", Some(self.into.into())),
            ("text", text(self.text)),
            ("by", text(who(self.by))),
        ]);
        let path = format!("/api/v1/incidents/{}/merge", self.id);
        let kept: Value = client.post(&path, &body).await?;
        if as_json {
            json(&kept)?;
            return Ok(Exit::Ok);
        }
        let kept: views::Incident = serde_json::from_value(kept)?;
        say(&format!(
            "incident {} goes on as {}, which is {}",
            self.id,
            kept.id,
            kept.standing()
        ));
        Ok(Exit::Ok)
    }
}

/// Prints the report of an incident, Markdown.
pub(super) async fn report(client: &Client, id: u64) -> Result<Exit> {
    let path = format!("/api/v1/incidents/{id}/report.md");
    let answer = client.call(Method::GET, &path, Call::default()).await?;
    data(String::from_utf8_lossy(&answer.body).trim_end());
    Ok(Exit::Ok)
}
