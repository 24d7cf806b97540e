//! `/slack/send/message`: a text for one of the configured channels.

use serde_json::json;

use super::{Answer, Call};
use crate::legacy::send::{Told, tell, words};

/// `channel` is a key of `legacy.push.slack`.
pub(super) async fn send(call: Call<'_>) -> Result<Answer, Answer> {
    let (channel, content) = (call.text("channel")?, call.text("content")?);
    let Some(account) = call.push.slack.get(&channel) else {
        return Err(Answer::failed("channel 有误或不存在，请检查"));
    };
    let told = tell(call.state, account, json!({}), words("", &content)).await;
    if let Some(trouble) = told.trouble() {
        return Err(Answer::failed(trouble));
    }
    let answer = match told {
        Told::Delivered(answer) if !answer.is_empty() => answer,
        _ => "ok".to_owned(),
    };
    Ok(Answer {
        code: 0,
        message: Some(answer),
    })
}
