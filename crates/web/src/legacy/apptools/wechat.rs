//! `POST /send_wechat`: a title and Markdown for one's own WeChat.

use serde_json::{Value, json};

use super::{Call, EMPTY, SENT, account};
use crate::legacy::send::{tell, words};

/// `text` is the title, `desp` the rest.
pub(super) async fn send(call: Call<'_>) -> Value {
    let Some(title) = call.text("text") else {
        return call.answer("-2", EMPTY);
    };
    let rest = call.text("desp").unwrap_or_default();
    let account = match account(call.tools.wechat.as_ref(), "wechat") {
        Ok(account) => account,
        Err(why) => return call.answer("-4", why),
    };
    let told = tell(call.state, account, json!({}), words(&title, &rest)).await;
    match told.trouble() {
        None => call.answer(0, SENT),
        Some(why) => call.answer("-4", why),
    }
}
