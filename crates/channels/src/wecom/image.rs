//! A picture as a message of its own after an application's words, by an upload that only the application can name.
//!
//! Vendor pages: <https://developer.work.weixin.qq.com/document/path/90253>,
//! <https://developer.work.weixin.qq.com/document/path/90236>. Limits: PNG or JPEG of 10 MB. It counts as a message to
//! each person, of whom WeCom lets 30 a minute through, so that only the first of several goes.

use balefire_core::message::{Attachment, Message};
use balefire_core::time::Time;
use serde_json::{Value, json};

use super::credential::Credential;
use crate::error::SendError;
use crate::http::excerpt;
use crate::multipart::{File, form};
use crate::picture::{PATIENCE, is_plain, pictures};

/// Largest picture.
const MOST: usize = 10 << 20;

/// The first picture that WeCom takes.
pub(super) fn first(message: &Message) -> Option<(&Attachment, &[u8])> {
    pictures(message).find(|(file, bytes)| is_plain(file) && bytes.len() <= MOST)
}

/// Shows a picture to those whom `body` addresses, and says what became of it: the words are there, and it costs none
/// of them.
pub(super) async fn show(
    credential: &Credential,
    picture: (&Attachment, &[u8]),
    body: Value,
    now: Time,
) -> String {
    let showing = tokio::time::timeout(PATIENCE, try_show(credential, picture, body, now));
    let why = match showing.await {
        Ok(Ok(())) => return "; with a picture".to_owned(),
        Ok(Err(error)) => error.detail,
        Err(_) => format!("no answer within {PATIENCE:?}"),
    };
    excerpt(&format!("; without its picture: {why}"))
}

async fn try_show(
    credential: &Credential,
    (file, bytes): (&Attachment, &[u8]),
    mut body: Value,
    now: Time,
) -> Result<(), SendError> {
    let media = File {
        field: "media",
        name: &file.name,
        media_type: &file.media_type,
        bytes,
    };
    let id = credential.upload(form(&[], &[media]), now).await?;
    body["msgtype"] = "image".into();
    body["image"] = json!({"media_id": id});
    credential.call("message/send", &body, now).await?;
    Ok(())
}
