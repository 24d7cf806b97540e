//! Which keys an object has had, so that one that comes again is refused.

use std::borrow::Cow;
use std::collections::HashSet;

/// The keys of one object so far. Most have a handful, for which comparing beats hashing.
#[derive(Default)]
pub(super) struct Keys<'a> {
    few: Vec<Cow<'a, str>>,
    many: HashSet<Cow<'a, str>>,
}

impl<'a> Keys<'a> {
    const FEW: usize = 24;

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.few.len() + self.many.len()
    }

    /// Takes one more; false if it was there already.
    pub(super) fn insert(&mut self, key: Cow<'a, str>) -> bool {
        if self.few.contains(&key) {
            return false;
        }
        if self.few.len() < Self::FEW {
            if self.few.is_empty() {
                self.few.reserve(8);
            }
            self.few.push(key);
            return true;
        }
        self.many.insert(key)
    }
}
