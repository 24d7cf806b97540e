//! `balefire explain`: why somebody is told of an alert, or is not.

use anyhow::Result;
use balefire_core::fingerprint::Fingerprint;
use balefire_core::time::Time;
use clap::Args;
use serde::Deserialize;
use serde_json::Value;

use super::alert::{by_name, path, time};
use super::listing::local;
use super::node::Node;
use super::views::{Alert, Decision, Group, RouteTried, labels};
use crate::client::{Client, ClientError};
use crate::exit::Exit;
use crate::output::{data, harmless, json};

const EXAMPLES: &str = "Examples:
  balefire explain 8facc2af9008977e
  balefire explain DiskFull instance=db-1
  balefire explain alertname=DiskFull --person chen-min --at 2026-11-27T02:10:00Z
  balefire alert list instance=db-1        # says the fingerprints";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Explain {
    /// The alert: its fingerprint, 16 hexadecimal digits, its name, or matchers that its labels pass.
    #[arg(required = true)]
    alert: Vec<String>,
    /// Why this person was told, or was not: their key in the document.
    #[arg(long, value_name = "KEY")]
    person: Option<String>,
    /// As of this instant, RFC 3339; now when it is left out.
    #[arg(long, value_name = "TIME", value_parser = time)]
    at: Option<Time>,
    #[command(flatten)]
    node: Node,
}

/// What the node answers.
#[derive(Debug, Deserialize)]
struct Explained {
    fingerprint: Option<String>,
    verdict: String,
    sentence: String,
    ladder: Vec<Rung>,
}

/// One thing that happened, or did not.
#[derive(Debug, Deserialize)]
struct Rung {
    at: Option<Time>,
    ok: bool,
    text: String,
}

impl Explain {
    pub(crate) async fn run(mut self) -> Result<Exit> {
        let client = self.node.client()?;
        if !matches!(&*self.alert, [one] if one.parse::<Fingerprint>().is_ok()) {
            by_name(&mut self.alert);
        }
        let mut query = vec![("alert", self.alert.join(","))];
        query.extend(self.person.iter().map(|key| ("person", key.clone())));
        query.extend(self.at.map(|at| ("at", at.to_string())));
        let answer: Value = client.get("/api/v1/explain", &query).await?;
        let explained = Explained::deserialize(&answer)?;
        if self.node.json {
            json(&answer)?;
        } else {
            let mut lines = ladder(&explained);
            if self.person.is_none() && self.at.is_none() {
                lines.extend(as_it_stands(&client, &explained).await?);
            }
            for line in lines {
                data(&harmless(&line));
            }
        }
        Ok(match explained.verdict.as_str() {
            "never_arrived" => Exit::NotFound,
            _ => Exit::Ok,
        })
    }
}

/// The sentence, and below it what it rests on.
fn ladder(explained: &Explained) -> Vec<String> {
    let mut lines = vec![explained.sentence.clone()];
    let when = |rung: &Rung| rung.at.map_or_else(|| " ".repeat(19), local);
    lines.extend(explained.ladder.iter().map(|rung| {
        let mark = if rung.ok { '✓' } else { '✗' };
        let text = rung.text.trim_end().replace('\n', " ");
        format!("  {mark} {}  {text}", when(rung))
    }));
    lines
}

/// The alert as the rules see it now, while it is in memory.
async fn as_it_stands(client: &Client, explained: &Explained) -> Result<Vec<String>> {
    let Some(Ok(fingerprint)) = explained.fingerprint.as_deref().map(str::parse) else {
        return Ok(Vec::new());
    };
    match client.get::<Alert>(&path(fingerprint), &[]).await {
        Ok(alert) => {
            let mut lines = vec![String::new()];
            lines.extend(story(&alert));
            Ok(lines)
        }
        Err(ClientError::Refused { status: 404, .. }) => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
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
    fn the_sentence_comes_first_and_each_rung_has_its_mark() {
        let explained: Explained = serde_json::from_value(json!({
            "fingerprint": null, "verdict": "never_arrived", "sentence": "No such alert.",
            "ladder": [
                {"at": null, "ok": true, "kind": "ways", "text": "ada is reached by wecom"},
                {"at": "2026-03-04T02:15:00Z", "ok": false, "kind": "refused", "text": "bad\ntoken"},
            ],
        }))
        .expect("an answer");
        let lines = ladder(&explained);
        assert_eq!(lines[0], "No such alert.");
        assert!(lines[1].starts_with("  ✓ ") && lines[1].ends_with("  ada is reached by wecom"));
        assert!(lines[2].starts_with("  ✗ 2026-03-04 ") && lines[2].ends_with("  bad token"));
    }

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
