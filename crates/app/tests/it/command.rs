//! One run of the command line: arguments in; exit code, data and words out.

use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// What a command did.
#[derive(Debug)]
pub(crate) struct Ran {
    /// The exit code; `None` when a signal ended it.
    pub(crate) exit: Option<i32>,
    /// Standard output.
    pub(crate) data: String,
    /// Standard error.
    pub(crate) words: String,
}

impl Ran {
    /// The data as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.data)
            .unwrap_or_else(|error| panic!("{error} in {:?}; {}", self.data, self.words))
    }

    /// The same run, which must have ended with this code.
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.exit, Some(code), "{}{}", self.data, self.words);
        self
    }
}

/// The binary in an environment without settings of the developer's own.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_balefire"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("BALEFIRE_")) {
        command.env_remove(name);
    }
    command
        .args(arguments)
        .env("TZ", "UTC")
        .env("USER", "chenmin")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// Runs `balefire` with these arguments against the node at `url`.
pub(crate) async fn balefire(url: &str, arguments: &[&str]) -> Ran {
    let mut command = command(arguments);
    command.env("BALEFIRE_URL", url);
    finish(command, "").await
}

/// Runs a command to its end with this on its standard input.
pub(crate) async fn finish(mut command: Command, input: &str) -> Ran {
    let mut child = command.spawn().expect("start balefire");
    let mut stdin = child.stdin.take().expect("stdin");
    // A command that reads nothing may be gone already.
    let _ = stdin.write_all(input.as_bytes()).await;
    drop(stdin);
    let ended = tokio::time::timeout(Duration::from_mins(1), child.wait_with_output());
    let output = ended
        .await
        .expect("an end within a minute")
        .expect("output");
    Ran {
        exit: output.status.code(),
        data: String::from_utf8(output.stdout).expect("UTF-8"),
        words: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
