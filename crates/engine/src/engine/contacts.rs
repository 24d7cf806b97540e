//! Whether people are really reached by their ways: a code is sent by one, and whoever got it says it.

use std::sync::Arc;

use aws_lc_rs::rand;
use balefire_config::plan::{Person, Plan};
use balefire_core::identity::Platform;
use balefire_core::severity::Severity;
use balefire_core::time::Time;
use balefire_core::verification::{CodeHash, Refused, Verification};
use balefire_store::StoreError;
use balefire_template::compose;

use super::{Engine, IdentityStanding};
use crate::delivery::content::Verifies;
use crate::direct::{self, Destination, Direct, DirectError, Words};
use crate::verified::{address, hash};

/// Six digits.
const CODES: u64 = 1_000_000;

/// A person, and how their ways stand.
#[derive(Clone, Debug)]
pub struct PersonStanding {
    /// The key in the document.
    pub key: String,
    /// The name people know.
    pub name: String,
    /// By name.
    pub contacts: Vec<ContactStanding>,
    /// By platform.
    pub identities: Vec<IdentityStanding>,
    /// Where somebody is still named whom a platform does not know any more; empty for everybody else.
    pub named_in: Vec<String>,
}

/// A way of a person, and whether it is known to reach them.
#[derive(Clone, Debug)]
pub struct ContactStanding {
    /// The way's name.
    pub way: Arc<str>,
    /// The account it goes through.
    pub account: Arc<str>,
    /// The address; empty where the way opens no channel.
    pub address: String,
    /// Since when it is known to reach them.
    pub verified_at: Option<Time>,
    /// When a code was sent that nobody has said yet.
    pub sent_at: Option<Time>,
    /// The platform at which its address was looked up; `None` when it stands in the document.
    pub looked_up: Option<Platform>,
    /// Whether it is verified by answering a call; else by saying a code.
    pub by_answer: bool,
}

/// What is on its way to verify a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verifying {
    /// The notification's number.
    pub notification: u64,
    /// It is a call that says nothing, and verifies by being answered; else a code that is to be said.
    pub by_answer: bool,
}

/// Why a contact is not verified.
#[derive(Debug, thiserror::Error)]
pub enum ContactFailure {
    /// Nobody has that key.
    #[error("nobody in people has the key {0:?}")]
    Nobody(String),
    /// The person has no such way.
    #[error("{person} has no way {way:?}; they have: {known}")]
    NoWay {
        /// The person's key.
        person: String,
        /// As asked for.
        way: String,
        /// The names of their ways.
        known: String,
    },
    /// It cannot say a code.
    #[error(
        "a telephone of your own says no code: it is verified by answering the call that verify places"
    )]
    Speechless,
    /// A rule of codes.
    #[error(transparent)]
    Rule(#[from] Refused),
    /// The code could not be sent.
    #[error(transparent)]
    Send(#[from] DirectError),
    /// The store did not take it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A way that can be verified.
struct Way {
    account: Arc<str>,
    options: serde_json::Value,
    hash: [u8; 16],
    rings: bool,
    /// It rings and says nothing: whoever answers is reached.
    is_speechless: bool,
    reader: compose::Reader,
}

/// What is kept of a code: for this address alone.
fn code_hash(address: [u8; 16], code: &str) -> CodeHash {
    hash(&[&b"code"[..], &address[..], code.as_bytes()])
}

impl Engine {
    /// The people of the document, and how their ways stand.
    pub async fn people(&self) -> Result<Vec<PersonStanding>, StoreError> {
        let plan = self.plan();
        let mut people = Vec::new();
        for person in plan.people.values() {
            people.push(self.person(&plan, person).await?);
        }
        Ok(people)
    }

    async fn person(&self, plan: &Plan, person: &Person) -> Result<PersonStanding, StoreError> {
        let known = self.store().contacts(&person.key).await?;
        let contacts = person.ways.iter().map(|(way, own)| {
            let address = address(plan, person, way);
            let stands = address.as_ref().and_then(|(_, hash, _)| {
                let found = known.iter().find(|(known, _)| known == hash);
                found.map(|(_, stands)| *stands)
            });
            let stands = stands.unwrap_or_default();
            ContactStanding {
                by_answer: address.as_ref().is_some_and(|(.., rings_only)| *rings_only),
                way: Arc::clone(way),
                account: Arc::clone(&own.account),
                address: address.map(|(label, ..)| label).unwrap_or_default(),
                verified_at: stands.verified_at,
                sent_at: stands.pending.map(|pending| pending.sent_at),
                looked_up: person.pending.get(way).map(|pending| pending.platform),
            }
        });
        Ok(PersonStanding {
            contacts: contacts.collect(),
            ..self.known_person(person)
        })
    }

    /// How one person's ways stand.
    pub async fn person_standing(&self, key: &str) -> Result<PersonStanding, ContactFailure> {
        let plan = self.plan();
        let person = plan.people.get(key);
        let person = person.ok_or_else(|| ContactFailure::Nobody(key.to_owned()))?;
        Ok(self.person(&plan, person).await?)
    }

    /// Sends a code by a way of a person. By a telephone of one's own, which says nothing, they
    /// are called instead, and whoever answers has verified it.
    pub async fn verify_contact(&self, key: &str, way: &str) -> Result<Verifying, ContactFailure> {
        let found = self.way(key, way)?;
        let mut bytes = [0; 16];
        rand::fill(&mut bytes)
            .map_err(|_| StoreError::Conflict("the system gives no random number".to_owned()))?;
        let number = u128::from_le_bytes(bytes) % u128::from(CODES);
        let code = format!("{number:06}");
        let hashed = if found.is_speechless {
            // Nobody can say it, so nobody can guess it.
            bytes
        } else {
            code_hash(found.hash, &code)
        };
        let now = self.now();
        let decide = move |stands: &mut Verification| stands.send(hashed, now);
        let writer = self.store().writer();
        writer.verify_contact(key, found.hash, decide).await??;
        let said = if found.rings {
            // A voice reads a number as one; digit by digit it is understood.
            code.chars().map(String::from).collect::<Vec<_>>().join(" ")
        } else {
            code.clone()
        };
        let message = if found.is_speechless {
            compose::compose_verifying_call(&found.reader)
        } else {
            compose::compose_code(&said, &code, &found.reader)
        };
        let verifies = Verifies {
            person: key.into(),
            address: found.hash,
        };
        let direct = Direct {
            verifies: found.is_speechless.then_some(verifies),
            to: Destination::Account {
                name: found.account.to_string(),
                options: found.options,
            },
            words: Words::Message(Box::new(message)),
            severity: Severity::Info,
            facts: Vec::new(),
        };
        let (shared, lanes) = (&self.inner.shared, &self.inner.lanes);
        let sent = direct::send(shared, lanes, (&direct, 0), None).await?;
        Ok(Verifying {
            notification: sent.first().map(|sent| sent.seq).unwrap_or_default(),
            by_answer: found.is_speechless,
        })
    }

    /// Takes the code that came by a way of a person.
    pub async fn confirm_contact(
        &self,
        key: &str,
        way: &str,
        code: &str,
    ) -> Result<(), ContactFailure> {
        let found = self.way(key, way)?;
        if found.is_speechless {
            return Err(ContactFailure::Speechless);
        }
        let digits: String = code
            .chars()
            .filter(|c| !c.is_whitespace())
            .take(16)
            .collect();
        let (hashed, now) = (code_hash(found.hash, &digits), self.now());
        let decide = move |stands: &mut Verification| stands.confirm(hashed, now);
        let writer = self.store().writer();
        writer.verify_contact(key, found.hash, decide).await??;
        self.inner.shared.changed();
        Ok(())
    }

    fn way(&self, key: &str, way: &str) -> Result<Way, ContactFailure> {
        let plan = self.plan();
        let person = plan.people.get(key);
        let person = person.ok_or_else(|| ContactFailure::Nobody(key.to_owned()))?;
        let own = person.ways.get(way);
        let found = own.zip(address(&plan, person, way));
        let Some((own, (_, hash, is_speechless))) = found else {
            let known: Vec<&str> = person.ways.keys().map(|way| &**way).collect();
            return Err(ContactFailure::NoWay {
                person: key.to_owned(),
                way: way.chars().take(64).collect(),
                known: known.join(", "),
            });
        };
        Ok(Way {
            is_speechless,
            account: Arc::clone(&own.account),
            options: own.options.clone(),
            hash,
            rings: own.rings,
            reader: crate::escalator::reader(&person.reader),
        })
    }
}
