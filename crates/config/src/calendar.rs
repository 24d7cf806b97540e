//! Calendars that are fetched: where, how often, and for which layer.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use balefire_channels::http::Http;
use balefire_core::secret::Secret;

/// The calendar of a layer, at an address.
pub struct CalendarAddress {
    /// The schedule.
    pub schedule: Arc<str>,
    /// The layer, from 0.
    pub layer: usize,
    /// The layer's own name, by which its last copy is found again when the address changes.
    pub layer_name: Option<Arc<str>>,
    /// What its copy is kept by: a hash of the schedule and the address, 32 hexadecimal digits.
    pub key: Arc<str>,
    /// The address, `http` or `https`. Whoever knows that of a private calendar reads it.
    pub url: Secret,
    /// The address without what may be a key.
    pub shown: String,
    /// How often it is fetched.
    pub refresh: Duration,
    /// How long it may go without being fetched before that is told.
    pub stale_after: Duration,
    /// The client: with credentials of its own, or by the way of all others without any.
    pub http: Http,
}

impl fmt::Debug for CalendarAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CalendarAddress")
            .field("schedule", &self.schedule)
            .field("layer", &self.layer)
            .field("url", &self.shown)
            .finish_non_exhaustive()
    }
}
