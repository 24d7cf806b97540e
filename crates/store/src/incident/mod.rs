//! Incidents and their timelines.
//!
//! A change reads the incident, asks the rules what it amounts to, and writes the outcome with its entries of the
//! timeline as one transaction. The next entry's number is the lock: of two nodes that change the same incident at
//! once, the database takes one, and the other looks again.

mod files;
mod group;
mod list;
mod merge;
mod opened;
mod read;
mod timeline;
mod write;

pub use self::files::Filed;
pub use self::list::{IncidentFilter, IncidentSort, SameText};
pub use self::write::{Opened, Which};
