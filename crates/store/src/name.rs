//! Words that repeat on every row (receivers, accounts, integrations, error kinds, configuration
//! versions), stored once and named by a small number.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::db::{Arg, Conn, Sql};
use crate::error::StoreError;
use crate::pool::Pool;

const ALL: Sql = Sql::new("SELECT id, word FROM name");

/// The dictionary, shared by the writer and all readers. There are as many words as the
/// configuration has names, so it is held whole.
#[derive(Debug, Default)]
pub(crate) struct Names(RwLock<Words>);

#[derive(Debug, Default)]
struct Words {
    ids: HashMap<Arc<str>, i64>,
    by_id: HashMap<i64, Arc<str>>,
    last: i64,
}

impl Words {
    fn add(&mut self, id: i64, word: Arc<str>) {
        self.last = self.last.max(id);
        self.ids.entry(Arc::clone(&word)).or_insert(id);
        self.by_id.insert(id, word);
    }
}

impl Names {
    fn read<T>(&self, read: impl FnOnce(&Words) -> T) -> T {
        // Words are added one by one and whole, so a poisoned dictionary is still right.
        read(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn id(&self, word: &str) -> Option<i64> {
        self.read(|words| words.ids.get(word).copied())
    }

    pub(crate) fn word(&self, id: i64) -> Option<Arc<str>> {
        self.read(|words| words.by_id.get(&id).map(Arc::clone))
    }

    fn extend(&self, added: impl IntoIterator<Item = (i64, Arc<str>)>) {
        let mut words = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for (id, word) in added {
            words.add(id, word);
        }
    }

    /// Reads what other nodes have added.
    pub(crate) async fn reload(&self, pool: &Pool) -> Result<(), StoreError> {
        let rows = pool
            .fetch(ALL, Vec::new(), |row| {
                Ok((row.int(0)?, row.text(1)?.into()))
            })
            .await?;
        self.extend(rows);
        Ok(())
    }

    pub(crate) async fn reload_with(&self, conn: &mut Conn) -> Result<(), StoreError> {
        let rows = conn
            .fetch(ALL, Vec::new(), |row| {
                Ok((row.int(0)?, row.text(1)?.into()))
            })
            .await?;
        self.extend(rows);
        Ok(())
    }
}

/// Words that a transaction adds; they count once it is committed.
#[derive(Debug)]
pub(crate) struct NewNames<'n> {
    known: &'n Names,
    added: HashMap<Arc<str>, i64>,
    next: i64,
}

impl<'n> NewNames<'n> {
    pub(crate) fn over(known: &'n Names) -> Self {
        Self {
            known,
            added: HashMap::new(),
            next: known.read(|words| words.last) + 1,
        }
    }

    /// The number of a word, new or known.
    pub(crate) fn id(&mut self, word: &Arc<str>) -> i64 {
        if let Some(id) = self
            .known
            .id(word)
            .or_else(|| self.added.get(word).copied())
        {
            return id;
        }
        let id = self.next;
        self.next += 1;
        self.added.insert(Arc::clone(word), id);
        id
    }

    /// The rows to insert, in order of their numbers.
    pub(crate) fn rows(&self) -> Vec<Vec<Arg>> {
        let mut rows: Vec<_> = self.added.iter().map(|(word, id)| (*id, word)).collect();
        rows.sort_unstable();
        rows.into_iter()
            .map(|(id, word)| vec![id.into(), (&**word).into()])
            .collect()
    }

    /// What was added, to be handed to [`publish`] after the commit.
    pub(crate) fn into_added(self) -> HashMap<Arc<str>, i64> {
        self.added
    }
}

/// Makes committed words known to readers.
pub(crate) fn publish(names: &Names, added: HashMap<Arc<str>, i64>) {
    if !added.is_empty() {
        names.extend(added.into_iter().map(|(word, id)| (id, word)));
    }
}
