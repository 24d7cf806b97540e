//! `balefire explain`: why an alert is told, or is not.

use anyhow::Result;
use balefire_core::fingerprint::Fingerprint;
use clap::Args;
use serde_json::Value;

use super::alert::path;
use super::listing::local;
use super::node::Node;
use super::views::{Alert, Decision, Group, RouteTried, labels};
use crate::client::{Client, ClientError};
use crate::exit::Exit;
use crate::output::{data, harmless, json, say};

const EXAMPLES: &str = "Examples:
  balefire explain 8facc2af9008977e
  balefire alert list instance=db-1        # says the fingerprints";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Explain {
    /// The alert's fingerprint, 16 hexadecimal digits.
    fingerprint: Fingerprint,
    #[command(flatten)]
    node: Node,
}

impl Explain {
    pub(crate) async fn run(self) -> Result<Exit> {
        let client = self.node.client()?;
        let found = client.get::<Value>(&path(self.fingerprint), &[]).await;
        let alert = match found {
            Err(error @ ClientError::Refused { status: 404, .. }) => {
                say_refused(&client).await?;
                return Err(error.into());
            }
            other => other?,
        };
        if self.node.json {
            json(&alert)?;
        } else {
            for line in story(&serde_json::from_value(alert)?) {
                data(&harmless(&line));
            }
        }
        Ok(Exit::Ok)
    }
}

/// An alert that never came may have been turned away.
async fn say_refused(client: &Client) -> Result<(), ClientError> {
    let query = [("limit", "3".to_owned())];
    let page: Value = client.get("/api/v1/rejected", &query).await?;
    let rejected = page["rejected"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    if !rejected.is_empty() {
        say("the latest requests that were refused, or of which something was left out:");
    }
    for request in rejected {
        let word = |key: &str| request[key].as_str().unwrap_or_default();
        say(&harmless(&format!(
            "  {} {}: {}",
            word("at"),
            word("source"),
            word("reason")
        )));
    }
    Ok(())
}

/// The whole story, line by line.
fn story(alert: &Alert) -> Vec<String> {
    let mut lines = vec![
        format!("{} {}", alert.fingerprint, labels(&alert.labels)),
        format!("{} since {}", alert.state, local(alert.starts_at)),
    ];
    lines.extend(
        alert
            .silenced_by
            .iter()
            .map(|id| format!("  silenced by {id}: balefire silence show {id}")),
    );
    lines.extend(
        alert
            .inhibited_by
            .iter()
            .map(|by| format!("  inhibited by alert {by}: balefire explain {by}")),
    );
    lines.extend(
        alert
            .muted_by
            .iter()
            .map(|name| format!("  muted by the time interval {name}")),
    );
    lines.push(String::new());
    lines.push(format!("routes: it goes to {}", alert.receivers.join(", ")));
    lines.extend(alert.routes.iter().map(route));
    lines.push(String::new());
    if alert.groups.is_empty() {
        lines.push(
            "it is in no group: it is over, and everybody who knew of it has been told".to_owned(),
        );
    }
    lines.extend(alert.groups.iter().flat_map(group));
    lines.push(String::new());
    if alert.decisions.is_empty() {
        lines.push("nothing has been decided about it yet".to_owned());
    }
    lines.extend(
        alert
            .decisions
            .iter()
            .flat_map(|taken| decision(taken, &alert.fingerprint)),
    );
    lines
}

fn route(tried: &RouteTried) -> String {
    let indent = "  ".repeat(tried.depth + 1);
    let (route, receiver) = (&tried.route, &tried.receiver);
    let why = match tried.verdict.as_str() {
        "taken" => format!("taken, to {receiver}"),
        "passed" => "passed on to a route below it".to_owned(),
        "failed" => format!(
            "not taken: {} does not pass, the alert has {:?}",
            tried.matcher.as_deref().unwrap_or_default(),
            tried.value.as_deref().unwrap_or_default()
        ),
        "not_tried" => format!(
            "not tried: {} stopped the search",
            tried.stopped_by.as_deref().unwrap_or("an earlier route")
        ),
        other => other.to_owned(),
    };
    format!("{indent}{route}: {why}")
}

fn group(group: &Group) -> Vec<String> {
    let mut lines = vec![format!(
        "group {} of {}: {} alert(s), looked at next {}",
        labels(&group.labels),
        group.receiver,
        group.count,
        local(group.next_flush)
    )];
    if !group.muted_by.is_empty() {
        lines.push(format!("  kept quiet by {}", group.muted_by.join(", ")));
    }
    let told = group.told.iter();
    lines.extend(
        told.map(|told| format!("  {} was last told {}", told.integration, local(told.at))),
    );
    lines
}

/// What a decision said of this alert.
fn decision(decision: &Decision, fingerprint: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for flush in &decision.flushes {
        let judged = flush
            .alerts
            .iter()
            .find(|judged| judged.fingerprint == fingerprint);
        let Some(judged) = judged else { continue };
        let verdict = match judged.verdict.as_str() {
            "passed" => "may be told".to_owned(),
            "over_in_quiet" => "was over before the quiet ended".to_owned(),
            "flapping" => {
                let since = judged.by.join(", ");
                format!("suppressed: flapping since {since}, and has not stayed as it is")
            }
            word if judged.by.is_empty() => word.to_owned(),
            word => format!("{word} by {}", judged.by.join(", ")),
        };
        let told: Vec<String> = flush
            .obligations
            .iter()
            .map(|owed| format!("{} ({})", owed.integration, owed.reason))
            .collect();
        let told = match (told.is_empty(), flush.muted_by.is_empty()) {
            (false, _) => format!("told {}", told.join(", ")),
            (true, false) => format!("nobody told: quiet by {}", flush.muted_by.join(", ")),
            (true, true) => "nobody had to be told".to_owned(),
        };
        let (seq, at, status) = (decision.seq, local(decision.at), &judged.status);
        lines.push(format!(
            "decision {seq} at {at}: {status}, {verdict}; {told}"
        ));
    }
    lines
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_story_says_the_route_the_silence_and_the_last_decision() {
        let alert = json!({
            "fingerprint": "00000000000000aa", "labels": {"alertname": "DiskFull"}, "annotations": {},
            "severity": "critical", "startsAt": "2026-03-04T02:15:00Z", "endsAt": null,
            "state": "suppressed", "silencedBy": ["s-1"], "inhibitedBy": [], "mutedBy": [],
            "receivers": ["ops"],
            "routes": [
                {"route": "{}", "depth": 0, "receiver": "ops", "verdict": "taken"},
                {"route": "{}/{team=\"db\"}", "depth": 1, "receiver": "db", "verdict": "failed",
                 "matcher": "team=\"db\"", "value": ""},
            ],
            "groups": [{"receiver": "ops", "labels": {}, "count": 1, "mutedBy": [],
                "nextFlush": "2026-03-04T02:15:30Z", "told": []}],
            "decisions": [{"seq": 4, "at": "2026-03-04T02:15:00Z", "flushes": [{"mutedBy": [],
                "alerts": [{"fingerprint": "00000000000000aa", "status": "firing",
                    "verdict": "silenced", "by": ["s-1"]}],
                "obligations": []}]}],
        });
        let story = story(&serde_json::from_value(alert).expect("an alert")).join("\n");
        for part in [
            "silenced by s-1: balefire silence show s-1",
            "  {}: taken, to ops",
            "    {}/{team=\"db\"}: not taken: team=\"db\" does not pass, the alert has \"\"",
            "group {} of ops: 1 alert(s)",
            "decision 4 at",
            "firing, silenced by s-1; nobody had to be told",
        ] {
            assert!(story.contains(part), "{part:?} is missing in:\n{story}");
        }
    }
}
