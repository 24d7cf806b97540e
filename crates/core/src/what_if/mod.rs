//! What would have happened with another document: history gone through again, and compared.
//!
//! [`Rerun`] takes in the event log and decides with the rules it was given, at the instants at which they are due: a pure
//! dispatcher without a clock. [`pages`] does the same for escalations, with the answers that people gave. [`compare`] says
//! where two histories differ. The same rules give the same history, so that what differs is the document's doing.
//!
//! What cannot be known: whether somebody would have answered sooner or later had they been paged otherwise (answers are taken
//! as they came), and what providers would have refused (everything counts as delivered).

mod compare;
mod pages;
mod rerun;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::fingerprint::Fingerprint;
use crate::time::Time;

pub use self::compare::{Counted, Difference, How, compare, counts};
pub use self::pages::{Answer, Paged, Word, pages};
pub use self::rerun::Rerun;

/// Somebody is told something.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Telling {
    /// When.
    pub at: Time,
    /// Who: a person's key, or an address.
    pub who: Arc<str>,
    /// By which way.
    pub way: Arc<str>,
    /// Of which alerts, and whether they fire.
    pub alerts: BTreeSet<(Fingerprint, bool)>,
}
