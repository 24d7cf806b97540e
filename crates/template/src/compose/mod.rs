//! From a group to the message every channel can write: the default look, in English and Chinese.
//!
//! In reading order: what happened (title, summary, description), the key facts, the single alerts as
//! far as there are several, pictures, and where to go on. Everything that comes from an alert is
//! copied as it is, bounded and cleaned of control characters (`crate::clean`); none of it is a template.

mod alerts;
pub(crate) mod body;
mod incident_report;
mod labels;
mod links;
mod notice;
mod page;
mod reminder;
pub(crate) mod title;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use balefire_core::alert::Lifecycle;
use balefire_core::message::{
    AlertView, Answering, Custom, GroupView, Mentions, Message, Occasion, Status,
};

pub use incident_report::{entry_key, incident_report, role_word};
pub(crate) use links::Leads;
pub use links::group_page;
pub use notice::{
    compose_code, compose_digest, compose_direct, compose_meta, compose_test,
    compose_verifying_call,
};
pub use page::{
    PageAnswers, compose_over, compose_page, compose_role, compose_taken, incident_page,
};
pub use reminder::{compose_reminder, compose_reminder_test};

pub use crate::reader::Reader;

/// The message that tells a group as it stands.
///
/// Firing while any alert fires, resolved when all are over; `custom` holds the words of the
/// operator's own template where one applied, and goes along beside the default ones.
pub fn compose(
    group: &Arc<GroupView>,
    reader: &Reader,
    mentions: Mentions,
    custom: Option<Custom>,
) -> Message {
    let title = title::title(group, reader);
    let leads = Leads::of(group);
    Message {
        occasion: match group.status {
            Status::Firing => Occasion::Firing,
            Status::Resolved => Occasion::Resolved,
        },
        severity: group.severity(),
        body: body::body(group, reader, &title, &leads),
        title,
        mentions,
        custom: custom.filter(|custom| *custom != Custom::default()),
        locale: reader.locale,
        zone: reader.zone.clone(),
        link: leads.main(reader),
        thread: group.group_key.to_string(),
        group: Some(Arc::clone(group)),
        attachments: Vec::new(),
        answering: Answering::default(),
    }
}

/// How an alert is told, which is more than firing or resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Telling {
    /// It fires.
    Firing,
    /// It is over.
    Resolved,
    /// It fired and was over before anybody could be told.
    Missed,
    /// It happened; there is nothing to resolve.
    Event,
}

impl Telling {
    const ALL: [Self; 4] = [Self::Firing, Self::Resolved, Self::Missed, Self::Event];

    fn of(alert: &AlertView) -> Self {
        match (alert.lifecycle, alert.missed, alert.status) {
            (Lifecycle::Event, ..) => Self::Event,
            (_, true, Status::Resolved) => Self::Missed,
            (_, _, Status::Resolved) => Self::Resolved,
            (_, _, Status::Firing) => Self::Firing,
        }
    }

    fn count(self, group: &GroupView) -> usize {
        group
            .alerts
            .iter()
            .filter(|alert| Self::of(alert) == self)
            .count()
    }
}
