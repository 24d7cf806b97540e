//! Changing a live message so that it shows how things stand: what has ended, and what people did, wherever they did it.

use std::time::Duration;

use balefire_channels::channel::{Delivery, Outcome};
use balefire_channels::error::Receipt;
use balefire_config::plan::Plan;
use balefire_core::message::Occasion;
use balefire_core::time::Time;
use balefire_store::StoreError;

use super::super::shared::Shared;
use super::row::Live;
use super::{change, say};

/// How long a message whose alerts are over waits for a notice that says so.
const OVER_FOR: Duration = Duration::from_hours(24);

/// How a message stands to what it is to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stands {
    /// It shows how things stand.
    Right,
    /// It shows how things stood.
    Behind,
    /// It is done with.
    Done,
}

/// How a live message stands.
pub(crate) async fn stands(shared: &Shared, plan: &Plan, live: &mut Live, now: Time) -> Stands {
    match say::stand(shared, plan, live, now).await {
        None => Stands::Done,
        Some(stand) if stand.hash != live.shown => Stands::Behind,
        Some(_) if live.is_ending => Stands::Done,
        Some(_) if live.is_over() && now.since(live.posted_at) > OVER_FOR => Stands::Done,
        Some(_) => Stands::Right,
    }
}

/// Changes the message of this id if it is behind; `None` when nothing was sent.
pub(crate) async fn refresh(shared: &Shared, id: &str) -> Option<Outcome> {
    let _held = shared.posts.hold(id).await;
    match try_refresh(shared, id).await {
        Ok(outcome) => outcome,
        Err(error) => {
            tracing::warn!(%error, "a live message could not be brought up to date");
            None
        }
    }
}

async fn try_refresh(shared: &Shared, id: &str) -> Result<Option<Outcome>, StoreError> {
    let found = shared.store.posted(id).await?;
    let Some(mut live) = found.as_ref().and_then(Live::read) else {
        return Ok(None);
    };
    let (plan, now) = (shared.plan.load_full(), shared.clock.now());
    let Some(stand) = say::stand(shared, &plan, &mut live, now).await else {
        return Ok(None);
    };
    if stand.hash == live.shown {
        return Ok(None);
    }
    live.shown.clone_from(&stand.hash);
    let said = say::say(shared, &plan, &live, stand, now).await;
    let Some(threads) = said.channel.threads() else {
        return Ok(None);
    };
    let delivery = Delivery {
        message: &said.message,
        targets: &said.target,
        id: &said.id,
        attempt: 1,
        now,
    };
    let thread = (&*said.message.thread, &*live.target);
    threads.set(thread.0, thread.1, Some(live.posted()));
    let changed = change(&*said.channel, &delivery, said.limit).await;
    match changed {
        Ok(Some(receipt)) => {
            if live.is_ending {
                shared.store.writer().drop_posted(id).await?;
            } else {
                live.keep(shared).await?;
            }
            Ok(Some(Ok(receipt)))
        }
        // Somebody deleted it. What still fires has to stand somewhere; what is over need not.
        Ok(None) if said.message.occasion == Occasion::Firing => {
            threads.set(thread.0, thread.1, None);
            let outcome = said.channel.send(&delivery).await.pop();
            if let (Some(Ok(_)), Some(posted)) = (&outcome, threads.first(thread.0, thread.1)) {
                (live.channel, live.message) = (posted.channel, posted.id);
                live.keep(shared).await?;
            }
            Ok(outcome)
        }
        Ok(None) => {
            shared.store.writer().drop_posted(id).await?;
            Ok(Some(Ok(Receipt::default())))
        }
        Err(error) => Ok(Some(Err(error))),
    }
}
