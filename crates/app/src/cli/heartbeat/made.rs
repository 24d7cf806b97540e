//! Heartbeats that are made, changed and taken away by command, and where their badges are.

use std::collections::BTreeMap;

use anyhow::Result;
use clap::Args;
use reqwest::Method;
use serde_json::{Map, Value, json};

use super::{path, shown};
use crate::client::{Call, Client};
use crate::exit::Exit;
use crate::output::{data, harmless, json as print_json, say};

/// What is asked of a heartbeat.
#[derive(Args)]
pub(super) struct Fields {
    /// How long after a success the next one is due, as 5m; this or --cron.
    #[arg(long, value_name = "DURATION", conflicts_with = "cron")]
    period: Option<String>,
    /// When it is due: minute, hour, day, month and weekday, as '0 2 * * *'.
    #[arg(long, value_name = "EXPRESSION")]
    cron: Option<String>,
    /// The zone of --cron, as Asia/Shanghai; the server's without it.
    #[arg(long, value_name = "ZONE")]
    timezone: Option<String>,
    /// How long it may be late, and how long a run may take; 5m without it.
    #[arg(long, value_name = "DURATION")]
    grace: Option<String>,
    /// How bad it is when it is missed; critical without it.
    #[arg(long, value_parser = balefire_core::heartbeat::SEVERITIES)]
    severity: Option<String>,
    /// A further label of its alert; may be repeated. An edit replaces all.
    #[arg(long = "label", value_name = "NAME=VALUE", value_parser = label)]
    labels: Vec<(String, String)>,
    /// What it is about and what to do, for whoever is told.
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
}

fn label(text: &str) -> Result<(String, String), String> {
    let (name, value) = text
        .split_once('=')
        .ok_or_else(|| format!("{text:?} is no label; write team=db"))?;
    Ok((name.to_owned(), value.to_owned()))
}

impl Fields {
    fn body(self, name: Option<&str>) -> Value {
        let mut body = Map::new();
        let mut put = |key: &str, value: Option<String>| {
            body.extend(value.map(|value| (key.to_owned(), value.into())));
        };
        put("name", name.map(ToOwned::to_owned));
        put("period", self.period);
        put("cron", self.cron);
        put("timezone", self.timezone);
        put("grace", self.grace);
        put("severity", self.severity);
        put("description", self.description);
        if !self.labels.is_empty() {
            let labels: BTreeMap<String, String> = self.labels.into_iter().collect();
            body.insert("labels".to_owned(), json!(labels));
        }
        Value::Object(body)
    }
}

/// Makes one; its address is the data that is printed.
pub(super) async fn create(
    client: &Client,
    name: &str,
    fields: Fields,
    as_json: bool,
) -> Result<Exit> {
    let body = fields.body(Some(name));
    told(&client.post("/api/v1/heartbeats", &body).await?, as_json)
}

pub(super) async fn edit(
    client: &Client,
    name: &str,
    fields: Fields,
    as_json: bool,
) -> Result<Exit> {
    let body = fields.body(None);
    let call = Call {
        body: Some(&body),
        ..Call::default()
    };
    let answer = client.call(Method::PATCH, &path(name, "")?, call).await?;
    shown(&client.read(&answer.body)?, as_json)
}

pub(super) async fn new_token(client: &Client, name: &str, as_json: bool) -> Result<Exit> {
    let path = path(name, "/token")?;
    told(&client.post(&path, &json!({})).await?, as_json)
}

pub(super) async fn delete(client: &Client, names: &[String], as_json: bool) -> Result<Exit> {
    for name in names {
        let path = path(name, "")?;
        client.call(Method::DELETE, &path, Call::default()).await?;
        say(&format!("deleted {name}"));
    }
    if as_json {
        print_json(&json!({"deleted": names}))?;
    }
    Ok(Exit::Ok)
}

/// Where the badge of a heartbeat, a label or all is.
pub(super) async fn badge(
    client: &Client,
    subject: &str,
    renew: bool,
    as_json: bool,
) -> Result<Exit> {
    let name = percent_encoding::utf8_percent_encode(subject, percent_encoding::NON_ALPHANUMERIC);
    let path = format!("/api/v1/badges/{name}");
    let found: Value = if renew {
        client.post(&format!("{path}/renew"), &json!({})).await?
    } else {
        client.get(&path, &[]).await?
    };
    if as_json {
        print_json(&found)?;
        return Ok(Exit::Ok);
    }
    for form in ["svg", "json", "shields"] {
        data(&harmless(found[form].as_str().unwrap_or_default()));
    }
    Ok(Exit::Ok)
}

fn told(made: &Value, as_json: bool) -> Result<Exit> {
    if as_json {
        print_json(made)?;
        return Ok(Exit::Ok);
    }
    say("the address is told now and never again; the job calls it each time it has run:");
    data(&harmless(made["url"].as_str().unwrap_or_default()));
    Ok(Exit::Ok)
}
