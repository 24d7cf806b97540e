//! Whose turns there are: people, alone or several together.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Most turns of a layer; a list longer than a year of days is a mistake.
pub(super) const MAX_TURNS: usize = 400;
/// Most people of one turn.
pub(super) const MAX_PEOPLE: usize = 20;
/// The people of a turn, in the order in which they are called; keys of `people`.
pub type People = Arc<[Arc<str>]>;

/// A turn as written: one person, or several who are on call together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum TurnSpec {
    /// One.
    One(String),
    /// Several at once.
    Together(Vec<String>),
}

/// Why turns are refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TurnsError {
    /// No turns.
    #[error("nobody is listed; name at least one person")]
    NoTurns,
    /// Too many turns.
    #[error("{0} turns; {MAX_TURNS} at most")]
    TooManyTurns(usize),
    /// A turn of nobody, or of too many.
    #[error("turn {turn} has {people} people; 1 to {MAX_PEOPLE}")]
    TurnSize {
        /// Which turn, from 1.
        turn: usize,
        /// How many it has.
        people: usize,
    },
    /// Somebody who is not among the people.
    #[error("turn {turn}: nobody is called {person:?}; add them to people, or mend the name")]
    UnknownPerson {
        /// Which turn, from 1.
        turn: usize,
        /// Who was written.
        person: String,
    },
    /// The same person twice in a turn.
    #[error("turn {turn}: {person:?} is there twice")]
    PersonTwice {
        /// Which turn, from 1.
        turn: usize,
        /// Who.
        person: String,
    },
}

/// Checks turns.
pub(super) fn checked(
    specs: &[TurnSpec],
    known: &dyn Fn(&str) -> bool,
) -> Result<Vec<People>, TurnsError> {
    match specs.len() {
        0 => return Err(TurnsError::NoTurns),
        1..=MAX_TURNS => {}
        count => return Err(TurnsError::TooManyTurns(count)),
    }
    let mut turns = Vec::with_capacity(specs.len());
    for (turn, spec) in (1..).zip(specs) {
        let people = match spec {
            TurnSpec::One(person) => std::slice::from_ref(person),
            TurnSpec::Together(people) => people,
        };
        if people.is_empty() || people.len() > MAX_PEOPLE {
            let people = people.len();
            return Err(TurnsError::TurnSize { turn, people });
        }
        for (at, person) in people.iter().enumerate() {
            let person = person.clone();
            if !known(&person) {
                return Err(TurnsError::UnknownPerson { turn, person });
            }
            if people[..at].contains(&person) {
                return Err(TurnsError::PersonTwice { turn, person });
            }
        }
        turns.push(
            people
                .iter()
                .map(|person| Arc::from(person.as_str()))
                .collect(),
        );
    }
    Ok(turns)
}
