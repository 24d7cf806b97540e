//! Bark's server: `POST /push`, which hands on to Apple.

use std::collections::BTreeSet;

use balefire_core::time::Time;
use http::Method;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::{object, words};
use crate::provider::{Call, Fault, Judged, Rules, Sim};
use crate::received::Verdict;
use crate::reply::Reply;

/// A device's key.
pub const DEFAULT_DEVICE: &str = "kQ3SimulatedDeviceKey";
/// What Apple takes, with everything.
pub const MAX_PAYLOAD: usize = 4_096;

/// The simulated server.
#[derive(Debug)]
pub struct Bark {
    devices: Mutex<BTreeSet<String>>,
}

/// [`Bark`] with its record.
pub type BarkSim = Sim<Bark>;

impl Sim<Bark> {
    /// A device's key.
    pub fn device(&self) -> &'static str {
        DEFAULT_DEVICE
    }

    /// Makes another device known.
    pub fn add_device(&self, key: &str) {
        self.rules.devices.lock().insert(key.to_owned());
    }
}

/// A refusal: code and words.
type Refusal = (u16, String);

impl Bark {
    pub(super) fn new() -> Self {
        Self {
            devices: Mutex::new(BTreeSet::from([DEFAULT_DEVICE.to_owned()])),
        }
    }

    fn check(&self, call: &Call, now: Time) -> Result<Value, Refusal> {
        let body = object(call).filter(|_| call.method == Method::POST);
        let body = body.ok_or((400, "request bind failed: no JSON".to_owned()))?;
        let device = body["device_key"].as_str().unwrap_or_default();
        if device.is_empty() {
            return Err((400, "device key is empty".into()));
        }
        if !self.devices.lock().contains(device) {
            let words =
                format!("failed to get device token: failed to get [{device}] device token");
            return Err((400, words));
        }
        let level = body["level"].as_str().unwrap_or("active");
        let levels = ["active", "timeSensitive", "passive", "critical"];
        let volume = &body["volume"];
        let loud = volume.is_null() || volume.as_u64().is_some_and(|n| n <= 10);
        if !levels.contains(&level) || !loud {
            return Err((400, "request bind failed: level or volume".into()));
        }
        if body["body"].as_str().is_none_or(str::is_empty) {
            return Err((400, "request bind failed: body".into()));
        }
        // Apple counts the alert with its names, and what the server puts around it.
        if call.body.len() + 200 > MAX_PAYLOAD {
            return Err((500, "push failed: PayloadTooLarge".into()));
        }
        Ok(json!({"code": 200, "message": "success", "timestamp": now.secs()}))
    }
}

fn refusal((code, words): &Refusal) -> Reply {
    let body = json!({"code": code, "message": words, "timestamp": 0});
    Reply::json(&body).with_status(*code)
}

impl Rules for Bark {
    fn judge(&self, call: &Call, now: Time) -> Judged {
        match self.check(call, now) {
            Ok(answer) => Judged::new(Verdict::Accepted, "", Reply::json(&answer)),
            Err(refused) => {
                let verdict = Verdict::Refused(format!("{} {}", refused.0, refused.1));
                Judged::new(verdict, "", refusal(&refused))
            }
        }
    }

    fn fault(&self, fault: &Fault) -> Reply {
        refusal(&match fault {
            Fault::Code(code, words) => (u16::try_from(*code).unwrap_or(400), words.clone()),
            Fault::RateLimited(_) => (500, "push failed: TooManyRequests".into()),
            Fault::ExpiredToken => (500, "push failed: Unregistered".into()),
        })
    }

    fn shown(&self, body: &Value) -> String {
        words(body, "title", "body")
    }
}
