//! What a request asks about, or does with, alerts of its own source that are there already.
//!
//! A parser knows no state: it says what is asked for, the node finds it, and puts it by for the source's answer as
//! `told` beside what the parser put by itself.

use balefire_core::label::{Annotations, Labels};
use balefire_core::time::Time;
use serde::{Deserialize, Serialize};

/// Most alerts in one answer.
pub const MOST: usize = 100;

/// One question, or one deed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// One alert: `told` is a [`Standing`], or null when there is none.
    One(Name),
    /// A page of alerts: `told` is a list of them.
    Many {
        /// Which.
        wanted: Wanted,
        /// How many to leave out.
        offset: usize,
        /// How many, [`MOST`] at most.
        limit: usize,
        /// Whether those come first that began first.
        oldest_first: bool,
    },
    /// How many there are: `told` is a number.
    Count(Wanted),
    /// What people wrote to one: `told` is a list of [`Note`]s, or null when there is no such alert.
    Notes(Name),
    /// Something is done with one: `told` is whether there is such an alert.
    Do {
        /// With which.
        name: Name,
        /// What.
        deed: Deed,
        /// Who does it; empty when the sender does not say.
        who: String,
        /// What they say to it.
        text: String,
    },
}

/// Which alert is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    /// That of the sender's key.
    Key(String),
    /// That of the number it was shown with.
    Number(u64),
}

/// What people do with an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Somebody has it.
    Acknowledge,
    /// Whoever had it has it no more.
    GiveBack,
    /// Something is written down.
    Note,
    /// It is over, which the request says in a form of its own.
    Close,
    /// It is over, which the request also says as an alert.
    End,
}

/// Which alerts are asked for; all of what is said must be so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Whether they are over.
    pub over: Option<bool>,
    /// Whether somebody has them.
    pub acknowledged: Option<bool>,
    /// Words of their summaries; case does not count.
    pub words: Vec<String>,
    /// Labels with their values.
    pub labels: Vec<(String, String)>,
    /// Words among those that a label lists, separated by commas.
    pub listed: Vec<(String, String)>,
}

impl Wanted {
    /// Whether an alert is one of them.
    pub fn is(&self, alert: &Standing) -> bool {
        let summary = alert.annotations.value("summary").to_lowercase();
        let is = |asked: Option<bool>, so: bool| asked.is_none_or(|asked| asked == so);
        is(self.over, alert.ended_at.is_some())
            && is(self.acknowledged, alert.acknowledged.is_some())
            && self.words.iter().all(|word| summary.contains(word))
            && self
                .labels
                .iter()
                .all(|(name, value)| alert.labels.value(name) == value)
            && self
                .listed
                .iter()
                .all(|(name, value)| alert.labels.value(name).split(',').any(|one| one == value))
    }
}

/// An alert as it stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Standing {
    /// The sender's key.
    pub key: String,
    /// A number that stays its own.
    pub number: u64,
    /// The source's name.
    pub source: String,
    /// Its labels.
    pub labels: Labels,
    /// Its annotations.
    pub annotations: Annotations,
    /// When it began.
    pub started_at: Time,
    /// When it ended, if it has.
    pub ended_at: Option<Time>,
    /// When it was last heard of.
    pub updated_at: Time,
    /// Who has it, and since when.
    pub acknowledged: Option<(String, Time)>,
}

/// What somebody wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Who.
    pub who: String,
    /// What.
    pub text: String,
    /// When.
    pub at: Time,
    /// Its place among those of the alert.
    pub number: u64,
}
