//! A whole node put together: configuration, store, engine, listener.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use balefire_config::plan::Plan;
use balefire_engine::clock::SystemClock;
use balefire_engine::engine::{Engine, Setup};
use balefire_engine::node;
use balefire_store::{Options, Store, StoreUrl};
use balefire_template::sandbox::{Sandbox, WorkerCommand};
use balefire_web::listener::{self, Listener};
use balefire_web::router::router;
use balefire_web::smtp::{self, MailListener};
use balefire_web::state::WebState;
use balefire_web::tls::{Certificate, Renewed};
use tokio::net::TcpListener;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::environment::ProcessEnvironment;

/// The hidden argument that makes this binary a template worker.
pub(crate) const TEMPLATE_WORKER: &str = "template-worker";
/// Template workers at most.
const TEMPLATE_WORKERS: usize = 2;
/// What is under way at the end, requests and calls, gets so long in all.
const PATIENCE: Duration = Duration::from_secs(8);

/// What the command line says over the document.
#[derive(Clone, Debug, Default)]
pub(crate) struct Overrides {
    pub(crate) config: Option<PathBuf>,
    pub(crate) data: Option<PathBuf>,
    pub(crate) listen: Option<SocketAddr>,
    pub(crate) store: Option<String>,
    pub(crate) route_prefix: Option<String>,
    pub(crate) shadow: bool,
    /// Refuse to start on a broken document rather than run on the last good one.
    pub(crate) strict: bool,
}

/// A running node.
pub(crate) struct Node {
    pub(crate) engine: Engine,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    store: Store,
    stop: CancellationToken,
    serving: tokio::task::JoinHandle<std::io::Result<()>>,
    reload: balefire_web::state::Reload,
}

impl Overrides {
    /// Reads the document, the built-in one when none is named, and lays the command line over it.
    pub(crate) fn load(&self) -> Result<Plan, String> {
        let (text, name) = self.text()?;
        let loaded = balefire_config::load(&text, &name, &ProcessEnvironment)
            .map_err(|problems| lines(&problems))?;
        for warning in &loaded.warnings {
            tracing::warn!("{warning}");
        }
        Ok(self.laid_over(loaded.plan))
    }

    fn text(&self) -> Result<(String, String), String> {
        let Some(path) = &self.config else {
            return Ok((
                balefire_config::default_document().to_owned(),
                "built-in".to_owned(),
            ));
        };
        let text = std::fs::read_to_string(path)
            .map_err(|error| format!("{}: {error}", path.display()))?;
        Ok((text, path.display().to_string()))
    }

    fn laid_over(&self, mut plan: Plan) -> Plan {
        let server = &mut plan.server;
        if let Some(listen) = self.listen {
            // A URL that was only derived from the document's address follows the real one.
            if server.external_url.trim_end_matches('/') == format!("http://{}", server.listen) {
                server.external_url = format!("http://{listen}");
            }
            server.listen = listen;
        }
        if let Some(data) = &self.data {
            server.data.clone_from(data);
        }
        if let Some(store) = &self.store {
            server.store = Some(balefire_core::secret::Secret::new(store.as_str()));
        }
        if let Some(prefix) = &self.route_prefix {
            server.route_prefix.clone_from(prefix);
        }
        plan
    }
}

/// One problem a line.
pub(crate) fn lines(problems: &[balefire_config::Problem]) -> String {
    problems
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

/// Opens the store that the plan or the command line names.
pub(crate) async fn open_store(plan: &Plan) -> Result<Store> {
    let url = match &plan.server.store {
        Some(url) => StoreUrl::parse(url.reveal())?,
        None => StoreUrl::Embedded(plan.server.data.clone()),
    };
    let store = Store::open(&url, Options::default()).await?;
    for finding in store.durability().iter().filter(|finding| !finding.safe) {
        tracing::warn!(
            setting = finding.setting,
            value = finding.value,
            "{}",
            finding.advice
        );
    }
    Ok(store)
}

/// Starts a node.
pub(crate) async fn start(overrides: Overrides) -> Result<Node> {
    let (mut plan, broken) = match overrides.load() {
        Ok(plan) => (plan, None),
        Err(problems) if overrides.strict || overrides.config.is_none() => bail!("{problems}"),
        Err(problems) => (last_good(&overrides, &problems).await?, Some(problems)),
    };
    // First the folder: who starts a node twice learns which process has it, not only that an address is taken.
    let store = open_store(&plan).await?;
    let socket = listener::bind(plan.server.listen)
        .with_context(|| format!("cannot listen on {}", plan.server.listen))?;
    let address = socket.local_addr()?;
    if plan.server.external_url.is_empty() || plan.server.listen.port() == 0 {
        plan.server.external_url = format!("http://{address}");
    }
    let mails = mail_socket(&plan)?;
    let tls = plan
        .server
        .tls
        .as_ref()
        .map(Certificate::load)
        .transpose()?;
    let sandbox = Sandbox::new(
        WorkerCommand::this_binary(TEMPLATE_WORKER)?,
        TEMPLATE_WORKERS,
    );
    let engine = node::start(Setup {
        plan: Arc::new(plan),
        store: store.clone(),
        clock: Arc::new(SystemClock),
        sandbox,
        shadow: overrides.shadow,
    })
    .await?;
    if let Some(problems) = broken {
        engine.findings().report(
            engine.now(),
            balefire_engine::meta::Trouble::Configuration,
            "document",
            format!("the document is broken, running on the last good version: {problems}"),
        );
    } else {
        note_good_document(&engine);
    }
    let reload = reload_of(engine.clone(), overrides, address, tls.clone());
    let state = WebState {
        engine: engine.clone(),
        reload: Arc::clone(&reload),
        check: Arc::new(|text| {
            balefire_config::load(text, "document", &ProcessEnvironment)
                .map(|loaded| loaded.plan)
                .map_err(|problems| problems.iter().map(ToString::to_string).collect())
        }),
    };
    balefire_web::unfinished::take_up(&state).await;
    let stop = CancellationToken::new();
    if let Some(certificate) = tls.clone() {
        tokio::spawn(certificate.watch(stop.clone()));
    }
    take_mails(mails, tls.clone(), &engine, &stop);
    let listener = Listener {
        socket,
        tls,
        router: router(state),
    };
    let serving = tokio::spawn(listener::serve(listener, stop.clone()));
    Ok(Node {
        engine,
        address,
        store,
        stop,
        serving,
        reload,
    })
}

/// Takes mails, where there is a socket for them.
fn take_mails(
    socket: Option<TcpListener>,
    tls: Option<Certificate>,
    engine: &Engine,
    stop: &CancellationToken,
) {
    if let Some(socket) = socket {
        let engine = engine.clone();
        let mails = MailListener {
            socket,
            tls,
            engine,
        };
        tokio::spawn(smtp::serve(mails, stop.clone()));
    }
}

/// Where mails are taken, if anywhere.
fn mail_socket(plan: &Plan) -> Result<Option<TcpListener>> {
    let Some(mails) = &plan.server.smtp else {
        return Ok(None);
    };
    let socket = listener::bind(mails.listen)
        .with_context(|| format!("cannot take mails at {} (server.smtp)", mails.listen))?;
    Ok(Some(socket))
}

/// The last document that was in force, from the store, when the one on disk cannot be read.
async fn last_good(overrides: &Overrides, problems: &str) -> Result<Plan> {
    let document = balefire_config::default_document();
    let fallback = balefire_config::load(document, "built-in", &ProcessEnvironment)
        .map_err(|found| anyhow::anyhow!("{}", lines(&found)))?;
    let node_only = overrides.laid_over(fallback.plan);
    let store = open_store(&node_only).await?;
    let versions = store.config_versions(1).await?;
    store.close().await;
    let Some(last) = versions.first() else {
        bail!("{problems}")
    };
    tracing::error!("{problems}");
    tracing::error!(
        version = &*last.hash,
        "the document is broken: running on the last good version"
    );
    let name = overrides
        .config
        .as_deref()
        .unwrap_or(Path::new("stored"))
        .display()
        .to_string();
    let loaded = balefire_config::load(&last.document, &name, &ProcessEnvironment)
        .map_err(|_| anyhow::anyhow!("{problems}"))?;
    Ok(overrides.laid_over(loaded.plan))
}

fn reload_of(
    engine: Engine,
    overrides: Overrides,
    address: SocketAddr,
    certificate: Option<Certificate>,
) -> balefire_web::state::Reload {
    Arc::new(move || {
        let (engine, overrides) = (engine.clone(), overrides.clone());
        let certificate = certificate.clone();
        Box::pin(async move {
            let secured = certificate.is_some();
            let loaded = tokio::task::spawn_blocking(move || reread(&overrides, secured))
                .await
                .map_err(|error| error.to_string())?;
            let (mut plan, renewed) = loaded.inspect_err(|problems| {
                engine.metrics().config_last_reload_successful.set(0);
                engine.findings().report(
                    engine.now(),
                    balefire_engine::meta::Trouble::Configuration,
                    "document",
                    format!("not reloaded, the old configuration stays in force: {problems}"),
                );
            })?;
            if plan.server.external_url.is_empty() || plan.server.listen.port() == 0 {
                plan.server.external_url = format!("http://{address}");
            }
            engine
                .reload(plan)
                .await
                .map_err(|error| error.to_string())?;
            if let (Some(certificate), Some(renewed)) = (certificate, renewed) {
                certificate.take_over(renewed);
            }
            note_good_document(&engine);
            Ok(())
        })
    })
}

/// The document as it is now, and the listener's certificate that it names: both are good, or nothing changes.
/// Whether there is one at all is decided at the start.
fn reread(overrides: &Overrides, secured: bool) -> Result<(Plan, Option<Renewed>), String> {
    let plan = overrides.load()?;
    let files = plan.server.tls.clone().filter(|_| secured);
    let renewed = files
        .map(balefire_web::tls::read)
        .transpose()
        .map_err(|error| format!("server.tls: {error}"))?;
    Ok((plan, renewed))
}

/// Says in the metrics that the document that was read last is in force, as Alertmanager does.
fn note_good_document(engine: &Engine) {
    let metrics = engine.metrics();
    metrics.config_last_reload_successful.set(1);
    metrics.config_last_reload_seconds.set(engine.now().secs());
}

impl Node {
    /// Reads the configuration again, as SIGHUP does.
    pub(crate) async fn reload(&self) {
        match (self.reload)().await {
            Ok(()) => tracing::info!(
                version = &*self.engine.plan().version,
                "configuration reloaded"
            ),
            Err(problems) => {
                tracing::error!("not reloaded, the old configuration stays: {problems}");
            }
        }
    }

    /// Ends when the listener fails, or when the store's writer gives up: after a failed write only a restart
    /// shows what is really on the disk.
    pub(crate) async fn failed(&mut self) -> Result<()> {
        let writer = self.store.writer();
        tokio::select! {
            ended = &mut self.serving => {
                ended.context("the listener ended")??;
                Ok(())
            }
            () = writer.stopped() => {
                let why = writer.failure().map_or_else(String::new, |error| error.to_string());
                bail!("the store has stopped: {why}")
            }
        }
    }

    /// Stops accepting, ends what is under way, writes the state down, closes the store.
    pub(crate) async fn stop(self) {
        // The streams of open pages end by this; without it the listener would wait for them.
        self.engine.begin_stop();
        self.stop.cancel();
        // The listener's own end is bounded; what it answers no longer matters.
        let until = Instant::now() + PATIENCE;
        let _ = self.serving.await;
        self.engine.stop(until - Instant::now()).await;
        self.store.close().await;
    }
}
