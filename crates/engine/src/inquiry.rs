//! When a provider is asked what became of what it took, where it says so only when asked.

use std::time::Duration;

use balefire_core::time::Time;

/// How long after a message it is asked; after the last of them no more.
pub(crate) const AFTER: [Duration; 4] = [
    Duration::from_secs(10),
    Duration::from_mins(1),
    Duration::from_mins(5),
    Duration::from_mins(30),
];

/// When something that was taken at `sent` is asked about first.
pub(crate) fn first_at(sent: Time) -> Time {
    sent.after(AFTER[0])
}
