//! `balefire monitor`: what expires and is looked at.

use anyhow::Result;
use balefire_core::time::Time;
use clap::{Args, Subcommand};
use serde::Deserialize;
use serde_json::{Value, json};

use super::listing::{Listing, local};
use super::node::Node;
use crate::exit::{Ended, Exit};
use crate::output::{data, harmless, json};

const EXAMPLES: &str = "Examples:
  balefire monitor list
  balefire monitor look www

Who is told when is the reminder of the same name: balefire reminder list";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Monitor {
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    node: Node,
}

#[derive(Subcommand)]
enum What {
    /// The monitors of the document, and what was seen of them.
    #[command(after_help = "Example:\n  balefire monitor list --json")]
    List,
    /// One of them.
    #[command(after_help = "Example:\n  balefire monitor show www")]
    Show {
        /// Its name.
        name: String,
    },
    /// Look at one now.
    #[command(
        after_help = "Example:\n  balefire monitor look www\n\nExit code 1 when nothing was seen."
    )]
    Look {
        /// Its name.
        name: String,
    },
}

/// A monitor as the node shows it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct View {
    name: String,
    kind: String,
    target: String,
    status: String,
    expires_at: Option<Time>,
    days_left: Option<i64>,
    detail: String,
    certificate: Option<Certificate>,
    looked_at: Option<Time>,
    error: String,
}

/// What a certificate says besides.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Certificate {
    subject: String,
    names: Vec<String>,
    covers_name: bool,
    valid_from: Time,
    shown: usize,
    trust: String,
}

impl Certificate {
    /// What is worth knowing, a line each.
    fn lines(&self) -> [String; 4] {
        let names = match self.names.as_slice() {
            [] => "none".to_owned(),
            names => names.join(", "),
        };
        let covers = if self.covers_name {
            "the name that is asked for is among them"
        } else {
            "the name that is asked for is NOT among them"
        };
        let trust = match self.trust.as_str() {
            "trusted" => "trusted here",
            "self_signed" => "not trusted here: it vouches for itself",
            "incomplete" => {
                "not trusted here: nobody knows who issued the last certificate shown, one in between may be missing"
            }
            "unknown_authority" => "not trusted here: its authority is unknown",
            "not_now" => "not trusted: it is over, or not good yet",
            _ => "not trusted here",
        };
        [
            format!("subject {}", self.subject),
            format!("names {names}; {covers}"),
            format!("good from {}", local(self.valid_from)),
            format!("shown {} certificate(s), {trust}", self.shown),
        ]
    }
}

impl Monitor {
    pub(crate) async fn run(self) -> Result<Exit> {
        let client = self.node.client()?;
        let as_json = self.node.json;
        match self.what {
            What::List => {
                let answer: Value = client.get("/api/v1/monitors", &[]).await?;
                list(answer["monitors"].clone(), as_json)
            }
            What::Show { name } => {
                let found: Value = client.get(&path(&name, "")?, &[]).await?;
                shown(&found, as_json)?;
                Ok(Exit::Ok)
            }
            What::Look { name } => {
                let found: Value = client.post(&path(&name, "/look")?, &json!({})).await?;
                shown(&found, as_json)?;
                let seen = found["status"] == "seen";
                Ok(if seen { Exit::Ok } else { Exit::Failure })
            }
        }
    }
}

/// The path of a monitor; what would be another path is nobody's name.
fn path(name: &str, deed: &str) -> Result<String> {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || name.starts_with('.') || !name.chars().all(plain) {
        let words = format!("no monitor is called {name:?}; see balefire monitor list");
        return Err(Ended::new(Exit::NotFound, words).into());
    }
    Ok(format!("/api/v1/monitors/{name}{deed}"))
}

fn list(monitors: Value, as_json: bool) -> Result<Exit> {
    if as_json {
        json(&monitors)?;
        return Ok(Exit::Ok);
    }
    let monitors: Vec<View> = serde_json::from_value(monitors)?;
    let columns = [
        "name",
        "kind",
        "of",
        "status",
        "expires",
        "days",
        "looked at",
    ];
    let mut listing = Listing::new(&columns);
    for one in monitors {
        listing.row([
            one.name,
            one.kind,
            one.target,
            one.status,
            one.expires_at.map(local).unwrap_or_default(),
            one.days_left
                .map(|days| days.to_string())
                .unwrap_or_default(),
            one.looked_at.map(local).unwrap_or_default(),
        ]);
    }
    listing.print("monitors");
    Ok(Exit::Ok)
}

fn shown(found: &Value, as_json: bool) -> Result<()> {
    if as_json {
        return json(found);
    }
    let one: View = serde_json::from_value(found.clone())?;
    let mut lines = vec![format!(
        "{}: {} of {} {}",
        one.name, one.status, one.kind, one.target
    )];
    let mut line = |what: &str, text: Option<String>| {
        lines.extend(text.map(|text| format!("{what} {text}")));
    };
    let left = one.days_left.unwrap_or_default();
    let expires = one
        .expires_at
        .map(|at| format!("{} ({left} days)", local(at)));
    line("expires", expires);
    line("by", Some(one.detail).filter(|text| !text.is_empty()));
    line("looked at", one.looked_at.map(local));
    line("error", Some(one.error).filter(|text| !text.is_empty()));
    lines.extend(one.certificate.iter().flat_map(Certificate::lines));
    for text in lines {
        data(&harmless(&text));
    }
    Ok(())
}
