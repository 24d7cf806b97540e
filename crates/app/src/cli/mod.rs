//! The command line.

mod alarms;
mod alert;
mod bench;
mod channels;
mod check;
mod config;
mod deliveries;
mod demo;
mod doctor;
mod events;
mod explain;
mod hash_password;
mod heartbeat;
mod history;
mod import;
mod incident;
mod listing;
mod monitor;
mod node;
mod oncall;
mod pages;
mod people;
mod phone;
mod recurring;
mod reload;
mod reminder;
mod report;
mod routes;
mod send;
mod serve;
mod shadow;
mod silence;
mod sources;
mod status;
mod template;
mod views;
mod what_if;

use std::io::ErrorKind;
use std::process::ExitCode;

use anyhow::Result;
use balefire_store::OpenError;
use clap::{CommandFactory, Parser, Subcommand};

use crate::client::ClientError;
use crate::exit::{Ended, Exit};
use crate::output::say;
use crate::telemetry::LogFormat;

const EXAMPLES: &str = "Examples:
  balefire demo                                                    # simulated providers, made-up alerts
  balefire serve --config alertmanager.yml
  balefire send 'disk full on db-1' --to ops --wait
  balefire doctor --config balefire.yml

Exit codes: 0 done; 1 failed; 2 wrong command line; 3 not found; 4 not allowed; 5 conflict; 6 the input
breaks a rule; 7 not delivered; 8 still being tried; 9 problems found; 75 try again later.";

/// Takes alerts in, works out who must know, and keeps telling them until somebody answers.
#[derive(Parser)]
#[command(name = "balefire", version, about, propagate_version = true, after_help = EXAMPLES)]
struct Cli {
    /// How log lines look.
    #[arg(
        long,
        global = true,
        value_enum,
        default_value = "text",
        env = "BALEFIRE_LOG_FORMAT"
    )]
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
    /// Send a message to a receiver or through an account, or test an account.
    Send(send::Send),
    /// Bring an alert in, and look at those that are there.
    Alert(alert::Alert),
    /// Say why an alert is told, or is not.
    Explain(explain::Explain),
    /// Keep alerts quiet for a while.
    Silence(silence::Silence),
    /// What people work on: open, acknowledge and resolve it.
    Incident(incident::Incident),
    /// Who is on call, in which shifts, and where nobody is.
    Oncall(oncall::Oncall),
    /// By which ways people are paged, and whether these are known to reach them.
    People(people::People),
    /// How long incidents waited and lasted, who was paged, what made noise.
    Report(report::Report),
    /// Whom another configuration would have told in the last days.
    WhatIf(what_if::WhatIf),
    /// Things that will expire, and who is told of them in advance.
    Reminder(reminder::Reminder),
    /// Jobs that say by themselves that they have run, and those that are missed.
    Heartbeat(heartbeat::Heartbeat),
    /// What expires and is looked at: certificates, domains, dates.
    Monitor(monitor::Monitor),
    /// What was told to whom, and dead letters sent again.
    Deliveries(deliveries::Deliveries),
    /// The accounts, how they do and what to do about it; every kind there is.
    Channels(channels::Channels),
    /// What came by /alarm_v2, and how its people were told.
    Alarms(alarms::Alarms),
    /// Calls by telephones of your own, and the telephones.
    Phone(phone::Phone),
    /// The log of everything that was accepted.
    Events(events::Events),
    /// How a node is.
    Status(status::Status),
    /// Have a node read its configuration again.
    Reload(reload::Reload),
    /// Look for what is wrong or about to be, with what to do about it.
    Doctor(doctor::Doctor),
    /// Say everything that is wrong with a document.
    Check(check::Check),
    /// Take over what an older service holds.
    Import(import::Import),
    /// Make a hash of a password for access.users from a line of standard input.
    HashPassword(hash_password::HashPassword),
    /// The document's schema, and how it is read.
    Config(config::Config),
    /// The routing tree, and which way an alert would take.
    Routes(routes::Routes),
    /// The kinds of sources, and what one makes of a request.
    Sources(sources::Sources),
    /// What a template would say, through every channel.
    Template(template::Template),
    /// Print a completion script for your shell.
    #[command(
        after_help = "Example:\n  balefire completion bash > /etc/bash_completion.d/balefire"
    )]
    Completion {
        /// Which shell.
        shell: clap_complete::Shell,
    },
    /// Where a node in shadow mode and the Alertmanager beside it differ.
    Shadow(shadow::Shadow),
    /// Measure this binary, beside an Alertmanager when asked to.
    Bench(bench::Bench),
}

impl Command {
    async fn run(self) -> Result<Exit> {
        match self {
            Self::Serve(serve) => serve.run().await,
            Self::Demo(demo) => demo.run().await,
            Self::Send(send) => send.run().await,
            Self::Alert(alert) => alert.run().await,
            Self::Explain(explain) => explain.run().await,
            Self::Silence(silence) => silence.run().await,
            Self::Incident(incident) => incident.run().await,
            Self::Oncall(oncall) => oncall.run().await,
            Self::People(people) => people.run().await,
            Self::Report(report) => report.run().await,
            Self::WhatIf(what_if) => what_if.run().await,
            Self::Reminder(reminder) => reminder.run().await,
            Self::Heartbeat(heartbeat) => heartbeat.run().await,
            Self::Monitor(monitor) => monitor.run().await,
            Self::Deliveries(deliveries) => deliveries.run().await,
            Self::Channels(channels) => channels.run().await,
            Self::Alarms(alarms) => alarms.run().await,
            Self::Phone(phone) => phone.run().await,
            Self::Events(events) => events.run().await,
            Self::Status(status) => status.run().await,
            Self::Reload(reload) => reload.run().await,
            Self::Doctor(doctor) => doctor.run().await,
            Self::Check(check) => check.run(),
            Self::Import(import) => import.run().await,
            Self::HashPassword(_) => hash_password::HashPassword::run(),
            Self::Config(config) => config.run().await,
            Self::Routes(routes) => routes.run(),
            Self::Sources(sources) => sources.run(),
            Self::Template(template) => template.run().await,
            Self::Completion { shell } => {
                let mut command = Cli::command();
                clap_complete::generate(shell, &mut command, "balefire", &mut std::io::stdout());
                Ok(Exit::Ok)
            }
            Self::Shadow(shadow) => shadow.run(),
            Self::Bench(bench) => bench.run().await,
        }
    }
}

/// Reads the command line and does what it says.
pub(crate) fn run() -> ExitCode {
    let cli = Cli::parse();
    // A second provider cannot be installed before this one.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    crate::telemetry::start(cli.log_format, &cli.log);
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            say(&format!("error: the runtime could not be started: {error}"));
            return Exit::Failure.into();
        }
    };
    match runtime.block_on(Box::pin(cli.command.run())) {
        Ok(exit) => exit.into(),
        Err(error) => {
            say(&format!("error: {error:#}"));
            exit_of(&error).into()
        }
    }
}

/// The code of an error; those that know none of their own are plain failures.
fn exit_of(error: &anyhow::Error) -> Exit {
    let known = error.chain().find_map(|cause| {
        let ended = cause.downcast_ref::<Ended>().map(|ended| ended.exit);
        let asked = || cause.downcast_ref::<ClientError>().map(ClientError::exit);
        ended.or_else(asked).or_else(|| held_by_another(cause))
    });
    known.unwrap_or(Exit::Failure)
}

/// Another process has the data folder or the address.
fn held_by_another(cause: &(dyn std::error::Error + 'static)) -> Option<Exit> {
    let folder = matches!(cause.downcast_ref(), Some(OpenError::Locked { .. }));
    let address = cause
        .downcast_ref::<std::io::Error>()
        .is_some_and(|error| error.kind() == ErrorKind::AddrInUse);
    (folder || address).then_some(Exit::Conflict)
}
