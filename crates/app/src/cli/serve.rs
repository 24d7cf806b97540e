//! `balefire serve`: run a node until a signal ends it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use balefire_core::duration;
use balefire_core::secret::Secret;
use clap::Args;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::client::{Client, ClientError};
use crate::exit::Exit;
use crate::output::say;
use crate::server::{self, Overrides};
use crate::shadow::Shadow;

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
    #[command(flatten)]
    beside: Beside,
    /// Refuse to start on a broken document instead of running on the last good version.
    #[arg(long)]
    strict: bool,
}

/// The Alertmanager beside a node in shadow mode.
#[derive(Args)]
struct Beside {
    /// With --shadow: compare with this Alertmanager; `balefire shadow report` says what differs.
    #[arg(long, value_name = "URL", requires = "shadow")]
    compare: Option<String>,
    /// How often.
    #[arg(long, value_name = "TIME", requires = "compare", default_value = "30s", value_parser = every)]
    compare_every: Duration,
    /// A file with the Authorization header that the Alertmanager asks for, such as `Basic …`.
    #[arg(long, value_name = "FILE", requires = "compare")]
    compare_authorization_file: Option<PathBuf>,
    /// Copy the Alertmanager's silences here and keep the copies like them; nothing is written there.
    #[arg(long, requires = "compare")]
    copy_silences: bool,
}

/// An address that can be opened on this machine: "all of mine" is no place to go to.
fn from_here(url: &str) -> String {
    url.replacen("//0.0.0.0", "//127.0.0.1", 1)
        .replacen("//[::]", "//[::1]", 1)
}

/// A time between two comparisons.
fn every(text: &str) -> Result<Duration, String> {
    let every = duration::parse(text).map_err(|error| error.to_string())?;
    if every < Duration::from_millis(100) {
        return Err("write 100ms or more".to_owned());
    }
    Ok(every)
}

impl Beside {
    fn client(&self) -> Result<Option<Client>, ClientError> {
        let Some(url) = &self.compare else {
            return Ok(None);
        };
        let file = self.compare_authorization_file.as_ref();
        let authorization = file.map(std::fs::read_to_string).transpose();
        let authorization = authorization.map_err(|error| ClientError::File {
            file: file
                .map(|file| file.display().to_string())
                .unwrap_or_default(),
            why: error.to_string(),
        })?;
        let authorization = authorization.map(|text| Secret::new(text.trim()));
        Client::new(url, authorization.as_ref(), None).map(Some)
    }
}

impl Serve {
    pub(crate) async fn run(self) -> Result<Exit> {
        let peer = self.beside.client()?;
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
        let url = from_here(&plan.server.external_url);
        say(&format!("Balefire is ready: {url}"));
        say(&format!(
            "Try it: curl -d 'disk full on db-1' {}/in/inbox",
            url.trim_end_matches('/')
        ));
        let stop = CancellationToken::new();
        let comparing = peer.map(|peer| {
            let shadow = Shadow {
                engine: node.engine.clone(),
                peer,
                every: self.beside.compare_every,
                copy_silences: self.beside.copy_silences,
                folder: plan.server.data.clone(),
            };
            tokio::spawn(shadow.run(stop.clone()))
        });
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
        stop.cancel();
        if let Some(comparing) = comparing {
            comparing.await?;
        }
        node.stop().await;
        Ok(Exit::Ok)
    }
}

#[cfg(test)]
mod tests {
    use super::from_here;

    #[test]
    fn a_node_that_listens_everywhere_is_opened_on_the_loopback() {
        assert_eq!(from_here("http://0.0.0.0:9119"), "http://127.0.0.1:9119");
        assert_eq!(from_here("http://[::]:9119/a"), "http://[::1]:9119/a");
        assert_eq!(
            from_here("https://alerts.example.com"),
            "https://alerts.example.com"
        );
    }
}
