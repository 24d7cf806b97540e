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
    if let Some(trouble) = told.trouble() {
        return Err(Answer::failed(trouble));
    }
    let answer = match told {
        Told::Delivered(answer) if answer.starts_with('{') => answer,
        _ => r#"{"errcode":0,"errmsg":"ok"}"#.to_owned(),
    };
    Ok(Answer {
        code: 0,
        message: Some(answer),
    })
}
