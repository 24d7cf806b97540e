//! The heartbeats that jobs send: those of the document (`heartbeats`), and beside them those that people make while
//! the node runs, which keep the same rules.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use balefire_core::heartbeat::{Fault, Pace, Wanted};
use balefire_core::label::Labels;

/// The heartbeats that are waited for.
#[derive(Clone, Debug, Default)]
pub struct Heartbeats {
    by_name: BTreeMap<Arc<str>, Arc<Heartbeat>>,
    /// Looked up by a hash, so that how long it takes says nothing about a token that is nearly right.
    by_token: HashMap<TokenHash, Arc<str>>,
}

/// A heartbeat that is waited for.
#[derive(Clone, Debug)]
pub struct Heartbeat {
    /// Its name.
    pub name: Arc<str>,
    /// When it is due and missed.
    pub pace: Pace,
    /// The labels of the alert when it is missed, `alertname` and `heartbeat` among them.
    pub labels: Labels,
    /// What it is about, for people; may be empty.
    pub description: String,
    /// What somebody asked for while the node ran; `None` for one of the document.
    pub wanted: Option<Box<Wanted>>,
    /// What its token hashes to.
    pub(crate) token: TokenHash,
}

/// SHA-256 of a token.
pub type TokenHash = [u8; 32];

impl Heartbeat {
    /// One that somebody asks for while the node runs, with the hash of its token; `zone` is the server's.
    pub fn made(wanted: Wanted, token: TokenHash, zone: &str) -> Result<Self, Vec<Fault>> {
        let agreed = wanted.agree(zone)?;
        Ok(Self {
            name: Arc::from(wanted.name.as_str()),
            pace: agreed.pace,
            labels: agreed.labels,
            description: wanted.description.clone(),
            wanted: Some(Box::new(wanted)),
            token,
        })
    }

    /// Whether it stands in the document, where it is changed, too.
    pub fn is_of_document(&self) -> bool {
        self.wanted.is_none()
    }
}

/// What a token hashes to.
pub fn hash(token: &str) -> TokenHash {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
    hash
}

impl Heartbeats {
    pub(crate) fn new(all: Vec<Heartbeat>) -> Self {
        let all = all.into_iter().map(Arc::new);
        let by_name: BTreeMap<_, _> = all.map(|one| (Arc::clone(&one.name), one)).collect();
        let by_token = by_name
            .values()
            .map(|one| (one.token, Arc::clone(&one.name)))
            .collect();
        Self { by_name, by_token }
    }

    /// These and others beside them; of one name or token, these count.
    #[must_use]
    pub fn beside(&self, others: impl IntoIterator<Item = Arc<Heartbeat>>) -> Self {
        let (mut by_name, mut by_token) = (self.by_name.clone(), self.by_token.clone());
        for other in others {
            if by_name.contains_key(&other.name) || by_token.contains_key(&other.token) {
                continue;
            }
            by_token.insert(other.token, Arc::clone(&other.name));
            by_name.insert(Arc::clone(&other.name), other);
        }
        Self { by_name, by_token }
    }

    /// The one of a name.
    pub fn get(&self, name: &str) -> Option<&Arc<Heartbeat>> {
        self.by_name.get(name)
    }

    /// The one of a token.
    pub fn of_token(&self, token: &str) -> Option<&Arc<Heartbeat>> {
        self.get(self.by_token.get(&hash(token))?)
    }

    /// All, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Heartbeat>> {
        self.by_name.values()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.by_name.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }
}
