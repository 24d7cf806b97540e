//! What the clouds' text messages and calls have in common: numbers as targets, approved templates whose
//! variables are filled from a message, and refusals with a name.

mod codes;
mod lots;
pub(crate) mod numbered;
mod param;
mod phones;
#[cfg(test)]
pub(crate) mod sample;
mod text;

pub(crate) use self::codes::{Meaning, Refusal, named, refusal};
pub(crate) use self::lots::{Lot, Lots};
pub(crate) use self::param::{Param, WORDS, harmless};
pub(crate) use self::phones::{phones, word};
pub(crate) use self::text::whole;

use std::time::Duration;

use tokio::time::Instant;

use crate::error::{ErrorKind, SendError};

/// What is left of the time of a try that makes several calls; none is begun without any.
pub(crate) fn left(end: Instant) -> Result<Duration, SendError> {
    let left = end.saturating_duration_since(Instant::now());
    if left.is_zero() {
        let why = "the time of the try was over before this call";
        return Err(SendError::new(ErrorKind::Transient, why));
    }
    Ok(left)
}

/// The answer to a check: such an account cannot be tried without sending.
pub(crate) fn unasked() -> SendError {
    let why = "an account for texts or calls can only be tried by using it";
    SendError::new(ErrorKind::Unsupported, why).fix("send a test message")
}
