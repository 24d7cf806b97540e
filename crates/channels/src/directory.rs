//! Address books: who somebody is at a platform, and whether they are still there.
//!
//! The same accounts that send are asked. An answer that nobody is there is an answer; what keeps the address book from
//! answering (a right that the application lacks, somebody outside its scope, a limit) is an error, which never says
//! that somebody has left.

use std::sync::Arc;

use balefire_core::identity::Standing;
use balefire_core::time::Time;
use futures_util::future::BoxFuture;

use crate::error::{ErrorKind, SendError};
use crate::spec::{Build, BuildError};

/// By what somebody is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By<'a> {
    /// A mobile number, with or without `+` and country.
    Phone(&'a str),
    /// A mail address.
    Email(&'a str),
}

/// How somebody stands, and what the platform said to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stands {
    /// How.
    pub standing: Standing,
    /// Its own word, such as `status 2`; never private data.
    pub said: String,
}

impl Stands {
    pub(crate) fn new(standing: Standing, said: impl Into<String>) -> Self {
        Self {
            standing,
            said: said.into(),
        }
    }
}

/// A company's address book. It never retries but for a stale token, never waits, records or logs.
pub trait Directory: Send + Sync {
    /// The id of whoever has this number or address; `None` when nobody has it.
    fn find<'a>(
        &'a self,
        by: By<'a>,
        now: Time,
    ) -> BoxFuture<'a, Result<Option<String>, SendError>>;

    /// How whoever has this id stands.
    fn standing<'a>(&'a self, id: &'a str, now: Time) -> BoxFuture<'a, Result<Stands, SendError>>;
}

/// An address book, or every problem that stands against it.
pub type Opened = Result<Arc<dyn Directory>, Vec<BuildError>>;

/// Opens the address book of an account; the receiver's entry may stay empty.
pub type Open = fn(&Build<'_>) -> Opened;

/// Asks once more when a token was stale, which nobody could know before.
macro_rules! asked {
    ($ask:expr) => {
        match $ask {
            Err(error) if error.kind == $crate::error::ErrorKind::StaleCredential => $ask,
            answer => answer,
        }
        .map_err($crate::directory::harmless)
    };
}
pub(crate) use asked;

/// A question changes nothing, so that an answer that cannot be read is only a failed try.
pub(crate) fn harmless(mut error: SendError) -> SendError {
    if error.kind == ErrorKind::UnknownOutcome {
        error.kind = ErrorKind::Transient;
    }
    error
}
