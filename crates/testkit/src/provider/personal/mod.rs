//! Services that push to one person's own WeChat: ServerChan (Turbo and 3), PushPlus and WxPusher.

use std::collections::BTreeMap;
use std::time::Duration;

use balefire_core::time::Time;
use serde_json::Value;

use super::{Call, Desk, Sim, Site};
use crate::received::Book;
use crate::window::Window;

pub mod pushplus;
pub mod serverchan;
pub mod wxpusher;

use pushplus::{PushPlus, PushPlusSim};
use serverchan::{ServerChan, ServerChanSim};
use wxpusher::{WxPusher, WxPusherSim};

/// A refusal: code and words.
type Refusal = (i64, String);

/// The three services.
#[derive(Debug)]
pub struct Personal {
    /// ServerChan.
    pub serverchan: ServerChanSim,
    /// PushPlus.
    pub pushplus: PushPlusSim,
    /// WxPusher.
    pub wxpusher: WxPusherSim,
}

impl Personal {
    pub(crate) fn new(book: impl Fn(&'static str) -> Book, site: &Site) -> Self {
        Self {
            serverchan: Sim::new(book("serverchan"), ServerChan::new(site.clone())),
            pushplus: Sim::new(book("pushplus"), PushPlus::new(site.clone())),
            wxpusher: Sim::new(book("wxpusher"), WxPusher::new(site.clone())),
        }
    }

    /// Every desk, in the order they are shown.
    pub(crate) fn desks(&self) -> [&dyn Desk; 3] {
        [&self.serverchan, &self.pushplus, &self.wxpusher]
    }

    /// The desk that answers a path.
    pub(crate) fn desk(&self, path: &str) -> Option<&dyn Desk> {
        match path {
            "/send" => Some(&self.pushplus),
            "/api/send/message" => Some(&self.wxpusher),
            _ if path.strip_suffix(".send").is_some_and(|key| key.len() > 1) => {
                Some(&self.serverchan)
            }
            _ => None,
        }
    }
}

/// The keys there are, each with its quota.
#[derive(Debug, Default)]
struct Keys(BTreeMap<String, Window>);

impl Keys {
    fn add(&mut self, key: &str, calls: usize, per: Duration) {
        self.0.insert(key.to_owned(), Window::new(calls, per));
    }

    /// Whether a key is known, and whether it has room for one more; takes it.
    fn admit(&mut self, key: &str, now: Time, unlimited: bool) -> Option<bool> {
        let window = self.0.get_mut(key)?;
        Some(unlimited || window.admit(now))
    }
}

/// The JSON object of a call; an empty one if there is none.
fn object(call: &Call) -> Value {
    let body: Option<Value> = serde_json::from_slice(&call.body).ok();
    body.filter(|body| body.is_object() && call.is_type("application/json"))
        .unwrap_or_default()
}

/// Whether a field is a text with something in it of at most so many characters.
fn has(body: &Value, name: &str, most: usize) -> bool {
    let text = body[name].as_str().unwrap_or_default();
    !text.trim().is_empty() && text.chars().count() <= most
}

#[cfg(test)]
mod tests;
