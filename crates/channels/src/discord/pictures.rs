//! Pictures that go along as files of the message.
//!
//! Vendor page: <https://discord.com/developers/docs/reference#uploading-files>. Limits: 10 MiB for the files of a message
//! where nobody has paid for more. A change that does not speak of files leaves them, but a picture that stood in an
//! embed falls out of it then, so that those of a message that is changed later stand beside the embed from the start.

use balefire_core::message::Attachment;
use serde_json::{Value, json};

use super::codes::classify;
use super::{SPEC, Webhook};
use crate::channel::Delivery;
use crate::chat::exchange;
use crate::error::SendError;
use crate::http::HttpRequest;
use crate::multipart::{File, form};
use crate::picture::{pictures, told};

/// Bytes of all files of a message.
const MOST: usize = 10 << 20;
/// Statuses of a call that failed for what is in it, and not for who made it.
const REFUSED: [u16; 3] = [400, 403, 413];

/// A picture and its bytes.
type Picture<'m> = (&'m Attachment, &'m [u8]);

impl Webhook {
    /// Posts the message with its pictures: the message as Discord has it, and what became of them. Where Discord refuses
    /// the whole, the words go without.
    pub(super) async fn post(
        &self,
        delivery: &Delivery<'_>,
    ) -> Result<(Value, &'static str), SendError> {
        let body = self.body(delivery.message, delivery.now);
        let all = pictures(delivery.message).filter(|_| self.images);
        let all: Vec<Picture<'_>> = all.collect();
        // What kept the first try from arriving may be their size.
        let most = if delivery.attempt > 1 { 0 } else { MOST };
        let fitting = fitting(&all, most);
        if !fitting.is_empty() {
            let (kind, form) = with_files(body.clone(), &fitting, !self.live);
            let request = HttpRequest::post(self.call.reveal(), &kind, form);
            let reply = exchange(&self.http, request, SPEC.timeout).await?;
            let answer = classify(&reply, delivery.now);
            if answer.is_ok() || !REFUSED.contains(&reply.status) {
                return Ok((answer?, told(all.len(), fitting.len())));
            }
        }
        let request = HttpRequest::post_json(self.call.reveal(), &body);
        let reply = exchange(&self.http, request, SPEC.timeout).await?;
        Ok((classify(&reply, delivery.now)?, told(all.len(), 0)))
    }
}

/// Those that a message has room for, the first before the others.
fn fitting<'m>(all: &[Picture<'m>], most: usize) -> Vec<Picture<'m>> {
    let mut room = most;
    let fits = |(_, bytes): &&Picture<'m>| match room.checked_sub(bytes.len()) {
        Some(left) => {
            room = left;
            true
        }
        None => false,
    };
    all.iter().filter(fits).copied().collect()
}

/// The form of the body and its files: the first picture in the embed, the others in embeds of their own, which Discord
/// shows as one with the first where they have its address.
fn with_files(mut body: Value, files: &[Picture<'_>], inside: bool) -> (String, Vec<u8>) {
    let url = body["embeds"][0].get("url").cloned();
    if let Some(embeds) = body["embeds"].as_array_mut().filter(|_| inside) {
        for (number, (file, _)) in files.iter().enumerate() {
            let image = json!({"url": format!("attachment://{}", file.name)});
            if let Some(embed) = embeds.get_mut(number) {
                embed["image"] = image;
            } else {
                let mut embed = json!({"image": image});
                if let Some(url) = &url {
                    embed["url"] = url.clone();
                }
                embeds.push(embed);
            }
        }
    }
    let fields: Vec<String> = (0..files.len()).map(|n| format!("files[{n}]")).collect();
    let files = files.iter().zip(&fields);
    let files: Vec<File<'_>> = files
        .map(|((file, bytes), field)| File {
            field,
            name: &file.name,
            media_type: &file.media_type,
            bytes,
        })
        .collect();
    form(&[("payload_json", body.to_string())], &files)
}
