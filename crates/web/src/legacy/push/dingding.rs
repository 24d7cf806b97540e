//! `POST /dingding/send/message` and `POST /dingding/call`.

use serde_json::{Value, json};

use super::{Answer, Call, account};
use crate::legacy::send::{tell, words};

/// A text of the robot. `isAtAll` is a JSON bool; when false, `atMobiles` must be there.
pub(super) async fn send(call: Call<'_>) -> Result<Answer, Answer> {
    let content = call.text("content")?;
    let everyone = match call.fields.get("isAtAll") {
        Some(Value::Bool(everyone)) => *everyone,
        None | Some(Value::Null) => return Err(Answer::missing()),
        Some(_) => return Err(Answer::failed("isAtAll 不是 bool 类型，请检查")),
    };
    let mut options = json!({"msgtype": "text"});
    let mut message = words("", &content);
    message.mentions.everyone = everyone;
    if !everyone {
        let Some(Value::Array(_)) = call.fields.get("atMobiles") else {
            return Err(Answer::missing());
        };
        let mobiles = crate::legacy::request::texts(call.fields.get("atMobiles"));
        let mobiles = mobiles.ok_or_else(|| Answer::failed("atMobiles 不是号码列表，请检查"))?;
        options["at_mobiles"] = mobiles.into();
    }
    let account = account(call.push.dingtalk.as_ref(), "dingtalk")?;
    let told = tell(call.state, account, options, message).await;
    Ok(Answer::from(&told))
}

/// A DING by telephone: `content`, and `userids` or `mobiles`.
pub(super) async fn call(call: Call<'_>) -> Result<Answer, Answer> {
    let content = call.text("content")?;
    let (key, people) = match call.texts("userids") {
        Ok(people) => ("to_user", people),
        Err(_) => ("to_mobile", call.texts("mobiles")?),
    };
    let account = account(call.push.ding.as_ref(), "ding")?;
    let options = json!({"via": "ding_phone", key: people});
    let told = tell(call.state, account, options, words("", &content)).await;
    Ok(Answer::from(&told))
}
