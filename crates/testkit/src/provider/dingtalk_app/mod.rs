//! DingTalk's enterprise application: tokens, work notices, the robot's messages and DING, the address book and groups.
//!
//! The older API (`/topapi`) answers HTTP 200 with `errcode` and takes the token in the query; the current one (`/v1.0`)
//! answers with a status and `code`, and takes the token in a header. Fields, limits and codes follow
//! open.dingtalk.com: obtain-orgapp-token, asynchronous-sending-of-enterprise-session-messages, message-types-and-data-format,
//! chatbots-send-one-on-one-…, the-robot-sends-a-group-message, robot-sends-nail-message, create-common-group-new-version-v2,
//! create-a-scene-group, obtain-the-userid-of-your-mobile-phone-number.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use balefire_core::time::Time;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::{Call, Fault, Judged, Site};
use crate::received::Verdict;
use crate::reply::Reply;
use crate::window::Window;

mod card;
pub mod notice;
pub mod office;
pub mod org;
pub mod robot;
mod template;
pub mod token;

/// The application's Client ID, which is its robot's code too.
pub const CLIENT_ID: &str = "dingsim0123456789ab";
/// Its Client Secret.
pub const CLIENT_SECRET: &str = "sim-client-secret-0123456789-abcdefghijklmnopqrstuvwxyz";
/// The company's CorpId.
pub const CORP_ID: &str = "dingcorp0123456789ab";
/// The application's AgentId.
pub const AGENT_ID: i64 = 1_234_567_890;
/// Calls of one application of one API in a second.
pub const CALLS_PER_SECOND: usize = 20;

/// A refusal of the older API: code and words.
type Refusal = (i64, String);

/// A refusal of the current API: status, name and words.
type Named = (u16, &'static str, String);

/// What the four desks share: the company.
#[derive(Debug)]
pub(crate) struct Company {
    tokens: token::Tokens,
    people: Mutex<People>,
    groups: Mutex<BTreeMap<String, robot::Chat>>,
}

/// Who is in the company.
#[derive(Debug, Default)]
struct People {
    /// `None`: everybody asked for.
    users: Option<BTreeSet<String>>,
    mobiles: BTreeMap<String, String>,
    /// Who has never logged in.
    inactive: BTreeSet<String>,
    /// Who is outside the application's scope.
    hidden: BTreeSet<String>,
}

impl Company {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            tokens: token::Tokens::default(),
            people: Mutex::default(),
            groups: Mutex::default(),
        })
    }

    fn employs(&self, user: &str) -> bool {
        let people = self.people.lock();
        people
            .users
            .as_ref()
            .is_none_or(|users| users.contains(user))
    }
}

/// How many calls a second a desk takes.
#[derive(Debug)]
struct Pace {
    site: Site,
    second: Mutex<BTreeMap<String, Window>>,
}

impl Pace {
    fn new(site: Site) -> Self {
        Self {
            site,
            second: Mutex::default(),
        }
    }

    fn admits(&self, path: &str, now: Time) -> bool {
        if self.site.unlimited {
            return true;
        }
        let mut second = self.second.lock();
        let window = second
            .entry(path.to_owned())
            .or_insert_with(|| Window::new(CALLS_PER_SECOND, Duration::from_secs(1)));
        window.admit(now)
    }
}

/// An answer of the older API.
fn answer(code: i64, words: &str) -> Reply {
    Reply::json(&json!({"errcode": code, "errmsg": words, "request_id": "sim-request"}))
}

fn refuse(account: &str, (code, words): &Refusal, notes: Vec<String>) -> Judged {
    let verdict = Verdict::Refused(format!("{code} {words}"));
    Judged {
        notes,
        ..Judged::new(verdict, account, answer(*code, words))
    }
}

/// A refusal of the current API.
fn named(status: u16, name: &str, words: &str) -> Reply {
    let body = json!({"code": name, "message": words, "requestid": "SIM-REQUEST"});
    Reply::json(&body).with_status(status)
}

fn refuse_named(account: &str, (status, name, words): &Named) -> Judged {
    let verdict = Verdict::Refused(format!("{status} {name} {words}"));
    Judged::new(verdict, account, named(*status, name, words))
}

/// Whether a call of the current API has its method, the token and a JSON object as body.
fn opened(
    company: &Company,
    call: &Call,
    method: &http::Method,
    now: Time,
) -> Result<Value, Named> {
    if call.method != *method {
        return Err((404, "InvalidAction.NotFound", "no such method".into()));
    }
    let token = call.header("x-acs-dingtalk-access-token");
    if company.tokens.check(token, now).is_err() {
        let words = "不合法的access_token".into();
        return Err((400, "InvalidAuthentication", words));
    }
    object(call)
}

/// The body of a call of the current API.
fn object(call: &Call) -> Result<Value, Named> {
    let body: Option<Value> = serde_json::from_slice(&call.body).ok();
    match body.filter(|body| body.is_object() && call.is_type("application/json")) {
        Some(body) => Ok(body),
        None => Err((400, "MissingBody", "a JSON object is expected".into())),
    }
}

/// A field that must be a text with something in it.
fn text<'a>(body: &'a Value, name: &str) -> Result<&'a str, Named> {
    match body[name].as_str() {
        Some(text) if !text.is_empty() => Ok(text),
        _ => Err((400, "miss.param", format!("{name} is missing"))),
    }
}

/// A field that must be a list of texts with something in it.
fn texts<'a>(body: &'a Value, name: &str) -> Result<Vec<&'a str>, Named> {
    let wrong = || (400, "miss.param", format!("{name} is missing"));
    let list = body[name].as_array().ok_or_else(wrong)?;
    let texts: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
    texts.filter(|texts| !texts.is_empty()).ok_or_else(wrong)
}

/// A scripted refusal in the form of the older API.
fn old_fault(fault: &Fault) -> Reply {
    match fault {
        Fault::Code(code, words) => answer(*code, words),
        Fault::RateLimited(_) => answer(90_018, "您的服务器调用钉钉开放平台接口的频率过高"),
        Fault::ExpiredToken => answer(42_001, "access_token已过期"),
    }
}

/// A scripted refusal in the form of the current API: a code is the status, its words the name.
fn new_fault(fault: &Fault) -> Reply {
    match fault {
        Fault::Code(code, words) => named(u16::try_from(*code).unwrap_or(400), words, words),
        Fault::RateLimited(_) => {
            let name = "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi";
            named(403, name, "qps limit")
        }
        Fault::ExpiredToken => named(400, "InvalidAuthentication", "不合法的access_token"),
    }
}

#[cfg(test)]
mod tests;
