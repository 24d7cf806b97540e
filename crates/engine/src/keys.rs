//! The senders' own keys: which alert a key stands for, so that a resolve that comes with other
//! or fewer labels closes the right one.

use std::sync::Arc;

use balefire_core::event::{Event, Input};
use balefire_core::fingerprint::Fingerprint;
use parking_lot::RwLock;
use rustc_hash::FxHashMap;

/// Sender's key → alert. Durable through [`Input::Key`] in the log and the checkpoint.
#[derive(Default)]
pub(crate) struct Keys {
    by_key: RwLock<FxHashMap<Arc<str>, Fingerprint>>,
}

impl Keys {
    /// The key as the log names it: the source's name and the sender's key.
    pub(crate) fn name(source: &str, key: &str) -> Arc<str> {
        format!("{source}\0{key}").into()
    }

    /// The alert a key stands for.
    pub(crate) fn find(&self, key: &str) -> Option<Fingerprint> {
        self.by_key.read().get(key).copied()
    }

    /// Takes in a committed event.
    pub(crate) fn learn(&self, event: &Event) {
        if let Input::Key { key, fingerprint } = &event.input {
            self.by_key.write().insert(Arc::clone(key), *fingerprint);
        }
    }

    /// Keeps only the keys of alerts that `keep` still knows.
    pub(crate) fn retain(&self, keep: impl Fn(Fingerprint) -> bool) {
        self.by_key
            .write()
            .retain(|_, fingerprint| keep(*fingerprint));
    }

    /// The keys of one source, without its name.
    pub(crate) fn of_source(&self, source: &str) -> Vec<(String, Fingerprint)> {
        let keys = self.by_key.read();
        let of_source = keys.iter().filter_map(|(name, fingerprint)| {
            let (known, key) = name.split_once('\0')?;
            (known == source).then(|| (key.to_owned(), *fingerprint))
        });
        of_source.collect()
    }

    /// All keys, for the checkpoint.
    pub(crate) fn entries(&self) -> Vec<(Arc<str>, Fingerprint)> {
        let mut entries: Vec<_> = self
            .by_key
            .read()
            .iter()
            .map(|(key, fp)| (Arc::clone(key), *fp))
            .collect();
        entries.sort_unstable();
        entries
    }

    /// Takes back what a checkpoint kept.
    pub(crate) fn restore(&self, entries: Vec<(Arc<str>, Fingerprint)>) {
        self.by_key.write().extend(entries);
    }
}
