//! `balefire reload`: read the configuration again.

use anyhow::Result;
use clap::Args;
use reqwest::Method;
use serde_json::{Value, json};

use super::node::Node;
use crate::client::{Call, ClientError};
use crate::exit::{Ended, Exit};
use crate::output::{json, say};

#[derive(Args)]
#[command(after_help = "Example:\n  balefire check balefire.yml && balefire reload")]
pub(crate) struct Reload {
    #[command(flatten)]
    node: Node,
}

impl Reload {
    pub(crate) async fn run(self) -> Result<Exit> {
        let client = self.node.client()?;
        let reloaded = client
            .call(Method::POST, "/-/reload", Call::default())
            .await;
        match reloaded {
            // Alertmanager's answer to a broken document.
            Err(ClientError::Refused { status: 500, words }) => {
                return Err(Ended::invalid(format!(
                    "{words}\nthe old configuration stays in force"
                ))
                .into());
            }
            other => other?,
        };
        let status: Value = client.get("/api/v1/status", &[]).await?;
        if self.node.json {
            json(&json!({"configVersion": status["configVersion"]}))?;
        } else {
            let version = status["configVersion"].as_str().unwrap_or_default();
            say(&format!("configuration {version} is in force"));
        }
        Ok(Exit::Ok)
    }
}
