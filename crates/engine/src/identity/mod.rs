//! Who people are at chat platforms: what their address books said, and what follows from it for the people of the
//! document.
//!
//! An id that was looked up becomes part of the plan in force: pages reach people by it, mentions call them, and a
//! button they press is theirs. An id in the document always wins.

mod lost;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_lc_rs::digest;
use balefire_config::plan::{Person, Plan};
use balefire_core::identity::{Asked, Identity, Platform, is_due};
use balefire_core::time::Time;
use balefire_store::{IdentityRow, Store, StoreError};
use parking_lot::Mutex;

pub use self::lost::named;

/// A person at a platform.
type Key = (Arc<str>, Platform);

/// A question that was not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failed {
    /// What it was about.
    asked: Asked,
    /// Why, and what a person can do; without private data.
    pub(crate) why: String,
    /// When it is asked again.
    again_at: Time,
}

/// What address books said of people, and what they did not answer.
#[derive(Default)]
pub(crate) struct Identities {
    known: Mutex<BTreeMap<Key, Identity>>,
    failed: Mutex<BTreeMap<Key, Failed>>,
}

/// What is asked of a person at a platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// How the id stands that the document names.
    Written(String),
    /// Whose number or address it is.
    Found {
        /// Empty where the platform is not asked by it.
        phone: String,
        /// Likewise.
        email: String,
    },
}

/// A question, the account that is asked, and a hash of both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Question {
    pub(crate) person: Arc<str>,
    pub(crate) platform: Platform,
    pub(crate) account: Arc<str>,
    pub(crate) what: What,
    pub(crate) asked: Asked,
}

impl Question {
    /// What is asked of a person at a platform; `None` where there is nothing to ask, or nobody.
    pub(crate) fn of(person: &Person, platform: Platform) -> Option<Self> {
        let account = person.books.get(&platform)?;
        let contact = &person.contact;
        let what = if let Some(id) = person.written(platform) {
            What::Written(id.to_owned())
        } else if platform.can_find(contact) {
            let some = |is_taken: bool, text: &str| {
                let text = if is_taken { text } else { "" };
                text.to_owned()
            };
            What::Found {
                phone: some(platform.by_phone(), &contact.phone),
                email: some(platform.by_email(), &contact.email),
            }
        } else {
            return None;
        };
        let asked = match &what {
            What::Written(id) => hash(&["id", account, id]),
            What::Found { phone, email } => hash(&["find", account, phone, email]),
        };
        Some(Self {
            person: person.key.as_str().into(),
            platform,
            account: Arc::clone(account),
            what,
            asked,
        })
    }

    fn key(&self) -> Key {
        (Arc::clone(&self.person), self.platform)
    }
}

fn hash(parts: &[&str]) -> Asked {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(part.as_bytes());
        context.update(&[0]);
    }
    let mut short = [0; 16];
    short.copy_from_slice(&context.finish().as_ref()[..16]);
    short
}

impl Identities {
    /// What is stored.
    pub(crate) async fn load(store: &Store) -> Result<Self, StoreError> {
        let all = Self::default();
        all.refresh(store).await?;
        Ok(all)
    }

    /// Reads what is stored, and makes the people of a plan known by it.
    pub(crate) async fn in_force(store: &Store, plan: &mut Arc<Plan>) -> Result<Self, StoreError> {
        let all = Self::load(store).await?;
        if all.differ(plan) {
            all.known_by(Arc::make_mut(plan));
        }
        Ok(all)
    }

    /// Reads anew what is stored, as another node may have asked; whether anything differs.
    pub(crate) async fn refresh(&self, store: &Store) -> Result<bool, StoreError> {
        let rows = store.identities().await?.into_iter();
        let rows = rows.map(|row| ((row.person, row.platform), row.identity));
        let rows: BTreeMap<Key, Identity> = rows.collect();
        let mut known = self.known.lock();
        let differs = *known != rows;
        *known = rows;
        Ok(differs)
    }

    /// What is known of this question's answer; what was said of something else says nothing.
    pub(crate) fn of(&self, question: &Question) -> Option<Identity> {
        let known = self.known.lock().get(&question.key()).cloned();
        known.filter(|known| known.asked == question.asked)
    }

    /// Why this question was not answered last.
    pub(crate) fn failure(&self, question: &Question) -> Option<String> {
        let failed = self.failed.lock();
        let failed = failed.get(&question.key())?;
        (failed.asked == question.asked).then(|| failed.why.clone())
    }

    /// Whether it is to be asked now.
    pub(crate) fn is_due(&self, question: &Question, now: Time) -> bool {
        let is_waiting = |failed: &Failed| failed.asked == question.asked && now < failed.again_at;
        if self
            .failed
            .lock()
            .get(&question.key())
            .is_some_and(is_waiting)
        {
            return false;
        }
        is_due(self.of(question).as_ref(), &question.asked, now)
    }

    /// Keeps an answer.
    pub(crate) async fn keep(
        &self,
        store: &Store,
        question: &Question,
        identity: Identity,
    ) -> Result<(), StoreError> {
        let row = IdentityRow {
            person: Arc::clone(&question.person),
            platform: question.platform,
            identity: identity.clone(),
        };
        store.writer().put_identity(row).await?;
        self.failed.lock().remove(&question.key());
        self.known.lock().insert(question.key(), identity);
        Ok(())
    }

    pub(crate) fn fail(&self, question: &Question, why: String, again_at: Time) {
        let failed = Failed {
            asked: question.asked,
            why,
            again_at,
        };
        self.failed.lock().insert(question.key(), failed);
    }

    /// Forgets people that the document no longer has.
    pub(crate) async fn forget(&self, store: &Store, plan: &Plan) -> Result<(), StoreError> {
        let is_there = |(person, _): &Key| plan.people.contains_key(&**person);
        let gone: Vec<Key> = {
            let known = self.known.lock();
            known.keys().filter(|key| !is_there(key)).cloned().collect()
        };
        for (person, platform) in gone {
            store.writer().drop_identity(&person, platform).await?;
            self.known.lock().remove(&(person, platform));
        }
        self.failed.lock().retain(|key, _| is_there(key));
        Ok(())
    }

    /// The ids of a person that were looked up and are good.
    fn found(&self, person: &Person) -> Vec<(Platform, Option<String>)> {
        let sought = |platform: &Platform| person.written(*platform).is_none();
        let found = |platform: Platform| {
            let known = self.of(&Question::of(person, platform)?)?;
            let is_good = !known.id.is_empty() && !known.standing.is_lost();
            is_good.then_some(known.id)
        };
        let platforms = Platform::ALL.into_iter().filter(sought);
        platforms
            .map(|platform| (platform, found(platform)))
            .collect()
    }

    /// Whether a plan's people are known by other ids than those that are good now.
    pub(crate) fn differ(&self, plan: &Plan) -> bool {
        plan.people.values().any(|person| {
            let mut found = self.found(person).into_iter();
            found.any(|(platform, id)| {
                person.looked_up.get(&platform).map(|id| &**id) != id.as_deref()
            })
        })
    }

    /// Makes a plan's people known by the ids that were looked up.
    pub(crate) fn known_by(&self, plan: &mut Plan) {
        for person in plan.people.values_mut() {
            for (platform, id) in self.found(person) {
                person.know(platform, id.as_deref());
            }
        }
    }
}
