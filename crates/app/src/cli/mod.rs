//! The command line.

mod bench;
mod check;
mod config;
mod demo;
mod routes;
mod serve;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::exit::Exit;
use crate::output::say;
use crate::telemetry::LogFormat;

/// Takes alerts in, works out who must know, and keeps telling them until somebody answers.
#[derive(Parser)]
#[command(name = "balefire", version, about, propagate_version = true)]
struct Cli {
    /// How log lines look.
    #[arg(long, global = true, value_enum, default_value = "text", env = "BALEFIRE_LOG_FORMAT")]
    log_format: LogFormat,
    /// What is logged: error, warn, info, debug, or a filter such as `info,balefire_engine=debug`.
    #[arg(long, global = true, default_value = "info", env = "BALEFIRE_LOG")]
    log: String,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run a node.
    Serve(serve::Serve),
    /// Run with simulated providers and made-up alerts.
    Demo(demo::Demo),
    /// Say everything that is wrong with a document.
    Check(check::Check),
    /// The document's schema, and how it is read.
    Config(config::Config),
    /// The routing tree, and which way an alert would take.
    Routes(routes::Routes),
    /// Print a completion script for your shell.
    Completion {
        /// Which shell.
        shell: clap_complete::Shell,
    },
    /// Measure this binary, beside an Alertmanager when asked to.
    Bench(bench::Bench),
}

/// Reads the command line and does what it says.
pub(crate) fn run() -> ExitCode {
    let cli = Cli::parse();
    // A second provider cannot be installed before this one.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    crate::telemetry::start(cli.log_format, &cli.log);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            say(&format!("error: the runtime could not be started: {error}"));
            return Exit::Failure.into();
        }
    };
    let done = runtime.block_on(async {
        match cli.command {
            Command::Serve(serve) => serve.run().await,
            Command::Demo(demo) => demo.run().await,
            Command::Check(check) => check.run(),
            Command::Config(config) => config.run(),
            Command::Routes(routes) => routes.run(),
            Command::Completion { shell } => {
                let mut command = Cli::command();
                clap_complete::generate(shell, &mut command, "balefire", &mut std::io::stdout());
                Ok(Exit::Ok)
            }
            Command::Bench(bench) => bench.run().await,
        }
    });
    match done {
        Ok(exit) => exit.into(),
        Err(error) => {
            say(&format!("error: {error:#}"));
            Exit::Failure.into()
        }
    }
}
