//! `balefire check`: everything that is wrong with a document, at once.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use serde_json::json;

use crate::environment::ProcessEnvironment;
use crate::exit::Exit;
use crate::output::{data, say};

#[derive(Args)]
#[command(after_help = "Example:\n  balefire check /etc/balefire/balefire.yml --json")]
pub(crate) struct Check {
    /// The YAML documents.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Check {
    pub(crate) fn run(self) -> Result<Exit> {
        let mut broken = 0;
        let mut results = Vec::new();
        for file in &self.files {
            let name = file.display().to_string();
            let text = std::fs::read_to_string(file).with_context(|| name.clone())?;
            let loaded = balefire_config::load(&text, &name, &ProcessEnvironment);
            let (problems, warnings, summary) = match loaded {
                Ok(loaded) => (Vec::new(), loaded.warnings, Some(loaded.summary)),
                Err(problems) => (problems, Vec::new(), None),
            };
            broken += usize::from(summary.is_none());
            if self.json {
                let words = |list: &[balefire_config::Problem]| -> Vec<String> {
                    list.iter().map(ToString::to_string).collect()
                };
                results.push(json!({
                    "file": name,
                    "ok": summary.is_some(),
                    "problems": words(&problems),
                    "warnings": words(&warnings),
                    "summary": summary,
                }));
                continue;
            }
            for problem in &problems {
                say(&problem.to_string());
            }
            for warning in &warnings {
                say(&format!("warning: {warning}"));
            }
            match summary {
                Some(summary) => data(&format!(
                    "{name} is good\n{}",
                    summary.to_string().trim_end()
                )),
                None => say(&format!("{name}: {} problem(s)", problems.len())),
            }
        }
        if self.json {
            data(&serde_json::to_string_pretty(&results)?);
        }
        Ok(if broken == 0 { Exit::Ok } else { Exit::Invalid })
    }
}
