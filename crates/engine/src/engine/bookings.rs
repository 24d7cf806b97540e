//! Overrides and swaps, made and taken back while the node runs.

use std::collections::BTreeMap;
use std::sync::Arc;

use balefire_core::schedule::{
    Booked, Booking, BookingError, Deed, MAX_OVERRIDES, OverrideError, Schedule,
};
use balefire_core::time::Time;
use balefire_store::StoreError;

use super::Engine;
use super::silences::uuid_v4;

/// What somebody wants to book.
#[derive(Clone, Debug)]
pub struct NewBooking {
    /// What it shall be known by, so that a request can be sent again; a fresh one without it.
    pub id: Option<String>,
    /// What.
    pub what: Booked,
    /// Why; may be empty.
    pub reason: String,
}

/// Why nothing was booked or cancelled.
#[derive(Debug, thiserror::Error)]
pub enum BookingFailure {
    /// The document has no such schedule.
    #[error("there is no such schedule")]
    NoSchedule,
    /// The schedule has no override of this id that people have made.
    #[error("there is no override of this id; one that stands in the document is changed there")]
    NotFound,
    /// It breaks a rule.
    #[error(transparent)]
    Rule(#[from] BookingError),
    /// The store did not take it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Engine {
    /// Books an override or a swap; answers it and whether it is new. A request that is sent again is answered
    /// with what it made the first time.
    pub async fn book(
        &self,
        schedule: &str,
        new: NewBooking,
        actor: &str,
    ) -> Result<(Booking, bool), BookingFailure> {
        let now = self.now();
        let plan = self.plan();
        let written = plan.schedules.get(schedule);
        let written = written.ok_or(BookingFailure::NoSchedule)?.clone();
        let made = Deed {
            by: actor.to_owned(),
            at: now,
        };
        let id = new.id.unwrap_or_else(uuid_v4);
        let decide = move |known: &[Booking]| {
            let is_person = |key: &str| plan.people.contains_key(key);
            let made = Booking::new(
                id.as_str().into(),
                written.name().into(),
                new.what.clone(),
                new.reason.clone(),
                made.clone(),
            );
            let twin = known.iter().find(|one| *one.id == *id);
            match (made, twin) {
                (Ok(made), Some(twin)) if made.is_again(twin) => (None, Ok((twin.clone(), false))),
                // It was made in time; the answer was lost.
                (Err(BookingError::Past(_)), Some(twin)) if twin.what == new.what => {
                    (None, Ok((twin.clone(), false)))
                }
                (_, Some(twin)) => (None, Err(BookingError::IdTaken(Arc::clone(&twin.id)))),
                (made, None) => {
                    let fits = made.and_then(|made| fits(&written, known, made, &is_person));
                    match fits {
                        Ok(made) => (Some(made.clone()), Ok((made, true))),
                        Err(error) => (None, Err(error)),
                    }
                }
            }
        };
        let (writer, revision) = (self.store().writer(), uuid_v4());
        let booked = writer.book(schedule, &revision, decide).await??;
        self.booked().await;
        Ok(booked)
    }

    /// Takes a booking back: what held until now stays, the rest falls away. Doing so twice is fine.
    pub async fn cancel_booking(
        &self,
        schedule: &str,
        id: &str,
        actor: &str,
    ) -> Result<Booking, BookingFailure> {
        let deed = Deed {
            by: actor.to_owned(),
            at: self.now(),
        };
        let id = id.to_owned();
        let decide = move |known: &[Booking]| {
            let Some(found) = known.iter().find(|one| *one.id == *id) else {
                return (None, Err(BookingFailure::NotFound));
            };
            match found.cancel(deed.clone()) {
                Ok(Some(cancelled)) => (Some(cancelled.clone()), Ok(cancelled)),
                Ok(None) => (None, Ok(found.clone())),
                Err(error) => (None, Err(error.into())),
            }
        };
        let (writer, revision) = (self.store().writer(), uuid_v4());
        let cancelled = writer.book(schedule, &revision, decide).await??;
        self.booked().await;
        Ok(cancelled)
    }

    /// Notes who is named by what is booked and has left the document, and since when.
    pub(crate) async fn note_left(&self, left: &BTreeMap<String, Time>) -> Result<(), StoreError> {
        let writer = self.store().writer();
        writer.note_left(left, &uuid_v4()).await?;
        self.refresh_roster().await
    }

    /// A page of what is booked for a schedule and ends after an instant, in the order of its beginnings.
    pub async fn bookings(
        &self,
        schedule: &str,
        after: Time,
        (offset, limit): (u64, usize),
    ) -> Result<Vec<Booking>, StoreError> {
        let store = self.store();
        store.bookings_of(schedule, after, offset, limit).await
    }
}

/// A new booking, if it fits beside what is there.
fn fits(
    written: &Schedule,
    known: &[Booking],
    new: Booking,
    is_person: &dyn Fn(&str) -> bool,
) -> Result<Booking, BookingError> {
    if known.len() >= MAX_OVERRIDES {
        let coming = known.iter().filter(|one| one.what.hull().to > new.made.at);
        let coming = coming.count();
        if coming >= MAX_OVERRIDES {
            return Err(OverrideError::TooMany(coming).into());
        }
    }
    let (standing, _) = written.clone().with_bookings(known, is_person, &|_| None);
    match standing.contradicts(&new, is_person) {
        // The oldest of very many give way; they are over.
        None | Some(OverrideError::TooMany(_)) => Ok(new),
        Some(error) => Err(error.into()),
    }
}
