//! What was made to tell an alert, and what became of it.

use std::sync::Arc;
use std::time::Duration;

use balefire_core::explain::{Contact, Outcome, Try};
use balefire_core::fingerprint::Fingerprint;
use balefire_core::time::Time;
use balefire_store::{Attempt, Notification, NotificationFilter, NotificationState};

use super::Gathering;
use crate::delivery::held;
use crate::history::{HistoryError, Told};

/// Notifications of a group that are looked through.
const ROWS: usize = 200;
/// Notifications of an alert whose tries are read.
const MOST: usize = 60;

/// A notification that tells the alert, and whereto.
pub(super) struct ToldTo {
    pub(super) contact: Contact,
    pub(super) target: Arc<str>,
}

impl Gathering<'_> {
    /// The notifications that tell an alert, oldest first.
    pub(super) async fn told(
        &self,
        fingerprint: Fingerprint,
        groups: &[u64],
        since: Time,
    ) -> Result<Vec<ToldTo>, HistoryError> {
        let mut rows = Vec::new();
        for group in groups {
            let filter = NotificationFilter {
                group: Some(*group),
                since: Some(since),
                limit: ROWS,
                ..NotificationFilter::default()
            };
            rows.extend(self.engine.store().notifications(&filter).await?);
        }
        rows.retain(|row| {
            let told = Told::of(row);
            let mut episodes = told.episodes().iter();
            row.created_at <= self.at && episodes.any(|(e, _)| e.fingerprint == fingerprint)
        });
        rows.sort_by_key(|row| row.seq);
        let first = rows.len().saturating_sub(MOST);
        let mut told = Vec::new();
        for row in rows.drain(first..) {
            told.push(ToldTo {
                contact: self.contact(&row, Arc::clone(&row.receiver)).await?,
                target: row.target,
            });
        }
        Ok(told)
    }

    /// A notification with its tries, its receipts and its end.
    pub(super) async fn contact(
        &self,
        row: &Notification,
        to: Arc<str>,
    ) -> Result<Contact, HistoryError> {
        let store = self.engine.store();
        let attempts = store.attempts(row.seq).await?;
        let mut tries: Vec<Try> = attempts.iter().map(tried).collect();
        for receipt in store.receipts(row.seq).await? {
            let (word, detail) = (receipt.state.as_str(), &receipt.detail);
            tries.push(Try {
                at: receipt.at,
                is_good: !receipt.state.is_miss(),
                said: said(word, Some(detail)),
            });
        }
        tries.sort_by_key(|one| one.at);
        Ok(Contact {
            to,
            notification: row.seq,
            at: row.created_at,
            end: end(row, attempts.last()),
            tries,
            held: held(row),
        })
    }
}

fn said(word: &str, more: Option<&Arc<str>>) -> Arc<str> {
    match more.filter(|more| !more.is_empty()) {
        Some(more) => format!("{word}: {more}").into(),
        None => word.into(),
    }
}

fn tried(attempt: &Attempt) -> Try {
    let is_good = &*attempt.kind == "ok";
    let more = attempt.answer.as_ref().or(attempt.fix.as_ref());
    Try {
        at: attempt.at.after(Duration::from_micros(attempt.took_micros)),
        is_good,
        said: said(&attempt.kind, more),
    }
}

/// What became of a notification; one without a try ended when it was made, as far as is known.
fn end(row: &Notification, last: Option<&Attempt>) -> Option<(Time, Outcome)> {
    let when = last.map_or(row.created_at, |last| {
        last.at.after(Duration::from_micros(last.took_micros))
    });
    let error = || row.last_error.clone().unwrap_or_else(|| "".into());
    let outcome = match row.state {
        NotificationState::Pending => return None,
        NotificationState::Delivered => Outcome::Arrived,
        NotificationState::DeadLettered | NotificationState::HandedOver => Outcome::Failed(error()),
        NotificationState::Superseded => Outcome::TakenBack("a newer one replaced it".into()),
        NotificationState::Cancelled => Outcome::TakenBack(error()),
    };
    Some((when, outcome))
}
