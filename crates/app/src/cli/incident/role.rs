//! `balefire incident role`: who plays which part in an incident.

use anyhow::Result;
use clap::Args;
use reqwest::Method;
use serde_json::Value;

use super::{body, text, views, who};
use crate::client::{Call, Client};
use crate::exit::Exit;
use crate::output::{json, say};

#[derive(Args)]
pub(super) struct Role {
    /// Its number.
    id: u64,
    /// commander (指挥), scribe (记录), communications (沟通), or a word of your own.
    #[arg(value_name = "ROLE")]
    name: String,
    /// The key of a person, or a name; whoever runs this takes it when it is left out.
    #[arg(value_name = "PERSON", conflicts_with = "give_back")]
    to: Option<String>,
    /// Give it back: nobody has it then.
    #[arg(long)]
    give_back: bool,
    /// What to say to it.
    #[arg(long, short)]
    text: Option<String>,
    /// Who gives it; the user who runs this when it is left out.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

impl Role {
    pub(super) async fn run(self, client: &Client, as_json: bool) -> Result<Exit> {
        let name: String = url::form_urlencoded::byte_serialize(self.name.trim().as_bytes())
            .collect::<String>()
            .replace('+', "%20");
        let path = format!("/api/v1/incidents/{}/roles/{name}", self.id);
        let by = text(who(self.by));
        let changed: Value = if self.give_back {
            let body = body([("text", text(self.text)), ("by", by)]);
            send(client, Method::DELETE, &path, &body).await?
        } else {
            let body = body([("to", text(self.to)), ("text", text(self.text)), ("by", by)]);
            send(client, Method::PUT, &path, &body).await?
        };
        if as_json {
            json(&changed)?;
            return Ok(Exit::Ok);
        }
        let incident: views::Incident = serde_json::from_value(changed)?;
        let roles = incident.roles_in_words();
        let roles = if roles.is_empty() {
            "nobody has a role".to_owned()
        } else {
            roles
        };
        say(&format!("incident {}: {roles}", self.id));
        Ok(Exit::Ok)
    }
}

async fn send(client: &Client, method: Method, path: &str, body: &Value) -> Result<Value> {
    let call = Call {
        body: Some(body),
        ..Call::default()
    };
    let answer = client.call(method, path, call).await?;
    Ok(client.read(&answer.body)?)
}
