//! One worker, seen from the pool.

use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use super::WorkerCommand;
use super::protocol::{Reply, receive, send};
use crate::template::{Limit, RenderError};

/// How long the end of a worker that closed its pipe may take to be seen.
const LAST_WORDS: Duration = Duration::from_millis(100);

/// A running worker; killed when dropped.
#[derive(Debug)]
pub(super) struct Worker {
    child: Child,
    input: ChildStdin,
    output: ChildStdout,
    /// How many requests it has answered.
    pub(super) answered: u32,
}

impl Worker {
    /// Starts a worker and waits until it has shut itself in.
    pub(super) async fn start(
        command: &WorkerCommand,
        within: Duration,
    ) -> Result<Self, RenderError> {
        let unavailable = |why: String| RenderError::Unavailable(why);
        let mut child = Command::new(&command.program)
            .args(&command.arguments)
            .env_clear()
            // A larger reservation by the allocator would already be over the worker's memory limit
            // (mimalloc reads these; its default arena is 1 GiB).
            .env("MIMALLOC_ARENA_RESERVE", "16MiB")
            .env("MIMALLOC_ARENA_EAGER_COMMIT", "0")
            .env("MIMALLOC_ALLOW_THP", "0")
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| unavailable(error.to_string()))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(unavailable("its pipes are missing".to_owned()));
        };
        let mut worker = Self {
            child,
            input,
            output,
            answered: 0,
        };
        match timeout(within, receive(&mut worker.output)).await {
            Ok(Ok(Reply::Ready { filtered })) => {
                if !filtered {
                    tracing::debug!("the template worker runs without a filter of system calls");
                }
                Ok(worker)
            }
            Ok(Ok(Reply::Unconfined(why))) => Err(unavailable(why)),
            Ok(Ok(_)) => Err(unavailable("it does not speak as a worker".to_owned())),
            Ok(Err(error)) => Err(unavailable(error.to_string())),
            Err(_) => Err(unavailable("it did not start in time".to_owned())),
        }
    }

    /// One request, one reply. After an error the worker must not be used again.
    pub(super) async fn ask(
        &mut self,
        frame: &[u8],
        within: Duration,
    ) -> Result<Reply, RenderError> {
        let exchange = async {
            send(&mut self.input, frame).await?;
            receive(&mut self.output).await
        };
        match timeout(within, exchange).await {
            Ok(Ok(reply)) => {
                self.answered += 1;
                Ok(reply)
            }
            Ok(Err(_)) => Err(self.cause_of_death().await),
            Err(_) => Err(RenderError::Timeout),
        }
    }

    async fn cause_of_death(&mut self) -> RenderError {
        match timeout(LAST_WORDS, self.child.wait()).await {
            Ok(Ok(status)) => cause(status),
            _ => RenderError::Died,
        }
    }

    /// Whether it is still there, as far as is known.
    pub(super) fn lives(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }
}

/// Rust aborts when an allocation fails or the stack ends; the kernel ends what is out of processor time.
fn cause(status: ExitStatus) -> RenderError {
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt;
        const SIGABRT: i32 = 6;
        const SIGXCPU: i32 = 24;
        match status.signal() {
            Some(SIGABRT) => return RenderError::Limit(Limit::Memory),
            Some(SIGXCPU) => return RenderError::Limit(Limit::Processor),
            _ => {}
        }
    }
    let _ = status;
    RenderError::Died
}
