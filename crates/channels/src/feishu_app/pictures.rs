//! Pictures: uploaded first, since a card names them by the key that an upload gives.
//!
//! Vendor page: <https://open.feishu.cn/document/server-docs/im-v1/image/create>. Limits: 10 MB; the application needs
//! `im:resource`. A card that is changed later would lose what the change does not name, so that a live entry's pictures
//! answer it, as those of texts and posts do.

use balefire_core::message::{Attachment, Message};
use balefire_core::time::Time;
use futures_util::future::join_all;
use http::Method;
use serde_json::{Value, json};

use super::app::App;
use crate::error::{ErrorKind, SendError};
use crate::http::excerpt;
use crate::multipart::{File, form};
use crate::picture::{PATIENCE, pictures, told};
use crate::sign::sha256_hex;

/// What became of a message's pictures: how many there were, the keys of those that Feishu has, and why others are
/// missing.
#[derive(Debug, Default)]
pub(super) struct Album {
    there: usize,
    keys: Vec<String>,
    failed: Option<String>,
}

impl Album {
    /// Uploads a message's pictures; the words do not wait longer than that may take.
    pub(super) async fn of(app: &App, message: &Message, now: Time) -> Self {
        let files: Vec<_> = pictures(message).collect();
        let mut album = Self {
            there: files.len(),
            ..Self::default()
        };
        let uploads = files.into_iter().map(|file| upload(app, file, now));
        for uploaded in join_all(uploads).await {
            match uploaded {
                Ok(key) => album.keys.push(key),
                Err(error) => album.failed = Some(error.detail),
            }
        }
        album
    }

    /// Whether there is something to show.
    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Puts the pictures into a card, above its buttons.
    pub(super) fn add_to(&self, card: &mut Value) {
        let Some(elements) = card["elements"].as_array_mut() else {
            return;
        };
        let is_action = |element: &Value| element["tag"] == "action";
        let place = elements
            .iter()
            .position(is_action)
            .unwrap_or(elements.len());
        let shown = self.keys.iter().map(|key| {
            let alt = json!({"tag": "plain_text", "content": ""});
            json!({"tag": "img", "img_key": key, "alt": alt})
        });
        elements.splice(place..place, shown);
    }

    /// Shows the pictures as answers to a message that is there; none of its words depends on them.
    pub(super) async fn answer(&mut self, app: &App, message: &str, now: Time) {
        let showing = async {
            let mut went = 0;
            for key in &self.keys {
                match reply(app, message, key, now).await {
                    Ok(()) => went += 1,
                    Err(error) => return (went, Some(error.detail)),
                }
            }
            (went, None)
        };
        let shown = tokio::time::timeout(PATIENCE, showing).await;
        let late = || (0, Some(format!("no answer within {PATIENCE:?}")));
        let (went, failed) = shown.unwrap_or_else(|_| late());
        self.keys.truncate(went);
        self.failed = failed.or(self.failed.take());
    }

    /// Takes them out, as the provider refused the message with them.
    pub(super) fn clear(&mut self, why: &SendError) {
        self.keys.clear();
        self.failed = Some(why.detail.clone());
    }

    /// What a receipt says of them.
    pub(super) fn told(&self) -> String {
        let told = told(self.there, self.keys.len());
        match &self.failed {
            Some(why) => excerpt(&format!("{told}: {why}")),
            None => told.to_owned(),
        }
    }
}

/// Brings a picture to Feishu; its key.
async fn upload(
    app: &App,
    (file, bytes): (&Attachment, &[u8]),
    now: Time,
) -> Result<String, SendError> {
    let image = File {
        field: "image",
        name: &file.name,
        media_type: &file.media_type,
        bytes,
    };
    let form = form(&[("image_type", "message".to_owned())], &[image]);
    let uploading = tokio::time::timeout(PATIENCE, app.upload("im/v1/images", form, now));
    let late = |_| {
        let why = format!("no answer within {PATIENCE:?}");
        SendError::new(ErrorKind::Transient, why)
    };
    let answer = uploading.await.map_err(late)??;
    match answer["data"]["image_key"].as_str() {
        Some(key) => Ok(key.to_owned()),
        None => Err(SendError::new(
            ErrorKind::Rejected,
            "the answer names no key of the picture",
        )),
    }
}

async fn reply(app: &App, message: &str, key: &str, now: Time) -> Result<(), SendError> {
    let path = format!("im/v1/messages/{message}/reply");
    let body = json!({
        "msg_type": "image",
        "content": json!({"image_key": key}).to_string(),
        "uuid": &sha256_hex(format!("{message} {key}").as_bytes())[..40],
    });
    app.call(Method::POST, &path, &body, now).await?;
    Ok(())
}
