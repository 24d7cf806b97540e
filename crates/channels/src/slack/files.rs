//! Pictures in a message's thread: an address is asked for, takes the bytes, and all of them are shared at once.
//!
//! Vendor page: <https://docs.slack.dev/messaging/working-with-files#upload>. It needs the scope `files:write`.

use balefire_core::message::{Attachment, Message};
use balefire_core::secret::Secret;
use balefire_core::time::Time;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::codes::classify;
use crate::chat::exchange;
use crate::error::{ErrorKind, SendError};
use crate::http::{Http, HttpReply, HttpRequest, excerpt, status_error};
use crate::picture::{PATIENCE, pictures, told};
use crate::threads::Posted;

/// What uploads are made with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Uploads<'b> {
    pub(super) http: &'b Http,
    /// The address below which the methods are.
    pub(super) base: &'b str,
    pub(super) token: &'b Secret,
    pub(super) now: Time,
}

impl Uploads<'_> {
    /// Shares a message's pictures below the message that a thread begins with, and says what became of them: the words
    /// are there, and nothing costs them.
    pub(super) async fn share(self, message: &Message, parent: &Posted) -> String {
        let all: Vec<_> = pictures(message).collect();
        if all.is_empty() {
            return String::new();
        }
        let sharing = tokio::time::timeout(PATIENCE, self.try_share(&all, parent));
        let why = match sharing.await {
            Ok(Ok(went)) => return told(all.len(), went).to_owned(),
            Ok(Err(error)) => error.detail,
            Err(_) => format!("no answer within {PATIENCE:?}"),
        };
        excerpt(&format!("{}: {why}", told(all.len(), 0)))
    }

    /// How many of them are shared; an error where none is.
    async fn try_share(
        self,
        all: &[(&Attachment, &[u8])],
        parent: &Posted,
    ) -> Result<usize, SendError> {
        let uploads = all
            .iter()
            .map(|(file, bytes)| self.upload(&file.name, bytes));
        let (mut files, mut failed) = (Vec::new(), None);
        for upload in join_all(uploads).await {
            match upload {
                Ok(file) => files.push(file),
                Err(error) => failed = Some(error),
            }
        }
        if let Some(error) = failed.filter(|_| files.is_empty()) {
            return Err(error);
        }
        let body = json!({"files": files, "channel_id": parent.channel, "thread_ts": parent.id});
        let url = format!("{}/files.completeUploadExternal", self.base);
        let reply = self.call(HttpRequest::post_json(url, &body)).await?;
        classify(&reply, self.now)?;
        Ok(files.len())
    }

    /// The file as Slack names it, with its bytes there.
    async fn upload(self, name: &str, bytes: &[u8]) -> Result<Value, SendError> {
        let length = bytes.len().to_string();
        let url = format!("{}/files.getUploadURLExternal", self.base);
        let pairs = [("filename", name), ("length", length.as_str())];
        let reply = self.call(HttpRequest::post_form(url, pairs)).await?;
        let answer = classify(&reply, self.now)?;
        let word = |key: &str| answer[key].as_str().unwrap_or_default();
        let (url, id) = (word("upload_url"), word("file_id"));
        if id.is_empty() || !self.may_take(url) {
            let why = "the answer names no address for the upload that may be used";
            return Err(SendError::new(ErrorKind::Rejected, why));
        }
        // The address is the secret of its own: the token goes nowhere else.
        let request = HttpRequest::post(url, "application/octet-stream", bytes.to_vec());
        let reply = exchange(self.http, request, PATIENCE).await?;
        if reply.status == 200 {
            Ok(json!({"id": id, "title": name}))
        } else {
            Err(status_error(&reply, self.now))
        }
    }

    /// Whether bytes may go there: nobody reads them on the way, unless the methods themselves are called so.
    fn may_take(self, url: &str) -> bool {
        url.starts_with("https://") || self.base.starts_with("http://")
    }

    async fn call(self, request: HttpRequest) -> Result<HttpReply, SendError> {
        let bearer = format!("Bearer {}", self.token.reveal());
        exchange(self.http, request.header("authorization", bearer), PATIENCE).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::HttpSettings;

    #[test]
    fn bytes_are_not_sent_where_somebody_may_read_them_on_the_way() {
        let http = Http::new(HttpSettings::default()).expect("a client");
        let token = Secret::new("xoxb-s3cret");
        let uploads = |base| Uploads {
            http: &http,
            base,
            token: &token,
            now: Time::EPOCH,
        };
        let slack = uploads("https://slack.com/api");
        assert!(slack.may_take("https://files.slack.com/upload/v1/x"));
        assert!(!slack.may_take("http://files.slack.com/upload/v1/x"));
        assert!(!slack.may_take(""));
        let own = uploads("http://127.0.0.1:1/api");
        assert!(own.may_take("http://127.0.0.1:1/upload/v1/x"));
    }
}
