//! Groups that the application makes: `/cgi-bin/appchat/create` and the check of `chatid`.

use std::collections::BTreeSet;

use parking_lot::Mutex;
use serde_json::{Value, json};

use super::Refusal;
use crate::reply::Reply;

const MEMBERS: std::ops::RangeInclusive<usize> = 2..=2_000;

/// The groups there are.
#[derive(Debug, Default)]
pub(super) struct Chats {
    ids: Mutex<BTreeSet<String>>,
}

impl Chats {
    pub(super) fn create(&self, body: &Value) -> Result<Reply, Refusal> {
        let members = body["userlist"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        if !MEMBERS.contains(&members.len()) {
            return Err((86_006, "invalid chat member count".into()));
        }
        if !members
            .iter()
            .all(|member| member.as_str().is_some_and(|id| !id.is_empty()))
        {
            return Err((86_007, "invalid chat member".into()));
        }
        if let Some(owner) = body.get("owner")
            && !members.contains(owner)
        {
            return Err((86_005, "invalid chat owner".into()));
        }
        let mut ids = self.ids.lock();
        let id = match body.get("chatid") {
            None => format!("simchat{}", ids.len() + 1),
            Some(id) => id.as_str().unwrap_or("").to_owned(),
        };
        let good =
            (1..=32).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !good || !ids.insert(id.clone()) {
            return Err((86_001, "invalid chat id".into()));
        }
        Ok(Reply::json(
            &json!({"errcode": 0, "errmsg": "ok", "chatid": id}),
        ))
    }

    pub(super) fn check(&self, body: &Value) -> Result<(), Refusal> {
        let id = body["chatid"].as_str().unwrap_or("");
        if self.ids.lock().contains(id) {
            Ok(())
        } else {
            Err((86_001, "invalid chat id".into()))
        }
    }
}
