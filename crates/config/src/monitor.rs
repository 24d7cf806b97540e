//! The plan of the monitors of what expires (`monitors`).

use std::collections::BTreeMap;
use std::sync::Arc;

use balefire_channels::http::Http;
use balefire_core::monitor::Target;
use balefire_core::reminder::{Reminder, Way};
use balefire_core::time::Time;

/// The monitors by name, and the client they look with.
#[derive(Clone, Debug, Default)]
pub struct Monitors {
    /// By name.
    pub by_name: BTreeMap<Arc<str>, Arc<Monitor>>,
    /// The client: the reach and authorities of all others, none of their credentials. There is one where there are
    /// monitors.
    pub http: Option<Http>,
}

/// A monitor of something that expires, and who is told by the reminder of its name.
#[derive(Clone, Debug)]
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

impl Monitor {
    /// The reminder of its name, as it is to be while this is what expires.
    pub fn reminder(&self, content: String, expires_at: Time) -> Reminder {
        Reminder {
            id: 0,
            name: self.name.to_string(),
            content,
            email: self.email.clone(),
            ways: self.ways.clone(),
            owner: self.owner.clone(),
            advance_days: self.advance_days,
            expires_at,
            handled: None,
            created_at: Time::EPOCH,
            changed_at: Time::EPOCH,
        }
    }
}
