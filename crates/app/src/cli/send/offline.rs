//! `send --test ACCOUNT --config FILE`: one account tried without a node.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use balefire_channels::channel::{Channel, Delivery, Outcome};
use balefire_channels::error::{ErrorKind, SendError};
use balefire_config::plan::{Account, Plan};
use balefire_core::clock::Clock;
use balefire_core::message::Message;
use balefire_engine::clock::SystemClock;
use balefire_engine::direct::escape;
use balefire_template::compose::{Reader, compose_test};
use balefire_template::sandbox::{Sandbox, WorkerCommand};
use serde::Serialize;
use tokio::time::{Instant, timeout};

use super::options;
use crate::cli::config::load;
use crate::exit::{Ended, Exit};
use crate::output::{data, harmless, json, say};
use crate::server::TEMPLATE_WORKER;

/// A channel keeps its own time limit; this is how much longer we wait for it.
const GRACE: Duration = Duration::from_secs(2);

/// What a test found.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    account: String,
    kind: &'static str,
    /// What the provider says of the account; absent where it cannot be asked.
    check: Option<Tried>,
    /// One for each target.
    outcomes: Vec<Tried>,
}

/// One call and its answer.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Tried {
    #[serde(skip_serializing_if = "String::is_empty")]
    target: String,
    ok: bool,
    took_millis: u64,
    /// The kind of failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    /// What the provider said.
    answer: String,
    /// What a person can do about it.
    #[serde(skip_serializing_if = "str::is_empty")]
    fix: &'static str,
}

impl Tried {
    fn of(target: &str, outcome: Outcome, took: Duration) -> Self {
        let (ok, kind, answer, fix) = match outcome {
            Ok(receipt) => (true, None, receipt.answer, ""),
            Err(error) => (false, Some(error.kind.as_str()), error.detail, error.fix),
        };
        let took_millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        Self {
            target: target.to_owned(),
            ok,
            took_millis,
            kind,
            answer,
            fix,
        }
    }

    fn tell(&self, good: &str) {
        let answer = harmless(&self.answer);
        let Some(kind) = self.kind else {
            data(&format!("{good} in {} ms: {answer}", self.took_millis));
            return;
        };
        data(&format!(
            "failed after {} ms: {kind}: {answer}",
            self.took_millis
        ));
        if !self.fix.is_empty() {
            data(&format!("fix: {}", self.fix));
        }
    }
}

/// Reads the document, asks the provider about the account, sends the test message and prints what came.
pub(super) async fn test(
    config: &Path,
    account: &str,
    given: &[String],
    as_json: bool,
) -> Result<Exit> {
    let plan = load(config)?.plan;
    let account = find(&plan, account)?;
    let channel = channel(&plan, account, given)?;
    let limit = account.limit(&*channel) + GRACE;
    let check = check(&channel, limit).await;
    let message = compose_test(&account.name, &reader(&plan));
    let message = with_body(message, &channel).await?;
    let outcomes = send(&channel, &message, limit).await?;
    let report = Report {
        account: account.name.to_string(),
        kind: account.spec.kind,
        check,
        outcomes,
    };
    let delivered = report.outcomes.iter().all(|tried| tried.ok);
    if as_json {
        json(&report)?;
    } else {
        tell(&report);
    }
    Ok(if delivered {
        Exit::Ok
    } else {
        Exit::NotDelivered
    })
}

fn tell(report: &Report) {
    say(&format!("account {} ({})", report.account, report.kind));
    match &report.check {
        Some(check) => check.tell("the account is good, says the provider"),
        None => say("this kind of account cannot be checked without sending"),
    }
    for tried in &report.outcomes {
        say(&format!("test message to {}", harmless(&tried.target)));
        tried.tell("delivered");
    }
}

fn find<'a>(plan: &'a Plan, name: &str) -> Result<&'a Account, Ended> {
    plan.accounts.get(name).ok_or_else(|| {
        let known: Vec<&str> = plan.accounts.keys().map(String::as_str).collect();
        let known = if known.is_empty() {
            "none".to_owned()
        } else {
            known.join(", ")
        };
        Ended::new(
            Exit::NotFound,
            format!("no account is named {name:?}; there are: {known}"),
        )
    })
}

/// The channel to try: with the options given, else as the first receiver's entry that goes through the
/// account has it, else with none.
fn channel(plan: &Plan, account: &Account, given: &[String]) -> Result<Arc<dyn Channel>, Ended> {
    if given.is_empty() {
        let entries = plan
            .receivers
            .iter()
            .flat_map(|receiver| &receiver.integrations);
        let used = entries
            .into_iter()
            .find(|entry| entry.account.as_ref() == Some(&account.name));
        if let Some(entry) = used {
            return Ok(Arc::clone(&entry.channel));
        }
    }
    let options = options::read(given, Some(account.spec))?;
    let channel = (account.open)(&options).map_err(|problems| {
        let lines: Vec<String> = problems
            .iter()
            .map(|problem| match problem.fix.as_str() {
                "" => problem.to_string(),
                fix => format!("{problem}: {fix}"),
            })
            .collect();
        Ended::invalid(lines.join("\n"))
    })?;
    if channel.targets().is_empty() {
        return Err(Ended::invalid(format!(
            "{} needs to know whom to tell: --option KEY=VALUE, with what a receiver's entry would say",
            account.spec.kind
        )));
    }
    Ok(channel)
}

fn reader(plan: &Plan) -> Reader {
    let server = &plan.server.reader;
    Reader {
        locale: server.locale,
        zone: server.zone.clone(),
    }
}

/// The message with the body that the account's own template makes of it.
async fn with_body(mut message: Message, channel: &Arc<dyn Channel>) -> Result<Message> {
    let Some(template) = channel.body_template() else {
        return Ok(message);
    };
    let sandbox = Sandbox::new(WorkerCommand::this_binary(TEMPLATE_WORKER)?, 1);
    let form = escape(template.form);
    let id = "bf_test";
    let body = sandbox.body(&template.source, &message, id, &template.params, form);
    let body = body.await.map_err(|error| {
        Ended::new(
            Exit::NotDelivered,
            format!("the template of its body failed: {error}"),
        )
    })?;
    message.custom.get_or_insert_default().body = body;
    Ok(message)
}

/// Asks the provider; `None` where that is not possible.
async fn check(channel: &Arc<dyn Channel>, limit: Duration) -> Option<Tried> {
    let began = Instant::now();
    let outcome = timeout(limit, channel.check(SystemClock.now()))
        .await
        .unwrap_or_else(|_| too_slow(limit));
    let unsupported = |error: &SendError| error.kind == ErrorKind::Unsupported;
    if outcome.as_ref().is_err_and(unsupported) {
        return None;
    }
    Some(Tried::of("", outcome, began.elapsed()))
}

async fn send(
    channel: &Arc<dyn Channel>,
    message: &Message,
    limit: Duration,
) -> Result<Vec<Tried>, Ended> {
    let mut tried = Vec::new();
    let spec = channel.spec();
    let targets = channel.targets();
    for (number, targets) in targets
        .chunks(spec.limits.max_targets_per_call.max(1))
        .enumerate()
    {
        let now = SystemClock.now();
        // New for each run, so that a provider that knows repeats does not swallow the second test.
        let id = format!("bf_test_{:x}_{number}", now.micros());
        let delivery = Delivery {
            message,
            targets,
            id: &id,
            attempt: 1,
            now,
        };
        let began = Instant::now();
        let outcomes = timeout(limit, channel.send(&delivery))
            .await
            .unwrap_or_else(|_| targets.iter().map(|_| too_slow(limit)).collect());
        let took = began.elapsed();
        tried.extend(
            targets
                .iter()
                .zip(outcomes)
                .map(|(t, o)| Tried::of(&t.label, o, took)),
        );
    }
    if tried.is_empty() {
        return Err(Ended::new(Exit::NotDelivered, "the channel gave no answer"));
    }
    Ok(tried)
}

fn too_slow(limit: Duration) -> Outcome {
    Err(SendError::new(
        ErrorKind::UnknownOutcome,
        format!("no answer within {} s", limit.as_secs()),
    ))
}
