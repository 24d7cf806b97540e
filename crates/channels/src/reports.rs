//! What a provider says over a connection that we hold open, in place of calling us.

use std::collections::VecDeque;

use parking_lot::Mutex;
use tokio::sync::{Notify, oneshot};

use crate::callback::Report;

/// Reports that wait to be taken; more are refused, so that the provider says them again.
const MOST: usize = 1_000;

/// The reports of one account, in the order in which they came.
#[derive(Debug, Default)]
pub struct Reports {
    waiting: Mutex<VecDeque<Heard>>,
    bell: Notify,
}

/// One report. Whoever said it is answered only when it has been taken.
#[derive(Debug)]
pub struct Heard {
    /// What was said.
    pub report: Report,
    answer: oneshot::Sender<()>,
}

impl Heard {
    /// It is on disk: the provider need not say it again.
    pub fn taken(self) {
        // Whoever said it may be gone.
        let _ = self.answer.send(());
    }
}

impl Reports {
    /// Lets a report wait; the answer comes when it has been taken, and never if it was not. `None` when too many wait.
    pub(crate) fn put(&self, report: Report) -> Option<oneshot::Receiver<()>> {
        let (answer, taken) = oneshot::channel();
        let mut waiting = self.waiting.lock();
        if waiting.len() >= MOST {
            return None;
        }
        waiting.push_back(Heard { report, answer });
        drop(waiting);
        self.bell.notify_one();
        Some(taken)
    }

    /// The next report. May be dropped at any time; then nothing is lost.
    pub async fn next(&self) -> Heard {
        loop {
            let rung = self.bell.notified();
            if let Some(heard) = self.waiting.lock().pop_front() {
                return heard;
            }
            rung.await;
        }
    }
}
