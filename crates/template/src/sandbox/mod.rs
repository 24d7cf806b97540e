//! Operators' templates render in child processes, because no limit inside the engine is enough.
//!
//! minijinja's fuel stops loops, not a text that doubles itself to gigabytes; a failed allocation aborts the
//! process. So the same binary runs again as a worker ([`worker_main`]) that has given up memory beyond
//! 256 MiB, files, sockets and nearly all system calls, and is killed when it does not answer in time.
//! A worker that died or was killed is replaced by the next request; the caller sends the default message.

mod confine;
mod pool;
mod process;
mod protocol;
mod strikes;
mod worker;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

pub use pool::Sandbox;
pub use worker::worker_main;

pub use crate::escape::Escape;
pub use crate::template::{RenderError, Template};

/// How a worker is started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerCommand {
    /// The program.
    pub program: PathBuf,
    /// What makes it a worker: its arguments.
    pub arguments: Vec<OsString>,
}

impl WorkerCommand {
    /// The running binary with this one argument, which must lead to [`worker_main`].
    ///
    /// On Linux the kernel's link to the running file is used, so that an upgrade which replaces the file
    /// does not mix two versions.
    pub fn this_binary(argument: &str) -> std::io::Result<Self> {
        let program = if cfg!(target_os = "linux") {
            PathBuf::from("/proc/self/exe")
        } else {
            std::env::current_exe()?
        };
        Ok(Self {
            program,
            arguments: vec![argument.into()],
        })
    }
}

/// Times and sizes of a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most workers at once.
    pub workers: usize,
    /// Most callers that wait for a worker; the next is turned away.
    pub waiting: usize,
    /// Longest wait for a worker.
    pub wait: Duration,
    /// Longest rendering.
    pub render: Duration,
    /// Longest check of all samples.
    pub check: Duration,
    /// Longest start of a worker.
    pub start: Duration,
    /// Renderings after which a worker is replaced, so that nothing in it grows for ever.
    pub renderings: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            workers: 2,
            waiting: 256,
            wait: Duration::from_millis(500),
            render: Duration::from_millis(250),
            check: Duration::from_secs(1),
            start: Duration::from_secs(2),
            renderings: 1_000,
        }
    }
}
