//! Which message a thread hangs on. Kept in memory and bounded: after a restart, or on another node, the
//! next message of a group simply begins a thread anew.

use std::collections::{HashMap, VecDeque};

use parking_lot::Mutex;

/// Threads remembered; the oldest is forgotten first.
const MOST: usize = 1_000;

/// A message as Slack names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parent {
    /// The channel's id, as Slack gave it back.
    pub(super) channel: String,
    /// The message's id in it; a text, since it has more digits than a number keeps.
    pub(super) ts: String,
}

/// Thread and channel.
type Key = (String, String);

#[derive(Debug, Default)]
pub(super) struct Threads {
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    parents: HashMap<Key, Parent>,
    order: VecDeque<Key>,
}

impl Threads {
    pub(super) fn parent(&self, thread: &str, channel: &str) -> Option<Parent> {
        if thread.is_empty() {
            return None;
        }
        let key = (thread.to_owned(), channel.to_owned());
        self.held.lock().parents.get(&key).cloned()
    }

    /// Remembers the message that a thread begins with; a thread that has one keeps it.
    pub(super) fn begin(&self, thread: &str, channel: &str, parent: Parent) {
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

    pub(super) fn end(&self, thread: &str, channel: &str) {
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
        let parent = |ts: usize| Parent {
            channel: "C1".to_owned(),
            ts: ts.to_string(),
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
