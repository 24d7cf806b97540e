//! What an edit or an expiry of a silence amounts to.

use std::sync::Arc;
use std::time::Duration;

use super::{Silence, SilenceState, Silences};
use crate::matcher::{MatchOp, Matcher, Matchers};
use crate::quote::Quoted;
use crate::re2::Re2Error;
use crate::time::Time;

/// Most silences kept, expired ones included.
pub const MAX_SILENCES: usize = 100_000;

/// Why a silence cannot be made, edited or expired; the words are Alertmanager's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SilenceError {
    /// There is no silence of that id.
    #[error("silence not found")]
    NotFound,
    /// It would end when it begins, or before.
    #[error("Failed to create silence: start time must be before end time")]
    EndsBeforeStart,
    /// It would be over already.
    #[error("Failed to create silence: end time can't be in the past")]
    EndsInThePast,
    /// Something else is wrong with it.
    #[error("invalid silence: {0}")]
    Invalid(#[from] InvalidSilence),
    /// There are [`MAX_SILENCES`] already.
    #[error("exceeded maximum number of silences: {0} (limit: {MAX_SILENCES})")]
    TooMany(usize),
}

/// What is wrong with a silence's matchers. Sets and matchers are counted from 0.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSilence {
    /// It has no set of matchers.
    #[error("at least one matcher set required")]
    NoMatchers,
    /// A set has no matcher.
    #[error("matcher set {0} is empty")]
    EmptySet(usize),
    /// A matcher looks at no label.
    #[error("invalid label matcher {matcher} in set {set}: invalid label name \"\"")]
    EmptyName {
        /// Which set.
        set: usize,
        /// Which matcher of it.
        matcher: usize,
    },
    /// A pattern is not a regular expression.
    #[error(
        "invalid label matcher {matcher} in set {set}: invalid regular expression {}: {error}",
        Quoted(pattern)
    )]
    BadPattern {
        /// Which set.
        set: usize,
        /// Which matcher of it.
        matcher: usize,
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        error: Re2Error,
    },
    /// A set would silence alerts that have none of its labels.
    #[error("matcher set {0}: at least one matcher must not match the empty string")]
    MatchesEmpty(usize),
}

/// The matchers of set number `set` of a silence from their names, operators and values.
pub fn matcher_set<'a>(
    set: usize,
    matchers: impl IntoIterator<Item = (&'a str, MatchOp, &'a str)>,
) -> Result<Matchers, InvalidSilence> {
    let made = matchers
        .into_iter()
        .enumerate()
        .map(|(matcher, (name, op, value))| {
            Matcher::new(name, op, value).map_err(|error| InvalidSilence::BadPattern {
                set,
                matcher,
                pattern: value.to_owned(),
                error,
            })
        });
    made.collect()
}

/// What putting a silence amounts to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "nothing has changed until each of `changed` is applied"]
pub struct Put {
    /// The id of the silence that now says what was put; a new one unless it could be edited.
    pub id: Arc<str>,
    /// The new states to write and apply, in this order.
    pub changed: Vec<Silence>,
}

impl Silences {
    /// Works out what creating (with an empty id) or editing a silence amounts to. Changes nothing.
    ///
    /// An edit keeps the id only if history stays as it was: the matchers are unchanged and, for an
    /// active silence, it still starts in the same second, for a pending one, its new start is not
    /// past. Otherwise the old one is expired and the words become a new silence called `new_id`,
    /// whose start is not before `now`.
    pub fn put(
        &self,
        mut silence: Silence,
        new_id: String,
        now: Time,
    ) -> Result<Put, SilenceError> {
        if silence.starts_at >= silence.ends_at {
            return Err(SilenceError::EndsBeforeStart);
        }
        if silence.ends_at < now {
            return Err(SilenceError::EndsInThePast);
        }
        check_matchers(&silence.matcher_sets)?;
        let previous = if silence.id.is_empty() {
            None
        } else {
            Some(self.get(&silence.id).ok_or(SilenceError::NotFound)?)
        };
        if let Some(previous) = previous
            && can_update(previous, &silence, now)
        {
            if previous.state(now) == SilenceState::Active {
                // The API shows milliseconds; what comes back must not move the past by less.
                silence.starts_at = previous.starts_at;
            }
            silence.updated_at = updated_at(previous, now);
            return Ok(Put {
                id: Arc::clone(&silence.id),
                changed: vec![silence],
            });
        }
        if self.len() >= MAX_SILENCES {
            return Err(SilenceError::TooMany(self.len()));
        }
        let mut changed: Vec<Silence> = previous
            .and_then(|previous| expired(previous, now))
            .into_iter()
            .collect();
        silence.id = new_id.into();
        silence.starts_at = silence.starts_at.max(now);
        silence.updated_at = now;
        let id = Arc::clone(&silence.id);
        changed.push(silence);
        Ok(Put { id, changed })
    }

    /// Works out what ending a silence now amounts to: its new state, to be written and applied, or
    /// `None` when it is over already. Changes nothing.
    pub fn expire(&self, id: &str, now: Time) -> Result<Option<Silence>, SilenceError> {
        self.get(id)
            .map(|silence| expired(silence, now))
            .ok_or(SilenceError::NotFound)
    }
}

/// The silence ended at `now`; `None` when it is over already.
fn expired(silence: &Silence, now: Time) -> Option<Silence> {
    let state = silence.state(now);
    (state != SilenceState::Expired).then(|| Silence {
        // One that has not begun must not begin after it has ended.
        starts_at: silence.starts_at.min(now),
        ends_at: now,
        updated_at: updated_at(silence, now),
        ..silence.clone()
    })
}

/// The time of a new state: now, but always later than the state it replaces, so that it wins even
/// when two edits fall on one instant or a clock was set back.
fn updated_at(previous: &Silence, now: Time) -> Time {
    now.max(previous.updated_at.after(Duration::from_micros(1)))
}

/// Whether a silence can become another without changing what has been silenced already.
fn can_update(previous: &Silence, new: &Silence, now: Time) -> bool {
    if previous.matcher_sets != new.matcher_sets {
        return false;
    }
    match previous.state(now) {
        SilenceState::Active => {
            previous.starts_at.secs() == new.starts_at.secs() && new.ends_at >= now
        }
        SilenceState::Pending => new.starts_at >= now,
        SilenceState::Expired => false,
    }
}

fn check_matchers(sets: &[Matchers]) -> Result<(), InvalidSilence> {
    if sets.is_empty() {
        return Err(InvalidSilence::NoMatchers);
    }
    for (set, matchers) in sets.iter().enumerate() {
        if matchers.is_empty() {
            return Err(InvalidSilence::EmptySet(set));
        }
        if let Some(matcher) = matchers
            .iter()
            .position(|matcher| matcher.name().is_empty())
        {
            return Err(InvalidSilence::EmptyName { set, matcher });
        }
        if matchers.iter().all(asks_for_nothing) {
            return Err(InvalidSilence::MatchesEmpty(set));
        }
    }
    Ok(())
}

/// Whether a matcher is content with a label that is not there. As in Alertmanager, negative ones
/// do not count as such.
fn asks_for_nothing(matcher: &Matcher) -> bool {
    matcher.op().is_equal() && matcher.matches_value("")
}
