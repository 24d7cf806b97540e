//! Alibaba Cloud's RPC API at `/`: text messages (`SendSms`) and calls (`SingleCallByTts`, `SingleCallByVoice`).
//!
//! Signatures, parameters, limits and codes follow help.aliyun.com: "V3 request structure and signature", "RPC
//! mechanism", the pages of the three actions, and the error codes of both products.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use balefire_core::time::Time;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::{Call, Fault, Judged, Rules, Sim, Site};
use crate::received::Verdict;
use crate::reply::Reply;
use crate::window::Window;

mod param;
mod sign;
mod sms;
mod voice;

/// The access key's id.
pub const KEY_ID: &str = "LTAI5tTestKeyId0001";
/// Its secret; both are those of the wire contract's test vectors.
pub const KEY_SECRET: &str = "TestKeySecret0001abcdefghijklmn";
/// The one approved signature.
pub const SIGN_NAME: &str = "测试签名";
/// The approved template for text messages; its variables are [`VARIABLES`].
pub const SMS_TEMPLATE: &str = "SMS_123456789";
/// Another one, whose only variable is [`COMMAND`].
pub const COMMAND_TEMPLATE: &str = "SMS_234567890";
/// The approved template for calls; its variables are [`VARIABLES`].
pub const TTS_TEMPLATE: &str = "TTS_123456789";
/// The approved recording.
pub const RECORDING: &str = "recording-0001.wav";
/// The number that calls may show.
pub const SHOWN_NUMBER: &str = "01088886666";
/// What [`SMS_TEMPLATE`] and [`TTS_TEMPLATE`] ask for.
pub const VARIABLES: [&str; 3] = ["title", "level", "summary"];
/// What [`COMMAND_TEMPLATE`] asks for.
pub const COMMAND: &str = "command";
/// How far a call's time may be off, either way.
pub const TOLERANCE: Duration = Duration::from_mins(15);
/// Most calls to one person: so many in such a time.
const PACE_OF_CALLS: [(usize, Duration); 3] = [
    (1, Duration::from_mins(1)),
    (5, Duration::from_hours(1)),
    (20, Duration::from_hours(24)),
];
/// Most text messages of one template to one person in a day.
pub const SMS_PER_DAY: usize = 50;

/// The simulated API.
#[derive(Debug)]
pub struct Aliyun {
    site: Site,
    state: Mutex<State>,
}

/// [`Aliyun`] with its record.
pub type AliyunSim = Sim<Aliyun>;

#[derive(Debug, Default)]
struct State {
    /// Keys beside the first: id and secret.
    keys: BTreeMap<String, String>,
    nonces: BTreeSet<String>,
    /// Numbers that no network knows.
    dead: BTreeSet<String>,
    pace: BTreeMap<String, Vec<(Duration, Window)>>,
    sent: u64,
}

/// A refusal: HTTP status, code and words.
type Refusal = (u16, &'static str, String);

/// A refusal of the product: 200 with a code.
fn refuse<T>(code: &'static str, words: impl Into<String>) -> Result<T, Refusal> {
    Err((200, code, words.into()))
}

impl Sim<Aliyun> {
    /// The address of the API.
    pub fn api_url(&self) -> &str {
        &self.rules.site.base
    }

    /// Knows one more access key.
    pub fn add_key(&self, id: &str, secret: &str) {
        let mut state = self.rules.state.lock();
        state.keys.insert(id.to_owned(), secret.to_owned());
    }

    /// From now on a call with this number, as it is sent, is refused with `isv.MOBILE_NUMBER_ILLEGAL`.
    pub fn refuse_number(&self, number: &str) {
        self.rules.state.lock().dead.insert(number.to_owned());
    }
}

impl Aliyun {
    pub(crate) fn new(site: Site) -> Self {
        let mut state = State::default();
        state.keys.insert(KEY_ID.into(), KEY_SECRET.into());
        Self {
            site,
            state: Mutex::new(state),
        }
    }

    fn check(
        &self,
        call: &Call,
        now: Time,
        notes: &mut Vec<String>,
    ) -> Result<(Verdict, Value), Refusal> {
        if call.method != http::Method::POST && call.method != http::Method::GET {
            return Err((
                405,
                "UnsupportedHTTPMethod",
                "This method is not supported.".into(),
            ));
        }
        let parameters = parameters(call)?;
        let mut state = self.state.lock();
        let keys = state.keys.clone();
        let signed = sign::check(call, &parameters, &keys, now)?;
        if !state.nonces.insert(signed.nonce) {
            let words = "Specified signature nonce was used already.";
            return Err((400, "SignatureNonceUsed", words.into()));
        }
        let id = match signed.action.as_str() {
            "SendSms" => sms::check(&mut state, &parameters, now, self.site.unlimited, notes)?,
            "SingleCallByTts" | "SingleCallByVoice" => voice::check(
                &mut state,
                &signed.action,
                &parameters,
                now,
                self.site.unlimited,
            )?,
            _ => {
                let words = "Specified api is not found, please check your url and method.";
                return Err((404, "InvalidAction.NotFound", words.into()));
            }
        };
        let mut reply = json!({"RequestId": request_id(state.sent), "Message": "OK", "Code": "OK"});
        reply[id.0] = id.1.into();
        Ok((Verdict::Accepted, reply))
    }
}

impl State {
    fn next(&mut self) -> u64 {
        self.sent += 1;
        self.sent
    }

    /// Whether one more fits all of these limits for this person; it is counted if so.
    fn admit(
        &mut self,
        who: String,
        limits: &[(usize, Duration)],
        now: Time,
    ) -> Result<(), Duration> {
        let windows = self.pace.entry(who).or_insert_with(|| {
            let window = |(calls, per): &(usize, Duration)| (*per, Window::new(*calls, *per));
            limits.iter().map(window).collect()
        });
        for (per, window) in windows.iter_mut() {
            if !window.has_room(now) {
                return Err(*per);
            }
        }
        for (_, window) in windows {
            window.take(now);
        }
        Ok(())
    }
}

fn request_id(n: u64) -> String {
    format!("00000000-0000-0000-0000-{n:012}")
}

/// All parameters of query and form; one that is given twice is no call of the vendor's.
fn parameters(call: &Call) -> Result<BTreeMap<String, String>, Refusal> {
    if !call.body.is_empty() && !call.is_type("application/x-www-form-urlencoded") {
        return Err((415, "UnsupportedContentType", "not a form".into()));
    }
    let query = call.uri.query().unwrap_or("").as_bytes();
    let mut parameters = BTreeMap::new();
    for (name, value) in
        url::form_urlencoded::parse(query).chain(url::form_urlencoded::parse(&call.body))
    {
        if parameters
            .insert(name.to_string(), value.to_string())
            .is_some()
        {
            return Err((400, "InvalidParameter", format!("{name} is given twice")));
        }
    }
    Ok(parameters)
}

fn refused(status: u16, code: &str, words: &str) -> Reply {
    let mut body = json!({"RequestId": request_id(0), "Code": code, "Message": words});
    if status != 200 {
        body["HostId"] = "simulated".into();
        body["Recommend"] = "https://api.aliyun.com/troubleshoot".into();
    }
    Reply::json(&body).with_status(status)
}

impl Rules for Aliyun {
    fn judge(&self, call: &Call, now: Time) -> Judged {
        let mut notes = Vec::new();
        let (verdict, reply) = match self.check(call, now, &mut notes) {
            Ok((verdict, reply)) => (verdict, Reply::json(&reply)),
            Err((status, code, words)) => (
                Verdict::Refused(format!("{code} {words}")),
                refused(status, code, &words),
            ),
        };
        let action = call.header("x-acs-action").unwrap_or_default();
        Judged {
            notes,
            ..Judged::new(verdict, action, reply)
        }
    }

    fn fault(&self, fault: &Fault) -> Reply {
        match fault {
            Fault::Code(_, code) => refused(200, code, "as scripted"),
            Fault::RateLimited(_) => {
                let words = "Request was denied due to user flow control.";
                refused(400, "Throttling.User", words)
            }
            Fault::ExpiredToken => {
                let words = "Specified access key is not found.";
                refused(404, "InvalidAccessKeyId.NotFound", words)
            }
        }
    }

    fn shown(&self, _body: &Value) -> String {
        String::new()
    }
}

#[cfg(test)]
mod tests;
