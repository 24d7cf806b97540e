//! `balefire import`: what an older service holds, taken over by a running node or into its document.

mod apprise;
mod apptools;
mod ics;

use anyhow::Result;
use clap::{Args, Subcommand};

use super::node::Node;
use crate::exit::Exit;

const EXAMPLES: &str = "Examples:
  balefire import apptools mysql://ops@db.example.com/codo_tools --dry-run
  echo \"mysql://ops:$PASSWORD@db.example.com/codo_tools\" | balefire import apptools -";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Import {
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    node: Node,
}

#[derive(Subcommand)]
enum What {
    /// The faults and reminders of AppTools, from its database; the node serves legacy.apptools.
    #[command(
        after_help = "Example:\n  balefire import apptools mysql://ops@db.example.com/codo_tools --dry-run"
    )]
    Apptools(apptools::Apptools),
    /// Apprise URLs and files of them as accounts and receivers of a document; no node is needed.
    #[command(
        after_help = "Example:\n  balefire import apprise /etc/apprise.yml > more.yml\n  balefire import apprise 'discord://ID/TOKEN' 'ntfy://topic'\n\nExit codes: 0 all of it; 9 something has no counterpart."
    )]
    Apprise(apprise::Apprise),
    /// A calendar file (iCalendar) as people and a schedule of a document: as a rotation where it is one; no node is needed.
    #[command(
        after_help = "Example:\n  balefire import ics oncall.ics --schedule ops --layer outlook > more.yml\n\nExit codes: 0 all of it; 9 something was not understood."
    )]
    Ics(ics::Ics),
}

impl Import {
    pub(crate) async fn run(self) -> Result<Exit> {
        match self.what {
            What::Apptools(apptools) => apptools.run(&self.node).await,
            What::Apprise(apprise) => apprise.run(self.node.json),
            What::Ics(ics) => ics.run(self.node.json),
        }
    }
}
