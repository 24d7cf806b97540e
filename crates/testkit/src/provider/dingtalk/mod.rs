//! The custom group robot of DingTalk: `POST /robot/send?access_token=…&timestamp=…&sign=…`.
//!
//! Signature, limits and codes follow open.dingtalk.com, "custom robots send group messages",
//! "customize robot security settings" and "robot message type".

use std::collections::BTreeMap;
use std::time::Duration;

use aws_lc_rs::hmac;
use balefire_core::time::Time;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::{Call, Fault, Judged, Rules, Sim, Site};
use crate::received::Verdict;
use crate::reply::Reply;
use crate::window::Window;

mod message;

/// Largest body in bytes; one more is refused with 460101.
pub const MAX_BODY_BYTES: usize = 20_000;
/// Messages of one robot in a minute; one more starts the penalty.
pub const MESSAGES_PER_MINUTE: usize = 20;
/// How long a robot that was too fast is refused with 130101.
pub const PENALTY: Duration = Duration::from_mins(10);
/// How far a signature's time may be off, either way.
pub const SIGN_TOLERANCE: Duration = Duration::from_hours(1);
/// The access token of the robot that is there from the start.
pub const DEFAULT_TOKEN: &str = "f1e2d3c4b5a69788796a5b4c3d2e1f0011223344556677889900aabbccddeeff";
/// Its secret: that of the wire contract's test vectors.
pub const DEFAULT_SECRET: &str =
    "SEC0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// One robot in one chat.
#[derive(Clone, Debug, Default)]
pub struct Robot {
    /// The access token in its address.
    pub token: String,
    /// The signing secret; `None` if signing is off.
    pub secret: Option<String>,
    /// Words of which a message must hold one; empty if the keyword check is off.
    pub keywords: Vec<String>,
}

#[derive(Debug)]
struct Chat {
    robot: Robot,
    minute: Window,
    refused_until: Time,
    /// `msgUuid`s seen: a repeated one is answered well and not shown again.
    seen: Vec<String>,
}

/// The simulated robot service.
#[derive(Debug)]
pub struct DingTalk {
    site: Site,
    chats: Mutex<BTreeMap<String, Chat>>,
}

/// [`DingTalk`] with its record.
pub type DingTalkSim = Sim<DingTalk>;

impl Sim<DingTalk> {
    /// The address of the first robot, with its access token, as an operator copies it.
    pub fn url(&self) -> String {
        self.robot_url(DEFAULT_TOKEN)
    }

    /// The address of a robot.
    pub fn robot_url(&self, token: &str) -> String {
        format!("{}/robot/send?access_token={token}", self.rules.site.base)
    }

    /// The first robot's access token.
    pub fn token(&self) -> &'static str {
        DEFAULT_TOKEN
    }

    /// The first robot's signing secret.
    pub fn secret(&self) -> &'static str {
        DEFAULT_SECRET
    }

    /// Adds a robot, or replaces the one with this token; its quota starts afresh.
    pub fn add_robot(&self, robot: Robot) {
        self.rules.add(robot);
    }

    /// Sets the first robot's keywords.
    pub fn set_keywords(&self, keywords: &[&str]) {
        if let Some(chat) = self.rules.chats.lock().get_mut(DEFAULT_TOKEN) {
            chat.robot.keywords = keywords.iter().map(|&word| word.to_owned()).collect();
        }
    }
}

/// A refusal: code and words.
type Refusal = (i64, String);

impl DingTalk {
    pub(crate) fn new(site: Site) -> Self {
        let service = Self {
            site,
            chats: Mutex::default(),
        };
        service.add(Robot {
            token: DEFAULT_TOKEN.into(),
            secret: Some(DEFAULT_SECRET.into()),
            keywords: Vec::new(),
        });
        service
    }

    fn add(&self, robot: Robot) {
        let chat = Chat {
            robot,
            minute: Window::new(MESSAGES_PER_MINUTE, Duration::from_mins(1)),
            refused_until: Time::EPOCH,
            seen: Vec::new(),
        };
        self.chats.lock().insert(chat.robot.token.clone(), chat);
    }

    fn check(&self, call: &Call, now: Time, notes: &mut Vec<String>) -> Result<Verdict, Refusal> {
        if call.method != http::Method::POST {
            return Err((43_002, "only POST is allowed".into()));
        }
        if !call.is_type("application/json") {
            return Err((43_004, "invalid http header Content-Type".into()));
        }
        let token = call.query("access_token").unwrap_or_default();
        let mut chats = self.chats.lock();
        let Some(chat) = chats.get_mut(&*token) else {
            return Err((400_101, "access_token does not exist".into()));
        };
        if call.body.len() > MAX_BODY_BYTES {
            return Err((460_101, "message too long, exceed 20000 bytes".into()));
        }
        let body: Value = serde_json::from_slice(&call.body)
            .map_err(|error| (40_035, format!("missing json: {error}")))?;
        if now < chat.refused_until {
            return Err(too_fast());
        }
        if let Some(secret) = &chat.robot.secret {
            check_sign(call, secret, now)?;
        }
        message::check(&body, notes)?;
        let keywords = &chat.robot.keywords;
        let text = message::shown(&body);
        if !keywords.is_empty() && !keywords.iter().any(|word| text.contains(word.as_str())) {
            return Err((310_000, "keywords not in content".into()));
        }
        chat.admit(&body, now, self.site.unlimited)
    }
}

impl Chat {
    fn admit(&mut self, body: &Value, now: Time, unlimited: bool) -> Result<Verdict, Refusal> {
        if !unlimited && !self.minute.admit(now) {
            self.refused_until = now.after(PENALTY);
            return Err(too_fast());
        }
        if let Some(id) = body["msgUuid"].as_str() {
            if self.seen.iter().any(|seen| seen == id) {
                return Ok(Verdict::Repeated);
            }
            if self.seen.len() == 1_000 {
                self.seen.remove(0);
            }
            self.seen.push(id.to_owned());
        }
        Ok(Verdict::Accepted)
    }
}

fn too_fast() -> Refusal {
    (130_101, "send too fast, exceed 20 times per minute".into())
}

/// `sign` = base64(HMAC-SHA256(key = secret, message = timestamp + "\n" + secret)), both in the query.
fn check_sign(call: &Call, secret: &str, now: Time) -> Result<(), Refusal> {
    let refused = |why: &str| Err((310_000, why.to_owned()));
    let (Some(stamp), Some(sign)) = (call.query("timestamp"), call.query("sign")) else {
        return refused("sign not match");
    };
    let Some(millis) = stamp.parse::<i64>().ok().filter(|_| stamp.len() == 13) else {
        return refused("invalid timestamp");
    };
    let sent = Time::from_millis(millis);
    if now.since(sent).max(sent.since(now)) > SIGN_TOLERANCE {
        return refused("invalid timestamp");
    }
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let good = STANDARD
        .decode(&*sign)
        .is_ok_and(|tag| hmac::verify(&key, format!("{stamp}\n{secret}").as_bytes(), &tag).is_ok());
    if good {
        Ok(())
    } else {
        refused("sign not match")
    }
}

fn answer(code: i64, words: &str) -> Reply {
    Reply::json(&json!({"errcode": code, "errmsg": words}))
}

impl Rules for DingTalk {
    fn judge(&self, call: &Call, now: Time) -> Judged {
        let mut notes = Vec::new();
        let account = call.query("access_token").unwrap_or_default().into_owned();
        let (verdict, reply) = match self.check(call, now, &mut notes) {
            Ok(verdict) => (verdict, answer(0, "ok")),
            Err((code, words)) => (
                Verdict::Refused(format!("{code} {words}")),
                answer(code, &words),
            ),
        };
        Judged {
            notes,
            ..Judged::new(verdict, account, reply)
        }
    }

    fn fault(&self, fault: &Fault) -> Reply {
        match fault {
            Fault::Code(code, words) => answer(*code, words),
            Fault::RateLimited(_) => answer(130_101, &too_fast().1),
            Fault::ExpiredToken => answer(400_101, "access_token does not exist"),
        }
    }

    fn shown(&self, body: &Value) -> String {
        message::shown(body)
    }
}

#[cfg(test)]
mod tests;
