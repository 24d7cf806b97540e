//! The notification rows of one integration: one for each target.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest;
use balefire_config::plan::{Integration, Receiver};
use balefire_core::message::Occasion;
use balefire_core::severity::Severity;
use balefire_core::time::Time;
use balefire_store::{Decided, Notification, NotificationState};

use super::content::Content;
use super::shared::Shared;
use super::verdict::deadline;

/// What all rows of a flush have in common.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) group: u64,
    /// The flush's number in its group; with group and target it makes the stable id.
    pub(crate) ordinal: u64,
    pub(crate) occasion: Occasion,
    pub(crate) severity: Severity,
    pub(crate) now: Time,
    pub(crate) deliver_within: Option<Duration>,
    pub(crate) has_fallback: bool,
    pub(crate) fallback_of: Option<u64>,
}

/// The rows of a receiver's integration.
pub(crate) fn rows_of(
    shared: &Shared,
    receiver: &Receiver,
    integration: &Integration,
    content: &Content,
    draft: &Draft,
) -> Vec<Notification> {
    let lane = integration.account.as_ref().unwrap_or(&integration.key);
    let way = Way {
        receiver: &receiver.name,
        integration: &integration.key,
        lane,
    };
    rows(shared, &way, integration.channel.targets(), content, draft)
}

/// The way the rows go.
pub(crate) struct Way<'a> {
    pub(crate) receiver: &'a Arc<str>,
    pub(crate) integration: &'a Arc<str>,
    pub(crate) lane: &'a Arc<str>,
}

/// The rows of any way out.
pub(crate) fn rows(
    shared: &Shared,
    way: &Way<'_>,
    targets: Vec<balefire_channels::channel::Target>,
    content: &Content,
    draft: &Draft,
) -> Vec<Notification> {
    let payload = content.encode();
    targets
        .into_iter()
        .map(|target| Notification {
            seq: 0,
            node: shared.store.node(),
            id: stable_id(draft, way, &target.address),
            decision: 0,
            group: draft.group,
            receiver: Arc::clone(way.receiver),
            integration: Arc::clone(way.integration),
            account: Arc::clone(way.lane),
            target: target.address,
            target_label: target.label,
            occasion: draft.occasion,
            severity: draft.severity,
            state: NotificationState::Pending,
            created_at: draft.now,
            next_try_at: None,
            deadline_at: deadline(
                draft.now,
                draft.severity,
                draft.deliver_within,
                draft.has_fallback,
            ),
            attempts: 0,
            last_error: None,
            fallback_of: draft.fallback_of,
            payload: payload.clone(),
        })
        .collect()
}

/// The rows with the numbers the store gave them.
pub(crate) fn numbered(mut rows: Vec<Notification>, decided: Decided) -> Vec<Notification> {
    for (row, seq) in rows.iter_mut().zip(decided.notifications) {
        row.seq = seq;
        row.decision = decided.decision;
    }
    rows
}

/// The same for the same group, flush and target: deciding again after a crash does not make another.
fn stable_id(draft: &Draft, way: &Way<'_>, address: &str) -> [u8; 16] {
    let mut hash = digest::Context::new(&digest::SHA256);
    hash.update(&draft.group.to_be_bytes());
    hash.update(&draft.ordinal.to_be_bytes());
    hash.update(&draft.fallback_of.unwrap_or(0).to_be_bytes());
    for part in [&**way.receiver, &**way.integration, address] {
        hash.update(part.as_bytes());
        hash.update(&[0]);
    }
    let mut id = [0; 16];
    id.copy_from_slice(&hash.finish().as_ref()[..16]);
    id
}
