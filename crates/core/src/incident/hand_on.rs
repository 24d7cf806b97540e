//! Putting an incident off, giving it to others, asking for the next in line. Whoever had it no longer has it.

use std::time::Duration;

use super::check::{MAX_TEXT, check_text};
use super::{Entry, EntryKind, Incident, IncidentState, Refused};
use crate::escalation::Notify;
use crate::time::Time;

/// Longest time that an incident may be put off for; what can wait longer is no incident.
pub const MAX_SNOOZE: Duration = Duration::from_hours(7 * 24);
/// Most people, teams and schedules that an incident may be given to at once.
pub const MAX_ASSIGNED: usize = 20;

impl Incident {
    pub(super) fn snooze(
        &mut self,
        until: Time,
        actor: &str,
        text: &str,
        now: Time,
    ) -> Result<Entry, Refused> {
        if until <= now || until > now.after(MAX_SNOOZE) {
            return Err(Refused::NotAhead);
        }
        let mut entry = self.hand_on(EntryKind::Snoozed, actor, text, now)?;
        entry.detail.until = Some(until);
        Ok(entry)
    }

    pub(super) fn reassign(
        &mut self,
        to: &[Notify],
        actor: &str,
        text: &str,
        now: Time,
    ) -> Result<Entry, Refused> {
        let is_deaf = |to: &Notify| matches!(to, Notify::Receiver(_));
        if to.is_empty() || to.len() > MAX_ASSIGNED || to.iter().any(is_deaf) {
            return Err(Refused::NobodyAssigned);
        }
        let mut entry = self.hand_on(EntryKind::Reassigned, actor, text, now)?;
        entry.detail.to = to.to_vec();
        Ok(entry)
    }

    pub(super) fn hand_on(
        &mut self,
        kind: EntryKind,
        actor: &str,
        text: &str,
        now: Time,
    ) -> Result<Entry, Refused> {
        check_text("text", text, MAX_TEXT)?;
        if self.state == IncidentState::Resolved {
            return Err(Refused::Over);
        }
        self.state = IncidentState::Open;
        self.acknowledged = None;
        Ok(Entry::new(kind, actor, text, now))
    }
}
