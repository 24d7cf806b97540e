//! `balefire demo`: a node with simulated providers and believable traffic, from one command.

mod document;
mod traffic;

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, Result};
use balefire_testkit::simulator::Simulator;
use balefire_testkit::smtp::{Security, SmtpSim};
use tokio::signal::unix::{SignalKind, signal};

use crate::output::say;
use crate::server::{self, Overrides};

/// How a demo is set up.
#[derive(Clone, Debug)]
pub(crate) struct Demo {
    /// Where Balefire listens.
    pub(crate) listen: SocketAddr,
    /// Where the simulated providers listen.
    pub(crate) simulator: SocketAddr,
    /// Where data stays; a folder that is removed at the end by default.
    pub(crate) data: Option<PathBuf>,
    /// The story's time against the clock's.
    pub(crate) speed: u32,
    /// The story's seed.
    pub(crate) seed: u64,
}

/// Runs until Ctrl-C.
pub(crate) async fn run(demo: Demo) -> Result<()> {
    let kept = demo.data.clone();
    let folder = kept.clone().unwrap_or_else(|| {
        std::env::temp_dir().join(format!("balefire-demo-{}", std::process::id()))
    });
    std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let done = play(&demo, &folder).await;
    if kept.is_none() {
        // A folder that cannot be removed is only untidy.
        let _ = std::fs::remove_dir_all(&folder);
    }
    done
}

async fn play(demo: &Demo, folder: &std::path::Path) -> Result<()> {
    let mail = SmtpSim::start(Security::Plain)
        .await
        .context("the simulated mail server")?;
    let sim = Simulator::builder()
        .listen(demo.simulator)
        .clock(std::sync::Arc::new(balefire_engine::clock::SystemClock))
        .mail(&mail)
        .start()
        .await
        .with_context(|| {
            format!(
                "the simulated providers cannot listen on {}",
                demo.simulator
            )
        })?;
    let config = folder.join("balefire.yml");
    std::fs::write(&config, document::document(&sim, &mail))?;
    let overrides = Overrides {
        config: Some(config.clone()),
        data: Some(folder.join("data")),
        listen: Some(demo.listen),
        strict: true,
        ..Overrides::default()
    };
    let mut node = server::start(overrides).await?;
    let url = node
        .engine
        .plan()
        .server
        .external_url
        .trim_end_matches('/')
        .to_owned();
    say("");
    say("Balefire is running with simulated providers and made-up alerts.");
    say(&format!("  inbox                 {url}/"));
    say(&format!("  what people would see {}/", sim.url()));
    say(&format!("  configuration         {}", config.display()));
    say("");
    say("Send one yourself:");
    say(&format!("  curl -d 'disk full on db-1' {url}/in/inbox"));
    say("Ctrl-C ends the demo.");
    say("");
    let began = node.engine.now();
    let playing = tokio::spawn(traffic::play(node.address, demo.seed, demo.speed, began));
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
        failed = node.failed() => failed?,
        played = playing => played??,
    }
    say("the demo ends");
    node.stop().await;
    Ok(())
}
