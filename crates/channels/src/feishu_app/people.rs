//! Whose mobile number or address it is, as the company's address book says.

use std::collections::HashMap;
use std::time::Duration;

use balefire_core::time::Time;
use http::Method;
use parking_lot::Mutex;
use serde_json::json;

use super::app::App;
use super::codes::NOBODY;
use super::list;
use crate::error::{ErrorKind, SendError};

/// How long an answer of the address book is believed: numbers pass from hand to hand.
const BELIEVED: Duration = Duration::from_hours(24);

/// The open ids found so far; as many as the entry names people.
#[derive(Debug, Default)]
pub(super) struct People {
    known: Mutex<HashMap<String, (String, Time)>>,
}

impl People {
    /// The open id of a mobile number or an address (`email`).
    pub(super) async fn find(
        &self,
        app: &App,
        kind: &str,
        name: &str,
        now: Time,
    ) -> Result<String, SendError> {
        if let Some((id, until)) = self.known.lock().get(name)
            && now < *until
        {
            return Ok(id.clone());
        }
        // Mainland numbers stand in Feishu without their country.
        let shown = name.strip_prefix("+86").unwrap_or(name);
        let list_of = if kind == "email" { "emails" } else { "mobiles" };
        let body = json!({list_of: [shown], "include_resigned": false});
        let path = "contact/v3/users/batch_get_id?user_id_type=open_id";
        let answer = app.call(Method::POST, path, &body, now).await;
        let answer = answer.map_err(harmless)?;
        let found = list(&answer, "user_list").find_map(|user| user["user_id"].as_str());
        let id = found.filter(|id| !id.is_empty()).ok_or_else(|| {
            SendError::new(ErrorKind::Rejected, format!("no open id: {shown}")).fix(NOBODY)
        })?;
        let entry = (id.to_owned(), now.after(BELIEVED));
        self.known.lock().insert(name.to_owned(), entry);
        Ok(id.to_owned())
    }

    /// Asks anew next time.
    pub(super) fn forget(&self, name: &str) {
        self.known.lock().remove(name);
    }
}

/// Nothing was sent to anybody by a question, so that an answer that cannot be read is only a failed try.
pub(super) fn harmless(mut error: SendError) -> SendError {
    if error.kind == ErrorKind::UnknownOutcome {
        error.kind = ErrorKind::Transient;
    }
    error
}
