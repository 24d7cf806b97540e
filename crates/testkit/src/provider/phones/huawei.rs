//! Huawei Cloud's text messages: `POST /sms/batchSendSms/v1`, signed in one of two ways.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use aws_lc_rs::{digest, hmac};
use balefire_core::time::Time;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::{at, form, is_number, set};
use crate::provider::{Call, Fault, Judged, Rules, Sim};
use crate::received::Verdict;
use crate::reply::Reply;

/// The application's key and secret.
pub const DEFAULT_KEY: &str = "SimulatedAppKey0";
/// See [`DEFAULT_KEY`].
pub const DEFAULT_SECRET: &str = "SimulatedAppSecret0";

/// The simulated API.
#[derive(Debug)]
pub struct Huawei {
    state: Mutex<State>,
}

/// [`Huawei`] with its record.
pub type HuaweiSim = Sim<Huawei>;

#[derive(Debug, Default)]
struct State {
    keys: BTreeMap<String, String>,
    nonces: BTreeSet<String>,
    barred: BTreeSet<String>,
}

impl Sim<Huawei> {
    /// The application's key.
    pub fn key(&self) -> &'static str {
        DEFAULT_KEY
    }

    /// Its secret.
    pub fn secret(&self) -> &'static str {
        DEFAULT_SECRET
    }

    /// Makes another application known.
    pub fn add_key(&self, key: &str, secret: &str) {
        let mut state = self.rules.state.lock();
        state.keys.insert(key.to_owned(), secret.to_owned());
    }

    /// These numbers are refused.
    pub fn set_barred(&self, numbers: &[&str]) {
        self.rules.state.lock().barred = set(numbers);
    }
}

/// A refusal: code and words.
type Refusal = (&'static str, &'static str);

fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(digest::digest(&digest::SHA256, bytes))
}

/// The value of `name="…"` or `name=…,` in a header.
fn part<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = header.split_once(&format!("{name}="))?;
    match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => rest.split(',').next().map(str::trim),
    }
}

impl Huawei {
    pub(super) fn new() -> Self {
        let state = State {
            keys: BTreeMap::from([(DEFAULT_KEY.to_owned(), DEFAULT_SECRET.to_owned())]),
            ..State::default()
        };
        Self {
            state: Mutex::new(state),
        }
    }

    fn check(&self, call: &Call, now: Time) -> Result<Value, Refusal> {
        let mut state = self.state.lock();
        let authorization = call.header("authorization").unwrap_or_default();
        if authorization.starts_with("WSSE ") {
            check_wsse(&mut state, call, authorization, now)?;
        } else if authorization.starts_with("SDK-HMAC-SHA256 ") {
            check_sdk(&state, call, authorization, now)?;
        } else {
            return Err(("E000001", "Authorization not contained in the HTTP header."));
        }
        let pairs = form(call);
        let word = |name: &str| at(&pairs, name);
        let values: Option<Vec<String>> = serde_json::from_str(word("templateParas")).ok();
        let to: Vec<&str> = word("to").split(',').collect();
        if word("from").is_empty() || word("templateId").is_empty() || word("to").len() > 21_999 {
            return Err(("E000000", "System error."));
        }
        if values.is_none_or(|values| values.iter().any(String::is_empty)) {
            return Err(("E000000", "System error: templateParas."));
        }
        let result: Vec<Value> = to
            .iter()
            .map(|number| {
                let good = is_number(number) && !state.barred.contains(*number);
                let status = if good { "000000" } else { "E000510" };
                json!({"originTo": number, "from": word("from"), "smsMsgId": "d6e3cdd0_1",
                    "status": status, "createTime": "2026-11-21T08:30:00Z"})
            })
            .collect();
        let all = result.iter().all(|entry| entry["status"] == "000000");
        let (code, words) = if all {
            ("000000", "Success")
        } else {
            ("E000510", "The SMS fails to be sent.")
        };
        Ok(json!({"code": code, "description": words, "result": result}))
    }
}

fn check_wsse(state: &mut State, call: &Call, scheme: &str, now: Time) -> Result<(), Refusal> {
    if part(scheme, "realm") != Some("SDP")
        || part(scheme, "profile") != Some("UsernameToken")
        || part(scheme, "type") != Some("Appkey")
    {
        return Err(("E000002", "The realm or profile is wrong."));
    }
    let token = call.header("x-wsse").unwrap_or_default();
    let word = |name: &str| part(token, name).unwrap_or_default();
    let (user, nonce, created) = (word("Username"), word("Nonce"), word("Created"));
    if !token.starts_with("UsernameToken ") || nonce.is_empty() {
        return Err(("E000020", "Nonce not contained in the X-WSSE header."));
    }
    let today = now.timestamp().strftime("%Y-%m-%dT%H:%M").to_string();
    if !created.starts_with(&today) || !created.ends_with('Z') {
        return Err(("E000022", "Created is out of range."));
    }
    let secret = state
        .keys
        .get(user)
        .ok_or(("E000005", "Invalid app_key."))?;
    let wanted = STANDARD.encode(sha256_hex(format!("{nonce}{created}{secret}").as_bytes()));
    if word("PasswordDigest") != wanted {
        return Err(("E000023", "PasswordDigest verification failed."));
    }
    if !state.nonces.insert(nonce.to_owned()) {
        return Err(("E000020", "The nonce was used before."));
    }
    Ok(())
}

fn check_sdk(state: &State, call: &Call, header: &str, now: Time) -> Result<(), Refusal> {
    const WRONG: Refusal = ("E000006", "The signature is invalid.");
    let key = part(header, "Access").ok_or(WRONG)?;
    let secret = state.keys.get(key).ok_or(("E000005", "Invalid app_key."))?;
    let date = call.header("x-sdk-date").unwrap_or_default();
    let minute = now.timestamp().strftime("%Y%m%dT%H%M").to_string();
    if !date.starts_with(&minute) {
        return Err(("E000022", "X-Sdk-Date is out of range."));
    }
    let names = part(header, "SignedHeaders").ok_or(WRONG)?;
    let mut canonical = format!("POST\n{}/\n\n", call.uri.path());
    for name in names.split(';') {
        let value = call.header(name).ok_or(WRONG)?;
        // Writing to a String cannot fail.
        let _ = writeln!(canonical, "{name}:{}", value.trim());
    }
    let _ = write!(canonical, "\n{names}\n{}", sha256_hex(&call.body));
    let text = format!(
        "SDK-HMAC-SHA256\n{date}\n{}",
        sha256_hex(canonical.as_bytes())
    );
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let wanted = hex::encode(hmac::sign(&key, text.as_bytes()));
    let whole = ["host", "x-sdk-date"]
        .iter()
        .all(|name| names.split(';').any(|n| n == *name));
    if !whole || part(header, "Signature") != Some(&wanted) {
        return Err(WRONG);
    }
    Ok(())
}

fn refusal((code, words): Refusal) -> Reply {
    Reply::json(&json!({"code": code, "description": words}))
}

impl Rules for Huawei {
    fn judge(&self, call: &Call, now: Time) -> Judged {
        match self.check(call, now) {
            Ok(answer) => Judged::new(Verdict::Accepted, "", Reply::json(&answer)),
            Err(refused) => {
                let verdict = Verdict::Refused(format!("{} {}", refused.0, refused.1));
                Judged::new(verdict, "", refusal(refused))
            }
        }
    }

    fn fault(&self, fault: &Fault) -> Reply {
        match fault {
            Fault::Code(code, words) => {
                Reply::json(&json!({"code": format!("E{code:06}"), "description": words}))
            }
            // Its gateway's, as the API itself names no quota.
            Fault::RateLimited(seconds) => {
                Reply::text(429, "too many").header("retry-after", seconds.to_string())
            }
            Fault::ExpiredToken => refusal(("E000023", "PasswordDigest verification failed.")),
        }
    }

    fn shown(&self, _body: &Value) -> String {
        String::new()
    }
}
