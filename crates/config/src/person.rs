//! The people of a plan: names, addresses, ways, and what platforms say of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use balefire_core::identity::Platform;
use balefire_core::message::{Locale, Mention};
use balefire_core::person;
use serde_json::Value;

/// Language and zone of who reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reader {
    /// Language.
    pub locale: Locale,
    /// IANA zone; empty for the server's.
    pub zone: String,
}

/// How far the ways of people are trusted, and whether platforms are asked who they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Contacts {
    /// What becomes of a page by a way that nobody has verified.
    pub unverified: Unverified,
    /// Whether platforms are asked.
    pub look_up: bool,
}

/// What becomes of a page by a way that nobody has verified.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unverified {
    /// It goes out.
    #[default]
    Use,
    /// It goes out, and is told of.
    Warn,
    /// It does not, as long as the person has a verified way.
    Refuse,
}

/// Somebody: names, addresses, and how they want to be paged.
#[derive(Clone, Debug, Default)]
pub struct Person {
    /// The key in the document.
    pub key: String,
    /// Names at the platforms.
    pub contact: Mention,
    /// Language and zone.
    pub reader: Reader,
    /// The ways by which they can be paged, by name.
    pub ways: BTreeMap<Arc<str>, Way>,
    /// Which of these are used when.
    pub rules: person::Person,
    /// For each platform the account whose address book knows them.
    pub books: BTreeMap<Platform, Arc<str>>,
    /// Ways that they have as soon as their id at a platform has been looked up.
    pub pending: BTreeMap<Arc<str>, Pending>,
    /// The ids that were looked up; in `contact` and `ways`, too.
    pub looked_up: BTreeMap<Platform, Arc<str>>,
}

/// A way that lacks the id which a platform's address book may give.
#[derive(Clone, Debug, PartialEq)]
pub struct Pending {
    /// The platform.
    pub platform: Platform,
    /// The way without the id.
    pub way: Way,
    /// The option that takes the id, and whether as a list.
    pub option: (&'static str, bool),
}

impl Pending {
    /// The way of whoever has this id.
    pub fn of(&self, id: &str) -> Way {
        let (key, is_list) = self.option;
        let mut way = self.way.clone();
        if let Value::Object(options) = &mut way.options {
            let id = Value::from(id);
            let id = if is_list { Value::Array(vec![id]) } else { id };
            options.insert(key.to_owned(), id);
        }
        way
    }
}

/// A way by which a person can be paged.
#[derive(Clone, Debug, PartialEq)]
pub struct Way {
    /// The account it goes through.
    pub account: Arc<str>,
    /// The options its channel is opened with, the person's address among them.
    pub options: Value,
    /// Whether it rings: then it is not used for mere news.
    pub rings: bool,
}

impl Person {
    /// The id that the document itself names.
    pub fn written(&self, platform: Platform) -> Option<&str> {
        let id = platform.id(&self.contact);
        (!id.is_empty() && !self.looked_up.contains_key(&platform)).then_some(id)
    }

    /// Takes over what a platform's address book says is their id, or that it knows none: mentions call them by it, and
    /// pages reach them. An id in the document wins.
    pub fn know(&mut self, platform: Platform, id: Option<&str>) {
        if self.written(platform).is_some() {
            return;
        }
        platform.set(&mut self.contact, id.unwrap_or_default());
        match id {
            Some(id) => _ = self.looked_up.insert(platform, id.into()),
            None => _ = self.looked_up.remove(&platform),
        }
        for (name, pending) in &self.pending {
            if pending.platform != platform {
                continue;
            }
            match id {
                Some(id) => _ = self.ways.insert(Arc::clone(name), pending.of(id)),
                None => _ = self.ways.remove(name),
            }
        }
        let (pending, ways) = (&self.pending, &self.ways);
        let lacks = |way: &str| pending.contains_key(way) && !ways.contains_key(way);
        self.rules = self.rules.without(lacks);
    }

    /// Whether there is any way to reach them: a number, an address or a name at a platform.
    pub fn is_reachable(&self) -> bool {
        let nothing = Mention {
            name: self.contact.name.clone(),
            ..Mention::default()
        };
        self.contact != nothing
    }
}
