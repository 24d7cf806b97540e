//! A layer: a rotation of people, with restrictions on when it is on.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::holiday::Calendar;
use super::restriction::{self, Restriction, RestrictionError, RestrictionSpec};
use super::rotation::{self, Handover, Pace, Rotation, RotationError};
use super::stretch::{self, Stretch};
use crate::time::Time;
use crate::wall::Zone;

/// Most turns of a layer; a list longer than a year of days is a mistake.
pub(super) const MAX_TURNS: usize = 400;
/// Most people of one turn.
pub(super) const MAX_PEOPLE: usize = 20;
/// Most restrictions of a layer.
pub(super) const MAX_RESTRICTIONS: usize = 64;

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

/// A layer as written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayerSpec {
    /// A name for people; its number without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// In what turns are measured.
    pub rotation: Pace,
    /// How many of those a turn has; 1 without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<u32>,
    /// The lengths of a custom rotation's turns, as `5d`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lengths: Vec<String>,
    /// When the first turn begins, on the schedule's wall.
    pub starts: String,
    /// When the layer ends, on the schedule's wall; never without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// When turns are handed over, if not as `starts` says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handover: Option<Handover>,
    /// Whose turn it is, in order, again and again.
    pub people: Vec<TurnSpec>,
    /// When the layer is on; always without any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<RestrictionSpec>,
}

/// Why a layer is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LayerError {
    /// No turns.
    #[error("people: nobody is listed; name at least one person")]
    NoTurns,
    /// Too many turns.
    #[error("people: {0} turns; {MAX_TURNS} at most")]
    TooManyTurns(usize),
    /// A turn of nobody, or of too many.
    #[error("people: turn {turn} has {people} people; 1 to {MAX_PEOPLE}")]
    TurnSize {
        /// Which turn, from 1.
        turn: usize,
        /// How many it has.
        people: usize,
    },
    /// Somebody who is not among the people.
    #[error(
        "people: turn {turn}: nobody is called {person:?}; add them to people, or mend the name"
    )]
    UnknownPerson {
        /// Which turn, from 1.
        turn: usize,
        /// Who was written.
        person: String,
    },
    /// The same person twice in a turn.
    #[error("people: turn {turn}: {person:?} is there twice")]
    PersonTwice {
        /// Which turn, from 1.
        turn: usize,
        /// Who.
        person: String,
    },
    /// Something about the rotation.
    #[error(transparent)]
    Rotation(#[from] RotationError),
    /// It ends before it starts.
    #[error("until: {until} is not after starts: {starts}")]
    EndsBeforeStart {
        /// As written.
        starts: String,
        /// As written.
        until: String,
    },
    /// Too many restrictions.
    #[error("only: {0} restrictions; {MAX_RESTRICTIONS} at most")]
    TooManyRestrictions(usize),
    /// Something about a restriction.
    #[error("only: restriction {number}: {problem}")]
    Restriction {
        /// Which one, from 1.
        number: usize,
        /// What about it.
        problem: RestrictionError,
    },
}

/// A checked layer.
#[derive(Clone, Debug)]
pub(super) struct Layer {
    pub(super) name: Option<Arc<str>>,
    rotation: Rotation,
    until: Time,
    turns: Vec<People>,
    only: Vec<Restriction>,
}

/// A part of time in which one turn of a layer is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) stretch: Stretch,
    /// Which of the layer's turns.
    pub(super) turn: usize,
}

impl Layer {
    pub(super) fn new(
        spec: &LayerSpec,
        zone: &Zone,
        calendar: &Calendar,
        known: &dyn Fn(&str) -> bool,
    ) -> Result<Self, LayerError> {
        let turns = turns(&spec.people, known)?;
        let rotation = Rotation::new(
            spec.rotation,
            spec.every,
            &spec.lengths,
            &spec.starts,
            spec.handover.as_ref(),
        )?;
        let until = match &spec.until {
            Some(until) => zone.last(rotation::wall_time(until)?),
            None => Time::NEVER,
        };
        if until <= rotation.begins(zone) {
            return Err(LayerError::EndsBeforeStart {
                starts: spec.starts.clone(),
                until: spec.until.clone().unwrap_or_default(),
            });
        }
        Ok(Self {
            name: spec.name.as_deref().map(Arc::from),
            rotation,
            until,
            turns,
            only: restrictions(&spec.only, calendar)?,
        })
    }

    /// When it begins.
    pub(super) fn begins(&self, zone: &Zone) -> Time {
        self.rotation.begins(zone)
    }

    /// The people of a turn.
    pub(super) fn people(&self, turn: usize) -> Option<&People> {
        self.turns.get(turn)
    }

    /// Everybody it names.
    pub(super) fn everybody(&self) -> impl Iterator<Item = &Arc<str>> {
        self.turns.iter().flat_map(|people| people.iter())
    }

    /// Whose turn it is at an instant; `None` while the layer is off.
    pub(super) fn turn_at(&self, zone: &Zone, calendar: &Calendar, at: Time) -> Option<usize> {
        let turn = self.rotation.turn_at(zone, at)?;
        let moment = Stretch::new(at, Time::from_micros(at.micros().saturating_add(1)))?;
        let is_on = self.only.is_empty()
            || !restriction::open(&self.only, zone, calendar, moment).is_empty();
        (at < self.until && is_on).then(|| self.whose(turn.number))
    }

    /// Its turns within a part of time, in order, without those of no length.
    pub(super) fn pieces(&self, zone: &Zone, calendar: &Calendar, within: Stretch) -> Vec<Piece> {
        let life = Stretch::new(self.begins(zone), self.until).and_then(|life| life.within(within));
        let Some(life) = life else {
            return vec![];
        };
        let on = if self.only.is_empty() {
            vec![life]
        } else {
            restriction::open(&self.only, zone, calendar, life)
        };
        let mut pieces = Vec::new();
        let mut next = self.rotation.turn_at(zone, life.from);
        while let Some(turn) = next.filter(|turn| turn.from < life.to) {
            if let Some(stretch) = Stretch::new(turn.from, turn.to) {
                let number = self.whose(turn.number);
                pieces.extend(stretch::cut(stretch, &on).map(|stretch| Piece {
                    stretch,
                    turn: number,
                }));
            }
            next = self.rotation.next(turn, zone);
        }
        pieces
    }

    fn whose(&self, number: i64) -> usize {
        number.rem_euclid(self.turns.len() as i64) as usize
    }
}

fn turns(specs: &[TurnSpec], known: &dyn Fn(&str) -> bool) -> Result<Vec<People>, LayerError> {
    match specs.len() {
        0 => return Err(LayerError::NoTurns),
        1..=MAX_TURNS => {}
        count => return Err(LayerError::TooManyTurns(count)),
    }
    let mut turns = Vec::with_capacity(specs.len());
    for (turn, spec) in (1..).zip(specs) {
        let people = match spec {
            TurnSpec::One(person) => std::slice::from_ref(person),
            TurnSpec::Together(people) => people,
        };
        if people.is_empty() || people.len() > MAX_PEOPLE {
            let people = people.len();
            return Err(LayerError::TurnSize { turn, people });
        }
        for (at, person) in people.iter().enumerate() {
            let person = person.clone();
            if !known(&person) {
                return Err(LayerError::UnknownPerson { turn, person });
            }
            if people[..at].contains(&person) {
                return Err(LayerError::PersonTwice { turn, person });
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

fn restrictions(
    specs: &[RestrictionSpec],
    calendar: &Calendar,
) -> Result<Vec<Restriction>, LayerError> {
    if specs.len() > MAX_RESTRICTIONS {
        return Err(LayerError::TooManyRestrictions(specs.len()));
    }
    let checked = (1..).zip(specs).map(|(number, spec)| {
        Restriction::new(spec, calendar)
            .map_err(|problem| LayerError::Restriction { number, problem })
    });
    checked.collect()
}

/// A layer as people call it: its number from 1, and its name if it has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerName {
    /// From 1, in the order in which they are written.
    pub number: usize,
    /// As written.
    pub name: Option<String>,
}

impl fmt::Display for LayerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "layer {} ({name})", self.number),
            None => write!(f, "layer {}", self.number),
        }
    }
}
