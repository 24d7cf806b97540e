//! What the status of an answer means (SMPP 3.4, 5.1.3; wire/smpp.md).

use std::time::Duration;

use crate::error::ErrorKind::{Misconfigured, RateLimited, Rejected, Transient};
use crate::error::{ErrorKind, SendError};

const SLOWER: &str =
    "the SMSC takes fewer messages a second: set the account's quotas, or group more";
const LOGIN: &str =
    "check system_id, password and system_type, and that the SMSC knows our address";
const SENDER: &str = "the SMSC does not take this sender: check from";
const NUMBER: &str = "check the person's number: the SMSC does not reach it";
const SETTINGS: &str = "the SMSC does not take this form: check alphabet and long_messages";

/// Codes, what to do about them, seconds to keep still, and what a person can do.
const CODES: &[(&[u32], ErrorKind, u64, &str)] = &[
    (&[0x58, 0x14], RateLimited, 1, SLOWER),
    // Another session of ours is not over yet.
    (
        &[0x05],
        Transient,
        60,
        "the SMSC allows one session of this account: end the other one",
    ),
    (&[0x04, 0x08, 0x64, 0x45, 0x67, 0xff], Transient, 0, ""),
    (&[0x0d, 0x0e, 0x0f], Misconfigured, 0, LOGIN),
    (&[0x0a, 0x48, 0x49], Rejected, 0, SENDER),
    (&[0x0b, 0x50, 0x51], Rejected, 0, NUMBER),
    (
        &[0x01, 0x02, 0x03, 0x15, 0x43, 0x61, 0x62],
        Rejected,
        0,
        SETTINGS,
    ),
    (
        &[0x65, 0x66],
        Rejected,
        0,
        "the SMSC refuses this message: ask its operator why",
    ),
];

/// From here on a number is the operator's own.
const OWN: u32 = 0x400;

/// The failure that a status is.
pub(super) fn failure(status: u32) -> SendError {
    let detail = format!("SMPP status 0x{status:02x}");
    let found = CODES.iter().find(|(codes, ..)| codes.contains(&status));
    let Some((_, kind, wait, fix)) = found else {
        if status >= OWN {
            let fix = "this status is the operator's own: look it up in their list";
            return SendError::new(Transient, detail).fix(fix);
        }
        return SendError::new(Rejected, detail).fix("look the status up in the SMSC's list");
    };
    let error = SendError::new(*kind, detail).fix(fix);
    if *wait > 0 {
        error.after(Duration::from_secs(*wait))
    } else {
        error
    }
}
