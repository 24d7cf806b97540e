//! What providers say afterwards: written down beside the notification, and acted on. What did not get there goes to
//! the receiver's fallback after all; a pressed 1 says that somebody has it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use balefire_channels::callback::{Report, Said};
use balefire_core::call::same_number;
use balefire_core::message::Occasion;
use balefire_core::time::Time;
use balefire_store::{Notification, NotificationState, Receipt, ReceiptState, StoreError};
use parking_lot::Mutex;
use tokio::time::{Instant, timeout_at};

use super::{AnswerFailure, Deed, Engine, IncidentFailure};
use crate::delivery::content::Content;
use crate::delivery::fallback::{self, Given};
use crate::delivery::settle;
use crate::link::Subject;
use crate::meta::Trouble;

/// A provider may be faster than our own record of the try.
const PATIENCE: Duration = Duration::from_secs(3);
/// The key that says "I have it", as the call says.
const HAVE_IT: char = '1';
/// Obligations whose hand-over is remembered.
const REMEMBERED: usize = 256;

/// The decision, the group and the integration that was to be told.
type Obligation = (u64, u64, Arc<str>);

/// Obligations that were handed over because of receipts: one fallback's notice for each is enough.
#[derive(Debug, Default)]
pub(super) struct HandedOver(Mutex<VecDeque<Obligation>>);

impl HandedOver {
    /// Whether this is the first for its obligation; then it is remembered.
    fn is_first(&self, row: &Notification) -> bool {
        let obligation = (row.decision, row.group, Arc::clone(&row.integration));
        let mut handed = self.0.lock();
        if handed.contains(&obligation) {
            return false;
        }
        handed.truncate(REMEMBERED - 1);
        handed.push_front(obligation);
        true
    }
}

/// What became of reports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reported {
    /// Written down now.
    pub new: usize,
    /// Said before.
    pub known: usize,
    /// About nothing that we sent.
    pub strange: usize,
}

impl Engine {
    /// Takes in what a provider says of what went through `account`. It is on disk when this resolves.
    pub async fn take_reports(
        &self,
        account: &str,
        reports: &[Report],
    ) -> Result<Reported, StoreError> {
        let end = Instant::now() + PATIENCE;
        let mut reported = Reported::default();
        for report in reports {
            let Some(row) = self.reported_on(account, report, end).await? else {
                reported.strange += 1;
                continue;
            };
            if self.hear_of(row, report).await? {
                reported.new += 1;
            } else {
                reported.known += 1;
            }
        }
        Ok(reported)
    }

    /// Writes down what is said of a notification, and does what follows; `false` when the same was said before.
    pub(crate) async fn hear_of(
        &self,
        row: Notification,
        report: &Report,
    ) -> Result<bool, StoreError> {
        let receipt = Receipt {
            at: self.now(),
            state: state_of(report.said),
            provider_id: report.provider_id.as_str().into(),
            detail: report.detail.as_str().into(),
        };
        if !self.store().writer().put_receipt(row.seq, receipt).await? {
            return Ok(false);
        }
        self.inner.shared.changed();
        self.follow(row, report).await?;
        Ok(true)
    }

    /// The notification that a report is about. Waits until `end` for one that is being written down.
    async fn reported_on(
        &self,
        account: &str,
        report: &Report,
        end: Instant,
    ) -> Result<Option<Notification>, StoreError> {
        let mut changes = self.changes();
        loop {
            changes.mark_unchanged();
            let rows = self.store().awaiting(account, &report.provider_id).await?;
            if let Some(row) = self.of_number(&rows, &report.phone).await? {
                return Ok(Some(row));
            }
            if !rows.is_empty() || timeout_at(end, changes.changed()).await.is_err() {
                return Ok(None);
            }
        }
    }

    /// The notification to this number among those of one call.
    async fn of_number(
        &self,
        rows: &[u64],
        phone: &str,
    ) -> Result<Option<Notification>, StoreError> {
        for seq in rows {
            let Some(row) = self.store().notification(*seq).await? else {
                continue;
            };
            if rows.len() == 1 || phone.is_empty() || is_number(&row.target, phone) {
                return Ok(Some(row));
            }
        }
        Ok(None)
    }

    async fn follow(&self, row: Notification, report: &Report) -> Result<(), StoreError> {
        match report.said {
            Said::Failed | Said::Refused => self.missed(row, report).await,
            Said::Pressed(HAVE_IT) => self.pressed(&row).await,
            Said::Delivered | Said::Read | Said::Answered | Said::Pressed(_) => Ok(()),
        }
    }

    /// Somebody pressed the key that says that they have it: all that a page was about, or the group that was told of.
    async fn pressed(&self, row: &Notification) -> Result<(), StoreError> {
        if let Some(Content::Page(page)) = Content::decode(&row.payload) {
            for incident in page.incidents {
                let subject = Subject::Incident(incident);
                self.takes(subject, &page.person).await?;
            }
            return Ok(());
        }
        if row.group == 0 {
            return Ok(());
        }
        let plan = self.plan();
        let mut people = plan.people.values();
        let person = people.find(|person| is_number(&person.contact.phone, &row.target));
        let actor = person.map_or(&*row.target_label, |person| &person.key);
        self.takes(Subject::Group(row.group), actor).await
    }

    async fn takes(&self, subject: Subject, actor: &str) -> Result<(), StoreError> {
        match self.answer(subject, Deed::Acknowledge, actor).await {
            Err(
                AnswerFailure::Store(error)
                | AnswerFailure::Incident(IncidentFailure::Store(error)),
            ) => Err(error),
            Err(why) => {
                tracing::debug!(%why, "a pressed key changes nothing");
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    /// What a provider took did not get there: as if it had refused at once.
    async fn missed(&self, mut row: Notification, report: &Report) -> Result<(), StoreError> {
        let heard = self.store().receipts(row.seq).await?;
        let got_there = heard.iter().any(|receipt| !receipt.state.is_miss());
        if row.state != NotificationState::Delivered || got_there {
            return Ok(());
        }
        let (plan, shared) = (self.plan(), &self.inner.shared);
        let receiver = plan
            .receivers
            .iter()
            .find(|known| known.name == row.receiver);
        let fallback = receiver.and_then(|receiver| receiver.fallback.clone());
        let why = format!(
            "taken, and then reported as not delivered: {}",
            report.detail
        );
        row.last_error = Some(why.as_str().into());
        row.next_try_at = None;
        let content = Content::decode(&row.payload);
        if let Some(Content::Page(_)) = &content {
            // The next contact and the next step are what a page falls back to.
            let seq = row.seq;
            self.lost(row, &why, shared.clock.now()).await?;
            shared.bell.missed(seq, &why);
            return Ok(());
        }
        let (Some(fallback), Some(content)) = (fallback, content) else {
            return self.lost(row, &why, shared.clock.now()).await;
        };
        row.state = NotificationState::HandedOver;
        if !self.inner.handed_over.is_first(&row) {
            let settlement = settle::settlement(&row, Vec::new());
            return self.store().writer().settle(vec![settlement]).await;
        }
        let given = [Given::untried(row)];
        match fallback::hand_over(shared, Some(fallback), &content, &given).await {
            Ok(made) => {
                self.inner.lanes.follow_up(made).await;
                Ok(())
            }
            Err(why) => {
                let [Given { row, .. }] = given;
                self.lost(row, &why, shared.clock.now()).await
            }
        }
    }

    /// Nobody else is to be told: a dead letter, with an alarm.
    async fn lost(&self, mut row: Notification, why: &str, now: Time) -> Result<(), StoreError> {
        let shared = &self.inner.shared;
        row.state = NotificationState::DeadLettered;
        let settlement = settle::settlement(&row, Vec::new());
        self.store().writer().settle(vec![settlement]).await?;
        shared.metrics.dead_letters.inc();
        if row.occasion != Occasion::Meta {
            let text = format!(
                "notification {} to {} ({}) did not get there: {why}",
                row.seq, row.target_label, row.receiver
            );
            let findings = &shared.findings;
            findings.report(now, Trouble::DeadLetter, &row.account, text);
        }
        Ok(())
    }
}

/// Whether two ways of writing a number mean the same one: providers leave out the country's code or its plus.
fn is_number(a: &str, b: &str) -> bool {
    const NATIONAL: usize = 10;
    let digits = |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
    let (a_digits, b_digits) = (digits(a), digits(b));
    let ends = |long: &str, short: &str| short.len() >= NATIONAL && long.ends_with(short);
    same_number(a, b) || ends(&a_digits, &b_digits) || ends(&b_digits, &a_digits)
}

fn state_of(said: Said) -> ReceiptState {
    match said {
        Said::Delivered => ReceiptState::Delivered,
        Said::Failed => ReceiptState::Failed,
        Said::Answered => ReceiptState::Answered,
        Said::Pressed(_) => ReceiptState::Pressed,
        Said::Read => ReceiptState::Read,
        Said::Refused => ReceiptState::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_known_with_and_without_its_country() {
        for (a, b, same) in [
            ("+8613800138000", "13800138000", true),
            ("8613800138000", "+8613800138000", true),
            ("13800138000", "008613800138000", true),
            ("+15550100001", "+15550100001", true),
            ("+8613800138000", "13800138001", false),
            ("138", "+8613800000138", false),
            ("", "", false),
        ] {
            assert_eq!(is_number(a, b), same, "{a} {b}");
        }
    }
}
