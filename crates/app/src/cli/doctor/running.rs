//! The running node: whether it answers, stores safely, keeps time and gets rid of what it owes.

use std::path::PathBuf;

use balefire_core::clock::Clock;
use balefire_core::time::Time;
use balefire_engine::clock::SystemClock;
use reqwest::Method;
use serde_json::Value;

use super::{Finding, Verdict};
use crate::cli::views::Status;
use crate::client::{Answer, Call, Client, ClientError};

/// Clocks may differ by so much; the header says whole seconds.
const DRIFT_SECONDS: u64 = 5;
/// Notifications that wait before it is worth a word.
const MANY: i64 = 1000;

/// Looks at the node; also answers its data folder when it is embedded and on this machine.
pub(super) async fn look(client: &Client) -> (Vec<Finding>, Option<PathBuf>) {
    let call = client
        .call(Method::GET, "/api/v1/status", Call::default())
        .await;
    let read = call.and_then(|answer| {
        let status: Status = client.read(&answer.body)?;
        Ok((answer, status))
    });
    let (answer, status) = match read {
        Ok(read) => read,
        Err(error) => return (vec![unanswered(&error)], None),
    };
    let seen = format!("{} answers, Balefire {}", client.url(), status.version);
    let mut findings = vec![Finding::good("node", seen)];
    findings.extend(store(&status));
    findings.push(clock(&answer, SystemClock.now()));
    findings.push(waiting(&status));
    findings.push(dead_letters(client).await);
    findings.push(reload(client).await);
    let place = PathBuf::from(&status.store.place);
    (findings, place.is_dir().then_some(place))
}

fn unanswered(error: &ClientError) -> Finding {
    let text = error.to_string();
    let (seen, fix) = text.split_once('\n').unwrap_or((&text, ""));
    Finding::problem("node", seen, fix)
}

fn store(status: &Status) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !status.well || status.store.disk_full {
        let seen = if status.store.disk_full {
            "the disk is full"
        } else {
            "the store does not take new alerts"
        };
        findings.push(Finding::problem(
            "store",
            seen,
            "make room on the disk, and look at the node's log",
        ));
    }
    for setting in status
        .store
        .durability
        .iter()
        .filter(|setting| !setting.safe)
    {
        let seen = format!("{} is {}", setting.setting, setting.value);
        findings.push(Finding::problem("durability", seen, setting.advice.clone()));
    }
    if findings.is_empty() {
        findings.push(Finding::good(
            "store",
            format!("{} keeps what is accepted", status.store.place),
        ));
    }
    findings
}

/// Compares this machine's clock with the node's.
fn clock(answer: &Answer, here: Time) -> Finding {
    let Some(there) = answer.date else {
        return Finding::of(
            "clock",
            Verdict::Skipped,
            "the node's answer has no Date",
            "",
        );
    };
    let apart = here.since(there).max(there.since(here)).as_secs();
    if apart <= DRIFT_SECONDS {
        return Finding::good("clock", "this machine's clock and the node's agree");
    }
    Finding::problem(
        "clock",
        format!("this machine's clock and the node's are {apart} s apart"),
        "switch time synchronisation on: timedatectl set-ntp true",
    )
}

fn waiting(status: &Status) -> Finding {
    let waiting = status.pending_notifications;
    let seen = format!("{waiting} notification(s) wait");
    if waiting < MANY {
        return Finding::good("queue", seen);
    }
    Finding::advice(
        "queue",
        seen,
        "balefire deliveries list --state pending says which provider is slow or away",
    )
}

async fn dead_letters(client: &Client) -> Finding {
    let query = [
        ("state", "dead_lettered".to_owned()),
        ("limit", "100".to_owned()),
    ];
    let page: Result<Value, ClientError> = client.get("/api/v1/notifications", &query).await;
    let page = match page {
        Ok(page) => page,
        Err(error) => return unanswered(&error),
    };
    let number = page["notifications"].as_array().map_or(0, Vec::len);
    if number == 0 {
        return Finding::good("dead letters", "none");
    }
    let more = if page["next"].is_null() {
        ""
    } else {
        " or more"
    };
    Finding::problem(
        "dead letters",
        format!("{number}{more} notification(s) were given up"),
        "balefire deliveries list --state dead_lettered, mend the account, then balefire deliveries redrive",
    )
}

/// Whether the document on the node's disk is the one in force.
async fn reload(client: &Client) -> Finding {
    let metrics = match client.call(Method::GET, "/metrics", Call::default()).await {
        Ok(answer) => String::from_utf8_lossy(&answer.body).into_owned(),
        Err(error) => return unanswered(&error),
    };
    let refused = metrics
        .lines()
        .filter_map(|line| line.strip_prefix("alertmanager_config_last_reload_successful"))
        .any(|value| value.trim() == "0");
    if refused {
        let fix = "balefire check FILE says what is wrong; then balefire reload";
        return Finding::problem(
            "reload",
            "the last document was refused, an older one is in force",
            fix,
        );
    }
    Finding::good("reload", "the last document that was read is in force")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_may_differ_by_what_the_header_cannot_say() {
        let answer = |secs| Answer {
            date: Some(Time::from_secs(secs)),
            body: Vec::new(),
        };
        let here = Time::from_secs(1_000);
        assert_eq!(clock(&answer(1_003), here).verdict, Verdict::Good);
        assert_eq!(clock(&answer(996), here).verdict, Verdict::Good);
        let ahead = clock(&answer(1_090), here);
        assert_eq!(ahead.verdict, Verdict::Problem);
        assert!(ahead.seen.contains("90 s"), "{}", ahead.seen);
        assert_eq!(clock(&answer(900), here).verdict, Verdict::Problem);
    }
}
