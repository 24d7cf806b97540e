//! An account's quiet hours: what would be told waits, and is told as one digest when they are over. That is no
//! failure: the time in which it must be told begins then.
//!
//! Until when a row waits stands in the row, with words for people. A start, and a reload, ask the rules anew.

use std::sync::Arc;

use balefire_core::message::Occasion;
use balefire_core::person::Quiet;
use balefire_core::severity::Severity;
use balefire_core::time::Time;
use balefire_store::{Notification, NotificationState};

use super::super::bundle::Bundle;
use super::super::content::Content;
use super::super::settle;
use super::{IN_MEMORY, Lane};

/// So many times what a lane usually holds may wait in quiet hours.
const WHILE_QUIET: usize = 16;
/// What the words of a row that waits begin with.
const HELD: &str = "held until ";

/// Until when a bundle waits; `None` for what is told at once. Pages, tests and what somebody sends by hand wait for
/// nothing: whoever is paged has quiet hours of their own, and whoever sends waits for the answer.
fn until(quiet: &Quiet, bundle: &Bundle, now: Time) -> Option<Time> {
    let waits = match &bundle.content {
        Content::Group(_) => true,
        Content::Fixed { .. } => {
            let mut rows = bundle.rows.iter();
            rows.all(|row| row.occasion == Occasion::Meta)
        }
        Content::Direct { .. } | Content::Page(_) | Content::Verify(_) => false,
    };
    quiet.until(bundle.severity(), now).filter(|_| waits)
}

/// Why a row waits for the end of quiet hours; `None` for any other.
pub(crate) fn held(row: &Notification) -> Option<Arc<str>> {
    let words = row.last_error.as_ref()?;
    (row.state == NotificationState::Pending && was_held(row)).then(|| Arc::clone(words))
}

/// Whether a row waited for the end of quiet hours when it was last written.
fn was_held(row: &Notification) -> bool {
    let words = row.last_error.as_deref().unwrap_or_default();
    row.attempts == 0 && row.next_try_at.is_some() && words.starts_with(HELD)
}

impl Lane {
    /// A bundle that comes in from the store: one that waited is judged anew, and its time to be told begins when the
    /// hours in which it was made are over.
    pub(super) fn recognise(&self, bundle: &mut Bundle) {
        for row in &mut bundle.rows {
            if was_held(row) {
                bundle.held = true;
                row.deadline_at = row
                    .next_try_at
                    .map_or(row.deadline_at, |at| begins(row, at));
                row.next_try_at = None;
            } else if let Some(quiet) = &self.settings.quiet
                && row.attempts > 0
                && let Some(end) = quiet.until(row.severity, row.created_at)
            {
                row.deadline_at = begins(row, end);
            }
        }
    }

    /// Bundles that may be in memory: in quiet hours more, since what breaks them stands behind what waits.
    pub(super) fn most_in_memory(&self, now: Time) -> usize {
        let quiet = self.settings.quiet.as_ref();
        let is_quiet = self.waiting.len() >= IN_MEMORY
            && quiet.is_some_and(|quiet| quiet.until(Severity::Info, now).is_some());
        if is_quiet {
            IN_MEMORY * WHILE_QUIET
        } else {
            IN_MEMORY
        }
    }

    /// Puts off what is due to the end of the account's quiet hours, on disk.
    pub(super) fn hold_back(&mut self, now: Time) {
        let Some(quiet) = self.settings.quiet.clone() else {
            return;
        };
        if self.waiting.due() == 0 {
            return;
        }
        let waits =
            |bundle: &Bundle| bundle.next_try_at() <= now && until(&quiet, bundle, now).is_some();
        for mut bundle in self.waiting.take_where(waits) {
            if let Some(end) = until(&quiet, &bundle, now) {
                self.put_off(&mut bundle, end, &quiet);
            }
            let superseded = self.waiting.push(bundle, now);
            self.supersede(superseded);
        }
    }

    fn put_off(&mut self, bundle: &mut Bundle, end: Time, quiet: &Quiet) {
        let zone = quiet.zone();
        let clock = zone.clock(end).strftime("%Y-%m-%d %H:%M");
        let words = format!(
            "{HELD}{clock} ({}) by the account's quiet hours",
            zone.name()
        );
        bundle.held = true;
        for row in &mut bundle.rows {
            row.next_try_at = Some(end);
            row.deadline_at = row.deadline_at.max(begins(row, end));
            if row.attempts == 0 {
                row.last_error = Some(words.as_str().into());
            }
            self.unsettled.push(settle::settlement(row, Vec::new()));
        }
    }

    /// After a reload: what waited is judged by the new hours.
    pub(super) fn judge_held(&mut self, now: Time) {
        let held = self.waiting.take_where(|bundle| bundle.held);
        for mut bundle in held {
            for row in &mut bundle.rows {
                row.next_try_at = row.next_try_at.filter(|_| row.attempts > 0);
            }
            let superseded = self.waiting.push(bundle, now);
            self.supersede(superseded);
        }
    }
}

/// The end of the time in which a row must be told, when that begins at `start`.
fn begins(row: &Notification, start: Time) -> Time {
    start.after(row.deadline_at.since(row.created_at))
}
