//! Whose mobile number it is, as the company's address book says: `POST /cgi-bin/user/getuserid`.
//!
//! Vendor page: <https://developer.work.weixin.qq.com/document/path/96267>. Too many numbers that nobody has shut the
//! address book for a day, so that what was not found is remembered as well.

use std::collections::HashMap;
use std::time::Duration;

use balefire_core::time::Time;
use parking_lot::Mutex;
use serde_json::json;

use super::credential::Credential;
use crate::error::{ErrorKind, SendError};

/// How long an answer of the address book is believed: numbers pass from hand to hand.
const BELIEVED: Duration = Duration::from_hours(24);
/// How long a number that nobody has is not asked for again.
const UNKNOWN_FOR: Duration = Duration::from_hours(6);
/// How long the address book stays shut.
pub(super) const SHUT: Duration = Duration::from_hours(1);

/// A person's address or why there is none, and until when that is believed.
type Known = (Result<String, SendError>, Time);

/// What was found so far; as many as the entry names numbers.
#[derive(Debug, Default)]
pub(super) struct People {
    known: Mutex<HashMap<String, Known>>,
}

impl People {
    /// The address `user:…` of a mobile number.
    pub(super) async fn find(
        &self,
        credential: &Credential,
        mobile: &str,
        now: Time,
    ) -> Result<String, SendError> {
        if let Some((found, until)) = self.known.lock().get(mobile)
            && now < *until
        {
            return found.clone();
        }
        // Mainland numbers stand in WeCom without their country.
        let number = mobile.strip_prefix("+86").unwrap_or(mobile);
        let asked = credential
            .call("user/getuserid", &json!({"mobile": number}), now)
            .await;
        let found = asked.map(|answer| answer.body["userid"].as_str().unwrap_or("").to_owned());
        let found = match found {
            Ok(id) if !id.is_empty() => Ok(format!("user:{id}")),
            Ok(_) => Err(SendError::new(ErrorKind::Rejected, "no user id").fix(NOBODY)),
            Err(mut error) => {
                match error.kind {
                    // Nothing was sent to anybody by a question.
                    ErrorKind::UnknownOutcome => error.kind = ErrorKind::Transient,
                    // The address book is shut; messages to those whose ids are known go on.
                    ErrorKind::RateLimited => {
                        error.kind = ErrorKind::Transient;
                        error.retry_after = Some(SHUT);
                    }
                    _ => {}
                }
                Err(error)
            }
        };
        let believed = match &found {
            Ok(_) => Some(BELIEVED),
            Err(error) if error.kind == ErrorKind::Rejected => Some(UNKNOWN_FOR),
            Err(_) => None,
        };
        if let Some(span) = believed {
            let entry = (found.clone(), now.after(span));
            self.known.lock().insert(mobile.to_owned(), entry);
        }
        found
    }
}

pub(super) const NOBODY: &str =
    "nobody in the application's scope has this number: name the user id in to_user";
