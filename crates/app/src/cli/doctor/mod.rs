//! `balefire doctor`: what is wrong or about to be, each finding with what to do about it.

mod contacts;
mod disk;
mod document;
mod running;
mod schedules;

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use super::listing::Listing;
use super::node::Node;
use crate::exit::Exit;
use crate::output::{json, say};

const EXAMPLES: &str = "Examples:
  balefire doctor --config /etc/balefire/balefire.yml
  balefire doctor --url https://alerts.example.com --json

Exit code 9 when there is a problem; advice alone does not count as one.";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Doctor {
    /// The YAML document; its accounts are asked for their health, without sending anything.
    #[arg(long, value_name = "FILE", env = "BALEFIRE_CONFIG")]
    config: Option<PathBuf>,
    /// The data folder, when neither the document nor the node tells.
    #[arg(long, value_name = "DIR", env = "BALEFIRE_DATA")]
    data: Option<PathBuf>,
    #[command(flatten)]
    node: Node,
}

/// How serious a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    /// As it should be.
    Good,
    /// Could not be looked at.
    Skipped,
    /// Would be better otherwise.
    Advice,
    /// Must be mended.
    Problem,
}

impl Verdict {
    fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Skipped => "skipped",
            Self::Advice => "advice",
            Self::Problem => "problem",
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Finding {
    /// What was looked at; stable.
    check: &'static str,
    verdict: Verdict,
    /// What was seen.
    seen: String,
    /// What to do; empty when nothing is to be done.
    fix: String,
}

impl Finding {
    fn good(check: &'static str, seen: impl Into<String>) -> Self {
        Self {
            check,
            verdict: Verdict::Good,
            seen: seen.into(),
            fix: String::new(),
        }
    }

    fn of(
        check: &'static str,
        verdict: Verdict,
        seen: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self {
            check,
            verdict,
            seen: seen.into(),
            fix: fix.into(),
        }
    }

    fn problem(check: &'static str, seen: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::of(check, Verdict::Problem, seen, fix)
    }

    fn advice(check: &'static str, seen: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::of(check, Verdict::Advice, seen, fix)
    }
}

impl Doctor {
    pub(crate) async fn run(self) -> Result<Exit> {
        let mut findings = Vec::new();
        let mut folder = self.data.clone();
        match &self.config {
            Some(file) => {
                let (found, data) = document::look(file).await;
                findings.extend(found);
                folder = folder.or(data);
            }
            None => findings.push(Finding::of(
                "document",
                Verdict::Skipped,
                "no document was named",
                "balefire doctor --config FILE also looks at receivers and asks the accounts",
            )),
        }
        let client = self.node.client()?;
        let (found, place) = running::look(&client).await;
        // What the node says of its schedules counts more: it knows the overrides that people have made.
        if let Some(on_call) = schedules::on_node(&client).await {
            findings.retain(|finding| finding.check != schedules::CHECK);
            findings.extend(on_call);
        }
        findings.extend(found);
        findings.extend(contacts::on_node(&client).await);
        findings.extend(contacts::on_platforms(&client).await);
        findings.extend(disk::look(folder.or(place).as_deref()));
        self.tell(&findings)?;
        let problems = findings
            .iter()
            .any(|finding| finding.verdict == Verdict::Problem);
        Ok(if problems { Exit::Problems } else { Exit::Ok })
    }

    fn tell(&self, findings: &[Finding]) -> Result<()> {
        if self.node.json {
            return json(&findings);
        }
        let mut listing = Listing::new(&["check", "verdict", "seen", "what to do"]);
        for finding in findings {
            let Finding {
                check,
                verdict,
                seen,
                fix,
            } = finding.clone();
            listing.row([check.to_owned(), verdict.word().to_owned(), seen, fix]);
        }
        listing.print("findings");
        let count = |verdict| {
            findings
                .iter()
                .filter(|found| found.verdict == verdict)
                .count()
        };
        say(&format!(
            "{} problem(s), {} piece(s) of advice",
            count(Verdict::Problem),
            count(Verdict::Advice)
        ));
        Ok(())
    }
}
