//! `balefire serve`: run a node until a signal ends it.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

use crate::exit::Exit;
use crate::output::say;
use crate::server::{self, Overrides};

const EXAMPLES: &str = "Examples:
  balefire serve                                   # no document: everything goes to the browser's inbox
  balefire serve --config alertmanager.yml         # an Alertmanager's document is one of ours
  balefire serve --config alertmanager.yml --shadow --compare http://alertmanager:9093";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Serve {
    /// The YAML document; without one, everything goes to the browser's inbox.
    #[arg(long, value_name = "FILE", env = "BALEFIRE_CONFIG")]
    config: Option<PathBuf>,
    /// Folder of the embedded store.
    #[arg(long, value_name = "DIR", env = "BALEFIRE_DATA")]
    data: Option<PathBuf>,
    /// Address to listen on.
    #[arg(long, value_name = "ADDRESS", env = "BALEFIRE_LISTEN")]
    listen: Option<SocketAddr>,
    /// Another store: postgres://… or mysql://…
    #[arg(
        long,
        value_name = "URL",
        env = "BALEFIRE_STORE",
        hide_env_values = true
    )]
    store: Option<String>,
    /// Prefix of all paths, as Alertmanager's `--web.route-prefix`.
    #[arg(long, value_name = "PATH")]
    route_prefix: Option<String>,
    /// Decide and record, but send nothing; beside an Alertmanager on the same alerts.
    #[arg(long)]
    shadow: bool,
    /// Refuse to start on a broken document instead of running on the last good version.
    #[arg(long)]
    strict: bool,
}

impl Serve {
    pub(crate) async fn run(self) -> Result<Exit> {
        let overrides = Overrides {
            config: self.config,
            data: self.data,
            listen: self.listen,
            store: self.store,
            route_prefix: self.route_prefix,
            shadow: self.shadow,
            strict: self.strict,
        };
        let mut hangup = signal(SignalKind::hangup())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut node = server::start(overrides).await?;
        let plan = node.engine.plan();
        let recovered = node.engine.recovered();
        tracing::info!(
            address = %node.address,
            version = &*plan.version,
            events = recovered.events,
            decisions = recovered.decisions,
            "ready"
        );
        say(&format!("Balefire is ready: {}", plan.server.external_url));
        say(&format!(
            "Try it: curl -d 'disk full on db-1' {}/in/inbox",
            plan.server.external_url.trim_end_matches('/')
        ));
        loop {
            tokio::select! {
                _ = hangup.recv() => node.reload().await,
                _ = terminate.recv() => break,
                _ = interrupt.recv() => break,
                failed = node.failed() => {
                    failed?;
                    return Ok(Exit::Failure);
                }
            }
        }
        say("stopping");
        node.stop().await;
        Ok(Exit::Ok)
    }
}
