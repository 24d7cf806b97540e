//! Changing a reminder: what is not named stays as it was.

use super::{Fault, Handled, Reminder, Way};
use crate::time::Time;

/// What is to be changed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Edit {
    /// Another name.
    pub name: Option<String>,
    /// Other content.
    pub content: Option<String>,
    /// Other addresses.
    pub email: Option<String>,
    /// Other ways, in place of all there were.
    pub ways: Option<Vec<Way>>,
    /// Another owner, or none.
    pub owner: Option<Option<String>>,
    /// Another number of days ahead.
    pub advance_days: Option<u32>,
    /// Another date. A thing that expires later is a new one: it counts as not seen to.
    pub expires_at: Option<Time>,
    /// Somebody has seen to it, or nobody after all. Who did so first stays.
    pub handled: Option<Option<Handled>>,
}

impl Edit {
    /// The reminder as it is afterwards.
    ///
    /// # Errors
    ///
    /// Says which field does not fit.
    pub fn apply(&self, before: &Reminder, now: Time) -> Result<Reminder, Fault> {
        let mut after = before.clone();
        let set = |field: &mut String, value: &Option<String>| {
            if let Some(value) = value {
                field.clone_from(value);
            }
        };
        set(&mut after.name, &self.name);
        set(&mut after.content, &self.content);
        set(&mut after.email, &self.email);
        if let Some(ways) = &self.ways {
            after.ways.clone_from(ways);
        }
        if let Some(owner) = &self.owner {
            after.owner.clone_from(owner);
        }
        after.advance_days = self.advance_days.unwrap_or(before.advance_days);
        after.expires_at = self.expires_at.unwrap_or(before.expires_at);
        if after.expires_at != before.expires_at {
            after.handled = None;
        }
        match &self.handled {
            None => {}
            Some(None) => after.handled = None,
            Some(Some(handled)) => {
                after.handled.get_or_insert_with(|| handled.clone());
            }
        }
        after.changed_at = now;
        after.check()?;
        Ok(after)
    }
}
