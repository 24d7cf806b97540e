//! Telling a notice where it may answer or change an earlier message of its group.

use balefire_channels::channel::{Delivery, Outcome};
use balefire_channels::error::{ErrorKind, SendError};
use balefire_channels::threads::{Changed, Threads};
use balefire_config::plan::Plan;
use balefire_core::live::{self, Told, Way};
use balefire_core::message::Status;
use balefire_store::Notification;

use super::super::content::{Content, GroupContent};
use super::super::opened::Open;
use super::super::send::{Work, call};
use super::super::shared::Shared;
use super::row::{self, Live};
use super::{change, say};

/// A notice for one place.
struct Notice<'n> {
    row: &'n Notification,
    content: &'n GroupContent,
    told: Vec<Told>,
}

/// Tells a group's notice in its thread; `None` for whatever else there is to tell, and where there are no threads.
pub(in super::super) async fn tell(
    shared: &Shared,
    plan: &Plan,
    open: &Open,
    work: &Work,
) -> Option<Vec<Outcome>> {
    let threads = open.channel.threads()?;
    let [bundle] = &*work.bundles else {
        // A digest is a message of its own.
        return None;
    };
    let (Content::Group(content), [row]) = (&bundle.content, &*bundle.rows) else {
        return None;
    };
    let told = {
        let state = shared.state.read();
        row::told(content, row.severity, |episode| state.episode(episode))
    };
    let notice = Notice { row, content, told };
    let key = row::key(&row.account, &row.target, content.group);
    let _held = shared.posts.hold(&key).await;
    let known = match shared.store.posted(&key).await {
        Ok(found) => found.as_ref().and_then(Live::read),
        Err(error) => {
            tracing::warn!(%error, "an earlier message could not be read: the next begins a thread");
            None
        }
    };
    let told = notice.tell(shared, (plan, open, work), threads, known);
    Some(vec![Box::pin(told).await])
}

impl Notice<'_> {
    async fn tell(
        &self,
        shared: &Shared,
        (plan, open, work): (&Plan, &Open, &Work),
        threads: &Threads,
        mut known: Option<Live>,
    ) -> Outcome {
        let way = self.way(shared, open, work, &mut known);
        if way == Way::Change
            && let Some(live) = known.take()
        {
            // A message that is gone lets this one take its place: a change that fails loses nothing.
            if let Some(receipt) = self.change(shared, (plan, work), threads, live).await? {
                return Ok(receipt);
            }
        }
        let known = known.filter(|_| way == Way::Answer);
        let mut begun = Live::begun(self.row, self.content, work.started_at);
        if open.channel.is_live() {
            begun.is_kept = true;
            begun.take(&self.told);
            look(shared, work, &mut begun);
            begun.shown = say::shown_first(&begun);
        }
        let thread = (&*open.message.thread, &*self.row.target);
        let first = known.as_ref().map(Live::posted);
        threads.set(thread.0, thread.1, first);
        let outcome = call(open, work).await.pop();
        let outcome = outcome.unwrap_or_else(|| {
            let why = "the channel gave no outcome";
            Err(SendError::new(ErrorKind::UnknownOutcome, why))
        });
        let first = threads.first(thread.0, thread.1);
        let kept = match (known, first) {
            // A live message stays until it has shown its end.
            (Some(live), _) if begun.is_kept && live.is_kept && outcome.is_ok() => {
                self.answered(live).keep(shared).await
            }
            (Some(live), None) => shared.store.writer().drop_posted(&live.key()).await,
            (None, Some(posted)) if outcome.is_ok() => {
                thread.0.clone_into(&mut begun.thread);
                (begun.channel, begun.message) = (posted.channel, posted.id);
                begun.keep(shared).await
            }
            (Some(_), Some(_)) | (None, _) => Ok(()),
        };
        if let Err(error) = kept {
            tracing::warn!(%error, "a message could not be noted: the next begins a thread");
        }
        outcome
    }

    fn way(&self, shared: &Shared, open: &Open, work: &Work, known: &mut Option<Live>) -> Way {
        let Some(live) = known else {
            return Way::Post;
        };
        if !open.channel.is_live() {
            return Way::Answer;
        }
        look(shared, work, live);
        if live.notification == self.row.seq {
            // It was told, and a crash kept that from being recorded.
            return Way::Change;
        }
        live::way(&live.shows(), &self.told)
    }

    async fn change(
        &self,
        shared: &Shared,
        (plan, work): (&Plan, &Work),
        threads: &Threads,
        mut live: Live,
    ) -> Changed {
        live.take(&self.told);
        live.notification = self.row.seq;
        let now = work.started_at;
        let Some(stand) = say::stand(shared, plan, &mut live, now).await else {
            return Ok(None);
        };
        let shown = stand.hash.clone();
        let said = say::say(shared, plan, &live, stand, now).await;
        let delivery = Delivery {
            message: &said.message,
            targets: &said.target,
            id: &said.id,
            attempt: work.attempt,
            now,
        };
        threads.set(&said.message.thread, &live.target, Some(live.posted()));
        let changed = change(&*said.channel, &delivery, said.limit).await;
        if let Ok(Some(_)) = &changed {
            live.shown = shown;
            if let Err(error) = live.keep(shared).await {
                tracing::warn!(%error, "what a live message shows could not be noted");
            }
        }
        changed
    }

    /// The message with the notice as an answer below it.
    fn answered(&self, mut live: Live) -> Live {
        live.take(&self.told);
        live.notification = self.row.seq;
        live.is_ending = self.told.iter().all(|told| told.status == Status::Resolved);
        live
    }
}

/// Brings a message up to date with what is known as the try begins.
fn look(shared: &Shared, work: &Work, live: &mut Live) {
    let state = shared.state.read();
    live.look(work.started_at, |episode| state.episode(episode));
}
