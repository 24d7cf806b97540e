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
  balefire people show chen-min
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
    /// One person: their ways, who they are at each platform, where that comes from, and whether they are still there.
    #[command(after_help = "Example:\n  balefire people show chen-min")]
    Show {
        /// The person's key.
        person: String,
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
#[serde(rename_all = "camelCase")]
pub(super) struct Person {
    pub(super) key: String,
    name: String,
    pub(super) contacts: Vec<Contact>,
    #[serde(default)]
    pub(super) identities: Vec<Identity>,
    #[serde(default)]
    pub(super) named_in: Vec<String>,
}

/// Who somebody is at a platform.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Identity {
    pub(super) platform: String,
    pub(super) id: String,
    source: String,
    found_at: Option<Time>,
    asked_at: Option<Time>,
    pub(super) standing: Option<String>,
    pub(super) lost: bool,
    said: String,
    pub(super) failure: String,
}

impl Identity {
    /// Where the id comes from.
    fn origin(&self) -> String {
        match (self.source.as_str(), self.found_at) {
            ("lookup", Some(at)) => format!("looked up on {}", local(at)),
            ("document", _) => "document".to_owned(),
            _ => String::new(),
        }
    }

    /// How they stand there, or why it is not known.
    pub(super) fn stands(&self) -> String {
        if !self.failure.is_empty() {
            return format!("not known: {}", self.failure);
        }
        match (&self.standing, self.said.as_str()) {
            (None, _) => "not asked yet".to_owned(),
            (Some(standing), "") => standing.clone(),
            (Some(standing), said) => format!("{standing} ({said})"),
        }
    }
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
    #[serde(default)]
    looked_up: bool,
}

impl Contact {
    fn origin(&self) -> &'static str {
        if self.looked_up {
            "looked up"
        } else {
            "document"
        }
    }

    fn verified_in_words(&self) -> String {
        match (self.verified_at, self.sent_at) {
            (Some(at), _) => local(at),
            (None, Some(at)) => format!("no; a code was sent {}", local(at)),
            (None, None) => "no".to_owned(),
        }
    }
}

impl People {
    pub(crate) async fn run(self) -> Result<Exit> {
        let client = self.node.client()?;
        let as_json = self.node.json;
        match self.what {
            What::List { unverified } => list(&client, unverified, as_json).await,
            What::Show { person } => show(&client, &person, as_json).await,
            What::Verify { person, way } => {
                let path = path(&person, &way, "verify")?;
                let sent: Value = client.post(&path, &json!({})).await?;
                if as_json {
                    json(&sent)?;
                    return Ok(Exit::Ok);
                }
                let number = &sent["notification"];
                if sent["confirmedBy"] == "answer" {
                    data(&format!("{person} is called: notification {number}"));
                    say("whoever answers has verified it: balefire people list --unverified");
                    return Ok(Exit::Ok);
                }
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
    let mut listing = Listing::new(&[
        "person", "name", "way", "account", "address", "from", "verified",
    ]);
    for person in people {
        let Person {
            key,
            name,
            contacts,
            ..
        } = serde_json::from_value(person)?;
        for contact in contacts {
            let (from, stands) = (contact.origin(), contact.verified_in_words());
            let Contact {
                way,
                account,
                address,
                ..
            } = contact;
            let (key, name, from) = (key.clone(), name.clone(), from.to_owned());
            listing.row([key, name, way, account, address, from, stands]);
        }
    }
    listing.print("contacts");
    Ok(Exit::Ok)
}

async fn show(client: &Client, key: &str, as_json: bool) -> Result<Exit> {
    let answer: Value = client.get("/api/v1/people", &[]).await?;
    let people = answer["people"].as_array().into_iter().flatten();
    let mut people = people.filter(|person| person["key"] == key);
    let Some(found) = people.next().cloned() else {
        let words = format!("nobody in people has the key {key:?}; see balefire people list");
        return Err(Ended::new(Exit::NotFound, words).into());
    };
    if as_json {
        json(&found)?;
        return Ok(Exit::Ok);
    }
    let person: Person = serde_json::from_value(found)?;
    let mut ways = Listing::new(&["way", "account", "address", "from", "verified"]);
    for contact in person.contacts {
        let (from, stands) = (contact.origin().to_owned(), contact.verified_in_words());
        ways.row([contact.way, contact.account, contact.address, from, stands]);
    }
    ways.print("contacts");
    data("");
    let mut known = Listing::new(&["platform", "id", "from", "asked", "stands"]);
    for one in &person.identities {
        let asked = one.asked_at.map(local).unwrap_or_default();
        let (id, from) = (one.id.clone(), one.origin());
        known.row([one.platform.clone(), id, from, asked, one.stands()]);
    }
    known.print("identities");
    for place in &person.named_in {
        say(&format!("not there any more, and still named by {place}"));
    }
    Ok(Exit::Ok)
}
