//! Links by which somebody answers for an incident without logging in.

use anyhow::Result;
use reqwest::Method;
use serde_json::{Value, json as object};

use crate::client::{Call, Client};
use crate::exit::Exit;
use crate::output::{data, json, say};

/// Makes one and prints its address.
pub(super) async fn make(
    client: &Client,
    id: u64,
    person: Option<String>,
    as_json: bool,
) -> Result<Exit> {
    let body = person.map_or_else(|| object!({}), |person| object!({ "person": person }));
    let made: Value = client
        .post(&format!("/api/v1/incidents/{id}/link"), &body)
        .await?;
    if as_json {
        json(&made)?;
        return Ok(Exit::Ok);
    }
    let until = made["expiresAt"].as_str().unwrap_or_default();
    say(&format!("whoever has it may answer until {until}"));
    data(made["url"].as_str().unwrap_or_default());
    Ok(Exit::Ok)
}

/// Makes all that were handed out worthless.
pub(super) async fn call_back(client: &Client, as_json: bool) -> Result<Exit> {
    client
        .call(Method::DELETE, "/api/v1/links", Call::default())
        .await?;
    if as_json {
        json(&object!({"calledBack": true}))?;
    } else {
        say("no link that was handed out is good any more");
    }
    Ok(Exit::Ok)
}
