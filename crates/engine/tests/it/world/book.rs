//! A platform's address book without a network: it notes what it is asked and answers as it is told to.

use std::collections::BTreeMap;
use std::future::ready;
use std::sync::Arc;

use balefire_channels::directory::{By, Directory, Stands};
use balefire_channels::error::SendError;
use balefire_core::identity::Standing;
use balefire_core::time::Time;
use futures_util::future::BoxFuture;
use parking_lot::Mutex;

#[derive(Default)]
struct Inner {
    /// Ids, by number and address.
    ids: BTreeMap<String, String>,
    /// How they stand who are not there as everybody else is.
    standings: BTreeMap<String, Standing>,
    /// What it answers to everything.
    refuses: Option<SendError>,
    /// What it was asked, with the time.
    asked: Vec<(Time, String)>,
}

/// The address book of an account. Clones are the same one.
#[derive(Clone, Default)]
pub(crate) struct Book(Arc<Mutex<Inner>>);

impl Book {
    /// Somebody has this number or address.
    pub(crate) fn has(&self, number: &str, id: &str) {
        self.0.lock().ids.insert(number.to_owned(), id.to_owned());
    }

    /// Whoever has this id stands so from now on.
    pub(crate) fn stands(&self, id: &str, standing: Standing) {
        self.0.lock().standings.insert(id.to_owned(), standing);
    }

    /// Answers nothing but this from now on; with `None`, what it knows.
    pub(crate) fn refuses(&self, error: Option<SendError>) {
        self.0.lock().refuses = error;
    }

    /// What it was asked since the last time this was called, oldest first.
    pub(crate) fn asked(&self) -> Vec<String> {
        let asked = std::mem::take(&mut self.0.lock().asked);
        asked.into_iter().map(|(_, what)| what).collect()
    }

    /// When it was asked what [`Self::asked`] has not answered yet.
    pub(crate) fn times(&self) -> Vec<Time> {
        self.0.lock().asked.iter().map(|(at, _)| *at).collect()
    }

    fn ask<T>(
        &self,
        what: String,
        now: Time,
        answer: impl FnOnce(&Inner) -> T,
    ) -> Result<T, SendError> {
        let mut inner = self.0.lock();
        inner.asked.push((now, what));
        match &inner.refuses {
            Some(error) => Err(error.clone()),
            None => Ok(answer(&inner)),
        }
    }
}

impl Directory for Book {
    fn find<'a>(
        &'a self,
        by: By<'a>,
        now: Time,
    ) -> BoxFuture<'a, Result<Option<String>, SendError>> {
        let (By::Phone(number) | By::Email(number)) = by;
        let find = |inner: &Inner| inner.ids.get(number).cloned();
        Box::pin(ready(self.ask(format!("who has {number}"), now, find)))
    }

    fn standing<'a>(&'a self, id: &'a str, now: Time) -> BoxFuture<'a, Result<Stands, SendError>> {
        let stands = |inner: &Inner| Stands {
            standing: inner.standings.get(id).copied().unwrap_or(Standing::Active),
            said: String::new(),
        };
        Box::pin(ready(self.ask(format!("how is {id}"), now, stands)))
    }
}
