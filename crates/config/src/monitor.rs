//! The plan of the monitors of what expires (`monitors`).

use std::collections::BTreeMap;
use std::sync::Arc;

use balefire_channels::http::Http;
use balefire_core::monitor::Target;
use balefire_core::reminder::Way;

/// The monitors by name, and the client they look with.
#[derive(Debug, Default)]
pub struct Monitors {
    /// By name.
    pub by_name: BTreeMap<Arc<str>, Arc<Monitor>>,
    /// The client: the reach and authorities of all others, none of their credentials. There is one where there are
    /// monitors.
    pub http: Option<Http>,
}

/// A monitor of something that expires, and who is told by the reminder of its name.
#[derive(Debug)]
pub struct Monitor {
    /// Its name.
    pub name: Arc<str>,
    /// What expires.
    pub target: Target,
    /// How many days ahead it is first told.
    pub advance_days: u32,
    /// Addresses that are told by mail, with commas.
    pub email: String,
    /// Further ways it is told by.
    pub ways: Vec<Way>,
    /// The key of the person whose language, zone and hours count.
    pub owner: Option<String>,
    /// What it is about, for whoever is told; may be empty.
    pub description: String,
}
