//! `POST /sendsms`: a short message to mainland numbers.

use serde_json::{Value, json};

use super::{Call, EMPTY, account, numbers};
use crate::legacy::send::{Told, tell, words};

/// `msg` and `phone`, numbers of eleven digits with commas and no blanks; `data` of the answer is the
/// provider's own.
pub(super) async fn send(call: Call<'_>) -> Value {
    let (Some(text), Some(phone)) = (call.text("msg"), call.text("phone")) else {
        return json!({"status": -2, "msg": EMPTY});
    };
    let Some(phones) = numbers(&phone) else {
        return json!({"status": -1, "msg": "电话号码不合法"});
    };
    let failed = |data: Value| json!({"status": -3, "data": data, "msg": "短信发送失败"});
    let account = match account(call.tools.sms.as_ref(), "sms") {
        Ok(account) => account,
        Err(why) => return failed(json!({"Message": why, "Code": "Balefire.NotConfigured"})),
    };
    let told = tell(
        call.state,
        account,
        json!({"phones": phones}),
        words("", &text),
    )
    .await;
    if let Some(why) = told.trouble() {
        return failed(json!({"Message": why, "Code": "Balefire.NotSent"}));
    }
    let answer = match told {
        Told::Delivered(answer) => serde_json::from_str(&answer).ok(),
        _ => None,
    };
    let data = answer.unwrap_or_else(|| json!({"Message": "OK", "Code": "OK"}));
    json!({"status": 0, "data": data, "msg": "短信发送成功"})
}
