//! `balefire status`: how a node is.

use anyhow::Result;
use balefire_core::duration;
use clap::Args;
use serde_json::Value;

use super::listing::{Listing, local};
use super::node::Node;
use super::views::Status as View;
use crate::exit::Exit;
use crate::output::json;

#[derive(Args)]
#[command(
    after_help = "Example:\n  balefire status --url https://alerts.example.com --json | jq .well"
)]
pub(crate) struct Status {
    #[command(flatten)]
    node: Node,
}

impl Status {
    pub(crate) async fn run(self) -> Result<Exit> {
        let status: Value = self.node.client()?.get("/api/v1/status", &[]).await?;
        let view: View = serde_json::from_value(status.clone())?;
        if self.node.json {
            json(&status)?;
        } else {
            show(&view);
        }
        Ok(if view.well { Exit::Ok } else { Exit::Failure })
    }
}

fn show(status: &View) {
    let node = format!("{} (Balefire {})", status.node, status.version);
    let mut listing = Listing::new(&["node", &node]);
    let uptime = duration::format(std::time::Duration::from_secs(status.uptime_seconds));
    let store = &status.store;
    let unsafe_settings: Vec<&str> = store
        .durability
        .iter()
        .filter(|d| !d.safe)
        .map(|d| d.setting.as_str())
        .collect();
    let durability = if unsafe_settings.is_empty() {
        "all settings are safe".to_owned()
    } else {
        format!(
            "not safe: {} (balefire doctor says more)",
            unsafe_settings.join(", ")
        )
    };
    let facts = [
        (
            "well",
            if status.well {
                "yes"
            } else {
                "no: it cannot store new alerts"
            }
            .to_owned(),
        ),
        (
            "up",
            format!("{uptime}, since {}", local(status.started_at)),
        ),
        ("configuration", status.config_version.clone()),
        ("alerts", status.alerts.to_string()),
        ("groups", status.groups.to_string()),
        (
            "notifications waiting",
            status.pending_notifications.to_string(),
        ),
        (
            "store",
            format!("{} ({:.1} MB)", store.place, store.bytes as f64 / 1e6),
        ),
        ("events", store.last_event.to_string()),
        ("writes waiting", store.queued.to_string()),
        ("durability", durability),
    ];
    for (name, value) in facts {
        listing.row([name.to_owned(), value]);
    }
    listing.print("status");
}
