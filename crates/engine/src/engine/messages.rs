//! Messages that follow from no alert: sent by hand, Balefire's own, dead letters tried again.

use std::time::Duration;

use balefire_core::message::Message;
use balefire_store::StoreError;

use super::Engine;
use crate::delivery::content::Content;
use crate::delivery::rows::{Draft, rows_of};
use crate::direct::{self, Direct, DirectError, Sent};

impl Engine {
    /// Sends a message past routing.
    pub async fn send(
        &self,
        message: &Direct,
        wait: Option<Duration>,
    ) -> Result<Vec<Sent>, DirectError> {
        direct::send(&self.inner.shared, &self.inner.lanes, (message, 0), wait).await
    }

    /// Sends a message of a series through an account: one that has not been sent when the next of its series is
    /// decided never is.
    pub(crate) async fn send_in_series(
        &self,
        message: &Direct,
        series: u64,
    ) -> Result<(), DirectError> {
        let (shared, lanes) = (&self.inner.shared, &self.inner.lanes);
        direct::send(shared, lanes, (message, series), None)
            .await
            .map(drop)
    }

    /// Sends a ready message through a receiver: meta-alerts.
    pub(crate) async fn tell(&self, receiver: &str, message: &Message) -> Result<(), StoreError> {
        let shared = &self.inner.shared;
        let plan = shared.plan.load_full();
        let Some(receiver) = plan.receivers.iter().find(|r| &*r.name == receiver) else {
            return Ok(());
        };
        if shared.shadow {
            return Ok(());
        }
        let now = shared.clock.now();
        let draft = Draft {
            group: 0,
            ordinal: shared.ordinal(),
            occasion: message.occasion,
            severity: message.severity,
            now,
            deliver_within: receiver.deliver_within,
            has_fallback: receiver.fallback.is_some(),
            fallback_of: None,
        };
        let content = Content::fixed(message);
        let rows = receiver
            .integrations
            .iter()
            .flat_map(|entry| rows_of(shared, receiver, entry, &content, &draft))
            .collect();
        let rows = direct::store(shared, &plan, rows, Vec::new(), now).await?;
        self.inner.lanes.hand(shared, rows);
        Ok(())
    }

    /// Tries a dead-lettered notification again, with a fresh deadline; whether it was one. In shadow mode
    /// nothing is tried.
    pub async fn redrive(&self, seq: u64) -> Result<bool, StoreError> {
        let shared = &self.inner.shared;
        let dead = match shared.store.notification(seq).await? {
            Some(row) if !shared.shadow => row,
            _ => return Ok(false),
        };
        let kept = shared.store.kept_body(seq).await?;
        let now = shared.clock.now();
        let deadline = crate::delivery::deadline(now, dead.severity, None, false);
        if !shared.store.writer().redrive(seq, now, deadline).await? {
            return Ok(false);
        }
        // Its alerts may be gone by now; its words are not.
        if let Some(message) = kept.and_then(|body| serde_json::from_slice(&body).ok()) {
            shared.kept.keep(seq, message);
        }
        let Some(again) = shared.store.notification(seq).await? else {
            return Ok(false);
        };
        shared.metrics.notifications_pending.inc();
        self.inner.lanes.again(again).await;
        shared.changed();
        Ok(true)
    }
}
