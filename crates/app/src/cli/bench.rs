//! `balefire bench`.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};

use crate::bench::{self, Kind};
use crate::exit::Exit;

#[derive(Args)]
#[command(after_help = "Example:\n  balefire bench --against alertmanager --quick")]
pub(crate) struct Bench {
    /// Measure a peer in the same run.
    #[arg(long, value_enum)]
    against: Option<Peer>,
    /// Fewer requests: a look, not a measurement.
    #[arg(long)]
    quick: bool,
    /// Only these experiments.
    #[arg(long, value_enum)]
    only: Option<Part>,
    /// Where the servers keep their data; a fresh folder below the system's temporary one by default.
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Peer {
    /// The Alertmanager on the search path.
    Alertmanager,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Ingest, latency, memory, restart.
    Speed,
    /// What is lost when receivers or servers fail.
    Loss,
    /// What somebody who is paged gets of 100 000 events in a minute.
    Storm,
}

impl Bench {
    pub(crate) async fn run(self) -> Result<Exit> {
        let mut kinds = vec![Kind::Balefire];
        if self.against.is_some() {
            let Some(peer) = Kind::alertmanager() else {
                bail!(
                    "no Alertmanager is on the search path: apt-get install prometheus-alertmanager"
                );
            };
            kinds.push(peer);
        }
        let plan = bench::Plan {
            quick: self.quick,
            speed: self.only.is_none_or(|part| part == Part::Speed),
            loss: self.only.is_none_or(|part| part == Part::Loss),
            storm: self.only == Some(Part::Storm),
            json: self.json,
        };
        let kept = self.folder.is_some();
        let folder = self.folder.unwrap_or_else(|| {
            std::env::temp_dir().join(format!("balefire-bench-{}", std::process::id()))
        });
        let done = bench::run(&kinds, plan, &folder).await;
        if !kept {
            // A folder that cannot be removed is only untidy.
            let _ = std::fs::remove_dir_all(&folder);
        }
        done.map(|()| Exit::Ok)
    }
}
