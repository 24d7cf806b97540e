//! The rooms that the bot has entered: their ids, and that they are not encrypted.

use std::collections::HashMap;
use std::time::Duration;

use balefire_core::time::Time;
use http::Method;
use parking_lot::Mutex;
use serde_json::json;

use super::Bot;
use crate::error::{ErrorKind, SendError};
use crate::percent::encoded;

/// How long what is known of a room counts; a room may become encrypted at any time.
const KNOWN_FOR: Duration = Duration::from_hours(1);

/// Rooms by what the configuration calls them; there are no more of them than it names.
#[derive(Debug, Default)]
pub(super) struct Rooms {
    known: Mutex<HashMap<String, (String, Time)>>,
}

impl Rooms {
    /// The id of a room that the bot is in and that is not encrypted.
    pub(super) async fn enter(
        &self,
        bot: &Bot,
        place: &str,
        now: Time,
    ) -> Result<String, SendError> {
        let held = self.known.lock().get(place).cloned();
        if let Some((id, at)) = held
            && now.since(at) < KNOWN_FOR
        {
            return Ok(id);
        }
        let path = format!("join/{}", encoded(place));
        // Who is in the room already is told so with the same answer; an alias comes back as the room's id.
        let joined = bot.call(Method::POST, &path, Some(&json!({})), now).await;
        let joined = joined.map_err(untold)?;
        let id = joined["room_id"].as_str().unwrap_or(place).to_owned();
        let path = format!("rooms/{}/state/m.room.encryption", encoded(&id));
        match bot.call(Method::GET, &path, None, now).await {
            Ok(_) => {
                let why = format!("the room {place} is encrypted");
                let fix = "make a room without encryption: what we send would stand in this one in clear text";
                return Err(SendError::new(ErrorKind::Misconfigured, why).fix(fix));
            }
            Err(error) if error.detail.contains("M_NOT_FOUND") => {}
            Err(error) => return Err(untold(error)),
        }
        let mut known = self.known.lock();
        known.insert(place.to_owned(), (id.clone(), now));
        Ok(id)
    }

    /// Forgets a room, so that the next message enters it anew.
    pub(super) fn leave(&self, place: &str) {
        self.known.lock().remove(place);
    }
}

/// Nothing has been sent yet, so that an answer that did not come is no unknown outcome.
fn untold(mut error: SendError) -> SendError {
    if error.kind == ErrorKind::UnknownOutcome {
        error.kind = ErrorKind::Transient;
    }
    error
}
