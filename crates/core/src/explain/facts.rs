//! What an explanation rests on, as the store and the configuration have it.

use std::sync::Arc;
use std::time::Duration;

use crate::dispatch::Verdict;
use crate::escalation::Notify;
use crate::incident::EntryKind;
use crate::time::Time;

/// What is known of an alert, and of a person where one is asked about. Lists are in order of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The instant that is asked about.
    pub at: Time,
    /// When it was first heard of; `None` when it never was.
    pub arrived: Option<Time>,
    /// The receivers that its routes lead to.
    pub receivers: Vec<Arc<str>>,
    /// When its groups were looked at, and what was said of it.
    pub looks: Vec<Look>,
    /// The silences that the looks name, as they stand.
    pub silences: Vec<SilenceFact>,
    /// What was made to tell receivers of it.
    pub told: Vec<Contact>,
    /// The incidents of its groups.
    pub escalated: Vec<Escalated>,
    /// Who is asked about.
    pub person: Option<Person>,
    /// Requests that were turned away about then.
    pub refused: Vec<Refused>,
}

impl Facts {
    /// The looks that had been taken by the instant that is asked about.
    pub(super) fn looks_by_then(&self) -> impl DoubleEndedIterator<Item = &Look> {
        self.looks.iter().filter(|look| look.at <= self.at)
    }
}

/// A look at one of the alert's groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// When.
    pub at: Time,
    /// The number of the decision.
    pub decision: u64,
    /// What the rules said of the alert.
    pub verdict: Verdict,
    /// The time intervals that kept the group quiet.
    pub muted_by: Vec<Arc<str>>,
    /// The ways out that had to be told.
    pub owed: Vec<Arc<str>>,
}

/// A silence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SilenceFact {
    /// Its id.
    pub id: Arc<str>,
    /// What it matches.
    pub matches: Arc<str>,
    /// Who made it.
    pub by: Arc<str>,
    /// Why.
    pub comment: Arc<str>,
    /// Until when.
    pub until: Time,
}

/// A notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// The receiver; for a person's own the way, or the account.
    pub to: Arc<str>,
    /// Its number.
    pub notification: u64,
    /// When it was decided.
    pub at: Time,
    /// What became of it, and when; `None` while that is not known.
    pub end: Option<(Time, Outcome)>,
    /// The tries.
    pub tries: Vec<Try>,
    /// Why it waits without having been tried.
    pub held: Option<Arc<str>>,
}

/// What became of a notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A provider took it.
    Arrived,
    /// It did not get there, and why.
    Failed(Arc<str>),
    /// It was taken back, and why: who has the incident.
    TakenBack(Arc<str>),
}

/// A try, or what a provider said of one afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Try {
    /// When.
    pub at: Time,
    /// Whether it went well.
    pub is_good: bool,
    /// What came of it: `ok` or an error's word, a receipt's word, with the provider's answer.
    pub said: Arc<str>,
}

impl Contact {
    /// When it had arrived, if it had by `at`.
    pub(super) fn arrived_by(&self, at: Time) -> Option<Time> {
        match &self.end {
            Some((when, Outcome::Arrived)) if *when <= at => Some(*when),
            _ => None,
        }
    }

    /// Whether it had been made by `at`, and nothing had become of it yet.
    pub(super) fn is_open(&self, at: Time) -> bool {
        self.at <= at && self.end.as_ref().is_none_or(|(when, _)| *when > at)
    }

    /// Why it had not arrived by `at`; empty when that is not known.
    pub(super) fn why_not(&self, at: Time) -> Arc<str> {
        match &self.end {
            Some((when, Outcome::Failed(why) | Outcome::TakenBack(why))) if *when <= at => {
                Arc::clone(why)
            }
            _ => "".into(),
        }
    }
}

/// An incident that an escalation looks after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Escalated {
    /// Its number.
    pub incident: u64,
    /// The escalation.
    pub policy: Arc<str>,
    /// When the incident was opened.
    pub opened: Time,
    /// Who had it first, and since when.
    pub answered: Option<Answer>,
    /// When it was over.
    pub over: Option<Time>,
    /// The steps, with how they concern the person who is asked about.
    pub steps: Vec<StepFacts>,
    /// Its timeline.
    pub timeline: Vec<Happened>,
}

/// That somebody has an incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Who.
    pub who: Arc<str>,
    /// Since when.
    pub at: Time,
}

/// An entry of a timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happened {
    /// When.
    pub at: Time,
    /// What.
    pub kind: EntryKind,
    /// Who did it.
    pub actor: Arc<str>,
    /// The particulars.
    pub text: Arc<str>,
    /// Until when something is put off.
    pub until: Option<Time>,
}

/// A step of an escalation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepFacts {
    /// Of which escalation: the one it began with, or one that takes over from it.
    pub policy: Arc<str>,
    /// Its place in that, from 1.
    pub number: usize,
    /// When it was first taken or passed over.
    pub taken: Option<Time>,
    /// Why it was passed over, when it was.
    pub passed: Option<Arc<str>>,
    /// Through which ways it contacts people; by their own rules when there are none.
    pub by: Vec<Arc<str>>,
    /// How long an answer is waited for before the next.
    pub wait: Duration,
    /// Whom it names.
    pub names: Vec<Naming>,
}

/// An entry of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Naming {
    /// As it is written.
    pub entry: Notify,
    /// Whether it stands for the person who is asked about, at the moment of the step.
    pub is_them: bool,
    /// For a schedule: who was on call at that moment.
    pub duty: Option<Duty>,
}

/// Who was on call in a schedule at an instant, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duty {
    /// When.
    pub at: Time,
    /// In which.
    pub schedule: Arc<str>,
    /// Who.
    pub who: Vec<Arc<str>>,
    /// The layer that says so before overrides, as people call it; `None` when all are off.
    pub layer: Option<Arc<str>>,
    /// The overrides that changed it.
    pub overrides: Vec<Arc<str>>,
    /// Since when and until when the same people are, as far as that was looked for.
    pub shift: Option<(Time, Time)>,
}

/// The person who is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Their key.
    pub key: Arc<str>,
    /// Whether there is any way to page them.
    pub is_reachable: bool,
    /// Until when their quiet hours hold back what is as bad as this, at the moment they were due to be paged.
    pub quiet_until: Option<Time>,
    /// The ways that are passed over, as nobody has verified them.
    pub unverified: Vec<Arc<str>>,
    /// The ways that are used for something as bad as this, and how long after the page.
    pub ways: Vec<(Arc<str>, Duration)>,
    /// What was sent to their own addresses, and the pages.
    pub contacts: Vec<Contact>,
}

/// A request that was turned away, or of which something was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// When.
    pub at: Time,
    /// The source that it came to.
    pub source: Arc<str>,
    /// Why.
    pub reason: Arc<str>,
}
