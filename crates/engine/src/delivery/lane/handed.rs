//! Handing what failed over to the receiver's fallback, once for each obligation.

use std::sync::Arc;

use balefire_core::message::Message;
use balefire_store::{Notification, NotificationState};

use super::super::content::Content;
use super::super::fallback::{self, Given};
use super::super::shared::Back;
use super::Lane;

/// Obligations whose hand-over is remembered.
const REMEMBERED: usize = 256;

/// The decision, the group and the integration that was to be told.
pub(super) type Obligation = (u64, u64, Arc<str>);

/// The end of a hand-over to a fallback.
pub(super) struct Handed {
    obligation: Obligation,
    given: Vec<Given>,
    absorbed: Vec<Notification>,
    made: Result<Vec<Notification>, String>,
    message: Option<Arc<Message>>,
}

impl Lane {
    /// Gives rows to the receiver's fallback: new notifications, durable in the transaction in which the old
    /// ones end. One fallback's notice for an obligation is enough, however many of its targets failed.
    pub(super) fn hand_over(
        &mut self,
        fallback: Option<Arc<str>>,
        content: &Content,
        given: Vec<Given>,
        absorbed: Vec<Notification>,
        message: Option<Arc<Message>>,
    ) {
        let Some(first) = given.first().map(|given| &given.row) else {
            return;
        };
        let obligation = (first.decision, first.group, Arc::clone(&first.integration));
        if let Some(waiting) = self.under_way.get_mut(&obligation) {
            waiting.extend(given);
            waiting.extend(absorbed.into_iter().map(Given::untried));
            return;
        }
        if self.handed_over.contains(&obligation) {
            self.end_handed(given, absorbed);
            return;
        }
        self.under_way.insert(obligation.clone(), Vec::new());
        let (shared, content) = (Arc::clone(&self.shared), content.clone());
        self.handing.push(Box::pin(async move {
            let made = fallback::hand_over(&shared, fallback, &content, &given).await;
            Handed {
                obligation,
                given,
                absorbed,
                made,
                message,
            }
        }));
    }

    /// A hand-over has ended: the fallback has the rows, or they are given up.
    pub(super) fn handed(&mut self, handed: Handed) {
        let Handed {
            obligation,
            given,
            absorbed,
            made,
            message,
        } = handed;
        let joined = self.under_way.remove(&obligation).unwrap_or_default();
        let now = self.shared.clock.now();
        match made {
            Ok(made) => {
                self.handed_over.truncate(REMEMBERED - 1);
                self.handed_over.push_front(obligation);
                // Before the old ones end, so that their episodes stay readable.
                self.outbox.push_back(Back::Rows(made));
                for given in given {
                    // On disk already, with the fallback's.
                    self.intake.forget(given.row.seq);
                    self.end(&given.row, "", now);
                }
                self.end_handed(joined, absorbed);
                if self.unsettled.is_empty() {
                    self.outbox.extend(self.told.drain(..));
                }
            }
            Err(why) => {
                let absorbed = absorbed.into_iter().map(Given::untried);
                for given in given.into_iter().chain(joined).chain(absorbed) {
                    self.give_up(given, &why, message.as_ref(), now);
                }
            }
        }
        self.shared.changed();
    }

    /// Rows whose obligation a fallback has taken over.
    fn end_handed(&mut self, given: Vec<Given>, absorbed: Vec<Notification>) {
        let now = self.shared.clock.now();
        for mut given in given {
            given.row.state = NotificationState::HandedOver;
            self.unsettled.push(given.settlement());
            self.end(&given.row, "", now);
        }
        for row in absorbed {
            let why = "told together with a newer notice";
            self.close(&row, NotificationState::Superseded, why);
        }
    }
}
