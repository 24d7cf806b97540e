//! `POST /wx/apps/send`: a text of a WeCom application.

use serde_json::json;

use super::{Answer, Call, account};
use crate::legacy::send::{Told, tell, words};

/// `touser` is `@all` or `a|b`; the message of the answer is WeCom's own.
pub(super) async fn send(call: Call<'_>) -> Result<Answer, Answer> {
    let (to, content) = (call.text("touser")?, call.text("content")?);
    let agent = call.text("agentid")?;
    let account = account(call.push.wecom.as_ref(), "wecom")?;
    let options = json!({"to_user": to, "agent_id": agent, "message_type": "text"});
    let told = tell(call.state, account, options, words("", &content)).await;
    match told {
        // As the original, which looks at the code alone: the delivery record says who was missed.
        Told::Delivered(answer) | Told::Partly { answer, .. } if answer.starts_with('{') => {
            Ok(Answer {
                code: 0,
                message: Some(answer),
            })
        }
        Told::Lost(why) => Err(Answer::failed(raw(&why).unwrap_or(why))),
        told => match told.trouble() {
            Some(trouble) => Err(Answer::failed(trouble)),
            None => Ok(Answer {
                code: 0,
                message: Some(r#"{"errcode":0,"errmsg":"ok"}"#.to_owned()),
            }),
        },
    }
}

/// WeCom's own JSON of a refusal, from its code and words in the record: `…: 81013 user invalid; fix: …`.
fn raw(record: &str) -> Option<String> {
    let said = record
        .split_once("; fix: ")
        .map_or(record, |(said, _)| said);
    let (_, said) = said.split_once(": ")?;
    let (code, words) = said.split_once(' ')?;
    let code: i64 = code.parse().ok()?;
    Some(json!({"errcode": code, "errmsg": words}).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_handed_on_as_wecom_wrote_it() {
        let record = "rejected: 81013 user & party & tag all invalid; fix: name people: by id";
        let json = r#"{"errcode":81013,"errmsg":"user & party & tag all invalid"}"#;
        assert_eq!(raw(record).as_deref(), Some(json));
        assert_eq!(raw("transient: connection refused"), None);
    }
}
