//! WxPusher: `POST /api/send/message`. A yes (1000) names a code for each reader.

use std::collections::BTreeSet;
use std::time::Duration;

use balefire_core::time::Time;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::{Keys, Refusal, has, object};
use crate::provider::{Call, Fault, Judged, Rules, Sim, Site};
use crate::received::Verdict;
use crate::reply::Reply;

/// Calls of an application in ten seconds.
pub const CALLS_PER_TEN_SECONDS: usize = 20;
/// Longest text, and longest summary, in characters.
pub const MAX_TEXT: usize = 40_000;
/// See [`MAX_TEXT`].
pub const MAX_SUMMARY: usize = 100;
/// Most topics, and most people, of a call.
pub const MAX_TOPICS: usize = 5;
/// See [`MAX_TOPICS`].
pub const MAX_PEOPLE: usize = 2_000;

/// The simulated service.
#[derive(Debug)]
pub struct WxPusher {
    site: Site,
    tokens: Mutex<Keys>,
    /// Who follows no more.
    gone: Mutex<BTreeSet<String>>,
}

/// [`WxPusher`] with its record.
pub type WxPusherSim = Sim<WxPusher>;

impl Sim<WxPusher> {
    /// Makes an application's appToken known.
    pub fn add_token(&self, token: &str) {
        let pace = Duration::from_secs(10);
        let mut tokens = self.rules.tokens.lock();
        tokens.add(token, CALLS_PER_TEN_SECONDS, pace);
    }

    /// These UIDs and numbers of topics come back with 1004.
    pub fn set_gone(&self, ids: &[&str]) {
        *self.rules.gone.lock() = ids.iter().map(|&id| id.to_owned()).collect();
    }
}

impl WxPusher {
    pub(crate) fn new(site: Site) -> Self {
        Self {
            site,
            tokens: Mutex::default(),
            gone: Mutex::default(),
        }
    }

    fn check(&self, call: &Call, now: Time) -> Result<Value, Refusal> {
        let body = object(call);
        let token = match body["appToken"].as_str() {
            Some(token) if !token.is_empty() => token,
            _ => return Err((1_001, "appToken不能为空".into())),
        };
        if !has(&body, "content", usize::MAX) {
            return Err((1_003, "content不能为空".into()));
        }
        let summary = body.get("summary").is_none() || has(&body, "summary", MAX_SUMMARY);
        if !has(&body, "content", MAX_TEXT) || !summary || !short_url(&body) {
            return Err((1_007, "内容过长".into()));
        }
        let wrong = |what: &str| (1_005, format!("参数错误: {what}"));
        if !(1..=3).contains(&body["contentType"].as_u64().unwrap_or(1)) {
            return Err(wrong("contentType"));
        }
        let uids = list(&body, "uids", MAX_PEOPLE, Value::as_str).ok_or_else(|| wrong("uids"))?;
        let topics = list(&body, "topicIds", MAX_TOPICS, Value::as_u64);
        let topics = topics.ok_or_else(|| wrong("topicIds"))?;
        if uids.is_empty() && topics.is_empty() {
            return Err((1_004, "uids和topicIds不能同时为空".into()));
        }
        match self.tokens.lock().admit(token, now, self.site.unlimited) {
            None => return Err((1_002, "appToken错误".into())),
            Some(false) => return Err((1_008, "发送过于频繁".into())),
            Some(true) => {}
        }
        let people = uids.iter().map(|uid| self.entry(&json!(uid), &Value::Null));
        let groups = topics.iter().map(|id| self.entry(&Value::Null, &json!(id)));
        Ok(people.chain(groups).collect())
    }

    fn entry(&self, uid: &Value, topic: &Value) -> Value {
        let id = uid
            .as_str()
            .map_or_else(|| topic.to_string(), ToOwned::to_owned);
        let (code, status) = if self.gone.lock().contains(&id) {
            (1_004, "用户未关注或主题不存在")
        } else {
            (1_000, "创建发送任务成功")
        };
        json!({"uid": uid, "topicId": topic, "messageContentId": 1, "sendRecordId": 2,
            "code": code, "status": status})
    }
}

/// A list of at most so many items that all can be read; an absent one is empty.
fn list<'a, T>(
    body: &'a Value,
    name: &str,
    most: usize,
    read: impl Fn(&'a Value) -> Option<T>,
) -> Option<Vec<T>> {
    match &body[name] {
        Value::Null => Some(Vec::new()),
        Value::Array(items) if items.len() <= most => items.iter().map(read).collect(),
        _ => None,
    }
}

fn short_url(body: &Value) -> bool {
    let url = &body["url"];
    url.is_null() || url.as_str().is_some_and(|url| url.len() <= 1_000)
}

fn answer(code: i64, words: &str, data: &Value) -> Reply {
    Reply::json(&json!({"code": code, "msg": words, "success": code == 1_000, "data": data}))
}

impl Rules for WxPusher {
    fn judge(&self, call: &Call, now: Time) -> Judged {
        match self.check(call, now) {
            Ok(data) => {
                let reply = answer(1_000, "处理成功", &data);
                Judged::new(Verdict::Accepted, "", reply)
            }
            Err((code, words)) => {
                let verdict = Verdict::Refused(format!("{code} {words}"));
                Judged::new(verdict, "", answer(code, &words, &Value::Null))
            }
        }
    }

    fn fault(&self, fault: &Fault) -> Reply {
        let (code, words) = match fault {
            Fault::Code(code, words) => (*code, words.as_str()),
            Fault::RateLimited(_) => (1_008, "发送过于频繁"),
            Fault::ExpiredToken => (1_002, "appToken错误"),
        };
        answer(code, words, &Value::Null)
    }

    fn shown(&self, body: &Value) -> String {
        let at = |name: &str| body[name].as_str().unwrap_or_default();
        format!("{}\n{}", at("summary"), at("content"))
    }
}
