//! Tries that end without an outcome: called back, or taken back by somebody.

use balefire_channels::layers::breaker::Health;
use balefire_core::time::Time;
use balefire_store::NotificationState;

use super::super::send::Work;
use super::Lane;

impl Lane {
    /// A try that was called back was none. What it was to tell waits again, and is taken over by the newer notice
    /// that waits for it; when the node stops, the next start tells it.
    pub(super) fn put_back(&mut self, work: Work, now: Time) {
        self.breaker.report(work.pass, Health::Answered, now);
        for bundle in work.bundles {
            self.waiting.done(bundle.slot(), now);
            let superseded = self.waiting.push(bundle, now);
            self.supersede(superseded);
        }
    }

    /// Somebody took it back while it was under way.
    pub(super) fn take_back(&mut self, work: Work, why: &str, now: Time) {
        self.breaker.report(work.pass, Health::Answered, now);
        for bundle in work.bundles {
            for row in bundle.absorbed.iter().chain(&bundle.rows) {
                self.close(row, NotificationState::Cancelled, why);
            }
            self.waiting.done(bundle.slot(), now);
        }
    }
}
