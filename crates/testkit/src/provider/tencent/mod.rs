//! Tencent Cloud's API 3.0 at `/`: text messages (`SendSms`) and calls (`SendTtsVoice`).
//!
//! Signature, fields, limits and codes follow cloud.tencent.com: "signature method v3", the pages of the two
//! actions, and the error codes of both products.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use balefire_core::time::Time;
use http::Method;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::{Call, Fault, Judged, Rules, Sim, Site};
use crate::received::Verdict;
use crate::reply::Reply;
use crate::window::Window;

mod message;
mod sign;

/// The key's id.
pub const SECRET_ID: &str = "AKIDTESTtestTESTtest0001";
/// The key; both are those of the wire contract's test vectors.
pub const SECRET_KEY: &str = "SECRETtestSECRETtest000000001";
/// The application for text messages.
pub const SMS_APP: &str = "1400000001";
/// The application for calls.
pub const VOICE_APP: &str = "1400000002";
/// The approved signature.
pub const SIGN_NAME: &str = "测试签名";
/// The approved template for text messages, with three variables.
pub const SMS_TEMPLATE: &str = "1110";
/// The approved template for calls, with three variables.
pub const VOICE_TEMPLATE: &str = "2001";
/// How far a call's time may be off, either way.
pub const TOLERANCE: Duration = Duration::from_mins(5);
/// Text messages to one person in half a minute.
const PER_HALF_MINUTE: usize = 1;

/// The simulated API.
#[derive(Debug)]
pub struct Tencent {
    site: Site,
    state: Mutex<State>,
}

/// [`Tencent`] with its record.
pub type TencentSim = Sim<Tencent>;

#[derive(Debug, Default)]
struct State {
    /// Keys: id and secret.
    keys: BTreeMap<String, String>,
    /// Numbers that have unsubscribed, as E.164.
    unsubscribed: BTreeSet<String>,
    pace: BTreeMap<String, Window>,
    sent: u64,
}

/// A refusal: code and words.
type Refusal = (&'static str, String);

fn refuse<T>(code: &'static str, words: impl Into<String>) -> Result<T, Refusal> {
    Err((code, words.into()))
}

impl Sim<Tencent> {
    /// The address of the API.
    pub fn api_url(&self) -> &str {
        &self.rules.site.base
    }

    /// Knows one more key.
    pub fn add_key(&self, id: &str, key: &str) {
        let mut state = self.rules.state.lock();
        state.keys.insert(id.to_owned(), key.to_owned());
    }

    /// From now on this number (`+86…`) gets no text messages: its entry says `PhoneNumberInBlacklist`.
    pub fn unsubscribe(&self, number: &str) {
        let mut state = self.rules.state.lock();
        state.unsubscribed.insert(number.to_owned());
    }
}

impl Tencent {
    pub(crate) fn new(site: Site) -> Self {
        let mut state = State::default();
        state.keys.insert(SECRET_ID.into(), SECRET_KEY.into());
        Self {
            site,
            state: Mutex::new(state),
        }
    }

    fn check(&self, call: &Call, now: Time) -> Result<Value, Refusal> {
        if call.method != Method::POST || !call.is_type("application/json") {
            return refuse("UnsupportedProtocol", "only POST with JSON");
        }
        let mut state = self.state.lock();
        let (action, version) = (call.header("x-tc-action"), call.header("x-tc-version"));
        let service = match (action, version) {
            (Some("SendSms"), Some("2021-01-11")) => "sms",
            (Some("SendTtsVoice"), Some("2020-09-02")) => "vms",
            (_, None) => return refuse("MissingParameter", "X-TC-Version"),
            _ => return refuse("InvalidAction", "no such action in this version"),
        };
        sign::check(call, service, &state.keys, now)?;
        let Ok(body) = serde_json::from_slice::<Value>(&call.body) else {
            return refuse("FailedOperation.JsonParseFail", "no JSON");
        };
        if service == "sms" {
            if call.header("x-tc-region").is_none() {
                return refuse("MissingParameter", "X-TC-Region");
            }
            let numbers = message::check_sms(&body)?;
            let context = &body["SessionContext"];
            let entries: Vec<Value> = numbers
                .iter()
                .map(|number| state.entry(number, context, now, self.site.unlimited))
                .collect();
            return Ok(json!({"SendStatusSet": entries}));
        }
        message::check_voice(&body)?;
        state.sent += 1;
        let id = format!("sim-call-{}", state.sent);
        Ok(json!({"SendStatus": {"CallId": id, "SessionContext": body["SessionContext"]}}))
    }
}

impl State {
    /// What becomes of one number.
    fn entry(&mut self, number: &str, context: &Value, now: Time, unlimited: bool) -> Value {
        let window = self
            .pace
            .entry(number.to_owned())
            .or_insert_with(|| Window::new(PER_HALF_MINUTE, Duration::from_secs(30)));
        let (code, words) = if self.unsubscribed.contains(number) {
            ("FailedOperation.PhoneNumberInBlacklist", "in blacklist")
        } else if !unlimited && !window.admit(now) {
            ("LimitExceeded.PhoneNumberThirtySecondLimit", "too fast")
        } else {
            ("Ok", "send success")
        };
        self.sent += 1;
        let serial = if code == "Ok" {
            format!("5000:{:027}", self.sent)
        } else {
            String::new()
        };
        json!({
            "SerialNo": serial,
            "PhoneNumber": number,
            "Fee": i32::from(code == "Ok"),
            "SessionContext": context,
            "Code": code,
            "Message": words,
            "IsoCode": "CN",
        })
    }
}

fn answer(mut response: Value) -> Reply {
    response["RequestId"] = "00000000-0000-0000-0000-000000000001".into();
    Reply::json(&json!({"Response": response}))
}

fn refused(code: &str, words: &str) -> Reply {
    answer(json!({"Error": {"Code": code, "Message": words}}))
}

impl Rules for Tencent {
    fn judge(&self, call: &Call, now: Time) -> Judged {
        let (verdict, reply) = match self.check(call, now) {
            Ok(response) => (Verdict::Accepted, answer(response)),
            Err((code, words)) => (
                Verdict::Refused(format!("{code} {words}")),
                refused(code, &words),
            ),
        };
        Judged::new(verdict, call.header("x-tc-action").unwrap_or(""), reply)
    }

    fn fault(&self, fault: &Fault) -> Reply {
        match fault {
            Fault::Code(_, code) => refused(code, "as scripted"),
            Fault::RateLimited(_) => refused("RequestLimitExceeded", "too many requests"),
            Fault::ExpiredToken => refused("AuthFailure.TokenFailure", "the token is over"),
        }
    }

    fn shown(&self, body: &Value) -> String {
        let params = body["TemplateParamSet"].as_array();
        let texts = params.into_iter().flatten().filter_map(Value::as_str);
        texts.collect::<Vec<_>>().join(" · ")
    }
}

#[cfg(test)]
mod tests;
