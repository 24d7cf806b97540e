//! How a notification's rows are laid out: the key of its tries, and the one column for what never changes
//! and is not searched for, so that rows stay narrow.

use balefire_core::message::Occasion;
use balefire_core::severity::Severity;
use balefire_core::time::Time;
use serde::{Deserialize, Serialize};

use crate::codec;
use crate::error::StoreError;
use crate::notification::Notification;

/// The column's content. Fields are only ever appended, behind a version of the row's body.
#[derive(Serialize, Deserialize)]
pub(crate) struct Detail<'d> {
    pub(crate) id: [u8; 16],
    pub(crate) node: u16,
    pub(crate) integration: i64,
    pub(crate) target: &'d str,
    pub(crate) target_label: &'d str,
    pub(crate) occasion: Occasion,
    pub(crate) severity: Severity,
    /// Microseconds after the row's own time, which keeps it short.
    pub(crate) deadline_after: i64,
    pub(crate) fallback_of: Option<u64>,
    pub(crate) payload: &'d [u8],
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
    pub(crate) fn encode(&self) -> Result<Vec<u8>, StoreError> {
        let plain = postcard::to_stdvec(self)
            .map_err(|error| StoreError::Sql(format!("cannot encode: {error}")))?;
        Ok(codec::pack(&plain))
    }

    pub(crate) fn decode(plain: &'d [u8]) -> Result<Self, StoreError> {
        postcard::from_bytes(plain)
            .map_err(|error| StoreError::Corrupt(format!("detail of a notification: {error}")))
    }

    pub(crate) const fn deadline_at(&self, created_at: Time) -> Time {
        Time::from_micros(created_at.micros().wrapping_add(self.deadline_after))
    }

    /// The same with another deadline.
    pub(crate) const fn until(self, created_at: Time, deadline_at: Time) -> Self {
        Self {
            deadline_after: after(created_at, deadline_at),
            ..self
        }
    }
}

/// Tries beyond this number overwrite each other; with any back-off that is years.
pub(crate) const MAX_TRIES: u32 = 32_767;
/// The key of a try; one more is the key of an end after so many tries.
pub(crate) const fn attempt_id(notification: u64, number: u32) -> i64 {
    let number = if number > MAX_TRIES {
        MAX_TRIES
    } else {
        number
    };
    (notification << 16 | (number as u64) << 1).cast_signed()
}
