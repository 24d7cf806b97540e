//! The answer that clients of Alertmanager's API version 1 expect.

use serde_json::json;

use crate::manners::{Answer, Head, Outcome, Voice};

/// `{"status": "success"}`, or what is wrong, to who asks at version 1's path; the common answer to all others.
pub(super) fn answer(head: &Head<'_>, outcome: &Outcome<'_>) -> Voice {
    if !head.path.trim_matches('/').ends_with("api/v1/alerts") {
        return Voice::Common;
    }
    Voice::Own(match outcome.failure() {
        None => Answer::json(200, &json!({"status": "success"})),
        Some((status, problems)) => {
            let kind = if status < 500 {
                "bad_data"
            } else {
                "server_error"
            };
            let body = json!({"status": "error", "errorType": kind, "error": problems.join("; ")});
            Answer::json(status, &body)
        }
    })
}
