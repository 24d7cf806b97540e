//! Who is on call: the document's schedules with the calendars that were fetched for them and what people have booked.
//!
//! [`Roster`] is the one answer for all callers: the interface, messages that mention whoever is on call, calendars,
//! reports. It is made once for a document, what was fetched and what is booked, and made anew when one of them changes, so that asking costs
//! no more than the rules themselves; a change takes effect with the next question.

mod copies;
mod report;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use balefire_config::calendar::CalendarAddress;
use balefire_config::plan::{Person, Plan};
use balefire_core::schedule::{Booking, OnCall, OverrideError, Schedule};
use balefire_core::time::Time;
use balefire_store::{Bookings, Calendars, Store, StoreError};

use self::copies::copy_of;
pub(crate) use self::copies::standing;
pub use self::report::{LOOKED_AHEAD, gap_ahead, is_reachable};

/// The schedules as they stand: a document's, with the copies of calendars that count, and the overrides that people have made.
pub struct Roster {
    plan: Arc<Plan>,
    fetched: Arc<Calendars>,
    booked: Arc<Bookings>,
    schedules: BTreeMap<String, Schedule>,
    troubles: Vec<(String, OverrideError)>,
}

impl Roster {
    pub(crate) fn new(plan: &Arc<Plan>, fetched: &Arc<Calendars>, booked: &Arc<Bookings>) -> Self {
        let known = |person: &str| plan.people.contains_key(person);
        let left = |person: &str| booked.left.get(person).copied();
        let mut troubles = Vec::new();
        let stand = |(name, schedule): (&String, &Schedule)| {
            let own = booked.list.iter().filter(|one| *one.schedule == **name);
            let schedule = with_copies(schedule.clone(), plan, fetched);
            let (schedule, wrong) = schedule.with_bookings(own, &known, &left);
            troubles.extend(wrong.into_iter().map(|error| (name.clone(), error)));
            (name.clone(), schedule)
        };
        Self {
            schedules: plan.schedules.iter().map(stand).collect(),
            plan: Arc::clone(plan),
            fetched: Arc::clone(fetched),
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

    fn is_of(&self, plan: &Arc<Plan>, fetched: &Arc<Calendars>, booked: &Arc<Bookings>) -> bool {
        Arc::ptr_eq(&self.plan, plan)
            && Arc::ptr_eq(&self.fetched, fetched)
            && Arc::ptr_eq(&self.booked, booked)
    }
}

/// A schedule with the copies of its calendars that count.
fn with_copies(mut schedule: Schedule, plan: &Plan, fetched: &Calendars) -> Schedule {
    let own = |address: &&Arc<CalendarAddress>| *address.schedule == *schedule.name();
    let own: Vec<_> = plan.calendars.iter().filter(own).collect();
    for address in own {
        let Some(copy) = copy_of(fetched, address, plan) else {
            continue;
        };
        match schedule.clone().with_copy(address.layer, &copy) {
            Ok(with) => schedule = with,
            // It was read before it was stored, by a release that understood it; the layer is off until the next fetch.
            Err(error) => {
                tracing::error!(schedule = schedule.name(), %error, "the copy of a calendar cannot be read any more");
            }
        }
    }
    schedule
}

/// What is booked and fetched, and the roster that was made of it last.
pub(crate) struct Rosters {
    fetched: ArcSwap<Calendars>,
    booked: ArcSwap<Bookings>,
    last: ArcSwap<Roster>,
}

impl Rosters {
    /// Reads what is booked and fetched.
    pub(crate) async fn load(store: &Store, plan: &Arc<Plan>) -> Result<Self, StoreError> {
        let booked = Arc::new(store.bookings().await?);
        let fetched = Arc::new(store.calendars().await?);
        let roster = Roster::new(plan, &fetched, &booked);
        Ok(Self {
            fetched: ArcSwap::new(fetched),
            booked: ArcSwap::new(booked),
            last: ArcSwap::from_pointee(roster),
        })
    }

    /// The roster of a document and what is booked and fetched now.
    pub(crate) fn of(&self, plan: &Arc<Plan>) -> Arc<Roster> {
        let (booked, fetched) = (self.booked.load_full(), self.fetched.load_full());
        let last = self.last.load_full();
        if last.is_of(plan, &fetched, &booked) {
            return last;
        }
        // Two who ask at once make it twice, which costs a moment and harms nothing.
        let roster = Arc::new(Roster::new(plan, &fetched, &booked));
        self.last.store(Arc::clone(&roster));
        roster
    }

    /// Reads anew what is booked and fetched, when another node or this one has changed it; whether it was.
    pub(crate) async fn refresh(&self, store: &Store) -> Result<bool, StoreError> {
        let mut changed = false;
        if store.calendars_revision().await? != self.fetched.load().revision {
            self.fetched.store(Arc::new(store.calendars().await?));
            changed = true;
        }
        if store.bookings_revision().await? != self.booked.load().revision {
            self.booked.store(Arc::new(store.bookings().await?));
            changed = true;
        }
        Ok(changed)
    }
}
