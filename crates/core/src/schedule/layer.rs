//! A layer: a rotation of people, or the events of a calendar file, with restrictions on when it is on.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::feed::{CalendarCopy, CalendarRead, EventsError, EventsSpec, Feed, Fetched};
use super::holiday::Calendar;
use super::restriction::{self, Restriction, RestrictionError, RestrictionSpec};
use super::rotation::{self, Handover, Pace, Rotation, RotationError};
use super::shift::LayerShift;
use super::stretch::{self, Stretch};
use super::turns::{self, People, TurnSpec, TurnsError};
use crate::time::Time;
use crate::wall::Zone;

/// Most restrictions of a layer.
pub(super) const MAX_RESTRICTIONS: usize = 64;

/// A layer as written: a rotation, or events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayerSpec {
    /// A name for people; its number without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Who is on call by a calendar file. Then there is no rotation, and what belongs to one is not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<EventsSpec>,
    /// In what turns are measured.
    #[serde(default)]
    pub rotation: Pace,
    /// How many of those a turn has; 1 without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<u32>,
    /// The lengths of a custom rotation's turns, as `5d`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lengths: Vec<String>,
    /// When the first turn begins, on the schedule's wall.
    #[serde(default)]
    pub starts: String,
    /// When the layer ends, on the schedule's wall; never without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// When turns are handed over, if not as `starts` says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handover: Option<Handover>,
    /// Whose turn it is, in order, again and again.
    #[serde(default)]
    pub people: Vec<TurnSpec>,
    /// When the layer is on; always without any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<RestrictionSpec>,
}

/// Why a layer is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LayerError {
    /// Something about the turns.
    #[error("people: {0}")]
    Turns(#[from] TurnsError),
    /// Something about the events.
    #[error("events: {0}")]
    Events(#[from] EventsError),
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
    whose: Whose,
    until: Time,
    only: Vec<Restriction>,
}

/// What says who is on call.
#[derive(Clone, Debug)]
enum Whose {
    /// People one after the other.
    Turns(Rotation, Vec<People>),
    /// The events of a calendar file.
    Events(Arc<Feed>),
    /// The events of a calendar that is fetched.
    Fetched(Fetched),
}

/// A part of time in which the same people of a layer are on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) stretch: Stretch,
    pub(super) people: People,
}

impl Layer {
    /// Checks a layer; all that is wrong is told.
    pub(super) fn new(
        spec: &LayerSpec,
        zone: &Zone,
        calendar: &Calendar,
        known: &dyn Fn(&str) -> bool,
    ) -> Result<Self, Vec<LayerError>> {
        if let Some(events) = &spec.events {
            return Self::of_events(spec, events, zone, calendar, known);
        }
        let mut errors = Vec::new();
        let turns = kept(turns::checked(&spec.people, known), &mut errors);
        let rotation = Rotation::new(
            spec.rotation,
            spec.every,
            &spec.lengths,
            &spec.starts,
            spec.handover.as_ref(),
        );
        let rotation = kept(rotation, &mut errors);
        let until = spec
            .until
            .as_ref()
            .and_then(|until| kept(rotation::wall_time("until", until), &mut errors));
        // On the wall: instants depend on the zone data, which may change under a good schedule.
        if let (Some(rotation), Some(until)) = (&rotation, until)
            && until <= rotation.starts()
        {
            errors.push(LayerError::EndsBeforeStart {
                starts: spec.starts.clone(),
                until: spec.until.clone().unwrap_or_default(),
            });
        }
        let only = restrictions(&spec.only, calendar, &mut errors);
        match (turns, rotation) {
            (Some(turns), Some(rotation)) if errors.is_empty() => Ok(Self {
                name: spec.name.as_deref().map(Arc::from),
                whose: Whose::Turns(rotation, turns),
                until: until.map_or(Time::NEVER, |until| zone.last(until)),
                only,
            }),
            _ => Err(errors),
        }
    }

    fn of_events(
        spec: &LayerSpec,
        events: &EventsSpec,
        zone: &Zone,
        calendar: &Calendar,
        known: &dyn Fn(&str) -> bool,
    ) -> Result<Self, Vec<LayerError>> {
        let mut errors = Vec::new();
        let whose = if events.fetched {
            Fetched::new(events, zone, known).map(Whose::Fetched)
        } else {
            Feed::read(events, zone, known).map(|feed| Whose::Events(feed.into()))
        };
        let whose = kept(whose, &mut errors);
        let only = restrictions(&spec.only, calendar, &mut errors);
        match whose {
            Some(whose) if errors.is_empty() => Ok(Self {
                name: spec.name.as_deref().map(Arc::from),
                whose,
                until: Time::NEVER,
                only,
            }),
            _ => Err(errors),
        }
    }

    /// What of its events was left out, and why.
    pub(super) fn told(&self) -> &[String] {
        match &self.whose {
            Whose::Turns(..) => &[],
            Whose::Events(feed) => feed.told(),
            Whose::Fetched(fetched) => fetched.told(),
        }
    }

    /// The same layer with this copy of its calendar; one that has none that is fetched stays as it is.
    pub(super) fn with_copy(&self, copy: &CalendarCopy) -> Result<Self, EventsError> {
        let whose = match &self.whose {
            Whose::Fetched(fetched) => Whose::Fetched(fetched.with(copy)?),
            other => other.clone(),
        };
        Ok(Self {
            whose,
            ..self.clone()
        })
    }

    /// What was read of its fetched calendar; `None` as long as it has no copy.
    pub(super) fn calendar(&self) -> Option<CalendarRead> {
        match &self.whose {
            Whose::Fetched(fetched) => fetched.summed_up(),
            _ => None,
        }
    }

    /// What its fetched calendar has said up to an instant.
    pub(super) fn past(&self, until: Time) -> Vec<LayerShift> {
        match &self.whose {
            Whose::Fetched(fetched) => fetched.past(until),
            _ => vec![],
        }
    }

    /// Whether it has no restrictions, and no holes of its own.
    pub(super) fn is_always_on(&self) -> bool {
        self.only.is_empty() && matches!(self.whose, Whose::Turns(..))
    }

    /// When it begins.
    pub(super) fn begins(&self, zone: &Zone) -> Time {
        match &self.whose {
            Whose::Turns(rotation, _) => rotation.begins(zone),
            Whose::Events(feed) => feed.begins(),
            Whose::Fetched(fetched) => fetched.begins(),
        }
    }

    /// Everybody it names.
    pub(super) fn everybody(&self) -> Box<dyn Iterator<Item = &Arc<str>> + '_> {
        match &self.whose {
            Whose::Turns(_, turns) => Box::new(turns.iter().flat_map(|people| people.iter())),
            Whose::Events(feed) => Box::new(feed.everybody()),
            Whose::Fetched(fetched) => Box::new(fetched.everybody()),
        }
    }

    /// Who is on by it at an instant; `None` while the layer is off.
    pub(super) fn people_at(&self, zone: &Zone, calendar: &Calendar, at: Time) -> Option<People> {
        let moment = Stretch::new(at, Time::from_micros(at.micros().saturating_add(1)))?;
        let people = match &self.whose {
            Whose::Turns(rotation, turns) => {
                let turn = rotation.turn_at(zone, at)?;
                People::clone(whose(turns, turn.number)?)
            }
            Whose::Events(feed) => feed.pieces(moment).into_iter().next()?.1,
            Whose::Fetched(fetched) => fetched.pieces(moment).into_iter().next()?.1,
        };
        let is_on = self.only.is_empty()
            || !restriction::open(&self.only, zone, calendar, moment).is_empty();
        (at < self.until && is_on).then_some(people)
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
        let mut add = |stretch: Stretch, people: &People| {
            pieces.extend(stretch::cut(stretch, &on).map(|stretch| Piece {
                stretch,
                people: People::clone(people),
            }));
        };
        match &self.whose {
            Whose::Turns(rotation, turns) => {
                let mut next = rotation.turn_at(zone, life.from);
                while let Some(turn) = next.filter(|turn| turn.from < life.to) {
                    let stretch = Stretch::new(turn.from, turn.to);
                    if let Some((stretch, people)) = stretch.zip(whose(turns, turn.number)) {
                        add(stretch, people);
                    }
                    next = rotation.next(turn, zone);
                }
            }
            Whose::Events(feed) => add_all(feed.pieces(life), &mut add),
            Whose::Fetched(fetched) => add_all(fetched.pieces(life), &mut add),
        }
        pieces
    }
}

fn add_all(pieces: Vec<(Stretch, People)>, add: &mut impl FnMut(Stretch, &People)) {
    for (stretch, people) in pieces {
        add(stretch, &people);
    }
}

/// Whose the turn of that number is.
fn whose(turns: &[People], number: i64) -> Option<&People> {
    turns.get(number.rem_euclid(turns.len().max(1) as i64) as usize)
}

/// What was found to be right; what is wrong with it joins the others.
fn kept<T, E: Into<LayerError>>(checked: Result<T, E>, errors: &mut Vec<LayerError>) -> Option<T> {
    checked.map_err(|error| errors.push(error.into())).ok()
}

fn restrictions(
    specs: &[RestrictionSpec],
    calendar: &Calendar,
    errors: &mut Vec<LayerError>,
) -> Vec<Restriction> {
    if specs.len() > MAX_RESTRICTIONS {
        errors.push(LayerError::TooManyRestrictions(specs.len()));
        return vec![];
    }
    let checked = (1..).zip(specs).filter_map(|(number, spec)| {
        let checked = Restriction::new(spec, calendar);
        let named = checked.map_err(|problem| LayerError::Restriction { number, problem });
        kept(named, errors)
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
