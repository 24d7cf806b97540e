//! Which message a thread hangs on: what follows answers it, or changes it where an entry is `live`.
//!
//! Memory of one account, bounded. The engine keeps the same on disk, and puts it here before each try, so that a
//! thread outlives a restart.

use std::collections::{HashMap, VecDeque};

use balefire_core::field::{Field, Kind};
use balefire_core::message::{Message, Occasion};
use parking_lot::Mutex;

use crate::error::{Receipt, SendError};

/// Threads remembered; the oldest is forgotten first.
const MOST: usize = 1_000;

/// Whether an entry's first message is kept as things stand.
pub(crate) const LIVE: Field = Field::optional(
    "live",
    Kind::Bool,
    "Whether a group's first message is changed in place to show how things stand now, who has it and what is over; only what must ring is posted anew, as an answer to it where there are threads.",
)
.or("false");

/// A message as its platform names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// The id of the channel, chat or room, as the platform gave it back.
    pub channel: String,
    /// The message's id in it; a text, since some have more digits than a number keeps.
    pub id: String,
}

/// Thread and where it is told.
type Key = (String, String);

/// The threads of one account.
#[derive(Debug, Default)]
pub struct Threads {
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    posted: HashMap<Key, Posted>,
    order: VecDeque<Key>,
}

impl Threads {
    /// The message that a thread hangs on; `channel` is the target's address.
    pub fn first(&self, thread: &str, channel: &str) -> Option<Posted> {
        if thread.is_empty() {
            return None;
        }
        let key = (thread.to_owned(), channel.to_owned());
        self.held.lock().posted.get(&key).cloned()
    }

    /// Takes over what is known of a thread from elsewhere; `None` for one that has no message.
    pub fn set(&self, thread: &str, channel: &str, posted: Option<Posted>) {
        self.end(thread, channel);
        if let Some(posted) = posted {
            self.begin(thread, channel, posted);
        }
    }

    /// What follows for the thread of a message that was told: an end ends it, anything else begins it.
    pub(crate) fn told(&self, message: &Message, channel: &str, posted: Posted) {
        if message.occasion == Occasion::Resolved {
            self.end(&message.thread, channel);
        } else if !posted.id.is_empty() && !posted.channel.is_empty() {
            self.begin(&message.thread, channel, posted);
        }
    }

    /// Remembers the message that a thread begins with; a thread that has one keeps it.
    fn begin(&self, thread: &str, channel: &str, posted: Posted) {
        if thread.is_empty() {
            return;
        }
        let mut held = self.held.lock();
        let key = (thread.to_owned(), channel.to_owned());
        if held.posted.contains_key(&key) {
            return;
        }
        if held.order.len() == MOST
            && let Some(oldest) = held.order.pop_front()
        {
            held.posted.remove(&oldest);
        }
        held.order.push_back(key.clone());
        held.posted.insert(key, posted);
    }

    /// Forgets a thread; the next message begins anew.
    pub(crate) fn end(&self, thread: &str, channel: &str) {
        let mut held = self.held.lock();
        let key = (thread.to_owned(), channel.to_owned());
        if held.posted.remove(&key).is_some() {
            held.order.retain(|known| *known != key);
        }
    }
}

/// What became of a change of a message: the receipt, or `None` where the message is gone, too old, or takes no
/// changes, and what it was to say has to be posted anew.
pub type Changed = Result<Option<Receipt>, SendError>;

/// What an outcome means for a change: whatever another try does not mend, a new message does.
pub(crate) fn changed(
    outcome: Result<Receipt, SendError>,
    is_gone: fn(&SendError) -> bool,
) -> Changed {
    match outcome {
        Ok(receipt) => Ok(Some(Receipt {
            answer: "changed in place".to_owned(),
            ..receipt
        })),
        Err(error) if is_gone(&error) || !error.kind.may_retry() => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn a_thread_keeps_its_first_message_until_it_ends_and_the_oldest_is_forgotten() {
        let threads = Threads::default();
        let posted = |id: usize| Posted {
            channel: "C1".to_owned(),
            id: id.to_string(),
        };
        threads.begin("", "C1", posted(0));
        assert_eq!(threads.first("", "C1"), None);
        for number in 0..=MOST {
            threads.begin(&number.to_string(), "C1", posted(number));
        }
        assert_eq!(threads.first("0", "C1"), None);
        threads.begin("1", "C1", posted(7));
        assert_eq!(threads.first("1", "C1"), Some(posted(1)));
        assert_eq!(threads.first("1", "C2"), None);
        threads.set("1", "C1", Some(posted(9)));
        assert_eq!(threads.first("1", "C1"), Some(posted(9)));
        threads.set("1", "C1", None);
        assert_eq!(threads.first("1", "C1"), None);
        assert_eq!(threads.held.lock().order.len(), MOST - 1);
    }

    #[test]
    fn what_no_other_try_mends_is_to_be_posted_anew() {
        let failed = |kind| changed(Err(SendError::new(kind, "no")), |_| false);
        for kind in [
            ErrorKind::Rejected,
            ErrorKind::Unsupported,
            ErrorKind::Misconfigured,
        ] {
            assert_eq!(failed(kind), Ok(None), "{kind:?}");
        }
        for kind in [
            ErrorKind::Transient,
            ErrorKind::RateLimited,
            ErrorKind::StaleCredential,
            ErrorKind::UnknownOutcome,
        ] {
            assert!(failed(kind).is_err(), "{kind:?}");
        }
        let gone = Err(SendError::new(ErrorKind::Transient, "gone"));
        assert_eq!(changed(gone, |_| true), Ok(None));
    }
}
