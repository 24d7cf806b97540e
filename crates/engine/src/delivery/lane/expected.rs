//! What providers will say something of, or are to be asked: on disk before the try counts as delivered.

use std::sync::Arc;

use balefire_core::time::Time;
use balefire_store::{Awaited, Inquiry, Notification, StoreError, Writer};

use crate::inquiry::first_at;

/// What is expected of providers and not on disk yet.
#[derive(Clone, Debug, Default)]
pub(super) struct Expected {
    /// Ids that receipts will name.
    pub(super) receipts: Vec<Awaited>,
    /// Ids that are to be asked about.
    inquiries: Vec<Inquiry>,
}

impl Expected {
    /// Lets a provider be asked about what it took just now; once for all the rows of a call.
    pub(super) fn ask(&mut self, row: &Notification, id: &str, place: &Arc<str>, now: Time) {
        let last = self.inquiries.last();
        if last.is_some_and(|last| *last.provider_id == *id && last.account == row.account) {
            return;
        }
        self.inquiries.push(Inquiry {
            account: Arc::clone(&row.account),
            provider_id: id.into(),
            place: Arc::clone(place),
            sent_at: now,
            asked: 0,
            next_at: first_at(now),
        });
    }

    /// What was expected before comes before what is expected now.
    pub(super) fn put_back(&mut self, before: Self) {
        self.receipts.splice(0..0, before.receipts);
        self.inquiries.splice(0..0, before.inquiries);
    }

    /// Writes it down.
    pub(super) async fn note(&self, writer: &Writer) -> Result<(), StoreError> {
        if !self.inquiries.is_empty() {
            writer.put_inquiries(self.inquiries.clone()).await?;
        }
        if !self.receipts.is_empty() {
            writer.await_receipts(self.receipts.clone()).await?;
        }
        Ok(())
    }
}
