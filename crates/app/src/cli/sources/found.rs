//! What a source makes of a request, for programs and for people.

use std::collections::BTreeMap;
use std::fmt::Write;

use balefire_core::alert::Lifecycle;
use balefire_core::label::Labels;
use balefire_core::time::Time;
use balefire_sources::manners::{Head, Outcome, Taken, Voice};
use balefire_sources::parsed::{Identity, ParsedAlert, Signal};
use balefire_sources::spec::{Inbound, SourceSpec};
use serde::Serialize;

use crate::output::{data, harmless, say};

/// Everything a request says.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Found {
    kind: &'static str,
    lifecycle: &'static str,
    /// Why the whole request is refused.
    refusal: Option<String>,
    alerts: Vec<Alert>,
    complaints: Vec<Mistake>,
    notes: Vec<String>,
    answer: Option<Said>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Alert {
    /// firing, resolved, or event.
    signal: &'static str,
    labels: BTreeMap<String, String>,
    annotations: BTreeMap<String, String>,
    /// labels, key, or dedup.
    identity: &'static str,
    key: Option<String>,
    starts_at: Option<String>,
    ends_at: Option<String>,
    generator_url: String,
}

#[derive(Serialize)]
struct Mistake {
    path: String,
    problem: String,
}

/// The answer in the sender's own shape.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Said {
    status: u16,
    content_type: &'static str,
    body: String,
}

impl Found {
    pub(super) fn of(spec: &'static SourceSpec, inbound: &Inbound<'_>) -> Self {
        let head = Head {
            method: inbound.method,
            path: inbound.path,
            query: inbound.query,
            headers: inbound.headers,
        };
        let mut found = Self {
            kind: spec.kind,
            lifecycle: spec.lifecycle.as_str(),
            refusal: None,
            alerts: Vec::new(),
            complaints: Vec::new(),
            notes: Vec::new(),
            answer: None,
        };
        let answer = match (spec.parse)(inbound) {
            Ok(parsed) => {
                let lifecycle = parsed.lifecycle.unwrap_or(spec.lifecycle);
                found.lifecycle = lifecycle.as_str();
                let alerts = parsed.alerts.iter();
                found.alerts = alerts.map(|alert| Alert::of(alert, lifecycle)).collect();
                let mistakes = parsed.complaints.iter();
                found.complaints = mistakes
                    .map(|complaint| Mistake {
                        path: complaint.path.clone(),
                        problem: complaint.problem.clone(),
                    })
                    .collect();
                let outcome = Outcome::Taken(Taken {
                    alerts: parsed.alerts.len(),
                    complaints: &parsed.complaints,
                    reply: &parsed.reply,
                });
                let answer = (spec.manners.answer)(&head, &outcome);
                found.notes = parsed.notes;
                answer
            }
            Err(refusal) => {
                let detail = refusal.to_string();
                let outcome = Outcome::Failed {
                    status: refusal.status(),
                    detail: &detail,
                };
                let answer = (spec.manners.answer)(&head, &outcome);
                found.refusal = Some(detail);
                answer
            }
        };
        if let Voice::Own(answer) = answer {
            found.answer = Some(Said {
                status: answer.status,
                content_type: answer.content_type,
                body: answer.body,
            });
        }
        found
    }

    /// Whether a node would have something of it: an alert, or at least nothing to complain of.
    pub(super) fn is_usable(&self) -> bool {
        self.refusal.is_none() && (!self.alerts.is_empty() || self.complaints.is_empty())
    }

    /// Data is what would be stored; what is said about it goes to the person.
    pub(super) fn print(&self) {
        for alert in &self.alerts {
            data(harmless(&alert.shown()).trim_end());
        }
        for complaint in &self.complaints {
            let at = if complaint.path.is_empty() {
                String::new()
            } else {
                format!("{}: ", complaint.path)
            };
            say(&harmless(&format!("complaint: {at}{}", complaint.problem)));
        }
        for note in &self.notes {
            say(&harmless(&format!("note: {note}")));
        }
        if let Some(refusal) = &self.refusal {
            say(&harmless(&format!("refused: {refusal}")));
        } else {
            say(&format!(
                "{}: {} alert(s), {} complaint(s), {} note(s); lifecycle {}",
                self.kind,
                self.alerts.len(),
                self.complaints.len(),
                self.notes.len(),
                self.lifecycle
            ));
        }
        if let Some(answer) = &self.answer {
            let words = format!("answer: {} {}", answer.status, answer.body);
            say(harmless(&words).trim_end());
        }
    }
}

impl Alert {
    fn of(alert: &ParsedAlert, lifecycle: Lifecycle) -> Self {
        let (identity, key) = match &alert.identity {
            Identity::Labels => ("labels", None),
            Identity::Key(key) => ("key", Some(key.clone())),
            Identity::Dedup(key) => ("dedup", Some(key.clone())),
        };
        let signal = match alert.signal {
            _ if lifecycle == Lifecycle::Event => "event",
            Signal::Firing => "firing",
            Signal::Resolved => "resolved",
            Signal::Event => "event",
        };
        Self {
            signal,
            labels: pairs(alert.labels.iter()),
            annotations: pairs(alert.annotations.iter()),
            identity,
            key,
            starts_at: alert.starts_at.map(Time::rfc3339_millis),
            ends_at: alert.ends_at.map(Time::rfc3339_millis),
            generator_url: alert.generator_url.to_string(),
        }
    }

    /// Labels on the first line, everything else below, indented.
    fn shown(&self) -> String {
        let labels = self.labels.iter().map(|(n, v)| (n.as_str(), v.as_str()));
        let labels = Labels::from_pairs(labels).map(|labels| labels.to_string());
        let mut text = format!("{:<9}{}\n", self.signal, labels.unwrap_or_default());
        let times = [("starts", &self.starts_at), ("ends", &self.ends_at)];
        let times = times
            .into_iter()
            .filter_map(|(n, t)| Some((n, t.as_deref()?)));
        let key = self.key.as_deref().map(|key| (self.identity, key));
        let link = Some(("link", self.generator_url.as_str())).filter(|(_, url)| !url.is_empty());
        let words = self
            .annotations
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()));
        for (name, value) in key.into_iter().chain(times).chain(link).chain(words) {
            let value = value.replace('\n', "\n           ");
            // Writing to a string cannot fail.
            let _ = writeln!(text, "         {name}: {value}");
        }
        text
    }
}

fn pairs<'a>(iter: impl Iterator<Item = (&'a str, &'a str)>) -> BTreeMap<String, String> {
    iter.map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}
