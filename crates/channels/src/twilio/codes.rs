//! What Twilio's codes mean (wire/twilio.md, 4).

use std::time::Duration;

use balefire_core::time::Time;

use crate::chat::{Answer, Meaning, refusal};
use crate::error::ErrorKind::{Misconfigured, Rejected, Transient};
use crate::error::SendError;
use crate::http::HttpReply;

const KEY: &str = "copy the account's SID and auth token from Twilio's console again";
const NUMBER: &str = "check the person's number: it cannot be reached so";
const COUNTRY: &str = "allow the number's country in Twilio's console (Geo permissions)";
const FROM: &str =
    "check from: the account must own or have verified the number, and it must be able to do this";
const CARRIER: &str = "the carrier does not take it: register the sender, or choose another one";
const SLOWER: &str = "Twilio slows the account down: group more";
const WAIT: Duration = Duration::from_secs(10);
/// What comes right by itself, but not at once.
const LATER: Duration = Duration::from_mins(2);

const CODES: &[Meaning] = &[
    Meaning::new(20_003, Misconfigured, KEY),
    Meaning::new(20_404, Misconfigured, KEY),
    Meaning::quota(20_429, WAIT, SLOWER),
    Meaning::new(13_224, Rejected, NUMBER),
    Meaning::new(21_210, Misconfigured, FROM),
    Meaning::new(21_211, Rejected, NUMBER),
    Meaning::new(21_212, Misconfigured, FROM),
    Meaning::new(21_214, Rejected, NUMBER),
    Meaning::new(21_215, Misconfigured, COUNTRY),
    Meaning::new(21_217, Rejected, NUMBER),
    Meaning::new(21_408, Misconfigured, COUNTRY),
    Meaning::new(21_606, Misconfigured, FROM),
    Meaning::new(
        21_608,
        Misconfigured,
        "a trial account reaches verified numbers only: verify the number, or upgrade",
    ),
    Meaning::new(
        21_610,
        Rejected,
        "the person has answered STOP: they must send START to get messages again",
    ),
    Meaning::new(21_614, Rejected, NUMBER),
    Meaning::new(
        21_617,
        Rejected,
        "shorten the template: a message has 1600 characters",
    ),
    Meaning::new(30_001, Transient, ""),
    Meaning::new(
        30_002,
        Misconfigured,
        "the account is suspended: look at Twilio's console",
    ),
    Meaning::new(30_003, Transient, NUMBER),
    Meaning::new(30_004, Rejected, NUMBER),
    Meaning::new(30_005, Rejected, NUMBER),
    Meaning::new(30_006, Rejected, NUMBER),
    Meaning::new(30_007, Rejected, CARRIER),
    Meaning::new(30_008, Transient, ""),
    Meaning::new(30_017, Transient, ""),
    Meaning::quota(30_022, LATER, SLOWER),
    Meaning::quota(30_023, LATER, SLOWER),
    Meaning::new(30_034, Rejected, CARRIER),
];

/// A refusal by its code, else by its status.
pub(super) fn refused(reply: &HttpReply, now: Time) -> SendError {
    match Answer::read(reply, now, &["code"], &["message"]) {
        Ok(answer) => refusal(&answer, reply, now, CODES),
        Err(error) => error,
    }
}
