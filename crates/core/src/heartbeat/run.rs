//! Runs that say which of them they are, so that several at once are each measured from their own begin.

use std::collections::BTreeMap;

use crate::time::Time;

/// Runs under way that are remembered; the one that began first gives way.
const MOST: usize = 32;

/// What a run is known by: the number of the UUID that its signals carry (`rid`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(u128);

impl RunId {
    /// Reads a UUID as RFC 9562 (4) writes it, with or without its hyphens, in capitals or not.
    pub fn read(text: &str) -> Option<Self> {
        let hyphens = |at: usize| text.as_bytes().get(at) == Some(&b'-');
        let digits: String = match text.len() {
            36 if [8, 13, 18, 23].into_iter().all(hyphens) => text.replace('-', ""),
            32 => text.to_owned(),
            _ => return None,
        };
        // A number may begin with a sign; a UUID does not.
        let is_hex = digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hex
            .then(|| u128::from_str_radix(&digits, 16).ok().map(Self))
            .flatten()
    }
}

/// The runs of a heartbeat that are under way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Runs(BTreeMap<Option<RunId>, Time>);

impl Runs {
    /// One begins, again if it is there already.
    pub(super) fn begin(&mut self, run: Option<RunId>, at: Time) {
        self.0.insert(run, at);
        if self.0.len() > MOST {
            let first = self.0.iter().min_by_key(|(_, began)| **began);
            if let Some(first) = first.map(|(run, _)| *run) {
                self.0.remove(&first);
            }
        }
    }

    /// One ends; when it began, if that was heard.
    pub(super) fn end(&mut self, run: Option<RunId>) -> Option<Time> {
        self.0.remove(&run)
    }

    /// Those that began first.
    pub fn first(&self) -> Option<Time> {
        self.0.values().min().copied()
    }

    /// How many are under way.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Forgets those that began at a time for which this holds.
    pub(super) fn forget(&mut self, when: impl Fn(Time) -> bool) {
        self.0.retain(|_, began| !when(*began));
    }

    /// None of them began after now.
    pub(super) fn set_back(&mut self, now: Time) {
        for began in self.0.values_mut() {
            *began = (*began).min(now);
        }
    }

    /// Those with an id as a line of text, to be kept; the one without is kept beside it.
    pub fn text(&self) -> String {
        let named = self.0.iter().filter_map(|(run, at)| Some(((*run)?, at)));
        let written = named.map(|(run, at)| format!("{:032x}@{}", run.0, at.micros()));
        written.collect::<Vec<_>>().join(" ")
    }

    /// What [`Self::text`] wrote, and the begin of the one without an id; `None` when it is something else.
    pub fn read(text: &str, nameless: Option<Time>) -> Option<Self> {
        let mut runs: BTreeMap<_, _> = nameless.map(|at| (None, at)).into_iter().collect();
        for word in text.split_ascii_whitespace() {
            let (run, at) = word.split_once('@')?;
            let at = Time::from_micros(at.parse().ok()?);
            runs.insert(Some(RunId::read(run)?), at);
        }
        Some(Self(runs))
    }

    /// When the one without an id began.
    pub fn nameless(&self) -> Option<Time> {
        self.0.get(&None).copied()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn runs_read_back_as_they_were_kept_and_never_grow_without_bound(
            begun in prop::collection::vec((any::<Option<u128>>(), -9_i64..i64::MAX), 0..80),
        ) {
            let mut runs = Runs::default();
            for (run, at) in begun {
                runs.begin(run.map(RunId), Time::from_micros(at));
            }
            prop_assert!(runs.count() <= MOST);
            prop_assert_eq!(Runs::read(&runs.text(), runs.nameless()), Some(runs));
        }

        #[test]
        fn no_text_is_an_id_by_accident(text in "[+0-9a-fA-F-]{30,38}") {
            let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
            if RunId::read(&text).is_some() {
                prop_assert_eq!(digits.len(), 32);
                prop_assert!(!text.contains('+'));
            }
        }
    }

    #[test]
    fn an_id_is_a_uuid_with_or_without_hyphens() {
        let whole = RunId::read("123e4567-e89b-12d3-a456-426614174000");
        assert!(whole.is_some());
        assert_eq!(RunId::read("123E4567E89B12D3A456426614174000"), whole);
        for none in [
            "",
            "1",
            "123e4567-e89b-12d3-a456-42661417400",
            "123e4567e-89b-12d3-a456-426614174000",
            "+23e4567e89b12d3a456426614174000",
        ] {
            assert_eq!(RunId::read(none), None, "{none}");
        }
        assert_eq!(Runs::read("nothing", None), None);
    }
}
