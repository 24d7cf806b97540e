//! ServerChan: `POST /KEY.send` (Turbo) and `POST /send/KEY.send` (ServerChan 3).
//!
//! Limits follow the vendor's pages as far as these name them: titles of 32 characters, texts of 32 KB, five
//! messages a day.

use std::time::Duration;

use balefire_core::time::Time;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::{Keys, Refusal, has, object};
use crate::provider::{Call, Fault, Judged, Rules, Sim, Site};
use crate::received::Verdict;
use crate::reply::Reply;

/// Messages of a key in a day.
pub const MESSAGES_PER_DAY: usize = 5;
/// Longest title in characters.
pub const MAX_TITLE: usize = 32;
/// Longest text in bytes.
pub const MAX_TEXT_BYTES: usize = 32 << 10;

/// The simulated service.
#[derive(Debug)]
pub struct ServerChan {
    site: Site,
    keys: Mutex<Keys>,
}

/// [`ServerChan`] with its record.
pub type ServerChanSim = Sim<ServerChan>;

impl Sim<ServerChan> {
    /// Makes a SendKey known.
    pub fn add_key(&self, key: &str) {
        let day = Duration::from_hours(24);
        self.rules.keys.lock().add(key, MESSAGES_PER_DAY, day);
    }
}

impl ServerChan {
    pub(crate) fn new(site: Site) -> Self {
        Self {
            site,
            keys: Mutex::default(),
        }
    }

    fn check(&self, call: &Call, now: Time) -> Result<(), Refusal> {
        let path = call.uri.path();
        let three = path.strip_prefix("/send/");
        let key = three.unwrap_or(path).trim_start_matches('/');
        let key = key.trim_end_matches(".send");
        if three.is_some() != key.starts_with("sctp") {
            return Err((40_001, "[AUTH]错误的Key".into()));
        }
        let body = object(call);
        if !has(&body, "title", MAX_TITLE) {
            return Err((40_010, "标题为空或过长".into()));
        }
        let text = &body["desp"];
        if !text.is_null() && text.as_str().is_none_or(|text| text.len() > MAX_TEXT_BYTES) {
            return Err((40_011, "内容过长".into()));
        }
        if three.is_some() && body.get("noip").is_some() {
            return Err((40_012, "未知参数 noip".into()));
        }
        match self.keys.lock().admit(key, now, self.site.unlimited) {
            None => Err((40_001, "[AUTH]错误的Key".into())),
            Some(false) => Err(used_up()),
            Some(true) => Ok(()),
        }
    }
}

fn used_up() -> Refusal {
    let words = format!("[AUTH]超过当天的发送次数限制[{MESSAGES_PER_DAY}]");
    (40_001, words)
}

fn answer(code: i64, words: &str) -> Reply {
    Reply::json(&json!({"code": code, "message": words, "info": words, "scode": 461}))
}

impl Rules for ServerChan {
    fn judge(&self, call: &Call, now: Time) -> Judged {
        match self.check(call, now) {
            Ok(()) => {
                let data = json!({"pushid": "1", "readkey": "r", "error": "SUCCESS", "errno": 0});
                let reply = Reply::json(&json!({"code": 0, "message": "", "data": data}));
                Judged::new(Verdict::Accepted, "", reply)
            }
            Err((code, words)) => {
                let verdict = Verdict::Refused(format!("{code} {words}"));
                Judged::new(verdict, "", answer(code, &words).with_status(400))
            }
        }
    }

    fn fault(&self, fault: &Fault) -> Reply {
        match fault {
            Fault::Code(code, words) => answer(*code, words),
            Fault::RateLimited(_) => answer(used_up().0, &used_up().1),
            Fault::ExpiredToken => answer(40_001, "[AUTH]错误的Key"),
        }
    }

    fn shown(&self, body: &Value) -> String {
        let at = |name: &str| body[name].as_str().unwrap_or_default();
        format!("{}\n{}", at("title"), at("desp"))
    }
}
