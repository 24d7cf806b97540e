//! Running a command: in a group of its own, so that all it has started ends with it when its time is over.

use std::io::ErrorKind;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin, Command};
use tokio::time::timeout;

use super::input;
use crate::channel::Delivery;

/// Bytes of each output that are kept; the rest is read and dropped, so that the command does not stand still.
const KEPT: usize = 64 * 1024;
/// How long after the command's end its output may still come: something it left running may hold the pipe.
const LAST_WORDS: Duration = Duration::from_millis(200);
/// Where a command finds others; the node's own environment is not handed on.
const SEARCHED: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// How a command ended.
#[derive(Debug)]
pub(super) enum End {
    /// By itself, with this code; what it wrote.
    Exited { code: i32, out: String, err: String },
    /// By a signal.
    Signalled(i32),
    /// Its time was over.
    TooLong,
    /// It ran, and its end could not be seen.
    Lost(String),
    /// It did not begin.
    NotStarted { why: String, for_good: bool },
}

/// Ends what is left of a process group when it goes out of sight before the command has ended by itself.
struct Group(Option<Pid>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // There may be nothing left of it.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

/// Runs the command with a message, for at most this long.
pub(super) async fn run(
    program: &Path,
    arguments: &[String],
    delivery: &Delivery<'_>,
    limit: Duration,
) -> End {
    let told = input::of(delivery);
    let spawned = Command::new(program)
        .args(arguments)
        .env_clear()
        .env("PATH", SEARCHED)
        .env("LANG", "C.UTF-8")
        .envs(told.variables)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn();
    let mut child = match spawned {
        Ok(child) => child,
        Err(error) => {
            return End::NotStarted {
                for_good: matches!(
                    error.kind(),
                    ErrorKind::NotFound | ErrorKind::PermissionDenied | ErrorKind::InvalidInput
                ),
                why: format!("{} could not be started: {error}", program.display()),
            };
        }
    };
    let id = child.id().and_then(|id| i32::try_from(id).ok());
    let mut group = Group(id.and_then(Pid::from_raw));
    let Ok(end) = timeout(limit, talk(&mut child, &told.json)).await else {
        return End::TooLong;
    };
    match end {
        Ok(end) => {
            // Its number may belong to somebody else from now on.
            group.0 = None;
            end
        }
        Err(error) => End::Lost(format!("its end could not be seen: {error}")),
    }
}

/// Hands the message over, and reads until the command has ended.
async fn talk(child: &mut Child, json: &[u8]) -> std::io::Result<End> {
    let (input, out, err) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (mut said, mut complained) = (Vec::new(), Vec::new());
    let status = {
        let reading = async { tokio::join!(read(out, &mut said), read(err, &mut complained)) };
        let running = async {
            let ((), status) = tokio::join!(hand_over(input, json), child.wait());
            status
        };
        tokio::pin!(reading, running);
        let mut read = false;
        let status = loop {
            tokio::select! {
                _ = &mut reading, if !read => read = true,
                status = &mut running => break status?,
            }
        };
        if !read {
            // What is not said by then is not waited for.
            let _ = timeout(LAST_WORDS, reading).await;
        }
        status
    };
    Ok(end_of(status, &said, &complained))
}

/// A command need not read what it is told.
async fn hand_over(input: Option<ChildStdin>, json: &[u8]) {
    if let Some(mut input) = input {
        let _ = input.write_all(json).await;
    }
}

/// Reads to the end, and keeps the first part.
async fn read(from: Option<impl AsyncRead + Unpin>, kept: &mut Vec<u8>) {
    let Some(mut from) = from else { return };
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        let room = KEPT.saturating_sub(kept.len()).min(count);
        kept.extend_from_slice(&buffer[..room]);
    }
}

fn end_of(status: ExitStatus, said: &[u8], complained: &[u8]) -> End {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match status.code() {
        Some(code) => End::Exited {
            code,
            out: text(said),
            err: text(complained),
        },
        None => End::Signalled(status.signal().unwrap_or_default()),
    }
}
