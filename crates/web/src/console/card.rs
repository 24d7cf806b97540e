//! One thing that was told: a message, where it went, and why.

use std::sync::Arc;

use balefire_core::alert::Lifecycle;
use balefire_core::message::{AlertView, Block, GroupView, Message, Occasion, Status};
use balefire_engine::history::{Story, Told};
use balefire_store::{Notification, NotificationState};
use serde::Serialize;

use super::links::Links;
use super::why::{self, Fact};
use super::words::{Viewer, When, icon};
use crate::state::WebState;

/// Labels shown of a card; alerts named; deliveries listed.
const LABELS: usize = 12;
const ALERTS: usize = 8;
const DELIVERIES: usize = 12;
/// Characters of a text, a label, a provider's words with what to do about them.
const TEXT: usize = 400;
const LABEL: usize = 120;
const WORDS: usize = 600;

/// A card of the inbox.
#[derive(Debug, Serialize)]
pub(super) struct Card {
    pub(super) seq: u64,
    severity: &'static str,
    severity_word: String,
    icon: &'static str,
    status: &'static str,
    status_word: String,
    /// It told of something firing that is over by now.
    over_now: bool,
    title: String,
    href: Option<String>,
    text: String,
    labels: Vec<(String, String)>,
    when: When,
    deliveries: Vec<Delivery>,
    why: Vec<Fact>,
    alerts: Vec<AlertLine>,
    more_alerts: Option<String>,
}

/// Where a notification stands.
#[derive(Debug, Serialize)]
struct Delivery {
    state: &'static str,
    icon: &'static str,
    words: String,
    to: String,
    via: String,
    tries: String,
    detail: String,
}

/// One alert of a card's group.
#[derive(Debug, Serialize)]
struct AlertLine {
    href: String,
    name: String,
    words: String,
}

/// What all cards of a page are made with.
pub(super) struct Bench<'a> {
    pub(super) state: &'a WebState,
    pub(super) viewer: &'a Viewer,
    pub(super) links: Links,
}

impl Bench<'_> {
    /// The card of notifications that tell the same thing; the first is the one it was first told by.
    pub(super) fn card(&self, rows: &[&Notification], story: &Story) -> Option<Card> {
        let first = *rows.first()?;
        let message = story.message.as_ref();
        let group = message.and_then(|message| message.group.as_deref());
        let status = status(first.occasion, group);
        let severity = message.map_or(first.severity, |message| message.severity);
        Some(Card {
            seq: first.seq,
            severity: severity.as_str(),
            severity_word: self.viewer.severity(severity),
            icon: icon(severity),
            status,
            status_word: self.viewer.word(&format!("console-status-{status}")),
            over_now: status == "firing" && self.is_over(group),
            title: message.map_or_else(
                || self.viewer.word("console-unreadable"),
                |message| message.title.clone(),
            ),
            href: self.href(group),
            text: message.map(text).unwrap_or_default(),
            labels: group.map(labels).unwrap_or_default(),
            when: self.viewer.when(first.created_at),
            deliveries: rows
                .iter()
                .take(DELIVERIES)
                .map(|row| self.delivery(row))
                .collect(),
            why: why::facts(self, first, story),
            alerts: group.map(|group| self.alerts(group)).unwrap_or_default(),
            more_alerts: group
                .and_then(|group| group.alerts.len().checked_sub(ALERTS))
                .filter(|more| *more > 0)
                .map(|more| self.viewer.text("console-more", &[("count", more.into())])),
        })
    }

    /// The alert's page when there is only one, else the group.
    fn href(&self, group: Option<&GroupView>) -> Option<String> {
        let group = group?;
        Some(match group.alerts.as_slice() {
            [only] => self.links.alert(&only.fingerprint.to_string()),
            _ => self.links.group(&group.group_key),
        })
    }

    /// Whether all alerts of a group that was told as firing have ended.
    fn is_over(&self, group: Option<&GroupView>) -> bool {
        let memory = self.state.engine.state();
        group.is_some_and(|group| {
            group.alerts.iter().all(|alert| {
                memory
                    .alert(alert.fingerprint)
                    .is_none_or(|alert| alert.resolved_at(self.viewer.now))
            })
        })
    }

    fn alerts(&self, group: &GroupView) -> Vec<AlertLine> {
        let line = |alert: &AlertView| AlertLine {
            href: self.links.alert(&alert.fingerprint.to_string()),
            name: name(alert),
            words: self.viewer.word(match (alert.lifecycle, alert.status) {
                (Lifecycle::Event, _) => "console-status-event",
                (_, Status::Firing) => "console-status-firing",
                (_, Status::Resolved) => "console-status-resolved",
            }),
        };
        group.alerts.iter().take(ALERTS).map(line).collect()
    }

    fn delivery(&self, row: &Notification) -> Delivery {
        let (state, icon, key) = match row.state {
            NotificationState::Delivered => ("delivered", "✓", "console-delivered"),
            NotificationState::Pending if row.attempts > 0 => ("waiting", "↻", "console-retrying"),
            NotificationState::Pending => ("waiting", "…", "console-waiting"),
            NotificationState::DeadLettered => ("failed", "✗", "console-dead"),
            NotificationState::HandedOver => ("failed", "→", "console-handed-over"),
            NotificationState::Superseded => ("replaced", "−", "console-superseded"),
            NotificationState::Cancelled => ("replaced", "−", "console-cancelled"),
        };
        let failing = row.state != NotificationState::Delivered;
        let detail = row.last_error.as_deref().filter(|_| failing);
        let next = row.next_try_at.filter(|at| *at > self.viewer.now);
        Delivery {
            state,
            icon,
            words: match next {
                Some(at) if state == "waiting" => {
                    let span = self.viewer.when(at).relative().to_owned();
                    self.viewer
                        .text("console-next-try", &[("when", span.into())])
                }
                _ => self.viewer.word(key),
            },
            to: cut(label_of(row), LABEL),
            via: cut(&via(row), LABEL),
            tries: if row.attempts > 1 {
                self.viewer.text(
                    "console-tries",
                    &[("count", u64::from(row.attempts).into())],
                )
            } else {
                String::new()
            },
            detail: cut(detail.unwrap_or_default(), WORDS),
        }
    }
}

/// The receiver and the account a notification goes through; the inbox has no account.
fn via(row: &Notification) -> String {
    let account = Some(&row.account).filter(|account| **account != row.integration);
    let mut names = vec![&*row.receiver];
    names.extend(account.map(|account| &**account));
    names.retain(|name| !name.is_empty() && *name != label_of(row));
    names.join(" · ")
}

/// The target as people call it.
pub(super) fn label_of(row: &Notification) -> &str {
    if row.target_label.is_empty() {
        &row.target
    } else {
        &row.target_label
    }
}

fn status(occasion: Occasion, group: Option<&GroupView>) -> &'static str {
    let events = group.is_some_and(|group| {
        let event = |alert: &AlertView| alert.lifecycle == Lifecycle::Event;
        !group.alerts.is_empty() && group.alerts.iter().all(event)
    });
    match occasion {
        Occasion::Firing if events => "event",
        Occasion::Firing => "firing",
        Occasion::Resolved => "resolved",
        Occasion::Digest => "digest",
        Occasion::Direct => "direct",
        Occasion::Test => "test",
        Occasion::Meta => "meta",
    }
}

/// The first running text below the title.
fn text(message: &Message) -> String {
    let found = message.body.iter().find_map(|block| match block {
        Block::Text(text) => Some(cut(text, TEXT)),
        _ => None,
    });
    found.unwrap_or_default()
}

/// The labels all alerts share.
fn labels(group: &GroupView) -> Vec<(String, String)> {
    let pairs = group.common_labels.iter().take(LABELS);
    pairs
        .map(|(name, value)| (cut(name, LABEL), cut(value, LABEL)))
        .collect()
}

/// What an alert is called: its name and what tells it from others.
fn name(alert: &AlertView) -> String {
    let places = ["instance", "host", "pod", "service", "job"];
    let place = places.iter().find_map(|name| alert.labels.get(name));
    let name = alert.labels.get("alertname");
    let parts: Vec<&str> = name.into_iter().chain(place).collect();
    if parts.is_empty() {
        cut(&alert.labels.to_string(), LABEL)
    } else {
        cut(&parts.join(" · "), LABEL)
    }
}

/// At most so many characters.
pub(super) fn cut(text: &str, characters: usize) -> String {
    balefire_template::clean::cut(text.to_owned(), characters)
}

/// What makes notifications one card: the flush of a group, else the decision of a message.
pub(super) fn subject(row: &Notification) -> (u64, u64) {
    (row.decision, row.group)
}

/// Alertmanager's key of the group that a notification tells of.
pub(super) fn group_key(row: &Notification) -> Option<Arc<str>> {
    match Told::of(row) {
        Told::Group(group) => Some(group.key().into()),
        Told::Message(_) | Told::Unreadable => None,
    }
}
