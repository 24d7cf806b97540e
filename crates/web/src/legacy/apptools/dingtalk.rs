//! `POST /send_dingtalk`: a text or a link card of the robot.

use balefire_core::message::Link;
use serde_json::{Value, json};

use super::{Call, EMPTY, NONE, SENT, account, numbers};
use crate::legacy::send::{tell, words};

/// `content`; `title` and `url` when `msgtype` is `link`; `phone` and `is_at_all` say who is called.
pub(super) async fn send(call: Call<'_>) -> Value {
    let Some(content) = call.text("content") else {
        return call.answer("-2", EMPTY);
    };
    let is_link = call.text("msgtype").as_deref() == Some("link");
    let (title, url) = (call.text("title"), call.text("url"));
    if is_link && (title.is_none() || url.is_none()) {
        return call.answer("-2", EMPTY);
    }
    let mobiles = match call.fields.get("phone") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::String(text)) if text == NONE => Vec::new(),
        other => match super::super::request::text(other)
            .as_deref()
            .and_then(numbers)
        {
            Some(numbers) => numbers,
            None => return call.answer("-3", "电话号码不合法"),
        },
    };
    let everyone = match call.fields.get("is_at_all") {
        Some(Value::Bool(everyone)) => *everyone,
        Some(Value::String(text)) => text.eq_ignore_ascii_case("true"),
        _ => false,
    };
    let account = match account(call.tools.dingtalk.as_ref(), "dingtalk") {
        Ok(account) => account,
        Err(why) => return call.answer("-4", why),
    };
    let mut message = words(
        title.as_deref().filter(|_| is_link).unwrap_or_default(),
        &content,
    );
    let options = if is_link {
        // A link card calls nobody.
        message.link = url.map(|url| Link {
            text: title.clone().unwrap_or_default(),
            url,
        });
        json!({"msgtype": "link"})
    } else {
        message.mentions.everyone = everyone;
        json!({"msgtype": "text", "at_mobiles": mobiles})
    };
    match tell(call.state, account, options, message).await.trouble() {
        None => call.answer(0, SENT),
        Some(why) => call.answer("-4", why),
    }
}
