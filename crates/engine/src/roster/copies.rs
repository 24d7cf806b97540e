//! Which of the stored calendars counts for the address of a layer.

use std::sync::Arc;

use balefire_config::calendar::CalendarAddress;
use balefire_config::plan::Plan;
use balefire_core::schedule::CalendarCopy;
use balefire_store::{CalendarRow, Calendars};

/// The calendar whose copy counts for an address: its own, else that of the same layer before its address was changed.
pub(crate) fn standing<'r>(
    rows: impl IntoIterator<Item = &'r CalendarRow> + Clone,
    address: &CalendarAddress,
    all: &[Arc<CalendarAddress>],
) -> Option<&'r CalendarRow> {
    let is_there = |row: &&CalendarRow| row.fetching.fetched_at.is_some();
    let own = rows.clone().into_iter().find(|row| row.key == address.key);
    if let Some(own) = own.filter(is_there) {
        return Some(own);
    }
    let name = address.layer_name.as_deref()?;
    let alike = rows.into_iter().filter(|row| {
        *row.schedule == *address.schedule
            && *row.layer == *name
            && all.iter().all(|other| other.key != row.key)
    });
    alike
        .filter(is_there)
        .max_by_key(|row| row.fetching.fetched_at)
}

/// The copy that counts for an address of a document.
pub(super) fn copy_of(
    calendars: &Calendars,
    address: &CalendarAddress,
    plan: &Plan,
) -> Option<Arc<CalendarCopy>> {
    let rows: Vec<&CalendarRow> = calendars.list.iter().map(|(row, _)| row).collect();
    let row = standing(rows, address, &plan.calendars)?;
    let mut list = calendars.list.iter();
    let (_, copy) = list.find(|(other, _)| other.key == row.key)?;
    copy.clone()
}
