//! Services that keep incidents: PagerDuty and Opsgenie.

use serde_json::Value;

use super::{Call, Desk, Sim, Site};
use crate::received::Book;

pub mod opsgenie;
pub mod pagerduty;

use opsgenie::{Opsgenie, OpsgenieSim};
use pagerduty::{PagerDuty, PagerDutySim};

/// The services.
#[derive(Debug)]
pub struct Incidents {
    /// PagerDuty.
    pub pagerduty: PagerDutySim,
    /// Opsgenie.
    pub opsgenie: OpsgenieSim,
}

impl Incidents {
    pub(crate) fn new(book: impl Fn(&'static str) -> Book, site: &Site) -> Self {
        Self {
            pagerduty: Sim::new(book("pagerduty"), PagerDuty::new(site.clone())),
            opsgenie: Sim::new(book("opsgenie"), Opsgenie::new()),
        }
    }

    /// Every desk, in the order they are shown.
    pub(crate) fn desks(&self) -> [&dyn Desk; 2] {
        [&self.pagerduty, &self.opsgenie]
    }

    /// The desk that answers a path.
    pub(crate) fn desk(&self, path: &str) -> Option<&dyn Desk> {
        if pagerduty::owns(path) {
            return Some(&self.pagerduty);
        }
        if path == "/v2/alerts" || path.starts_with("/v2/alerts/") {
            return Some(&self.opsgenie);
        }
        None
    }
}

/// The JSON object of a call that says it is JSON.
fn object(call: &Call) -> Option<Value> {
    let body: Option<Value> = serde_json::from_slice(&call.body).ok();
    body.filter(|body| body.is_object() && call.is_type("application/json"))
}

#[cfg(test)]
mod tests;
