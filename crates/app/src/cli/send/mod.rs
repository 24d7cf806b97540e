//! `balefire send`: a message to any receiver or account, and the test of an account.

mod offline;
mod options;
mod steps;

use std::io::Read;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use balefire_core::duration;
use clap::{ArgGroup, Args, ValueEnum};
use reqwest::Method;
use serde_json::{Map, Value, json};

use super::node::Node;
use crate::client::{Call, Client};
use crate::exit::{Ended, Exit};

/// Longest text that is read from standard input, in bytes: what the interface takes.
const MOST_TEXT: u64 = 256 * 1024;

const EXAMPLES: &str = "Examples:
  balefire send 'disk full on db-1' --to ops --severity critical --wait
  df -h | balefire send - --title 'disks of db-1' --account mail --option to=ops@example.com
  balefire send --test ops-robot --config balefire.yml     # no node needed

Exit codes: 0 accepted, with --wait delivered; 7 not delivered; 8 still being tried, and safe.";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
#[command(group(ArgGroup::new("where").required(true).args(["to", "account", "test"])))]
pub(crate) struct Send {
    /// What to say; `-` reads it from standard input.
    #[arg(required_unless_present_any = ["title", "test"])]
    text: Option<String>,
    /// The receiver to tell, past routing and silences.
    #[arg(long, value_name = "RECEIVER")]
    to: Option<String>,
    /// The account to send through.
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// Send the test message through this account.
    #[arg(long, value_name = "ACCOUNT", conflicts_with_all = ["text", "title", "severity"])]
    test: Option<String>,
    /// With --test: read the account from this document; no node is needed.
    #[arg(
        long,
        value_name = "FILE",
        requires = "test",
        conflicts_with = "idempotency_key"
    )]
    config: Option<PathBuf>,
    /// What a receiver's entry would say, such as to=ops@example.com; may be repeated.
    #[arg(long = "option", value_name = "KEY=VALUE", conflicts_with = "to")]
    options: Vec<String>,
    /// One line above the text.
    #[arg(long)]
    title: Option<String>,
    /// How bad it is.
    #[arg(long, value_enum)]
    severity: Option<Severity>,
    /// Wait for the end and say every step; 10 s when no time is given.
    #[arg(long, value_name = "TIME", num_args = 0..=1, require_equals = true, default_missing_value = "10s", value_parser = duration::parse)]
    wait: Option<Duration>,
    /// Within a day, the same key sends only once.
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    #[command(flatten)]
    node: Node,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Severity {
    Info,
    Warning,
    Error,
    Critical,
}

impl Severity {
    fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Critical => "critical",
        }
    }
}

impl Send {
    pub(crate) async fn run(self) -> Result<Exit> {
        if let (Some(account), Some(config)) = (&self.test, &self.config) {
            return offline::test(config, account, &self.options, self.node.json).await;
        }
        let client = self.node.client()?;
        let body = Value::Object(self.body()?);
        // A test is about the answer, so it waits even when nothing is said.
        let usual = self.test.is_some().then_some(Duration::from_secs(10));
        let wait = self.wait.or(usual);
        let began = tokio::time::Instant::now();
        let answer = self.post(&client, &body).await?;
        let followed = steps::Followed::of(answer, began.elapsed(), self.node.json);
        followed.until_ended(&client, wait).await
    }

    async fn post(&self, client: &Client, body: &Value) -> Result<steps::Accepted> {
        let call = Call {
            body: Some(body),
            header: self
                .idempotency_key
                .as_deref()
                .map(|key| ("idempotency-key", key)),
            ..Call::default()
        };
        let answer = client.call(Method::POST, "/api/v1/messages", call).await?;
        Ok(client.read(&answer.body)?)
    }

    /// The request, as the interface wants it.
    fn body(&self) -> Result<Map<String, Value>> {
        let mut body = Map::new();
        let account = self.account.as_ref().or(self.test.as_ref());
        for (key, value) in [("receiver", self.to.as_ref()), ("account", account)] {
            body.extend(value.map(|name| (key.to_owned(), json!(name))));
        }
        if account.is_some() {
            body.insert("options".to_owned(), options::read(&self.options, None)?);
        }
        if self.test.is_some() {
            body.insert("test".to_owned(), json!(true));
            return Ok(body);
        }
        let text = match self.text.as_deref() {
            Some("-") => standard_input()?,
            text => text.unwrap_or_default().to_owned(),
        };
        body.insert("text".to_owned(), json!(text));
        body.extend(
            self.title
                .as_ref()
                .map(|title| ("title".to_owned(), json!(title))),
        );
        body.extend(
            self.severity
                .map(|s| ("severity".to_owned(), json!(s.word()))),
        );
        Ok(body)
    }
}

fn standard_input() -> Result<String> {
    let mut bytes = Vec::new();
    std::io::stdin()
        .take(MOST_TEXT + 1)
        .read_to_end(&mut bytes)
        .context("standard input")?;
    if bytes.len() as u64 > MOST_TEXT {
        let words = format!("a message is at most {} KiB long", MOST_TEXT / 1024);
        return Err(Ended::invalid(words).into());
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
