//! How a person wants to be reached: by which channels, after how long, and when not.
//!
//! A person has *ways*, the channels they can be reached through, and for each severity a list of
//! *contacts*: WeCom now, a text message after two minutes, a call after five. A page starts a
//! [`Ladder`] of these; who pages them keeps it and asks what is due. In *quiet hours* only channels
//! that wake nobody are used, until they end or the incident is bad enough to break them.

mod ladder;
mod quiet;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::duration;
use crate::severity::Severity;

pub use self::ladder::{LATE, Ladder};
pub use self::quiet::{BrokenBy, Quiet, QuietError, QuietSpec};

/// Most contacts for one severity.
pub const MAX_CONTACTS: usize = 16;
/// The longest time from a page to a contact; whoever has not answered by then is not going to.
pub const LONGEST_AFTER: Duration = Duration::from_hours(24);

/// How a person wants to be reached, as written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PersonSpec {
    /// For each severity what is done. One that is not listed takes the list of the nearest milder
    /// one, or else of the mildest that has one.
    pub contact: BTreeMap<Severity, Vec<ContactSpec>>,
    /// When they are not to be woken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiet: Option<QuietSpec>,
}

/// One contact as written: `{by: sms, after: 2m}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactSpec {
    /// The channel.
    pub by: Arc<str>,
    /// How long after the page; at once without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// One contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// The channel.
    pub by: Arc<str>,
    /// How long after the page.
    pub after: Duration,
}

/// Why a person's rules are refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PersonError {
    /// A channel they cannot be reached through.
    #[error("contact: {severity}: {by:?} is not a way to reach them; they have {ways}", severity = .severity.as_str())]
    NotAWay {
        /// Of which severity.
        severity: Severity,
        /// The channel as written.
        by: Arc<str>,
        /// Those they have.
        ways: String,
    },
    /// Not a length of time, or too long.
    #[error("contact: {severity}: after: {after:?} is not a time up to 24h; write 2m", severity = .severity.as_str())]
    After {
        /// Of which severity.
        severity: Severity,
        /// As written.
        after: String,
    },
    /// No contacts, or too many.
    #[error("contact: {severity}: {count} contacts; 1 to {MAX_CONTACTS}", severity = .severity.as_str())]
    Count {
        /// Of which severity.
        severity: Severity,
        /// How many there are.
        count: usize,
    },
    /// Something about the quiet hours.
    #[error("quiet: {0}")]
    Quiet(#[from] QuietError),
}

/// A person's checked rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    ways: BTreeSet<Arc<str>>,
    /// Ways that they have and that are not to be used.
    left_out: BTreeSet<Arc<str>>,
    /// In order of their times.
    contacts: BTreeMap<Severity, Vec<Contact>>,
    quiet: Option<Quiet>,
}

impl Person {
    /// Checks the rules of a person who can be reached in these ways; all that is wrong is told. Without
    /// rules of their own they are reached in all of them at once.
    pub fn new(spec: &PersonSpec, ways: BTreeSet<Arc<str>>) -> Result<Self, Vec<PersonError>> {
        let mut errors = Vec::new();
        let mut contacts = BTreeMap::new();
        for (severity, list) in &spec.contact {
            contacts.insert(*severity, checked(*severity, list, &ways, &mut errors));
        }
        let quiet = spec.quiet.as_ref().and_then(|quiet| {
            let checked = Quiet::new(quiet);
            checked.map_err(|error| errors.push(error.into())).ok()
        });
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(Self {
            ways,
            left_out: BTreeSet::new(),
            contacts,
            quiet,
        })
    }

    /// These rules without some of the ways. Whoever would be contacted by those alone is contacted by all that are
    /// left, at once: nobody goes without a call as long as there is a way.
    #[must_use]
    pub fn without(&self, is_left_out: impl Fn(&str) -> bool) -> Self {
        let (left_out, ways) = self
            .ways
            .iter()
            .chain(&self.left_out)
            .cloned()
            .partition(|way| is_left_out(way));
        Self {
            ways,
            left_out,
            contacts: self.contacts.clone(),
            quiet: self.quiet.clone(),
        }
    }

    /// The ways that are not to be used.
    pub fn left_out(&self) -> impl Iterator<Item = &Arc<str>> {
        self.left_out.iter()
    }

    /// Whether there is any way to reach them.
    pub fn is_reachable(&self) -> bool {
        !self.ways.is_empty()
    }

    /// What is done to reach them, by their own rules.
    pub fn contacts(&self, severity: Severity) -> Vec<Contact> {
        let milder = self.contacts.range(..=severity).next_back();
        match milder.or_else(|| self.contacts.first_key_value()) {
            Some((_, contacts)) => {
                let used = |contact: &&Contact| self.ways.contains(&contact.by);
                let left: Vec<Contact> = contacts.iter().filter(used).cloned().collect();
                if left.is_empty() {
                    return at_once(self.ways.iter());
                }
                left
            }
            None => at_once(self.ways.iter()),
        }
    }

    /// What is done to reach them at once through those of these channels that they have.
    pub fn contacts_by(&self, channels: &[Arc<str>]) -> Vec<Contact> {
        let own = channels.iter().filter(|way| self.ways.contains(*way));
        let own = at_once(own);
        if own.is_empty() && channels.iter().any(|way| self.left_out.contains(way)) {
            return at_once(self.ways.iter());
        }
        own
    }

    /// Their quiet hours.
    pub fn quiet(&self) -> Option<&Quiet> {
        self.quiet.as_ref()
    }
}

fn at_once<'a>(channels: impl Iterator<Item = &'a Arc<str>>) -> Vec<Contact> {
    channels
        .map(|by| Contact {
            by: Arc::clone(by),
            after: Duration::ZERO,
        })
        .collect()
}

/// The contacts that are right, in order of their times; what is wrong joins the errors.
fn checked(
    severity: Severity,
    list: &[ContactSpec],
    ways: &BTreeSet<Arc<str>>,
    errors: &mut Vec<PersonError>,
) -> Vec<Contact> {
    let count = list.len();
    if count == 0 || count > MAX_CONTACTS {
        errors.push(PersonError::Count { severity, count });
        return vec![];
    }
    let mut contacts = Vec::with_capacity(count);
    for contact in list {
        match after(contact).filter(|_| ways.contains(&contact.by)) {
            Some(after) => contacts.push(Contact {
                by: Arc::clone(&contact.by),
                after,
            }),
            None => errors.extend(wrong(severity, contact, ways)),
        }
    }
    contacts.sort_by_key(|contact| contact.after);
    contacts
}

/// How long after the page a contact is made.
fn after(contact: &ContactSpec) -> Option<Duration> {
    let after = contact
        .after
        .as_deref()
        .map_or(Ok(Duration::ZERO), duration::parse);
    after.ok().filter(|after| *after <= LONGEST_AFTER)
}

/// All that is wrong with a contact.
fn wrong(
    severity: Severity,
    contact: &ContactSpec,
    ways: &BTreeSet<Arc<str>>,
) -> impl Iterator<Item = PersonError> {
    let not_a_way = (!ways.contains(&contact.by)).then(|| {
        let names: Vec<&str> = ways.iter().map(|way| &**way).collect();
        PersonError::NotAWay {
            severity,
            by: Arc::clone(&contact.by),
            ways: if names.is_empty() {
                "none".to_owned()
            } else {
                names.join(", ")
            },
        }
    });
    let not_a_time = after(contact).is_none().then(|| PersonError::After {
        severity,
        after: contact
            .after
            .iter()
            .flat_map(|text| text.chars())
            .take(64)
            .collect(),
    });
    not_a_way.into_iter().chain(not_a_time)
}
