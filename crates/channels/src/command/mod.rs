//! A command of this machine: the message as JSON on its standard input, the most important of it in its environment,
//! its exit code as the outcome. Without a shell, and only for files that the node's own document allows.
//!
//! Vendor page: exit codes as in sysexits.h, <https://man7.org/linux/man-pages/man3/sysexits.h.3head.html>. Limits:
//! 1 MiB of input, 8 KiB for each variable, 64 KiB of output are read.

mod input;
mod run;

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use balefire_core::field::{Field, Kind};
use balefire_core::time::Time;
use futures_util::future::{BoxFuture, FutureExt as _};

use self::run::{End, run};
use crate::channel::{Channel, Delivery, Outcome, Target};
use crate::error::{ErrorKind, Receipt, SendError};
use crate::http::excerpt;
use crate::options::Options;
use crate::spec::{Build, Built, ChannelSpec, Length, Limits};

/// What a command is and can do.
pub static SPEC: ChannelSpec = ChannelSpec {
    kind: "command",
    receiver_key: "command_configs",
    title: ("Local command", "本地命令"),
    vendor_page: "https://man7.org/linux/man-pages/man3/sysexits.h.3head.html",
    account_fields: &ACCOUNT,
    receiver_fields: &[],
    send_resolved: true,
    dialect: crate::markup::Dialect::Plain,
    limits: Limits {
        title: Length::Unlimited,
        text: Length::Unlimited,
        max_targets_per_call: 1,
    },
    quotas: &[],
    concurrency: 2,
    timeout: Duration::from_secs(30),
    build,
};

/// `EX_TEMPFAIL` of sysexits.h.
const TEMPORARY: i32 = 75;

static ACCOUNT: [Field; 2] = [
    Field::required(
        "command",
        Kind::Text,
        "The file to run, with its whole path; it must stand in server.commands too.",
    ),
    Field::optional(
        "arguments",
        Kind::List(&Kind::Text),
        "Its arguments, as they are: no shell reads them, and nothing of a message gets into them.",
    ),
];

/// Whether a path names one file whatever the working folder: absolute, and without `.` and `..`.
pub fn is_plain_path(path: &Path) -> bool {
    let plain = |part: Component<'_>| matches!(part, Component::RootDir | Component::Normal(_));
    path.is_absolute()
        && path.components().all(plain)
        && !path.as_os_str().to_string_lossy().contains("/.")
}

/// One command with its arguments.
#[derive(Debug)]
struct Command {
    program: PathBuf,
    arguments: Vec<String>,
    limit: Duration,
    target: Target,
}

fn build(build: &Build<'_>) -> Built {
    // Whoever may send a message must not choose what runs, so the receiver's options are not looked at.
    let nothing = serde_json::Value::Null;
    let account = Build {
        account_name: build.account_name,
        account: build.account,
        receiver: &nothing,
        http: build.http.clone(),
        tokens: Arc::clone(&build.tokens),
    };
    let mut options = Options::of(&account);
    let program = options.text("command").map(PathBuf::from);
    match &program {
        None => options.problem(
            "command",
            "is missing",
            "write the file to run, such as /usr/local/bin/page",
        ),
        Some(path) if !is_plain_path(path) => {
            let problem = format!("{} is not a whole path", path.display());
            options.problem("command", problem, "begin at /, without . and ..");
        }
        Some(_) => {}
    }
    let arguments: Vec<String> = match options.value("arguments").and_then(|list| list.as_array()) {
        Some(list) => list
            .iter()
            .filter_map(|text| text.as_str())
            .map(ToOwned::to_owned)
            .collect(),
        None => Vec::new(),
    };
    let limit = build.http.limit(SPEC.timeout);
    let channel = program.map(|program| {
        let shown: Arc<str> = program.display().to_string().into();
        Arc::new(Command {
            target: Target {
                address: Arc::clone(&shown),
                label: shown,
            },
            program,
            arguments,
            limit,
        }) as Arc<dyn Channel>
    });
    options.finish(channel)
}

impl Channel for Command {
    fn spec(&self) -> &'static ChannelSpec {
        &SPEC
    }

    fn targets(&self) -> Vec<Target> {
        vec![self.target.clone()]
    }

    fn send<'a>(&'a self, delivery: &'a Delivery<'a>) -> BoxFuture<'a, Vec<Outcome>> {
        async move {
            let end = run(&self.program, &self.arguments, delivery, self.limit).await;
            let outcome = classify(end, self.limit);
            vec![outcome; delivery.targets.len()]
        }
        .boxed()
    }

    fn check(&self, _: Time) -> BoxFuture<'_, Outcome> {
        let error = SendError::new(
            ErrorKind::Unsupported,
            "a command can only be tried by running it",
        )
        .fix("send a test message");
        std::future::ready(Err(error)).boxed()
    }
}

/// 0 is a yes, 75 asks for another try, every other code is a refusal; what was ended from outside may have done its
/// work before.
fn classify(end: End, limit: Duration) -> Outcome {
    let error = |kind, words: String| Err(SendError::new(kind, excerpt(&words)));
    match end {
        End::Exited { code: 0, out, .. } => Ok(Receipt {
            provider_id: String::new(),
            answer: match excerpt(&out) {
                said if said.is_empty() => "exit code 0".to_owned(),
                said => said,
            },
        }),
        End::Exited { code, out, err } => {
            let said = if err.trim().is_empty() { out } else { err };
            let kind = if code == TEMPORARY {
                ErrorKind::Transient
            } else {
                ErrorKind::Rejected
            };
            error(kind, format!("exit code {code}: {said}"))
        }
        End::Signalled(signal) => {
            let words = format!("it was ended by signal {signal}");
            error(ErrorKind::UnknownOutcome, words)
        }
        End::TooLong => {
            let words = format!("it ran longer than {limit:?} and was killed");
            error(ErrorKind::UnknownOutcome, words)
        }
        End::Lost(why) => error(ErrorKind::UnknownOutcome, why),
        End::NotStarted { why, for_good } => {
            let error = SendError::new(
                if for_good {
                    ErrorKind::Misconfigured
                } else {
                    ErrorKind::Transient
                },
                excerpt(&why),
            );
            Err(if for_good {
                error.fix("the file must be there and may be run by the user of the node")
            } else {
                error
            })
        }
    }
}

#[cfg(test)]
mod tests;
