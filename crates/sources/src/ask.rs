//! What a request asks about, or does with, alerts of its own source that are there already.
//!
//! A parser knows no state: it says what is asked for, the node finds it, and puts it by for the source's answer as
//! `told` beside what the parser put by itself.

use balefire_core::label::{Annotations, Labels};
use balefire_core::severity::Severity;
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Somebody has it.
    Acknowledge,
    /// Whoever had it has it no more.
    GiveBack,
    /// Something is written down.
    Note,
    /// Nobody is paged until then.
    Snooze(Time),
    /// It is somebody's now.
    Assign(Whom),
    /// Somebody is called to it.
    Call(Whom),
    /// The next in line are paged; by the escalation of this name, where it is not empty.
    Escalate(String),
    /// What it says is another thing now.
    Edit(Edit),
    /// It is over, which the request says in a form of its own.
    Close,
    /// It is over, which the request also says as an alert.
    End,
}

/// Somebody who is named by the sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whom {
    /// What they are.
    pub kind: WhomKind,
    /// How they are called there: a name, an id, an address.
    pub name: String,
}

/// What somebody is who is named by the sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhomKind {
    /// A person.
    Person,
    /// A team.
    Team,
    /// Whoever is on call.
    Schedule,
    /// An escalation.
    Escalation,
}

/// What an alert says, as it is changed. Labels stay: they are what the alert is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Its summary.
    Summary(String),
    /// Its description.
    Description(String),
    /// How bad it is.
    Severity(Severity),
    /// Words of a list, which is an annotation of this name from then on, whatever the label of that name says.
    List {
        /// `tags` or `responders`.
        name: &'static str,
        /// Words that come to it.
        add: Vec<String>,
        /// Words that go.
        remove: Vec<String>,
    },
    /// Free details.
    Details {
        /// Those that come, or are another thing now.
        put: Vec<(String, String)>,
        /// Those that go.
        remove: Vec<String>,
    },
}

/// A list without words; an annotation without text would not be there.
const NOTHING: &str = ",";

/// The words of a list of an alert's: those of the annotation, where it was changed, or those of the label.
pub fn listed<'a>(labels: &'a Labels, annotations: &'a Annotations, name: &str) -> Vec<&'a str> {
    let changed = annotations.value(name);
    let text = if changed.is_empty() {
        labels.value(name)
    } else {
        changed
    };
    let words = text.split(',').map(str::trim);
    words.filter(|word| !word.is_empty()).collect()
}

/// A list as an annotation holds it.
pub fn list_text(words: &[&str]) -> String {
    if words.is_empty() {
        NOTHING.to_owned()
    } else {
        words.join(",")
    }
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
                .all(|(name, value)| alert.listed(name).contains(&value.as_str()))
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
    /// Until when nobody is paged for it.
    pub snoozed_until: Option<Time>,
    /// Who works on it, as somebody said.
    pub worker: Option<String>,
}

impl Standing {
    /// The words of one of its lists, as it stands.
    pub fn listed(&self, name: &str) -> Vec<&str> {
        listed(&self.labels, &self.annotations, name)
    }
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
