//! What the answers of DingTalk's calls say of each person: an id for what was taken, and who was left out.

use serde_json::Value;

use super::codes::{TOO_FAST, UNKNOWN};
use crate::error::{ErrorKind, Receipt, SendError};
use crate::http::excerpt;

/// What was taken, under the id of this name.
pub(super) fn receipt(answer: &Value, key: &str) -> Receipt {
    let id = plain_id(&answer[key]);
    Receipt {
        answer: excerpt(&format!("{key} {id}")),
        provider_id: id,
    }
}

/// An id that is a text or a number.
pub(super) fn plain_id(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

/// Those whom the robot's message did not reach.
pub(super) fn left_out(answer: &Value) -> Vec<(String, SendError)> {
    let lists = [
        ("invalidStaffIdList", ErrorKind::Rejected, UNKNOWN),
        (
            "flowControlledStaffIdList",
            ErrorKind::RateLimited,
            TOO_FAST,
        ),
        (
            "filteredStaffIdList",
            ErrorKind::Rejected,
            "DingTalk keeps the robot's messages from this person: ask whether they blocked it",
        ),
    ];
    let mut missed = Vec::new();
    for (list, kind, fix) in lists {
        for id in answer[list].as_array().into_iter().flatten() {
            let id = id.as_str().unwrap_or_default();
            let error = SendError::new(kind, excerpt(&format!("{list}: {id}"))).fix(fix);
            missed.push((id.to_owned(), error));
        }
    }
    missed
}

/// Those whom a DING did not reach, by DingTalk's own reason.
pub(super) fn failed(list: &Value) -> Vec<(String, SendError)> {
    let mut missed = Vec::new();
    for (reason, ids) in list.as_object().into_iter().flatten() {
        for id in ids.as_array().into_iter().flatten() {
            let id = id.as_str().unwrap_or_default();
            let detail = excerpt(&format!("failedList: {id}: {reason}"));
            let fix = "look at the reason; the person may be unknown, or not reachable this way";
            let error = SendError::new(ErrorKind::Rejected, detail).fix(fix);
            missed.push((id.to_owned(), error));
        }
    }
    missed
}
