//! PushPlus: `POST /send`. HTTP is always 200; `code` tells.

use std::time::Duration;

use balefire_core::time::Time;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::{Keys, Refusal, has, object};
use crate::provider::{Call, Fault, Judged, Rules, Sim, Site};
use crate::received::Verdict;
use crate::reply::Reply;

/// Messages of a token in a day; one more locks it.
pub const MESSAGES_PER_DAY: usize = 200;
const TEMPLATES: [&str; 4] = ["html", "txt", "json", "markdown"];
const CHANNELS: [&str; 11] = [
    "wechat",
    "webhook",
    "cp",
    "mail",
    "sms",
    "voice",
    "extension",
    "app",
    "clawbot",
    "cmcc",
    "qq",
];

/// The simulated service.
#[derive(Debug)]
pub struct PushPlus {
    site: Site,
    tokens: Mutex<Keys>,
}

/// [`PushPlus`] with its record.
pub type PushPlusSim = Sim<PushPlus>;

impl Sim<PushPlus> {
    /// Makes a token known.
    pub fn add_token(&self, token: &str) {
        let day = Duration::from_hours(24);
        self.rules.tokens.lock().add(token, MESSAGES_PER_DAY, day);
    }
}

impl PushPlus {
    pub(crate) fn new(site: Site) -> Self {
        Self {
            site,
            tokens: Mutex::default(),
        }
    }

    fn check(&self, call: &Call, now: Time) -> Result<(), Refusal> {
        let body = object(call);
        if !has(&body, "content", usize::MAX) {
            return Err((600, "消息内容不能为空".into()));
        }
        let one_of = |name: &str, words: &[&str]| {
            let word = &body[name];
            word.is_null() || word.as_str().is_some_and(|word| words.contains(&word))
        };
        if !one_of("template", &TEMPLATES) || !one_of("channel", &CHANNELS) {
            return Err((999, "服务端验证错误".into()));
        }
        let token = body["token"].as_str().unwrap_or_default();
        match self.tokens.lock().admit(token, now, self.site.unlimited) {
            None => Err((903, "无效的用户令牌".into())),
            Some(false) => Err((900, "用户账号使用受限".into())),
            Some(true) => Ok(()),
        }
    }
}

fn answer(code: i64, words: &str, data: &Value) -> Reply {
    Reply::json(&json!({"code": code, "msg": words, "data": data}))
}

impl Rules for PushPlus {
    fn judge(&self, call: &Call, now: Time) -> Judged {
        match self.check(call, now) {
            Ok(()) => {
                let reply = answer(200, "请求成功", &json!("f0e1d2c3b4a5"));
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
            Fault::RateLimited(_) => (900, "用户账号使用受限"),
            Fault::ExpiredToken => (903, "无效的用户令牌"),
        };
        answer(code, words, &Value::Null)
    }

    fn shown(&self, body: &Value) -> String {
        let at = |name: &str| body[name].as_str().unwrap_or_default();
        format!("{}\n{}", at("title"), at("content"))
    }
}
