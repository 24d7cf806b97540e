//! The flags of every command that talks to a running node.

use std::path::PathBuf;

use anyhow::Result;
use balefire_config::Env;
use balefire_core::secret::Secret;
use clap::Args;

use crate::client::{Client, ClientError};
use crate::environment::ProcessEnvironment;

/// Which node, and how to talk to it.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Node")]
pub(crate) struct Node {
    /// The node's address.
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "BALEFIRE_URL",
        default_value = "http://127.0.0.1:9119"
    )]
    url: String,
    /// A file with the access token; without it, BALEFIRE_TOKEN is taken.
    #[arg(long, global = true, value_name = "FILE", env = "BALEFIRE_TOKEN_FILE")]
    token_file: Option<PathBuf>,
    /// A PEM file with authorities that the node's certificate may come from, besides the system's.
    #[arg(long, global = true, value_name = "FILE", env = "BALEFIRE_CA_FILE")]
    ca_file: Option<PathBuf>,
    /// Print JSON, whose shape stays the same between releases.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

impl Node {
    /// A client of this node.
    pub(crate) fn client(&self) -> Result<Client, ClientError> {
        let token = match &self.token_file {
            Some(file) => {
                Some(
                    std::fs::read_to_string(file).map_err(|error| ClientError::File {
                        file: file.display().to_string(),
                        why: error.to_string(),
                    })?,
                )
            }
            None => ProcessEnvironment.variable("BALEFIRE_TOKEN"),
        };
        let authorization = token
            .as_deref()
            .map(str::trim)
            .filter(|token| !token.is_empty())
            .map(|token| Secret::new(format!("Bearer {token}")));
        Client::new(&self.url, authorization.as_ref(), self.ca_file.as_deref())
    }
}
