//! Writing down what became of tries, many at a time, in the background of a lane.

use std::sync::Arc;

use balefire_channels::channel::Outcome;
use balefire_channels::error::SendError;
use balefire_core::message::Message;
use balefire_core::time::Time;
use balefire_store::{Attempt, Notification, NotificationState, Settlement, StoreError};

/// The record of one try.
pub(crate) fn attempt(
    row: &Notification,
    outcome: &Outcome,
    at: Time,
    took_micros: u64,
) -> Attempt {
    let (kind, answer, provider_id, fix) = match outcome {
        Ok(receipt) => ("ok", &receipt.answer, receipt.provider_id.as_str(), ""),
        Err(error) => (error.kind.as_str(), &error.detail, "", error.fix),
    };
    Attempt {
        notification: row.seq,
        number: row.attempts,
        at,
        took_micros,
        kind: kind.into(),
        answer: text(answer),
        fix: text(fix),
        provider_id: text(provider_id),
    }
}

/// What a failed try said and, behind it, what a person can do about it.
pub(crate) fn words(error: &SendError) -> Arc<str> {
    match error.fix {
        "" => error.to_string().into(),
        fix => format!("{error}; fix: {fix}").into(),
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

/// The settlement of a row that is given up, with the message that nobody took.
pub(crate) fn given_up(
    row: &Notification,
    attempts: Vec<Attempt>,
    message: Option<&Message>,
) -> Settlement {
    let body = message.and_then(|message| serde_json::to_vec(message).ok());
    Settlement {
        body,
        ..settlement(row, attempts)
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

/// Whether the same write may be taken later: a disk that is full, a server that is away. Other refusals are
/// about what was to be written.
pub(crate) const fn may_pass(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::DiskFull
            | StoreError::Unavailable(_)
            | StoreError::Fatal(_)
            | StoreError::Closed
    )
}

fn text(text: &str) -> Option<Arc<str>> {
    (!text.is_empty()).then(|| text.into())
}
