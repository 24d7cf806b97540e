//! Writing down what became of tries, many at a time, in the background of a lane.

use std::sync::Arc;

use balefire_channels::channel::Outcome;
use balefire_core::time::Time;
use balefire_store::{Attempt, Notification, NotificationState, Settlement};

/// The record of one try.
pub(crate) fn attempt(
    row: &Notification,
    outcome: &Outcome,
    at: Time,
    took_micros: u64,
) -> Attempt {
    let (kind, answer, provider_id) = match outcome {
        Ok(receipt) => ("ok", &receipt.answer, receipt.provider_id.as_str()),
        Err(error) => (error.kind.as_str(), &error.detail, ""),
    };
    Attempt {
        notification: row.seq,
        number: row.attempts,
        at,
        took_micros,
        kind: kind.into(),
        answer: text(answer),
        provider_id: text(provider_id),
    }
}

/// The settlement of a row in its present state, with the tries made since the last.
pub(crate) fn settlement(row: &Notification, attempts: Vec<Attempt>) -> Settlement {
    Settlement {
        seq: row.seq,
        state: row.state,
        tries: row.attempts,
        next_try_at: row.next_try_at,
        last_error: row.last_error.clone(),
        attempts,
        body: None,
    }
}

/// A row that ends without a try of its own.
pub(crate) fn closed(row: &Notification, state: NotificationState, why: &str) -> Settlement {
    let row = Notification {
        state,
        last_error: Some(why.into()),
        ..row.clone()
    };
    settlement(&row, Vec::new())
}

fn text(text: &str) -> Option<Arc<str>> {
    (!text.is_empty()).then(|| text.into())
}
