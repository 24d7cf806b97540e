//! What never changes about a notification and is not searched for: one column, so that rows stay narrow.

use balefire_core::message::Occasion;
use balefire_core::severity::Severity;
use balefire_core::time::Time;
use serde::{Deserialize, Serialize};

use crate::codec;
use crate::error::StoreError;
use crate::notification::Notification;

/// The column's content. Fields are only ever appended, behind a version of the row's body.
#[derive(Serialize, Deserialize)]
pub(super) struct Detail<'d> {
    pub(super) id: [u8; 16],
    pub(super) node: u16,
    pub(super) integration: i64,
    pub(super) target: &'d str,
    pub(super) target_label: &'d str,
    pub(super) occasion: Occasion,
    pub(super) severity: Severity,
    /// Microseconds after the row's own time, which keeps it short.
    pub(super) deadline_after: i64,
    pub(super) fallback_of: Option<u64>,
    pub(super) payload: &'d [u8],
}

/// The column of a notification whose integration has this number.
pub(crate) fn detail(notification: &Notification, integration: i64) -> Result<Vec<u8>, StoreError> {
    let detail = Detail {
        id: notification.id,
        node: notification.node,
        integration,
        target: &notification.target,
        target_label: &notification.target_label,
        occasion: notification.occasion,
        severity: notification.severity,
        deadline_after: after(notification.created_at, notification.deadline_at),
        fallback_of: notification.fallback_of,
        payload: &notification.payload,
    };
    detail.encode()
}

const fn after(created_at: Time, deadline_at: Time) -> i64 {
    deadline_at.micros().wrapping_sub(created_at.micros())
}

impl<'d> Detail<'d> {
    pub(super) fn encode(&self) -> Result<Vec<u8>, StoreError> {
        let plain = postcard::to_stdvec(self)
            .map_err(|error| StoreError::Sql(format!("cannot encode: {error}")))?;
        Ok(codec::pack(&plain))
    }

    pub(super) fn decode(plain: &'d [u8]) -> Result<Self, StoreError> {
        postcard::from_bytes(plain)
            .map_err(|error| StoreError::Corrupt(format!("detail of a notification: {error}")))
    }

    pub(super) const fn deadline_at(&self, created_at: Time) -> Time {
        Time::from_micros(created_at.micros().wrapping_add(self.deadline_after))
    }

    /// The same with another deadline.
    pub(super) const fn until(self, created_at: Time, deadline_at: Time) -> Self {
        Self {
            deadline_after: after(created_at, deadline_at),
            ..self
        }
    }
}
