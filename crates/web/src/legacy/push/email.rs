//! `POST /email/send/message`: a plain mail.

use serde_json::json;

use super::{Answer, Call, account};
use crate::legacy::request::{is_empty, text, texts};
use crate::legacy::send::{tell, words};

/// `subject`, `from`, `to` and `content` must be there; `cc` may.
pub(super) async fn send(call: Call<'_>) -> Result<Answer, Answer> {
    let (subject, content) = (call.text("subject")?, call.text("content")?);
    let from = call.text("from")?;
    let mut to = call.texts("to")?;
    let cc = call.fields.get("cc");
    if !is_empty(cc) {
        let cc = texts(cc).ok_or_else(|| Answer::failed("cc is a list of addresses"))?;
        to.extend(cc);
    }
    let account = account(call.push.mail.as_ref(), "mail")?;
    let mut options = json!({"to": to, "html": ""});
    if !is_own(&call, account, &from) {
        let known = call.push.mail_from.iter();
        if !known
            .into_iter()
            .any(|known| known.eq_ignore_ascii_case(&from))
        {
            return Err(Answer::failed(format!(
                "{from:?} may not be a sender; name it under legacy.push.mail_from"
            )));
        }
        options["from"] = from.into();
    }
    let told = tell(call.state, account, options, words(&subject, &content)).await;
    Ok(Answer::from(&told))
}

/// Whether an address is the account's own sender.
fn is_own(call: &Call<'_>, account: &str, from: &str) -> bool {
    let plan = call.state.engine.plan();
    let Some(account) = plan.accounts.get(account) else {
        return false;
    };
    ["from", "user"]
        .into_iter()
        .filter_map(|key| text(account.value.get(key)))
        .any(|own| address(&own).eq_ignore_ascii_case(address(from)))
}

/// The address of `Name <address>`.
fn address(text: &str) -> &str {
    let inner = text.rsplit_once('<').map(|(_, rest)| rest);
    inner.unwrap_or(text).trim_end_matches('>').trim()
}
