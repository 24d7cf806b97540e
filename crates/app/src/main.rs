//! Balefire: a self-hosted alert gateway and on-call server in one binary.

mod bench;
mod cli;
mod client;
mod demo;
mod environment;
mod exit;
mod output;
mod server;
mod shadow;
mod telemetry;

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // A template worker is this binary again; it must not start anything else.
    if std::env::args_os()
        .nth(1)
        .is_some_and(|word| word == server::TEMPLATE_WORKER)
    {
        return balefire_template::sandbox::worker_main();
    }
    cli::run()
}
