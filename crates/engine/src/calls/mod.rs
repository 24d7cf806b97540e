//! The calls that telephones are to place, between the lanes that ask for them and the telephones.
//!
//! A lane's try enters a call and waits for its end; a telephone asks for work and says how it went. What was said is
//! on disk before the telephone is answered and before the try hears of it.

mod desk;

use std::net::IpAddr;
use std::sync::Arc;

use balefire_core::alert::Episode;
use balefire_core::message::Status;
use tokio::sync::oneshot;

pub(crate) use self::desk::Calls;

/// A telephone that asks, as it says who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    /// The name it is known under.
    pub name: Arc<str>,
    /// From where it asks.
    pub address: IpAddr,
}

/// Longest name of a telephone that is kept, in characters.
const LONGEST_NAME: usize = 64;

impl Agent {
    /// The telephone that shows the token of this name and calls itself `model`. Without either, its address has to do:
    /// two behind one router are then taken for one.
    pub fn of(token: Option<&str>, model: Option<&str>, address: IpAddr) -> Self {
        let clean = |text: &str| -> String {
            let plain = text.trim().chars().filter(|c| !c.is_control());
            plain.take(LONGEST_NAME).collect()
        };
        let model = model.map(clean).filter(|model| !model.is_empty());
        let name = match (token, model) {
            (Some(token), Some(model)) => format!("{token}/{model}"),
            (Some(token), None) => token.to_owned(),
            (None, Some(model)) => model,
            (None, None) => address.to_string(),
        };
        Self {
            name: name.into(),
            address,
        }
    }
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Somebody answered.
    Answered {
        /// At this number.
        number: Arc<str>,
        /// The key of who has it.
        person: Option<Arc<str>>,
    },
    /// Nobody did, in so many rounds.
    Unanswered(u32),
    /// It was kept as long as calls are.
    TooOld,
    /// All that it was about is over.
    AlertsOver,
    /// Nobody need be told any more, and why.
    NotNeeded(Arc<str>),
    /// Somebody took it back, and why.
    Withdrawn(Arc<str>),
}

/// What a telephone's report came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// It is noted.
    Noted,
    /// It changes nothing: the call is over, unknown, or another telephone's.
    Nothing,
}

/// What became of taking a call back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakenBack {
    /// Nobody is called any more.
    Done,
    /// It had ended before.
    Over,
    /// There is no such call.
    Unknown,
}

/// What a call is about, as far as its end follows from it.
#[derive(Debug)]
pub(crate) struct Subject {
    /// The group; 0 for a call that was asked for by hand.
    pub(crate) group: u64,
    /// Its episodes; none for a call that was asked for by hand.
    pub(crate) episodes: Vec<(Episode, Status)>,
}

/// A try's place among the calls; leaving it takes the call back from the telephones.
pub(crate) struct Entered<'c> {
    calls: &'c Calls,
    id: Arc<str>,
    /// Resolves with the call's end.
    pub(crate) end: oneshot::Receiver<End>,
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.calls.leave(&self.id);
    }
}
