//! `POST /sendmail`: a mail with at most one attachment.

use serde_json::{Value, json};

use super::{Call, account};
use crate::legacy::request::{is_empty, texts};
use crate::legacy::send::{tell, words};

const EMPTY: &str = "收件人、邮件标题、邮件内容不能为空";

/// `to_list` with commas, `subject`, `content`; `subtype` is `plain` or `html`; `att` names an uploaded file,
/// `None` is none.
pub(super) async fn send(call: Call<'_>) -> Value {
    let to = texts(call.fields.get("to_list")).filter(|to| !to.is_empty());
    let (Some(to), Some(subject), Some(content)) = (to, call.text("subject"), call.text("content"))
    else {
        return json!({"status": -1, "msg": EMPTY});
    };
    let failed = |why: String| json!({"status": -2, "data": call.fields, "msg": why});
    let html = match call.text("subtype").as_deref() {
        None | Some("plain") => false,
        Some("html") => true,
        Some(other) => return failed(format!("subtype {other:?} 不支持，应为 plain 或 html")),
    };
    let attachment = call
        .fields
        .get("att")
        .filter(|att| !is_empty(Some(att)) && att.as_str() != Some(super::NONE));
    if let Some(name) = attachment {
        return failed(format!("附件 {name} 不存在"));
    }
    let account = match account(call.tools.mail.as_ref(), "mail") {
        Ok(account) => account,
        Err(why) => return failed(why),
    };
    let mut message = words(&subject, &content);
    let mut options = json!({"to": to});
    if html {
        if let Some(custom) = &mut message.custom {
            custom.html = Some(content);
        }
    } else {
        options["html"] = "".into();
    }
    let told = tell(call.state, account, options, message).await;
    match told.trouble() {
        None => json!({"status": 0, "data": call.fields, "msg": "发送成功"}),
        Some(why) => failed(why),
    }
}
