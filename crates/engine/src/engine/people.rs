//! Who the people of the document are at platforms, and who of them is not there any more.

use std::sync::Arc;

use balefire_config::plan::Person;
use balefire_core::identity::{Platform, Standing};
use balefire_core::time::Time;

use super::{Engine, PersonStanding};
use crate::identity::{Question, named};

/// Where somebody's id comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The document names it.
    Document,
    /// It was looked up by their telephone number or mail address.
    LookedUp,
    /// None is known.
    Nowhere,
}

/// Who somebody is at a platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityStanding {
    /// The platform.
    pub platform: Platform,
    /// The account that is asked; `None` where none is, or several are.
    pub account: Option<Arc<str>>,
    /// Their id; empty where none is known.
    pub id: String,
    /// Where it comes from.
    pub origin: Origin,
    /// Since when an id that was looked up is known.
    pub found_at: Option<Time>,
    /// When the platform was asked last.
    pub asked_at: Option<Time>,
    /// How it said that they stand; `None` where it was not asked yet.
    pub standing: Option<Standing>,
    /// What it said to that.
    pub said: String,
    /// Why it did not answer last; empty when it did.
    pub failure: String,
}

impl Engine {
    /// Who a person is, without how their ways stand.
    pub(super) fn known_person(&self, person: &Person) -> PersonStanding {
        let identities = Platform::ALL.into_iter();
        let identities = identities.filter_map(|platform| self.identity(person, platform));
        let identities: Vec<IdentityStanding> = identities.collect();
        let is_lost = identities.iter().any(IdentityStanding::is_lost);
        let named_in = if is_lost {
            named(&self.roster(), &person.key, self.now())
        } else {
            Vec::new()
        };
        PersonStanding {
            key: person.key.clone(),
            name: person.contact.name.clone(),
            contacts: Vec::new(),
            identities,
            named_in,
        }
    }

    /// Those whom a platform does not know any more.
    pub(crate) fn people_lost(&self) -> Vec<PersonStanding> {
        let plan = self.plan();
        let people = plan.people.values();
        let known = people.map(|person| self.known_person(person));
        known
            .filter(|person| person.identities.iter().any(IdentityStanding::is_lost))
            .collect()
    }

    /// Who a person is at a platform; `None` where nothing is known and nobody to ask.
    fn identity(&self, person: &Person, platform: Platform) -> Option<IdentityStanding> {
        let question = Question::of(person, platform);
        let written = person.written(platform);
        if question.is_none() && written.is_none() {
            return None;
        }
        let identities = &self.inner.shared.identities;
        let known = question.as_ref().and_then(|one| identities.of(one));
        let failure = question.as_ref().and_then(|one| identities.failure(one));
        let found = known.as_ref().filter(|known| !known.id.is_empty());
        let (id, origin) = match (written, found) {
            (Some(id), _) => (id.to_owned(), Origin::Document),
            (None, Some(found)) => (found.id.clone(), Origin::LookedUp),
            (None, None) => (String::new(), Origin::Nowhere),
        };
        Some(IdentityStanding {
            platform,
            account: question.map(|question| question.account),
            id,
            origin,
            found_at: found
                .filter(|_| origin == Origin::LookedUp)
                .map(|found| found.found_at),
            asked_at: known.as_ref().map(|known| known.asked_at),
            standing: known.as_ref().map(|known| known.standing),
            said: known.map(|known| known.said).unwrap_or_default(),
            failure: failure.unwrap_or_default(),
        })
    }
}

impl IdentityStanding {
    /// Whether the platform says that they are not there.
    pub fn is_lost(&self) -> bool {
        self.standing.is_some_and(Standing::is_lost)
    }
}
