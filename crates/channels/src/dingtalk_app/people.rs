//! Whose mobile number it is, as the company's address book says.

use std::collections::HashMap;
use std::time::Duration;

use balefire_core::time::Time;
use parking_lot::Mutex;
use serde_json::json;

use super::app::App;
use crate::error::{ErrorKind, SendError};

/// How long an answer of the address book is believed: numbers pass from hand to hand.
const BELIEVED: Duration = Duration::from_hours(24);

/// The user ids found so far; as many as the entry names numbers.
#[derive(Debug, Default)]
pub(super) struct People {
    known: Mutex<HashMap<String, (String, Time)>>,
}

impl People {
    /// The user id of a mobile number.
    pub(super) async fn find(
        &self,
        app: &App,
        mobile: &str,
        now: Time,
    ) -> Result<String, SendError> {
        if let Some((id, until)) = self.known.lock().get(mobile)
            && now < *until
        {
            return Ok(id.clone());
        }
        // Mainland numbers stand in DingTalk without their country.
        let number = mobile.strip_prefix("+86").unwrap_or(mobile);
        let body = json!({"mobile": number, "support_exclusive_account_search": true});
        let answer = app.topapi("v2/user/getbymobile", &body, now).await;
        let answer = answer.map_err(harmless)?;
        let id = answer.body["result"]["userid"].as_str().unwrap_or_default();
        let id = if id.is_empty() {
            only_exclusive(&answer.body["result"]["exclusive_account_userid_list"])
        } else {
            Some(id.to_owned())
        };
        let id = id.ok_or_else(|| {
            let fix = "several or no accounts have this number: name the user id in to_user";
            SendError::new(ErrorKind::Rejected, format!("no one user id: {number}")).fix(fix)
        })?;
        let entry = (id.clone(), now.after(BELIEVED));
        self.known.lock().insert(mobile.to_owned(), entry);
        Ok(id)
    }

    /// Asks anew next time, as this number's user was refused.
    pub(super) fn forget(&self, mobile: &str) {
        self.known.lock().remove(mobile);
    }
}

/// Nothing was sent to anybody by a question, so that an answer that cannot be read is only a failed try.
pub(super) fn harmless(mut error: SendError) -> SendError {
    if error.kind == ErrorKind::UnknownOutcome {
        error.kind = ErrorKind::Transient;
    }
    error
}

/// The one user id of a list, which DingTalk also writes as JSON in a text.
fn only_exclusive(list: &serde_json::Value) -> Option<String> {
    let ids: Vec<String> = match list {
        serde_json::Value::String(text) => serde_json::from_str(text).unwrap_or_default(),
        list => serde_json::from_value(list.clone()).unwrap_or_default(),
    };
    match <[String; 1]>::try_from(ids) {
        Ok([id]) => Some(id),
        Err(_) => None,
    }
}
