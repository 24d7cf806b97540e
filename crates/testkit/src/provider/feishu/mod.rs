//! The custom group bot of Feishu and Lark: `POST /open-apis/bot/v2/hook/{token}`.
//!
//! Signature, limits and codes follow open.feishu.cn, "custom bot guide".

use std::collections::BTreeMap;
use std::time::Duration;

use aws_lc_rs::hmac;
use balefire_core::time::Time;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::{Call, Fault, Judged, Rules, Sim, Site};
use crate::received::Verdict;
use crate::reply::Reply;
use crate::window::Window;

pub mod app;
mod message;

/// Largest body in bytes.
pub const MAX_BODY_BYTES: usize = 20 * 1_024;
/// Messages of one bot in a second; one more is refused with 11232.
pub const MESSAGES_PER_SECOND: usize = 5;
/// … and in a minute.
pub const MESSAGES_PER_MINUTE: usize = 100;
/// How old a signature's time may be; the same is allowed for a clock that is ahead.
pub const SIGN_TOLERANCE: Duration = Duration::from_hours(1);
/// The token in the address of the bot that is there from the start.
pub const DEFAULT_TOKEN: &str = "0c6f3d1e-5b7a-4e2c-9d8f-a1b2c3d4e5f6";
/// Its secret: that of the wire contract's test vectors.
pub const DEFAULT_SECRET: &str = "demo-feishu-secret";

/// One bot in one chat.
#[derive(Clone, Debug, Default)]
pub struct Bot {
    /// The last part of its address.
    pub token: String,
    /// The signing secret; `None` if signing is off.
    pub secret: Option<String>,
    /// Words of which a message must hold one; empty if the keyword check is off.
    pub keywords: Vec<String>,
}

#[derive(Debug)]
struct Chat {
    bot: Bot,
    second: Window,
    minute: Window,
}

/// The simulated bot service.
#[derive(Debug)]
pub struct Feishu {
    site: Site,
    chats: Mutex<BTreeMap<String, Chat>>,
}

/// [`Feishu`] with its record.
pub type FeishuSim = Sim<Feishu>;

impl Sim<Feishu> {
    /// The address of the first bot, as an operator copies it.
    pub fn url(&self) -> String {
        self.bot_url(DEFAULT_TOKEN)
    }

    /// The address of a bot.
    pub fn bot_url(&self, token: &str) -> String {
        format!("{}/open-apis/bot/v2/hook/{token}", self.rules.site.base)
    }

    /// The first bot's signing secret.
    pub fn secret(&self) -> &'static str {
        DEFAULT_SECRET
    }

    /// Adds a bot, or replaces the one with this token; its quota starts afresh.
    pub fn add_bot(&self, bot: Bot) {
        self.rules.add(bot);
    }

    /// Sets the first bot's keywords.
    pub fn set_keywords(&self, keywords: &[&str]) {
        if let Some(chat) = self.rules.chats.lock().get_mut(DEFAULT_TOKEN) {
            chat.bot.keywords = keywords.iter().map(|&word| word.to_owned()).collect();
        }
    }
}

/// A refusal: code and words.
type Refusal = (i64, String);

fn bad_request(why: &str) -> Refusal {
    (9_499, format!("Bad Request: {why}"))
}

impl Feishu {
    pub(crate) fn new(site: Site) -> Self {
        let service = Self {
            site,
            chats: Mutex::default(),
        };
        service.add(Bot {
            token: DEFAULT_TOKEN.into(),
            secret: Some(DEFAULT_SECRET.into()),
            keywords: Vec::new(),
        });
        service
    }

    fn add(&self, bot: Bot) {
        let chat = Chat {
            bot,
            second: Window::new(MESSAGES_PER_SECOND, Duration::from_secs(1)),
            minute: Window::new(MESSAGES_PER_MINUTE, Duration::from_mins(1)),
        };
        self.chats.lock().insert(chat.bot.token.clone(), chat);
    }

    fn check(&self, token: &str, call: &Call, now: Time) -> Result<(), Refusal> {
        if call.method != Method::POST {
            return Err(bad_request("only POST"));
        }
        let mut chats = self.chats.lock();
        let Some(chat) = chats.get_mut(token) else {
            return Err((
                19_001,
                "param invalid: incoming webhook access token invalid".into(),
            ));
        };
        if !call.is_type("application/json") {
            return Err(bad_request("the content type is not application/json"));
        }
        if call.body.len() > MAX_BODY_BYTES {
            return Err(bad_request("the body is larger than 20 KB"));
        }
        let body: Value =
            serde_json::from_slice(&call.body).map_err(|error| bad_request(&error.to_string()))?;
        if let Some(secret) = &chat.bot.secret
            && !is_signed(&body, secret, now)
        {
            let words = "sign match fail or timestamp is not within one hour from current time";
            return Err((19_021, words.into()));
        }
        message::check(&body).map_err(|why| bad_request(&why))?;
        let keywords = &chat.bot.keywords;
        let text = message::shown(&body);
        if !keywords.is_empty() && !keywords.iter().any(|word| text.contains(word.as_str())) {
            return Err((19_024, "Key Words Not Found".into()));
        }
        let fits = chat.second.has_room(now) && chat.minute.has_room(now);
        if fits || self.site.unlimited {
            chat.second.take(now);
            chat.minute.take(now);
            return Ok(());
        }
        Err((
            11_232,
            "frequency limited psm[lark.oapi.app_platform_runtime]appID[1500]".into(),
        ))
    }
}

/// `sign` = base64(HMAC-SHA256(key = timestamp + "\n" + secret, message = nothing)), both in the
/// body, the time as a text of seconds.
fn is_signed(body: &Value, secret: &str, now: Time) -> bool {
    let (Some(stamp), Some(sign)) = (body["timestamp"].as_str(), body["sign"].as_str()) else {
        return false;
    };
    let Ok(seconds) = stamp.parse::<i64>() else {
        return false;
    };
    let sent = Time::from_secs(seconds);
    if now.since(sent).max(sent.since(now)) > SIGN_TOLERANCE {
        return false;
    }
    let key = hmac::Key::new(hmac::HMAC_SHA256, format!("{stamp}\n{secret}").as_bytes());
    STANDARD
        .decode(sign)
        .is_ok_and(|tag| hmac::verify(&key, b"", &tag).is_ok())
}

fn answer(code: i64, words: &str) -> Reply {
    let reply = Reply::json(&json!({"code": code, "msg": words, "data": {}}));
    if code == 9_499 {
        reply.with_status(400)
    } else {
        reply
    }
}

fn well() -> Reply {
    Reply::json(&json!({
        "StatusCode": 0,
        "StatusMessage": "success",
        "code": 0,
        "data": {},
        "msg": "success",
        "Extra": null,
    }))
}

impl Rules for Feishu {
    fn judge(&self, call: &Call, now: Time) -> Judged {
        let token = call.segments().last().unwrap_or("");
        match self.check(token, call, now) {
            Ok(()) => Judged::new(Verdict::Accepted, token, well()),
            Err((code, words)) => {
                let verdict = Verdict::Refused(format!("{code} {words}"));
                Judged::new(verdict, token, answer(code, &words))
            }
        }
    }

    fn fault(&self, fault: &Fault) -> Reply {
        match fault {
            Fault::Code(code, words) => answer(*code, words),
            Fault::RateLimited(_) => answer(11_232, "frequency limited"),
            Fault::ExpiredToken => answer(
                19_001,
                "param invalid: incoming webhook access token invalid",
            ),
        }
    }

    fn shown(&self, body: &Value) -> String {
        message::shown(body)
    }
}

#[cfg(test)]
mod tests;
