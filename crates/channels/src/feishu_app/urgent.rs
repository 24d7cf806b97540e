//! 加急 ("buzz") of a message that was sent.

use balefire_core::message::Message;
use balefire_core::time::Time;
use http::Method;
use serde_json::json;

use super::FeishuApp;
use crate::error::{ErrorKind, SendError};
use crate::http::excerpt;

impl FeishuApp {
    /// Who is to be buzzed: whoever is told, and in a chat who is called there.
    pub(super) async fn readers(
        &self,
        message: &Message,
        kind: &str,
        id: &str,
        now: Time,
    ) -> Result<Vec<String>, SendError> {
        match kind {
            "open_id" => Ok(vec![id.to_owned()]),
            "email" => Ok(vec![self.people.find(&self.app, kind, id, now).await?]),
            _ => {
                let people = message.mentions.people.iter();
                let ids = people.map(|person| person.feishu.as_str());
                Ok(ids
                    .filter(|id| id.starts_with("ou_"))
                    .map(ToOwned::to_owned)
                    .collect())
            }
        }
    }

    /// A second try sends nothing twice, since the message's `uuid` is the same.
    pub(super) async fn buzz(
        &self,
        way: &str,
        message: &str,
        readers: &[String],
        now: Time,
    ) -> Result<(), SendError> {
        if readers.is_empty() {
            return Ok(());
        }
        let path = format!("im/v1/messages/{message}/urgent_{way}?user_id_type=open_id");
        let body = json!({"user_id_list": readers});
        let answer = self.app.call(Method::PATCH, &path, &body, now).await;
        let answer = answer.map_err(|mut error| {
            error.detail = excerpt(&format!("sent, but not urgent: {}", error.detail));
            error
        })?;
        let skipped = answer["data"]["invalid_user_id_list"].as_array();
        if skipped.is_some_and(|ids| ids.len() == readers.len()) {
            let why = "sent, but not urgent: Feishu skipped the person";
            let fix = "for SMS and phone the person needs a number in Feishu";
            return Err(SendError::new(ErrorKind::Rejected, why).fix(fix));
        }
        Ok(())
    }
}
