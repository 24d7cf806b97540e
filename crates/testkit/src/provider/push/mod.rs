//! Services that push to a person's phone: ntfy, Gotify, Pushover and Bark.

use serde_json::Value;

use super::{Call, Desk, Sim, Site};
use crate::received::Book;

pub mod bark;
pub mod gotify;
pub mod ntfy;
pub mod pushover;

use bark::{Bark, BarkSim};
use gotify::{Gotify, GotifySim};
use ntfy::{Ntfy, NtfySim};
use pushover::{Pushover, PushoverSim};

/// The services.
#[derive(Debug)]
pub struct Push {
    /// ntfy.
    pub ntfy: NtfySim,
    /// Gotify.
    pub gotify: GotifySim,
    /// Pushover.
    pub pushover: PushoverSim,
    /// Bark.
    pub bark: BarkSim,
}

impl Push {
    pub(crate) fn new(book: impl Fn(&'static str) -> Book, site: &Site) -> Self {
        Self {
            ntfy: Sim::new(book("ntfy"), Ntfy::new(site.clone())),
            gotify: Sim::new(book("gotify"), Gotify::new()),
            pushover: Sim::new(book("pushover"), Pushover::new()),
            bark: Sim::new(book("bark"), Bark::new()),
        }
    }

    /// Every desk, in the order they are shown.
    pub(crate) fn desks(&self) -> [&dyn Desk; 4] {
        [&self.ntfy, &self.gotify, &self.pushover, &self.bark]
    }

    /// The desk that answers a path.
    pub(crate) fn desk(&self, path: &str) -> Option<&dyn Desk> {
        match path {
            "/v1/account" => Some(&self.ntfy),
            "/message" => Some(&self.gotify),
            "/1/messages.json" | "/1/users/validate.json" => Some(&self.pushover),
            "/push" => Some(&self.bark),
            _ => None,
        }
    }
}

/// The JSON object of a call that says it is JSON.
fn object(call: &Call) -> Option<Value> {
    let body: Option<Value> = serde_json::from_slice(&call.body).ok();
    body.filter(|body| body.is_object() && call.is_type("application/json"))
}

/// Title and text under these names.
fn words(body: &Value, title: &str, text: &str) -> String {
    let at = |name: &str| body[name].as_str().unwrap_or_default();
    format!("{}\n{}", at(title), at(text)).trim().to_owned()
}

#[cfg(test)]
mod tests;
