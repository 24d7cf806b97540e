//! What happened to an alert, newest first: reports, decisions, tries, receipts.

use std::collections::BTreeSet;

use balefire_core::dispatch::{FlushRecord, Verdict};
use balefire_core::event::{Event, Input};
use balefire_core::fingerprint::Fingerprint;
use balefire_core::time::Time;
use balefire_engine::history::{self, Decided, HistoryError};
use balefire_store::{Attempt, Notification, NotificationFilter, ReceiptState};
use serde::Serialize;

use super::card::{Bench, cut, label_of};
use super::why::{reason_key, silence_words};
use super::words::When;

/// Decisions shown.
const DECISIONS: usize = 20;
/// Notifications whose tries are shown.
const NOTIFICATIONS: usize = 20;
/// Groups whose notifications are looked at.
const GROUPS: usize = 4;
/// Entries shown.
const ENTRIES: usize = 100;

/// One thing that happened.
#[derive(Debug, Serialize)]
pub(super) struct Entry {
    #[serde(skip)]
    at: Time,
    when: When,
    words: String,
    /// A provider's own words, and what to do about them.
    detail: String,
}

impl Bench<'_> {
    fn entry(&self, at: Time, words: String) -> Entry {
        Entry {
            at,
            when: self.viewer.when(at),
            words,
            detail: String::new(),
        }
    }
}

/// Everything that is known of an alert, newest first.
pub(super) async fn timeline(
    bench: &Bench<'_>,
    fingerprint: Fingerprint,
    reports: &[Event],
) -> Result<Vec<Entry>, HistoryError> {
    let store = bench.state.engine.store();
    let mut entries: Vec<Entry> = reports
        .iter()
        .filter_map(|event| report(bench, event))
        .collect();
    let decided = history::flushes_of(store, fingerprint, DECISIONS).await?;
    for decision in &decided {
        for flush in &decision.flushes {
            let words = judged(bench, flush, fingerprint);
            entries.extend(words.map(|words| bench.entry(flush.at, words)));
        }
    }
    entries.extend(tries(bench, &decided).await?);
    // Ties in the order above, which is the order of cause and effect, read from the bottom.
    entries.reverse();
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.at));
    entries.truncate(ENTRIES);
    Ok(entries)
}

fn report(bench: &Bench<'_>, event: &Event) -> Option<Entry> {
    let viewer = bench.viewer;
    let words = match &event.input {
        Input::Alert { source, alert } => {
            let key = if alert.resolved_at(event.at) {
                "console-reported-over"
            } else {
                "console-reported"
            };
            viewer.text(key, &[("source", cut(source, 100).into())])
        }
        Input::Refresh { ends_at, .. } => viewer.text(
            "console-refreshed",
            &[("until", viewer.reader.time(*ends_at).into())],
        ),
        Input::Key { .. } | Input::Silence(_) | Input::Configuration(_) => return None,
    };
    Some(bench.entry(event.at, words))
}

/// What a flush said of the alert.
fn judged(bench: &Bench<'_>, flush: &FlushRecord, fingerprint: Fingerprint) -> Option<String> {
    let viewer = bench.viewer;
    let judged = flush
        .alerts
        .iter()
        .find(|judged| judged.episode.fingerprint == fingerprint)?;
    let quiet = |key: &str, why: String| format!("{}: {why}", viewer.word(key));
    Some(match &judged.verdict {
        Verdict::Passed => {
            let told = flush.obligations.iter().find(|obligation| {
                let mut episodes = obligation.episodes.iter();
                episodes.any(|(episode, _)| episode.fingerprint == fingerprint)
            });
            match told {
                None => viewer.word("console-nothing-new"),
                Some(obligation) => {
                    let reason = viewer.word(&reason_key(obligation.reason.as_str()));
                    viewer.text("console-decided", &[("reason", reason.into())])
                }
            }
        }
        Verdict::Silenced(ids) => {
            let memory = bench.state.engine.state();
            let names: Vec<String> = ids
                .iter()
                .take(4)
                .map(|id| silence_words(bench, &memory, id))
                .collect();
            quiet("console-silenced", names.join("; "))
        }
        Verdict::Inhibited(by) => quiet("console-inhibited", by.to_string()),
        Verdict::Muted => {
            let names = flush.muted.as_ref().map(|mute| mute.names().join(", "));
            quiet("console-muted", names.unwrap_or_default())
        }
        Verdict::OverInQuiet => viewer.word("console-over-in-quiet"),
        Verdict::Flapping { since } => viewer.text(
            "console-flapping",
            &[("since", viewer.reader.time(*since).into())],
        ),
    })
}

/// The account, or the receiver where the way out has none.
fn through(row: &Notification) -> &str {
    if row.account == row.integration {
        &row.receiver
    } else {
        &row.account
    }
}

/// The tries at the notifications of these decisions.
async fn tries(bench: &Bench<'_>, decided: &[Decided]) -> Result<Vec<Entry>, HistoryError> {
    let store = bench.state.engine.store();
    let groups: BTreeSet<u64> = decided
        .iter()
        .flat_map(|decision| decision.flushes.iter().map(|flush| flush.group.0))
        .collect();
    let mut rows = Vec::new();
    for group in groups.into_iter().take(GROUPS) {
        let filter = NotificationFilter {
            group: Some(group),
            limit: NOTIFICATIONS,
            ..NotificationFilter::default()
        };
        rows.extend(store.notifications(&filter).await?);
    }
    rows.truncate(NOTIFICATIONS);
    let mut entries = Vec::new();
    for row in &rows {
        for attempt in store.attempts(row.seq).await? {
            let key = if &*attempt.kind == "ok" {
                "console-try-ok"
            } else {
                "console-try-failed"
            };
            let words = bench.viewer.text(
                key,
                &[
                    ("target", cut(label_of(row), 100).into()),
                    ("via", cut(through(row), 100).into()),
                    ("number", attempt.number.to_string().into()),
                    ("took", (attempt.took_micros / 1000).to_string().into()),
                    ("kind", attempt.kind.to_string().into()),
                ],
            );
            entries.push(Entry {
                detail: said(&attempt),
                ..bench.entry(attempt.at, words)
            });
        }
        for receipt in store.receipts(row.seq).await? {
            let key = match receipt.state {
                ReceiptState::Delivered => "console-receipt-delivered",
                ReceiptState::Failed => "console-receipt-failed",
                ReceiptState::Answered => "console-receipt-answered",
                ReceiptState::Pressed => "console-receipt-pressed",
                ReceiptState::Read => "console-receipt-read",
                ReceiptState::Refused => "console-receipt-refused",
            };
            let target = cut(label_of(row), 100);
            let words = bench.viewer.text(key, &[("target", target.into())]);
            entries.push(Entry {
                detail: cut(&receipt.detail, 300),
                ..bench.entry(receipt.at, words)
            });
        }
    }
    Ok(entries)
}

/// The provider's words, and what to do about a failure.
fn said(attempt: &Attempt) -> String {
    let answer = cut(attempt.answer.as_deref().unwrap_or_default(), 300);
    match &attempt.fix {
        None => answer,
        Some(fix) => format!("{answer}; fix: {fix}"),
    }
}
