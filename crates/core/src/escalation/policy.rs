//! Policies: the steps of an escalation, checked before anything depends on them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::problem::{PolicyError, StepError, What};
use crate::duration;
use crate::interval::Interval;
use crate::severity::Severity;
use crate::time::Time;

/// Most steps of a policy.
pub(super) const MAX_STEPS: usize = 50;
/// Most entries of a step.
pub(super) const MAX_NOTIFY: usize = 50;
/// Most rounds after the first.
pub(super) const MAX_REPEAT: u32 = 9;
/// Most acknowledgements that can be asked for.
pub(super) const MAX_NEEDS: u32 = 20;
/// The shortest wait for an answer; nobody answers in less.
pub const SHORTEST_WAIT: Duration = Duration::from_secs(5);
/// The longest wait for an answer.
pub const LONGEST_WAIT: Duration = Duration::from_hours(7 * 24);
/// The wait of a step that does not say.
pub const USUAL_WAIT: Duration = Duration::from_mins(5);

/// A policy as written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicySpec {
    /// Who is told, one step after the other.
    pub steps: Vec<StepSpec>,
    /// How often all steps are gone through again when nobody answers.
    #[serde(default)]
    pub repeat: u32,
    /// How many people must acknowledge.
    #[serde(default = "one")]
    pub needs: u32,
    /// The policy that takes over when nobody has answered in the last round.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub then: Option<Arc<str>>,
}

const fn one() -> u32 {
    1
}

/// A step as written: `{notify: [{schedule: ops}], by: [wecom, sms], wait: 5m}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepSpec {
    /// Whom to tell.
    pub notify: Vec<Notify>,
    /// Through which channels, all at once; by each person's own rules without it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<Arc<str>>,
    /// How long an answer is waited for before the next step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait: Option<String>,
    /// When the step is taken; always without it.
    #[serde(default)]
    pub when: When,
    /// Whether all of its people are paged, or one.
    #[serde(default)]
    pub page: Page,
}

/// Whom a step tells.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Notify {
    /// A person.
    Person(Arc<str>),
    /// All people of a team.
    Team(Arc<str>),
    /// Who is on call at that moment.
    Schedule(Arc<str>),
    /// A receiver: a robot, a list. It is told and cannot answer.
    Receiver(Arc<str>),
}

/// Which of a step's people are paged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Page {
    /// All at once.
    #[default]
    Everybody,
    /// One: the next in the list with each incident, and with each round.
    RoundRobin,
}

/// When a step is taken.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct When {
    /// Only from this severity on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// Only within one of these time intervals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<Vec<Interval>>,
}

impl When {
    /// Whether the step is taken at that moment.
    pub fn holds(&self, severity: Severity, now: Time) -> bool {
        self.severity.is_none_or(|least| severity >= least)
            && self
                .within
                .as_ref()
                .is_none_or(|within| within.iter().any(|interval| interval.contains(now)))
    }
}

/// A checked policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    pub(super) steps: Vec<Step>,
    pub(super) repeat: u32,
    pub(super) needs: u32,
    pub(super) then: Option<Arc<str>>,
}

/// A checked step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) notify: Vec<Notify>,
    pub(super) by: Vec<Arc<str>>,
    pub(super) wait: Duration,
    pub(super) when: When,
    pub(super) page: Page,
}

/// What policies may name.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The keys of the people.
    pub people: BTreeSet<Arc<str>>,
    /// The people of each team.
    pub teams: BTreeMap<Arc<str>, Vec<Arc<str>>>,
    /// The names of the schedules.
    pub schedules: BTreeSet<Arc<str>>,
    /// The names of the receivers.
    pub receivers: BTreeSet<Arc<str>>,
    /// The channels through which people are reached.
    pub channels: BTreeSet<Arc<str>>,
}

impl Policy {
    pub(super) fn new(
        name: &Arc<str>,
        spec: &PolicySpec,
        known: &Known,
    ) -> Result<Self, Vec<PolicyError>> {
        let policy = || Arc::clone(name);
        let mut errors = Vec::new();
        if spec.steps.is_empty() || spec.steps.len() > MAX_STEPS {
            let (policy, steps) = (policy(), spec.steps.len());
            errors.push(PolicyError::StepCount { policy, steps });
        }
        if spec.repeat > MAX_REPEAT {
            let (policy, repeat) = (policy(), spec.repeat);
            errors.push(PolicyError::Repeat { policy, repeat });
        }
        let possible = possible(spec, known);
        if !(1..=MAX_NEEDS).contains(&spec.needs)
            || possible.is_some_and(|p| p < spec.needs as usize)
        {
            errors.push(PolicyError::Needs {
                policy: policy(),
                needs: spec.needs,
                possible,
            });
        }
        let mut steps = Vec::with_capacity(spec.steps.len());
        for (step, spec) in (1..).zip(&spec.steps) {
            match Step::new(spec, known) {
                Ok(checked) => steps.push(checked),
                Err(problems) => errors.extend(problems.into_iter().map(|problem| {
                    let policy = policy();
                    PolicyError::Step {
                        policy,
                        step,
                        problem,
                    }
                })),
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(Self {
            steps,
            repeat: spec.repeat,
            needs: spec.needs,
            then: spec.then.clone(),
        })
    }
}

impl Policy {
    /// Whom its steps name, through which channels if it says so, and how long each waits for an answer.
    pub fn steps(&self) -> impl ExactSizeIterator<Item = (&[Notify], &[Arc<str>], Duration)> {
        let steps = self.steps.iter();
        steps.map(|step| (step.notify.as_slice(), step.by.as_slice(), step.wait))
    }

    /// The policy that takes over when nobody has answered.
    pub fn then(&self) -> Option<&Arc<str>> {
        self.then.as_ref()
    }

    /// How many people must acknowledge.
    pub fn needs(&self) -> u32 {
        self.needs
    }
}

impl Step {
    fn new(spec: &StepSpec, known: &Known) -> Result<Self, Vec<StepError>> {
        let mut errors = Vec::new();
        if spec.notify.is_empty() || spec.notify.len() > MAX_NOTIFY {
            errors.push(StepError::NotifyCount(spec.notify.len()));
        }
        errors.extend(
            spec.notify
                .iter()
                .filter_map(|notify| unknown(notify, known)),
        );
        let strange = spec.by.iter().filter(|by| !known.channels.contains(*by));
        errors.extend(strange.map(|by| StepError::Unknown {
            what: What::Channel,
            name: Arc::clone(by),
        }));
        let text = spec.wait.as_deref();
        let wait = match text.map(duration::parse) {
            None => Some(USUAL_WAIT),
            Some(wait) => wait
                .ok()
                .filter(|wait| (SHORTEST_WAIT..=LONGEST_WAIT).contains(wait)),
        };
        if wait.is_none() {
            let text = text.unwrap_or_default().chars().take(64).collect();
            errors.push(StepError::Wait(text));
        }
        if spec.when.within.as_ref().is_some_and(Vec::is_empty) {
            errors.push(StepError::NeverTaken);
        }
        let no_people = spec.notify.iter().all(|n| matches!(n, Notify::Receiver(_)));
        if no_people && (!spec.by.is_empty() || spec.page == Page::RoundRobin) {
            errors.push(StepError::NoPeople);
        }
        match wait {
            Some(wait) if errors.is_empty() => Ok(Self {
                notify: spec.notify.clone(),
                by: spec.by.clone(),
                wait,
                when: spec.when.clone(),
                page: spec.page,
            }),
            _ => Err(errors),
        }
    }
}

fn unknown(notify: &Notify, known: &Known) -> Option<StepError> {
    let (what, name, is_known) = match notify {
        Notify::Person(name) => (What::Person, name, known.people.contains(name)),
        Notify::Team(name) => (What::Team, name, known.teams.contains_key(name)),
        Notify::Schedule(name) => (What::Schedule, name, known.schedules.contains(name)),
        Notify::Receiver(name) => (What::Receiver, name, known.receivers.contains(name)),
    };
    (!is_known).then(|| StepError::Unknown {
        what,
        name: Arc::clone(name),
    })
}

/// How many people can acknowledge at most; `None` when schedules, another policy or the readers of a
/// receiver decide.
fn possible(spec: &PolicySpec, known: &Known) -> Option<usize> {
    let mut people = BTreeSet::new();
    for notify in spec.steps.iter().flat_map(|step| &step.notify) {
        match notify {
            Notify::Person(person) => _ = people.insert(person),
            Notify::Team(team) => people.extend(known.teams.get(team).into_iter().flatten()),
            Notify::Schedule(_) | Notify::Receiver(_) => return None,
        }
    }
    (spec.then.is_none() && !spec.steps.is_empty()).then_some(people.len())
}
