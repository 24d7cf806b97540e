//! One try: open the way out, make the words, call the provider.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use balefire_channels::channel::{Delivery, Outcome, Target};
use balefire_channels::error::{ErrorKind, SendError};
use balefire_channels::layers::breaker::Pass;
use balefire_config::plan::Plan;
use balefire_core::message::Message;
use balefire_core::time::Time;
use futures_util::FutureExt;

use super::bundle::Bundle;
use super::content::Content;
use super::dial::{Dial, Tried};
use super::live;
use super::opened::{Closed, Open, open};
use super::recall::Recall;
use super::series::overtaken;
use super::shared::Shared;
use super::wanted;

/// A channel keeps its own time limit; this is the longest we wait beyond it.
pub(super) const GRACE: Duration = Duration::from_secs(2);

/// What is sent in one call: one bundle, or several told as one digest.
#[derive(Debug)]
pub(crate) struct Work {
    pub(crate) bundles: Vec<Bundle>,
    /// The breaker's leave, given back with the outcome.
    pub(crate) pass: Pass,
    pub(crate) attempt: u32,
    pub(crate) started_at: Time,
    /// Says when the try is called back, where that can be.
    pub(crate) recall: Option<Recall>,
}

/// The work with what became of the try.
pub(crate) struct Finished {
    pub(crate) work: Work,
    pub(crate) tried: Tried,
    pub(crate) took: Duration,
    /// What was said, if it came to words.
    pub(crate) message: Option<Arc<Message>>,
    /// The options of an entry that asks the provider afterwards what became of it, as JSON; `None` where none does.
    pub(crate) inquires: Option<Arc<str>>,
}

/// Makes the try. Never fails: what goes wrong is the outcome.
pub(crate) async fn send(shared: Arc<Shared>, work: Work) -> Finished {
    let plan = shared.plan.load_full();
    let clock_start = tokio::time::Instant::now();
    if let Some(tried) = overtaken(&shared, &work).await {
        return Finished {
            tried,
            took: clock_start.elapsed(),
            message: None,
            inquires: None,
            work,
        };
    }
    // A message that makes us fail must not take its lane with it.
    let opened = AssertUnwindSafe(open(&shared, &plan, &work))
        .catch_unwind()
        .await
        .unwrap_or_else(|_| {
            let why = "the message could not be made: a mistake in Balefire";
            Err(Closed::Failed(why))
        });
    let (tried, message, inquires) = match opened {
        Ok(open) => {
            let tried = attempt(&shared, &plan, &open, &work).await;
            let inquires = open.channel.inquires();
            let inquires = inquires.map(|place| place.to_string().into());
            (tried, Some(open.message), inquires)
        }
        Err(closed) => {
            let outcomes = vec![Err(closed.error(&plan)); work.rows()];
            (Tried::Outcomes(outcomes), None, None)
        }
    };
    Finished {
        tried,
        took: clock_start.elapsed(),
        message,
        inquires,
        work,
    }
}

impl Work {
    /// The idempotency id of the call.
    pub(super) fn id(&self) -> String {
        let first = self.bundles.first().and_then(|bundle| bundle.rows.first());
        first.map(|row| id_text(&row.id)).unwrap_or_default()
    }

    fn rows(&self) -> usize {
        self.bundles.first().map_or(0, |bundle| bundle.rows.len())
    }
}

/// Calls the provider, or has telephones place the call.
async fn attempt(shared: &Shared, plan: &Plan, open: &Open, work: &Work) -> Tried {
    let first = work
        .bundles
        .first()
        .and_then(|b| Some((b, b.rows.first()?)));
    if let (Some(order), Some((bundle, row))) = (open.channel.phone_order(), first) {
        let Some(recall) = &work.recall else {
            // Telephones came with a reload that the lane has not taken in yet.
            let why = "the configuration was just changed";
            let error = SendError::new(ErrorKind::Transient, why);
            return Tried::Outcomes(vec![Err(error); work.rows()]);
        };
        let dial = Dial {
            order,
            message: &open.message,
            bundle,
            row,
            attempt: work.attempt,
            deadline_at: open.has_fallback.then_some(row.deadline_at),
            recall,
        };
        return dial.run(shared).await;
    }
    match first {
        Some((bundle, row)) if matches!(bundle.content, Content::Page(_)) => {
            page(shared, open, work, (&bundle.content, row.seq)).await
        }
        _ => Tried::Outcomes(match live::tell(shared, plan, open, work).await {
            Some(outcomes) => outcomes,
            None => call(open, work).await,
        }),
    }
}

/// Makes the try of a page, if it is still wanted. It begins before whoever changes the incident next, or not at all.
async fn page(shared: &Shared, open: &Open, work: &Work, (content, seq): (&Content, u64)) -> Tried {
    let desk = shared.bell.desk().await;
    if let Some(why) = wanted::not_any_more(shared, content, seq).await {
        return Tried::Cancelled(why);
    }
    let mut calling = std::pin::pin!(call(open, work));
    let begun = futures_util::poll!(&mut calling);
    drop(desk);
    Tried::Outcomes(match begun {
        std::task::Poll::Ready(outcomes) => outcomes,
        std::task::Poll::Pending => calling.await,
    })
}

pub(super) async fn call(open: &Open, work: &Work) -> Vec<Outcome> {
    let Some(first) = work.bundles.first() else {
        return Vec::new();
    };
    let targets: Vec<Target> = first
        .rows
        .iter()
        .map(|row| Target {
            address: Arc::clone(&row.target),
            label: Arc::clone(&row.target_label),
        })
        .collect();
    let id = work.id();
    let delivery = Delivery {
        message: &open.whole,
        targets: &targets,
        id: &id,
        attempt: work.attempt,
        now: work.started_at,
    };
    let limit = open.limit + GRACE;
    let sending = AssertUnwindSafe(open.channel.send(&delivery)).catch_unwind();
    let failed = match tokio::time::timeout(limit, sending).await {
        Ok(Ok(outcomes)) if outcomes.len() == targets.len() => return outcomes,
        Ok(Ok(outcomes)) => format!(
            "the channel gave {} outcomes for {} targets",
            outcomes.len(),
            targets.len()
        ),
        Ok(Err(_)) => "the channel failed inside".to_owned(),
        Err(_) => format!("no answer within {limit:?}"),
    };
    vec![Err(SendError::new(ErrorKind::UnknownOutcome, failed)); targets.len()]
}

/// The idempotency id as providers see it.
pub(crate) fn id_text(id: &[u8; 16]) -> String {
    use std::fmt::Write;
    id.iter().fold(String::from("bf_"), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
