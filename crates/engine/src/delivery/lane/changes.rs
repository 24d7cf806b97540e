//! Changes of live messages: what an account does when nothing waits to be told.

use std::collections::BTreeSet;
use std::sync::Arc;

use balefire_channels::channel::Outcome;
use balefire_channels::layers::breaker::{self, Health};
use balefire_core::time::Time;
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::task::JoinError;

use super::super::live;
use super::Lane;

/// The ids of live messages that are to be changed, each once, whatever has to change.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    asked: Mutex<BTreeSet<Arc<str>>>,
    ring: Notify,
}

/// A change that came to its end.
pub(super) struct Changed {
    pass: breaker::Pass,
    /// `None` when there was nothing to change.
    outcome: Option<Outcome>,
}

impl Changes {
    /// A message is to be changed.
    pub(crate) fn ask(&self, message: Arc<str>) {
        self.asked.lock().insert(message);
        self.ring.notify_one();
    }

    /// Resolves when something is to be changed.
    pub(super) async fn asked(&self) {
        self.ring.notified().await;
    }

    fn next(&self) -> Option<Arc<str>> {
        self.asked.lock().pop_first()
    }

    fn is_empty(&self) -> bool {
        self.asked.lock().is_empty()
    }
}

impl Lane {
    /// Starts as many changes as concurrency, breaker and quota allow while nothing waits to be told; answers when to
    /// look again. One that fails is asked for again by the job that compares.
    pub(super) fn start_changes(&mut self, now: Time) -> Option<Time> {
        while self.waiting.due() == 0
            && self.sending.len() + self.changing.len() < self.settings.concurrency
            && !self.changes.is_empty()
        {
            let pass = match self.pass(now) {
                Ok(pass) => pass,
                Err(until) => return Some(until),
            };
            let Some(message) = self.changes.next() else {
                self.breaker.report(pass, Health::Answered, now);
                break;
            };
            let shared = Arc::clone(&self.shared);
            self.changing.spawn(async move {
                let outcome = live::refresh(&shared, &message).await;
                Changed { pass, outcome }
            });
        }
        None
    }

    /// What a change says of the account counts as that of a try does.
    pub(super) fn changed(&mut self, ended: Result<Changed, JoinError>) {
        let now = self.shared.clock.now();
        match ended {
            Ok(Changed { pass, outcome }) => match outcome {
                Some(outcome) => {
                    if let Err(error) = &outcome {
                        tracing::warn!(lane = &*self.settings.name, %error, "a live message could not be changed");
                    }
                    self.learn(&[outcome], pass, now);
                }
                None => self.breaker.report(pass, Health::Answered, now),
            },
            Err(error) => {
                tracing::error!(lane = &*self.settings.name, %error, "a change was broken off");
            }
        }
    }
}
