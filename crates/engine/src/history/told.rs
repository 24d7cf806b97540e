//! What a notification says, from the little its row holds.

use std::sync::Arc;

use balefire_core::alert::{Alert, Episode};
use balefire_core::label::Labels;
use balefire_core::message::{GroupView, Mentions, Message, Status};
use balefire_core::time::Time;
use balefire_store::Notification;
use balefire_template::compose::{self, Reader};

use crate::delivery::content::{Content, GroupContent};
use crate::delivery::render;

/// What a notification is about.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// A group's flush.
    Group(ToldGroup),
    /// A message that was ready: direct, test, Balefire's own alarm.
    Message(Box<Message>),
    /// The row is of a newer release or damaged.
    Unreadable,
}

/// The alerts of a group that a notification tells.
#[derive(Clone, Debug, PartialEq)]
pub struct ToldGroup(GroupContent);

impl Told {
    /// Reads what a notification's row holds.
    pub fn of(notification: &Notification) -> Self {
        let ready = |message: &str| {
            serde_json::from_str(message).map_or(Self::Unreadable, |m| Self::Message(Box::new(m)))
        };
        match Content::decode(&notification.payload) {
            Some(Content::Group(group)) => Self::Group(ToldGroup(group)),
            Some(Content::Fixed { message } | Content::Direct { message, .. }) => ready(&message),
            Some(Content::Page(page)) => ready(&page.message),
            Some(Content::Verify(call)) => ready(&call.message),
            None => Self::Unreadable,
        }
    }

    /// The episodes it tells; none for a ready message.
    pub fn episodes(&self) -> &[(Episode, Status)] {
        match self {
            Self::Group(group) => &group.0.episodes,
            Self::Message(_) | Self::Unreadable => &[],
        }
    }
}

impl ToldGroup {
    /// Alertmanager's key of the route: the matchers from the root down to it.
    pub fn route_key(&self) -> &Arc<str> {
        &self.0.route_key
    }

    /// The labels the group is keyed by.
    pub fn group_labels(&self) -> &Labels {
        &self.0.group_labels
    }

    /// Alertmanager's key of the group.
    pub fn key(&self) -> String {
        format!("{}:{}", self.0.route_key, self.0.group_labels)
    }

    /// Why it was told, in Alertmanager's words.
    pub fn reason(&self) -> &Arc<str> {
        &self.0.reason
    }

    /// For a fallback's notification: the integration whose obligation it was.
    pub fn origin(&self) -> Option<&Arc<str>> {
        self.0.origin.as_ref()
    }

    /// The group as it stood at `at`, as far as `alert_of` still knows its alerts.
    pub fn view(
        &self,
        receiver: &Arc<str>,
        external_url: &Arc<str>,
        at: Time,
        alert_of: impl Fn(Episode) -> Option<Arc<Alert>>,
    ) -> GroupView {
        render::view(&self.0, receiver, external_url, at, alert_of)
    }

    /// The default message that tells such a view; an operator's own words are not applied.
    pub fn message(view: GroupView, reader: &Reader) -> Message {
        compose::compose(&Arc::new(view), reader, Mentions::default(), None)
    }
}
