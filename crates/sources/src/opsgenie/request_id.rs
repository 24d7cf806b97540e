//! The id of a request: it tells by itself what was done, when, and with which alert, so that nothing has to be
//! kept to answer what became of it.

use std::fmt;

use balefire_core::time::Time;
use serde_json::{Value, json};

use crate::digest;

/// What a request did.
#[derive(Debug, PartialEq)]
pub(super) struct RequestId {
    alert: String,
    action: String,
    at: Time,
}

impl RequestId {
    pub(super) fn new(at: Time, action: &str, alert: &str) -> Self {
        Self {
            alert: alert.to_owned(),
            action: action.to_owned(),
            // Its milliseconds are what the id holds.
            at: Time::from_millis(at.micros() / 1_000),
        }
    }

    /// Reads an id; `None` for one that was not made here.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (stem, check) = text.rsplit_once('-')?;
        if check != digest::short(stem) {
            return None;
        }
        let (stem, action) = stem.rsplit_once('-')?;
        let (alert, millis) = stem.rsplit_once('-')?;
        Some(Self {
            alert: alert.to_owned(),
            action: action.to_owned(),
            at: Time::from_millis(
                millis
                    .parse()
                    .ok()
                    .filter(|m| (0..MAX_MILLIS).contains(m))?,
            ),
        })
    }

    /// The same for a request whose alert there was not.
    pub(super) fn without_alert(self) -> Self {
        let action = format!("{}{NO_ALERT}", self.action);
        Self { action, ..self }
    }

    fn stem(&self) -> String {
        let millis = self.at.micros() / 1_000;
        format!("{}-{millis}-{}", self.alert, self.action)
    }

    /// The request's end as Opsgenie shows it.
    pub(super) fn shown(&self) -> Value {
        let action = self.action.strip_suffix(NO_ALERT);
        let done = action.is_none();
        let action = action.unwrap_or(&self.action);
        json!({
            "success": done,
            "isSuccess": done,
            "action": action,
            "status": if done {
                format!("{action} was processed")
            } else {
                "Alert does not exist".to_owned()
            },
            "processedAt": self.at.rfc3339_millis(),
            "alertId": self.alert,
        })
    }
}

/// What an action ends with when there was no alert.
const NO_ALERT: &str = ".none";

/// The year 2101: later times cannot have been ours.
const MAX_MILLIS: i64 = 4_133_980_800_000;

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stem = self.stem();
        write!(f, "{stem}-{}", digest::short(&stem))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_tells_what_was_done_and_others_are_not_ours() {
        let id = RequestId::new(Time::from_secs(1_772_590_500), "create", "a-b");
        assert_eq!(RequestId::read(&id.to_string()), Some(id));
        for other in ["", "x", "43a29c5c-3dbf-4fa4-9c26-f4f71023e120"] {
            assert_eq!(RequestId::read(other), None);
        }
    }
}
