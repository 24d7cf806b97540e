//! What the clouds' text messages and calls have in common: numbers as targets, approved templates whose
//! variables are filled from a message, and refusals with a name.

mod codes;
mod lots;
mod param;
mod phones;
#[cfg(test)]
pub(crate) mod sample;

pub(crate) use self::codes::{Meaning, Refusal, named, refusal};
pub(crate) use self::lots::{Lot, Lots};
pub(crate) use self::param::{Param, WORDS};
pub(crate) use self::phones::{phones, word};

use crate::error::{ErrorKind, SendError};

/// The answer to a check: such an account cannot be tried without sending.
pub(crate) fn unasked() -> SendError {
    let why = "an account for texts or calls can only be tried by using it";
    SendError::new(ErrorKind::Unsupported, why).fix("send a test message")
}
