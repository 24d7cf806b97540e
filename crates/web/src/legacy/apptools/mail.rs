//! `POST /sendmail`: a mail with at most one attachment.

use balefire_core::file::FileName;
use balefire_core::message::{Attachment, Enclosed};
use serde_json::{Value, json};

use super::{Call, account};
use crate::legacy::request::{is_empty, texts};
use crate::legacy::send::{tell, words};

const EMPTY: &str = "收件人、邮件标题、邮件内容不能为空";
/// Where uploads were, as callers write it.
const FOLDER: &str = "static/files/";
/// Characters of a name that an answer repeats.
const LONGEST_NAME: usize = 190;

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
    let attachment = match attachment(&call).await {
        Ok(attachment) => attachment,
        Err(why) => {
            let engine = &call.state.engine;
            engine.reject("apptools", &why, call.body).await;
            return failed(why);
        }
    };
    let account = match account(call.tools.mail.as_ref(), "mail") {
        Ok(account) => account,
        Err(why) => return failed(why),
    };
    let mut message = words(&subject, &content);
    message.attachments.extend(attachment);
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

/// The uploaded file that `att` names: `static/files/<name>`, a bare name, or an id. Nothing else is looked at,
/// least of all a file of this machine.
async fn attachment(call: &Call<'_>) -> Result<Option<Attachment>, String> {
    let att = call.fields.get("att");
    if is_empty(att) {
        return Ok(None);
    }
    let Some(asked) = att.and_then(Value::as_str) else {
        return Err("附件 att 应为文件名".to_owned());
    };
    if asked == super::NONE {
        return Ok(None);
    }
    let shown: String = asked.chars().take(LONGEST_NAME).collect();
    let bare = asked.strip_prefix(FOLDER).unwrap_or(asked);
    if FileName::asked(bare).is_none() || bare.to_ascii_lowercase().starts_with("file:") {
        return Err(format!("附件 {shown} 不是已上传文件的文件名"));
    }
    let found = call.state.engine.find_file(bare).await;
    let file = found.map_err(|error| format!("附件 {shown} 无法读取: {error}"))?;
    let Some(file) = file else {
        return Err(format!("附件 {shown} 不存在，请先通过 /upload_file 上传"));
    };
    let (size, most) = (file.size, call.tools.mail_bytes);
    if size > most {
        return Err(format!(
            "附件 {shown} 有 {size} 字节，超过邮件附件上限 {most} 字节"
        ));
    }
    Ok(Some(Attachment {
        name: file.name.to_string(),
        media_type: file.media_type.to_string(),
        enclosed: Enclosed::File(file.id),
    }))
}
