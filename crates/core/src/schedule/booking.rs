//! Bookings: overrides that people make while the node runs, with who made them and when.
//!
//! A booking never rewrites the past: it takes effect from when it is made, and one that is taken back holds up
//! to that moment. So who was on call yesterday stays what it was, whatever is booked or cancelled today. One that names
//! somebody who has left holds up to when they left. A swap is one booking of two stand-ins; they are made and taken back
//! together.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Schedule;
use super::overrides::{Given, Instead, Override, OverrideError};
use super::stretch::Stretch;
use crate::time::Time;

/// Longest reason, in characters.
pub const MAX_REASON: usize = 500;
/// Longest id, in characters.
pub const MAX_ID: usize = 64;

/// What is booked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Booked {
    /// These people in place of whoever is on call; none: nobody.
    Cover {
        /// When.
        when: Stretch,
        /// Who instead; keys of `people`.
        people: Vec<Arc<str>>,
    },
    /// One in place of another wherever that one is on call.
    StandIn {
        /// When.
        when: Stretch,
        /// Who is not there.
        absent: Arc<str>,
        /// Who is there instead; `None`: nobody.
        by: Option<Arc<str>>,
    },
    /// Two who change places.
    Swap {
        /// The time that the first gives to the second.
        one: Given,
        /// The time that the second gives to the first.
        other: Given,
    },
}

/// Somebody who did something, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    /// Who.
    pub by: String,
    /// When.
    pub at: Time,
}

/// An override or a swap that somebody made while the node runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booking {
    /// What it is known by; of one schedule there is one of an id.
    pub id: Arc<str>,
    /// The schedule it is for.
    pub schedule: Arc<str>,
    /// What.
    pub what: Booked,
    /// Why, in the words of who made it; may be empty.
    pub reason: String,
    /// Who made it.
    pub made: Deed,
    /// Who took it back.
    pub cancelled: Option<Deed>,
}

/// How a booking stands at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BookingState {
    /// It has not begun.
    Coming,
    /// It holds, or one half of a swap has begun and the other not ended.
    UnderWay,
    /// It has ended.
    Over,
    /// It was taken back; what held until then stays.
    Cancelled,
}

impl BookingState {
    /// The word in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Coming => "coming",
            Self::UnderWay => "under_way",
            Self::Over => "over",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Why a booking is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BookingError {
    /// Its id cannot stand in an address.
    #[error(
        "{0:?} cannot be an id; write 1 to {MAX_ID} letters, digits, '-' and '_', or leave it out"
    )]
    Id(String),
    /// Another one has its id.
    #[error("override {0:?} is there already and says something else; give another id")]
    IdTaken(Arc<str>),
    /// The reason is too long, or holds what databases cannot keep.
    #[error("the reason is longer than {MAX_REASON} characters or holds a NUL character")]
    Reason,
    /// It is over before it is made.
    #[error("it ended at {0}; what was cannot be changed")]
    Past(Time),
    /// It is over, so there is nothing to take back.
    #[error("override {0:?} is over; what was cannot be changed")]
    Over(Arc<str>),
    /// It breaks a rule of overrides.
    #[error(transparent)]
    Rule(#[from] OverrideError),
}

impl Booked {
    /// As one text, for the store: JSON.
    pub fn written(&self) -> String {
        // Texts and times always have a JSON form.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What was [`Self::written`]; `None` when it is something else.
    pub fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// Its parts of time: one, or two of a swap.
    pub fn stretches(&self) -> Vec<Stretch> {
        match self {
            Self::Cover { when, .. } | Self::StandIn { when, .. } => vec![*when],
            Self::Swap { one, other } => vec![one.when, other.when],
        }
    }

    /// From its first instant to its last.
    pub fn hull(&self) -> Stretch {
        let mut stretches = self.stretches().into_iter();
        let first = stretches.next().unwrap_or(Stretch {
            from: Time::EPOCH,
            to: Time::EPOCH,
        });
        stretches.fold(first, |hull, next| Stretch {
            from: hull.from.min(next.from),
            to: hull.to.max(next.to),
        })
    }

    /// The same, taking effect no earlier than `now`.
    fn not_before(mut self, now: Time) -> Self {
        let clamp = |when: &mut Stretch| when.from = when.from.max(now);
        match &mut self {
            Self::Cover { when, .. } | Self::StandIn { when, .. } => clamp(when),
            Self::Swap { one, other } => {
                clamp(&mut one.when);
                clamp(&mut other.when);
            }
        }
        self
    }
}

impl Booking {
    /// Checks a booking that is to be made at `made.at`, by itself. A beginning in the past becomes now.
    pub fn new(
        id: Arc<str>,
        schedule: Arc<str>,
        what: Booked,
        reason: String,
        made: Deed,
    ) -> Result<Self, BookingError> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if id.is_empty() || id.chars().nth(MAX_ID).is_some() || !id.chars().all(plain) {
            return Err(BookingError::Id(id.chars().take(2 * MAX_ID).collect()));
        }
        if reason.contains('\0') || reason.chars().nth(MAX_REASON).is_some() {
            return Err(BookingError::Reason);
        }
        for Stretch { from, to } in what.stretches() {
            if from >= to {
                return Err(OverrideError::NoLength { id, from, to }.into());
            }
            if to <= made.at {
                return Err(BookingError::Past(to));
            }
        }
        Ok(Self {
            id,
            schedule,
            what: what.not_before(made.at),
            reason,
            made,
            cancelled: None,
        })
    }

    /// Whether another says the same: a request that is sent again.
    pub fn is_again(&self, other: &Self) -> bool {
        // What of it lies in the past by then does not count: it was cut off when the later one was made.
        let now = self.made.at.max(other.made.at);
        self.schedule == other.schedule
            && self.id == other.id
            && self.what.clone().not_before(now) == other.what.clone().not_before(now)
            && self.reason == other.reason
    }

    /// Everybody it names; somebody may be there twice.
    pub fn people(&self) -> Vec<Arc<str>> {
        let overrides = self.overrides();
        let named = overrides.iter().flat_map(Override::people);
        named.map(Arc::clone).collect()
    }

    /// How it stands.
    pub fn state(&self, now: Time) -> BookingState {
        let hull = self.what.hull();
        match &self.cancelled {
            Some(_) => BookingState::Cancelled,
            None if now < hull.from => BookingState::Coming,
            None if now < hull.to => BookingState::UnderWay,
            None => BookingState::Over,
        }
    }

    /// Whether it holds or is to come.
    pub fn is_wanted(&self, now: Time) -> bool {
        matches!(
            self.state(now),
            BookingState::Coming | BookingState::UnderWay
        )
    }

    /// The same, taken back; `None` when it was taken back before.
    pub fn cancel(&self, deed: Deed) -> Result<Option<Self>, BookingError> {
        match self.state(deed.at) {
            BookingState::Cancelled => Ok(None),
            BookingState::Over => Err(BookingError::Over(Arc::clone(&self.id))),
            BookingState::Coming | BookingState::UnderWay => Ok(Some(Self {
                cancelled: Some(deed),
                ..self.clone()
            })),
        }
    }

    /// What it comes to: one override, two, or fewer when it was taken back before they began.
    pub fn overrides(&self) -> Vec<Override> {
        let whole = |when: Stretch, instead| Override {
            id: Arc::clone(&self.id),
            when,
            instead,
            swap: None,
        };
        let mut overrides = match &self.what {
            Booked::Cover { when, people } => vec![whole(*when, Instead::Cover(people.clone()))],
            Booked::StandIn { when, absent, by } => {
                let (absent, by) = (Arc::clone(absent), by.clone());
                vec![whole(*when, Instead::StandIn { absent, by })]
            }
            Booked::Swap { one, other } => Override::swap(&self.id, one, other).into(),
        };
        if let Some(cancelled) = &self.cancelled {
            overrides.retain_mut(|one| {
                one.when.to = one.when.to.min(cancelled.at);
                // What is left of a swap are stand-ins that were.
                one.swap = None;
                one.when.from < one.when.to
            });
        }
        overrides
    }
}

impl Schedule {
    /// The same schedule with the overrides of these bookings besides its own, and what is wrong with those that
    /// do not hold any more: somebody left, or the document has got an override for the same time. `left` says since
    /// when somebody is not known any more; up to then they were there.
    pub fn with_bookings<'b>(
        self,
        bookings: impl IntoIterator<Item = &'b Booking>,
        known: &dyn Fn(&str) -> bool,
        left: &dyn Fn(&str) -> Option<Time>,
    ) -> (Self, Vec<OverrideError>) {
        let mut overrides = self.overrides().to_vec();
        let (before, mut lapsed) = (overrides.len(), Vec::new());
        let booked = bookings.into_iter().flat_map(Booking::overrides);
        overrides.extend(booked.filter_map(|one| until_left(one, known, left, &mut lapsed)));
        if overrides.len() == before && lapsed.is_empty() {
            return (self, vec![]);
        }
        let was_known = |key: &str| known(key) || left(key).is_some();
        let (schedule, wrong) = self.with_those_that_hold(overrides, &was_known);
        lapsed.extend(wrong);
        (schedule, lapsed)
    }

    /// Why a new booking does not fit beside those that hold; `None` when it does.
    pub fn contradicts(
        &self,
        new: &Booking,
        known: &dyn Fn(&str) -> bool,
    ) -> Option<OverrideError> {
        let mut overrides = self.overrides().to_vec();
        overrides.extend(new.overrides());
        self.clone().with_overrides(overrides, known).err()
    }
}

/// What of an override holds when somebody whom it names has left: what was before. What falls away joins `lapsed`.
fn until_left(
    mut one: Override,
    known: &dyn Fn(&str) -> bool,
    left: &dyn Fn(&str) -> Option<Time>,
    lapsed: &mut Vec<OverrideError>,
) -> Option<Override> {
    let gone = one.people().into_iter().filter(|person| !known(person));
    let first = gone
        .filter_map(|person| Some((left(person)?, Arc::clone(person))))
        .min();
    let Some((at, person)) = first.filter(|(at, _)| *at < one.when.to) else {
        return Some(one);
    };
    let id = Arc::clone(&one.id);
    lapsed.push(OverrideError::UnknownPerson { id, person });
    one.when.to = at;
    // What is left of a swap are stand-ins that were.
    one.swap = None;
    (one.when.from < at).then_some(one)
}
