//! The document: whether it loads, whether everybody it names can be reached, whether its accounts work.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use balefire_channels::channel::Channel;
use balefire_channels::error::ErrorKind;
use balefire_config::plan::{Account, Plan};
use balefire_core::clock::Clock;
use balefire_engine::clock::SystemClock;
use futures_util::{StreamExt, stream};
use serde_json::{Map, Value};
use tokio::time::timeout;

use super::{Finding, Verdict, schedules};
use crate::environment::ProcessEnvironment;

/// Accounts asked at once.
const AT_ONCE: usize = 8;
/// A channel keeps its own time limit; this is how much longer we wait for it.
const GRACE: Duration = Duration::from_secs(2);

/// Looks at the document; also answers the data folder that it names.
pub(super) async fn look(file: &Path) -> (Vec<Finding>, Option<PathBuf>) {
    let name = file.display().to_string();
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => {
            let finding = Finding::problem(
                "document",
                format!("{name}: {error}"),
                "name a file that can be read",
            );
            return (vec![finding], None);
        }
    };
    let loaded = match balefire_config::load(&text, &name, &ProcessEnvironment) {
        Ok(loaded) => loaded,
        Err(problems) => {
            let fix = "mend it; balefire check says the same";
            let found = problems
                .iter()
                .map(|problem| Finding::problem("document", problem.to_string(), fix));
            return (found.collect(), None);
        }
    };
    let mut findings = vec![Finding::good("document", format!("{name} loads"))];
    let warnings = loaded.warnings.iter();
    findings.extend(warnings.map(|warning| Finding::advice("document", warning.to_string(), "")));
    findings.extend(ways_out(&loaded.plan));
    findings.extend(watch(&loaded.plan));
    findings.extend(schedules::look(&loaded.plan, SystemClock.now()));
    findings.extend(accounts(&loaded.plan).await);
    let embedded = loaded.plan.server.store.is_none();
    (findings, embedded.then(|| loaded.plan.server.data.clone()))
}

/// Receivers that routes lead to and that tell nobody.
fn ways_out(plan: &Plan) -> Vec<Finding> {
    let led_to: BTreeSet<&str> = plan
        .routes
        .routes()
        .iter()
        .map(|route| &*route.receiver)
        .collect();
    let mute = plan
        .receivers
        .iter()
        .filter(|receiver| receiver.integrations.is_empty() && led_to.contains(&*receiver.name));
    let findings: Vec<Finding> = mute
        .map(|receiver| {
            Finding::advice(
                "receivers",
                format!("routes lead to {:?}, which tells nobody", receiver.name),
                "add a way out such as webhook_configs, unless these alerts are meant to be dropped",
            )
        })
        .collect();
    if findings.is_empty() {
        return vec![Finding::good(
            "receivers",
            "every route leads to somebody who is told",
        )];
    }
    findings
}

/// Who notices when Balefire itself is in trouble.
fn watch(plan: &Plan) -> Vec<Finding> {
    let mut findings = Vec::new();
    if plan.meta.receiver.is_none() {
        findings.push(Finding::advice(
            "meta",
            "nobody is told of dead letters and other troubles of Balefire itself",
            "set meta.receiver to a receiver that uses another account than the others",
        ));
    }
    if plan.meta.heartbeat_url.is_none() {
        findings.push(Finding::advice(
            "heartbeat",
            "nobody outside notices when this node is gone",
            "set meta.heartbeat_url to a check at Healthchecks, Uptime Kuma or the like",
        ));
    }
    findings
}

/// Asks each account for its health, where that is possible without sending.
async fn accounts(plan: &Plan) -> Vec<Finding> {
    let channels: Vec<(&Account, Arc<dyn Channel>)> = plan
        .accounts
        .values()
        .filter_map(|account| {
            let used = plan
                .receivers
                .iter()
                .flat_map(|receiver| &receiver.integrations)
                .find(|entry| entry.account.as_ref() == Some(&account.name))
                .map(|entry| Arc::clone(&entry.channel));
            let bare = || (account.open)(&Value::Object(Map::new())).ok();
            let channel = used.or_else(bare)?;
            Some((account, channel))
        })
        .collect();
    stream::iter(channels)
        .map(|(account, channel)| async move { checked(account, channel.as_ref()).await })
        .buffered(AT_ONCE)
        .collect()
        .await
}

async fn checked(account: &Account, channel: &dyn Channel) -> Finding {
    let name = &account.name;
    let limit = account.limit(channel) + GRACE;
    let Ok(outcome) = timeout(limit, channel.check(SystemClock.now())).await else {
        let seen = format!("{name}: no answer within {} s", limit.as_secs());
        return Finding::problem(
            "account",
            seen,
            "check the network between this machine and the provider",
        );
    };
    match outcome {
        Ok(receipt) if receipt.answer.is_empty() => {
            Finding::good("account", format!("{name} works"))
        }
        Ok(receipt) => Finding::good("account", format!("{name} works: {}", receipt.answer)),
        Err(error) if error.kind == ErrorKind::Unsupported => Finding::of(
            "account",
            Verdict::Skipped,
            format!(
                "{name} ({}) cannot be asked without sending",
                channel.spec().kind
            ),
            format!("balefire send --test {name} --config FILE"),
        ),
        Err(error) => Finding::problem("account", format!("{name}: {error}"), error.fix),
    }
}
