//! `balefire people`: by which ways people are paged, and whether these are known to reach them.

use anyhow::Result;
use balefire_core::time::Time;
use clap::{Args, Subcommand};
use serde::Deserialize;
use serde_json::{Value, json};

use super::listing::{Listing, local};
use super::node::Node;
use crate::client::Client;
use crate::exit::{Ended, Exit};
use crate::output::{data, json, say};

const EXAMPLES: &str = "Examples:
  balefire people list --unverified
  balefire people verify chen-min sms
  balefire people confirm chen-min sms 471104";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct People {
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    node: Node,
}

#[derive(Subcommand)]
enum What {
    /// The people of the document, their ways and whether these are known to reach them.
    #[command(after_help = "Example:\n  balefire people list --unverified")]
    List {
        /// Only ways by which nobody has said a code yet.
        #[arg(long)]
        unverified: bool,
    },
    /// Send somebody a code by one of their ways; it is good for ten minutes.
    #[command(after_help = "Example:\n  balefire people verify chen-min sms")]
    Verify {
        /// The person's key.
        person: String,
        /// The way, as in by.
        way: String,
    },
    /// Say the code that came: the way is known to reach them from then on.
    #[command(after_help = "Example:\n  balefire people confirm chen-min sms 471104")]
    Confirm {
        /// The person's key.
        person: String,
        /// The way, as in by.
        way: String,
        /// Six digits.
        code: String,
    },
}

/// A person as the node shows them.
#[derive(Deserialize)]
pub(super) struct Person {
    pub(super) key: String,
    name: String,
    pub(super) contacts: Vec<Contact>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Contact {
    pub(super) way: String,
    account: String,
    address: String,
    pub(super) verified: bool,
    verified_at: Option<Time>,
    sent_at: Option<Time>,
}

impl People {
    pub(crate) async fn run(self) -> Result<Exit> {
        let client = self.node.client()?;
        let as_json = self.node.json;
        match self.what {
            What::List { unverified } => list(&client, unverified, as_json).await,
            What::Verify { person, way } => {
                let path = path(&person, &way, "verify")?;
                let sent: Value = client.post(&path, &json!({})).await?;
                if as_json {
                    json(&sent)?;
                    return Ok(Exit::Ok);
                }
                let number = &sent["notification"];
                data(&format!("a code is on its way: notification {number}"));
                say(&format!(
                    "then: balefire people confirm {person} {way} CODE"
                ));
                Ok(Exit::Ok)
            }
            What::Confirm { person, way, code } => {
                let path = path(&person, &way, "confirm")?;
                let body = json!({"code": code});
                let stands: Value = client.post(&path, &body).await?;
                if as_json {
                    json(&stands)?;
                    return Ok(Exit::Ok);
                }
                data(&format!("{way} is known to reach {person}"));
                Ok(Exit::Ok)
            }
        }
    }
}

/// The path of a deed; what would be another path is nobody's name.
fn path(person: &str, way: &str, deed: &str) -> Result<String> {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '@');
    for name in [person, way] {
        if name.is_empty() || name.starts_with('.') || !name.chars().all(plain) {
            let words = format!("{name:?} is no name; see balefire people list");
            return Err(Ended::new(Exit::NotFound, words).into());
        }
    }
    Ok(format!("/api/v1/people/{person}/contacts/{way}/{deed}"))
}

async fn list(client: &Client, unverified: bool, as_json: bool) -> Result<Exit> {
    let answer: Value = client.get("/api/v1/people", &[]).await?;
    let mut people: Vec<Value> = answer["people"].as_array().cloned().unwrap_or_default();
    if unverified {
        for person in &mut people {
            if let Some(contacts) = person["contacts"].as_array_mut() {
                contacts.retain(|contact| contact["verified"] != true);
            }
        }
    }
    if as_json {
        json(&people)?;
        return Ok(Exit::Ok);
    }
    let mut listing = Listing::new(&["person", "name", "way", "account", "address", "verified"]);
    for person in people {
        let Person {
            key,
            name,
            contacts,
        } = serde_json::from_value(person)?;
        for contact in contacts {
            let stands = match (contact.verified_at, contact.sent_at) {
                (Some(at), _) => local(at),
                (None, Some(at)) => format!("no; a code was sent {}", local(at)),
                (None, None) => "no".to_owned(),
            };
            let Contact {
                way,
                account,
                address,
                ..
            } = contact;
            listing.row([key.clone(), name.clone(), way, account, address, stands]);
        }
    }
    listing.print("contacts");
    Ok(Exit::Ok)
}
