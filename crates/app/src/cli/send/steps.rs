//! What becomes of a message that a node has accepted, step by step.

use std::time::Duration;

use anyhow::Result;
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};

use crate::cli::listing::local;
use crate::cli::views::Notification;
use crate::client::Client;
use crate::exit::Exit;
use crate::output::{data, harmless, json, say};

/// First and longest pause between two looks.
const LOOKS: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// The node's answer to a message; printed again with `--json`.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Accepted {
    state: String,
    notifications: Vec<Sent>,
}

/// One notification of it.
#[derive(Debug, Serialize, Deserialize)]
struct Sent {
    seq: u64,
    target: String,
    state: String,
    detail: String,
    /// Tries so far.
    #[serde(default)]
    attempts: u32,
}

/// A message whose way is followed.
pub(super) struct Followed {
    accepted: Accepted,
    json: bool,
}

impl Followed {
    /// Follows what was accepted after `took`.
    pub(super) fn of(accepted: Accepted, took: Duration, json: bool) -> Self {
        if !json {
            for sent in &accepted.notifications {
                say(&format!(
                    "accepted in {} ms: notification {} to {}",
                    took.as_millis(),
                    sent.seq,
                    harmless(&sent.target)
                ));
            }
        }
        Self { accepted, json }
    }

    /// Looks until every notification has ended or the time is over; the exit code says which.
    pub(super) async fn until_ended(
        mut self,
        client: &Client,
        wait: Option<Duration>,
    ) -> Result<Exit> {
        let Some(wait) = wait else {
            self.print()?;
            return Ok(Exit::Ok);
        };
        let end = Instant::now() + wait;
        let mut pause = LOOKS.0;
        loop {
            for sent in self
                .accepted
                .notifications
                .iter_mut()
                .filter(|sent| !sent.is_over())
            {
                let path = format!("/api/v1/notifications/{}", sent.seq);
                let now: Notification = client.get(&path, &[]).await?;
                sent.learn(&now, self.json);
            }
            let mut sent = self.accepted.notifications.iter();
            if sent.all(Sent::is_over) || Instant::now() >= end {
                break;
            }
            sleep(pause.min(end.saturating_duration_since(Instant::now()))).await;
            pause = (pause * 2).min(LOOKS.1);
        }
        self.finish(wait)
    }

    fn finish(mut self, wait: Duration) -> Result<Exit> {
        let sent = &self.accepted.notifications;
        let (state, exit) = if sent.iter().all(|sent| sent.state == "delivered") {
            ("delivered", Exit::Ok)
        } else if sent.iter().any(|sent| !sent.is_over()) {
            ("pending", Exit::TimedOut)
        } else {
            ("failed", Exit::NotDelivered)
        };
        if exit == Exit::TimedOut {
            let waited = balefire_core::duration::format(wait);
            say(&format!(
                "not delivered within {waited}; it is stored and will be tried again"
            ));
            say("look at it with: balefire deliveries list --state pending");
        }
        state.clone_into(&mut self.accepted.state);
        self.print()?;
        Ok(exit)
    }

    fn print(&self) -> Result<()> {
        if self.json {
            return json(&self.accepted);
        }
        for sent in &self.accepted.notifications {
            data(&format!(
                "{} {} {}",
                sent.seq,
                sent.state,
                harmless(&sent.target)
            ));
        }
        Ok(())
    }
}

impl Sent {
    fn is_over(&self) -> bool {
        self.state != "pending"
    }

    /// Takes over what is new, and says it.
    fn learn(&mut self, now: &Notification, quiet: bool) {
        let news = now
            .tries
            .iter()
            .filter(|attempt| attempt.number > self.attempts);
        for attempt in news.filter(|_| !quiet) {
            let words = attempt.words();
            let words = harmless(&words);
            let millis = attempt.millis();
            if attempt.kind == "ok" {
                say(&format!("{}: taken in {millis} ms: {words}", self.seq));
            } else {
                let again = now
                    .next_try_at
                    .map_or_else(String::new, |at| format!("; next try at {}", local(at)));
                let (seq, number, kind) = (self.seq, attempt.number, &attempt.kind);
                say(&format!(
                    "{seq}: try {number} failed after {millis} ms: {kind}: {words}{again}"
                ));
            }
        }
        if let Some(last) = now.tries.last() {
            self.attempts = self.attempts.max(last.number);
            self.detail = last.words();
        }
        now.state.clone_into(&mut self.state);
        if self.is_over() && !quiet {
            let words = match self.state.as_str() {
                "handed_over" => "handed over to the fallback receiver".to_owned(),
                "dead_lettered" => format!(
                    "given up; try again with: balefire deliveries redrive {}",
                    self.seq
                ),
                state => state.replace('_', " "),
            };
            say(&format!("{}: {words}", self.seq));
        }
    }
}
