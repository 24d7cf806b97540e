//! What follows from a try for each of its rows: told, tried again, handed over, given up.

use std::sync::Arc;
use std::time::Duration;

use balefire_channels::channel::Outcome;
use balefire_channels::error::ErrorKind;
use balefire_channels::layers::backoff;
use balefire_channels::layers::breaker::{self, Health};
use balefire_core::message::{Message, Occasion};
use balefire_core::time::Time;
use balefire_store::{Awaited, Notification, NotificationState};

use super::super::bundle::Bundle;
use super::super::content::Content;
use super::super::dial::Tried;
use super::super::fallback::Given;
use super::super::opened::find;
use super::super::send::Finished;
use super::super::settle;
use super::super::shared::{Back, Ended, Ending};
use super::super::verdict::{Limits, Verdict, judge};
use super::Lane;
use crate::meta::Trouble;
use crate::metrics::ByOutcome;

/// A notification younger than this is tried again within this time.
const YOUNG: Duration = Duration::from_secs(1);

/// A call that has ended.
struct Call<'c> {
    outcomes: &'c [Outcome],
    message: Option<&'c Arc<Message>>,
    inquires: Option<&'c Arc<str>>,
    started_at: Time,
    took_micros: u64,
    now: Time,
}

/// What a bundle's rows became.
#[derive(Default)]
struct Sorted {
    /// To be tried again.
    again: Vec<Notification>,
    /// To be handed over.
    given: Vec<Given>,
    /// A credential was stale and is refreshed.
    stale: bool,
    dead: bool,
}

impl Lane {
    pub(super) fn finish(&mut self, finished: Finished) {
        let now = self.shared.clock.now();
        let Finished {
            work,
            tried,
            took,
            message,
            inquires,
        } = finished;
        for bundle in &work.bundles {
            self.recalls.end(bundle.slot());
        }
        let outcomes = match tried {
            Tried::Outcomes(outcomes) => outcomes,
            Tried::Recalled => return self.put_back(work, now),
            Tried::Cancelled(why) => return self.take_back(work, &why, now),
        };
        self.shared
            .metrics
            .attempt_seconds
            .observe(took.as_secs_f64());
        self.learn(&outcomes, work.pass, now);
        let call = Call {
            outcomes: &outcomes,
            message: message.as_ref(),
            inquires: inquires.as_ref(),
            started_at: work.started_at,
            took_micros: u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            now,
        };
        for bundle in work.bundles {
            let slot = bundle.slot().cloned();
            let left = self.settle(bundle, &call);
            self.waiting.done(slot.as_ref(), now);
            if let Some(bundle) = left {
                let superseded = self.waiting.push(bundle, now);
                self.supersede(superseded);
            }
        }
    }

    /// What the outcomes say about the account: quota and breaker.
    pub(super) fn learn(&mut self, outcomes: &[Outcome], pass: breaker::Pass, now: Time) {
        let wait = outcomes.iter().find_map(|outcome| match outcome {
            Err(error) if error.kind == ErrorKind::RateLimited => Some(error.retry_after),
            _ => None,
        });
        if let Some(wait) = wait {
            self.bucket.penalty(now, wait);
        }
        let health = |outcome: &Outcome| Health::of(outcome.as_ref().err().map(|e| e.kind));
        let failing = outcomes
            .iter()
            .all(|outcome| health(outcome) == Health::Failing);
        let health = if failing {
            Health::Failing
        } else {
            Health::Answered
        };
        self.breaker.report(pass, health, now);
        self.lately.note(outcomes, now);
        for outcome in outcomes {
            let word = outcome
                .as_ref()
                .map_or_else(|error| error.kind.as_str(), |_| "delivered");
            let labels = ByOutcome {
                channel: self.settings.channel.to_owned(),
                account: self.settings.name.to_string(),
                outcome: word.to_owned(),
            };
            self.shared.metrics.attempts.get_or_create(&labels).inc();
        }
    }

    /// Records the outcome of each row; answers the bundle of those that are to be tried again.
    fn settle(&mut self, mut bundle: Bundle, call: &Call<'_>) -> Option<Bundle> {
        let plan = self.shared.plan.load_full();
        let way = find(&plan, &bundle);
        let fallback = way.and_then(|(receiver, _)| receiver.fallback.clone());
        let removed = way.is_none() && bundle.content.own_way().is_none();
        let sorted = self.sort(&mut bundle, call, fallback.is_some(), removed);
        bundle.refreshed |= sorted.stale;
        let over = sorted.again.is_empty();
        let absorbed = if over {
            std::mem::take(&mut bundle.absorbed)
        } else {
            Vec::new()
        };
        if sorted.given.is_empty() {
            self.end_absorbed(absorbed, sorted.dead && !bundle.told, call);
        } else {
            let message = call.message.map(Arc::clone);
            self.hand_over(fallback, &bundle.content, sorted.given, absorbed, message);
        }
        bundle.rows = sorted.again;
        (!over).then_some(bundle)
    }

    fn sort(
        &mut self,
        bundle: &mut Bundle,
        call: &Call<'_>,
        has_fallback: bool,
        removed: bool,
    ) -> Sorted {
        let mut sorted = Sorted::default();
        let rows = std::mem::take(&mut bundle.rows);
        for (mut row, outcome) in rows.into_iter().zip(call.outcomes) {
            row.attempts += 1;
            let refresh = !bundle.refreshed && is_kind(outcome, ErrorKind::StaleCredential);
            sorted.stale |= refresh;
            let limits = Limits {
                deadline_at: row.deadline_at,
                has_fallback,
                occasion: row.occasion,
            };
            let verdict = if refresh {
                Verdict::RetryAt(call.now)
            } else {
                judge(outcome, limits, call.now, next_try(&row, outcome, call.now))
            };
            row.last_error = outcome.as_ref().err().map(settle::words);
            row.next_try_at = None;
            row.state = match verdict {
                Verdict::Delivered => NotificationState::Delivered,
                _ if removed => NotificationState::Cancelled,
                Verdict::RetryAt(at) => {
                    row.next_try_at = Some(at);
                    NotificationState::Pending
                }
                Verdict::HandOver => NotificationState::HandedOver,
                Verdict::DeadLetter => NotificationState::DeadLettered,
            };
            let attempt = settle::attempt(&row, outcome, call.started_at, call.took_micros);
            let attempts = vec![attempt];
            match row.state {
                NotificationState::Pending => {
                    self.unsettled.push(settle::settlement(&row, attempts));
                    sorted.again.push(row);
                }
                NotificationState::HandedOver => sorted.given.push(Given { row, attempts }),
                NotificationState::DeadLettered => {
                    sorted.dead = true;
                    let why = row.last_error.clone().unwrap_or_default();
                    self.give_up(Given { row, attempts }, &why, call.message, call.now);
                }
                _ => {
                    self.await_receipt(&row, outcome, call);
                    bundle.told |= row.state == NotificationState::Delivered;
                    self.unsettled.push(settle::settlement(&row, attempts));
                    let said = outcome.as_ref().map(|receipt| receipt.answer.as_str());
                    self.end(&row, said.unwrap_or_default(), call.now);
                }
            }
        }
        sorted
    }

    /// A provider that says afterwards what became of it, by itself or when asked, will name it by its own id.
    fn await_receipt(&mut self, row: &Notification, outcome: &Outcome, call: &Call<'_>) {
        let id = outcome.as_ref().map_or("", |receipt| &receipt.provider_id);
        let is_awaited = self.settings.reports || call.inquires.is_some();
        if !is_awaited || id.is_empty() {
            return;
        }
        self.awaited.receipts.push(Awaited {
            account: Arc::clone(&row.account),
            provider_id: id.into(),
            notification: row.seq,
        });
        if let Some(place) = call.inquires {
            self.awaited.ask(row, id, place, call.now);
        }
    }

    /// Rows that a bundle spoke for share its fate.
    fn end_absorbed(&mut self, rows: Vec<Notification>, dead: bool, call: &Call<'_>) {
        for row in rows {
            if dead {
                let why = "the newer notice that told this too was given up";
                self.give_up(Given::untried(row), why, call.message, call.now);
            } else {
                let why = "told together with a newer notice";
                self.close(&row, NotificationState::Superseded, why);
            }
        }
    }

    /// Nobody takes it: a dead letter, with the message as it was to be told, and an alarm.
    pub(super) fn give_up(
        &mut self,
        mut given: Given,
        why: &str,
        message: Option<&Arc<Message>>,
        now: Time,
    ) {
        given.row.state = NotificationState::DeadLettered;
        given.row.next_try_at = None;
        given.row.last_error = Some(why.into());
        let message = message.map(|message| &**message);
        self.unsettled
            .push(settle::given_up(&given.row, given.attempts, message));
        self.end(&given.row, "", now);
    }

    /// Ends a row without a try: replaced, removed.
    pub(super) fn close(&mut self, row: &Notification, state: NotificationState, why: &str) {
        self.unsettled.push(settle::closed(row, state, why));
        self.unpin(row, false);
        self.shared.metrics.notifications_pending.dec();
        let detail = why.to_owned();
        self.shared.ended(row.seq, Ended { state, detail });
    }

    /// A row has reached its end; `said` is the answer of the provider that took it.
    pub(super) fn end(&mut self, row: &Notification, said: &str, now: Time) {
        let dead = row.state == NotificationState::DeadLettered;
        let metrics = &self.shared.metrics;
        metrics.notifications_pending.dec();
        if row.state == NotificationState::Delivered {
            let taken = now.since(row.created_at);
            metrics.delivery_seconds.observe(taken.as_secs_f64());
        }
        let detail = row.last_error.as_deref().unwrap_or(said).to_owned();
        if dead {
            metrics.dead_letters.inc();
            // What is lost of our own alarms must not cause another.
            if row.occasion != Occasion::Meta {
                let text = format!(
                    "notification {} to {} ({}) was given up after {} tries: {detail}",
                    row.seq, row.target_label, row.receiver, row.attempts
                );
                self.shared
                    .findings
                    .report(now, Trouble::DeadLetter, &self.settings.name, text);
            }
        }
        self.unpin(row, dead);
        let state = row.state;
        self.shared.ended(row.seq, Ended { state, detail });
    }

    /// Tells the dispatcher that a row no longer needs its episodes, or that they are untold.
    fn unpin(&mut self, row: &Notification, untold: bool) {
        if let Some(Content::Group(content)) = Content::decode(&row.payload) {
            self.told.push(Back::Ended(Ending {
                decision: row.decision,
                integration: Arc::clone(&row.integration),
                content,
                untold,
            }));
        }
    }
}

/// When the back-off tries again. A provider's own wish counts; without one no wait is longer than the
/// notification is old, so that after an outage of seconds it is told within seconds.
fn next_try(row: &Notification, outcome: &Outcome, now: Time) -> Time {
    let wish = outcome.as_ref().err().and_then(|error| error.retry_after);
    let next = backoff::next_try(row.attempts, now, wish, row.seq);
    if wish.is_some() {
        return next;
    }
    next.min(now.after(now.since(row.created_at).max(YOUNG)))
}

fn is_kind(outcome: &Outcome, kind: ErrorKind) -> bool {
    outcome.as_ref().is_err_and(|error| error.kind == kind)
}
