//! Whom an application's message has reached: a yes may still name people who got nothing.

use crate::channel::Outcome;
use crate::chat::Answer;
use crate::error::{ErrorKind, Receipt, SendError};
use crate::http::excerpt;

/// The kinds of targets: what stands before the id in the address, in the request, and in the answer.
pub(super) const KINDS: [(&str, &str, &[&str]); 3] = [
    ("user:", "touser", &["invaliduser", "unlicenseduser"]),
    ("party:", "toparty", &["invalidparty"]),
    ("tag:", "totag", &["invalidtag"]),
];

/// What a yes means for one target: it may stand among those who got nothing.
pub(super) fn outcome(answer: &Answer, address: &str) -> Outcome {
    for (prefix, _, lists) in KINDS {
        let Some(id) = address.strip_prefix(prefix) else {
            continue;
        };
        for list in lists {
            let missed = answer.body[list].as_str().unwrap_or_default();
            // WeCom gives ids back in lower case.
            if missed
                .split('|')
                .any(|missed| missed.eq_ignore_ascii_case(id))
            {
                let detail = format!("{list}: {id}");
                return Err(SendError::new(ErrorKind::Rejected, detail).fix(missed_fix(list)));
            }
        }
    }
    Ok(Receipt {
        provider_id: answer.body["msgid"].as_str().unwrap_or_default().to_owned(),
        // As WeCom wrote it: an older service hands it on to its callers.
        answer: excerpt(&answer.body.to_string()),
    })
}

fn missed_fix(list: &str) -> &'static str {
    if list == "unlicenseduser" {
        "this person has no licence for the interface (接口许可): assign one"
    } else {
        "WeCom does not know this id, or it is outside the application's visible scope (可见范围)"
    }
}
