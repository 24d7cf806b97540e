//! The timeline of an incident: what happened to it, entry by entry.

use serde::{Deserialize, Serialize};

use crate::escalation::Notify;
use crate::time::Time;

/// Characters of a value that the timeline keeps; of a longer one the beginning.
const SHOWN: usize = 2000;

/// One thing that happened to an incident. What is written down stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the timeline, from 1; 0 before it is stored.
    pub number: u64,
    /// When.
    pub at: Time,
    /// What.
    pub kind: EntryKind,
    /// Who did it: a person, a token's name, what came in by.
    pub actor: String,
    /// The particulars.
    pub detail: Detail,
}

impl Entry {
    /// Something that `actor` did at `at`, in their own words.
    pub fn new(kind: EntryKind, actor: &str, text: &str, at: Time) -> Self {
        Self {
            number: 0,
            at,
            kind,
            actor: actor.to_owned(),
            detail: Detail {
                text: text.to_owned(),
                ..Detail::default()
            },
        }
    }
}

/// What an entry tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// It was opened.
    Opened,
    /// Somebody said that they have it.
    Acknowledged,
    /// Somebody else said so, too; the first one keeps it.
    AlsoAcknowledged,
    /// Facts about it were changed.
    Edited,
    /// It was said to be over.
    Resolved,
    /// It was not over.
    Reopened,
    /// Somebody wrote something down.
    Noted,
    /// A file was attached.
    Attached,
    /// A file was detached.
    Detached,
    /// Somebody put it off; `until` says for how long.
    Snoozed,
    /// Somebody gave it to others; `to` says to whom.
    Reassigned,
    /// Somebody asked for the next in line.
    Escalated,
    /// An escalation began to look after it.
    EscalationStarted,
    /// A person was paged.
    Paged,
    /// A person was paged too often just now and is told with their next digest.
    PageHeld,
    /// A receiver was told.
    Told,
    /// A step of the escalation was passed over, and why.
    StepPassed,
    /// A page has arrived, as far as the provider can tell.
    PageDelivered,
    /// A page could not be delivered.
    PageFailed,
    /// Pages that had not arrived were taken back.
    PagesWithdrawn,
    /// Somebody who was paged was told who has it.
    HolderTold,
    /// Somebody who had been paged was told that it is over.
    OverTold,
    /// The time for which it was put off is over.
    SnoozeEnded,
    /// Nobody is left to be paged.
    EscalationExhausted,
    /// It went on as another incident.
    MergedInto,
    /// Another incident goes on as this one.
    MergedFrom,
    /// A step of the escalation was taken that contacts nobody at once.
    StepTaken,
    /// Somebody was given a role, or took it.
    RoleGiven,
    /// A role was given back; nobody has it.
    RoleReturned,
    /// A way was used that nobody has verified, or passed over for that.
    WayUnverified,
}

impl EntryKind {
    /// All of them.
    pub const ALL: [Self; 30] = [
        Self::Opened,
        Self::Acknowledged,
        Self::AlsoAcknowledged,
        Self::Edited,
        Self::Resolved,
        Self::Reopened,
        Self::Noted,
        Self::Attached,
        Self::Detached,
        Self::Snoozed,
        Self::Reassigned,
        Self::Escalated,
        Self::EscalationStarted,
        Self::Paged,
        Self::PageHeld,
        Self::Told,
        Self::StepPassed,
        Self::PageDelivered,
        Self::PageFailed,
        Self::PagesWithdrawn,
        Self::HolderTold,
        Self::OverTold,
        Self::SnoozeEnded,
        Self::EscalationExhausted,
        Self::MergedInto,
        Self::MergedFrom,
        Self::StepTaken,
        Self::RoleGiven,
        Self::RoleReturned,
        Self::WayUnverified,
    ];

    /// The word in the store and in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Acknowledged => "acknowledged",
            Self::AlsoAcknowledged => "also_acknowledged",
            Self::Edited => "edited",
            Self::Resolved => "resolved",
            Self::Reopened => "reopened",
            Self::Noted => "noted",
            Self::Attached => "attached",
            Self::Detached => "detached",
            Self::Snoozed => "snoozed",
            Self::Reassigned => "reassigned",
            Self::Escalated => "escalated",
            Self::EscalationStarted => "escalation_started",
            Self::Paged => "paged",
            Self::PageHeld => "page_held",
            Self::Told => "told",
            Self::StepPassed => "step_passed",
            Self::PageDelivered => "page_delivered",
            Self::PageFailed => "page_failed",
            Self::PagesWithdrawn => "pages_withdrawn",
            Self::HolderTold => "holder_told",
            Self::OverTold => "over_told",
            Self::SnoozeEnded => "snooze_ended",
            Self::EscalationExhausted => "escalation_exhausted",
            Self::MergedInto => "merged_into",
            Self::MergedFrom => "merged_from",
            Self::StepTaken => "step_taken",
            Self::RoleGiven => "role_given",
            Self::RoleReturned => "role_returned",
            Self::WayUnverified => "way_unverified",
        }
    }
}

/// The particulars of an entry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detail {
    /// What the actor said; a file's id for what is attached.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// What became of which fact.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<FieldChange>,
    /// Until when it is put off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
    /// To whom it is given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<Notify>,
}

impl Detail {
    /// As one text, for the store: JSON.
    pub fn written(&self) -> String {
        // Texts and lists of texts always have a JSON form.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What was [`Self::written`]; `None` when it is something else.
    pub fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

/// A fact that was changed. Long values are cut to their beginning, which ends in `…` then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// Its name in the API.
    pub field: String,
    /// What it was; `None` when nothing was known.
    pub from: Option<String>,
    /// What it is.
    pub to: Option<String>,
}

impl FieldChange {
    pub(super) fn new(field: &str, from: Option<&str>, to: Option<&str>) -> Self {
        Self {
            field: field.to_owned(),
            from: from.map(beginning),
            to: to.map(beginning),
        }
    }
}

fn beginning(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}
