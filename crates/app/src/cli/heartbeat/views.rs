//! A heartbeat as the node shows it.

use balefire_core::time::Time;
use serde::Deserialize;

/// A heartbeat as the node shows it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct View {
    pub(super) name: String,
    pub(super) status: String,
    pub(super) running: bool,
    pub(super) due_at: Option<Time>,
    pub(super) period: Option<String>,
    pub(super) cron: Option<String>,
    pub(super) timezone: Option<String>,
    pub(super) grace: String,
    pub(super) description: String,
    pub(super) pings: u64,
    pub(super) last: Option<Ping>,
    pub(super) took_seconds: Option<f64>,
    pub(super) down: Option<Down>,
    #[serde(default)]
    pub(super) body: String,
    pub(super) in_document: bool,
    pub(super) made_by: Option<String>,
    pub(super) made_at: Option<Time>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Ping {
    pub(super) at: Time,
    pub(super) signal: String,
    pub(super) sender: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Down {
    pub(super) since: Time,
    pub(super) why: String,
    pub(super) exit_code: Option<u8>,
}

impl View {
    /// When it is due, as the document has it.
    pub(super) fn every(&self) -> String {
        let cron = self.cron.as_deref().map(|cron| {
            let zone = self.timezone.as_deref().unwrap_or_default();
            format!("{cron} {zone}")
        });
        self.period.clone().or(cron).unwrap_or_default()
    }

    /// How it stands, and why where it is down.
    pub(super) fn stands(&self) -> String {
        let why = self.down.as_ref().map(|down| match down.exit_code {
            Some(code) => format!(" ({} {code})", down.why),
            None => format!(" ({})", down.why),
        });
        let running = if self.running { ", running" } else { "" };
        format!("{}{}{running}", self.status, why.unwrap_or_default())
    }
}
