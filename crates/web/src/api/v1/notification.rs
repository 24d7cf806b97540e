//! A notification as this interface shows it.

use std::sync::Arc;

use balefire_core::message::Occasion;
use balefire_core::severity::Severity;
use balefire_core::time::Time;
use balefire_engine::history::Told;
use balefire_store::{Notification, NotificationState};
use serde::Serialize;
use utoipa::ToSchema;

/// An obligation to tell one target one thing, and where it stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NotificationView {
    /// Its number, ascending from 1.
    seq: u64,
    /// Its stable identity, 32 hexadecimal digits.
    id: String,
    /// `pending`, `delivered`, `dead_lettered`, `handed_over`, `superseded` or `cancelled`.
    #[schema(value_type = String)]
    state: NotificationState,
    /// `firing`, `resolved`, `digest`, `direct`, `test` or `meta`.
    #[schema(value_type = String)]
    occasion: Occasion,
    #[schema(value_type = String)]
    severity: Severity,
    title: String,
    /// The receiver; empty for a message sent through an account.
    #[schema(value_type = String)]
    receiver: Arc<str>,
    /// The way out's key; empty for a message sent through an account.
    #[schema(value_type = String)]
    integration: Arc<str>,
    #[schema(value_type = String)]
    account: Arc<str>,
    #[schema(value_type = String)]
    target: Arc<str>,
    #[schema(value_type = String)]
    target_label: Arc<str>,
    /// The group it tells of, 16 hexadecimal digits; absent for a message that belongs to none.
    group: Option<String>,
    /// Alertmanager's key of that group.
    group_key: Option<String>,
    /// Why the group was told, in Alertmanager's words.
    #[schema(value_type = Option<String>)]
    reason: Option<Arc<str>>,
    /// The decision it follows from.
    decision: u64,
    #[schema(value_type = String, format = DateTime)]
    created_at: Time,
    /// When it is tried again; absent while it is being tried or has ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    next_try_at: Option<Time>,
    /// When the fallback takes over, or it is given up.
    #[schema(value_type = String, format = DateTime)]
    deadline_at: Time,
    /// Tries so far.
    attempts: u32,
    /// What the last failed try said, and behind `; fix: ` what a person can do about it.
    #[schema(value_type = Option<String>)]
    last_error: Option<Arc<str>>,
    /// The notification it is the fallback of.
    fallback_of: Option<u64>,
}

impl NotificationView {
    pub(crate) fn of(row: &Notification, title: String) -> Self {
        let told = Told::of(row);
        let group = match &told {
            Told::Group(group) => Some(group),
            Told::Message(_) | Told::Unreadable => None,
        };
        Self {
            seq: row.seq,
            id: format!("{:032x}", u128::from_be_bytes(row.id)),
            state: row.state,
            occasion: row.occasion,
            severity: row.severity,
            title,
            receiver: Arc::clone(&row.receiver),
            integration: Arc::clone(&row.integration),
            account: Arc::clone(&row.account),
            target: Arc::clone(&row.target),
            target_label: Arc::clone(&row.target_label),
            group: group.map(|_| format!("{:016x}", row.group)),
            group_key: group.map(balefire_engine::history::ToldGroup::key),
            reason: group.map(|group| Arc::clone(group.reason())),
            decision: row.decision,
            created_at: row.created_at,
            next_try_at: row.next_try_at,
            deadline_at: row.deadline_at,
            attempts: row.attempts,
            last_error: row.last_error.clone(),
            fallback_of: row.fallback_of,
        }
    }
}
