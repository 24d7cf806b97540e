//! `POST /sms/send` and `POST /vms/send`: short messages and calls, in the manner of their sisters.

use balefire_config::legacy::AccountName;
use serde_json::json;

use super::{Answer, Call, account};
use crate::legacy::send::{tell, words};

/// A short message: `mobiles` and `content`.
pub(super) async fn sms(call: Call<'_>) -> Result<Answer, Answer> {
    let account = account(call.push.sms.as_ref(), "sms")?;
    to_phones(&call, account).await
}

/// A call that reads the text: `mobiles` and `content`.
pub(super) async fn voice(call: Call<'_>) -> Result<Answer, Answer> {
    let account = account(call.push.voice.as_ref(), "voice")?;
    to_phones(&call, account).await
}

async fn to_phones(call: &Call<'_>, account: &AccountName) -> Result<Answer, Answer> {
    let (phones, content) = (call.texts("mobiles")?, call.text("content")?);
    let options = json!({"phones": phones});
    let told = tell(call.state, account, options, words("", &content)).await;
    Ok(Answer::from(&told))
}
