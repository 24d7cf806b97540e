//! What became of a work notice: `POST /topapi/message/corpconversation/getsendresult`, for 24 hours after it.
//!
//! Vendor page: <https://open.dingtalk.com/document/development/gets-the-result-of-sending-messages-asynchronously-to-the-enterprise>.
//! The call that sends says yes also for whom the notice never reaches: this one has lists of who read it, who did not, who is
//! unknown, and whom DingTalk kept it from, with a code.

use serde_json::{Value, json};

use super::app::App;
use super::people::harmless;
use crate::callback::Said;
use crate::channel::{Fate, Question};
use crate::error::SendError;
use crate::http::excerpt;

const PATH: &str = "message/corpconversation/getsendresult";

/// These words reached the person before. Each notice ends in its own id, so that it was this one, on an earlier try.
const SAID_BEFORE: i64 = 143_106;

/// Codes of `forbidden_list`, in words.
const CODES: &[(i64, &str)] = &[
    (
        143_103,
        "the application sent too many notices in this minute: group more",
    ),
    (
        143_104,
        "this person got too many notices in this minute: group more",
    ),
    (
        143_105,
        "this person has had as many notices of the application as a day allows (500): group more, or use another way",
    ),
    (SAID_BEFORE, "this person has the same words of today"),
    (
        1_430_000,
        "nobody is left to receive it: check the person and the application's scope (可使用范围)",
    ),
    (
        1_430_002,
        "DingTalk's content check refused it: change the words",
    ),
    (
        1_430_004,
        "this person is shielded from applications (高管模式): use another way",
    ),
];

/// Lists by user, what they say, and whether that is the last word; the first that has somebody counts.
const LISTS: [(&str, Said, bool, &str); 5] = [
    (
        "forbidden_user_id_list",
        Said::Refused,
        true,
        "DingTalk kept it from this person",
    ),
    (
        "invalid_user_id_list",
        Said::Refused,
        true,
        "DingTalk does not know this user, or the person is outside the application's scope",
    ),
    (
        "failed_user_id_list",
        Said::Failed,
        true,
        "DingTalk could not send it to this person",
    ),
    ("read_user_id_list", Said::Read, true, "read"),
    (
        "unread_user_id_list",
        Said::Delivered,
        false,
        "not read yet",
    ),
];

/// What DingTalk says of each target; `ids` are what they are called there, `None` for whom nobody knows.
pub(super) async fn ask(
    app: &App,
    agent_id: i64,
    question: &Question<'_>,
    ids: &[Option<String>],
) -> Result<Vec<Option<Fate>>, SendError> {
    // The id is larger than 32 bits and still a number to DingTalk.
    let task = question.provider_id;
    let task = task
        .parse::<i64>()
        .map_or_else(|_| json!(task), Value::from);
    let body = json!({"agent_id": agent_id, "task_id": task});
    let answer = app.topapi(PATH, &body, question.now).await;
    let answer = answer.map_err(harmless)?.body;
    let result = &answer["send_result"];
    let fates = ids.iter().map(|id| fate(result, id.as_deref()?));
    Ok(fates.collect())
}

fn fate(result: &Value, id: &str) -> Option<Fate> {
    if let Some(department) = id.strip_prefix("dept:") {
        return names(&result["invalid_dept_id_list"], department).then(|| Fate {
            said: Said::Refused,
            detail: format!("invalid_dept_id_list: DingTalk does not know department {department}"),
            is_last: true,
        });
    }
    if let Some(code) = code_for(&result["forbidden_list"], id) {
        let known = CODES.iter().find(|(known, _)| *known == code);
        let words = known.map_or("DingTalk kept it from this person", |(_, words)| words);
        let said = if code == SAID_BEFORE {
            Said::Delivered
        } else {
            Said::Refused
        };
        return Some(Fate {
            said,
            detail: format!("{code}: {words}"),
            is_last: true,
        });
    }
    let (list, said, is_last, words) = LISTS.iter().find(|(list, ..)| names(&result[*list], id))?;
    Some(Fate {
        said: *said,
        detail: excerpt(&format!("{list}: {words}")),
        is_last: *is_last,
    })
}

/// Whether a list has this id, as a text or as a number.
fn names(list: &Value, id: &str) -> bool {
    list.as_array().into_iter().flatten().any(|one| match one {
        Value::String(one) => one == id,
        Value::Number(one) => one.to_string() == id,
        _ => false,
    })
}

/// The code with which somebody was left out; DingTalk writes it as a text or as a number.
fn code_for(list: &Value, id: &str) -> Option<i64> {
    let mut all = list.as_array()?.iter();
    let one = all.find(|one| one["userid"].as_str() == Some(id))?;
    match &one["code"] {
        Value::String(code) => code.trim().parse().ok(),
        code => code.as_i64(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_says_something_of_its_own_and_a_code_counts_before_it() {
        let result = json!({
            "invalid_user_id_list": ["gone"], "failed_user_id_list": ["lost"], "read_user_id_list": ["reader"],
            "unread_user_id_list": ["sleeper"], "forbidden_user_id_list": ["shielded", "full", "again"],
            "invalid_dept_id_list": [7],
            "forbidden_list": [{"code": "143105", "count": 1, "userid": "full"}, {"code": 143_106, "userid": "again"},
                {"code": "9", "userid": "odd"}],
        });
        let shown = |id: &str| {
            let fate = fate(&result, id)?;
            let head = fate.detail.split(':').next().unwrap_or_default().to_owned();
            Some((fate.said, head, fate.is_last))
        };
        let told = |said, head: &str, is_last| Some((said, head.to_owned(), is_last));
        for (id, expected) in [
            ("gone", told(Said::Refused, "invalid_user_id_list", true)),
            ("lost", told(Said::Failed, "failed_user_id_list", true)),
            ("reader", told(Said::Read, "read_user_id_list", true)),
            (
                "sleeper",
                told(Said::Delivered, "unread_user_id_list", false),
            ),
            (
                "shielded",
                told(Said::Refused, "forbidden_user_id_list", true),
            ),
            ("full", told(Said::Refused, "143105", true)),
            ("again", told(Said::Delivered, "143106", true)),
            ("odd", told(Said::Refused, "9", true)),
            ("dept:7", told(Said::Refused, "invalid_dept_id_list", true)),
            ("dept:8", None),
            ("unknown", None),
        ] {
            assert_eq!(shown(id), expected, "{id}");
        }
        for odd in [json!(null), json!([]), json!({"read_user_id_list": "u"})] {
            assert_eq!(fate(&odd, "u"), None, "{odd}");
        }
    }
}
