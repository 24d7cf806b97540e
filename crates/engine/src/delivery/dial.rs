//! A try that is a call: it is kept for telephones, and lasts until somebody answers, nobody does, or it is called back.

use std::sync::Arc;
use std::time::Duration;

use balefire_channels::channel::{Outcome, PhoneOrder};
use balefire_channels::error::{ErrorKind, Receipt, SendError};
use balefire_core::call::Wanted;
use balefire_core::duration;
use balefire_core::incident::Incident;
use balefire_core::message::{Message, Occasion};
use balefire_core::time::Time;
use balefire_core::verification::Verification;
use balefire_store::{CallEnd, CallState, Notification, PhoneCall};

use super::bundle::Bundle;
use super::content::{Content, Verifies};
use super::incident;
use super::recall::{Recall, Recalled};
use super::send::id_text;
use super::shared::Shared;
use super::wanted;
use crate::calls::{End, Entered, Subject};
use crate::clock::ClockWatch;
use crate::metrics::ByEnd;

/// A clock that was set back is noticed within this time.
const LOOK_AT_CLOCK: Duration = Duration::from_secs(30);

/// What became of a try.
pub(crate) enum Tried {
    /// One outcome for each row of the first bundle.
    Outcomes(Vec<Outcome>),
    /// It was called back and counts as none: what it was to tell waits again.
    Recalled,
    /// Somebody took it back: nobody is to be told.
    Cancelled(Arc<str>),
}

/// A call to be made.
pub(super) struct Dial<'d> {
    pub(super) order: &'d PhoneOrder,
    pub(super) message: &'d Message,
    pub(super) bundle: &'d Bundle,
    pub(super) row: &'d Notification,
    pub(super) attempt: u32,
    /// When the fallback takes over, if there is one.
    pub(super) deadline_at: Option<Time>,
    pub(super) recall: &'d Recall,
}

impl Dial<'_> {
    /// Makes the call.
    pub(super) async fn run(&self, shared: &Shared) -> Tried {
        if self.message.occasion == Occasion::Resolved {
            incident::resolve(shared, self.row.group).await;
            return delivered("nobody was called: the alerts are over".to_owned());
        }
        let id: Arc<str> = id_text(&self.row.id).into();
        let content = &self.bundle.content;
        let subject = Subject {
            group: self.row.group,
            episodes: content.episodes().to_vec(),
        };
        // Before the incident is looked at: from here on an acknowledgement finds the call.
        let mut entered = shared.calls.enter(&id, subject);
        let incident = incident::opened(shared, content, self.row, self.message).await;
        if let Some(who) = incident.as_ref().and_then(incident::holder) {
            return delivered(format!("nobody was called: acknowledged by {who}"));
        }
        // From here until the call is placed nobody answers in between, so that whoever does finds it.
        let desk = match content {
            Content::Page(_) => Some(shared.bell.desk().await),
            _ => None,
        };
        if let Some(why) = wanted::not_any_more(shared, content, self.row.seq).await {
            self.note(shared, &id, CallState::Withdrawn, Some(&why))
                .await;
            return Tried::Cancelled(why);
        }
        let call = self.call(shared, &id);
        let placed = match shared.store.writer().place_call(call).await {
            Ok(placed) => placed,
            Err(error) => {
                let why = format!("the call could not be stored: {error}");
                return failed(ErrorKind::Transient, why);
            }
        };
        let end = if let Some(end) = former(&placed) {
            drop(desk);
            Ok(end)
        } else {
            self.place(shared, &placed);
            drop(desk);
            shared.changed();
            let ends_at = placed.at.after(self.order.max_age);
            self.wait(shared, &mut entered, ends_at).await
        };
        // No telephone gets it any more, also while its end is being written down.
        drop(entered);
        match end {
            Ok(end) => self.close(shared, &id, end, incident.as_ref()).await,
            Err(recalled) => {
                if recalled == Recalled::Newer {
                    let why = "the alerts are over, as a newer notice says";
                    self.note(shared, &id, CallState::Withdrawn, Some(why))
                        .await;
                }
                Tried::Recalled
            }
        }
    }

    fn call(&self, shared: &Shared, id: &Arc<str>) -> PhoneCall {
        PhoneCall {
            id: Arc::clone(id),
            seq: self.row.seq,
            tried: self.attempt,
            at: shared.clock.now(),
            title: self.message.title.as_str().into(),
            phones: self.order.phones.clone(),
            state: CallState::Waiting,
            rounds: self.order.rounds,
            done: 0,
            ended_at: None,
            answered_by: None,
            person: None,
            agent: None,
        }
    }

    fn place(&self, shared: &Shared, placed: &PhoneCall) {
        let wanted = Wanted {
            id: Arc::clone(&placed.id),
            phones: placed.phones.clone(),
            priority: self.row.severity,
            at: placed.at,
            rounds: placed.rounds,
            done: placed.done,
            max_age: self.order.max_age,
        };
        shared.calls.place(wanted, shared.clock.now());
    }

    /// Waits for the end, at most until the fallback's turn.
    async fn wait(
        &self,
        shared: &Shared,
        entered: &mut Entered<'_>,
        ends_at: Time,
    ) -> Result<End, Recalled> {
        let mut deadline = self.deadline_at;
        let mut ends_at = ends_at;
        let mut watch = ClockWatch::new(shared.clock.now());
        loop {
            let now = shared.clock.now();
            if let Some(set_back) = watch.look(now) {
                deadline = deadline.map(|at| at.before(set_back.by));
                ends_at = ends_at.before(set_back.by);
            }
            shared.calls.expire(now);
            let next = deadline.map_or(ends_at, |at| at.min(ends_at));
            let span = next.since(now).min(LOOK_AT_CLOCK);
            tokio::select! {
                biased;
                end = &mut entered.end => return Ok(end.unwrap_or(End::TooOld)),
                recalled = self.recall.heard() => return Err(recalled),
                () = tokio::time::sleep(span), if next > now => {}
                () = std::future::ready(()), if next <= now => return Ok(End::TooOld),
            }
        }
    }

    /// What the end came to. One that no telephone told of is written down here, unless an answer was first.
    async fn close(
        &self,
        shared: &Shared,
        id: &str,
        end: End,
        incident: Option<&Incident>,
    ) -> Tried {
        let first = match &end {
            End::TooOld => self.note(shared, id, CallState::Unanswered, None).await,
            End::AlertsOver => {
                let why = Some("the alerts are over");
                self.note(shared, id, CallState::Withdrawn, why).await
            }
            End::NotNeeded(why) => self.note(shared, id, CallState::Withdrawn, Some(why)).await,
            End::Answered { .. } | End::Unanswered(_) | End::Withdrawn(_) => true,
        };
        let mut end = end;
        if !first && let Ok(Some(call)) = shared.store.call(id).await {
            end = former(&call).unwrap_or(end);
        }
        match (&end, incident) {
            (End::Answered { number, person }, Some(incident)) => {
                let who = person.as_ref().unwrap_or(number);
                incident::acknowledge(shared, incident.id, who).await;
                let others = End::NotNeeded(format!("acknowledged by {who}").into());
                shared.calls.end_group(self.row.group, &others);
            }
            (End::AlertsOver, Some(_)) => incident::resolve(shared, self.row.group).await,
            _ => {}
        }
        if let (End::Answered { .. }, Content::Page(page)) = (&end, &self.bundle.content) {
            incident::acknowledge_page(shared, page).await;
        }
        if let (End::Answered { .. }, Content::Verify(call)) = (&end, &self.bundle.content) {
            verified(shared, &call.verifies).await;
        }
        self.tried(shared, end)
    }

    /// Writes an end down; whether it is the first. A store that is away does not keep the notification from its
    /// own end, which says the same.
    async fn note(&self, shared: &Shared, id: &str, state: CallState, why: Option<&str>) -> bool {
        let end = CallEnd {
            state,
            at: shared.clock.now(),
            answered_by: why.map(Into::into),
            person: None,
            agent: None,
        };
        match shared.store.writer().end_call(id, end).await {
            Ok(first) => first,
            Err(error) => {
                tracing::warn!(%error, "the end of a call could not be written down");
                true
            }
        }
    }

    fn tried(&self, shared: &Shared, end: End) -> Tried {
        let count = |end: &str| {
            let end = end.to_owned();
            shared.metrics.calls.get_or_create(&ByEnd { end }).inc();
        };
        match end {
            End::Answered { number, person } => {
                count("answered");
                let who = person.as_deref().unwrap_or(&number);
                delivered(format!("answered by {who}"))
            }
            End::AlertsOver => {
                count("withdrawn");
                delivered("the alerts ended before anybody answered".to_owned())
            }
            End::NotNeeded(why) => {
                count("withdrawn");
                delivered(format!("nobody need answer any more: {why}"))
            }
            End::Withdrawn(why) => {
                count("withdrawn");
                Tried::Cancelled(why)
            }
            End::Unanswered(rounds) => {
                count("unanswered");
                failed(
                    ErrorKind::Rejected,
                    format!("nobody answered in {rounds} round(s)"),
                )
            }
            End::TooOld => {
                count("unanswered");
                let waited = shared.clock.now().since(self.row.created_at);
                let waited = duration::format(Duration::from_secs(waited.as_secs()));
                failed(
                    ErrorKind::Rejected,
                    format!("nobody answered within {waited}"),
                )
            }
        }
    }
}

/// The end that a call has come to. A restart goes on where the last process was, also if that was behind the end.
fn former(call: &PhoneCall) -> Option<End> {
    let said = || call.answered_by.clone().unwrap_or_default();
    match call.state {
        CallState::Waiting => None,
        CallState::Answered => Some(End::Answered {
            number: said(),
            person: call.person.clone(),
        }),
        CallState::Unanswered => Some(End::Unanswered(call.done)),
        CallState::Withdrawn => Some(End::Withdrawn(said())),
    }
}

/// Whoever was called to verify their telephone has answered.
async fn verified(shared: &Shared, verifies: &Verifies) {
    let now = shared.clock.now();
    let answered = move |stands: &mut Verification| stands.answered(now);
    let writer = shared.store.writer();
    let kept = writer.verify_contact(&verifies.person, verifies.address, answered);
    if let Err(error) = kept.await {
        tracing::warn!(%error, "an answered call that verifies a telephone could not be noted; place another");
    }
    shared.changed();
}

fn delivered(answer: String) -> Tried {
    let provider_id = String::new();
    Tried::Outcomes(vec![Ok(Receipt {
        provider_id,
        answer,
    })])
}

fn failed(kind: ErrorKind, why: String) -> Tried {
    let error = SendError::new(kind, why);
    let fix = if kind == ErrorKind::Rejected {
        "see GET /api/v1/phones whether a telephone asks for calls"
    } else {
        ""
    };
    Tried::Outcomes(vec![Err(error.fix(fix))])
}
