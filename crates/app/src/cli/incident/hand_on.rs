//! `balefire incident snooze`, `reassign` and `escalate`: what people ask of an incident's escalation.

use anyhow::Result;
use clap::Args;
use serde_json::{Value, json};

use super::{body, post, text, who};
use crate::client::Client;
use crate::exit::Exit;

#[derive(Args)]
pub(super) struct Snooze {
    /// Its number.
    id: u64,
    /// For so long, at most 7d.
    #[arg(long = "for", value_name = "TIME", default_value = "30m")]
    span: String,
    /// What to say to it.
    #[arg(long, short)]
    text: Option<String>,
    /// Who; the user who runs this when it is left out.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

#[derive(Args)]
pub(super) struct Reassign {
    /// Its number.
    id: u64,
    /// Keys of people.
    #[arg(value_name = "PERSON", required_unless_present_any = ["team", "schedule"])]
    people: Vec<String>,
    /// All people of this team.
    #[arg(long, value_name = "NAME")]
    team: Vec<String>,
    /// Whoever is on call in this schedule.
    #[arg(long, value_name = "NAME")]
    schedule: Vec<String>,
    /// What to say to it.
    #[arg(long, short)]
    text: Option<String>,
    /// Who; the user who runs this when it is left out.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

#[derive(Args)]
pub(super) struct Escalate {
    /// Its number.
    id: u64,
    /// The escalation that looks after it from now on, where none does yet.
    #[arg(long, value_name = "NAME")]
    escalation: Option<String>,
    /// What to say to it.
    #[arg(long, short)]
    text: Option<String>,
    /// Who; the user who runs this when it is left out.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

impl Snooze {
    pub(super) async fn run(self, client: &Client, as_json: bool) -> Result<Exit> {
        let body = body([
            ("for", Some(self.span.into())),
            ("text", text(self.text)),
            ("by", text(who(self.by))),
        ]);
        post(client, self.id, "snooze", &body, as_json).await
    }
}

impl Reassign {
    pub(super) async fn run(self, client: &Client, as_json: bool) -> Result<Exit> {
        let named = |kind: &'static str, names: Vec<String>| {
            names.into_iter().map(move |name| json!({ kind: name }))
        };
        let to: Vec<Value> = named("person", self.people)
            .chain(named("team", self.team))
            .chain(named("schedule", self.schedule))
            .collect();
        let body = body([
            ("to", Some(to.into())),
            ("text", text(self.text)),
            ("by", text(who(self.by))),
        ]);
        post(client, self.id, "reassign", &body, as_json).await
    }
}

impl Escalate {
    pub(super) async fn run(self, client: &Client, as_json: bool) -> Result<Exit> {
        let body = body([
            ("escalation", text(self.escalation)),
            ("text", text(self.text)),
            ("by", text(who(self.by))),
        ]);
        post(client, self.id, "escalate", &body, as_json).await
    }
}
