//! Twilio's REST API: `Messages.json`, `Calls.json`, and the account itself.

use std::collections::{BTreeMap, BTreeSet};

use balefire_core::time::Time;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::{at, form, is_number, set};
use crate::provider::{Call, Fault, Judged, Rules, Sim};
use crate::received::Verdict;
use crate::reply::Reply;

/// The account, its token, and a number that it owns.
pub const DEFAULT_SID: &str = "AC00000000000000000000000000000001";
/// See [`DEFAULT_SID`].
pub const DEFAULT_TOKEN: &str = "simulatedtoken000000000000000001";
/// See [`DEFAULT_SID`].
pub const DEFAULT_NUMBER: &str = "+15550100002";
/// Longest text of a message, and longest document of a call.
pub const MAX_BODY: usize = 1_600;
/// See [`MAX_BODY`].
pub const MAX_TWIML: usize = 4_000;

/// The simulated API.
#[derive(Debug)]
pub struct Twilio {
    state: Mutex<State>,
}

/// [`Twilio`] with its record.
pub type TwilioSim = Sim<Twilio>;

#[derive(Debug, Default)]
struct State {
    /// The token of each account.
    accounts: BTreeMap<String, String>,
    stopped: BTreeSet<String>,
    made: u64,
}

impl Sim<Twilio> {
    /// The account's SID.
    pub fn sid(&self) -> &'static str {
        DEFAULT_SID
    }

    /// Its auth token.
    pub fn token(&self) -> &'static str {
        DEFAULT_TOKEN
    }

    /// A number that it owns.
    pub fn number(&self) -> &'static str {
        DEFAULT_NUMBER
    }

    /// Makes another account known.
    pub fn add_account(&self, sid: &str, token: &str) {
        let mut state = self.rules.state.lock();
        state.accounts.insert(sid.to_owned(), token.to_owned());
    }

    /// These people have answered STOP.
    pub fn set_stopped(&self, numbers: &[&str]) {
        self.rules.state.lock().stopped = set(numbers);
    }
}

/// A refusal: status, code and words.
type Refusal = (u16, u32, String);

fn refuse<T>(code: u32, words: &str) -> Result<T, Refusal> {
    Err((400, code, words.to_owned()))
}

impl Twilio {
    pub(super) fn new() -> Self {
        let accounts = [(DEFAULT_SID.to_owned(), DEFAULT_TOKEN.to_owned())];
        let state = State {
            accounts: BTreeMap::from(accounts),
            ..State::default()
        };
        Self {
            state: Mutex::new(state),
        }
    }

    fn check(&self, call: &Call) -> Result<(Verdict, Value), Refusal> {
        let path = call.uri.path().strip_prefix("/2010-04-01/Accounts/");
        let path = path.unwrap_or_default();
        let (sid, rest) = path.split_once('/').unwrap_or((path, ""));
        let sid = sid.trim_end_matches(".json");
        let mut state = self.state.lock();
        let Some(token) = state.accounts.get(sid) else {
            return Err((
                404,
                20_404,
                format!("The requested resource {sid} was not found"),
            ));
        };
        let pair = STANDARD.encode(format!("{sid}:{token}"));
        if call.header("authorization") != Some(format!("Basic {pair}").as_str()) {
            return Err((401, 20_003, "Authenticate".into()));
        }
        let pairs = form(call);
        match (&call.method, rest) {
            (&Method::GET, "") => {
                let account = json!({"sid": sid, "status": "active", "friendly_name": "Simulated"});
                Ok((Verdict::Answered, account))
            }
            (&Method::POST, "Messages.json") => {
                check_message(&pairs)?;
                if state.stopped.contains(at(&pairs, "To")) {
                    return refuse(21_610, "Attempt to send to unsubscribed recipient");
                }
                state.made += 1;
                let sid = format!("SM{:032}", state.made);
                let made = json!({"sid": sid, "status": "queued", "error_code": null});
                Ok((Verdict::Accepted, made))
            }
            (&Method::POST, "Calls.json") => {
                check_call(&pairs)?;
                state.made += 1;
                let sid = format!("CA{:032}", state.made);
                Ok((Verdict::Accepted, json!({"sid": sid, "status": "queued"})))
            }
            _ => Err((404, 20_404, "The requested resource was not found".into())),
        }
    }
}

fn check_message(pairs: &[(String, String)]) -> Result<(), Refusal> {
    if !is_number(at(pairs, "To")) {
        return refuse(21_211, "Invalid 'To' Phone Number");
    }
    if at(pairs, "From").is_empty() && !at(pairs, "MessagingServiceSid").starts_with("MG") {
        return refuse(21_212, "Invalid From Number");
    }
    let length = at(pairs, "Body").chars().count();
    if length == 0 || length > MAX_BODY {
        return refuse(
            21_617,
            "The concatenated message body exceeds the 1600 character limit",
        );
    }
    let validity = at(pairs, "ValidityPeriod");
    if !validity.is_empty()
        && !validity
            .parse::<u32>()
            .is_ok_and(|n| (1..=36_000).contains(&n))
    {
        return refuse(21_623, "ValidityPeriod is out of range");
    }
    Ok(())
}

fn check_call(pairs: &[(String, String)]) -> Result<(), Refusal> {
    if !is_number(at(pairs, "To")) {
        return refuse(13_224, "The phone number is invalid");
    }
    if !is_number(at(pairs, "From")) {
        return refuse(
            21_210,
            "The source phone number is not yet verified for your account",
        );
    }
    let document = at(pairs, "Twiml");
    if document.is_empty() || document.chars().count() > MAX_TWIML {
        return refuse(
            21_205,
            "Url or Twiml is missing, or Twiml is longer than 4000 characters",
        );
    }
    if !is_twiml(document) {
        return refuse(12_100, "Document parse failure");
    }
    let machine = at(pairs, "MachineDetection");
    if !["", "Enable", "DetectMessageEnd"].contains(&machine) {
        return refuse(21_222, "MachineDetection is none of its words");
    }
    let ring = at(pairs, "Timeout");
    if !ring.is_empty() && !ring.parse::<u32>().is_ok_and(|n| (1..=600).contains(&n)) {
        return refuse(21_222, "Timeout is out of range");
    }
    Ok(())
}

/// Whether it is XML of the verbs that are spoken here, whose tags close each other.
fn is_twiml(document: &str) -> bool {
    let rest = document.trim_start();
    let rest = match rest.strip_prefix("<?xml") {
        Some(head) => head.split_once("?>").map_or("", |(_, rest)| rest),
        None => rest,
    };
    let mut open: Vec<&str> = Vec::new();
    let mut rest = rest.trim();
    if !rest.starts_with("<Response>") || !rest.ends_with("</Response>") {
        return false;
    }
    while let Some(start) = rest.find('<') {
        let Some(length) = rest[start..].find('>') else {
            return false;
        };
        let tag = &rest[start + 1..start + length];
        rest = &rest[start + length + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop() != Some(name) {
                return false;
            }
        } else if !tag.ends_with('/') {
            let name = tag.split(' ').next().unwrap_or_default();
            if !["Response", "Gather", "Say", "Pause", "Hangup", "Redirect"].contains(&name) {
                return false;
            }
            open.push(name);
        }
    }
    open.is_empty() && !rest.contains('>')
}

fn refusal((status, code, words): &Refusal) -> Reply {
    let more = format!("https://www.twilio.com/docs/errors/{code}");
    let body = json!({"code": code, "message": words, "more_info": more, "status": status});
    Reply::json(&body).with_status(*status)
}

impl Rules for Twilio {
    fn judge(&self, call: &Call, _now: Time) -> Judged {
        match self.check(call) {
            Ok((Verdict::Accepted, made)) => {
                Judged::new(Verdict::Accepted, "", Reply::json(&made).with_status(201))
            }
            Ok((verdict, answer)) => Judged::new(verdict, "", Reply::json(&answer)),
            Err(refused) => {
                let verdict = Verdict::Refused(format!("{} {}", refused.1, refused.2));
                Judged::new(verdict, "", refusal(&refused))
            }
        }
    }

    fn fault(&self, fault: &Fault) -> Reply {
        refusal(&match fault {
            Fault::Code(code, words) => (400, u32::try_from(*code).unwrap_or(0), words.clone()),
            Fault::RateLimited(_) => (429, 20_429, "Too Many Requests".into()),
            Fault::ExpiredToken => (401, 20_003, "Authenticate".into()),
        })
    }

    fn shown(&self, _body: &Value) -> String {
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twiml_is_xml_of_known_verbs() {
        for (document, good) in [
            ("<Response><Say>x</Say></Response>", true),
            (
                "<?xml version=\"1.0\"?><Response><Gather a=\"b\"><Say>x &lt;</Say></Gather></Response>",
                true,
            ),
            ("<Response><Hangup/></Response>", true),
            ("<Response><Say>x</Response>", false),
            ("<Response><Dance>x</Dance></Response>", false),
            ("<Say>x</Say>", false),
            ("x", false),
        ] {
            assert_eq!(is_twiml(document), good, "{document}");
        }
    }
}
