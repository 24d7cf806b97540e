//! Which ways of people are known to reach them, and what follows from it for their rules.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_lc_rs::digest;
use balefire_config::plan::{Person, Plan, Unverified as Policy};
use balefire_core::person;
use balefire_store::{AddressHash, Store};
use parking_lot::Mutex;

/// What tells the address of each way of each person from others.
type Addresses = BTreeMap<Arc<str>, BTreeMap<Arc<str>, AddressHash>>;

/// The addresses of the plan that was asked about last: opening every channel for each page would cost much.
#[derive(Default)]
pub(crate) struct Verified {
    last: Mutex<Option<(Arc<Plan>, Arc<Addresses>)>>,
}

/// The ways of people that nobody has verified, as far as the document asks for that.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Unverified {
    refuse: bool,
    ways: BTreeMap<Arc<str>, BTreeSet<Arc<str>>>,
    /// Who has a verified way.
    have_one: BTreeSet<Arc<str>>,
}

/// The addresses that a way leads to, what tells them from others, and whether it rings without a word; `None` when its
/// channel does not open.
pub(crate) fn address(
    plan: &Plan,
    person: &Person,
    way: &str,
) -> Option<(String, AddressHash, bool)> {
    let own = person.ways.get(way)?;
    let account = plan.accounts.get(&*own.account)?;
    let channel = (account.open)(&own.options).ok()?;
    let targets = channel.targets();
    let addresses: Vec<&str> = targets.iter().map(|target| &*target.address).collect();
    let labels: Vec<&str> = targets.iter().map(|target| &*target.label).collect();
    let hash = hash(&[
        account.spec.kind.as_bytes(),
        addresses.join("\0").as_bytes(),
    ]);
    Some((labels.join(", "), hash, channel.phone_order().is_some()))
}

/// A short hash of some texts.
pub(crate) fn hash(parts: &[&[u8]]) -> AddressHash {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(part);
        context.update(&[0]);
    }
    let mut short = [0; 16];
    short.copy_from_slice(&context.finish().as_ref()[..16]);
    short
}

fn addresses(plan: &Plan) -> Addresses {
    let of = |person: &Person| {
        let ways = person.ways.keys();
        let known = ways.filter_map(|way| Some((Arc::clone(way), address(plan, person, way)?.1)));
        (Arc::from(person.key.as_str()), known.collect())
    };
    plan.people.values().map(of).collect()
}

impl Verified {
    /// The ways of a plan's people that nobody has verified; none where the document does not ask for that. A store that
    /// is away keeps nobody from being paged: then all count as verified.
    pub(crate) async fn unverified(&self, plan: &Arc<Plan>, store: &Store) -> Unverified {
        if plan.contacts.unverified == Policy::Use {
            return Unverified::default();
        }
        let verified = match store.verified_contacts().await {
            Ok(verified) => verified,
            Err(error) => {
                tracing::warn!(%error, "which ways are verified cannot be read; all are used");
                return Unverified::default();
            }
        };
        let verified: BTreeSet<(Arc<str>, AddressHash)> = verified.into_iter().collect();
        let addresses = self.of(plan);
        let mut found = Unverified {
            refuse: plan.contacts.unverified == Policy::Refuse,
            ..Unverified::default()
        };
        for (person, ways) in &*addresses {
            for (way, address) in ways {
                if verified.contains(&(Arc::clone(person), *address)) {
                    found.have_one.insert(Arc::clone(person));
                } else {
                    let own = found.ways.entry(Arc::clone(person)).or_default();
                    own.insert(Arc::clone(way));
                }
            }
        }
        found
    }

    fn of(&self, plan: &Arc<Plan>) -> Arc<Addresses> {
        let mut last = self.last.lock();
        if let Some((known, addresses)) = &*last
            && Arc::ptr_eq(known, plan)
        {
            return Arc::clone(addresses);
        }
        let made = Arc::new(addresses(plan));
        *last = Some((Arc::clone(plan), Arc::clone(&made)));
        made
    }
}

impl Unverified {
    /// Whether nobody has verified this way of theirs.
    pub(crate) fn is(&self, person: &str, way: &str) -> bool {
        self.ways.get(person).is_some_and(|ways| ways.contains(way))
    }

    /// The ways of theirs that are passed over.
    pub(crate) fn passed_over(&self, person: &str) -> Vec<Arc<str>> {
        let ways = self.ways.get(person).filter(|_| self.refuses(person));
        ways.into_iter().flatten().cloned().collect()
    }

    /// Somebody's rules without the ways that are passed over. Who has no verified way keeps all: nobody goes without a
    /// call.
    pub(crate) fn rules(&self, person: &Person) -> person::Person {
        if !self.refuses(&person.key) {
            return person.rules.clone();
        }
        // What is still to be looked up is left out already, and stays so.
        person
            .rules
            .without(|way| !person.ways.contains_key(way) || self.is(&person.key, way))
    }

    fn refuses(&self, person: &str) -> bool {
        self.refuse && self.have_one.contains(person)
    }
}
