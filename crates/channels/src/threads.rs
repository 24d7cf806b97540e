//! Which message a thread hangs on. Kept in memory and bounded: after a restart, or on another node, the
//! next message of a group simply begins a thread anew.

use std::collections::{HashMap, VecDeque};

use balefire_core::message::{Message, Occasion};
use parking_lot::Mutex;

/// Threads remembered; the oldest is forgotten first.
const MOST: usize = 1_000;

/// A message as its platform names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Parent {
    /// The id of the channel, chat or room, as the platform gave it back.
    pub(crate) channel: String,
    /// The message's id in it; a text, since some have more digits than a number keeps.
    pub(crate) id: String,
}

/// Thread and where it is told.
type Key = (String, String);

/// The threads of one way out.
#[derive(Debug, Default)]
pub(crate) struct Threads {
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    parents: HashMap<Key, Parent>,
    order: VecDeque<Key>,
}

impl Threads {
    /// The message that a thread hangs on.
    pub(crate) fn parent(&self, thread: &str, channel: &str) -> Option<Parent> {
        if thread.is_empty() {
            return None;
        }
        let key = (thread.to_owned(), channel.to_owned());
        self.held.lock().parents.get(&key).cloned()
    }

    /// What follows for the thread of a message that was told: an end ends it, anything else begins it.
    pub(crate) fn told(&self, message: &Message, channel: &str, parent: Parent) {
        if message.occasion == Occasion::Resolved {
            self.end(&message.thread, channel);
        } else if !parent.id.is_empty() && !parent.channel.is_empty() {
            self.begin(&message.thread, channel, parent);
        }
    }

    /// Remembers the message that a thread begins with; a thread that has one keeps it.
    fn begin(&self, thread: &str, channel: &str, parent: Parent) {
        if thread.is_empty() {
            return;
        }
        let mut held = self.held.lock();
        let key = (thread.to_owned(), channel.to_owned());
        if held.parents.contains_key(&key) {
            return;
        }
        if held.order.len() == MOST
            && let Some(oldest) = held.order.pop_front()
        {
            held.parents.remove(&oldest);
        }
        held.order.push_back(key.clone());
        held.parents.insert(key, parent);
    }

    /// Forgets a thread; the next message begins anew.
    pub(crate) fn end(&self, thread: &str, channel: &str) {
        let mut held = self.held.lock();
        let key = (thread.to_owned(), channel.to_owned());
        if held.parents.remove(&key).is_some() {
            held.order.retain(|known| *known != key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_keeps_its_first_message_until_it_ends_and_the_oldest_is_forgotten() {
        let threads = Threads::default();
        let parent = |id: usize| Parent {
            channel: "C1".to_owned(),
            id: id.to_string(),
        };
        threads.begin("", "C1", parent(0));
        assert_eq!(threads.parent("", "C1"), None);
        for number in 0..=MOST {
            threads.begin(&number.to_string(), "C1", parent(number));
        }
        assert_eq!(threads.parent("0", "C1"), None);
        threads.begin("1", "C1", parent(7));
        assert_eq!(threads.parent("1", "C1"), Some(parent(1)));
        assert_eq!(threads.parent("1", "C2"), None);
        threads.end("1", "C1");
        assert_eq!(threads.parent("1", "C1"), None);
        assert_eq!(threads.held.lock().order.len(), MOST - 1);
    }
}
