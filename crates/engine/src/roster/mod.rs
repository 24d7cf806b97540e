//! Who is on call: the document's schedules with what people have booked.
//!
//! [`Roster`] is the one answer for all callers: the interface, messages that mention whoever is on call, calendars,
//! reports. It is made once for a document and what is booked, and made anew when either changes, so that asking costs
//! no more than the rules themselves; a change takes effect with the next question.

mod report;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use balefire_config::plan::{Person, Plan};
use balefire_core::schedule::{Booking, OnCall, OverrideError, Schedule};
use balefire_core::time::Time;
use balefire_store::{Bookings, Store, StoreError};

pub use self::report::{LOOKED_AHEAD, gap_ahead, is_reachable};

/// The schedules as they stand: a document's, with the overrides that people have made.
pub struct Roster {
    plan: Arc<Plan>,
    booked: Arc<Bookings>,
    schedules: BTreeMap<String, Schedule>,
    troubles: Vec<(String, OverrideError)>,
}

impl Roster {
    pub(crate) fn new(plan: &Arc<Plan>, booked: &Arc<Bookings>) -> Self {
        let known = |person: &str| plan.people.contains_key(person);
        let left = |person: &str| booked.left.get(person).copied();
        let mut troubles = Vec::new();
        let stand = |(name, schedule): (&String, &Schedule)| {
            let own = booked.list.iter().filter(|one| *one.schedule == **name);
            let (schedule, wrong) = schedule.clone().with_bookings(own, &known, &left);
            troubles.extend(wrong.into_iter().map(|error| (name.clone(), error)));
            (name.clone(), schedule)
        };
        Self {
            schedules: plan.schedules.iter().map(stand).collect(),
            plan: Arc::clone(plan),
            booked: Arc::clone(booked),
            troubles,
        }
    }

    /// The document it was made for.
    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// The schedules by name.
    pub fn schedules(&self) -> &BTreeMap<String, Schedule> {
        &self.schedules
    }

    /// One schedule.
    pub fn schedule(&self, name: &str) -> Option<&Schedule> {
        self.schedules.get(name)
    }

    /// Who is on call in a schedule at an instant, and why; `None` when there is no such schedule.
    pub fn on_call(&self, schedule: &str, at: Time) -> Option<OnCall> {
        Some(self.schedule(schedule)?.on_call_at(at))
    }

    /// Whoever is on call in any schedule at an instant, each once; those come first whose schedule's name does.
    pub fn on_call_at(&self, at: Time) -> Vec<&Person> {
        let mut there: Vec<&Person> = Vec::new();
        for schedule in self.schedules.values() {
            for key in schedule.on_call_at(at).people.iter() {
                let person = self.plan.people.get(&**key);
                let is_new = |person: &&Person| there.iter().all(|known| known.key != person.key);
                there.extend(person.filter(is_new));
            }
        }
        there
    }

    /// Overrides that people have made, that are not over, and that do not hold any more, with their schedule: somebody was taken out of
    /// the document, or the document has got an override for the same time.
    pub fn troubles(&self, now: Time) -> Vec<&(String, OverrideError)> {
        let counts = |(schedule, error): &&(String, OverrideError)| {
            let words = error.to_string();
            let is_meant = |id: &str| {
                words.contains(&format!("\"{id}\"")) || words.contains(&format!("\"{id}/"))
            };
            let mut own = self.booked.list.iter();
            own.any(|one| *one.schedule == **schedule && one.is_wanted(now) && is_meant(&one.id))
        };
        self.troubles.iter().filter(counts).collect()
    }

    /// Who is named by what is booked and left the document when, as far as that was noticed up to `now`; `None` when it is
    /// as it was noted.
    pub(crate) fn left(&self, now: Time) -> Option<BTreeMap<String, Time>> {
        let named = self.booked.list.iter().flat_map(Booking::people);
        let gone = named.filter(|person| !self.plan.people.contains_key(&**person));
        let since = |person: &str| self.booked.left.get(person).copied().unwrap_or(now);
        let left = gone.map(|person| (person.to_string(), since(&person)));
        let left: BTreeMap<String, Time> = left.collect();
        (left != self.booked.left).then_some(left)
    }

    fn is_of(&self, plan: &Arc<Plan>, booked: &Arc<Bookings>) -> bool {
        Arc::ptr_eq(&self.plan, plan) && Arc::ptr_eq(&self.booked, booked)
    }
}

/// What is booked, and the roster that was made of it last.
pub(crate) struct Rosters {
    booked: ArcSwap<Bookings>,
    last: ArcSwap<Roster>,
}

impl Rosters {
    /// Reads what is booked.
    pub(crate) async fn load(store: &Store, plan: &Arc<Plan>) -> Result<Self, StoreError> {
        let booked = Arc::new(store.bookings().await?);
        let roster = Roster::new(plan, &booked);
        Ok(Self {
            booked: ArcSwap::new(booked),
            last: ArcSwap::from_pointee(roster),
        })
    }

    /// The roster of a document and what is booked now.
    pub(crate) fn of(&self, plan: &Arc<Plan>) -> Arc<Roster> {
        let booked = self.booked.load_full();
        let last = self.last.load_full();
        if last.is_of(plan, &booked) {
            return last;
        }
        // Two who ask at once make it twice, which costs a moment and harms nothing.
        let roster = Arc::new(Roster::new(plan, &booked));
        self.last.store(Arc::clone(&roster));
        roster
    }

    /// Reads anew what is booked, when another node or this one has changed it; whether it was.
    pub(crate) async fn refresh(&self, store: &Store) -> Result<bool, StoreError> {
        if store.bookings_revision().await? == self.booked.load().revision {
            return Ok(false);
        }
        self.booked.store(Arc::new(store.bookings().await?));
        Ok(true)
    }
}
