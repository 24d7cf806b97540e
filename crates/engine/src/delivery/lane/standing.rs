//! How a lane stands, for people: what waits, whether its provider answers, what was said last.
//!
//! Asked of the lane itself, so that nothing is written down for it while it works.

use std::time::Duration;

use balefire_channels::channel::Outcome;
use balefire_channels::error::ErrorKind;
use balefire_channels::layers::breaker::BreakerState;
use balefire_core::time::Time;
use tokio::sync::oneshot;

use super::Lane;

/// Somebody who wants to know how a lane stands.
pub(crate) type Question = oneshot::Sender<Standing>;

/// How a lane stands at one moment; what it remembers is of this process alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Notices in memory that wait for their try.
    pub waiting: usize,
    /// Whether more of them wait in the store than it holds in memory.
    pub more_in_store: bool,
    /// Calls under way.
    pub under_way: usize,
    /// Whether the provider is worth asking.
    pub breaker: BreakerState,
    /// What each of the account's quotas has left, in their order.
    pub quotas: Vec<QuotaLeft>,
    /// The provider's punishment for going over a quota lasts until then.
    pub held_until: Option<Time>,
    /// When the provider last took something.
    pub last_success: Option<Time>,
    /// What it last refused, or did not answer.
    pub last_failure: Option<LastFailure>,
}

/// What is left of a quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuotaLeft {
    /// Calls that are allowed.
    pub calls: u32,
    /// In this long.
    pub per: Duration,
    /// How many more would be let through at this moment.
    pub left: u32,
}

/// A try that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastFailure {
    /// When it ended.
    pub at: Time,
    /// What kind of failure.
    pub kind: ErrorKind,
    /// What the provider said.
    pub detail: String,
    /// What a person can do; may be empty.
    pub fix: &'static str,
}

/// The ends of the last tries.
#[derive(Default)]
pub(super) struct Lately {
    success: Option<Time>,
    failure: Option<LastFailure>,
}

impl Lately {
    /// Takes note of what became of a try.
    pub(super) fn note(&mut self, outcomes: &[Outcome], now: Time) {
        for outcome in outcomes {
            match outcome {
                Ok(_) => self.success = Some(now),
                Err(error) => {
                    self.failure = Some(LastFailure {
                        at: now,
                        kind: error.kind,
                        detail: error.detail.clone(),
                        fix: error.fix,
                    });
                }
            }
        }
    }
}

impl Lane {
    /// Answers somebody who asked, if they still listen.
    pub(super) fn answer(&self, question: Question) {
        let now = self.shared.clock.now();
        let quotas = self.bucket.rooms(now).map(|(quota, left)| QuotaLeft {
            calls: quota.calls,
            per: quota.per,
            left,
        });
        let standing = Standing {
            waiting: self.waiting.len(),
            more_in_store: self.intake.has_more(),
            under_way: self.sending.len(),
            breaker: self.breaker.state(now),
            quotas: quotas.collect(),
            held_until: self.bucket.held_until(now),
            last_success: self.lately.success,
            last_failure: self.lately.failure.clone(),
        };
        // Who asked may have gone.
        let _ = question.send(standing);
    }
}

#[cfg(test)]
mod tests {
    use balefire_channels::error::{Receipt, SendError};

    use super::*;

    #[test]
    fn the_last_success_and_the_last_failure_are_both_remembered() {
        let mut lately = Lately::default();
        let (first, second) = (Time::from_secs(100), Time::from_secs(200));
        let refused = SendError::new(ErrorKind::Misconfigured, "60020").fix("add the address");
        lately.note(&[Ok(Receipt::default()), Err(refused)], first);
        lately.note(&[Ok(Receipt::default())], second);
        assert_eq!(lately.success, Some(second));
        let failure = lately.failure.expect("a failure");
        assert_eq!((failure.at, failure.fix), (first, "add the address"));
    }
}
