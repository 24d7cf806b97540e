//! `balefire bench`: this binary measured, side by side with an Alertmanager when one is installed.

mod contender;
mod load;
mod loss;
mod progress;
mod report;
mod sink;
mod speed;
mod storm;

use std::path::Path;

use anyhow::{Context, Result};

pub(crate) use self::contender::Kind;
use self::report::{Column, table};
use self::speed::Scale;
use crate::output::{data, say};

/// What to run.
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent switches of one command"
)]
pub(crate) struct Plan {
    /// Fewer requests: a look, not a measurement.
    pub(crate) quick: bool,
    /// The speed rows.
    pub(crate) speed: bool,
    /// The silent-loss experiments.
    pub(crate) loss: bool,
    /// What a storm does to the one who is paged; for Balefire alone, since the others page nobody.
    pub(crate) storm: bool,
    /// JSON instead of a table.
    pub(crate) json: bool,
}

/// Measures each server in turn and prints the figures.
pub(crate) async fn run(kinds: &[Kind], plan: Plan, folder: &Path) -> Result<()> {
    let scale = if plan.quick {
        Scale {
            singles: 10_000,
            batches: 500,
            active: 12_800,
            paced: 400,
        }
    } else {
        Scale {
            singles: 100_000,
            batches: 6_000,
            active: 100_096,
            paced: 2_000,
        }
    };
    let mut columns = Vec::new();
    for kind in kinds {
        let folder = folder.join(kind.name());
        let mut rows = Vec::new();
        if plan.speed {
            say(&format!("{}: speed …", kind.name()));
            rows.extend(
                speed::measure(kind, &folder, scale)
                    .await
                    .context(kind.name())?,
            );
        }
        if plan.loss {
            say(&format!("{}: loss experiments (about 55 s) …", kind.name()));
            rows.extend(loss::measure(kind, &folder).await.context(kind.name())?);
        }
        if plan.storm && *kind == Kind::Balefire {
            say("balefire: storms (about 5 minutes) …");
            let scale = storm::Scale {
                events: if plan.quick { 10_000 } else { 100_000 },
                fingerprints: if plan.quick { 1_000 } else { 10_000 },
            };
            rows.extend(storm::measure(&folder.join("storm"), scale).await?);
        }
        columns.push(Column {
            name: kind.name(),
            rows,
        });
    }
    if plan.json {
        data(&serde_json::to_string_pretty(&columns)?);
    } else {
        data(&table(&columns));
    }
    Ok(())
}
